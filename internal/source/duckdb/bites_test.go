package duckdb

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// bites show for each guard of the corpus that a case gets through without it.
// One that nothing gets through without is not in the corpus: see confirm.
var bites map[string]func(t *testing.T)

func init() { // it names tests that name it
	bites = map[string]func(t *testing.T){
		"parser": biteParser, "tree": biteTree, "tables": biteTables, "views": biteViews, "fence": biteFence,
		"masks": biteMasks, "result": biteResult, "size": biteSize, "parameters": biteParameters,
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

// stopped sees that a case which must be refused is, and gives it.
func stopped(t *testing.T, engine *Engine, decisions access.Decisions, name, guard string) Escape {
	t.Helper()
	c := escapeNamed(t, name)
	if c.Guard != guard || c.Outcome != "refused" {
		t.Fatalf("%q is stopped by %s, not %s", name, c.Guard, guard)
	}
	refusedByNarrow(t, engine, decisions, c.SQL)
	return c
}

func biteParser(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "drop the view", "parser")
	if _, err := unchecked(engine, decisions, c.SQL, true); err != nil {
		t.Fatal(err)
	}
	// The next who asks on the connection gets the table itself.
	if result, err := unchecked(engine, decisions, allOrigins+"flights", true); err != nil || !strings.Contains(origins(result), "ORD") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

func biteTree(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "list views", "tree")
	result, err := unchecked(engine, decisions, c.SQL+" where view_name = 'flights'", true)
	if err != nil || !strings.Contains(origins(result), "oriel_") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

func biteTables(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "catalog view in WHERE", "tables")
	if result, err := unchecked(engine, decisions, c.SQL, true); err != nil || origins(result) != "226" {
		t.Errorf("that there are more than the permitted rows is not told: %v, %v", result.Values, err)
	}
}

func biteViews(t *testing.T) {
	engine, decisions := guarded(t)
	text := "select string_agg(distinct origin, ' ' order by origin) from (" + escapeNamed(t, "other airports asked for").SQL + ")"
	if with, err := unchecked(engine, decisions, text, true); err != nil || origins(with) != `"DFW"` {
		t.Errorf("with the guard: %v, %v", with.Values, err)
	}
	if bare, err := unchecked(engine, decisions, text, false); err != nil || !strings.Contains(origins(bare), "ORD") {
		t.Errorf("%v, %v", bare.Values, err)
	}
}

// The engine does not move what it knows to fail; it does not know of all.
func biteFence(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "failing escape")
	ctx := context.Background()
	inst, err := engine.acquire(ctx, decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	conn, err := inst.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := createViews(ctx, conn, inst.name, decisions, rand.Reader); err != nil {
		t.Fatal(err)
	}
	var count int
	if err := conn.QueryRowContext(ctx, c.SQL).Scan(&count); err != nil || count != 0 {
		t.Errorf("with the guard: %d, %v", count, err)
	}
	var definition string
	if err := conn.QueryRowContext(ctx, "select sql from duckdb_views() where view_name = 'flights'").Scan(&definition); err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(strings.Replace(definition, "LIMIT 9223372036854775807", "", 1), "CREATE", "CREATE OR REPLACE", 1)
	if _, err := conn.ExecContext(ctx, bare); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(ctx, c.SQL).Scan(&count); err == nil || !strings.Contains(err.Error(), "Invalid escape") {
		t.Errorf("no hidden row made it fail: %v", err)
	}
}

func biteMasks(t *testing.T) {
	c := escapeNamed(t, "guess a hashed text")
	folder, files := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(files, "people.csv"), []byte("id,phone\n1,+49 30 1234\n2,abcd\n3,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := Import(t.Context(), folder, "people", files, []string{"people.csv"})
	if err != nil {
		t.Fatal(err)
	}
	src.MaskKey = []byte(strings.Repeat("k", 32))
	engine, err := Open(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	table := oriel.TableRef{Source: "people", Table: "people"}
	for mask, want := range map[oriel.Mask]int{oriel.MaskHash: 0, oriel.MaskNone: 2} {
		policy := oriel.Policy{Table: table, Shared: true}
		if mask != oriel.MaskNone {
			policy.Columns = map[string]oriel.Mask{"phone": mask}
		}
		decisions, err := access.Decide(oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed), src, []oriel.Policy{policy})
		if err != nil {
			t.Fatal(err)
		}
		if result, err := unchecked(engine, decisions, c.SQL, true); err != nil || result.RowCount != want {
			t.Errorf("mask %q: %v, %v", mask, result.Values, err)
		}
	}
}

// Without the list of types the places of a list in the engine's memory would
// be given for its values.
func biteResult(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "outside 241")
	if _, err := unchecked(engine, decisions, c.SQL, true); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("with the guard: %v", err)
	}
	ctx := context.Background()
	inst, err := engine.acquire(ctx, decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	conn, err := engine.connection(ctx, inst, poolKey{filtered: true, fingerprint: decisions.Fingerprint}, &narrowed{decisions: decisions, filtered: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	err = conn.Raw(func(raw any) error {
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		statement, err := conn.statement(handle, c.SQL)
		if err != nil {
			return err
		}
		rows, err := openStream(statement, nil)
		if err != nil {
			return err
		}
		defer rows.close()
		whole := bindings.CreateLogicalType(bindings.TypeBigInt)
		defer bindings.DestroyLogicalType(&whole)
		taken := &column{}
		if err := taken.writerFor(whole); err != nil {
			return err
		}
		if _, err := rows.next(func(chunk bindings.DataChunk, rows int) error { taken.take(chunk, rows); return nil }); err != nil {
			return err
		}
		if values := taken.finish(); len(values) != 1 || string(values[0]) != "0" {
			t.Errorf("%q", values)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func biteSize(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "texts that get longer in WITH", "size")
	if result, err := unchecked(engine, decisions, c.SQL, true); err != nil || origins(result) != "65536" {
		t.Errorf("%v, %v", result.Values, err)
	}
	// The longest by its steps: what it was bounded for is two gigabytes.
	c = stopped(t, engine, decisions, "outside 552", "size")
	if longer := strings.Replace(c.SQL, "repeat_me", "'a'", 1); longer == c.SQL {
		t.Error("the case is about something else now")
	}
}

// Without binding a value is part of the text.
func biteParameters(t *testing.T) {
	engine, decisions := guarded(t)
	c := escapeNamed(t, "argument that is SQL")
	if len(c.Arguments) != 1 {
		t.Fatalf("%v", c.Arguments)
	}
	ask := func(query source.SQLQuery) string {
		t.Helper()
		query.Limit = 1
		narrowed, err := engine.Narrow(t.Context(), source.Query{SQL: &query}, decisions)
		if err != nil {
			t.Fatal(err)
		}
		result, err := engine.Run(t.Context(), narrowed)
		if err != nil {
			t.Fatal(err)
		}
		return origins(result)
	}
	if with := ask(source.SQLQuery{Text: c.SQL, Arguments: []oriel.Scalar{oriel.TextScalar(c.Arguments[0])}}); !strings.Contains(with, "select") {
		t.Errorf("with the guard: %s", with)
	}
	spliced := strings.ReplaceAll(c.SQL, "$1", c.Arguments[0])
	if result, err := unchecked(engine, decisions, spliced, true); err != nil || strings.Contains(origins(result), "select") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

// Nothing is known that gets past the walk and is stopped by confirm alone: it
// is for a tree that does not hold all of the text. Here it doesn't.
func TestConfirm_stopsWhatTheTreeLeftOut(t *testing.T) {
	engine, decisions := guarded(t)
	c := stopped(t, engine, decisions, "closed table in WHERE", "tables")
	tree, err := engine.parser.serialize(t.Context(), c.SQL)
	if err != nil {
		t.Fatal(err)
	}
	delete(tree.(map[string]any)["node"].(map[string]any), "where_clause")
	seen, err := validate(c.SQL, tree)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkTables(c.SQL, seen, decisions); err != nil {
		t.Fatalf("the walk saw it: %v", err)
	}
	if err := engine.parser.confirm(t.Context(), c.SQL, seen); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("confirmed: %v", err)
	}
	if result, err := unchecked(engine, decisions, c.SQL, true); err != nil || origins(result) == "0" {
		t.Errorf("without: %v, %v", result.Values, err)
	}
}

// Where the engine's account of the text fails it is of the tables alone, and
// that one must be whole.
func TestConfirm_ofTheTablesAloneFindsEachTable(t *testing.T) {
	engine, _ := guarded(t)
	conn, err := engine.parser.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for text, tables := range map[string]string{
		"select * from a order by 4":                                                     "a",
		"select quantile_cont(x, [0, 1]) from a order by $1":                             "a",
		"select * from a asof join b on a.x > b.x":                                       "a b",
		"select * from a natural join b":                                                 "a b",
		"with c(y) as (select x from a) select * from c, b where $1 = y":                 "a b",
		"with c as (select * from a), d as (select * from c) select * from d":            "a",
		"select * from (with c as (select $1) select * from c) q, c":                     "c",
		"select 1 union select (select max(x) from a) order by 1":                        "a",
		"select $1 where 1 in (select x from a where exists (select 1 from b))":          "a b",
		"select * from (values ((select x from a)), ($1)) v(z)":                          "a",
		"select sum(x) over (partition by (select 1 from b) order by $1) from a":         "a b",
		"select * from a x join b x on x.y in (select y from c) limit (select 1 from d)": "a b c d",
		"from a": "a", "select $1": "",
	} {
		bare, err := skeleton(t.Context(), conn, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want := statement{parameters: 1}
		for _, name := range strings.Fields(tables) {
			want.tables = append(want.tables, tableUse{name: name})
		}
		if err := engine.parser.confirm(t.Context(), text, want); err != nil {
			t.Errorf("%s as %s: %v", text, bare, err)
		}
		for i := range want.tables {
			less := want
			less.tables = slices.Delete(slices.Clone(want.tables), i, i+1)
			if err := engine.parser.confirm(t.Context(), text, less); oriel.CodeOf(err) != oriel.CodeQueryRefused {
				t.Errorf("%s: confirmed without %s: %v", text, want.tables[i].name, err)
			}
		}
	}
}
