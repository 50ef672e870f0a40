package query

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// ParameterValues are the values that a filter of a dashboard offers: those of
// its column in the rows that the principal may see, sorted byte by byte, at
// most 1,000; for a range of days, and a filter by a column of days or numbers,
// the first and the last, and nothing without rows. Errors: not_found when the principal may not view the dashboard,
// or it has no such filter with values; else as [Queries.RunQuestion].
func (q *Queries) ParameterValues(ctx context.Context, p oriel.Principal, dashboard, parameter string) ([]string, error) {
	s := snapshot{q.declared()}
	d, err := q.dashboard(s, p, dashboard)
	if err != nil {
		return nil, err
	}
	asked, found := withValues(d, parameter)
	if !found {
		return nil, access.View(p, s.Groups, "", false)
	}
	model, found := s.Model(asked.Values.Model)
	if !found {
		return nil, shown(oriel.E(oriel.CodeQueryRefused, "there is no model %q", asked.Values.Model))
	}
	ends := offersEnds(asked)
	tree := valuesTree(*asked.Values)
	limit := maxValues
	if ends {
		tree, limit = endsTree(*asked.Values), 1
	}
	structured := s.structured(model, tree)
	structured.Limit = limit
	query := source.Query{Structured: &structured}
	result, err := q.answer(ctx, s, p, ask{
		source: model.Table.Source, query: query, kind: "values", key: d.Key + "/" + asked.Name, thing: asked, keep: keep{fresh: q.cacheFor},
	})
	if err != nil {
		return nil, fmt.Errorf("list the values of %q: %w", parameter, err)
	}
	if ends {
		return endsOf(parameter, result)
	}
	if len(result.Values) != 1 {
		return nil, fmt.Errorf("list the values of %q: the engine returned %d columns", parameter, len(result.Values))
	}
	values := make([]string, 0, len(result.Values[0]))
	for _, raw := range result.Values[0] {
		text, err := textOf(raw)
		if err != nil {
			return nil, fmt.Errorf("list the values of %q: one is no value: %w", parameter, err)
		}
		if text != nil {
			values = append(values, *text)
		}
	}
	return values, nil
}

// offersEnds tells whether a filter offers the ends of its column's values.
func offersEnds(p oriel.Parameter) bool {
	if p.Type != oriel.ParameterColumn {
		return p.Type == oriel.ParameterDateRange
	}
	return p.ColumnType != oriel.TypeText && p.ColumnType != oriel.TypeBoolean
}

// textOf is a value of a result as a text; nil is null.
func textOf(raw oriel.RawValue) (*string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		return nil, err
	}
	text := string(raw) // a number as it is written
	if v, is := value.(string); is {
		text = v
	}
	return &text, nil
}

// endsOf are the first and the last value of a result of [endsTree]. The wall
// time of a timestamp stands after its day.
func endsOf(parameter string, result oriel.Result) ([]string, error) {
	ends := make([]string, 0, 2)
	for _, column := range result.Values {
		for _, raw := range column {
			text, err := textOf(raw)
			if err != nil {
				return nil, fmt.Errorf("list the values of %q: one is no value: %w", parameter, err)
			}
			if text == nil {
				return []string{}, nil
			}
			day, _, _ := strings.Cut(*text, "T")
			ends = append(ends, day)
		}
	}
	return ends, nil
}

func withValues(d oriel.Dashboard, name string) (oriel.Parameter, bool) {
	for _, p := range d.Parameters {
		if p.Name == name && p.Values != nil {
			return p, true
		}
	}
	return oriel.Parameter{}, false
}

func valuesTree(from oriel.ValuesFrom) oriel.Structured {
	return oriel.Structured{
		Model:     from.Model,
		Joins:     from.Joins,
		Filters:   []oriel.Filter{{Column: from.Column, Op: "is_not_null"}},
		Breakouts: []oriel.Breakout{{Column: from.Column}},
		Sort:      []oriel.Sort{{By: from.Column}},
	}
}

func endsTree(from oriel.ValuesFrom) oriel.Structured {
	return oriel.Structured{
		Model: from.Model,
		Joins: from.Joins,
		Aggregations: []oriel.Aggregation{
			{Function: "min", Column: from.Column, As: "first"},
			{Function: "max", Column: from.Column, As: "last"},
		},
	}
}
