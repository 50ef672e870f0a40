package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestJ1_providerThatIsNotSetUp(t *testing.T) {
	for name, c := range map[string]struct {
		find, put string
	}{
		"off":          {"kind: jwt\n    issuer", "kind: jwt\n    enabled: false\n    issuer"},
		"without keys": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newCase(t, strings.Replace(caseFile, c.find, c.put, 1))
			if c.find == "" {
				h.must(nil, "key", "delete", "--provider", "strict", "--id", "k1")
				time.Sleep(300 * time.Millisecond)
			}
			h.refusedAndNothingWritten("sso_not_configured", func() caseReply {
				return h.ask("GET", "/auth/sso?client=sdk&provider=strict", "", "Origin", casePage)
			})
			h.refusedAndNothingWritten("sso_not_configured", func() caseReply {
				body, err := json.Marshal(map[string]string{"jwt": h.sign(signed{}), "provider": "strict"})
				if err != nil {
					t.Fatal(err)
				}
				return h.ask("POST", "/api/v1/session", string(body), "Origin", casePage, "Content-Type", "application/json")
			})
		})
	}
}

func TestJ2_browserStartGoesToTheSignInURI(t *testing.T) {
	h := newCase(t, caseFile, "INTERACTIVE_EMBEDDING=true")
	r := h.ask("GET", "/auth/sso?provider=strict&redirect=/dashboards/7", "", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || r.status != http.StatusFound || to.Host != "api.strict.example" || to.Path != "/sso" {
		t.Fatalf("got %d to %q", r.status, r.header.Get("Location"))
	}
	if to.Query().Get("return_to") != "/dashboards/7" || to.Query().Get("state") == "" {
		t.Errorf("the query is %q", to.RawQuery)
	}
	r = h.ask("GET", "/auth/sso?provider=compat&return_to=%2Fdashboards%2F7", "", "Accept", "text/html")
	location := r.header.Get("Location")
	if r.status != http.StatusFound || !strings.HasPrefix(location, "https://compat.example/sso?app=1&") || !strings.Contains(location, "return_to=%2Fdashboards%2F7") {
		t.Errorf("got %d to %q", r.status, location)
	}
	if r := h.ask("GET", "/auth/sso?provider=compat&return_to=/a&redirect=/a", "", "Accept", "text/html"); r.code() != "invalid_request" {
		t.Errorf("both names: got %d %s", r.status, r.body)
	}
}

// land goes to the site with a token as a browser does.
func (h *caseHouse) land(token, more string, headers ...string) caseReply {
	h.Helper()
	return h.ask("GET", "/auth/sso?jwt="+token+more, "", append(headers, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "cross-site", "Accept", "text/html")...)
}

func TestJ3_validTokenAtEachEntrance(t *testing.T) {
	h := newCase(t, caseFile, "INTERACTIVE_EMBEDDING=true")
	r := h.land(h.sign(signed{compat: true}), "&return_to=/dashboards/7")
	cookie := r.cookie("oriel_session")
	if r.status != http.StatusFound || r.header.Get("Location") != "/dashboards/7" || cookie == nil {
		t.Fatalf("the landing: %d to %q %s", r.status, r.header.Get("Location"), r.body)
	}
	h.canary(cookie.Value)
	if r.header.Get("Referrer-Policy") != "no-referrer" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the landing's headers: %v", r.header)
	}
	for _, header := range []string{"X-Oriel-Client", "X-Metabase-Client"} {
		var old struct {
			Status   string
			ID       string
			Exp, Iat int64
		}
		r = h.ask("GET", "/auth/sso?jwt="+h.sign(signed{compat: true}), "", header, "embedding-sdk-react", "Origin", casePage)
		r.read(t, &old)
		h.canary(old.ID)
		if old.Status != "ok" || old.Exp != h.clock().Unix()+600 || old.Iat == 0 || len(r.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %s %v", header, r.body, r.header)
		}
		if r := h.who(old.ID); r.status != 200 {
			t.Errorf("%s: the session answers %d %s", header, r.status, r.body)
		}
	}
	session := h.enters(signed{claims: claims("airport", "DTW")})
	if session.TokenType != "Bearer" || session.ExpiresIn != 600 || session.ExpiresAt != h.clock().Unix()+600 || session.Time != h.clock().Unix() ||
		session.User.Email != "dana@example.com" || session.User.Name != "Dana Reyes" || session.User.Attributes["airport"] != "DTW" || session.Settings["site_url"] != h.site {
		t.Errorf("the answer is %+v", session)
	}
}

func TestJ4_jwtIsChosenWhereItCanBe(t *testing.T) {
	h := newCase(t, caseFile)
	var found struct{ Method, URL string }
	h.ask("GET", "/auth/sso?client=sdk&provider=strict&preferred_method=jwt", "", "Origin", casePage).read(t, &found)
	if found.Method != "jwt" || found.URL != "https://api.strict.example/sso" {
		t.Errorf("found %+v", found)
	}
	for _, method := range []string{"saml", "oidc", "magic", "JWT"} {
		if r := h.ask("GET", "/auth/sso?client=sdk&provider=strict&preferred_method="+method, "", "Origin", casePage); r.code() != "auth_method_unavailable" || r.status != 400 {
			t.Errorf("%s: %d %s", method, r.status, r.body)
		}
	}
	if r := h.ask("GET", "/auth/sso?client=sdk", "", "Origin", casePage); r.code() != "provider_ambiguous" {
		t.Errorf("two providers: %d %s", r.status, r.body)
	}
}

// withSwitches turns provider switches of the compat provider on.
func withSwitches(switches string) string {
	return strings.Replace(caseFile, "    profile: compat\n", "    profile: compat\n"+switches, 1)
}

func TestJ5_tokenTrue(t *testing.T) {
	h := newCase(t, withSwitches("    legacy_exchange: true\n    backend_sessions: true\n"), "INTERACTIVE_EMBEDDING=true")
	r := h.land(h.sign(signed{compat: true}), "&token=true&return_to=/x")
	if r.status != http.StatusFound || r.cookie("oriel_session") == nil || r.header.Get("Location") != "/x" {
		t.Errorf("a navigation: %d %s", r.status, r.body)
	}
	h.canary(r.cookie("oriel_session").Value)
	var old struct {
		Status   string
		ID       string
		Exp, Iat int64
	}
	r = h.ask("GET", "/auth/sso?token=true&jwt="+h.sign(signed{compat: true}), "", "Accept", "*/*")
	r.read(t, &old)
	h.canary(old.ID)
	if old.Status != "" || old.Exp != h.clock().Unix()+600 || len(r.header.Values("Set-Cookie")) > 0 {
		t.Errorf("a backend: %s", r.body)
	}
	// It binds itself, once, to the first allowed Origin.
	if r := h.who(old.ID, "Origin", "https://evil.example.org"); r.status == 200 {
		t.Error("a foreign page used a backend's session")
	}
	if r := h.who(old.ID); r.status != 200 {
		t.Errorf("the first allowed page: %d %s", r.status, r.body)
	}
	if r := h.who(old.ID, "Origin", "http://127.0.0.1:7440"); r.code() != "origin_mismatch" {
		t.Errorf("a second page: %d %s", r.status, r.body)
	}
	if r := h.ask("GET", "/api/v1/session", "", "Authorization", "Bearer "+old.ID); r.code() != "origin_mismatch" {
		t.Errorf("without an Origin, after it was bound: %d %s", r.status, r.body)
	}
	// Backends of now, and providers whose switch is off.
	var backend struct {
		Token     string `json:"session_token"`
		ExpiresIn int64  `json:"expires_in"`
	}
	h.ask("POST", "/auth/sso/to_session", `{"jwt":"`+h.sign(signed{compat: true})+`"}`, "Content-Type", "application/json").read(t, &backend)
	h.canary(backend.Token)
	if r := h.ask("GET", "/api/v1/session", "", "Authorization", "Bearer "+backend.Token); r.status != 200 || backend.ExpiresIn != 600 {
		t.Errorf("a backend session: %d %s", r.status, r.body)
	}
	if r := h.who(backend.Token); r.code() != "origin_mismatch" {
		t.Errorf("a backend session with an Origin: %d %s", r.status, r.body)
	}
	before := h.rows()
	strict := h.sign(signed{})
	for name, r := range map[string]caseReply{
		"to_session of a provider without": h.ask("POST", "/auth/sso/to_session", `{"jwt":"`+strict+`"}`, "Content-Type", "application/json"),
		"legacy of a strict provider":      h.ask("GET", "/auth/sso?token=true&jwt="+strict, "", "Accept", "*/*"),
	} {
		if r.status < 400 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if after := h.rows(); after != before {
		t.Errorf("refused, and written: %s, before %s", after, before)
	}
	if r := h.exchange(strict); r.status != 200 {
		t.Errorf("the token was spent by a refusal: %d %s", r.status, r.body)
	}
}

func TestJ6_provisioning(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{claims: claims("city", "Flint", "groups", []string{"administrators"})})
	if strings.Join(session.User.Groups, ",") != "all-users" || session.User.Name != "Dana Reyes" || session.User.Attributes["city"] != "Flint" {
		t.Errorf("the user is %+v", session.User)
	}
	off := newCase(t, strings.Replace(caseFile, "    provisioning: {create: true}\n    groups: {mode: by-name", "    groups: {mode: by-name", 1))
	off.refusedAndNothingWritten("user_not_provisioned", func() caseReply { return off.exchange(off.sign(signed{})) })
}

func TestJ7_names(t *testing.T) {
	h := newCase(t, caseFile)
	nameless := claims("first_name", nil, "last_name", nil)
	for i, c := range []struct {
		claims map[string]any
		want   string
	}{{nameless, "dana@example.com"}, {nil, "Dana Reyes"}, {nameless, "Dana Reyes"}, {claims("last_name", "Ruiz"), "Dana Ruiz"}} {
		if got := h.enters(signed{claims: c.claims}).User.Name; got != c.want {
			t.Errorf("sign-in %d: %q, want %q", i+1, got, c.want)
		}
	}
}

func TestJ8_claimsBecomeAttributes(t *testing.T) {
	h := newCase(t, caseFile)
	session := h.enters(signed{claims: claims("text", "x", "number", 42, "flag", false, "list", []any{"a", 1, true},
		"none", json.RawMessage("null"), "object", map[string]int{"a": 1}, "@key", "x", "sid", "s1", "nbf", h.clock().Unix())})
	a := session.User.Attributes
	if a["text"] != "x" || a["number"] != "42" || a["flag"] != "false" || fmt.Sprint(a["list"]) != "[a 1 true]" || len(a) != 4 {
		t.Errorf("attributes %v", a)
	}
	if dropped := h.text(`SELECT document ->> 'dropped' FROM sign_in_records ORDER BY id DESC LIMIT 1`); dropped != `["@key","none","object"]` {
		t.Errorf("dropped %s", dropped)
	}
}

func TestJ9_attributesAreReplacedButNotThoseSetByHand(t *testing.T) {
	h := newCase(t, caseFile)
	first := h.enters(signed{claims: claims("airport", "DFW", "team", "red")})
	h.exec(`INSERT INTO user_attributes (user_id, set_by, attributes) VALUES (?, 'administrator', '{"team":{"values":["blue"]}}')`, first.User.ID)
	second := h.enters(signed{claims: claims("airport", "ORD", "gate", "7")})
	if a := second.User.Attributes; a["airport"] != "ORD" || a["gate"] != "7" || a["team"] != "blue" || len(a) != 3 {
		t.Errorf("attributes %v", a)
	}
	if a := h.enters(signed{}).User.Attributes; a["team"] != "blue" || len(a) != 1 {
		t.Errorf("attributes %v", a)
	}
}

func TestJ10_groups(t *testing.T) {
	h := newCase(t, caseFile)
	groups := func(s signed) string { h.Helper(); return strings.Join(h.enters(s).User.Groups, ",") }
	if got := groups(signed{claims: claims("groups", []string{"operators", "guests", "administrators", "nobody"})}); got != "all-users,operators" {
		t.Errorf("by name: %s", got)
	}
	if said := h.checkOf("groups"); !strings.Contains(said, "administrators") {
		t.Errorf("the record says of the groups: %s", said)
	}
	if got := groups(signed{}); got != "all-users,operators" {
		t.Errorf("by name, claim absent: %s", got)
	}
	if got := groups(signed{claims: claims("groups", []string{"planners"})}); got != "all-users,planners" {
		t.Errorf("by name, another: %s", got)
	}
	mapped := signed{compat: true, claims: claims("groups", []string{"ops", "boss", "other"})}
	first := h.enters(mapped)
	if got := strings.Join(first.User.Groups, ","); got != "all-users,operators" {
		t.Errorf("mapped: %s", got)
	}
	h.exec(`INSERT INTO group_members (user_id, group_key) VALUES (?, 'guests')`, first.User.ID)
	if got := groups(signed{compat: true}); got != "all-users,guests,operators" {
		t.Errorf("mapped, claim absent: %s", got)
	}
	if got := groups(signed{compat: true, claims: claims("groups", []string{})}); got != "all-users,guests" {
		t.Errorf("mapped, empty: %s", got)
	}
}

func TestJ11_groupThatIsGone(t *testing.T) {
	h := newCase(t, caseFile)
	h.enters(signed{})
	// Gone in the store while the server still believes in it.
	if _, err := h.store.Exec(`DELETE FROM groups WHERE key = 'operators'`); err != nil {
		t.Fatal(err)
	}
	h.refusedAndNothingWritten("internal", func() caseReply {
		return h.exchange(h.sign(signed{claims: claims("groups", []string{"operators"}, "email", "other@example.com")}))
	})
}

func TestJ12_deactivatedUser(t *testing.T) {
	h := newCase(t, caseFile)
	first := h.enters(signed{})
	h.must(nil, "user", "deactivate", first.User.ID)
	h.refusedAndNothingWritten("user_deactivated", func() caseReply { return h.exchange(h.sign(signed{})) })
	on := newCase(t, strings.Replace(caseFile, "provisioning: {create: true}", "provisioning: {create: true, reactivate: true}", 1))
	first = on.enters(signed{})
	on.must(nil, "user", "deactivate", first.User.ID)
	if again := on.enters(signed{}); again.User.ID != first.User.ID {
		t.Error("somebody else came back")
	}
	if on.count(`SELECT count(*) FROM users WHERE active = 1 AND id = ?`, first.User.ID) != 1 {
		t.Error("the user is not active again")
	}
}

func TestJ13_tenants(t *testing.T) {
	h := newCase(t, caseFile)
	tenant := func(s caseSession) string {
		if s.User.Tenant == nil {
			return "none"
		}
		return *s.User.Tenant
	}
	person := func(sub string, tenant any) signed {
		return signed{claims: claims("sub", sub, "email", sub+"@example.com", "tenant", tenant)}
	}
	if got := tenant(h.enters(person("ann", "acme"))); got != "acme" || h.count(`SELECT count(*) FROM tenants WHERE slug = 'acme'`) != 1 {
		t.Errorf("unknown, with creation: %s", got)
	}
	if got := tenant(h.enters(person("num", 42))); got != "42" {
		t.Errorf("an integer: %s", got)
	}
	h.enters(person("inside", nil))
	for _, c := range []struct {
		sub    string
		tenant any
		code   string
	}{
		{"bob", "elsewhere", "tenant_mismatch"}, {"bob", true, "claim_invalid"}, {"bob", map[string]int{}, "claim_invalid"},
		{"bob", 4.5, "claim_invalid"}, {"bob", "ACME", "claim_invalid"}, {"ann", "umbrella", "tenant_mismatch"},
		{"ann", nil, "tenant_required"}, {"inside", "acme", "tenant_mismatch"},
	} {
		h.refusedAndNothingWritten(c.code, func() caseReply { return h.exchange(h.sign(person(c.sub, c.tenant))) })
	}
	h.must(nil, "tenant", "deactivate", "acme")
	h.refusedAndNothingWritten("tenant_deactivated", func() caseReply { return h.exchange(h.sign(person("ann", "acme"))) })

	own := newCase(t, strings.Replace(caseFile, `tenants: {listed: [acme, umbrella, "42"], create: true}`, `tenants: {own: acme, create: true}`, 1))
	if got := tenant(own.enters(person("ann", nil))); got != "acme" {
		t.Errorf("a tenant's own provider, without a claim: %s", got)
	}
	if got := tenant(own.enters(person("ann", "acme"))); got != "acme" {
		t.Errorf("a tenant's own provider, with its claim: %s", got)
	}
	own.refusedAndNothingWritten("tenant_mismatch", func() caseReply { return own.exchange(own.sign(person("bob", "umbrella"))) })
}

func TestJ20_whoseAccount(t *testing.T) {
	h := newCase(t, caseFile)
	h.must(nil, "user", "create", "--email", "root@example.com", "--admin")
	h.must(nil, "user", "create", "--email", "hand@example.com")
	person := func(sub, email string) signed { return signed{claims: claims("sub", sub, "email", email)} }
	for _, email := range []string{"root@example.com", " ROOT@Example.com", "hand@example.com"} {
		h.refusedAndNothingWritten("account_not_linkable", func() caseReply { return h.exchange(h.sign(person("x", email))) })
	}
	first := h.enters(person("dana", "dana@example.com"))
	moved := h.enters(person("dana", "dana@new.example"))
	if moved.User.ID != first.User.ID || moved.User.Email != "dana@new.example" {
		t.Errorf("a new e-mail made %+v", moved.User)
	}
	h.refusedAndNothingWritten("account_not_linkable", func() caseReply { return h.exchange(h.sign(person("other", "dana@new.example"))) })
	h.refusedAndNothingWritten("account_not_linkable", func() caseReply {
		return h.exchange(h.sign(signed{compat: true, claims: claims("email", "dana@new.example")}))
	})
	realm := strings.ReplaceAll(caseFile, "    provisioning: {create: true}\n", "    provisioning: {create: true}\n    realm: staff\n")
	r := newCase(t, realm)
	one := r.enters(person("dana", "dana@example.com"))
	if two := r.enters(signed{compat: true, claims: claims("email", "dana@example.com")}); two.User.ID != one.User.ID {
		t.Error("the same realm made two users")
	}
}

func TestJ21_embeddingOff(t *testing.T) {
	h := newCase(t, caseFile, "EMBEDDING=false")
	token := h.sign(signed{})
	h.refusedAndNothingWritten("embedding_disabled", func() caseReply { return h.exchange(token) })
	h.refusedAndNothingWritten("embedding_disabled", func() caseReply {
		return h.ask("GET", "/auth/sso?client=sdk&provider=strict", "", "Origin", casePage)
	})
	landing := newCase(t, caseFile)
	token = landing.sign(signed{compat: true})
	before := landing.rows()
	if r := landing.land(token, ""); r.code() != "embedding_disabled" || len(r.header.Values("Set-Cookie")) > 0 {
		t.Errorf("a landing: %d %s", r.status, r.body)
	}
	if after := landing.rows(); after != before {
		t.Errorf("a landing wrote %s, before %s", after, before)
	}
	if r := landing.exchange(token); r.status != 200 {
		t.Errorf("a refused landing spent the token: %d %s", r.status, r.body)
	}
}

func TestJ22_toSession(t *testing.T) {
	h := newCase(t, withSwitches("    backend_sessions: true\n"))
	post := func(body string) caseReply {
		h.Helper()
		return h.ask("POST", "/auth/sso/to_session", body, "Content-Type", "application/json")
	}
	var made struct {
		Token string `json:"session_token"`
	}
	post(`{"jwt":"`+h.sign(signed{compat: true})+`"}`).read(t, &made)
	h.canary(made.Token)
	for _, body := range []string{`{"jwt":""}`, `{}`, `{"jwt":"  "}`} {
		if r := post(body); r.code() != "invalid_request" || r.status != 400 || r.problem().Fields["jwt"] == "" {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	for name, token := range map[string]string{
		"garbage": "garbage", "other secret": h.sign(signed{compat: true, key: []byte(strings.Repeat("y", 32))}),
		"expired": h.sign(signed{compat: true, claims: claims("exp", h.clock().Unix()-60)}),
	} {
		if r := post(`{"jwt":"` + token + `"}`); r.status != 401 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

func TestJ23_foreignOrigin(t *testing.T) {
	h := newCase(t, caseFile)
	for _, origin := range []string{"https://evil.example", "null", casePage + ".evil.io", "http://127.0.0.1:7431"} {
		h.refusedAndNothingWritten("origin_not_allowed", func() caseReply {
			r := h.exchange(h.sign(signed{}), "Origin", origin)
			if r.status != 403 || r.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %d, readable by %q", origin, r.status, r.header.Get("Access-Control-Allow-Origin"))
			}
			return r
		})
	}
}

func b64(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }
