package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// changing is one successful change through the API, and the entries that it
// must leave: ACTION KIND, with < when it tells from what and > when it tells to
// what, and ~ when both are the user's own and kept apart.
type changing struct {
	method, template, path, body string
	entries                      string
}

// changes are one or more of each operation that changes anything.
func changes(user, second string) []changing {
	return []changing{
		{"POST", "/api/v1/providers", "", `{"slug":"gate","kind":"jwt","profile":"strict","issuer":"https://gate.example","sign_in_uri":"https://gate.example/sso"}`, "created provider >"},
		{"PUT", "/api/v1/providers/{id}", "/api/v1/providers/gate", `{"kind":"jwt","profile":"strict","issuer":"https://gate.example","sign_in_uri":"https://gate.example/other"}`, "updated provider <>"},
		{"POST", "/api/v1/providers/{id}/keys", "/api/v1/providers/gate/keys", `{"kind":"hs256","secret":"a-secret-that-no-entry-may-tell-0001"}`, "created key >"},
		{"POST", "/api/v1/providers/{id}/keys/{kid}/retire", "/api/v1/providers/gate/keys/key-1/retire", "", "updated key <>"},
		{"DELETE", "/api/v1/providers/{id}/keys/{kid}/sessions", "/api/v1/providers/gate/keys/key-1/sessions", "", "revoked sessions key"},
		{"DELETE", "/api/v1/providers/{id}/keys/{kid}", "/api/v1/providers/gate/keys/key-1", "", "deleted key <"},
		{"DELETE", "/api/v1/providers/{id}", "/api/v1/providers/gate", "", "deleted provider <"},
		{"POST", "/api/v1/origins", "", `{"origin":"https://a.example.com"}`, "updated origins <>"},
		{"DELETE", "/api/v1/origins", "/api/v1/origins?origin=https://a.example.com", "", "updated origins <>"},
		{"POST", "/api/v1/api-keys", "", `{"name":"n","group":"operators","scopes":["embed:read"]}`, "created api key >"},
		{"POST", "/api/v1/api-keys/{id}/rotate", "KEY", "", "created api key >"},
		{"DELETE", "/api/v1/api-keys/{id}", "KEY", "", "revoked api key"},
		{"POST", "/api/v1/sources", "", `{"key":"erp","kind":"postgres","url":"postgres://a:a-secret-that-no-entry-may-tell-0002@127.0.0.1:1/d"}`, "created source >, created source_url >"},
		{"PUT", "/api/v1/sources/{id}", "/api/v1/sources/erp", `{"kind":"postgres","schema":"s","url":"postgres://a:a-secret-that-no-entry-may-tell-0003@127.0.0.1:1/d"}`, "updated source <>, updated source_url <>"},
		{"DELETE", "/api/v1/sources/{id}", "/api/v1/sources/erp", "", "deleted source <"},
		{"POST", "/api/v1/groups", "", `{"key":"desk","name":"Desk"}`, "created group >"},
		{"PATCH", "/api/v1/groups/{id}", "/api/v1/groups/desk", `{"name":"Front desk"}`, "updated group <>"},
		{"PATCH", "/api/v1/permissions/{id}", "/api/v1/permissions/desk", `{"collections":{"operations":"view"},"scopes":["admin:audit"]}`, "updated group <>"},
		{"DELETE", "/api/v1/groups/{id}", "/api/v1/groups/desk", "", "deleted group <"},
		{"POST", "/api/v1/collections", "", `{"key":"sales","name":"Sales"}`, "created collection >"},
		{"PATCH", "/api/v1/collections/{id}", "/api/v1/collections/sales", `{"name":"Sold"}`, "updated collection <>"},
		{"DELETE", "/api/v1/collections/{id}", "/api/v1/collections/sales", "", "deleted collection <"},
		{"PUT", "/api/v1/policies", "/api/v1/policies?table=airports.flights", `{"policies":[{"rows":"origin = 'DFW'"}],"tests":[{"name":"t","as":{},"table":"airports.flights","count":2}]}`, "created policy_test >, updated policies <>"},
		{"PUT", "/api/v1/policies", "/api/v1/policies?table=airports.flights", `{"policies":[{"rows":"origin = 'ORD'"}],"without_tests":true}`, "updated policies <>, changed without tests policies >"},
		{"DELETE", "/api/v1/policy-tests", "/api/v1/policy-tests?name=t", "", "deleted policy_test <"},
		{"DELETE", "/api/v1/policies", "/api/v1/policies?table=airports.flights", "", "deleted policies <"},
		{"POST", "/api/v1/tenants", "", `{"slug":"globex","attributes":{"region":"west"}}`, "created tenant >"},
		{"PATCH", "/api/v1/tenants/{id}", "/api/v1/tenants/globex", `{"active":false}`, "updated tenant <>"},
		{"DELETE", "/api/v1/tenants/{id}/sessions", "/api/v1/tenants/globex/sessions", "", "revoked sessions tenant"},
		{"DELETE", "/api/v1/tenants/{id}", "/api/v1/tenants/globex", "", "deleted tenant <"},
		{"POST", "/api/v1/users", "", `{"email":"new-personal@example.com","groups":["operators"]}`, "created user ~, created membership >"},
		{"DELETE", "/api/v1/sessions/{id}", "SESSION", "", "revoked sessions session"},
		{"PATCH", "/api/v1/users/{id}", "/api/v1/users/" + user, `{"first_name":"New-Personal","attributes":{"airport":"new-personal"},"active":false}`, "updated user ~, attributes updated user ~, deactivated user"},
		{"PATCH", "/api/v1/users/{id}", "/api/v1/users/" + user, `{"active":true}`, "reactivated user"},
		{"PUT", "/api/v1/users/{id}/groups/{group}", "/api/v1/users/" + second + "/groups/operators", "", "created membership >"},
		{"DELETE", "/api/v1/users/{id}/groups/{group}", "/api/v1/users/" + second + "/groups/operators", "", "deleted membership <"},
		{"POST", "/api/v1/users/{id}/view-as", "/api/v1/users/" + second + "/view-as", "", "viewed as user >"},
		{"DELETE", "/api/v1/users/{id}/sessions", "/api/v1/users/" + user + "/sessions", "", "revoked sessions user"},
		{"DELETE", "/api/v1/users/{id}", "/api/v1/users/" + user, "", "erased user"},
	}
}

// changesNothing are the other operations with a method that could.
var changesNothing = map[string]string{
	"POST /auth/sso":                       "a sign-in, which has a record, and an entry for whom it makes",
	"POST /auth/sso/continue":              "the same",
	"POST /auth/saml/{slug}/acs":           "the same",
	"POST /auth/saml/{slug}/logout":        "the same",
	"POST /api/v1/providers/{id}/trials":   "a test, of which nothing is kept but its answer",
	"POST /auth/sso/to_session":            "the same",
	"POST /api/v1/session":                 "the same",
	"POST /api/v1/host-sessions/revoke":    "a host ends what it began",
	"DELETE /api/v1/session":               "people end their own",
	"POST /api/v1/questions/{id}/run":      "reads",
	"POST /api/v1/questions/{id}/download": "reads",
	"POST /api/v1/questions/run":           "reads",
	"POST /api/v1/questions/download":      "reads",
	"POST /api/v1/dashboards/{id}/run":     "reads",
	"POST /api/v1/policy-tests/run":        "reads",
	"POST /api/v1/sources/test":            "reads",
	"POST /api/v1/sources/{id}/test":       "reads",
	"POST /api/v1/sources/{id}/sync":       "goes on after its answer; its own tests hold it to its entry",
	"DELETE /api/v1/sources/{id}/sync":     "the same",
}

// TestAudit_eachChangeOfTheAPILeavesItsEntries: who, what, from and to, without
// a secret and without a person's values; an operation that is added fails here
// until it is said what it leaves.
func TestAudit_eachChangeOfTheAPILeavesItsEntries(t *testing.T) {
	doc, s := description(t), newSite(t)
	user, second := s.signIn("audited", "DFW"), s.person("second")
	id := s.userOf(user)
	admin := s.admin(oriel.Scopes()...)
	who := s.texts(`SELECT id FROM api_keys`)[0]
	walked, secrets := map[string]bool{}, []string{admin}
	key := ""
	for _, c := range changes(id, string(second)) {
		walked[c.method+" "+c.template] = true
		path := c.path
		switch path {
		case "":
			path = c.template
		case "KEY":
			path = strings.ReplaceAll(c.template, "{id}", key)
		case "SESSION":
			path = strings.ReplaceAll(c.template, "{id}", s.texts(`SELECT id FROM sessions WHERE ended IS NULL AND user_id = '` + id + `'`)[0])
		}
		last := s.texts(`SELECT coalesce(max(id), 0) FROM audit_entries`)[0]
		r := s.with(admin, c.method, path, c.body)
		if r.status >= 300 {
			t.Errorf("%s %s: %d %s", c.method, path, r.status, r.body)
			continue
		}
		entries := s.texts(`SELECT e.action || ' ' || e.kind ||
				CASE WHEN v.entry IS NOT NULL THEN ' ~' WHEN e.before || e.after = '' THEN '' ELSE ' ' END ||
				CASE WHEN e.before <> '' THEN '<' ELSE '' END || CASE WHEN e.after <> '' THEN '>' ELSE '' END ||
				CASE WHEN e.who <> '` + who + `' OR e.acting <> 'group administrators' OR e.key = '' OR e.at = 0 THEN ' BY ' || e.who || ' ' || e.acting || ' ' || e.key ELSE '' END
				FROM audit_entries e LEFT JOIN audit_values v ON v.entry = e.id WHERE e.id > ` + last + ` ORDER BY e.id`)
		if got := strings.Join(entries, ", "); got != c.entries {
			t.Errorf("%s %s left %q, want %q", c.method, path, got, c.entries)
		}
		for _, issued := range []string{"secret", "token"} {
			if made := between(string(r.body), `"`+issued+`":"`, `"`); made != "" {
				secrets = append(secrets, made)
			}
		}
		if made := between(string(r.body), `"id":"key_`, `"`); made != "" {
			key = "key_" + made
		}
	}
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if name := method + " " + template; method != "GET" && !walked[name] && changesNothing[name] == "" {
				t.Errorf("%s: say which entries it leaves, or why none", name)
			}
		}
	}
	kept := strings.Join(s.texts(`SELECT before || after || key FROM audit_entries`), "\n")
	if len(secrets) < 4 {
		t.Errorf("only %d secrets were told, so that little was looked for", len(secrets))
	}
	for _, secret := range append(secrets, "a-secret-that-no-entry-may-tell", "new-personal", "New-Personal", "audited@example.com") {
		if strings.Contains(kept, secret) {
			t.Errorf("the audit tells %s", secret)
		}
	}
	if left := s.texts(`SELECT before || after FROM audit_values WHERE user_id = '` + id + `'`); len(left) > 0 {
		t.Errorf("of the erased user %q is left", left)
	}
}

func between(text, from, to string) string {
	_, rest, found := strings.Cut(text, from)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, to)
	return value
}

// TestAudit_eachChangeOfADeclarationLeavesItsEntry, from what and to what.
func TestAudit_eachChangeOfADeclarationLeavesItsEntry(t *testing.T) {
	s := newSite(t)
	next := *s.store.Declared()
	next.Questions, next.Dashboards, next.Collections = slices.Clone(next.Questions), slices.Clone(next.Dashboards), slices.Clone(next.Collections)
	next.Questions[0].Name, next.Dashboards[0].Name, next.Collections[0].Name = "Q", "D", "C"
	next.Models = []oriel.Model{next.Models[0]}
	next.Models[0].Name = "M"
	next.Groups = append(slices.Clone(next.Groups), oriel.Group{Key: "new", Name: "New"})
	next.Policies = []oriel.Policy{{Table: flightsTable, Shared: true}}
	next.Tenants = []oriel.Tenant{{Slug: "globex", Name: "Globex"}}
	next.Origins = next.Origins[:1]
	next.Providers = slices.Clone(next.Providers)
	next.Providers[0].Enabled = false
	last := s.texts(`SELECT max(id) FROM audit_entries`)[0]
	made, err := s.store.Apply(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, change := range made {
		want = append(want, fmt.Sprintf("operator %s %s %s %t %t", change.Action, change.Kind, change.Key, change.Action != "created", change.Action != "deleted"))
	}
	got := s.texts(`SELECT who || ' ' || action || ' ' || kind || ' ' || key || ' ' || iif(before <> '', 'true', 'false') || ' ' || iif(after <> '', 'true', 'false')
		FROM audit_entries WHERE id > ` + last + ` ORDER BY id`)
	if !slices.Equal(got, want) || len(want) != 9 {
		t.Errorf("entries %q, want %q", got, want)
	}
}
