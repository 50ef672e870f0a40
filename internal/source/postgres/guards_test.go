package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// These tests take one guard away at a time and see that what it is for gets
// through, so that none is kept by habit and the corpus proves something.

// Server is the server of the tests, which postgres_test starts.
var Server *pgserver.Server

func guarded(t *testing.T) (*Engine, access.Decisions) {
	t.Helper()
	database := Server.Database(t)
	Server.Exec(t, database, `CREATE TABLE public.flights (origin text, n bigint)`,
		`INSERT INTO public.flights SELECT (ARRAY['DFW', 'ORD', 'LAX'])[1 + i % 3], i FROM generate_series(1, 300) i`, `ANALYZE public.flights`, `CREATE TABLE public.mine AS SELECT 'DFW'::text AS origin`)
	src, _, err := Sync(t.Context(), oriel.Source{Key: "s", Kind: oriel.SourcePostgres, URL: Server.URL(database), Schema: "public"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := Open(Options{})
	t.Cleanup(func() { _ = engine.Close() })
	user := oriel.User{ID: "usr_1", Attributes: oriel.Attributes{"airports": oriel.TextList("DFW", "XXX")}}
	decisions, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), src, []oriel.Policy{
		// A lookup costs more than most conditions, so the planner puts it last.
		{Table: oriel.TableRef{Source: "s", Table: "flights"}, Rows: "origin in (lookup mine.origin where origin in user.attr.airports)"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return engine, decisions
}

// unchecked runs a text as [Engine.Narrow] would have let it.
func unchecked(e *Engine, d access.Decisions, text string, arguments ...oriel.Scalar) (oriel.Result, error) {
	return e.Run(context.Background(), source.NewNarrowed(&narrowed{text: text, arguments: arguments, source: d.Source}, 10))
}

// shown is the one column of a result.
func shown(r oriel.Result) string {
	var texts []string
	for _, v := range r.Values[0] {
		texts = append(texts, string(v))
	}
	return strings.Join(texts, " ")
}

const allOrigins = "select string_agg(distinct origin, ' ' order by origin) from "

func TestGuards_withoutTheRewriteHiddenRowsShow(t *testing.T) {
	engine, decisions := guarded(t)
	narrowed, err := engine.Narrow(t.Context(), source.Query{SQL: &source.SQLQuery{Text: allOrigins + "flights", Limit: 10}}, decisions)
	if err != nil {
		t.Fatal(err)
	}
	if with, err := engine.Run(t.Context(), narrowed); err != nil || shown(with) != `"DFW"` {
		t.Errorf("with the guard: %v, %v", with.Values, err)
	}
	if bare, err := unchecked(engine, decisions, allOrigins+"public.flights"); err != nil || !strings.Contains(shown(bare), "ORD") {
		t.Errorf("without: %v, %v", bare.Values, err)
	}
	// And a name without a schema means nobody's table, whatever slips through.
	if bare, err := unchecked(engine, decisions, allOrigins+"flights"); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("by its name alone: %v, %v", bare.Values, err)
	}
}

func TestGuards_withoutTheCheckOfTablesStatisticsShow(t *testing.T) {
	engine, decisions := guarded(t)
	result, err := unchecked(engine, decisions, "select most_common_vals::text from pg_stats where tablename = 'flights' and attname = 'origin'")
	if err != nil || !strings.Contains(shown(result), "LAX") {
		t.Errorf("%v, %v", result.Values, err)
	}
}

func TestGuards_withoutTheTreesListsMoreShows(t *testing.T) {
	engine, decisions := guarded(t)
	for text, part := range map[string]string{
		"select current_setting('data_directory')":                                        "data",
		"select set_config('role', 'pg_monitor', true)":                                   "pg_monitor",
		"select pg_read_file('PG_VERSION')":                                               "1",
		"select query_to_xml('select origin from public.flights', true, false, '')::text": "LAX",
		"select current_query()":                                                          "current_query",
		"select current_user::text":                                                       "postgres",
		"select 'public.flights'::regclass::text":                                         "public.flights",
		"select f.row_to_json::text from (select 1 as a) f":                               "a",
		"select pg_sleep(0)::text":                                                        "",
	} {
		if result, err := unchecked(engine, decisions, text); err != nil || !strings.Contains(shown(result), part) {
			t.Errorf("%s: %v, %v", text, result.Values, err)
		}
	}
}

// What writes is refused by the transaction as well, and two statements by the
// protocol.
func TestGuards_theTransactionOnlyReads(t *testing.T) {
	engine, decisions := guarded(t)
	for text, code := range map[string]string{
		"insert into public.flights values ('DFW', 1)":                            "25006",
		"with x as (delete from public.flights returning origin) select * from x": "25006",
		"create table public.t (a int)":                                           "25006",
		"select 1; select 2":                                                      "42601",
	} {
		_, err := unchecked(engine, decisions, text)
		var engineError *pgconn.PgError
		if !errors.As(err, &engineError) || engineError.Code != code {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}

// outcome runs a question over a decision's select, with the fence or without.
func outcome(e *Engine, d access.Decisions, condition string, fenced bool) error {
	visible, err := source.Narrowing(Dialect{Schema: "public"}, d, "flights", 0)
	if err != nil {
		return err
	}
	text := visible.Text
	if fenced {
		text += fence
	}
	_, err = unchecked(e, d, "select count(*) from ("+text+") f where "+condition, visible.Arguments...)
	return err
}

func TestGuards_withoutTheFenceConditionsMoveBelowThePolicy(t *testing.T) {
	engine, decisions := guarded(t)
	const fails = "1 / (case when n % 3 = 0 then 1 else 0 end) = 1" // only on rows that are hidden
	if err := outcome(engine, decisions, fails, true); err != nil {
		t.Errorf("with the guard: %v", err)
	}
	if err := outcome(engine, decisions, fails, false); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("without it nothing failed (%v): the fence may have become needless", err)
	}
}

// The planner asks a column's statistics with the question's own operator.
func TestGuards_withoutTheCastThePlannerAsksHiddenValues(t *testing.T) {
	engine, decisions := guarded(t)
	const pattern = `origin like '%A\'` // fails on a text that goes on after an A
	run := func(column string) error {
		_, err := unchecked(engine, decisions, "select count(*) from (select "+column+" from public.flights where origin = 'DFW' offset 0) f where "+pattern)
		return err
	}
	if err := run(`CAST(origin AS text) COLLATE "C" AS origin`); err != nil {
		t.Errorf("with the guard: %v", err)
	}
	if err := run("origin"); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("without it nothing failed (%v): the cast may have become needless", err)
	}
}

func TestConfirm_findsWhatWasNotMeant(t *testing.T) {
	x := newTexts()
	tree := func(text string) *node {
		t.Helper()
		n, err := x.tree(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	permitted := tree("select origin from public.flights where true offset 0")
	visible := map[string]*node{"flights": permitted}
	meant := "with c as (select 1) select * from (select origin from public.flights where true offset 0) f, c"
	if err := confirm(tree(meant), tree(meant), visible, []string{"c"}); err != nil {
		t.Errorf("the true account: %v", err)
	}
	for _, other := range []string{
		strings.Replace(meant, "where true", "where false", 1), strings.Replace(meant, "offset 0", "", 1), meant + " limit 1",
		strings.Replace(meant, "public.flights", "flights", 1), strings.Replace(meant, "f, c", "g, c", 1),
	} {
		if err := confirm(tree(meant), tree(other), visible, []string{"c"}); err == nil {
			t.Errorf("%s is taken for %s", other, meant)
		}
	}
	for _, loose := range []string{
		"select * from public.flights", "select * from pg_class", "select (select 1 from flights)",
		"select * from (select origin from public.flights where true) f", "select * from (select origin from public.flights where true offset 0) f, flights",
	} {
		if err := confirm(tree(loose), tree(loose), visible, []string{"c"}); err == nil {
			t.Errorf("%s passed", loose)
		}
	}
}

// A function that takes any row could be called as TABLE.NAME.
func TestRowFunctions_areAllThatTheServerHas(t *testing.T) {
	conn := Server.Connect(t, "postgres")
	rows, err := conn.Query(t.Context(), `SELECT DISTINCT proname::text FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace
		AND (pronargs - pronargdefaults <= 1 AND pronargs >= 1 OR provariadic <> 0 AND pronargs <= 1)
		AND proargtypes[0] IN ('"any"'::regtype, 'anyelement'::regtype, 'anynonarray'::regtype, 'record'::regtype, 'anycompatible'::regtype, 'anycompatiblenonarray'::regtype)`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !rowFunctions[name] {
			t.Errorf("%s takes a row and is not in rowFunctions", name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestNarrow_handsOverToNoOtherEngine(t *testing.T) {
	if _, err := Open(Options{}).Run(t.Context(), source.Narrowed{}); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("%v", err)
	}
}
