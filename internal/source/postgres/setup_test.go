package postgres_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

var (
	server  *pgserver.Server
	schemas atomic.Int64
)

func TestMain(m *testing.M) {
	os.Exit(pgserver.Main(m, func(s *pgserver.Server) { server, postgres.Server = s, s }))
}

const sampleFolder = "../../../sample"

// samplePolicies are those of the sample.
var samplePolicies = []oriel.Policy{
	{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Rows: "origin = user.attr.airport"},
	{Table: oriel.TableRef{Source: "airports", Table: "wildlife_strikes"}, Rows: "airport = user.attr.airport"},
	{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
}

// bench is an engine and a source on the tests' server.
type bench struct {
	engine *postgres.Engine
	source oriel.Source
}

// sampleFiles are the sample's, as texts.
func sampleFiles(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{"flights.csv", "airports.csv", "wildlife_strikes.csv"} {
		content, err := os.ReadFile(filepath.Join(sampleFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(content)
	}
	return files
}

func openSample(t testing.TB, options postgres.Options) bench {
	t.Helper()
	return open(t, "airports", sampleFiles(t), options)
}

// columnTypes are those of the columns of all files, which are called the same
// wherever they are the same.
var columnTypes = map[string]string{
	"id": "bigint", "n": "bigint", "m": "bigint", "k": "bigint", "x": "double precision", "d": "date", "ok": "boolean",
	"departed_at": "timestamp", "distance_miles": "bigint", "delay_minutes": "bigint", "struck_on": "date", "day": "date", "started_at": "timestamp",
	"latitude": "double precision", "longitude": "double precision", "cost_usd": "bigint", "minutes": "bigint", "cost": "double precision",
}

// loadTables puts CSV files into a schema of their own and gives its name.
func loadTables(t testing.TB, files map[string]string) string {
	t.Helper()
	ctx := context.Background()
	schema := "s" + strconv.FormatInt(schemas.Add(1), 10)
	conn := server.Connect(t, "postgres")
	run := func(text string) {
		if _, err := conn.Exec(ctx, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	run("CREATE SCHEMA " + schema)
	for name, content := range files {
		header, err := csv.NewReader(strings.NewReader(content)).Read()
		if err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, column := range header {
			kind := columnTypes[column]
			if kind == "" {
				kind = "text"
			}
			columns = append(columns, pgx.Identifier{column}.Sanitize()+" "+kind)
		}
		table := pgx.Identifier{schema, strings.TrimSuffix(name, ".csv")}.Sanitize()
		run("CREATE TABLE " + table + " (" + strings.Join(columns, ", ") + ")")
		if _, err := conn.PgConn().CopyFrom(ctx, strings.NewReader(content), "COPY "+table+" FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
			t.Fatal(err)
		}
		run("ANALYZE " + table)
	}
	if err := conn.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return schema
}

func open(t testing.TB, key string, files map[string]string, options postgres.Options) bench {
	t.Helper()
	src := oriel.Source{Key: key, Kind: oriel.SourcePostgres, URL: server.URL("postgres"), Schema: loadTables(t, files)}
	return openSource(t, src, options)
}

func openSource(t testing.TB, wanted oriel.Source, options postgres.Options) bench {
	t.Helper()
	src, _, err := postgres.Sync(context.Background(), wanted, nil)
	if err != nil {
		t.Fatalf("sync: %v", err)
	}
	engine := postgres.Open(options)
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return bench{engine: engine, source: src}
}

// someone is a principal with the attribute airport; without when it is empty.
func someone(airport string) oriel.Principal {
	user := oriel.User{ID: "usr_1", Groups: []oriel.GroupKey{"operators"}}
	if airport != "" {
		user.Attributes = oriel.Attributes{"airport": oriel.Text(airport)}
	}
	return oriel.NewPrincipal(user, oriel.SessionEmbed)
}

func decide(t testing.TB, p oriel.Principal, src oriel.Source, policies []oriel.Policy) access.Decisions {
	t.Helper()
	decisions, err := access.Decide(p, src, policies)
	if err != nil {
		t.Fatalf("decide: %v", err)
	}
	return decisions
}

// ask narrows and runs a SQL question.
func (b bench) ask(decisions access.Decisions, text string, arguments ...oriel.Scalar) (oriel.Result, error) {
	return b.run(decisions, source.Query{SQL: &source.SQLQuery{Text: text, Arguments: arguments, Limit: 2000}})
}

func (b bench) run(decisions access.Decisions, query source.Query) (oriel.Result, error) {
	ctx := context.Background()
	narrowed, err := b.engine.Narrow(ctx, query, decisions)
	if err != nil {
		return oriel.Result{}, err
	}
	return b.engine.Run(ctx, narrowed)
}

// cells are a result's values as JSON, by row.
func cells(r oriel.Result) [][]string {
	rows := make([][]string, r.RowCount)
	for i := range rows {
		for _, column := range r.Values {
			rows[i] = append(rows[i], string(column[i]))
		}
	}
	return rows
}

func sqlQuery(text string) source.Query {
	return source.Query{SQL: &source.SQLQuery{Text: text, Limit: 2000}}
}
