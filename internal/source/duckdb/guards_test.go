package duckdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// These tests take one guard away at a time and see that what it is for gets
// through, so that none is kept by habit and the corpus proves something.

func guarded(t *testing.T) (*Engine, access.Decisions) {
	t.Helper()
	folder := t.TempDir()
	src, err := Import(context.Background(), folder, "airports", "../../../sample", []string{"flights.csv", "airports.csv", "wildlife_strikes.csv"})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := Open(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	user := oriel.User{ID: "usr_1", Attributes: oriel.Attributes{"airport": oriel.Text("DFW")}}
	decisions, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), src, []oriel.Policy{
		{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Rows: "origin = user.attr.airport"},
		{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return engine, decisions
}

// unchecked runs a text as [Engine.Narrow] would have let it.
func unchecked(engine *Engine, decisions access.Decisions, text string, filtered bool) (oriel.Result, error) {
	return engine.run(context.Background(), &narrowed{text: text, decisions: decisions, filtered: filtered}, 10)
}

// origins are the airports whose flights a result shows.
func origins(result oriel.Result) string {
	var texts []string
	for _, v := range result.Values[0] {
		texts = append(texts, string(v))
	}
	return strings.Join(texts, " ")
}

const allOrigins = "select string_agg(distinct origin, ' ' order by origin) from "

func TestGuards_withoutTheViewsHiddenRowsShow(t *testing.T) {
	engine, decisions := guarded(t)
	if with, err := unchecked(engine, decisions, allOrigins+"flights", true); err != nil || origins(with) != `"DFW"` {
		t.Fatalf("with the guard: %v, %v", with.Values, err)
	}
	if bare, err := unchecked(engine, decisions, allOrigins+"flights", false); err != nil || !strings.Contains(origins(bare), "ORD") {
		t.Errorf("without: %v, %v", bare.Values, err)
	}
}

func TestGuards_withoutTheCheckOfTablesHiddenRowsShow(t *testing.T) {
	engine, decisions := guarded(t)
	inst, err := engine.acquire(context.Background(), decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	for _, table := range []string{quoteName(inst.name) + ".main.flights", quoteName(inst.name) + ".flights"} {
		if result, err := unchecked(engine, decisions, allOrigins+table, true); err != nil || !strings.Contains(origins(result), "ORD") {
			t.Errorf("%s: %v, %v", table, result.Values, err)
		}
	}
}

func TestGuards_withoutTheTreesListsSecretsShow(t *testing.T) {
	engine, decisions := guarded(t)
	for text, part := range map[string]string{
		"select sql from duckdb_views() where view_name = 'flights'":                                                                    "oriel_",
		"select string_agg(origin, ' ') from (select distinct origin from query('select * from ' || current_database() || '.flights'))": "",
		"select string_agg(path, ' ') from duckdb_databases()":                                                                          ".duckdb",
		"select max(estimated_size)::varchar from duckdb_tables() where table_name = 'flights'":                                         "20000",
		"select current_setting('allowed_paths')::varchar":                                                                              ".duckdb",
	} {
		result, err := unchecked(engine, decisions, text, true)
		if part == "" {
			continue // whether this one binds depends on the database's name
		}
		if err != nil || !strings.Contains(origins(result), part) {
			t.Errorf("%s: %v, %v", text, result.Values, err)
		}
	}
}

// The key's blocks are in reach of whoever could list views and name a table.
func TestGuards_withoutTheTreesListsTheMaskKeyShows(t *testing.T) {
	engine, decisions := guarded(t)
	src := decisions.Source
	src.MaskKey = []byte(strings.Repeat("k", 32))
	table := oriel.TableRef{Source: "airports", Table: "flights"}
	user := oriel.User{ID: "usr_1"}
	masked, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), src, []oriel.Policy{{Table: table, Shared: true, Columns: map[string]oriel.Mask{"destination": oriel.MaskHash}}})
	if err != nil {
		t.Fatal(err)
	}
	inner, _, err := source.HashBlocks(src.MaskKey)
	if err != nil {
		t.Fatal(err)
	}
	name, err := unchecked(engine, masked, "select regexp_extract(sql, 'oriel_[0-9a-f]+') from duckdb_views() where view_name = 'flights'", true)
	if err != nil {
		t.Fatal(err)
	}
	values := "select v0 from temp.main." + origins(name)
	if result, err := unchecked(engine, masked, values, true); err != nil || !strings.Contains(origins(result), inner.Value.(string)) {
		t.Errorf("%v, %v", result.Values, err)
	}
	for _, text := range []string{values, "select v0 from " + origins(name), "select sql from duckdb_views()"} {
		if _, err := engine.Narrow(context.Background(), source.Query{SQL: &source.SQLQuery{Text: text, Limit: 1}}, masked); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestGuards_theFileOfTheDatabaseIsReachableWithoutTheTreesLists(t *testing.T) {
	engine, decisions := guarded(t)
	path, err := databasePath(engine.folder, decisions.Source.Database)
	if err != nil {
		t.Fatal(err)
	}
	result, err := unchecked(engine, decisions, "select size from read_blob("+quoteText(path)+")", true)
	if err != nil || origins(result) == "" {
		t.Errorf("%v, %v", result.Values, err)
	}
	if _, err := unchecked(engine, decisions, "select content from read_text('../../../sample/airports.csv')", true); err == nil {
		t.Error("the settings let another file be read")
	}
}

func TestGuards_withoutTheFenceConditionsMoveBelowThePolicy(t *testing.T) {
	engine, decisions := guarded(t)
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
	// The plan is drawn from the last step to the first.
	below := func() bool {
		t.Helper()
		var kind, plan string
		err := conn.QueryRowContext(ctx, `explain select count(*) from flights where destination = 'LAX'`).Scan(&kind, &plan)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Index(plan, "LAX") > strings.Index(plan, "JOIN")
	}
	if below() {
		t.Error("with the guard the question's condition is below the policy's")
	}
	var definition string
	if err := conn.QueryRowContext(ctx, `select sql from duckdb_views() where view_name = 'flights'`).Scan(&definition); err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(strings.Replace(definition, "LIMIT 9223372036854775807", "", 1), "CREATE", "CREATE OR REPLACE", 1)
	if _, err := conn.ExecContext(ctx, bare); err != nil {
		t.Fatal(err)
	}
	if !below() {
		t.Error("without the guard it is not: the fence may have become needless")
	}
}

func TestGuards_theSettingsAreLocked(t *testing.T) {
	engine, decisions := guarded(t)
	ctx := context.Background()
	inst, err := engine.acquire(ctx, decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	for _, db := range []*sql.DB{inst.db, engine.parser.db} {
		for _, text := range []string{
			"set enable_external_access = true", "set lock_configuration = false", "set max_expression_depth = 100000",
			"set memory_limit = '100GB'", "set allow_community_extensions = true", "set autoload_known_extensions = true",
			"set allowed_directories = ['/']", "set temp_directory = 'spill'",
			"copy (select 1) to 'out.csv'", "attach 'other.duckdb'", "install httpfs", "load httpfs", "export database 'out'",
			"select * from read_csv('../../../sample/airports.csv')", "select * from '../../../sample/airports.csv'",
		} {
			if _, err := db.ExecContext(ctx, text); err == nil {
				t.Errorf("%s: done", text)
			}
		}
	}
	for _, text := range []string{"create table t (a int)", "delete from flights", "drop table flights"} {
		if _, err := inst.db.ExecContext(ctx, text); err == nil {
			t.Errorf("%s: done", text)
		}
	}
}

func TestConfirm_findsATableThatTheTreeDidNotTell(t *testing.T) {
	engine, _ := guarded(t)
	ctx := context.Background()
	text := "select * from flights join airports using (iata) where iata = $1"
	flights, airports := tableUse{name: "flights"}, tableUse{name: "airports"}
	if err := engine.parser.confirm(ctx, text, statement{parameters: 1, tables: []tableUse{flights, airports}}); err != nil {
		t.Errorf("the true account: %v", err)
	}
	for _, tables := range [][]tableUse{nil, {flights}, {flights, airports, {name: "more"}}} {
		if err := engine.parser.confirm(ctx, text, statement{parameters: 1, tables: tables}); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%v: %v", tables, err)
		}
	}
}

func TestNarrow_handsOverToNoOtherEngine(t *testing.T) {
	engine, _ := guarded(t)
	if _, err := engine.Run(context.Background(), source.Narrowed{}); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("%v", err)
	}
}

// Who sees the same shares connections, and nobody else does.
func TestPool_isSharedByThoseWhoSeeTheSame(t *testing.T) {
	engine, first := guarded(t)
	idle := func() int {
		t.Helper()
		inst, err := engine.acquire(context.Background(), first.Source)
		if err != nil {
			t.Fatal(err)
		}
		defer inst.release()
		return len(inst.pool.idle)
	}
	ask := func(id oriel.UserID, airport string, groups ...oriel.GroupKey) string {
		t.Helper()
		user := oriel.User{ID: id, Groups: groups, Attributes: oriel.Attributes{"airport": oriel.Text(airport), "shoe": oriel.Text(string(id))}}
		decisions, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), first.Source, []oriel.Policy{
			{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Rows: "origin = user.attr.airport", Columns: map[string]oriel.Mask{"destination": oriel.MaskEmpty}, Exempt: []oriel.GroupKey{"all"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		narrowed, err := engine.Narrow(context.Background(), source.Query{SQL: &source.SQLQuery{Text: allOrigins + "flights", Limit: 10}}, decisions)
		if err != nil {
			t.Fatal(err)
		}
		result, err := engine.Run(context.Background(), narrowed)
		if err != nil {
			t.Fatal(err)
		}
		return origins(result)
	}
	for i, c := range []struct {
		id      oriel.UserID
		airport string
		groups  []oriel.GroupKey
		sees    string
		idle    int
	}{
		{"usr_1", "DFW", nil, `"DFW"`, 1},
		{"usr_2", "DFW", nil, `"DFW"`, 1}, // another person who sees the same
		{"usr_3", "ORD", nil, `"ORD"`, 2},
		{"usr_1", "ORD", nil, `"ORD"`, 2},
		{"usr_2", "DFW", []oriel.GroupKey{"other"}, `"DFW"`, 2},
		{"usr_2", "DFW", []oriel.GroupKey{"all"}, "ORD", 3},
	} {
		if got := ask(c.id, c.airport, c.groups...); !strings.Contains(got, c.sees) || c.idle < 3 && got != c.sees {
			t.Errorf("%d: sees %s", i, got)
		}
		if n := idle(); n != c.idle {
			t.Errorf("%d: %d connections are kept, want %d", i, n, c.idle)
		}
	}
}
