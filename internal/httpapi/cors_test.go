package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func vary(r reply) string { return strings.Join(r.header.Values("Vary"), ", ") }

func TestCORS_signInFailuresAreReadableEverywhere(t *testing.T) {
	s := newSite(t)
	for _, page := range []string{origin, foreign, "null", "https://evil.example"} {
		for name, r := range map[string]reply{
			"a bad token":      s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", page),
			"a broken body":    s.ask("POST", "/api/v1/session", `{`, "Content-Type", "text/plain", "Origin", page),
			"nobody signed in": s.ask("GET", "/api/v1/session", "", "Origin", page),
			"a wrong method":   s.ask("PUT", "/api/v1/session", "", "Origin", page),
			"an odd query":     s.ask("GET", "/auth/sso?client=sdk&provider=a&provider=b", "", "Origin", page),
			"no such provider": s.ask("GET", "/auth/sso?client=sdk&provider=none", "", "Origin", page),
			"no such page":     s.ask("GET", "/auth/none", "", "Origin", page),
		} {
			if r.status < 400 || r.header.Get("Access-Control-Allow-Origin") != "*" || r.code() == "" {
				t.Errorf("%s from %s: %d, allow origin %q, %s", name, page, r.status, r.header.Get("Access-Control-Allow-Origin"), r.body)
			}
		}
	}
}

func TestCORS_signInSuccessesAreReadableByTheAllowedOriginAlone(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for name, r := range map[string]reply{
		"exchange":  s.exchange(s.token("erin", "DFW")),
		"discovery": s.ask("GET", "/auth/sso?client=sdk", "", "Origin", origin),
		"who am I":  s.as(session, "GET", "/api/v1/session", ""),
	} {
		if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != origin || !strings.Contains(vary(r), "Origin") {
			t.Errorf("%s: %d, allow origin %q, vary %q", name, r.status, r.header.Get("Access-Control-Allow-Origin"), vary(r))
		}
	}
	if r := s.ask("GET", "/auth/sso?client=sdk", ""); r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("discovery without Origin: %d, allow origin %q", r.status, r.header.Get("Access-Control-Allow-Origin"))
	}
}

func TestCORS_preflightsOfSignInAreAnsweredForAll(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/api/v1/session", "/auth/sso"} {
		for _, page := range []string{origin, foreign, "null"} {
			r := s.ask("OPTIONS", path, "", "Origin", page, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
			if r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s from %s: %d %v", path, page, r.status, r.header)
			}
		}
	}
}

func TestCORS_preflightAndAnswerOfContentAgree(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for page, allowed := range map[string]bool{
		origin: true, "http://127.0.0.1:7440": true, foreign: false, "null": false,
		"http://127.0.0.1:7430.evil.example": false, "http://127.0.0.1:7430/": false, "http://127.0.0.1:7430`": false,
	} {
		before := s.ask("OPTIONS", "/api/v1/questions/departures/run", "", "Origin", page,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
		after := s.ask("POST", "/api/v1/questions/departures/run", "", "Origin", page, "Authorization", "Bearer "+session)
		want := ""
		if allowed {
			want = page
		}
		for name, r := range map[string]reply{"preflight": before, "answer": after} {
			if r.header.Get("Access-Control-Allow-Origin") != want || !strings.Contains(vary(r), "Origin") || r.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s for %s: allow origin %q, vary %q", name, page, r.header.Get("Access-Control-Allow-Origin"), vary(r))
			}
		}
		if allowed != (before.status == 204) {
			t.Errorf("preflight for %s answers %d", page, before.status)
		}
		if !allowed {
			continue
		}
		if before.header.Get("Access-Control-Max-Age") != "7200" || !strings.Contains(before.header.Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("the preflight lacks something: %v", before.header)
		}
		if !strings.Contains(after.header.Get("Access-Control-Expose-Headers"), "Retry-After") {
			t.Errorf("the answer exposes %q", after.header.Get("Access-Control-Expose-Headers"))
		}
	}
}

// Whatever an embed's session may ask, its page may; what administers no page may.
func TestCORS_allContentIsForPages(t *testing.T) {
	s := newSite(t)
	asks := func(method, path string) int {
		return s.ask("OPTIONS", path, "", "Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization").status
	}
	for path, method := range map[string]string{
		"/api/v1/questions": "GET", "/api/v1/questions/departures": "GET", "/api/v1/questions/departures/run": "POST", "/api/v1/questions/departures/download": "POST",
		"/api/v1/questions/run": "POST", "/api/v1/questions/download": "POST", "/api/v1/models": "GET", "/api/v1/models/flights": "GET",
		"/api/v1/dashboards": "GET", "/api/v1/dashboards/operations/run": "POST", "/api/v1/dashboards/operations/parameters/destination/values": "GET",
		"/api/v1/viewable-collections": "GET", "/api/v1/sessions": "GET", "/api/v1/sessions/ses_1": "DELETE",
	} {
		if got := asks(method, path); got != 204 {
			t.Errorf("%s %s: a preflight is answered with %d", method, path, got)
		}
	}
	for _, path := range []string{"/api/v1/users", "/api/v1/sources", "/api/v1/audit", "/api/v1/api-keys", "/api/v1/collections", "/api/v1/modelsx", "/healthz"} {
		if got := asks("GET", path); got == 204 {
			t.Errorf("%s: a page of another origin may read it", path)
		}
	}
}

func TestCORS_twoOriginsAreRefused(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for _, r := range []reply{
		s.ask("GET", "/api/v1/questions", "", "Authorization", "Bearer "+session, "Origin", origin, "Origin", foreign),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", origin, "Origin", foreign),
	} {
		if r.code() != "invalid_request" {
			t.Errorf("got %d %s, want invalid_request", r.status, r.body)
		}
	}
}

func TestAnswers_carryTheSecurityHeaders(t *testing.T) {
	s := newSite(t)
	secure := newSite(t, func(p *parts) { p.siteURL = "https://bi.example.com" })
	for _, path := range []string{"/healthz", "/nowhere", "/auth/sso", "/api/v1/questions"} {
		for _, on := range []*site{s, secure} {
			r := on.ask("GET", path, "")
			for name, want := range map[string]string{
				"X-Content-Type-Options":  "nosniff",
				"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
				"Referrer-Policy":         "no-referrer",
				"Cache-Control":           "no-store",
			} {
				if got := r.header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
			if r.header.Get("Set-Cookie") != "" {
				t.Errorf("%s sets a cookie", path)
			}
			if (r.header.Get("Strict-Transport-Security") != "") != (on == secure) {
				t.Errorf("%s: Strict-Transport-Security is %q", path, r.header.Get("Strict-Transport-Security"))
			}
		}
	}
}

func TestRoutes_unknownIsAProblemToo(t *testing.T) {
	s := newSite(t)
	cases := []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"POST", "/", 405, "invalid_request", "GET"},
		{"GET", "/index.html", 404, "not_found", ""},
		{"GET", "/api/v1/none", 404, "not_found", ""},
		{"GET", "/api//v1/session", 404, "not_found", ""},
		{"GET", "/api/v1/../v1/session", 404, "not_found", ""},
		{"GET", "//evil.example/healthz", 404, "not_found", ""},
		{"GET", "/healthz/", 404, "not_found", ""},
		{"PUT", "/api/v1/session", 405, "invalid_request", "GET, POST, DELETE"},
		{"PATCH", "/api/v1/providers/apron", 405, "invalid_request", "GET, PUT, DELETE"},
		{"GET", "/api/v1/questions/x/run", 405, "invalid_request", "POST"},
		{"POST", "/api/v1/questions", 405, "invalid_request", "GET"},
		{"OPTIONS", "/api/v1/questions", 405, "invalid_request", "GET"},
		{"TRACE", "/api/v1/questions", 405, "invalid_request", "GET"},
	}
	for _, c := range cases {
		r := s.ask(c.method, c.path, "")
		if r.status != c.status || r.code() != c.code || r.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: got %d %q %s", c.method, c.path, r.status, r.header.Get("Allow"), r.body)
		}
		if r.header.Get("Location") != "" {
			t.Errorf("%s %s redirects to %q", c.method, c.path, r.header.Get("Location"))
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), "GET", s.server.URL+"/auth/sso?client=sdk", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "evil.example"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != 200 {
		t.Errorf("another Host header changes the answer to %d", response.StatusCode)
	}
}
