package httpapi_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
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

// paths fills a template in; ids that the harness declares.
func fill(template string) string {
	if strings.HasPrefix(template, "/api/v1/questions/") {
		template = strings.ReplaceAll(template, "{id}", "departures")
	}
	template = strings.ReplaceAll(template, "{id}", "operations")
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
	ask("GET", "/api/v1/dashboards", "", 200)
	ask("POST", "/api/v1/dashboards/{id}/run", `{"parameters":{"destination":["LAX"]}}`, 200)
	ask("GET", "/api/v1/dashboards/{id}/parameters/{parameter}/values", "", 200)
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
	refused := s.exchange("x")
	check(t, doc, "POST", "/api/v1/session", refused)
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

// TestOperations_refuseTheLeastPrincipalOfEachKind fails on an operation that
// is added without its refusals.
func TestOperations_refuseTheLeastPrincipalOfEachKind(t *testing.T) {
	doc, s := description(t), newSite(t)
	public := map[string]string{
		"GET /healthz":         "tells nothing but that the process is alive",
		"GET /readyz":          "tells nothing but that the server can serve",
		"GET /auth/sso":        "is how signing in begins; a foreign page is refused below",
		"POST /api/v1/session": "is how signing in goes on; a foreign page is refused below",
		"POST /auth/sso":       "is the same for SDKs of other makes; a foreign page is refused below",

		"POST /auth/sso/to_session":         "takes a host token; TestBackendSession has its refusals",
		"POST /auth/sso/continue":           "takes a nonce, on the site's own page; TestContinue has its refusals",
		"POST /api/v1/host-sessions/revoke": "takes a host's logout token; TestHostLogout has its refusals",
	}
	session, other := s.signIn("dana", "DFW"), s.signIn("gus", "DFW", func(c map[string]any) { c["groups"] = []string{} })
	ended := s.signIn("fay", "DFW")
	if r := s.as(ended, "DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Fatalf("sign-out answered %d %s", r.status, r.body)
	}
	// Without a group one may see that nothing is there, and that alone.
	nothing := map[string]bool{"GET /api/v1/session": true, "DELETE /api/v1/session": true, "GET /api/v1/questions": true, "GET /api/v1/dashboards": true}
	kinds := []struct {
		name string
		code string
		ask  func(method, path string) reply
	}{
		{"nobody", "not_authenticated", func(m, p string) reply { return s.ask(m, p, "", "Origin", origin) }},
		{"an invented token", "session_invalid", func(m, p string) reply {
			return s.as("ors_"+strings.Repeat("A", 43), m, p, "")
		}},
		{"an ended session", "session_revoked", func(m, p string) reply { return s.as(ended, m, p, "") }},
		{"a foreign page", "origin_mismatch", func(m, p string) reply {
			return s.ask(m, p, "", "Authorization", "Bearer "+session, "Origin", foreign)
		}},
		{"another allowed page", "origin_mismatch", func(m, p string) reply {
			return s.ask(m, p, "", "Authorization", "Bearer "+session, "Origin", "http://127.0.0.1:7440")
		}},
		{"no page", "origin_mismatch", func(m, p string) reply { return s.ask(m, p, "", "Authorization", "Bearer "+session) }},
		{"two tokens", "invalid_request", func(m, p string) reply { return s.as(session, m, p, "", "X-Oriel-Session", other) }},
		{"a user without a group", "not_found", func(m, p string) reply { return s.as(other, m, p, "") }},
	}
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			name := method + " " + template
			if public[name] != "" {
				continue
			}
			for _, kind := range kinds {
				if kind.code == "not_found" && nothing[name] {
					continue
				}
				r := kind.ask(method, fill(template))
				if r.code() != kind.code {
					t.Errorf("%s for %s: got %d %s, want %s", name, kind.name, r.status, r.body, kind.code)
				}
				check(t, doc, method, template, r)
			}
		}
	}
	for _, r := range []reply{
		s.ask("GET", "/auth/sso?client=sdk", "", "Origin", foreign),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", foreign),
		s.ask("POST", "/auth/sso", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", foreign),
		s.ask("POST", "/auth/sso", `{"jwt":"x"}`, "Content-Type", "application/json"),
		s.ask("GET", "/auth/sso?client=sdk&jwt=x", "", "Origin", foreign),
		s.ask("GET", "/auth/sso?client=sdk&jwt=x", ""),
		s.ask("POST", "/auth/sso/to_session", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", origin),
		s.ask("POST", "/api/v1/host-sessions/revoke", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", foreign),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", "null"),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain"),
	} {
		if r.code() != "origin_not_allowed" {
			t.Errorf("got %d %s, want origin_not_allowed", r.status, r.body)
		}
	}
	s.sleep(11 * 60 * 1e9)
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if public[method+" "+template] == "" {
				if r := s.as(session, method, fill(template), ""); r.code() != "session_expired" {
					t.Errorf("%s %s after the session's end: got %d %s", method, template, r.status, r.body)
				}
			}
		}
	}
}
