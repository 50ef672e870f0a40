package declaration

import (
	"github.com/oriel-bi/oriel/internal/oriel"
)

func (b *builder) buildContent(d *document, file wireFile) {
	for _, key := range file.Collections.Keys {
		if b.claim(d, "collections", key) {
			b.out.Collections = append(b.out.Collections, oriel.Collection{Key: key, Name: file.Collections.Values[key].Name})
		}
	}
	for _, key := range file.Questions.Keys {
		if b.claim(d, "questions", key) {
			b.out.Questions = append(b.out.Questions, b.question(d, key, file.Questions.Values[key]))
		}
	}
	for _, key := range file.Dashboards.Keys {
		if b.claim(d, "dashboards", key) {
			b.out.Dashboards = append(b.out.Dashboards, b.dashboard(d, key, file.Dashboards.Values[key]))
		}
	}
}

func (b *builder) question(d *document, key string, w wireQuestion) oriel.Question {
	path := join("questions", key)
	q := oriel.Question{
		Key: key, Name: w.Name, Description: w.Description, Collection: w.Collection,
		Source: w.Source, SQL: w.SQL, Parameters: parameters(d, join(path, "parameters"), w.Parameters),
		Columns: b.columns(d, join(path, "columns"), w.Columns),
		Chart:   oriel.Chart{Kind: w.Chart.Kind, X: w.Chart.X, Y: w.Chart.Y, Label: w.Chart.Label, Better: w.Chart.Better, Note: w.Chart.Note},
	}
	if w.Cache != nil {
		q.Cache = &oriel.QuestionCache{Seconds: w.Cache.Seconds, Stale: w.Cache.Stale}
		if q.Cache.Seconds == 0 && q.Cache.Stale > 0 {
			d.at(join(path, "cache", "stale"), `%s.cache.stale: with "seconds: 0" nothing is kept that could be given later: remove it`, dotted(path))
		}
	}
	switch {
	case (w.SQL == "") == (w.Structured == nil):
		d.at(path, `%s needs either "structured" or "sql"`, dotted(path))
	case w.SQL != "" && w.Source == "":
		d.at(path, `%s needs "source": the data source on which its sql runs`, dotted(path))
	case w.Structured != nil && w.Source != "":
		d.at(join(path, "source"), `%s.source: a structured question runs where its model is: remove "source"`, dotted(path))
	}
	if w.Structured != nil {
		q.Structured = b.structured(d, join(path, "structured"), *w.Structured)
	}
	checkChart(d, join(path, "chart"), q.Chart)
	return q
}

// checkChart tells what a chart of the kind needs.
func checkChart(d *document, path string, c oriel.Chart) {
	needsX := c.Kind == "bar" || c.Kind == "row" || c.Kind == "line" || c.Kind == "scatter"
	switch {
	case needsX && (c.X == "" || len(c.Y) == 0):
		d.at(path, `%s of kind %s needs "x" and "y"`, dotted(path), c.Kind)
	case c.Kind == "number" && (len(c.Y) != 1 || c.X != ""):
		d.at(path, `%s of kind number needs one column as "y" and no "x"`, dotted(path))
	case c.Kind == "table" && (c.X != "" || len(c.Y) > 0):
		d.at(path, `%s of kind table shows all columns: remove "x" and "y"`, dotted(path))
	}
	if c.Label != "" && c.Kind != "scatter" {
		d.at(join(path, "label"), `%s.label belongs to kind scatter: remove it`, dotted(path))
	}
	if c.Better != "" && c.Kind != "number" {
		d.at(join(path, "better"), `%s.better belongs to kind number: remove it`, dotted(path))
	}
}

func (b *builder) structured(d *document, path string, w wireStructured) *oriel.Structured {
	s := &oriel.Structured{Model: w.Model, Joins: joins(w.Joins), Columns: w.Columns, Limit: w.Limit}
	s.Filters = filters(d, join(path, "filters"), w.Filters)
	s.Having = filters(d, join(path, "having"), w.Having)
	for i, x := range w.Breakouts {
		b := oriel.Breakout{Column: x.Column, Unit: oriel.Unit(x.Unit), As: x.As}
		if x.Bin != nil {
			b.Bin = &oriel.Bin{Width: x.Bin.Width}
			if x.Unit != "" {
				at := join(path, "breakouts", i)
				d.at(at, `%s: "unit" is for times and "bin" for numbers: keep one of the two`, dotted(at))
			}
		}
		s.Breakouts = append(s.Breakouts, b)
	}
	for i, x := range w.Aggregations {
		at := join(path, "aggregations", i)
		a := oriel.Aggregation{Function: x.Function, Column: x.Column, At: x.At, As: x.As, Where: filters(d, join(at, "where"), x.Where)}
		withoutColumn := a.Function == "count" || a.Function == "share"
		if withoutColumn != (a.Column == "") && a.Function != "running_total" {
			d.at(at, `%s: count and share take no "column", the other functions need one`, dotted(at))
		}
		if (a.Function == "percentile") != (a.At != 0) {
			d.at(at, `%s: percentile needs "at", a number between 0 and 1, and no other function takes it`, dotted(at))
		}
		if a.Function == "share" && len(a.Where) == 0 {
			d.at(at, `%s: share needs "where": the rows whose part is told`, dotted(at))
		}
		s.Aggregations = append(s.Aggregations, a)
	}
	for _, x := range w.Sort {
		s.Sort = append(s.Sort, oriel.Sort{By: x.By, Descending: x.Descending})
	}
	if w.Compare != nil {
		s.Compare = &oriel.Compare{Column: w.Compare.Column, Parameter: w.Compare.Parameter}
	}
	grouped := len(s.Breakouts)+len(s.Aggregations) > 0
	switch {
	case grouped == (len(s.Columns) > 0):
		d.at(path, `%s needs either "columns", or "breakouts" and "aggregations"`, dotted(path))
	case len(s.Having) > 0 && len(s.Aggregations) == 0:
		d.at(join(path, "having"), `%s.having needs "aggregations" to filter by`, dotted(path))
	case s.Compare != nil && (len(s.Aggregations) == 0 || len(s.Breakouts) > 0 || len(s.Having) > 0):
		d.at(join(path, "compare"), `%s.compare needs "aggregations" and takes no "breakouts" and no "having"`, dotted(path))
	}
	return s
}

func joins(list []wireJoin) []oriel.Join {
	var out []oriel.Join
	for _, w := range list {
		out = append(out, oriel.Join{Column: w.Column, As: w.As})
	}
	return out
}

func filters(d *document, path string, list []wireFilter) []oriel.Filter {
	var out []oriel.Filter
	for i, w := range list {
		at := join(path, i)
		value, err := normal(w.Value)
		if err != nil {
			d.at(at, "%s: the value can't be kept: write a text, a number, true or false", dotted(at))
		}
		f := oriel.Filter{Column: w.Column, Op: w.Op, Value: value, Parameter: w.Parameter}
		list, isList := value.([]any)
		switch {
		case f.Op == "is_null" || f.Op == "is_not_null":
			if value != nil || f.Parameter != "" {
				d.at(at, "%s: %s takes no value: remove it", dotted(at), f.Op)
			}
		case (value == nil) == (f.Parameter == ""):
			d.at(at, `%s needs either "value" or "parameter"`, dotted(at))
		case f.Parameter != "":
		case f.Op == "between" && len(list) != 2:
			d.at(at, "%s: between needs value: [low, high]", dotted(at))
		case (f.Op == "in" || f.Op == "not_in") && !isList:
			d.at(at, "%s: %s needs a list as value", dotted(at), f.Op)
		case f.Op != "between" && f.Op != "in" && f.Op != "not_in" && isList:
			d.at(at, "%s: %s needs one value, not a list", dotted(at), f.Op)
		}
		out = append(out, f)
	}
	return out
}

func (b *builder) dashboard(d *document, key string, w wireDashboard) oriel.Dashboard {
	path := join("dashboards", key)
	dashboard := oriel.Dashboard{
		Key: key, Name: w.Name, Description: w.Description, Collection: w.Collection,
		Parameters: filtersOf(d, join(path, "parameters"), w.Parameters),
	}
	seen := map[string]bool{}
	for i, c := range w.Cards {
		at := join(path, "cards", i)
		card := oriel.Card{Key: c.Key, Question: c.Question, Title: c.Title, X: c.X, Y: c.Y, W: c.W, H: c.H, Parameters: c.Parameters}
		if card.Key == "" {
			card.Key = c.Question
		}
		if seen[card.Key] {
			d.at(at, `%s: another card has the key %q: give this one its own "key"`, dotted(at), card.Key)
		}
		seen[card.Key] = true
		if c.X+c.W > gridColumns {
			d.at(at, "%s reaches beyond the %d columns: x + w may be %d at most", dotted(at), gridColumns, gridColumns)
		}
		for j, other := range dashboard.Cards {
			if overlap(card, other) {
				d.at(at, "%s lies over cards.%d: move one of them", dotted(at), j)
			}
		}
		dashboard.Cards = append(dashboard.Cards, card)
	}
	return dashboard
}

// gridColumns is the width of a dashboard.
const gridColumns = 24

func overlap(a, b oriel.Card) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}
