//go:build !race

package postgres

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// bites show for each guard of the corpus that a case gets through without it.
var bites map[string]func(t *testing.T)

func init() { // it names tests that name it
	bites = map[string]func(t *testing.T){
		"parser": biteParser, "tree": biteTree, "tables": biteTables, "rewrite": biteRewrite, "fence": biteFence,
		"result": biteResult, "size": biteSize, "parameters": biteParameters,
	}
}

func TestGuards_ofEachACaseGetsThroughWithoutIt(t *testing.T) {
	used := map[string]bool{}
	for _, c := range Corpus(t) {
		used[c.Guard] = true
	}
	for guard, bite := range bites {
		if !used[guard] {
			t.Errorf("no case is stopped by %s", guard)
		}
		t.Run(guard, bite)
	}
}

func (c Escape) query() source.Query {
	query := source.SQLQuery{Text: c.SQL, Limit: 10}
	for _, a := range c.Arguments {
		query.Arguments = append(query.Arguments, oriel.TextScalar(a))
	}
	return source.Query{SQL: &query}
}

// stopped sees that a case which must be refused is, and gives it.
func stopped(t *testing.T, engine *Engine, decisions access.Decisions, name, guard string) Escape {
	t.Helper()
	c := escapeNamed(t, name)
	if c.Guard != guard || c.Outcome != "refused" {
		t.Fatalf("%q is stopped by %s, not %s", name, c.Guard, guard)
	}
	if _, err := engine.Narrow(t.Context(), c.query(), decisions); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Fatalf("with the guard: %v", err)
	}
	return c
}

func biteParser(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "show a setting", "parser")
	if result, err := unchecked(engine, decisions, c.SQL); err != nil || !strings.Contains(shown(result), "/data") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

func biteTree(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "running text", "tree")
	if result, err := unchecked(engine, decisions, c.SQL); err != nil || !strings.Contains(shown(result), "current_query") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

func biteTables(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "statistics, qualified", "tables")
	if result, err := unchecked(engine, decisions, c.SQL+" where tablename = 'flights' and attname = 'origin'"); err != nil || !strings.Contains(shown(result), "LAX") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

// rewritten runs a case with a select of one's own in the place of its table.
func rewritten(t *testing.T, engine *Engine, decisions access.Decisions, c Escape, change func(string) string) (oriel.Result, error) {
	t.Helper()
	statement, err := engine.texts.parse(c.SQL)
	if err != nil {
		t.Fatal(err)
	}
	selects, arguments, err := visibleRows(statement, nil, decisions)
	if err != nil {
		t.Fatal(err)
	}
	for name := range selects {
		selects[name] = change(selects[name])
	}
	text, err := engine.texts.narrow(statement, selects, 10)
	if err != nil {
		t.Fatal(err)
	}
	return unchecked(engine, decisions, text, arguments...)
}

func asItIs(text string) string { return text }

func biteRewrite(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "outside: texts of all")
	if with, err := rewritten(t, engine, decisions, c, asItIs); err != nil || shown(with) != `"DFW"` {
		t.Errorf("with the guard: %v, %v", with.Values, err)
	}
	bare, err := rewritten(t, engine, decisions, c, func(permitted string) string {
		// The parameters keep their types where nothing is compared with them.
		return "SELECT origin FROM public.flights WHERE true OR origin IN ($1, $2)"
	})
	if err != nil || !strings.Contains(shown(bare), "ORD") {
		t.Errorf("%v, %v", bare.Values, err)
	}
}

func biteFence(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "failing cast alone")
	if with, err := rewritten(t, engine, decisions, c, asItIs); err != nil || shown(with) != "100" {
		t.Errorf("with the guard: %v, %v", with.Values, err)
	}
	_, err := rewritten(t, engine, decisions, c, func(permitted string) string { return strings.TrimSuffix(permitted, fence) })
	if oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("no hidden row made it fail: %v", err)
	}
}

// Without the list of types a value is given in a form that nobody declared.
func biteResult(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "cast to JSON")
	ask := func() (oriel.Result, error) {
		t.Helper()
		narrowed, err := engine.Narrow(t.Context(), c.query(), decisions)
		if err != nil {
			t.Fatal(err)
		}
		return engine.Run(t.Context(), narrowed)
	}
	if _, err := ask(); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("with the guard: %v", err)
	}
	const jsonb = 3802
	resultTypes[jsonb] = oriel.TypeNumber
	defer delete(resultTypes, jsonb)
	if _, err := ask(); oriel.CodeOf(err) == oriel.CodeQueryRefused {
		t.Errorf("%v", err)
	}
}

func biteSize(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "insider: replacements that multiply", "size")
	if result, err := unchecked(engine, decisions, c.SQL); err != nil || shown(result) != "64000000" {
		t.Errorf("%v, %v", result.Values, err)
	}
}

// The policies' values are bound after the question's.
func biteParameters(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "outside: the policy's place by number", "parameters")
	statement, err := engine.texts.parse(c.SQL)
	if err != nil {
		t.Fatal(err)
	}
	selects, arguments, err := visibleRows(statement, c.query().SQL.Arguments, decisions)
	if err != nil {
		t.Fatal(err)
	}
	text, err := engine.texts.narrow(statement, selects, 10)
	if err != nil {
		t.Fatal(err)
	}
	result, err := unchecked(engine, decisions, text, arguments...)
	if err != nil || len(result.Values) != 2 || string(result.Values[1][0]) != `"DFW"` {
		t.Errorf("%v, %v", result.Values, err)
	}
}
