package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// nativeHouse is a house over a PostgreSQL table that the server's own row
// security narrows by the airport which Oriel tells it; Oriel's policy shares all.
func nativeHouse(t *testing.T) *resultsHouse {
	t.Helper()
	server := postgresServer(t)
	h := &resultsHouse{caseHouse: newCase(t, caseFile)}
	text, environ := postgresSource(t, server)
	_, address, _ := strings.Cut(environ, "=")
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	server.Exec(t, strings.TrimPrefix(at.Path, "/"), `ALTER TABLE public.flights ENABLE ROW LEVEL SECURITY`,
		`CREATE POLICY own ON public.flights FOR SELECT USING (origin = ANY (ARRAY(
			SELECT jsonb_array_elements_text(current_setting('oriel.attributes', true)::jsonb -> 'airport'))))`)
	h.source = strings.Replace(text, "{", "{native_security: true, ", 1)
	h.environ = append(h.environ, environ)
	return h.furnish(oriel.SourcePostgres)
}

// Whoever no policy of Oriel's narrows does not see all rows where the server
// narrows by itself: its rows of others are counted for nobody but who may do
// everything.
func TestNative_whatTheServerHidesIsCountedForNobodyElse(t *testing.T) {
	h := nativeHouse(t)
	everything := h.administrator()
	var created struct{ Secret string }
	h.must(&created, "apikey", "create", "--name", "access", "--scopes", "admin:access", "--user", "root@example.com")
	if r := h.manage(everything, "PUT", "/api/v1/policies?table=data.flights", `{"policies":[{"shared":true}]}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	ann := h.person("ann", "DFW")
	if rows, _ := h.runs(ann, "origins", ""); rows != "[DFW]" {
		t.Fatalf("ann sees %s", rows)
	}
	for key, counted := range map[string]bool{everything: true, created.Secret: false} {
		r := h.manage(key, "GET", "/api/v1/explain/access?table=data.flights&user="+ann.User.ID, "")
		if r.status != 200 || strings.Contains(r.body, `"seen":3`) != counted || strings.Contains(r.body, `"of":3`) != counted {
			t.Errorf("counted is to be %v: %d %s", counted, r.status, r.body)
		}
	}
}
