package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestK1_sessionIsBoundAndEnds(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{})
	for _, origin := range []string{"http://127.0.0.1:7440", "https://evil.example", "null"} {
		if r := h.who(session.Token, "Origin", origin); r.code() != "origin_mismatch" {
			t.Errorf("from %s: %d %s", origin, r.status, r.body)
		}
	}
	if r := h.ask("GET", "/api/v1/session", "", "Authorization", "Bearer "+session.Token); r.code() != "origin_mismatch" {
		t.Errorf("without Origin: %d %s", r.status, r.body)
	}
	h.wait(10*time.Minute - time.Second)
	if r := h.who(session.Token); r.status != 200 {
		t.Errorf("a second before its end: %d %s", r.status, r.body)
	}
	h.wait(time.Second)
	if r := h.who(session.Token); r.code() != "session_expired" {
		t.Errorf("at its end: %d %s", r.status, r.body)
	}
	next := h.enters(signed{})
	if r := h.ask("DELETE", "/api/v1/session", "", "Authorization", "Bearer "+next.Token, "Origin", casePage); r.status != 204 {
		t.Fatalf("sign out: %d %s", r.status, r.body)
	}
	if r := h.who(next.Token); r.code() != "session_revoked" {
		t.Errorf("after sign-out: %d %s", r.status, r.body)
	}
}

func TestK2_revocations(t *testing.T) {
	h := newCase(t, caseFile)
	key := h.administrator()
	person := func(sub, tenant string) signed {
		s := signed{claims: claims("sub", sub, "email", sub+"@example.com", "sid", "host-"+sub)}
		if tenant != "" {
			s.claims["tenant"] = tenant
		}
		return s
	}
	listed := func(user string) string {
		h.Helper()
		var page struct{ Items []struct{ ID, User string } }
		h.manage(key, "GET", "/api/v1/sessions?user="+user, "").read(t, &page)
		if len(page.Items) != 1 {
			t.Fatalf("listed %+v", page)
		}
		return page.Items[0].ID
	}
	logout := func(c map[string]any) func(caseSession) caseReply {
		return func(caseSession) caseReply {
			token := h.sign(signed{header: claims("typ", "oriel-logout+jwt"), claims: with(c, "email", nil, "first_name", nil, "last_name", nil)})
			return h.ask("POST", "/api/v1/host-sessions/revoke", `{"jwt":"`+token+`"}`, "Content-Type", "application/json")
		}
	}
	for name, c := range map[string]struct {
		s      signed
		revoke func(caseSession) caseReply
		// early tells whether a token that was signed before is refused after.
		early bool
	}{
		"session": {person("one", ""), func(s caseSession) caseReply {
			return h.manage(key, "DELETE", "/api/v1/sessions/"+listed(s.User.ID), "")
		}, false},
		"user": {person("two", ""), func(s caseSession) caseReply {
			return h.manage(key, "DELETE", "/api/v1/users/"+s.User.ID+"/sessions", "")
		}, true},
		"tenant": {person("three", "acme"), func(caseSession) caseReply {
			return h.manage(key, "DELETE", "/api/v1/tenants/acme/sessions", "")
		}, true},
		"key": {person("four", ""), func(caseSession) caseReply {
			return h.manage(key, "DELETE", "/api/v1/providers/strict/keys/k1/sessions", "")
		}, true},
		"host by sub": {person("five", ""), logout(claims("sub", "five")), true},
		"host by sid": {person("six", ""), logout(claims("sub", nil, "sid", "host-six")), true},
	} {
		t.Run(name, func(t *testing.T) {
			session := h.enters(c.s)
			if r := h.who(session.Token); r.status != 200 {
				t.Fatalf("before: %d %s", r.status, r.body)
			}
			early := h.sign(c.s) // signed, and not yet used
			if r := c.revoke(session); r.status/100 != 2 {
				t.Fatalf("the revocation: %d %s", r.status, r.body)
			}
			if r := h.who(session.Token); r.code() != "session_revoked" {
				t.Errorf("the next request: %d %s", r.status, r.body)
			}
			want := ""
			if c.early {
				want = "token_too_old"
			}
			r := h.exchange(early)
			if r.code() != want {
				t.Errorf("a token from before: %d %s", r.status, r.body)
			}
			h.wait(time.Second)
			again := h.enters(c.s)
			if r := h.who(again.Token); r.status != 200 {
				t.Errorf("a sign-in after it: %d %s", r.status, r.body)
			}
		})
	}
	if r := h.ask("POST", "/api/v1/host-sessions/revoke", `{"jwt":"`+h.sign(signed{claims: claims("sid", "x")})+`"}`, "Content-Type", "application/json"); r.code() != "logout_request_invalid" {
		t.Errorf("a sign-in as a logout: %d %s", r.status, r.body)
	}
	h.isRefused("token_malformed", signed{header: claims("typ", "oriel-logout+jwt")})
	used := h.sign(signed{header: claims("typ", "oriel-logout+jwt"), claims: claims("sub", "nobody")})
	for i, want := range []string{"", "token_replayed"} {
		if r := h.ask("POST", "/api/v1/host-sessions/revoke", `{"jwt":"`+used+`"}`, "Content-Type", "application/json"); r.code() != want {
			t.Errorf("a logout token, time %d: %d %s", i+1, r.status, r.body)
		}
	}
	// Somebody who never signed in was logged out before their first token came.
	never := person("never", "")
	early := h.sign(never)
	if r := logout(claims("sub", "never"))(caseSession{}); r.status != 200 {
		t.Fatalf("logout of nobody: %d %s", r.status, r.body)
	}
	if r := h.exchange(early); r.code() != "token_too_old" {
		t.Errorf("a first token from before a logout: %d %s", r.status, r.body)
	}
}

// 200 tries: what another process revokes is refused here within a second.
func TestK2_revocationsOfOtherNodesHoldWithinASecond(t *testing.T) {
	h := newCase(t, caseFile)
	for range 200 {
		session := h.enters(signed{})
		if r := h.who(session.Token); r.status != 200 {
			t.Fatalf("before: %d %s", r.status, r.body)
		}
		h.must(nil, "session", "revoke", "--user", session.User.ID)
		h.heeds("a revoked session is served", func() bool { return h.who(session.Token).code() == "session_revoked" })
		h.wait(2 * time.Second)
	}
}

func TestK2_deactivatedAndDeleted(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{claims: claims("tenant", "acme")})
	if r := h.who(session.Token); r.status != 200 {
		t.Fatalf("before: %d %s", r.status, r.body)
	}
	h.must(nil, "tenant", "deactivate", "acme")
	h.heeds("a deactivated tenant's session is served", func() bool { return h.who(session.Token).code() == "tenant_deactivated" })
	h.must(nil, "tenant", "activate", "acme")
	h.heeds("a session came back with its tenant", func() bool { return h.who(session.Token).code() == "session_revoked" })
	session = h.enters(signed{claims: claims("tenant", "acme")})
	if r := h.who(session.Token); r.status != 200 {
		t.Fatalf("an active tenant's new session: %d %s", r.status, r.body)
	}
	h.must(nil, "user", "deactivate", session.User.ID)
	h.heeds("a deactivated user's session is served", func() bool { return h.who(session.Token).code() == "user_deactivated" })
	h.must(nil, "user", "activate", session.User.ID)
	h.heeds("a session came back with its user", func() bool { return h.who(session.Token).code() == "session_revoked" })
	session = h.enters(signed{claims: claims("tenant", "acme")})
	if r := h.who(session.Token); r.status != 200 {
		t.Fatalf("an active user's new session: %d %s", r.status, r.body)
	}
	h.must(nil, "key", "delete", "--provider", "strict", "--id", "k1", "--force")
	h.heeds("a session of a deleted key is served", func() bool { return h.who(session.Token).code() == "session_revoked" })
}

// adminPaths are administration endpoints with what they take.
var adminPaths = [][2]string{
	{"GET", "/api/v1/providers"}, {"POST", "/api/v1/providers"}, {"GET", "/api/v1/providers/strict"}, {"PUT", "/api/v1/providers/strict"},
	{"DELETE", "/api/v1/providers/strict"}, {"GET", "/api/v1/providers/strict/keys"}, {"POST", "/api/v1/providers/strict/keys"},
	{"POST", "/api/v1/providers/strict/keys/k1/retire"}, {"DELETE", "/api/v1/providers/strict/keys/k1"},
	{"DELETE", "/api/v1/providers/strict/keys/k1/sessions"}, {"GET", "/api/v1/origins"}, {"POST", "/api/v1/origins"},
	{"DELETE", "/api/v1/origins?origin=http://127.0.0.1:7430"}, {"GET", "/api/v1/api-keys"}, {"POST", "/api/v1/api-keys"},
	{"DELETE", "/api/v1/api-keys/key_x"}, {"POST", "/api/v1/api-keys/key_x/rotate"}, {"GET", "/api/v1/sign-ins"},
	{"DELETE", "/api/v1/users/usr_x/sessions"}, {"DELETE", "/api/v1/tenants/acme/sessions"},
}

func TestK3_noEmbedReachesAdministration(t *testing.T) {
	h := newCase(t, withSwitches("    backend_sessions: true\n"), "INTERACTIVE_EMBEDDING=true")
	session := h.enters(signed{})
	h.exec(`INSERT INTO group_members (user_id, group_key) VALUES (?, 'administrators')`, session.User.ID)
	var backend struct {
		Token string `json:"session_token"`
	}
	h.ask("POST", "/auth/sso/to_session", `{"jwt":"`+h.sign(signed{compat: true})+`"}`, "Content-Type", "application/json").read(t, &backend)
	h.canary(backend.Token)
	landed := h.land(h.sign(signed{compat: true}), "").cookie("oriel_session")
	h.canary(landed.Value)
	h.exec(`INSERT OR IGNORE INTO group_members (user_id, group_key) SELECT id, 'administrators' FROM users`)
	for _, path := range adminPaths {
		for kind, headers := range map[string][]string{
			"embed":       {"Authorization", "Bearer " + session.Token, "Origin", casePage},
			"backend":     {"Authorization", "Bearer " + backend.Token},
			"interactive": {"Cookie", "oriel_session=" + landed.Value, "Sec-Fetch-Site", "same-origin", "Origin", h.site},
		} {
			if r := h.ask(path[0], path[1], "", headers...); r.code() != "scope_denied" || r.status != 403 {
				t.Errorf("%s at %s %s: %d %s", kind, path[0], path[1], r.status, r.body)
			}
		}
		if r := h.ask(path[0], path[1], ""); r.code() != "not_authenticated" {
			t.Errorf("nobody at %s %s: %d %s", path[0], path[1], r.status, r.body)
		}
	}
}

func TestK5_aStoredRowIsNoToken(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{})
	sum := sha256.Sum256([]byte(session.Token))
	if h.count(`SELECT count(*) FROM sessions WHERE token_hash = ?`, sum[:]) != 1 {
		t.Error("the session is not stored under its token's SHA-256")
	}
	for _, stored := range []string{hex.EncodeToString(sum[:]), "ors_" + b64(sum[:]), h.text(`SELECT id FROM sessions`)} {
		if r := h.who(stored); r.code() != "session_invalid" {
			t.Errorf("%s: %d %s", stored, r.status, r.body)
		}
	}
}

func TestK6_changesHoldOnTheNextRequest(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{claims: claims("groups", []string{"operators"}, "airport", "DFW")})
	info := func() (airport, groups string) {
		h.Helper()
		var i struct {
			User struct {
				Groups     []string
				Attributes map[string]string
			}
		}
		h.who(session.Token).read(t, &i)
		return i.User.Attributes["airport"], strings.Join(i.User.Groups, ",")
	}
	if airport, groups := info(); airport != "DFW" || groups != "all-users,operators" {
		t.Fatalf("at first %s %s", airport, groups)
	}
	h.enters(signed{claims: claims("groups", []string{"planners"}, "airport", "ORD")})
	if airport, groups := info(); airport != "ORD" || groups != "all-users,planners" {
		t.Errorf("after another sign-in of the same user: %s %s", airport, groups)
	}
}

func TestSessions_ownAreListedAndEnded(t *testing.T) {
	h := newCase(t, caseFile)
	mine, second := h.enters(signed{}), h.enters(signed{})
	others := h.enters(signed{claims: claims("sub", "ann", "email", "ann@example.com")})
	list := func(token, query string) (ids []string, current int, r caseReply) {
		h.Helper()
		r = h.ask("GET", "/api/v1/sessions"+query, "", "Authorization", "Bearer "+token, "Origin", casePage)
		var page struct {
			Items []struct {
				ID, User string
				Current  bool
			}
		}
		if err := json.Unmarshal([]byte(r.body), &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			ids = append(ids, item.ID)
			if item.Current {
				current++
			}
			if item.User != mine.User.ID && token == mine.Token {
				t.Errorf("somebody else's session is listed: %+v", item)
			}
		}
		return ids, current, r
	}
	ids, current, _ := list(mine.Token, "")
	if len(ids) != 2 || current != 1 {
		t.Fatalf("listed %v, %d of them current", ids, current)
	}
	if _, _, r := list(mine.Token, "?user="+others.User.ID); r.code() != "scope_denied" {
		t.Errorf("somebody else's: %d %s", r.status, r.body)
	}
	theirs, _, _ := list(others.Token, "")
	end := func(id string) caseReply {
		h.Helper()
		return h.ask("DELETE", "/api/v1/sessions/"+id, "", "Authorization", "Bearer "+mine.Token, "Origin", casePage)
	}
	if r := end(theirs[0]); r.code() != "not_found" {
		t.Errorf("ending somebody else's: %d %s", r.status, r.body)
	}
	for _, id := range ids {
		if r := end(id); r.status != 204 && r.code() != "session_revoked" {
			t.Errorf("ending one's own: %d %s", r.status, r.body)
		}
	}
	if r := h.who(mine.Token); r.code() != "session_revoked" {
		t.Errorf("after ending it: %d %s", r.status, r.body)
	}
	if r := h.who(others.Token); r.status != 200 {
		t.Errorf("somebody else's: %d %s", r.status, r.body)
	}
	_ = second
}
