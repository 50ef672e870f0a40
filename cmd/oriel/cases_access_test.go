package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// caseStatement is what an explanation says would run.
type caseStatement struct {
	SQL    string
	Values []struct{ Type, Value string }
}

// caseExplanation is why somebody sees what they see, on the wire.
type caseExplanation struct {
	Visible   bool
	Questions []struct {
		ID         string
		Statements []caseStatement
	}
	Tables []struct {
		Seen, Of *int
		Rows     string
		Missing  []string
	}
}

// explains asks why the person sees a thing: question or table, and its name.
func (h *resultsHouse) explains(key string, s caseSession, kind, name string) (x caseExplanation) {
	h.Helper()
	r := h.manage(key, "GET", "/api/v1/explain/access?"+url.Values{kind: {name}, "user": {s.User.ID}}.Encode(), "")
	r.read(h.T, &x)
	return x
}

// An explanation tells how many rows are seen of how many, and the very text that
// runs: on the server itself it gives what the person is given.
func TestExplain_onPostgreSQLIsWhatRuns(t *testing.T) {
	server := postgresServer(t)
	h := &resultsHouse{caseHouse: newCase(t, caseFile)}
	text, environ := postgresSource(t, server)
	h.source, h.environ = text, append(h.environ, environ)
	h.furnish(oriel.SourcePostgres)
	_, address, _ := strings.Cut(environ, "=")
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	key := h.administrator()
	for name, c := range map[string]struct {
		airport string
		seen    int
	}{"ann": {"DFW", 3}, "carl": {"ORD", 2}, "eve": {`x' OR '1'='1`, 0}, "nobody": {"", 0}} {
		person := h.person(name, c.airport)
		for kind, thing := range map[string]string{"question": "origins", "table": "data.flights"} {
			table := h.explains(key, person, kind, thing).Tables[0]
			if table.Seen == nil || table.Of == nil || *table.Seen != c.seen || *table.Of != 6 {
				t.Errorf("%s, %s: %v of %v rows", name, kind, table.Seen, table.Of)
			}
		}
		for _, question := range []string{"origins", "rows"} {
			x := h.explains(key, person, "question", question)
			if len(x.Questions) != 1 || len(x.Questions[0].Statements) != 1 {
				t.Fatalf("%s, %s: %+v", name, question, x)
			}
			statement := x.Questions[0].Statements[0]
			if !strings.Contains(statement.SQL, `"public"."flights"`) || c.airport != "" && strings.Contains(statement.SQL, "'"+c.airport) {
				t.Errorf("%s, %s: the text is %s", name, question, statement.SQL)
			}
			var arguments []any
			for _, v := range statement.Values {
				arguments = append(arguments, v.Value)
			}
			rows, err := conn.Query(t.Context(), statement.SQL, arguments...)
			if err != nil {
				t.Fatal(err)
			}
			ran, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (any, error) {
				values, err := row.Values()
				if err != nil {
					return nil, err
				}
				return values[0], nil
			})
			if err != nil {
				t.Fatalf("%s, %s: %v of %s", name, question, err, statement.SQL)
			}
			if given, _ := h.runs(person, question, ""); fmt.Sprint(ran) != given {
				t.Errorf("%s, %s: the text gives %v, and they are given %s", name, question, ran, given)
			}
		}
	}
}

// exits runs a command by itself and gives what it says, with its exit code.
func (h *resultsHouse) exits(args ...string) (said string, code int) {
	h.Helper()
	var out strings.Builder
	code = run(h.Context(), args, h.environ, strings.NewReader(""), &out, &out)
	return out.String(), code
}

const dallasTests = `
policy_tests:
  - {name: Dallas sees its own, as: {attributes: {airport: DFW}}, table: data.flights, only: "origin = 'DFW'", count: 3, columns: [origin, n]}
  - {name: so does a question, as: {attributes: {airport: ORD}, groups: [operators]}, question: rows, only: "origin = 'ORD' and n > 3", count: 2}
  - {name: nobody without an airport, as: {groups: [operators]}, model: flights, count: 0}
`

const wrongTests = `
policy_tests:
  - {name: too many, as: {attributes: {airport: DFW}}, table: data.flights, only: n < 3, count: 2}
  - {name: a question of another's, as: {attributes: {airport: ORD}, groups: [operators]}, question: rows, only: "origin = 'DFW'"}
`

// Tests of policies look into the data source itself, whichever engine it has:
// those of files, and those that are kept and guard each change.
func TestPolicyTests_lookIntoEachEngine(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		key := h.administrator()
		write := func(name, content string) string {
			t.Helper()
			path := filepath.Join(h.folder, name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		base := write("base.yaml", resultsFile(h.source))
		right, wrong := write("right.yaml", "version: 1"+dallasTests), write("wrong.yaml", "version: 1"+wrongTests)
		if said, code := h.exits("policy", "test", base, right); code != exitOK || strings.Count(said, "passed  ") != 3 {
			t.Errorf("tests that pass: %d %s", code, said)
		}
		said, code := h.exits("policy", "test", base, wrong)
		for _, part := range []string{
			"FAILED  too many", "3 rows are seen, not 2", "1 of 3 rows don't fulfil n < 3", "FAILED  a question of another's", "2 of 2 rows don't fulfil origin = 'DFW'",
		} {
			if !strings.Contains(said, part) {
				t.Errorf("%q is not in %s", part, said)
			}
		}
		if code != exitFindings {
			t.Errorf("tests that fail exit with %d: %s", code, said)
		}
		if said, code := h.exits("apply", base, wrong); code == exitOK || !strings.Contains(said, "3 rows are seen, not 2") || len(h.served.store.Declared().PolicyTests) > 0 {
			t.Errorf("applied beside tests that fail: %d %s", code, said)
		}
		if said, code := h.exits("apply", base, right); code != exitOK {
			t.Fatalf("%d %s", code, said)
		}
		h.heeds("the tests are not kept", func() bool { return len(h.served.store.Declared().PolicyTests) == 3 })
		const wider = `{"policies":[{"rows":"origin in ('DFW', 'ORD')"}]`
		r := h.manage(key, "PUT", "/api/v1/policies?table=data.flights", wider+"}")
		if r.status != 409 || !strings.Contains(r.body, "2 of 5 rows don't fulfil origin = 'DFW'") {
			t.Errorf("a change that a kept test forbids: %d %s", r.status, r.body)
		}
		if said, code := h.exits("policy", "test"); code != exitOK || strings.Count(said, "passed  ") != 3 {
			t.Errorf("kept tests that pass: %d %s", code, said)
		}
		if r := h.manage(key, "PUT", "/api/v1/policies?table=data.flights", wider+`,"without_tests":true}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if said, code := h.exits("policy", "test"); code != exitFindings || !strings.Contains(said, "5 rows are seen, not 3") {
			t.Errorf("kept tests that fail: %d %s", code, said)
		}
		var ran struct {
			Items []struct {
				Name   string
				Passed bool
			}
		}
		if r := h.manage(key, "POST", "/api/v1/policy-tests/run", ""); json.Unmarshal([]byte(r.body), &ran) != nil || len(ran.Items) != 3 || ran.Items[0].Passed {
			t.Errorf("over HTTP: %d %s", r.status, r.body)
		}
	})
}

// Quotas that a file gives a tenant hold on the server that runs, and others from
// a command on; neither waits for a restart.
func TestQuotas_ofFilesAndCommandsHoldOnTheRunningServer(t *testing.T) {
	h := &resultsHouse{caseHouse: newCase(t, caseFile)}
	h.source = duckDB(t, h.folder)
	h.furnish(oriel.SourceDuckDB)
	quotas := func() oriel.Quotas {
		acme, _ := h.served.store.Declared().Tenant("acme")
		return acme.Quotas
	}
	h.apply(resultsFile(h.source) + "tenants: {acme: {quotas: {users: 1, queries_per_minute: 1}}}\n")
	h.heeds("the file's quotas do not hold", func() bool { return quotas() == oriel.Quotas{Users: 1, QueriesPerMinute: 1} })
	ann, free := h.person("ann", "DFW", "tenant", "acme"), h.person("gus", "DFW")
	h.isRefused("user_not_provisioned", signed{claims: claims("sub", "carl", "email", "carl@example.com", "tenant", "acme")})
	ran := func(s caseSession, question string) int {
		t.Helper()
		return h.asks(s, "POST", "/api/v1/questions/"+question+"/run", "").status
	}
	if first, second, others := ran(ann, "origins"), ran(ann, "rows"), ran(free, "rows"); first != 200 || second != 429 || others != 200 {
		t.Errorf("the first query %d, the second %d, somebody else's %d", first, second, others)
	}
	h.must(nil, "tenant", "update", "acme", "--quota", "users=2")
	h.heeds("the command's quotas do not hold", func() bool { return quotas() == oriel.Quotas{Users: 2} })
	if got := ran(ann, "rows"); got != 200 {
		t.Errorf("without the quota of queries: %d", got)
	}
	h.person("carl", "DFW", "tenant", "acme")
	h.isRefused("user_not_provisioned", signed{claims: claims("sub", "dana", "email", "dana@example.com", "tenant", "acme")})
}
