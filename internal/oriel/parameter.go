package oriel

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParameterType is the type of a parameter's value.
type ParameterType string

// The types of parameters.
const (
	ParameterText      ParameterType = "text"
	ParameterNumber    ParameterType = "number"
	ParameterBoolean   ParameterType = "boolean"
	ParameterDate      ParameterType = "date"
	ParameterDateRange ParameterType = "date_range" // {"from","to"}, both inclusive
	ParameterList      ParameterType = "list"       // list of texts
	// ParameterColumn filters by a column; the column's type says which values
	// it takes. In an SQL text it stands where a condition does.
	ParameterColumn ParameterType = "column"
)

// Parameter is a value that a run may bring. It is bound, never spliced.
type Parameter struct {
	Name     string        `json:"name"`
	Label    string        `json:"label,omitempty"`
	Type     ParameterType `json:"type"`
	Required bool          `json:"required,omitempty"`
	// Default is the value, as a run would bring it, of a run that brings none.
	Default json.RawMessage `json:"default,omitempty"`
	// Column is what a question's column filter is about.
	Column *FilteredColumn `json:"column,omitempty"`
	// Values names the column from which a filter offers its values, under the
	// principal's own policies; it is also what a column filter of a dashboard is
	// about. Dashboards only.
	Values *ValuesFrom `json:"values,omitempty"`
	// ColumnType is that of a column filter's column, as [Declaration.Question]
	// finds it; empty when there is no such column.
	ColumnType ColumnType `json:"-"`
}

// FilteredColumn is a column of a table of the question's source, and how the
// question's SQL names it.
type FilteredColumn struct {
	Table string `json:"table"`
	Name  string `json:"name"`
	// As is the name in the text, of one or two parts: f.delay. Without one it
	// is the column's own.
	As []Identifier `json:"as,omitempty"`
}

// Identifier is a part of a name in an SQL text. One that was not in quotes is
// in the case that the engine gives it.
type Identifier struct {
	Name   string `json:"name"`
	Quoted bool   `json:"quoted,omitempty"`
}

// ValuesFrom is where a filter's choices come from.
type ValuesFrom struct {
	Model  string `json:"model"`
	Column string `json:"column"`
	Joins  []Join `json:"joins,omitempty"`
}

// Certain tells whether each run has a value for the parameter: of a range of
// days, both ends.
func (p Parameter) Certain() bool {
	if p.Required || p.Type != ParameterDateRange {
		return p.Required || len(p.Default) > 0
	}
	var ends map[string]*string
	return json.Unmarshal(p.Default, &ends) == nil && ends["from"] != nil && ends["to"] != nil
}

// typed gives the parameters of a question with the types of the columns that
// they are about.
func (d *Declaration) typed(source string, parameters []Parameter) []Parameter {
	isColumn := func(p Parameter) bool { return p.Column != nil }
	if !slices.ContainsFunc(parameters, isColumn) {
		return parameters
	}
	parameters = slices.Clone(parameters)
	src, _ := d.Source(source)
	for i, p := range parameters {
		if isColumn(p) {
			table, _ := src.Table(p.Column.Table)
			column, _ := table.Column(p.Column.Name)
			parameters[i].ColumnType = column.Type
		}
	}
	return parameters
}

// maxNameBytes bounds a part of a name in an SQL text.
const maxNameBytes = 128

// ParseIdentifiers reads how an SQL text names a column: one or two parts with a
// point between, each a plain name or one in double quotes. Error:
// invalid_request.
func ParseIdentifiers(text string) ([]Identifier, error) {
	var parts []Identifier
	for rest := text; ; {
		part, after, ok := cutIdentifier(rest)
		if parts = append(parts, part); !ok || len(parts) > 2 {
			break
		}
		if after == "" {
			return parts, nil
		}
		if rest, ok = strings.CutPrefix(after, "."); !ok {
			break
		}
	}
	return nil, E(CodeInvalidRequest, `%q is no name of a column: write it as in the text, as delay, f.delay or f."Delay"`, text)
}

// cutIdentifier reads the part that a text begins with.
func cutIdentifier(text string) (part Identifier, rest string, ok bool) {
	if quoted, is := strings.CutPrefix(text, `"`); is {
		var name strings.Builder
		for {
			before, after, closed := strings.Cut(quoted, `"`)
			name.WriteString(before)
			if !closed {
				return part, "", false
			}
			if quoted, is = strings.CutPrefix(after, `"`); !is { // one quote ends it, two are one
				part = Identifier{Name: name.String(), Quoted: true}
				return part, after, part.Name != "" && len(part.Name) <= maxNameBytes && utf8.ValidString(part.Name) && !strings.ContainsFunc(part.Name, unicode.IsControl)
			}
			name.WriteByte('"')
		}
	}
	length := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if length < 0 {
		length = len(text)
	}
	part = Identifier{Name: text[:length]}
	return part, text[length:], length > 0 && length <= maxNameBytes && (text[0] < '0' || text[0] > '9')
}
