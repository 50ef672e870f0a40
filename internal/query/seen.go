package query

import (
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Question finds a question that the principal may view. Its column filters are
// typed as the principal sees their columns, and not at all where they don't.
// Apart from it comes its tree, for whoever may explore its source and sees every
// model and column that it reads; nil for everybody else, and of SQL. Errors:
// not_found when there is none that they may view; not_authenticated.
func (q *Queries) Question(_ context.Context, p oriel.Principal, key string) (question oriel.Question, tree *oriel.Structured, err error) {
	s := snapshot{q.declared()}
	if question, err = q.question(s, p, key); err != nil {
		return oriel.Question{}, nil, err
	}
	if of := question.Structured; of != nil && readable(*of, q.models(s, p)) {
		tree = of
	}
	return question, tree, nil
}

func (q *Queries) question(s snapshot, p oriel.Principal, key string) (oriel.Question, error) {
	question, found := s.Question(key)
	if err := access.View(p, s.Groups, question.Collection, found); err != nil {
		return oriel.Question{}, err
	}
	question.Parameters = q.seenFilters(s, p, question.Parameters, func(o oriel.Parameter) (m oriel.Model, c string) {
		if o.Column == nil {
			return m, ""
		}
		return oriel.Model{Table: oriel.TableRef{Source: question.Source, Table: o.Column.Table}}, o.Column.Name
	})
	return question, nil
}

// dashboard finds a dashboard that the principal may view, with its column
// filters typed likewise.
func (q *Queries) dashboard(s snapshot, p oriel.Principal, key string) (oriel.Dashboard, error) {
	d, found := s.Dashboard(key)
	if err := access.View(p, s.Groups, d.Collection, found); err != nil {
		return oriel.Dashboard{}, err
	}
	d.Parameters = q.seenFilters(s, p, s.typed(d).Parameters, func(o oriel.Parameter) (m oriel.Model, c string) {
		if o.Values == nil {
			return m, ""
		}
		model, _ := s.Model(o.Values.Model)
		return s.lead(model, o.Values.Joins, o.Values.Column)
	})
	return d, nil
}

// seenFilters types column filters by what the principal sees of the columns: a
// mask can make another type of one, and the type of a hidden one would tell of
// it (access §3).
func (q *Queries) seenFilters(s snapshot, p oriel.Principal, parameters []oriel.Parameter, about func(oriel.Parameter) (oriel.Model, string)) []oriel.Parameter {
	typed := func(o oriel.Parameter) bool { return o.ColumnType != "" }
	if !slices.ContainsFunc(parameters, typed) {
		return parameters
	}
	parameters = slices.Clone(parameters)
	for i, o := range parameters {
		if typed(o) {
			model, column := about(o)
			parameters[i].ColumnType = q.seenType(s, p, model, column)
		}
	}
	return parameters
}

// sees is what the principal sees of a table, or of a model on it whose key isn't
// empty; not found when it does not exist for them. Errors: as
// [access.Policies.Decide].
func (q *Queries) sees(s snapshot, p oriel.Principal, table oriel.TableRef, model string) (access.Decision, bool, error) {
	decisions, err := q.policies.of(s.Declaration).Decide(p, table.Source, []string{table.Table})
	if err != nil {
		return access.Decision{}, false, err
	}
	decision, found := decisions.Seen(model, table.Table)
	return decision, found, nil
}

// seenType is the type of what the principal sees of a column; empty when it
// does not exist for them.
func (q *Queries) seenType(s snapshot, p oriel.Principal, model oriel.Model, column string) oriel.ColumnType {
	decision, found, err := q.sees(s, p, model.Table, model.Key)
	if err != nil || !found {
		return "" // of an error the run says what is wrong, to those whom it concerns
	}
	for _, c := range decision.Columns {
		if c.Name == column {
			return c.Type
		}
	}
	return ""
}
