package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// What a running server costs while somebody reads a lot, and once they have
// gone, on the process as it is in production.

// wordsContent has questions of very many rows and of very much work over a
// table of a thousand.
const wordsContent = `
policies:
  - {table: data.words, shared: true}
collections: {ops: {name: Operations}}
questions:
  million:
    name: Million
    collection: ops
    source: data
    sql: "select a.id, a.word || b.word as both from words a, words b"
    chart: {kind: table}
  endless:
    name: Endless
    collection: ops
    source: data
    sql: "select count(*) as c from words a, words b, words c, words d where a.id + b.id + c.id + d.id < 0"
    chart: {kind: table}
dashboards:
  all:
    name: All
    collection: ops
    cards:
      - {question: endless, x: 0, y: 0, w: 12, h: 4}
`

func words(row func(id int, word string) string) string {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(row(i, fmt.Sprintf("%d %s", i, strings.Repeat("word", 25))))
	}
	return b.String()
}

// wordsHouse is a node over the words.
type wordsHouse struct {
	*caseHouse
	node *node
	// idle tells whether the engine does nothing any more.
	idle func() bool
}

func onEachWords(t *testing.T, settings []string, test func(t *testing.T, h *wordsHouse)) {
	open := func(t *testing.T, source func(h *wordsHouse) string) *wordsHouse {
		t.Helper()
		h := &wordsHouse{caseHouse: newCase(t, caseFile)}
		people := strings.Replace(caseFile, "  operators: {name: Operators}", operatorsGroup, 1)
		text := source(h)
		h.apply(people + "sources: {data: " + text + "}" + wordsContent)
		h.node = startNode(t, append(h.environ, settings...))
		return h
	}
	t.Run("duckdb", func(t *testing.T) {
		h := open(t, func(h *wordsHouse) string {
			content := "id,word\n" + words(func(id int, word string) string { return fmt.Sprintf("%d,%s\n", id, word) })
			if err := os.WriteFile(filepath.Join(h.folder, "words.csv"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return `{kind: duckdb, files: [words.csv]}`
		})
		h.idle = func() bool {
			// A tenth of one processor is what the server needs to look at its store.
			before := h.node.cpu()
			time.Sleep(200 * time.Millisecond)
			return h.node.cpu()-before <= 20*time.Millisecond
		}
		test(t, h)
	})
	t.Run("postgres", func(t *testing.T) {
		server := postgresServer(t)
		var login string
		h := open(t, func(h *wordsHouse) string {
			var environ string
			login, environ = wordsOn(t, server)
			h.environ = append(h.environ, environ)
			return `{kind: postgres, url: "${env:DATA_URL}"}`
		})
		watch := server.Connect(t, "postgres")
		h.idle = func() bool {
			var active int
			if err := watch.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state <> 'idle'`, login).Scan(&active); err != nil {
				t.Fatal(err)
			}
			return active == 0
		}
		test(t, h)
	})
}

func wordsOn(t *testing.T, server *pgserver.Server) (login, environ string) {
	t.Helper()
	database := server.Database(t)
	login = server.Login(t)
	reader := pgx.Identifier{login}.Sanitize()
	rows := words(func(id int, word string) string { return fmt.Sprintf(",(%d,'%s')", id, word) })
	server.Exec(t, database, `CREATE TABLE public.words (id bigint, word text)`, `INSERT INTO public.words VALUES `+rows[1:],
		`GRANT USAGE ON SCHEMA public TO `+reader, `GRANT SELECT ON public.words TO `+reader)
	return login, "DATA_URL=" + server.URLAs(login, database)
}

// cpu is the time that the node's process has had of processors.
func (n *node) cpu() time.Duration {
	n.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(n.process.Process.Pid) + "/stat")
	if err != nil {
		n.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	ticks := 0
	for _, at := range []int{11, 12} { // utime and stime, proc(5)
		count, err := strconv.Atoi(fields[at])
		if err != nil {
			n.Fatal(err)
		}
		ticks += count
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// begin sends a request to the node; leaving closes its connection.
func (h *wordsHouse) begin(s caseSession, method, path string) (response <-chan *http.Response, leave func()) {
	h.Helper()
	ctx, cancel := context.WithCancel(h.Context())
	request, err := http.NewRequestWithContext(ctx, method, h.node.address+path, http.NoBody)
	if err != nil {
		h.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	request.Header.Set("Origin", casePage)
	request.Close = true
	answers := make(chan *http.Response, 1)
	go func() {
		defer close(answers)
		if r, err := http.DefaultClient.Do(request); err == nil {
			answers <- r
		}
	}()
	return answers, cancel
}

// A query that would take more than a minute ends in the engine within a second
// of its client's leaving, whatever asked for it.
func TestLeaving_endsTheQueryInTheEngine(t *testing.T) {
	onEachWords(t, nil, func(t *testing.T, h *wordsHouse) {
		ann := h.enters(signed{claims: claims("groups", []string{"operators"})})
		for _, path := range []string{
			"/api/v1/questions/endless/run", "/api/v1/dashboards/all/run", "/api/v1/questions/endless/download?format=csv", "/api/v1/questions/million/download?format=json",
		} {
			h.comes("the engine is busy before "+path, h.idle)
			answers, leave := h.begin(ann, "POST", path)
			h.comes("the query of "+path+" is not under way", func() bool { return !h.idle() })
			left := time.Now()
			leave()
			h.heeds("the query of "+path+" is not at its end", h.idle)
			t.Logf("%s: idle %s after the client left", path, time.Since(left).Round(time.Millisecond))
			for r := range answers {
				_ = r.Body.Close()
			}
		}
	})
}
