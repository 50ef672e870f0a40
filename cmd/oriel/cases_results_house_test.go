package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// What is kept and shared of results, on the whole server over HTTP, with each
// engine.

// resultsContent is what the house has beside people: departures of airports, of
// which everybody sees their own.
const resultsContent = `
models:
  flights: {name: Flights, table: data.flights}
policies:
  - {table: data.flights, rows: "origin = user.attr.airport"}
collections: {ops: {name: Operations}}
questions:
  origins:
    name: Origins
    collection: ops
    source: data
    sql: "select origin, count(*) as n from flights where true [[ and n >= {{least}} ]] group by origin order by origin"
    parameters: {least: {type: number}}
    chart: {kind: table}
  rows:
    name: Rows
    collection: ops
    structured: {model: flights, columns: [origin, n], sort: [{by: n}]}
    chart: {kind: table}
dashboards:
  all:
    name: All
    collection: ops
    parameters: {airport: {type: list, values: {model: flights, column: origin}}}
    cards:
      - {question: origins, x: 0, y: 0, w: 12, h: 4}
      - {question: filtered, x: 12, y: 0, w: 12, h: 4, parameters: {airport: airport}}
`

// filteredQuestion takes the dashboard's filter.
const filteredQuestion = `
  filtered:
    name: Filtered
    collection: ops
    structured: {model: flights, filters: [{column: origin, op: in, parameter: airport}], aggregations: [{function: count, as: n}]}
    parameters: {airport: {type: list}}
    chart: {kind: number, y: [n]}
`

const operatorsGroup = `  operators: {name: Operators, collections: {ops: view}, sources: {data: run}, download: full}`

// resultsFile is the declaration of a house over a source.
func resultsFile(sourceText string) string {
	people := strings.Replace(caseFile, "  operators: {name: Operators}", operatorsGroup, 1)
	content := strings.Replace(resultsContent, "dashboards:\n", strings.TrimPrefix(filteredQuestion, "\n")+"dashboards:\n", 1)
	return people + "sources: {data: " + sourceText + "}" + content
}

// reaching is a real engine that counts what reaches it, and may hold it up.
type reaching struct {
	source.Engine
	runs, streams atomic.Int32
	hold          atomic.Pointer[chan struct{}]
}

func (r *reaching) Run(ctx context.Context, n source.Narrowed) (oriel.Result, error) {
	r.runs.Add(1)
	if hold := r.hold.Load(); hold != nil {
		select {
		case <-*hold:
		case <-ctx.Done():
			return oriel.Result{}, ctx.Err()
		}
	}
	return r.Engine.Run(ctx, n)
}

func (r *reaching) Stream(ctx context.Context, n source.Narrowed, take func(oriel.Result) error) error {
	r.streams.Add(1)
	return r.Engine.Stream(ctx, n, take)
}

// resultsHouse is a house with data.
type resultsHouse struct {
	*caseHouse
	engine *reaching
	source string // how the declaration writes the source
}

// duckDB gives the text of a source over a CSV file; folder is where the
// declaration will be.
func duckDB(t *testing.T, folder string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "flights.csv"), []byte("origin,n\nDFW,1\nDFW,2\nDFW,3\nORD,4\nORD,5\nLAX,6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return `{kind: duckdb, files: [flights.csv]}`
}

// postgresSource makes the same rows in a database of its own, readable by a
// login that may do no more, and gives the source's text and what it refers to.
func postgresSource(t *testing.T, server *pgserver.Server) (text, environ string) {
	t.Helper()
	database, login := server.Database(t), server.Login(t)
	reader := pgx.Identifier{login}.Sanitize()
	server.Exec(t, database, `CREATE TABLE public.flights (origin text, n bigint)`,
		`INSERT INTO public.flights VALUES ('DFW', 1), ('DFW', 2), ('DFW', 3), ('ORD', 4), ('ORD', 5), ('LAX', 6)`,
		`GRANT USAGE ON SCHEMA public TO `+reader, `GRANT SELECT ON public.flights TO `+reader)
	return `{kind: postgres, url: "${env:DATA_URL}"}`, "DATA_URL=" + server.URLAs(login, database)
}

// onEachEngine opens a house on each engine, as often as the test likes.
func onEachEngine(t *testing.T, test func(t *testing.T, open func(t *testing.T, settings ...string) *resultsHouse)) {
	t.Run("duckdb", func(t *testing.T) {
		test(t, func(t *testing.T, settings ...string) *resultsHouse {
			h := &resultsHouse{caseHouse: newCase(t, caseFile, settings...)}
			h.source = duckDB(t, h.folder)
			return h.furnish(oriel.SourceDuckDB)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		server := postgresServer(t)
		test(t, func(t *testing.T, settings ...string) *resultsHouse {
			h := &resultsHouse{caseHouse: newCase(t, caseFile, settings...)}
			text, environ := postgresSource(t, server)
			h.source, h.environ = text, append(h.environ, environ)
			return h.furnish(oriel.SourcePostgres)
		})
	})
}

func (h *resultsHouse) furnish(kind oriel.SourceKind) *resultsHouse {
	h.Helper()
	h.engine = &reaching{Engine: h.served.engines[kind]}
	h.served.engines[kind] = h.engine
	h.apply(resultsFile(h.source))
	h.comes("the content is not there", func() bool { return len(h.served.store.Declared().Questions) > 0 })
	h.engine.runs.Store(0)
	return h
}

// person signs somebody in who is at an airport, unless that is empty.
func (h *resultsHouse) person(name, airport string, more ...any) caseSession {
	h.Helper()
	c := claims("sub", name, "email", name+"@example.com", "groups", []string{"operators"})
	if airport != "" {
		c["airport"] = airport
	}
	return h.enters(signed{claims: with(c, more...)})
}

// asks sends a request of an embed.
func (h *resultsHouse) asks(s caseSession, method, path, body string) caseReply {
	h.Helper()
	headers := []string{"Authorization", "Bearer " + s.Token, "Origin", casePage}
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return h.ask(method, path, body, headers...)
}

// caseResult is a result on the wire.
type caseResult struct {
	Values   [][]any
	RowCount int     `json:"row_count"`
	CachedAt *string `json:"cached_at"`
}

// caseRun is the answer of a run.
type caseRun struct{ Result caseResult }

// runs runs a question and gives its first column, and whether it was kept.
func (h *resultsHouse) runs(s caseSession, question, body string) (first string, kept bool) {
	h.Helper()
	var answer caseRun
	r := h.asks(s, "POST", "/api/v1/questions/"+question+"/run", body)
	r.read(h.T, &answer)
	if len(answer.Result.Values) == 0 {
		h.Fatalf("the result has no columns: %s", r.body)
	}
	return fmt.Sprint(answer.Result.Values[0]), answer.Result.CachedAt != nil
}

// reached tells how many queries reached the engine since the last time.
func (h *resultsHouse) reached(want int) {
	h.Helper()
	if got := h.engine.runs.Swap(0); got != int32(want) {
		h.Errorf("%d queries reached the engine, want %d", got, want)
	}
}

// lines are those of a dashboard's stream, by card.
func (r caseReply) lines(t *testing.T) (cards map[string]caseResult, failures map[string]string) {
	t.Helper()
	cards, failures = map[string]caseResult{}, map[string]string{}
	all := strings.Split(strings.TrimSpace(r.body), "\n")
	for _, line := range all {
		var l struct {
			Type, ID string
			Result   *caseResult
			Error    *caseProblem
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
		switch {
		case l.Result != nil:
			cards[l.ID] = *l.Result
		case l.Error != nil:
			failures[l.ID] = l.Error.Code
		}
	}
	if !slices.Contains(all, `{"type":"end"}`) {
		t.Errorf("the stream has no end: %s", r.body)
	}
	return cards, failures
}
