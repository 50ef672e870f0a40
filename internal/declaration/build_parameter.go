package declaration

import (
	"encoding/json"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// parameters are a question's.
func parameters(d *document, path string, w ordered[wireParameter]) []oriel.Parameter {
	var list []oriel.Parameter
	for _, name := range w.Keys {
		p, at := w.Values[name], join(path, name)
		parameter := oriel.Parameter{Name: name, Label: p.Label, Type: oriel.ParameterType(p.Type), Required: p.Required}
		parameter.Default = defaultOf(d, at, parameter, p.Default)
		isColumn := parameter.Type == oriel.ParameterColumn
		switch {
		case isColumn && (p.Table == "" || p.Column == ""):
			d.at(at, `%s of type column needs "table" and "column": what it filters by`, dotted(at))
		case isColumn:
			parameter.Column = &oriel.FilteredColumn{Table: p.Table, Name: p.Column, As: asOf(d, join(at, "as"), p.As)}
		case p.Table != "" || p.Column != "" || p.As != "":
			d.at(at, `%s: "table", "column" and "as" belong to type column: remove them`, dotted(at))
		}
		list = append(list, parameter)
	}
	return list
}

// asOf reads how a text names a column.
func asOf(d *document, path, text string) []oriel.Identifier {
	if text == "" {
		return nil
	}
	parts, err := oriel.ParseIdentifiers(text)
	if err != nil {
		d.at(path, "%s: %s", dotted(path), oriel.MessageOf(err))
	}
	return parts
}

// filtersOf are a dashboard's parameters.
func filtersOf(d *document, path string, w ordered[wireDashboardParameter]) []oriel.Parameter {
	var list []oriel.Parameter
	for _, name := range w.Keys {
		p, at := w.Values[name], join(path, name)
		parameter := oriel.Parameter{Name: name, Label: p.Label, Type: oriel.ParameterType(p.Type), Required: p.Required}
		parameter.Default = defaultOf(d, at, parameter, p.Default)
		if p.Values != nil {
			switch parameter.Type {
			case oriel.ParameterText, oriel.ParameterList, oriel.ParameterDateRange, oriel.ParameterColumn:
			default:
				d.at(join(at, "values"), "%s.values belongs to types text, list, date_range and column: remove it", dotted(at))
			}
			parameter.Values = &oriel.ValuesFrom{Model: p.Values.Model, Column: p.Values.Column, Joins: joins(p.Values.Joins)}
		} else if parameter.Type == oriel.ParameterColumn {
			d.at(at, `%s of type column needs "values": the model and the column that it filters by`, dotted(at))
		}
		list = append(list, parameter)
	}
	return list
}

// defaultOf reads a default. Its kind is held to the type here; what the column
// of a column filter takes is known when the data is there.
func defaultOf(d *document, path string, p oriel.Parameter, value any) json.RawMessage {
	if value == nil {
		return nil
	}
	at := join(path, "default")
	if p.Required {
		d.at(at, "%s: what is required has no default: remove one of the two", dotted(at))
	}
	if what := kindOf(p.Type, value); what != "" {
		d.at(at, "%s of type %s: write %s", dotted(at), p.Type, what)
	}
	text, err := json.Marshal(value)
	if err != nil {
		d.at(at, "%s can't be kept: write a text, a number, true or false, a list of them, or the ends of a range", dotted(at))
	}
	return text
}

// kindOf tells what a value of the type is when this is none.
func kindOf(t oriel.ParameterType, value any) string {
	var is bool
	var what string
	switch t {
	case oriel.ParameterText:
		_, is = value.(string)
		what = "a text"
	case oriel.ParameterNumber:
		switch value.(type) {
		case int, float64:
			is = true
		}
		what = "a number"
	case oriel.ParameterBoolean:
		_, is = value.(bool)
		what = "true or false"
	case oriel.ParameterDate:
		_, is = value.(string)
		what = `a date as "2001-01-31"`
	case oriel.ParameterDateRange:
		_, is = value.(map[string]any)
		what = "{from: 2001-01-01, to: 2001-01-31}"
	case oriel.ParameterList:
		list, isList := value.([]any)
		is, what = isList && len(list) > 0, "a list of texts"
	case oriel.ParameterColumn:
		is = true
	}
	if is {
		return ""
	}
	return what
}
