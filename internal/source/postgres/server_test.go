package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// declared is a source on a database of its own, made by the statements.
func declared(t *testing.T, statements ...string) (src oriel.Source, database string) {
	t.Helper()
	database = server.Database(t)
	server.Exec(t, database, statements...)
	return oriel.Source{Key: "s", Kind: oriel.SourcePostgres, URL: server.URL(database), Schema: "public"}, database
}

// The contract's second.
func TestRun_aQueryEndsInTheServerWhenItsCallerGoes(t *testing.T) {
	src, database := declared(t, `CREATE TABLE t AS SELECT i AS n FROM generate_series(1, 10000) i`)
	b := openSource(t, src, postgres.Options{})
	decisions := decide(t, someone("x"), b.source, []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true}})
	narrowed, err := b.engine.Narrow(t.Context(), sqlQuery("select count(*) from t a, t b, t c where a.n + b.n + c.n = 0"), decisions)
	if err != nil {
		t.Fatal(err)
	}
	conn := server.Connect(t, database)
	running := func() (n int) {
		if err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = $1 AND application_name = 'oriel' AND state = 'active'`, database).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := b.engine.Run(ctx, narrowed); ended <- err }()
	for running() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	left := time.Now()
	leave()
	for running() > 0 {
		if time.Since(left) > time.Second {
			t.Fatal("the query still runs a second after its caller went")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the caller's own error", err)
	}
}

func TestRun_endsAQueryThatTakesTooLong(t *testing.T) {
	src, _ := declared(t, `CREATE TABLE t AS SELECT i AS n FROM generate_series(1, 10000) i`)
	b := openSource(t, src, postgres.Options{Timeout: 100 * time.Millisecond})
	decisions := decide(t, someone("x"), b.source, []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true}})
	if _, err := b.ask(decisions, "select count(*) from t a, t b, t c where a.n + b.n + c.n = 0"); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("%v", err)
	}
}

func TestRun_boundsTheSizeOfAResult(t *testing.T) {
	b := openSample(t, postgres.Options{ResultBytes: 1000})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	if _, err := b.ask(decisions, "select * from flights"); oriel.CodeOf(err) != oriel.CodeTooLarge {
		t.Errorf("%v", err)
	}
	if result, err := b.ask(decisions, "select count(*) from flights"); err != nil || string(result.Values[0][0]) != "1103" {
		t.Errorf("the next query: %v, %v", result.Values, err)
	}
}

func TestRun_aServerThatIsDownIsUnavailableAndNamesNoPassword(t *testing.T) {
	b := openSample(t, postgres.Options{})
	u, err := url.Parse(b.source.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*url.URL){
		"nothing listens":    func(u *url.URL) { u.RawQuery = "host=/nowhere" },
		"another database":   func(u *url.URL) { u.Path = "/nowhere" },
		"another login":      func(u *url.URL) { u.User = url.UserPassword("nobody", "s3cr%et/") },
		"a wrong password":   func(u *url.URL) { u.User = url.UserPassword("postgres", "s3cr%et/") },
		"a url that is none": func(u *url.URL) { u.Scheme = "mysql" },
	} {
		other := *u
		change(&other)
		src := b.source
		src.Key, src.URL = "other", other.String()
		_, err := b.run(decide(t, someone("DFW"), src, []oriel.Policy{{Table: oriel.TableRef{Source: "other", Table: "flights"}, Shared: true}}), sqlQuery("select * from flights"))
		if oriel.CodeOf(err) != oriel.CodeSourceUnavailable {
			t.Errorf("%s: %v", name, err)
		}
		_, _, errSync := postgres.Sync(t.Context(), src, nil)
		if oriel.CodeOf(errSync) != oriel.CodeInvalidRequest {
			t.Errorf("%s: sync: %v", name, errSync)
		}
		for _, err := range []error{err, errSync} {
			for _, secret := range []string{pgserver.Password, url.QueryEscape(pgserver.Password), "s3cr", url.PathEscape(pgserver.Password)} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the password is in %v", name, err)
				}
			}
		}
	}
	if _, err := b.ask(decide(t, someone("DFW"), b.source, samplePolicies), "select * from flights"); err != nil {
		t.Errorf("the source beside it: %v", err)
	}
}

func TestSync_readsTablesColumnsAndTypes(t *testing.T) {
	src, database := declared(t,
		`CREATE TYPE mood AS ENUM ('glad', 'sad')`, `CREATE DOMAIN cents AS integer CHECK (VALUE >= 0)`,
		`CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
		`CREATE TABLE everything (a smallint, b integer, c bigint, d real, e double precision, f numeric(10, 2), g text, h varchar(9), i char(5), j boolean,
			k date, l timestamp, m timestamptz, n time, o uuid, p json, q jsonb, r inet, s interval, u mood, v cents, w text COLLATE ci, y int[], z bytea)`,
		`INSERT INTO everything (g, i, m, o, p, u, v, w) VALUES ('x', 'ab', '2001-07-01 12:00+02', '00000000-0000-0000-0000-00000000000a', '{"a": 1}', 'sad', 5, 'Ada')`,
		`INSERT INTO everything (u, w) VALUES ('glad', 'ADA')`,
		`CREATE VIEW seen AS SELECT a FROM everything`, `CREATE TABLE "Odd ""name" ("Col umn" text)`, `CREATE SCHEMA other`, `CREATE TABLE other.hidden (a int)`)
	b := openSource(t, src, postgres.Options{})
	var got []string
	for _, table := range b.source.Tables {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name+" "+string(c.Type))
		}
		got = append(got, table.Name+": "+strings.Join(columns, ", "))
	}
	want := []string{
		`Odd "name: Col umn text`,
		"everything: a integer, b integer, c integer, d number, e number, f decimal, g text, h text, i text, j boolean, k date, l timestamp, m timestamp, " +
			"n text, o text, p text, q text, r text, s text, u text, v integer, w text",
		"seen: a integer",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	on := func(rows string) []oriel.Policy {
		return []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "everything"}, Rows: rows}}
	}
	for condition, want := range map[string]string{
		"w = 'Ada'": "1", "w in ('ADA', 'x')": "1", "w != 'Ada'": "1", "w not in ('ada')": "2", "w starts with 'A'": "2", "w starts with 'a'": "0",
		"u = 'sad'": "1", "u < 'sad'": "1", "i = 'ab'": "1", "v = 5": "1", "m = timestamp '2001-07-01 10:00:00'": "1", "o in ('00000000-0000-0000-0000-00000000000a')": "1",
		"o = 'no uuid'": "0", `p = '{"a": 1}'`: "1",
	} {
		for how, query := range map[string]source.Query{
			"SQL":        sqlQuery("select count(*) as n from everything"),
			"structured": {Structured: &source.StructuredQuery{Table: "everything", Limit: 10, Tree: oriel.Structured{Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}}}}},
		} {
			result, err := b.run(decide(t, someone("x"), b.source, on(condition)), query)
			if err != nil || string(result.Values[0][0]) != want {
				t.Errorf("%s, %s: %v, %v, want %s", condition, how, result.Values, err, want)
			}
		}
	}
	// The revision is that of what the tables are made of, not of what they hold.
	again, _, err := postgres.Sync(t.Context(), src, nil)
	if err != nil || again.Revision != b.source.Revision {
		t.Errorf("%s, then %s, %v", b.source.Revision, again.Revision, err)
	}
	server.Exec(t, database, `ALTER TABLE everything ADD COLUMN more text`)
	if again, _, err = postgres.Sync(t.Context(), src, nil); err != nil || again.Revision == b.source.Revision {
		t.Errorf("the revision is the same after a column was added, %v", err)
	}
}

func TestSync_readsAsTheRoleAndWarnsOfALoginThatMayWrite(t *testing.T) {
	src, database := declared(t, `CREATE TABLE t (n int)`, `CREATE TABLE hidden (n int)`)
	login, role := server.Login(t), server.Login(t)
	server.Exec(t, database, `GRANT SELECT ON t TO `+role, `GRANT `+role+` TO `+login, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	src.URL, src.Role = server.URLAs(login, database), role
	found, findings, err := postgres.Sync(t.Context(), src, nil)
	if err != nil || len(findings.Warnings) > 0 || len(found.Tables) != 1 || found.Tables[0].Name != "t" {
		t.Errorf("%v, %v, %v: want t alone and no warning", found.Tables, findings.Warnings, err)
	}
	server.Exec(t, database, `GRANT INSERT ON hidden TO `+login)
	if _, findings, err = postgres.Sync(t.Context(), src, nil); err != nil || len(findings.Warnings) != 1 || !strings.Contains(findings.Warnings[0], "may write to the table hidden") {
		t.Errorf("%v, %v", findings.Warnings, err)
	}
	src.Role = "postgres"
	if _, _, err = postgres.Sync(t.Context(), src, nil); oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(err.Error(), "permission denied to set role") {
		t.Errorf("a role that the login is no member of: %v", err)
	}
	src.URL = server.URL(database)
	if _, findings, err = postgres.Sync(t.Context(), src, nil); err != nil || len(findings.Warnings) != 1 || !strings.Contains(findings.Warnings[0], "superuser") {
		t.Errorf("%v, %v", findings.Warnings, err)
	}
}

// What is logged of a failure is its text.
func TestRun_noValueIsInTheWordsOfAFailure(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, text := range []string{"select destination::integer from flights", "select 1 / (delay_minutes - delay_minutes) from flights", "select to_date(destination, 'YYYY') from flights"} {
		_, err := b.ask(decisions, text)
		var failed *oriel.Error
		if !errors.As(err, &failed) || failed.Code != oriel.CodeQueryFailed || failed.Message != "This chart can't be shown." {
			t.Errorf("%s: %v", text, err)
		} else if words := failed.Err.Error(); !strings.HasPrefix(words, "PostgreSQL says error 22") || len(words) > 30 {
			t.Errorf("%s: %s", text, words)
		}
	}
}

func TestCheck_tellsTheAnalystWhatIsWrong(t *testing.T) {
	b := openSample(t, postgres.Options{})
	check := func(text string) error { return b.engine.Check(t.Context(), sqlQuery(text), b.source) }
	if err := check("select origin, destination::integer from flights"); err != nil {
		t.Errorf("a sound query: %v", err)
	}
	for text, part := range map[string]string{
		"select nope from flights":        "nope",
		"select 1\nfrom nowhere":          "line 2, column 6: there is no table",
		"select origin\n  fron flights x": "line 2",
		"select pg_read_file('x')":        "line 1, column 8: the function pg_read_file is not allowed",
	} {
		var refused *oriel.Error
		if err := check(text); !errors.As(err, &refused) || refused.Code != oriel.CodeQueryRefused || !strings.Contains(refused.Message, part) {
			t.Errorf("%q: %v, want %q", text, err, part)
		}
	}
}

// Whoever may save a source chooses the host: what the process has for others
// must not go there.
func TestParseURL_takesNothingOfTheProcess(t *testing.T) {
	folder := t.TempDir()
	pass := filepath.Join(folder, "pgpass")
	if err := os.WriteFile(pass, []byte("*:*:*:*:fromfile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"PGPASSWORD": "fromenv", "PGPASSFILE": pass, "PGOPTIONS": "-c search_path=evil", "PGTZ": "Asia/Tokyo", "PGPORT": "1",
		"PGSSLROOTCERT": "/nonexistent", "PGSSLMODE": "disable",
	} {
		t.Setenv(name, value)
	}
	config, err := postgres.ParseURL("postgres://ann@db.example.com/erp")
	if err != nil {
		t.Fatal(err)
	}
	c := config.ConnConfig
	if c.Password != "" || len(c.RuntimeParams) != 0 || c.Port != 5432 || c.TLSConfig == nil {
		t.Errorf("password %q, parameters %v, port %d, TLS %v", c.Password, c.RuntimeParams, c.Port, c.TLSConfig != nil)
	}
}

func TestAddress_tellsWhereAndNotHow(t *testing.T) {
	for text, want := range map[string]oriel.SourceAddress{
		"postgres://ann:s3cret@db.example.com/erp":                                   {Hosts: []string{"db.example.com:5432"}, Database: "erp", Login: "ann", SSLMode: "prefer"},
		"postgres://ann:s3cret@a:1,b:2/erp?sslmode=verify-full":                      {Hosts: []string{"a:1", "b:2"}, Database: "erp", Login: "ann", SSLMode: "verify-full"},
		"postgres://ann:s3cret@a/erp?host=/run/pg,::1&port=6":                        {Hosts: []string{"/run/pg", "[::1]:6"}, Database: "erp", Login: "ann", SSLMode: "prefer"},
		"postgres://ann@ignored:1/erp?host=meant.example.com&port=7&sslmode=disable": {Hosts: []string{"meant.example.com:7"}, Database: "erp", Login: "ann", SSLMode: "disable"},
	} {
		got, err := postgres.Address(oriel.Source{URL: text})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for text, want := range map[string]bool{
		"postgres://a@h/d": false, "postgres://a@h/d?host=/run/pg": true, "postgres://a@h/d?sslrootcert=/etc/ca.pem": true,
		"postgres://a@h/d?host=x,/run/pg": true, "postgres://a@h/d?sslkey=k&sslcert=c": true, "postgres://a@h/d?sslrootcert=system": false,
		"postgres://a@%2Frun%2Fpg/d": true, "": true, "postgres://a@h/d?host=@abstract": true,
	} {
		if got := postgres.NamesFiles(oriel.Source{URL: text}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestSync_tellsKeysAndAboutHowManyRows(t *testing.T) {
	src, database := declared(t,
		`CREATE TABLE customers (id int PRIMARY KEY, email text UNIQUE, region text, code text, UNIQUE (region, code))`,
		`CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, region text, code text, note bytea, FOREIGN KEY (code, region) REFERENCES customers (code, region))`,
		`ALTER TABLE customers ADD UNIQUE (code, region)`, `CREATE TABLE lines (order_id int REFERENCES orders, parent int)`,
		`CREATE UNIQUE INDEX ON lines (parent) WHERE parent > 0`, `CREATE UNIQUE INDEX ON lines (order_id) INCLUDE (parent)`,
		`CREATE TABLE blobs (b bytea PRIMARY KEY, n int)`, `CREATE SCHEMA other`, `CREATE TABLE other.t (c int REFERENCES customers)`,
		`INSERT INTO customers SELECT i, i::text FROM generate_series(1, 500) i`, `ANALYZE customers`)
	var told []oriel.SyncProgress
	found, findings, err := postgres.Sync(t.Context(), src, func(p oriel.SyncProgress) { told = append(told, p) })
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]oriel.SourceTable{}
	for _, table := range found.Tables {
		keys[table.Name] = oriel.SourceTable{PrimaryKey: table.PrimaryKey, UniqueKeys: table.UniqueKeys, ForeignKeys: table.ForeignKeys}
	}
	want := map[string]oriel.SourceTable{
		"customers": {PrimaryKey: []string{"id"}, UniqueKeys: [][]string{{"code", "region"}, {"email"}, {"region", "code"}}},
		"orders": {PrimaryKey: []string{"id"}, ForeignKeys: []oriel.TableForeignKey{
			{Columns: []string{"code", "region"}, Table: "customers", To: []string{"code", "region"}},
			{Columns: []string{"customer"}, Table: "customers", To: []string{"id"}}}},
		"lines": {UniqueKeys: [][]string{{"order_id"}}, ForeignKeys: []oriel.TableForeignKey{{Columns: []string{"order_id"}, Table: "orders", To: []string{"id"}}}},
		"blobs": {},
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"customers": 500}, findings.Rows); diff != "" {
		t.Error(diff)
	}
	if len(told) < 2 || told[0].Phase != oriel.SyncConnecting || told[len(told)-1] != (oriel.SyncProgress{Phase: oriel.SyncListing, Done: 4, Tables: 4}) {
		t.Errorf("told %v", told)
	}
	// A key that the login may not see both ends of is none for it.
	login := server.Login(t)
	server.Exec(t, database, `GRANT SELECT ON orders TO `+login, `GRANT SELECT (email) ON customers TO `+login)
	src.URL = server.URLAs(login, database)
	if found, _, err = postgres.Sync(t.Context(), src, nil); err != nil {
		t.Fatal(err)
	}
	for _, table := range found.Tables {
		if len(table.ForeignKeys) > 0 || table.Name == "customers" && table.PrimaryKey != nil {
			t.Errorf("%s tells of a column that the login may not read: %v", table.Name, table)
		}
	}
}

// The contract's second, for a sync whose catalog query waits for a lock.
func TestSync_endsInTheServerWhenItIsCancelled(t *testing.T) {
	src, database := declared(t, `CREATE TABLE t (n int)`)
	lock := server.Connect(t, database)
	if _, err := lock.Exec(t.Context(), `BEGIN; LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	conn := server.Connect(t, "postgres")
	running := func() (n int) {
		if err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = $1 AND application_name = 'oriel' AND state = 'active'`, database).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, _, err := postgres.Sync(ctx, src, nil); ended <- err }()
	for running() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	left := time.Now()
	leave()
	if err := <-ended; err == nil {
		t.Error("the sync ended without an error")
	}
	for running() > 0 {
		if time.Since(left) > time.Second {
			t.Fatal("the sync's query still runs a second after its end was asked for")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if took := time.Since(left); took > time.Second {
		t.Errorf("the sync ended after %s", took)
	}
}
