package query

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// RunQuestion runs a question with the values that the request brought. Errors:
// not_found when the principal may not view it; forbidden when they may not
// run on its source; invalid_request naming each bad parameter; query_refused,
// query_failed and source_unavailable from the engine, without its words;
// ctx's own error when the caller went away.
func (q *Queries) RunQuestion(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	s := snapshot{q.declared()}
	question, err := s.question(p, key)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, err
	}
	values, err := parseParameters(question.Parameters, parameters)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, err
	}
	result, err := q.run(ctx, s, p, question, values)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, err
	}
	return question, result, nil
}

// run is the one way in which a question's rows come to be: grant, policies,
// narrowing, engine.
func (q *Queries) run(ctx context.Context, s snapshot, p oriel.Principal, question oriel.Question, values map[string]source.ParameterValue) (oriel.Result, error) {
	asked, err := s.query(question, values)
	if err != nil {
		return oriel.Result{}, shown(err)
	}
	result, err := q.narrowAndRun(ctx, s, p, question.Source, asked)
	if err != nil {
		return oriel.Result{}, fmt.Errorf("run question %q: %w", question.Key, err)
	}
	return s.describe(question, result), nil
}

func (q *Queries) narrowAndRun(ctx context.Context, s snapshot, p oriel.Principal, key string, asked source.Query) (oriel.Result, error) {
	if err := access.RunSource(p, s.Groups, key); err != nil {
		return oriel.Result{}, err
	}
	src, _ := s.Source(key)
	engine, found := q.engines[src.Kind]
	if !found {
		return oriel.Result{}, shown(&oriel.Error{Code: oriel.CodeSourceUnavailable, Err: errNoSource})
	}
	tables, err := engine.Tables(ctx, asked, src)
	if err != nil {
		return oriel.Result{}, shown(err)
	}
	decisions, err := q.policies.of(s.Declaration).Decide(p, key, tables)
	if err != nil {
		return oriel.Result{}, fmt.Errorf("decide what is seen of %q: %w", key, err)
	}
	narrowed, err := engine.Narrow(ctx, asked, decisions)
	if err != nil {
		return oriel.Result{}, shown(err)
	}
	result, err := engine.Run(ctx, narrowed)
	if err != nil {
		return oriel.Result{}, shown(err)
	}
	return result, nil
}

// query is a question with its values as an engine takes it.
func (s snapshot) query(question oriel.Question, values map[string]source.ParameterValue) (source.Query, error) {
	if question.Structured == nil {
		t, err := parseTemplate(question.SQL, question.Parameters)
		if err != nil {
			return source.Query{}, err
		}
		text, arguments, err := t.render(values)
		if err != nil {
			return source.Query{}, err
		}
		return source.Query{SQL: &source.SQLQuery{Text: text, Arguments: arguments, Limit: maxRows}}, nil
	}
	model, found := s.Model(question.Structured.Model)
	if !found {
		return source.Query{}, oriel.E(oriel.CodeQueryRefused, "there is no model %q", question.Structured.Model)
	}
	return source.Query{Structured: &source.StructuredQuery{
		Tree: *question.Structured, Table: model.Table.Table, Parameters: values, Limit: maxRows,
	}}, nil
}
