package query

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// seen is what somebody sees of a table, a model or a question.
type seen struct {
	columns []string
	masks   map[string]oriel.Mask
	count   int
	// outside is how many of the rows don't fulfil the test's condition.
	outside int
}

// testPolicy looks at what the test's somebody sees, in the way of every other
// query, and tells what is not as the test expects, a sentence each; none when
// all is. Errors: those of an engine that could not answer; ctx's own.
func (q *Queries) testPolicy(ctx context.Context, test oriel.PolicyTest) (oriel.PolicyTestResult, error) {
	s := snapshot{q.declared()}
	p := oriel.NewPrincipal(test.As, oriel.SessionEmbed)
	look := q.seenOfTable
	if test.Question != "" {
		look = q.seenOfQuestion
	}
	found, err := look(ctx, s, p, test)
	result := oriel.PolicyTestResult{Name: test.Name}
	if err != nil {
		return result, fmt.Errorf("test %q: %w", test.Name, err)
	}
	wrong := func(what, uncounted string) {
		result.Wrong, result.Uncounted = append(result.Wrong, what), append(result.Uncounted, uncounted)
	}
	if test.Columns != nil && !slices.Equal(found.columns, test.Columns) {
		what := fmt.Sprintf("the columns are %s, not %s", listed(found.columns), listed(test.Columns))
		wrong(what, what)
	}
	if test.Masks != nil && !maps.Equal(found.masks, test.Masks) {
		what := fmt.Sprintf("the masks are %s, not %s", masked(found.masks), masked(test.Masks))
		wrong(what, what)
	}
	if test.Count != nil && found.count != *test.Count {
		wrong(fmt.Sprintf("%d rows are seen, not %d", found.count, *test.Count), fmt.Sprintf("more or fewer rows are seen than %d", *test.Count))
	}
	if found.outside > 0 {
		wrong(fmt.Sprintf("%d of %d rows don't fulfil %s", found.outside, found.count, test.Only), fmt.Sprintf("some rows don't fulfil %s", test.Only))
	}
	return result, nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func masked(masks map[string]oriel.Mask) string {
	parts := make([]string, 0, len(masks))
	for _, name := range slices.Sorted(maps.Keys(masks)) {
		parts = append(parts, name+": "+string(masks[name]))
	}
	return listed(parts)
}

// only reads the test's condition. It is about the values themselves, so that a
// mask doesn't hide from the test which rows are seen.
func only(test oriel.PolicyTest, p oriel.Principal, src oriel.Source, table oriel.SourceTable) (access.Predicate, error) {
	if test.Only == "" {
		return access.True{}, nil
	}
	condition, err := access.ParseCondition(test.Only, src, table)
	if err != nil {
		return nil, err
	}
	predicate, ok := condition.Resolve(p)
	if !ok {
		return nil, oriel.E(oriel.CodeInvalidRequest, "%s reads a value that the test's user lacks", test.Only)
	}
	return predicate, nil
}

// seenOfTable counts in the engine: first the rows that are seen, then those of
// them that fulfil the condition.
func (q *Queries) seenOfTable(ctx context.Context, s snapshot, p oriel.Principal, test oriel.PolicyTest) (seen, error) {
	ref := test.Table
	if test.Model != "" {
		model, _ := s.Model(test.Model)
		ref = model.Table
	}
	src, _ := s.Source(ref.Source)
	table, _ := src.Table(ref.Table)
	fulfilled, err := only(test, p, src, table)
	if err != nil {
		return seen{}, err
	}
	decision, visible, err := q.sees(s, p, ref, test.Model)
	if err != nil || !visible {
		return seen{}, err
	}
	found := seen{masks: map[string]oriel.Mask{}}
	for _, c := range decision.Columns {
		found.columns = append(found.columns, c.Name)
		if c.Mask != oriel.MaskNone {
			found.masks[c.Name] = c.Mask
		}
	}
	for _, c := range table.Columns {
		if !slices.Contains(found.columns, c.Name) {
			found.masks[c.Name] = oriel.MaskHidden
		}
	}
	if found.count, err = q.countRows(ctx, src, p, decision); err != nil {
		return seen{}, err
	}
	decision.Rows = access.All{Parts: []access.Predicate{decision.Rows, fulfilled}}
	inside, err := q.countRows(ctx, src, p, decision)
	found.outside = found.count - inside
	return found, err
}

// countRows counts what a decision lets through, for the principal whom the
// source's own row security is told of.
func (q *Queries) countRows(ctx context.Context, src oriel.Source, p oriel.Principal, decision access.Decision) (int, error) {
	table := decision.Table.Table
	engine, err := q.engineOf(src)
	if err != nil {
		return 0, err
	}
	asked := source.Query{Structured: &source.StructuredQuery{
		Table: table, Tree: oriel.Structured{Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}}}, Limit: 1,
	}}
	narrowed, err := engine.Narrow(ctx, asked, access.NewDecisions(src, map[string]access.Decision{table: decision}, nil).For(access.NativeOf(src, p)))
	if err != nil {
		return 0, err
	}
	result, err := engine.Run(ctx, narrowed)
	if err != nil {
		return 0, err
	}
	var n int
	err = json.Unmarshal(result.Values[0][0], &n)
	return n, err
}

// seenOfQuestion runs the question and looks at what it shows. One that may not
// be viewed shows nothing.
func (q *Queries) seenOfQuestion(ctx context.Context, s snapshot, p oriel.Principal, test oriel.PolicyTest) (seen, error) {
	_, result, err := q.RunQuestion(ctx, p, test.Question, test.Parameters)
	switch oriel.CodeOf(err) {
	case "":
	case oriel.CodeNotFound, oriel.CodeForbidden:
		return seen{}, nil
	default:
		return seen{}, err
	}
	if result.Truncated {
		return seen{}, oriel.E(oriel.CodeInvalidRequest, "the question %q shows only its first %d rows: test one that shows fewer", test.Question, result.RowCount)
	}
	found := seen{count: result.RowCount}
	shown := oriel.SourceTable{Name: test.Question}
	for _, c := range result.Columns {
		found.columns = append(found.columns, c.Name)
		shown.Columns = append(shown.Columns, oriel.SourceColumn{Name: c.Name, Type: c.Type})
	}
	fulfilled, err := only(test, p, oriel.Source{Key: test.Question}, shown)
	if err != nil {
		return seen{}, err
	}
	for i := range result.RowCount {
		row := map[string]*oriel.Scalar{}
		for at, c := range shown.Columns {
			if row[c.Name], err = access.ReadValue(result.Values[at][i], c.Type); err != nil {
				return seen{}, fmt.Errorf("read the column %q: %w", c.Name, err)
			}
		}
		if holds, ok := access.Holds(fulfilled, row); !holds || !ok {
			found.outside++
		}
	}
	return found, nil
}
