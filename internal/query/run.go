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
	question, err := q.question(s, p, key)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, err
	}
	return q.runWith(ctx, s, p, question, parameters)
}

func (q *Queries) runWith(ctx context.Context, s snapshot, p oriel.Principal, question oriel.Question, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	values, err := parseParameters(question.Parameters, parameters)
	if err != nil {
		return oriel.Question{}, oriel.Result{}, s.forEditors(p, question, origin{}, shown(err))
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
	asked, err := s.ask(question, values, s.rows(question.Source))
	if err != nil {
		return oriel.Result{}, s.forEditors(p, question, origin{}, shown(err))
	}
	asked.keep = q.keep(question)
	result, err := q.answer(ctx, s, p, asked)
	if err != nil {
		return oriel.Result{}, s.forEditors(p, question, asked.origin, fmt.Errorf("run %s: %w", called(question), err))
	}
	return s.describe(question, result), nil
}

// called is what the log calls a question.
func called(question oriel.Question) string {
	if question.Key == "" {
		return "a question that nobody saved"
	}
	return fmt.Sprintf("question %q", question.Key)
}

// answer gives the result of an ask: one that was kept, or that is being made
// for somebody who sees the same, or a new one. The grant and the policies are
// those of this request, whichever it is.
func (q *Queries) answer(ctx context.Context, s snapshot, p oriel.Principal, a ask) (oriel.Result, error) {
	prepared, err := q.prepare(ctx, s, p, a)
	if err != nil {
		return oriel.Result{}, err
	}
	sight, err := q.policies.read(s.Declaration).versions.sight(s, a, prepared)
	if err != nil {
		return oriel.Result{}, err
	}
	key := fingerprint(sight.Fingerprint())
	run := func(ctx context.Context) (oriel.Result, error) {
		began := q.cache.now()
		narrowed, err := prepared.engine.Narrow(ctx, prepared.query, prepared.decisions)
		if err != nil {
			return oriel.Result{}, shown(err)
		}
		result, err := prepared.engine.Run(ctx, narrowed)
		if err != nil {
			return oriel.Result{}, shown(err)
		}
		q.cache.put(key, result, began, a.keep)
		return result, nil
	}
	result, stale, found := q.cache.get(key)
	switch {
	case !found:
		// Each for its own tenant, also who waits for what another one asked.
		done, err := q.quotas.begin(ctx, s, p)
		if err != nil {
			return oriel.Result{}, err
		}
		defer done()
		return q.flights.do(ctx, key, run)
	case stale:
		// What is older was still made of what this request may see. The newer one
		// is of the quota of whoever asks.
		q.flights.renew(key, func() (func(), bool) { return q.quotas.try(s, p) }, run)
	}
	return result, nil
}

// prepared is what a principal who may ask sees of what an ask reads.
type prepared struct {
	src       oriel.Source
	engine    source.Engine
	query     source.Query // as the principal's clocks show moments
	decisions access.Decisions
}

// prepare checks the grant on the source and decides what is seen of it.
func (q *Queries) prepare(ctx context.Context, s snapshot, p oriel.Principal, a ask) (prepared, error) {
	if err := access.RunSource(p, s.Groups, a.source); err != nil {
		return prepared{}, err
	}
	src, _ := s.Source(a.source)
	engine, err := q.engineOf(src)
	if err != nil {
		return prepared{}, shown(err)
	}
	tables, err := engine.Tables(ctx, a.query, src)
	if err != nil {
		return prepared{}, shown(err)
	}
	decisions, err := q.policies.of(s.Declaration).Decide(p, a.source, tables)
	if err != nil {
		return prepared{}, fmt.Errorf("decide what is seen of %q: %w", a.source, err)
	}
	query, err := q.zoned(s, p.User(), a.query)
	if err != nil {
		return prepared{}, err
	}
	return prepared{src, engine, query, decisions}, nil
}

// ask is a question with its values, as it is asked of its source.
func (s snapshot) ask(question oriel.Question, values map[string]source.ParameterValue, limit int) (ask, error) {
	query, origin, err := s.query(question, values, limit)
	if err != nil {
		return ask{}, err
	}
	kind := kindQuestion
	if question.Key == "" {
		kind = kindUnsaved
	}
	return ask{source: question.Source, query: query, origin: origin, kind: kind, key: question.Key, thing: question, values: values, limit: limit}, nil
}

// query is a question with its values as an engine takes it, and where in the
// question's text that is from.
func (s snapshot) query(question oriel.Question, values map[string]source.ParameterValue, limit int) (source.Query, origin, error) {
	if question.Structured == nil {
		src, _ := s.Source(question.Source)
		t, err := parseTemplate(question.SQL, question.Parameters, src.Kind)
		if err != nil {
			return source.Query{}, origin{}, err
		}
		out, err := t.render(values)
		if err != nil {
			return source.Query{}, origin{}, err
		}
		return source.Query{SQL: &source.SQLQuery{Text: out.text, Arguments: out.arguments, Limit: limit}}, out.origin, nil
	}
	model, found := s.Model(question.Structured.Model)
	if !found {
		return source.Query{}, origin{}, oriel.E(oriel.CodeQueryRefused, "there is no model %q", question.Structured.Model)
	}
	structured := s.structured(model, *question.Structured)
	structured.Parameters, structured.Limit = values, limit
	return source.Query{Structured: &structured}, origin{}, nil
}
