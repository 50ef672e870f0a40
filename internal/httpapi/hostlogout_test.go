package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// logoutToken is the host's, of whom the claims name.
func (s *site) logoutToken(claims map[string]any) string {
	s.t.Helper()
	s.mu.Lock()
	s.tokens++
	all := map[string]any{"n": s.tokens, "iat": s.now.Unix(), "exp": s.now.Unix() + 60}
	s.mu.Unlock()
	for name, value := range claims {
		all[name] = value
	}
	return signHost(s.t, "oriel-logout+jwt", all)
}

const revokePath = "/api/v1/host-sessions/revoke"

// K2
func TestHostLogout_K2_endsWhatItNames(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	sid := func(id string) func(map[string]any) { return func(c map[string]any) { c["sid"] = id } }
	embed := func(who, id string) string {
		return s.post("/auth/sso", s.hostToken(who, sid(id)), "Origin", origin).compat(t).ID
	}
	one, two, other := embed("ann", "s1"), embed("ann", "s2"), embed("bob", "s3")
	cookie := s.landsAs("ann")
	early := s.hostToken("ann", sid("s1"))
	r := s.post(revokePath, s.logoutToken(map[string]any{"sid": "s1"}))
	if r.status != 200 || string(r.body) != `{"sessions":1}` {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	for token, want := range map[string]oriel.Code{one: oriel.CodeSessionRevoked, two: "", other: ""} {
		if _, code := s.sessionOf(token, origin); code != want {
			t.Errorf("after the logout of s1: got %q, want %q", code, want)
		}
	}
	// A token that was signed before it makes no session after it.
	if r := s.post("/auth/sso", early, "Origin", origin); r.code() != "token_too_old" {
		t.Errorf("an earlier token: %d %s", r.status, r.body)
	}
	if r := s.post(revokePath, s.logoutToken(map[string]any{"email": "ANN@host.example"})); string(r.body) != `{"sessions":2}` {
		t.Errorf("by e-mail: %d %s", r.status, r.body)
	}
	if _, code := s.sessionOf(two, origin); code != oriel.CodeSessionRevoked || s.whose(cookie) != "session_revoked" {
		t.Errorf("got %s and %s", code, s.whose(cookie))
	}
	if _, code := s.sessionOf(other, origin); code != "" {
		t.Errorf("somebody else's session: %s", code)
	}
	s.sleep(time.Second)
	embed("ann", "s4")
}

func TestHostLogout_refusals(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	live := s.post("/auth/sso", s.hostToken("ann"), "Origin", origin).compat(t).ID
	good := s.logoutToken(map[string]any{"email": "ann@host.example"})
	for name, c := range map[string]struct {
		r      reply
		status int
		code   string
	}{
		"a sign-in":           {s.post(revokePath, s.hostToken("ann")), 403, "logout_request_invalid"},
		"nobody":              {s.post(revokePath, s.logoutToken(nil)), 403, "logout_request_invalid"},
		"forged":              {s.post(revokePath, good[:len(good)-8]+"AAAAAAAA"), 401, "token_signature"},
		"expired":             {s.post(revokePath, s.logoutToken(map[string]any{"email": "ann@host.example", "exp": s.clock().Unix() - 31})), 401, "token_expired"},
		"garbage":             {s.post(revokePath, "garbage"), 401, "token_malformed"},
		"a foreign page":      {s.post(revokePath, good, "Origin", foreign), 403, "origin_not_allowed"},
		"blank":               {s.post(revokePath, ""), 400, "invalid_request"},
		"a query":             {s.post(revokePath+"?provider=host", good), 400, "invalid_request"},
		"a form":              {s.ask("POST", revokePath, "jwt="+good, "Content-Type", "application/x-www-form-urlencoded"), 400, "invalid_request"},
		"unknown provider":    {s.ask("POST", revokePath, `{"jwt":"`+good+`","provider":"none"}`, "Content-Type", "application/json"), 400, "provider_unknown"},
		"a logout, exchanged": {s.post("/auth/sso", good, "Origin", origin), 401, "token_malformed"},
		"a logout, landing":   {s.sso(opens, "jwt", good), 401, "token_malformed"},
		"a logout, backend":   {s.post("/auth/sso/to_session", good), 401, "token_malformed"},
		"a logout, legacy":    {s.sso(nil, "jwt", good, "token", "true"), 401, "token_malformed"},
	} {
		if c.r.status != c.status || c.r.code() != c.code || strings.Contains(string(c.r.body), "ann@") {
			t.Errorf("%s: got %d %s, want %s", name, c.r.status, c.r.body, c.code)
		}
	}
	if _, code := s.sessionOf(live, origin); code != "" {
		t.Fatalf("one of them ended a session: %s", code)
	}
	if r := s.post(revokePath, good); r.status != 200 || string(r.body) != `{"sessions":1}` {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if r := s.post(revokePath, good); r.code() != "token_replayed" {
		t.Errorf("a second time: %d %s", r.status, r.body)
	}
}
