package oriel

import "slices"

// Question is a saved question: structured, or an analyst's SQL. Exactly one
// of Structured and SQL is set.
type Question struct {
	Key         string      `json:"key"`
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Collection  string      `json:"collection"`
	Source      string      `json:"source"`
	Structured  *Structured `json:"structured,omitempty"`
	SQL         string      `json:"sql,omitempty"`
	Parameters  []Parameter `json:"parameters,omitempty"`
	// Columns labels and formats what the question returns, by result column.
	Columns []ModelColumn `json:"columns,omitempty"`
	Chart   Chart         `json:"chart"`
	// Cache is for how long a result is kept; nil is as the server is set.
	Cache *QuestionCache `json:"cache,omitempty"`
}

// QuestionCache is for how long a question's results are kept, in seconds.
type QuestionCache struct {
	// Seconds is how old a result may be; 0 keeps none.
	Seconds int `json:"seconds"`
	// Stale is for how long after that one is still given, while a newer one is
	// made.
	Stale int `json:"stale,omitempty"`
}

// Step is the unit of time by which the chart's horizontal axis goes; empty
// when it does not, or when nothing tells. A step of which no row comes is one
// of which there is nothing: zero tells that each figure drawn is then 0, as a
// count is, and not unknown, as an average is.
func (q Question) Step() (unit Unit, zero bool) {
	if q.Structured == nil || len(q.Structured.Breakouts) != 1 {
		return "", false
	}
	by := q.Structured.Breakouts[0]
	if by.ResultColumn() != q.Chart.X || !by.Unit.Span() {
		return "", false
	}
	for _, a := range q.Structured.Aggregations {
		if slices.Contains(q.Chart.Y, a.As) && !slices.Contains([]string{"count", "distinct", "sum"}, a.Function) {
			return by.Unit, false
		}
	}
	// A group that HAVING or LIMIT left out is not one of which there is nothing.
	return by.Unit, len(q.Structured.Having) == 0 && q.Structured.Limit == 0
}

// Structured is a question as a tree; Oriel compiles it for the engine.
type Structured struct {
	Model string `json:"model"`
	// Joins are followed in their order; wherever a column may stand, AS.COLUMN
	// is one of the model that a join leads to.
	Joins        []Join        `json:"joins,omitempty"`
	Filters      []Filter      `json:"filters,omitempty"`
	Breakouts    []Breakout    `json:"breakouts,omitempty"`
	Aggregations []Aggregation `json:"aggregations,omitempty"`
	// Columns are the columns of a question without breakouts and aggregations.
	Columns []string `json:"columns,omitempty"`
	// Having filters groups by an aggregation's result, whose name is the
	// filter's column.
	Having []Filter `json:"having,omitempty"`
	Sort   []Sort   `json:"sort,omitempty"`
	Limit  int      `json:"limit,omitempty"`
	// Compare repeats the aggregations over the period of equal length before
	// that of a date-range parameter, as columns NAME_previous: null when the
	// preceding period begins before the data does, or without the parameter.
	Compare *Compare `json:"compare,omitempty"`
}

// Filter keeps rows for which the comparison is true. With Parameter the
// value comes from the run, and the filter is left out when it brings none.
type Filter struct {
	Column string `json:"column"`
	Op     string `json:"op"` // = != < <= > >= in not_in between is_null is_not_null
	// Value is a constant as JSON decodes it: string, float64 or bool; a list
	// of them with in and not_in, [low, high] with between.
	Value     any    `json:"value,omitempty"`
	Parameter string `json:"parameter,omitempty"`
}

// Breakout groups by a column, by a unit of a time column, or by bins of a
// numeric one.
type Breakout struct {
	Column string `json:"column"`
	Unit   Unit   `json:"unit,omitempty"`
	Bin    *Bin   `json:"bin,omitempty"`
	As     string `json:"as,omitempty"` // result column; default the column's name
}

// Bin groups numbers by spans of one width; each is named by its lower edge,
// which is a multiple of the width and belongs to it.
type Bin struct {
	Width float64 `json:"width"`
}

// Aggregation is a figure per group, over the rows for which Where holds. With
// Function share it is the part of all rows for which Where holds, 0 to 1.
type Aggregation struct {
	// Function is count, distinct, sum, avg, min, max, median, percentile, share or
	// running_total.
	Function string `json:"function"`
	Column   string `json:"column,omitempty"`
	// At is which percentile, between 0 and 1.
	At    float64  `json:"at,omitempty"`
	Where []Filter `json:"where,omitempty"`
	As    string   `json:"as"`
}

// Sort orders by a result column.
type Sort struct {
	By         string `json:"by"`
	Descending bool   `json:"descending,omitempty"`
}

// Compare asks for the preceding period.
type Compare struct {
	Column    string `json:"column"`
	Parameter string `json:"parameter"`
}

// Chart says how a result is drawn.
type Chart struct {
	Kind string   `json:"kind"` // number, bar, row, line, scatter, table
	X    string   `json:"x,omitempty"`
	Y    []string `json:"y,omitempty"`
	// Label is the result column that names a scatter's dots.
	Label string `json:"label,omitempty"`
	// Better says which direction of a trend is good: up, down or neither (empty).
	Better string `json:"better,omitempty"`
	// Note is a sentence under the title ("1990–2002; the date filter does not apply").
	Note string `json:"note,omitempty"`
}

// ReadColumns names the columns that the tree reads, each once, in the order in
// which they stand in it; those that its joins follow are not among them.
func (s Structured) ReadColumns() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range s.Columns {
		add(name)
	}
	for _, b := range s.Breakouts {
		add(b.Column)
	}
	for _, a := range s.Aggregations {
		add(a.Column)
		for _, f := range a.Where {
			add(f.Column)
		}
	}
	for _, f := range s.Filters {
		add(f.Column)
	}
	if s.Compare != nil {
		add(s.Compare.Column)
	}
	return names
}

// ResultColumns names the columns of the question's result, in their order.
func (s Structured) ResultColumns() []string {
	if len(s.Columns) > 0 {
		return append([]string(nil), s.Columns...)
	}
	names := make([]string, 0, len(s.Breakouts)+2*len(s.Aggregations))
	for _, b := range s.Breakouts {
		names = append(names, b.ResultColumn())
	}
	for _, a := range s.Aggregations {
		names = append(names, a.As)
	}
	if s.Compare != nil {
		for _, a := range s.Aggregations {
			names = append(names, PreviousColumn(a.As))
		}
	}
	return names
}

// ResultColumn names the column of the result that the breakout makes.
func (b Breakout) ResultColumn() string {
	if b.As != "" {
		return b.As
	}
	return b.Column
}

// PreviousColumn names the result column that holds an aggregation's value of
// the preceding period.
func PreviousColumn(aggregation string) string { return aggregation + "_previous" }
