package httpapi_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// description is api/openapi.yaml.
func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// check holds a real answer against the description of its operation.
func check(t *testing.T, doc *openapi3.T, method, template string, r reply) {
	t.Helper()
	operation := doc.Paths.Value(template).GetOperation(method)
	described := operation.Responses.Status(r.status)
	if described == nil {
		described = operation.Responses.Default()
	}
	if described == nil {
		t.Errorf("%s %s answers %d, which the description does not know", method, template, r.status)
		return
	}
	if len(described.Value.Content) == 0 {
		if len(r.body) > 0 {
			t.Errorf("%s %s answers %d with a body, which the description does not know", method, template, r.status)
		}
		return
	}
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s %s: %v", method, template, err)
		return
	}
	content := described.Value.Content[mediaType]
	if content == nil {
		t.Errorf("%s %s answers %d as %s, which the description does not know", method, template, r.status, mediaType)
		return
	}
	documents := [][]byte{r.body}
	if mediaType == "application/x-ndjson" {
		documents = bytes.Split(bytes.TrimSuffix(r.body, []byte("\n")), []byte("\n"))
	}
	for _, document := range documents {
		var value any
		if err := json.Unmarshal(document, &value); err != nil {
			t.Errorf("%s %s: %v in %s", method, template, err, document)
			continue
		}
		if err := content.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
			t.Errorf("%s %s answers what the description does not: %v", method, template, err)
		}
	}
}

// fill puts ids into a template: those that the harness declares, and of what
// administrators make none that exists.
func fill(template string) string {
	switch {
	case template == "/api/v1/origins":
		return template + "?origin=https://none.example.com"
	case template == "/api/v1/policies":
		return template + "?table=airports.none"
	case template == "/api/v1/policy-tests":
		return template + "?name=none"
	case template == "/api/v1/explain/access":
		return template + "?user=none&table=airports.flights"
	case strings.HasPrefix(template, "/api/v1/questions/"):
		template = strings.ReplaceAll(template, "{id}", "departures")
	case strings.HasPrefix(template, "/api/v1/dashboards/"):
		template = strings.ReplaceAll(template, "{id}", "operations")
	case strings.HasPrefix(template, "/api/v1/models/"):
		template = strings.ReplaceAll(template, "{id}", "flights")
	case strings.HasPrefix(template, "/api/v1/providers/"):
		template = strings.ReplaceAll(template, "{id}", "apron")
	}
	template = strings.ReplaceAll(template, "{id}", "none")
	template = strings.ReplaceAll(template, "{kid}", "key-1")
	template = strings.ReplaceAll(template, "{group}", "operators")
	return strings.ReplaceAll(template, "{parameter}", "destination")
}

func TestDescription_realAnswersFitIt(t *testing.T) {
	doc, s := description(t), newSite(t)
	session := s.signIn("dana", "DFW")
	asked := map[string]bool{}
	ask := func(method, template, body string, want int) reply {
		t.Helper()
		asked[method+" "+template] = true
		var r reply
		switch template {
		case "/healthz", "/readyz":
			r = s.ask(method, template, "")
		case "/auth/sso":
			r = s.ask(method, template+"?client=sdk", "", "Origin", origin)
		case "/api/v1/questions/{id}/download", "/api/v1/questions/download":
			r = s.as(session, method, fill(template)+"?format=json", body)
		default:
			r = s.as(session, method, fill(template), body)
		}
		if r.status != want {
			t.Errorf("%s %s: got %d %s, want %d", method, template, r.status, r.body, want)
		}
		check(t, doc, method, template, r)
		return r
	}
	ask("GET", "/healthz", "", 200)
	ask("GET", "/readyz", "", 200)
	ask("GET", "/auth/sso", "", 200)
	ask("GET", "/api/v1/session", "", 200)
	ask("GET", "/api/v1/questions", "", 200)
	ask("GET", "/api/v1/questions/{id}", "", 200)
	ask("POST", "/api/v1/questions/{id}/run", "", 200)
	ask("POST", "/api/v1/questions/{id}/run", `{"sql":"select 1"}`, 400)
	ask("POST", "/api/v1/questions/{id}/download", "", 200)
	ask("POST", "/api/v1/questions/{id}/download", `{"sql":"select 1"}`, 400)
	ask("GET", "/api/v1/dashboards", "", 200)
	ask("GET", "/api/v1/viewable-collections", "", 200)
	ask("POST", "/api/v1/dashboards/{id}/run", `{"parameters":{"destination":["LAX"]}}`, 200)
	ask("GET", "/api/v1/dashboards/{id}/parameters/{parameter}/values", "", 200)
	const own = `{"question":{"structured":{"model":"flights","columns":["origin"]}},"chart":{"kind":"table"},"parameters":{}}`
	ask("GET", "/api/v1/models", "", 200)
	ask("GET", "/api/v1/models/{id}", "", 404)
	ask("POST", "/api/v1/questions/run", own, 403)
	s.grant("explore")
	ask("GET", "/api/v1/models", "", 200)
	ask("GET", "/api/v1/models/{id}", "", 200)
	ask("GET", "/api/v1/questions/{id}", "", 200)
	ask("POST", "/api/v1/questions/run", own, 200)
	ask("POST", "/api/v1/questions/run", `{"question":{"structured":{"model":"none"}}}`, 404)
	ask("POST", "/api/v1/questions/run", `{"question":{"source":"airports","sql":"select 1"}}`, 403)
	ask("POST", "/api/v1/questions/download", own, 200)
	exchanged := s.exchange(s.token("erin", "ORD"))
	asked["POST /api/v1/session"] = true
	check(t, doc, "POST", "/api/v1/session", exchanged)
	s.addHost()
	asked["POST /auth/sso"], asked["POST /auth/sso/to_session"], asked["POST "+revokePath] = true, true, true
	check(t, doc, "POST", "/auth/sso", s.post("/auth/sso", s.hostToken("ann"), "Origin", origin))
	check(t, doc, "GET", "/auth/sso", s.sso(nil, "jwt", s.hostToken("ann"), "token", "true"))
	check(t, doc, "POST", "/auth/sso/to_session", s.post("/auth/sso/to_session", s.hostToken("ann")))
	check(t, doc, "POST", revokePath, s.post(revokePath, s.logoutToken(map[string]any{"sid": "none"})))
	check(t, doc, "POST", revokePath, s.post(revokePath, "x"))
	asked["POST /auth/sso/continue"] = true
	check(t, doc, "POST", "/auth/sso/continue", s.goOn("", "nonce=x"))
	s.addCorp()
	asked["GET /auth/saml/{slug}/metadata"], asked["GET /auth/saml/{slug}/logout"], asked["POST /auth/saml/{slug}/logout"] = true, true, true
	check(t, doc, "GET", "/auth/saml/{slug}/logout", s.ask("GET", "/auth/saml/corp/logout?SAMLRequest=x", ""))
	check(t, doc, "POST", "/auth/saml/{slug}/logout", s.ask("POST", "/auth/saml/corp/logout", "SAMLRequest=x", "Content-Type", "application/x-www-form-urlencoded"))
	check(t, doc, "GET", "/auth/saml/{slug}/metadata", s.ask("GET", "/auth/saml/none/metadata", ""))
	asked["GET /auth/saml/{slug}/start"], asked["POST /auth/saml/{slug}/acs"] = true, true
	check(t, doc, "GET", "/auth/saml/{slug}/start", s.ask("GET", "/auth/saml/corp/start?"+popupQuery(), "", opens...))
	check(t, doc, "GET", "/auth/saml/{slug}/start", s.ask("GET", "/auth/saml/none/start", ""))
	check(t, doc, "POST", "/auth/saml/{slug}/acs", s.ask("POST", acsPath, "SAMLResponse=x", "Origin", siteURL, "Content-Type", "application/x-www-form-urlencoded"))
	refused := s.exchange("x")
	check(t, doc, "POST", "/api/v1/session", refused)
	ask("GET", "/api/v1/sessions", "", 200)
	s.administered(doc, asked)
	ask("DELETE", "/api/v1/session", "", 204)
	ask("GET", "/api/v1/session", "", 401)
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if !asked[method+" "+template] {
				t.Errorf("%s %s was not tried", method, template)
			}
		}
	}
}

// administered holds the answers of administration against the description,
// those of who may and finds nothing too.
func (s *site) administered(doc *openapi3.T, asked map[string]bool) {
	s.t.Helper()
	admin := s.admin(oriel.Scopes()...)
	made := map[string]string{}
	s.tenant("acme")
	made["user"] = string(s.person("described", "operators"))
	for _, step := range []struct {
		method, template, path, body string
		want                         int
	}{
		{"GET", "/api/v1/providers", "", "", 200},
		{"POST", "/api/v1/providers", "", body(s.t, gate(nil)), 201},
		{"POST", "/api/v1/providers", "", body(s.t, gate(nil)), 409},
		{"POST", "/api/v1/providers", "", "{}", 400},
		{"GET", "/api/v1/providers/{id}", "/api/v1/providers/apron", "", 200},
		{"GET", "/api/v1/providers/{id}", "/api/v1/providers/none", "", 404},
		{"PUT", "/api/v1/providers/{id}", "/api/v1/providers/gate", body(s.t, gate(nil)), 200},
		{"POST", "/api/v1/providers/{id}/keys", "/api/v1/providers/gate/keys", `{"kind":"hs256"}`, 201},
		{"GET", "/api/v1/providers/{id}/keys", "/api/v1/providers/apron/keys", "", 200},
		{"POST", "/api/v1/providers/{id}/keys/{kid}/retire", "/api/v1/providers/gate/keys/key-1/retire", "", 200},
		{"DELETE", "/api/v1/providers/{id}/keys/{kid}/sessions", "/api/v1/providers/gate/keys/key-1/sessions", "", 200},
		{"DELETE", "/api/v1/providers/{id}/keys/{kid}", "/api/v1/providers/gate/keys/key-1", "", 204},
		{"POST", "/api/v1/providers/{id}/trials", "/api/v1/providers/corp/trials", "", 201},
		{"POST", "/api/v1/providers/{id}/trials", "/api/v1/providers/apron/trials", "", 400},
		{"GET", "/api/v1/providers/{id}/trials/{trial}", "/api/v1/providers/corp/trials/none", "", 404},
		{"DELETE", "/api/v1/providers/{id}", "/api/v1/providers/gate", "", 204},
		{"GET", "/api/v1/origins", "", "", 200},
		{"POST", "/api/v1/origins", "", `{"origin":"https://a.example.com"}`, 201},
		{"DELETE", "/api/v1/origins", "/api/v1/origins?origin=https://a.example.com", "", 204},
		{"DELETE", "/api/v1/origins", "/api/v1/origins", "", 400},
		{"POST", "/api/v1/api-keys", "", `{"name":"n","group":"operators","scopes":["embed:read"]}`, 201},
		{"GET", "/api/v1/api-keys", "", "", 200},
		{"POST", "/api/v1/api-keys/{id}/rotate", "made", "", 201},
		{"DELETE", "/api/v1/api-keys/{id}", "made", "", 204},
		{"GET", "/api/v1/sign-ins", "", "", 200},
		{"GET", "/api/v1/sign-ins", "/api/v1/sign-ins?outcome=refused&limit=1", "", 200},
		{"GET", "/api/v1/sessions", "", "", 200},
		{"GET", "/api/v1/session", "", "", 200},
		{"DELETE", "/api/v1/sessions/{id}", "", "", 404},
		{"DELETE", "/api/v1/users/{id}/sessions", "", "", 404},
		{"DELETE", "/api/v1/tenants/{id}/sessions", "/api/v1/tenants/acme/sessions", "", 200},
		{"GET", "/api/v1/users", "", "", 200},
		{"GET", "/api/v1/users", "/api/v1/users?limit=1&provider=apron", "", 200},
		{"POST", "/api/v1/users", "", `{"email":"new@example.com","tenant":"acme","groups":["operators"]}`, 201},
		{"POST", "/api/v1/users", "", `{"email":"new@example.com"}`, 409},
		{"GET", "/api/v1/users/{id}", "user", "", 200},
		{"PATCH", "/api/v1/users/{id}", "user", `{"first_name":"Ann","attributes":{"airport":"DFW","list":["a",1]}}`, 200},
		{"PATCH", "/api/v1/users/{id}", "user", `{"tenant":"acme"}`, 400},
		{"PUT", "/api/v1/users/{id}/groups/{group}", "user", "", 204},
		{"DELETE", "/api/v1/users/{id}/groups/{group}", "user", "", 204},
		{"POST", "/api/v1/users/{id}/view-as", "user", "", 201},
		{"GET", "/api/v1/explain/access", "/api/v1/explain/access?dashboard=operations&user=" + made["user"], "", 200},
		{"GET", "/api/v1/explain/access", "/api/v1/explain/access?table=airports.flights&user=" + made["user"], "", 200},
		{"GET", "/api/v1/explain/access", "/api/v1/explain/access?question=departures", "", 400},
		{"GET", "/api/v1/explain/access", "/api/v1/explain/access?question=none&user=" + made["user"], "", 404},
		{"DELETE", "/api/v1/users/{id}", "user", "", 204},
		{"DELETE", "/api/v1/users/{id}", "user", "", 404},
		{"POST", "/api/v1/groups", "", `{"key":"desk","name":"Desk"}`, 201},
		{"GET", "/api/v1/groups", "", "", 200},
		{"PATCH", "/api/v1/groups/{id}", "/api/v1/groups/desk", `{"name":"Front desk"}`, 200},
		{"GET", "/api/v1/permissions", "", "", 200},
		{"PATCH", "/api/v1/permissions/{id}", "/api/v1/permissions/desk", `{"collections":{"operations":"view"},"sources":{"airports":"run"},"download":"limited","scopes":["admin:audit"]}`, 200},
		{"DELETE", "/api/v1/groups/{id}", "/api/v1/groups/desk", "", 204},
		{"POST", "/api/v1/tenants", "", `{"slug":"globex","attributes":{"region":"west"},"origins":["http://127.0.0.1:7430"],"quotas":{"users":5,"queries_at_once":2}}`, 201},
		{"GET", "/api/v1/tenants", "", "", 200},
		{"GET", "/api/v1/tenants/{id}", "/api/v1/tenants/globex", "", 200},
		{"PATCH", "/api/v1/tenants/{id}", "/api/v1/tenants/globex", `{"name":"Globex","origins":[]}`, 200},
		{"DELETE", "/api/v1/tenants/{id}", "/api/v1/tenants/globex", "", 204},
		{"DELETE", "/api/v1/tenants/{id}", "/api/v1/tenants/acme", "", 409},
		{"PUT", "/api/v1/policies", "/api/v1/policies?table=airports.flights", `{"policies":[{"rows":"origin = user.attr.airport"},{"columns":{"destination":"last4"},"exempt":["operators"]}],
			"tests":[{"name":"seen","as":{"attributes":{"airport":"DFW"},"tenant":"acme","groups":["operators"]},"table":"airports.flights","count":2,"columns":["departed_at","origin","destination","distance_miles","delay_minutes"],"masks":{}},
			{"name":"asked","as":{"attributes":{"airport":"DFW"},"groups":["operators"]},"question":"departures","parameters":{"destination":["LAX"]},"only":"departures = 1"}]}`, 200},
		{"PUT", "/api/v1/policies", "/api/v1/policies?table=airports.flights", `{"policies":[{"rows":"origin = 'ORD'"}]}`, 409},
		{"PUT", "/api/v1/policies", "/api/v1/policies?model=none", `{"policies":[{"rows":"origin = 'ORD'"}]}`, 404},
		{"GET", "/api/v1/policies", "", "", 200},
		{"GET", "/api/v1/policy-tests", "", "", 200},
		{"POST", "/api/v1/policy-tests/run", "", "", 200},
		{"DELETE", "/api/v1/policy-tests", "/api/v1/policy-tests?name=seen", "", 204},
		{"DELETE", "/api/v1/policy-tests", "/api/v1/policy-tests?name=seen", "", 404},
		{"DELETE", "/api/v1/policies", "/api/v1/policies?table=airports.flights&without_tests=true", "", 204},
		{"POST", "/api/v1/collections", "", `{"key":"sales","name":"Sales"}`, 201},
		{"POST", "/api/v1/collections", "", `{"key":"sales","name":"Sales"}`, 409},
		{"GET", "/api/v1/collections", "", "", 200},
		{"PATCH", "/api/v1/collections/{id}", "/api/v1/collections/sales", `{"name":"Sold"}`, 200},
		{"DELETE", "/api/v1/collections/{id}", "/api/v1/collections/sales", "", 204},
		{"DELETE", "/api/v1/collections/{id}", "/api/v1/collections/operations", "", 409},
		{"GET", "/api/v1/sources", "", "", 200},
		{"GET", "/api/v1/sources/{id}", "/api/v1/sources/airports", "", 200},
		{"GET", "/api/v1/sources/{id}", "", "", 404},
		{"POST", "/api/v1/sources", "", `{"key":"erp","kind":"postgres","url":"postgres://a:b@127.0.0.1:1/d"}`, 201},
		{"POST", "/api/v1/sources", "", `{"key":"erp","kind":"postgres","url":"postgres://a:b@127.0.0.1:1/d"}`, 409},
		{"POST", "/api/v1/sources", "", `{"key":"x","kind":"postgres"}`, 400},
		{"POST", "/api/v1/sources/test", "", `{"key":"erp","kind":"postgres"}`, 200},
		{"GET", "/api/v1/sources/{id}", "/api/v1/sources/erp", "", 200},
		{"PUT", "/api/v1/sources/{id}", "/api/v1/sources/erp", `{"kind":"postgres","schema":"s"}`, 200},
		{"GET", "/api/v1/sources/{id}/sync", "/api/v1/sources/airports/sync", "", 404},
		{"DELETE", "/api/v1/sources/{id}/sync", "/api/v1/sources/airports/sync", "", 404},
		{"POST", "/api/v1/sources/{id}/sync", "/api/v1/sources/airports/sync", "", 202},
		{"GET", "/api/v1/sources/{id}/sync", "/api/v1/sources/airports/sync", "", 200},
		{"DELETE", "/api/v1/sources/{id}", "/api/v1/sources/erp", "", 204},
		{"DELETE", "/api/v1/sources/{id}", "/api/v1/sources/airports", "", 409},
		{"GET", "/api/v1/audit", "", "", 200},
		{"GET", "/api/v1/audit", "/api/v1/audit?kind=group&limit=1", "", 200},
		{"GET", "/api/v1/audit/export", "", "", 200},
	} {
		path := step.path
		switch path {
		case "":
			path = strings.ReplaceAll(step.template, "{id}", "none")
		case "user":
			path = strings.ReplaceAll(strings.ReplaceAll(step.template, "{id}", made["user"]), "{group}", "operators")
		case "made":
			path = strings.ReplaceAll(step.template, "{id}", made["key"])
		}
		r := s.with(admin, step.method, path, step.body)
		if r.status != step.want {
			s.t.Errorf("%s %s: got %d %s, want %d", step.method, path, r.status, r.body, step.want)
		}
		check(s.t, doc, step.method, step.template, r)
		asked[step.method+" "+step.template] = true
		var answer struct{ Key struct{ ID string } }
		if json.Unmarshal(r.body, &answer) == nil && strings.HasPrefix(answer.Key.ID, "key_") {
			made["key"] = answer.Key.ID
		}
	}
}
