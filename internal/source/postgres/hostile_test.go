package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// asked runs one question for whoever has the attribute airport, and gives its
// rows; an error as its code.
func (b bench) asked(t *testing.T, airport string, policies []oriel.Policy, text string) string {
	t.Helper()
	result, err := b.ask(decide(t, someone(airport), b.source, policies), text)
	if err != nil {
		return string(oriel.CodeOf(err))
	}
	var rows []string
	for _, row := range cells(result) {
		rows = append(rows, strings.Join(row, " "))
	}
	return strings.Join(rows, "|")
}

func only(table, rows string) oriel.Policy {
	return oriel.Policy{Table: oriel.TableRef{Source: "s", Table: table}, Rows: rows}
}

// What a database or a login have for settings of their own changes nothing.
func TestRun_underHostileSettings(t *testing.T) {
	src, database := declared(t,
		`CREATE TABLE t (origin text, n bigint, at timestamptz, price numeric, note text)`,
		`INSERT INTO t VALUES ('DFW', 1, '2001-02-03 04:05:06+00', 1234.5, E'a\\b'), ('LAX', 2, '2001-02-03 04:05:06+00', 2, NULL), (NULL, 3, NULL, 3, 'null')`,
		`CREATE SCHEMA evil`, `CREATE TABLE evil.t AS SELECT 'DFW'::text AS origin, 99::bigint AS n FROM generate_series(1, 5)`,
		`CREATE FUNCTION evil.yes(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'`,
		`CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.yes)`,
		`CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'evil'$$`,
		`CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE sql AS 'SELECT 99::bigint'`,
		`CREATE DOMAIN evil.text AS integer`, `CREATE TYPE evil.bigint AS ENUM ('x')`)
	login := server.Login(t)
	quoted := pgx.Identifier{login}.Sanitize()
	server.Exec(t, database, `GRANT USAGE ON SCHEMA public, evil TO `+quoted, `GRANT SELECT ON ALL TABLES IN SCHEMA public, evil TO `+quoted,
		`ALTER TABLE t ENABLE ROW LEVEL SECURITY`, `CREATE POLICY p ON t USING (n < 3)`)
	for _, setting := range []string{
		`search_path = evil, public, pg_catalog`, `standard_conforming_strings = off`, `backslash_quote = on`, `transform_null_equals = on`, `row_security = off`,
		`default_transaction_read_only = off`, `default_transaction_isolation = 'read uncommitted'`, `statement_timeout = '1h'`, `lock_timeout = '1h'`,
		`"DateStyle" = 'SQL, DMY'`, `"IntervalStyle" = 'sql_standard'`, `"TimeZone" = 'Asia/Tokyo'`, `extra_float_digits = -15`,
		`lc_numeric = 'C'`, `client_encoding = 'LATIN1'`, `bytea_output = 'escape'`, `array_nulls = off`, `quote_all_identifiers = on`,
		`synchronize_seqscans = on`, `max_parallel_workers_per_gather = 8`, `jit = on`, `force_parallel_mode = on`, `plan_cache_mode = force_generic_plan`,
		`constraint_exclusion = on`, `enable_seqscan = off`, `geqo_threshold = 2`, `geqo_seed = 0.5`,
	} {
		server.Exec(t, database, `ALTER ROLE `+quoted+` SET `+setting, `ALTER DATABASE `+database+` SET `+setting)
	}
	src.URL = server.URLAs(login, database)
	b := openSource(t, src, postgres.Options{})
	policies := []oriel.Policy{only("t", "origin = user.attr.airport")}
	for text, want := range map[string]string{
		"select n, at, price, note from t": `1 "2001-02-03T04:05:06" "1234.5" "a\\b"`,
		// The text is the analyst's: it means what the language says.
		`select count(*) from t where note = 'a\b'`:      "1",
		`select 'it''s \' || origin from t`:              `"it's \\DFW"`,
		"select count(*) from t where null = null":       "0",
		"select lower(origin), n::text from t":           `"dfw" "1"`,
		"select count(*) from t where 'a' = 'b'":         "0",
		"select count(*) from t where origin = 'LAX'":    "0",
		"select to_char(at, 'HH24 TZ'), at::text from t": `"04 UTC" "2001-02-03 04:05:06+00"`,
		"select (interval '1 day 2 hours')::text":        `"1 day 02:00:00"`,
		"select 0.1::float8 + 0.2::float8":               "0.30000000000000004",
		"select * from evil.t":                           "query_refused",
		"select set_config('search_path', 'evil', true)": "query_refused",
	} {
		if got := b.asked(t, "DFW", policies, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	// Row security of the server's own holds as well, and makes nothing fail.
	if got := b.asked(t, "DFW", []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true}}, "select count(*) from t"); got != "2" {
		t.Errorf("the server's own policy: %s rows, want 2", got)
	}
	structured := source.Query{Structured: &source.StructuredQuery{Table: "t", Limit: 10, Tree: oriel.Structured{
		Aggregations: []oriel.Aggregation{{Function: "count", As: "c"}, {Function: "max", Column: "n", As: "m"}}}}}
	if result, err := b.run(decide(t, someone("DFW"), b.source, policies), structured); err != nil || string(result.Values[0][0]) != "1" || string(result.Values[1][0]) != "1" {
		t.Errorf("structured: %v, %v", result.Values, err)
	}
}

// Rows of a table that is in parts come through the whole; a part that no policy
// opens is closed, whoever may read it on the server.
func TestRun_aTableInPartsIsOpenByItsWholeAlone(t *testing.T) {
	src, _ := declared(t,
		`CREATE TABLE parent (origin text, n int)`, `CREATE TABLE child (more text) INHERITS (parent)`,
		`CREATE TABLE whole (origin text, n int) PARTITION BY LIST (origin)`,
		`CREATE TABLE part_dfw PARTITION OF whole FOR VALUES IN ('DFW')`, `CREATE TABLE part_rest PARTITION OF whole DEFAULT`,
		`INSERT INTO parent VALUES ('DFW', 1), ('LAX', 2)`, `INSERT INTO child VALUES ('DFW', 3, 'x'), ('LAX', 4, 'y')`,
		`INSERT INTO whole VALUES ('DFW', 1), ('LAX', 2), ('ORD', 3)`, `ANALYZE`)
	b := openSource(t, src, postgres.Options{})
	policies := []oriel.Policy{only("parent", "origin = user.attr.airport"), only("whole", "origin = user.attr.airport")}
	for text, want := range map[string]string{
		"select n from parent order by n": "1|3",
		"select count(*) from whole":      "1",
		"select tableoid from parent":     "query_failed",
		"select more from parent":         "query_failed",
		"select * from only parent":       "query_refused",
		"select * from child":             "query_refused",
		"select * from part_dfw":          "query_refused",
		"select * from part_rest":         "query_refused",
		"select count(*) from whole where 1 / (case when origin = 'DFW' then 1 else 0 end) = 1": "1",
	} {
		if got := b.asked(t, "DFW", policies, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	// With a policy of its own a part is a table as any other.
	policies = append(policies, only("part_rest", "origin = user.attr.airport"))
	if got := b.asked(t, "ORD", policies, "select n from part_rest"); got != "3" {
		t.Errorf("a part with a policy: %s", got)
	}
	if got := b.asked(t, "DFW", policies, "select n from part_rest"); got != "" {
		t.Errorf("a part with a policy, for somebody else: %s", got)
	}
}

// What a table is on the server changes nothing of what a policy lets through.
func TestRun_tablesOfEveryKind(t *testing.T) {
	const fails = " where 1 / (case when origin = 'DFW' then 1 else 0 end) = 1"
	src, database := declared(t,
		`CREATE TABLE base (origin text, n int, secret text)`, `INSERT INTO base VALUES ('DFW', 1, 'a'), ('LAX', 2, 'b')`,
		`CREATE FUNCTION spy(x text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER COST 0.0001 AS $$ BEGIN IF x = 'b' THEN RAISE EXCEPTION 'seen %', x; END IF; RETURN true; END $$`,
		`CREATE VIEW view AS SELECT origin, n FROM base`, `CREATE VIEW barrier WITH (security_barrier) AS SELECT origin, n FROM base`,
		`CREATE VIEW defined AS SELECT origin, n, upper(secret) AS secret FROM base`, `CREATE MATERIALIZED VIEW kept AS SELECT origin, n FROM base`,
		`CREATE TABLE ruled (origin text, n int)`, `CREATE TABLE made (origin text, n int, twice int GENERATED ALWAYS AS (n * 2) STORED)`,
		`INSERT INTO made (origin, n) SELECT origin, n FROM base`,
		`CREATE DOMAIN code AS text CHECK (VALUE <> 'forbidden')`, `CREATE TABLE domained (origin code, n int)`, `INSERT INTO domained SELECT origin, n FROM base`,
		`CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
		`CREATE TABLE collated (origin text COLLATE nocase, n int)`, `INSERT INTO collated VALUES ('DFW', 1), ('dfw', 2), ('LAX', 3)`,
		`CREATE TABLE padded (origin char(5), n int)`, `INSERT INTO padded VALUES ('DFW', 1), ('DFW  ', 2), ('LAX', 3)`,
		`CREATE EXTENSION citext`, `CREATE TABLE cased (origin citext, n int)`, `INSERT INTO cased VALUES ('DFW', 1), ('dfw', 2), ('LAX', 3)`,
		`CREATE EXTENSION postgres_fdw`, `CREATE SCHEMA far`)
	u, err := pgx.ParseConfig(server.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	server.Exec(t, database, `CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '`+u.Host+`', dbname '`+database+`')`,
		`CREATE USER MAPPING FOR postgres SERVER here OPTIONS (user 'postgres', password '`+strings.ReplaceAll(u.Password, "'", "''")+`')`,
		`CREATE FOREIGN TABLE foreign_base (origin text, n int) SERVER here OPTIONS (table_name 'base')`)
	b := openSource(t, src, postgres.Options{})
	var names []string
	for _, table := range b.source.Tables {
		names = append(names, table.Name)
	}
	for table, want := range map[string]string{
		"view": "1", "barrier": "1", "defined": "1", "kept": "1", "ruled": "", "made": "1", "domained": "1", "foreign_base": "1",
		"collated": "1", "padded": "1|2", "cased": "1", // byte for byte; what pads a char(n) is no part of it
	} {
		if !slices.Contains(names, table) {
			t.Errorf("%s is not in the source: %v", table, names)
			continue
		}
		policies := []oriel.Policy{only(table, "origin = user.attr.airport")}
		if got := b.asked(t, "DFW", policies, "select n from "+table+" order by n"); got != want {
			t.Errorf("%s: %s, want %s", table, got, want)
		}
		if got := b.asked(t, "DFW", policies, "select n from "+table+fails+" order by n"); got != want {
			t.Errorf("%s, with a condition that fails on hidden rows: %s, want %s", table, got, want)
		}
		if got := b.asked(t, "dfw ", policies, "select count(*) from "+table); got != "0" {
			t.Errorf("%s, for a value that is nearly the same: %s", table, got)
		}
	}
	policies := []oriel.Policy{only("made", "twice = 2")}
	if got := b.asked(t, "DFW", policies, "select origin, twice from made"); got != `"DFW" 2` {
		t.Errorf("a generated column: %s", got)
	}
	// A function of the server's own can't be named, by whatever syntax.
	for _, text := range []string{"select spy(secret) from base", "select public.spy(secret) from base", "select (spy(secret)) from base where spy('b')"} {
		if got := b.asked(t, "DFW", []oriel.Policy{only("base", "origin = user.attr.airport")}, text); got != "query_refused" {
			t.Errorf("%s: %s", text, got)
		}
	}
}
