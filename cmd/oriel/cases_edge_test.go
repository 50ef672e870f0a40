package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var navigates = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}

func TestU1_returnAddressesOfTheSite(t *testing.T) {
	h := newCase(t, strings.Replace(caseFile, `origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]`, `origins: ["https://app.example.com"]`, 1),
		"SITE_URL=https://bi.example.com", "INTERACTIVE_EMBEDDING=true")
	for _, to := range []string{"/", "/x?y=1#z", "https://bi.example.com/x", "/with%20space", "/d?q=a%20b"} {
		r := h.ask("GET", "/auth/sso?jwt="+h.sign(signed{compat: true})+"&return_to="+url.QueryEscape(to), "", navigates...)
		cookie := r.cookie("__Host-oriel_session")
		if r.status != http.StatusFound || cookie == nil {
			t.Errorf("%s: %d %s", to, r.status, r.body)
			continue
		}
		h.canary(cookie.Value)
		site := &url.URL{Scheme: "https", Host: "bi.example.com", Path: "/"}
		got, err := site.Parse(r.header.Get("Location"))
		want, err2 := site.Parse(to)
		if err != nil || err2 != nil || got.String() != want.String() {
			t.Errorf("%s went to %q", to, r.header.Get("Location"))
		}
	}
}

func TestU2_otherReturnAddresses(t *testing.T) {
	h := newCase(t, strings.Replace(caseFile, `origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]`, `origins: ["https://app.example.com"]`, 1),
		"SITE_URL=https://bi.example.com", "INTERACTIVE_EMBEDDING=true")
	token := h.sign(signed{compat: true})
	for _, to := range []string{
		"http://bi.example.com/", "https://bi.example.com:8443/", "https://bi.example.com.evil.io", "https://bi.example.com@evil.io", "//evil.io",
		`/\evil.io`, "https:///evil.io", "https:evil.io", "javascript:alert(1)", "data:text/html,x", "\t//evil.io", "/%09/evil.io", "%2f%2fevil.io",
		"/%2fevil.io", "/%5cevil.io", "/..//evil.io", "/" + strings.Repeat("x", 3<<10), "/auth/sso", "/api/v1/x", "/%61uth/sso", "/x/../api/v1/x", "/a b", "/a\x00b", "/a\r\nX: y",
	} {
		for _, name := range []string{"return_to", "redirect"} {
			for _, path := range []string{"/auth/sso?jwt=" + token + "&", "/auth/sso?provider=compat&"} {
				r := h.ask("GET", path+name+"="+url.QueryEscape(to), "", navigates...)
				if r.code() != "redirect_not_allowed" || r.status != 400 {
					t.Errorf("%q as %s: %d %s", to, name, r.status, r.body)
				}
				if strings.Contains(r.body, "evil") || strings.Contains(r.body, "alert") {
					t.Errorf("%q is echoed: %s", to, r.body)
				}
			}
		}
	}
	// None of them spent the token.
	if r := h.ask("GET", "/auth/sso?jwt="+token, "", navigates...); r.status != http.StatusFound {
		t.Errorf("the token was spent: %d %s", r.status, r.body)
	} else {
		h.canary(r.cookie("__Host-oriel_session").Value)
	}
}

func TestC1_C2_originsThatAreSaved(t *testing.T) {
	h := newCase(t, caseFile)
	key := h.administrator()
	for _, entry := range []string{"https://*.example.com", "https://app.example.com:*", "https://EXAMPLE.org:443", "http://[::1]:3000", "https://xn--bcher-kva.example"} {
		if r := h.manage(key, "POST", "/api/v1/origins", `{"origin":"`+entry+`"}`); r.status != 201 {
			t.Errorf("%s: %d %s", entry, r.status, r.body)
		}
	}
	for origin, want := range map[string]bool{
		"https://a.example.com": true, "https://a.b.example.com": true, "https://example.com": false, "https://evilexample.com": false,
		"https://a.example.com.evil.io": false, "http://a.example.com": false, "https://app.example.com:8443": true, "https://a.example.com:8443": false,
		"https://example.org": true, "https://Example.ORG": true, "http://[::1]:3000": true, "http://[0:0:0:0:0:0:0:1]:3000": true, "https://xn--bcher-kva.example": true, "null": false,
	} {
		r := h.exchange(h.sign(signed{}), "Origin", origin)
		if got := r.status == 200; got != want {
			t.Errorf("%s: %d %s", origin, r.status, r.body)
		}
	}
	for _, entry := range []string{"*", "null", "https://", "example.com", "https://*", "https://*.com", "https://a.*.com", "https://a.com/x", "https://u@a.com", "https://a.com:0", "https://bücher.example", "ftp://a.com", "https://a`b.com", "https://*.1.2.3.4"} {
		r := h.manage(key, "POST", "/api/v1/origins", `{"origin":"`+entry+`"}`)
		if r.code() != "invalid_request" || len(r.problem().Fields["origin"]) < 20 {
			t.Errorf("%s: %d %s", entry, r.status, r.body)
		}
	}
}

func TestC3_loopbackOriginsInDevModeOnly(t *testing.T) {
	file := strings.Replace(caseFile, `origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]`, `origins: ["https://app.example.com"]`, 1)
	off, dev := newCase(t, file), newCase(t, file, "DEV=true")
	for _, origin := range []string{"http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:8080"} {
		if r := off.exchange(off.sign(signed{}), "Origin", origin); r.code() != "origin_not_allowed" {
			t.Errorf("%s: %d %s", origin, r.status, r.body)
		}
		var s caseSession
		dev.exchange(dev.sign(signed{}), "Origin", origin).read(t, &s)
		dev.canary(s.Token)
	}
	for _, origin := range []string{"http://localhost.evil.io", "http://127.0.0.1.evil.io", "https://evil.example", "null"} {
		if r := dev.exchange(dev.sign(signed{}), "Origin", origin); r.code() != "origin_not_allowed" {
			t.Errorf("in dev mode %s: %d %s", origin, r.status, r.body)
		}
	}
	// An explicit entry for this machine needs a site on this machine.
	public := newCase(t, file, "SITE_URL=https://bi.example.com")
	key := public.administrator()
	if r := public.manage(key, "POST", "/api/v1/origins", `{"origin":"http://localhost:3000"}`); r.code() != "invalid_request" {
		t.Errorf("a loopback entry on a public site: %d %s", r.status, r.body)
	}
	if r := dev.ask("GET", "/api/v1/session", "", "Host", "rebound.evil.io"); r.status != http.StatusMisdirectedRequest {
		t.Errorf("another Host in dev mode: %d %s", r.status, r.body)
	}
}

func TestC4_C6_whoMayReadWhat(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{})
	preflight := func(path, origin string) caseReply {
		h.Helper()
		return h.ask("OPTIONS", path, "", "Origin", origin, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
	}
	for _, c := range []struct {
		path, origin, allow string
		status              int
	}{
		{"/api/v1/questions", casePage, casePage, 204}, {"/api/v1/questions", "https://evil.example", "", 403}, {"/api/v1/questions", "null", "", 403},
		{"/api/v1/session", "https://evil.example", "*", 204}, {"/auth/sso", "https://evil.example", "*", 204},
		{"/auth/sso/to_session", "https://evil.example", "*", 204}, {"/api/v1/host-sessions/revoke", "https://evil.example", "*", 204},
	} {
		r := preflight(c.path, c.origin)
		if r.status != c.status || r.header.Get("Access-Control-Allow-Origin") != c.allow || r.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("preflight of %s from %s: %d %q", c.path, c.origin, r.status, r.header.Get("Access-Control-Allow-Origin"))
		}
		if c.allow == casePage && r.header.Get("Access-Control-Max-Age") != "7200" {
			t.Errorf("preflight of %s: %v", c.path, r.header)
		}
	}
	real := h.ask("GET", "/api/v1/questions", "", "Origin", casePage, "Authorization", "Bearer "+session.Token)
	if real.status != 200 || real.header.Get("Access-Control-Allow-Origin") != casePage || !strings.Contains(strings.Join(real.header.Values("Vary"), ","), "Origin") {
		t.Errorf("the real answer: %d %v", real.status, real.header)
	}
	if r := h.ask("GET", "/api/v1/questions", "", "Origin", "https://evil.example", "Authorization", "Bearer "+session.Token); r.status < 400 || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("content for a foreign page: %d %v", r.status, r.header)
	}
	for _, r := range []caseReply{
		h.exchange("x", "Origin", "https://evil.example"),
		h.ask("GET", "/auth/sso?client=sdk", "", "Origin", "https://evil.example"),
		h.who("ors_x", "Origin", "https://evil.example"),
	} {
		if r.status < 400 || r.header.Get("Access-Control-Allow-Origin") != "*" || r.code() == "" {
			t.Errorf("a failure of sign-in for a foreign page: %d %v %s", r.status, r.header, r.body)
		}
	}
	good := h.ask("GET", "/auth/sso?client=sdk&provider=strict", "", "Origin", casePage)
	if good.header.Get("Access-Control-Allow-Origin") != casePage || good.header.Get("Cache-Control") != "private, max-age=300" {
		t.Errorf("discovery: %v", good.header)
	}
	vary := strings.Join(good.header.Values("Vary"), ", ")
	for _, name := range []string{"Origin", "X-Oriel-Client", "X-Metabase-Client", "Sec-Fetch-Mode", "Accept"} {
		if !strings.Contains(vary, name) {
			t.Errorf("discovery's Vary %q lacks %s", vary, name)
		}
	}
	if r := h.ask("GET", "/auth/sso?provider=strict", "", "Origin", casePage, "X-Oriel-Client", "sdk"); r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("discovery by header: %v", r.header)
	}
}

func TestA1_apiKeys(t *testing.T) {
	h := newCase(t, caseFile)
	root := h.administrator()
	h.must(nil, "user", "create", "--email", "reader@example.com", "--group", "operators")
	var made struct {
		Secret string
		Key    struct{ ID string }
	}
	h.must(&made, "apikey", "create", "--name", "reader", "--scopes", "content:read", "--user", "reader@example.com", "--expires", "24h")
	h.canary(made.Secret)
	if !strings.HasPrefix(made.Secret, "ork_") || len(made.Secret) != 47 || strings.Contains(made.Secret, made.Key.ID) {
		t.Errorf("the key is %d characters, id %s", len(made.Secret), made.Key.ID)
	}
	listed := func() string { h.Helper(); return h.manage(root, "GET", "/api/v1/api-keys", "").body }
	if l := listed(); strings.Contains(l, made.Secret[4:20]) || !strings.Contains(l, made.Key.ID) {
		t.Error("the list shows the secret, or not the key")
	}
	read := func(secret string, headers ...string) caseReply {
		h.Helper()
		return h.ask("GET", "/api/v1/questions", "", append(headers, "Authorization", "Bearer "+secret)...)
	}
	if r := read(made.Secret); r.status != 200 {
		t.Errorf("content:read: %d %s", r.status, r.body)
	}
	if r := h.ask("GET", "/api/v1/questions", "", "X-API-Key", made.Secret); r.status != 200 {
		t.Errorf("in its own header: %d %s", r.status, r.body)
	}
	if !strings.Contains(listed(), "last_used") {
		t.Error("the list does not show when it was last used")
	}
	for _, path := range adminPaths {
		if r := h.ask(path[0], path[1], "", "X-API-Key", made.Secret); r.code() != "scope_denied" {
			t.Errorf("%s %s without the scope: %d %s", path[0], path[1], r.status, r.body)
		}
	}
	var next struct {
		Secret string
		Key    struct{ ID string }
	}
	h.manage(root, "POST", "/api/v1/api-keys/"+made.Key.ID+"/rotate", `{"overlap_seconds":3600}`).read(t, &next)
	h.canary(next.Secret)
	for _, secret := range []string{made.Secret, next.Secret} {
		if r := read(secret); r.status != 200 {
			t.Errorf("in the overlap: %d %s", r.status, r.body)
		}
	}
	h.wait(time.Hour)
	if r := read(made.Secret); r.code() != "api_key_expired" {
		t.Errorf("after the overlap: %d %s", r.status, r.body)
	}
	if r := read(next.Secret); r.status != 200 {
		t.Errorf("the new key: %d %s", r.status, r.body)
	}
	if r := h.manage(root, "DELETE", "/api/v1/api-keys/"+next.Key.ID, ""); r.status != 204 {
		t.Errorf("revoke: %d %s", r.status, r.body)
	}
	if r := read(next.Secret); r.code() != "api_key_invalid" {
		t.Errorf("revoked: %d %s", r.status, r.body)
	}
	for _, secret := range []string{"ork_" + strings.Repeat("A", 43), "ork_", "ork_x", next.Key.ID} {
		if r := h.ask("GET", "/api/v1/questions", "", "X-API-Key", secret); r.code() != "api_key_invalid" || r.status != 401 {
			t.Errorf("%s: %d %s", secret, r.status, r.body)
		}
	}
	// Taken out of the administrators, the user's key reaches nothing more.
	h.exec(`DELETE FROM group_members WHERE group_key = 'administrators'`)
	if r := h.manage(root, "GET", "/api/v1/providers", ""); r.code() != "scope_denied" {
		t.Errorf("the key of a former administrator: %d %s", r.status, r.body)
	}
}

func TestA2_A3_apiKeysForEmbedding(t *testing.T) {
	off, dev := newCase(t, caseFile), newCase(t, caseFile, "DEV=true")
	for _, h := range []*caseHouse{off, dev} {
		h.must(nil, "user", "create", "--email", "dev@example.com", "--group", "operators")
		var user, group struct{ Secret string }
		h.must(&user, "apikey", "create", "--name", "user", "--scopes", "embed:read,content:read", "--user", "dev@example.com")
		h.must(&group, "apikey", "create", "--name", "group", "--scopes", "embed:read,content:read", "--group", "operators")
		h.canary(user.Secret)
		h.canary(group.Secret)
		for _, key := range []string{user.Secret, group.Secret} {
			for _, path := range []string{"/api/v1/questions", "/api/v1/dashboards", "/api/v1/session"} {
				for _, origin := range []string{"http://localhost:5173", casePage, "https://evil.example", "null", h.site} {
					r := h.ask("GET", path, "", "X-API-Key", key, "Origin", origin)
					fine := h == dev && (origin == "http://localhost:5173" || origin == casePage || origin == h.site)
					if fine && r.status != 200 || !fine && r.code() != "api_key_not_for_production" {
						t.Errorf("%s from %s, dev %v: %d %s", path, origin, h == dev, r.status, r.body)
					}
				}
			}
		}
		if r := h.ask("GET", "/api/v1/questions", "", "X-API-Key", group.Secret); r.code() != "api_key_not_for_production" {
			t.Errorf("a group's key on a server, dev %v: %d %s", h == dev, r.status, r.body)
		}
		if r := h.ask("GET", "/api/v1/questions", "", "X-API-Key", user.Secret); r.status != 200 {
			t.Errorf("a user's key on a server, dev %v: %d %s", h == dev, r.status, r.body)
		}
	}
}

func TestRateLimits_garbageLocksNobodyOut(t *testing.T) {
	h := newCase(t, caseFile, "REFUSED_RATE=5", "SIGN_IN_RATE=1")
	limited := 0
	for range 30 {
		if r := h.exchange("garbage"); r.code() == "rate_limited" {
			limited++
			if r.status != 429 || r.header.Get("Retry-After") == "" {
				t.Errorf("%d %v", r.status, r.header)
			}
		}
	}
	if limited != 25 {
		t.Errorf("of 30 refused attempts %d were limited, want 25", limited)
	}
	session := h.enters(signed{})
	if r := h.who(session.Token); r.status != 200 {
		t.Errorf("a good sign-in after garbage: %d %s", r.status, r.body)
	}
	accepted := 1
	for range 30 {
		r := h.exchange(h.sign(signed{}))
		if r.status == 200 {
			accepted++
			var s caseSession
			r.read(t, &s)
			h.canary(s.Token)
		} else if r.code() != "rate_limited" {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if accepted != 10 {
		t.Errorf("of a burst %d were accepted, want 10", accepted)
	}
	h.wait(time.Second)
	h.enters(signed{})
}
