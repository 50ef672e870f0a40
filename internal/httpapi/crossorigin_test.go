package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

// cookie is the session cookie of a person who landed here.
func (s *site) cookie(sub string) string {
	s.t.Helper()
	_, embed, err := s.sessions.Authenticate(s.t.Context(), session.Presented{Token: s.signIn(sub, "DFW"), Origin: origin})
	if err != nil {
		s.t.Fatal(err)
	}
	var issued session.Issued
	err = s.store.Write(s.t.Context(), func(tx *store.Tx) (err error) {
		issued, err = s.sessions.Issue(tx, session.Grant{
			Kind: oriel.SessionInteractive, User: embed.User, Provider: embed.Provider, KeyID: embed.KeyID, KeySerial: embed.KeySerial,
		})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return "oriel_session=" + issued.Token
}

func TestCookieSession_K4readsNeedTheSitesOwnPage(t *testing.T) {
	s := newSite(t)
	cookie := s.cookie("dana")
	const (
		from, mode, dest = "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"
	)
	for name, c := range map[string]struct {
		header []string
		code   string
	}{
		"our own page":                   {[]string{from, "same-origin", mode, "cors", dest, "empty"}, ""},
		"our own page, with its Origin":  {[]string{from, "same-origin", "Origin", siteURL}, ""},
		"typed by a person":              {[]string{from, "none", mode, "navigate", dest, "document"}, ""},
		"a link of another site":         {[]string{from, "cross-site", mode, "navigate", dest, "document"}, ""},
		"a frame on another site":        {[]string{from, "cross-site", mode, "navigate", dest, "iframe"}, ""},
		"another site's fetch":           {[]string{from, "cross-site", mode, "cors", dest, "empty", "Origin", foreign}, "cross_site_request"},
		"another site's image":           {[]string{from, "cross-site", mode, "no-cors", dest, "image"}, "cross_site_request"},
		"another site's script":          {[]string{from, "cross-site", mode, "no-cors", dest, "script"}, "cross_site_request"},
		"another site's object":          {[]string{from, "cross-site", mode, "navigate", dest, "object"}, "cross_site_request"},
		"a neighbour's fetch":            {[]string{from, "same-site", mode, "cors", dest, "empty", "Origin", origin}, "cross_site_request"},
		"a browser that says nothing":    {nil, "cross_site_request"},
		"Accept alone":                   {[]string{"Accept", "text/html"}, "cross_site_request"},
		"an embedding page, same-origin": {[]string{from, "same-origin", "Origin", origin}, "cross_site_request"},
		"an unknown page, same-origin":   {[]string{from, "same-origin", "Origin", foreign}, "cross_site_request"},
		"a sandbox":                      {[]string{from, "cross-site", mode, "cors", "Origin", "null"}, "cross_site_request"},
		"a sandbox that navigates":       {[]string{from, "cross-site", mode, "navigate", dest, "document", "Origin", "null"}, "cross_site_request"},
		"a navigation with an Origin":    {[]string{from, "cross-site", mode, "navigate", dest, "document", "Origin", foreign}, "cross_site_request"},
	} {
		for _, path := range []string{"/api/v1/session", "/api/v1/questions"} {
			r := s.ask("GET", path, "", append(c.header, "Cookie", cookie)...)
			if r.code() != c.code || (c.code == "") != (r.status == 200) {
				t.Errorf("%s, %s: got %d %s, want %q", name, path, r.status, r.body, c.code)
			}
			s.unreadable(name, r)
		}
	}
}

// unreadable holds an answer to what no page of another site may read.
func (s *site) unreadable(name string, r reply) {
	s.t.Helper()
	if r.header.Get("Access-Control-Allow-Credentials") != "" {
		s.t.Errorf("%s: the answer allows credentials", name)
	}
	if r.status < 400 && r.header.Get("Access-Control-Allow-Origin") != "" {
		s.t.Errorf("%s: %s may read the answer", name, r.header.Get("Access-Control-Allow-Origin"))
	}
}

func TestCookieSession_K4changesNeedTheSitesOwnPage(t *testing.T) {
	s := newSite(t)
	cookie := s.cookie("dana")
	const from = "Sec-Fetch-Site"
	for name, c := range map[string]struct {
		header []string
		code   string
	}{
		"our own page":                    {[]string{from, "same-origin", "Origin", siteURL}, ""},
		"a form of our own page":          {[]string{from, "same-origin", "Origin", "null"}, ""},
		"an older browser":                {[]string{"Origin", siteURL}, ""},
		"another site":                    {[]string{from, "cross-site", "Origin", foreign}, "cross_site_request"},
		"another site that navigates":     {[]string{from, "cross-site", "Origin", foreign, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, "cross_site_request"},
		"another site without its Origin": {[]string{from, "cross-site"}, "cross_site_request"},
		"a neighbour":                     {[]string{from, "same-site", "Origin", origin}, "cross_site_request"},
		"an embedding page":               {[]string{from, "cross-site", "Origin", origin}, "cross_site_request"},
		"an older browser, another site":  {[]string{"Origin", foreign}, "cross_site_request"},
		"a sandbox":                       {[]string{from, "cross-site", "Origin", "null"}, "cross_site_request"},
		"a sandbox in an older browser":   {[]string{"Origin", "null"}, "cross_site_request"},
		"a neighbour's sandbox":           {[]string{from, "same-site", "Origin", "null"}, "cross_site_request"},
	} {
		r := s.ask("POST", "/api/v1/questions/departures/run", "", append(c.header, "Cookie", cookie)...)
		if r.code() != c.code || (c.code == "") != (r.status == 200) {
			t.Errorf("%s: got %d %s, want %q", name, r.status, r.body, c.code)
		}
		s.unreadable(name, r)
	}
	// Whichever handler it is for, even one that looks at no session.
	for _, c := range []struct{ method, path string }{
		{"POST", "/api/v1/session"}, {"DELETE", "/api/v1/session"}, {"PUT", "/nowhere"}, {"POST", "/auth/sso"}, {"TRACE", "/healthz"},
	} {
		r := s.ask(c.method, c.path, "", "Cookie", cookie, from, "cross-site", "Origin", foreign)
		if r.code() != "cross_site_request" {
			t.Errorf("%s %s: got %d %s", c.method, c.path, r.status, r.body)
		}
	}
	if r := s.ask("GET", "/api/v1/session", "", "Cookie", cookie, from, "same-origin"); r.status != 200 {
		t.Errorf("afterwards the session is %d %s", r.status, r.body)
	}
}

func TestCookieSession_aHeaderWins(t *testing.T) {
	s := newSite(t)
	cookie, token := s.cookie("dana"), s.signIn("erin", "DFW")
	var me httpapi.SessionInfo
	r := s.as(token, "GET", "/api/v1/session", "", "Cookie", cookie)
	if err := json.Unmarshal(r.body, &me); err != nil || r.status != 200 || me.User.Email != "erin@example.com" {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := s.as(token, "POST", "/api/v1/questions/departures/run", "", "Cookie", cookie); r.status != 200 {
		t.Errorf("a run: %d %s", r.status, r.body)
	}
	for name, header := range map[string][]string{
		"an empty header":                {"Authorization", "Bearer "},
		"a header that is no session":    {"X-Oriel-Session", "x"},
		"the cookie's token in a header": {"Authorization", "Bearer " + strings.TrimPrefix(cookie, "oriel_session=")},
	} {
		r := s.ask("GET", "/api/v1/session", "", append(header, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")...)
		if r.status != 401 {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
	r = s.ask("GET", "/api/v1/session", "", "Cookie", "oriel_session="+token, "Sec-Fetch-Site", "same-origin")
	if r.code() != "session_invalid" {
		t.Errorf("an embed session as a cookie: got %d %s", r.status, r.body)
	}
}

func TestCookieSession_signingOutEndsIt(t *testing.T) {
	s := newSite(t)
	cookie := s.cookie("dana")
	r := s.ask("DELETE", "/api/v1/session", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin", "Origin", siteURL)
	if r.status != 204 || len(r.header.Values("Set-Cookie")) != 2 {
		t.Errorf("got %d, %q", r.status, r.header.Values("Set-Cookie"))
	}
	for _, line := range r.header.Values("Set-Cookie") {
		if !strings.HasPrefix(line, "oriel_session=; Path=/; Max-Age=0; HttpOnly") {
			t.Errorf("it sets %q", line)
		}
	}
	if r := s.ask("GET", "/api/v1/session", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin"); r.code() != "session_revoked" {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
	// A session in a header leaves the cookie of the same browser alone.
	if r := s.as(s.signIn("erin", "DFW"), "DELETE", "/api/v1/session", ""); r.status != 204 || r.header.Get("Set-Cookie") != "" {
		t.Errorf("an embed session's end: %d %q", r.status, r.header.Get("Set-Cookie"))
	}
}

func TestCookieSession_behindAProxyThatEndsTLS(t *testing.T) {
	const site = "https://bi.example.com"
	s := newSite(t, func(p *parts) { p.siteURL = site })
	cookie := "__Host-" + s.cookie("dana")
	// No Sec-Fetch-Site, and the proxy has put its own name for us into Host:
	// the site's own Origin decides.
	if r := s.ask("POST", "/api/v1/questions/departures/run", "", "Cookie", cookie, "Origin", site); r.status != 200 {
		t.Errorf("our own page: %d %s", r.status, r.body)
	}
	for _, page := range []string{foreign, "http://bi.example.com", "https://bi.example.com:8443", s.server.URL} {
		if r := s.ask("POST", "/api/v1/questions/departures/run", "", "Cookie", cookie, "Origin", page); r.code() != "cross_site_request" {
			t.Errorf("%s: %d %s", page, r.status, r.body)
		}
	}
	plain := strings.TrimPrefix(cookie, "__Host-")
	if r := s.ask("GET", "/api/v1/session", "", "Cookie", plain, "Sec-Fetch-Site", "same-origin"); r.code() != "not_authenticated" {
		t.Errorf("the name for HTTP: %d %s", r.status, r.body)
	}
}
