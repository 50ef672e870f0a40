package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"
)

var nonceField = regexp.MustCompile(`name="nonce" value="([^"]+)"`)

// asked lands as another person over a live session, and gives the nonce.
func (s *site) asked(cookie, token string, header ...string) string {
	s.t.Helper()
	if header == nil {
		header = opens
	}
	r := s.sso(with(header, "Cookie", cookie), "jwt", token, "return_to", "/dashboards/7?a=1")
	found := nonceField.FindSubmatch(r.body)
	if r.status != 200 || found == nil || r.given() != "" {
		s.t.Fatalf("nobody was asked: %d %v %s", r.status, r.header, r.body)
	}
	return string(found[1])
}

// goOn answers the page as its own form does, in a browser that says no more
// of itself than it must.
func (s *site) goOn(cookie, body string, header ...string) reply {
	s.t.Helper()
	if header == nil {
		header = []string{"Origin", "null", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	}
	return s.ask("POST", "/auth/sso/continue", body, with(header, "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")...)
}

// K7
func TestContinue_K7_asksBeforeItReplacesAnother(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	ann, token := s.landsAs("ann"), s.hostToken("bob")
	r := s.sso(with(opens, "Cookie", ann), "jwt", token, "return_to", "/dashboards/7?a=1")
	page := string(r.body)
	if r.status != 200 || r.given() != "" || s.whose(ann) != "ann@host.example" {
		t.Fatalf("got %d %v %s", r.status, r.header, page)
	}
	if !strings.Contains(page, "Continue as Bob (bob@host.example) instead of Ann (ann@host.example)?") || strings.Contains(page, "<script") ||
		strings.Contains(page, token[len(token)-20:]) || !strings.Contains(page, `href="/dashboards/7?a=1"`) {
		t.Errorf("the page is %s", page)
	}
	policy := r.header.Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	hash := sha256.Sum256([]byte(style))
	for _, want := range []string{"style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "';", "default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) || strings.Contains(policy, "script-src") {
			t.Errorf("the policy is %q", policy)
		}
	}
	if r.header.Get("Cache-Control") != "no-store" || r.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the headers are %v", r.header)
	}
	// The token waits unspent, bob is not there yet.
	nonce := nonceField.FindStringSubmatch(page)[1]
	r = s.goOn(ann, "nonce="+nonce)
	if r.status != 302 || r.header.Get("Location") != "/dashboards/7?a=1" || s.whose(r.given()) != "bob@host.example" {
		t.Fatalf("got %d %v %s", r.status, r.header, r.body)
	}
	if s.whose(ann) != "session_revoked" {
		t.Errorf("the session before is %s", s.whose(ann))
	}
	if again := s.goOn(r.given(), "nonce="+nonce); again.status != 401 || again.code() != "code_invalid" {
		t.Errorf("a second yes: %d %s", again.status, again.body)
	}
	if spent := s.post("/auth/sso", token, "Origin", origin); spent.code() != "token_replayed" {
		t.Errorf("the token is not spent: %s", spent.body)
	}
}

func TestContinue_onlyTheBrowserThatWasAskedAnswers(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	ann, cleo := s.landsAs("ann"), s.landsAs("cleo")
	yes := func() string { return "nonce=" + s.asked(ann, s.hostToken("bob")) }
	own := []string{"Origin", siteURL, "Sec-Fetch-Site", "same-origin"}
	for name, c := range map[string]struct {
		r    reply
		code string
	}{
		"another's browser":      {s.goOn(cleo, yes()), "code_invalid"},
		"a browser of nobody":    {s.goOn("", yes()), "code_invalid"},
		"a foreign page":         {s.goOn(ann, yes(), "Origin", foreign, "Sec-Fetch-Site", "cross-site"), "cross_site_request"},
		"an embedding page":      {s.goOn(ann, yes(), "Origin", origin, "Sec-Fetch-Site", "same-site"), "cross_site_request"},
		"a sandbox":              {s.goOn(ann, yes(), "Origin", "null", "Sec-Fetch-Site", "cross-site"), "cross_site_request"},
		"a foreign page, nobody": {s.goOn("", yes(), "Origin", foreign, "Sec-Fetch-Site", "cross-site"), "cross_site_request"},
		"an invented nonce":      {s.goOn(ann, "nonce="+strings.Repeat("A", 43)), "code_invalid"},
		"no nonce":               {s.goOn(ann, "x=y"), "invalid_request"},
		"two nonces":             {s.goOn(ann, yes()+"&nonce=x"), "invalid_request"},
		"JSON":                   {s.ask("POST", "/auth/sso/continue", `{"nonce":"x"}`, with(own, "Cookie", ann, "Content-Type", "application/json")...), "invalid_request"},
		"a target of its own":    {s.goOn(ann, yes()+"&return_to=//evil.io"), "invalid_request"},
	} {
		if c.r.code() != c.code || c.r.given() != "" || c.r.header.Get("Location") != "" {
			t.Errorf("%s: got %d %v %s", name, c.r.status, c.r.header, c.r.body)
		}
	}
	if s.whose(ann) != "ann@host.example" {
		t.Errorf("the browser is now %s", s.whose(ann))
	}
	// One question for each session: the older one is over.
	first, second := s.asked(ann, s.hostToken("bob")), s.asked(ann, s.hostToken("bob"))
	if r := s.goOn(ann, "nonce="+first); r.code() != "code_invalid" {
		t.Errorf("the older question: %d %s", r.status, r.body)
	}
	// A session that ended meanwhile was asked nothing.
	if r := s.ask("DELETE", "/api/v1/session", "", with(own, "Cookie", ann)...); r.status != 204 {
		t.Fatalf("%s", r.body)
	}
	if r := s.goOn(ann, "nonce="+second); r.code() != "code_invalid" {
		t.Errorf("after signing out: %d %s", r.status, r.body)
	}
}

func TestContinue_aQuestionEnds(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	ann := s.landsAs("ann")
	nonce := s.asked(ann, s.hostToken("bob", func(c map[string]any) { c["exp"] = s.clock().Unix() + 60 }))
	s.sleep(91 * time.Second)
	if r := s.goOn(ann, "nonce="+nonce); r.code() != "token_expired" || s.whose(ann) != "ann@host.example" {
		t.Errorf("with a token that ended: %d %s", r.status, r.body)
	}
	nonce = s.asked(ann, s.hostToken("bob"))
	s.sleep(5 * time.Minute)
	if r := s.goOn(ann, "nonce="+nonce); r.code() != "code_invalid" {
		t.Errorf("after five minutes: %d %s", r.status, r.body)
	}
}

// In a frame the page may be framed by the page that was let in, and no other.
func TestContinue_inAFrame(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	ann := s.landsAs("ann")
	r := s.sso(with(framed, "Referer", origin+"/x", "Cookie", ann), "jwt", s.hostToken("bob"))
	if policy := r.header.Get("Content-Security-Policy"); r.status != 200 || !strings.HasSuffix(policy, "; frame-ancestors "+origin) {
		t.Errorf("got %d, policy %q", r.status, policy)
	}
}

func TestContinue_namesAreText(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	ann := s.landsAs("ann")
	r := s.sso(with(opens, "Cookie", ann), "jwt", s.hostToken("bob", func(c map[string]any) { c["first_name"] = `<script>alert(1)</script>"'` }))
	if r.status != 200 || strings.Contains(string(r.body), "<script") {
		t.Errorf("got %d %s", r.status, r.body)
	}
}
