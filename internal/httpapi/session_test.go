package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestCreateSession_givesAllThatTheSDKNeeds(t *testing.T) {
	s := newSite(t)
	for _, mediaType := range []string{"application/json", "text/plain", "text/plain;charset=UTF-8"} {
		token := s.token("dana", "DFW")
		r := s.ask("POST", "/api/v1/session", fmt.Sprintf(`{"jwt":%q,"provider":"apron"}`, token), "Content-Type", mediaType, "Origin", origin)
		var got httpapi.Session
		if err := json.Unmarshal(r.body, &got); err != nil || r.status != 200 {
			t.Fatalf("%s: %d %s", mediaType, r.status, r.body)
		}
		now := s.clock().Unix()
		if !strings.HasPrefix(got.Token, "ors_") || got.TokenType != "Bearer" || got.ExpiresIn != 600 || got.ExpiresAt != now+600 || got.ServerTime != now {
			t.Errorf("unexpected session: %s", r.body)
		}
		if got.User.Name != "Dana Reyes" || got.User.Email != "dana@example.com" || got.User.Attributes["airport"] != "DFW" || got.User.Tenant != nil {
			t.Errorf("unexpected user: %s", r.body)
		}
		if got.Settings.SiteName != "Test" || got.Settings.SiteURL != siteURL || got.Settings.Version != "0.0.0" {
			t.Errorf("unexpected settings: %s", r.body)
		}
		if r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("a session may be kept: %q", r.header.Get("Cache-Control"))
		}
	}
}

func TestCreateSession_refusesWhatIsNotTheRequest(t *testing.T) {
	s := newSite(t)
	token := s.token("dana", "DFW")
	good := fmt.Sprintf(`{"jwt":%q}`, token)
	cases := []struct {
		name, body, mediaType, query, code, field string
		header                                    []string
	}{
		{name: "no body", mediaType: "application/json", code: "invalid_request"},
		{name: "no token", body: `{}`, mediaType: "application/json", code: "invalid_request", field: "jwt"},
		{name: "blank token", body: `{"jwt":""}`, mediaType: "application/json", code: "invalid_request", field: "jwt"},
		{name: "a number", body: `{"jwt":1}`, mediaType: "application/json", code: "invalid_request", field: "jwt"},
		{name: "null", body: `{"jwt":null}`, mediaType: "application/json", code: "invalid_request", field: "jwt"},
		{name: "token twice", body: fmt.Sprintf(`{"jwt":"x","jwt":%q}`, token), mediaType: "application/json", code: "invalid_request", field: "jwt"},
		{name: "another field", body: fmt.Sprintf(`{"jwt":%q,"sql":"select 1"}`, token), mediaType: "application/json", code: "invalid_request", field: "sql"},
		{name: "blank provider", body: fmt.Sprintf(`{"jwt":%q,"provider":""}`, token), mediaType: "application/json", code: "invalid_request", field: "provider"},
		{name: "something after it", body: good + "{}", mediaType: "application/json", code: "invalid_request"},
		{name: "a form", body: good, mediaType: "application/x-www-form-urlencoded", code: "invalid_request"},
		{name: "no media type", body: good, mediaType: "", code: "invalid_request"},
		{name: "another charset", body: good, mediaType: "text/plain; charset=utf-16", code: "invalid_request"},
		{name: "compressed", body: good, mediaType: "text/plain", header: []string{"Content-Encoding", "gzip"}, code: "invalid_request"},
		{name: "too large", body: `{"jwt":"` + strings.Repeat("a", 17<<10) + `"}`, mediaType: "text/plain", code: "too_large"},
		{name: "a query", body: good, mediaType: "text/plain", query: "?provider=apron", code: "invalid_request", field: "provider"},
		{name: "unknown provider", body: fmt.Sprintf(`{"jwt":%q,"provider":"none"}`, token), mediaType: "text/plain", code: "provider_unknown"},
	}
	for _, c := range cases {
		header := append([]string{"Origin", origin}, c.header...)
		if c.mediaType != "" {
			header = append(header, "Content-Type", c.mediaType)
		}
		r := s.ask("POST", "/api/v1/session"+c.query, c.body, header...)
		var p httpapi.Problem
		if err := json.Unmarshal(r.body, &p); err != nil || p.Code != c.code || (c.field != "" && p.Fields[c.field] == "") {
			t.Errorf("%s: got %d %s, want %s", c.name, r.status, r.body, c.code)
		}
	}
	// None of them spent it.
	if r := s.exchange(token); r.status != 200 {
		t.Errorf("the token is no longer good: %s", r.body)
	}
}

func TestCreateSession_aTokenIsGoodOnce(t *testing.T) {
	s := newSite(t)
	token := s.token("dana", "DFW")
	if r := s.exchange(token); r.status != 200 {
		t.Fatalf("%s", r.body)
	}
	if r := s.exchange(token); r.code() != "token_replayed" || r.status != 401 {
		t.Errorf("the second exchange: %d %s", r.status, r.body)
	}
}

func TestCreateSession_refusalsNameTheirReferenceAndNothingElse(t *testing.T) {
	s := newSite(t)
	r := s.exchange(s.token("dana", "DFW", func(c map[string]any) { c["iss"] = "https://evil.example" }))
	var p httpapi.Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Code == "" || p.RequestID == "" || p.RequestID != r.header.Get("X-Request-Id") {
		t.Errorf("got %s, X-Request-Id %q", r.body, r.header.Get("X-Request-Id"))
	}
	if strings.Contains(string(r.body), "evil") || strings.Contains(string(r.body), "dana") {
		t.Errorf("the refusal tells what was in the token: %s", r.body)
	}
	missing := s.exchange(s.token("dana", "DFW", func(c map[string]any) { delete(c, "email") }))
	if missing.code() != "claim_missing" || !strings.Contains(string(missing.body), "email") {
		t.Errorf("a missing claim is not named: %s", missing.body)
	}
	old := s.exchange(s.token("dana", "DFW", func(c map[string]any) { c["iat"] = s.clock().Unix() - 200; c["exp"] = s.clock().Unix() - 100 }))
	if err := json.Unmarshal(old.body, &p); err != nil || p.Code != "token_expired" || p.ServerTime != s.clock().Unix() {
		t.Errorf("an old token: %s", old.body)
	}
}

func TestSession_whoAmIAndSignOut(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for _, header := range []string{"X-Oriel-Session", "X-Metabase-Session"} {
		if r := s.ask("GET", "/api/v1/session", "", header, session, "Origin", origin); r.status != 200 {
			t.Errorf("%s: %d %s", header, r.status, r.body)
		}
	}
	if r := s.ask("GET", "/api/v1/session", "", "X-Oriel-Session", session, "Authorization", "bearer "+session, "Origin", origin); r.status != 200 {
		t.Errorf("the same token twice: %d %s", r.status, r.body)
	}
	if r := s.as(session, "DELETE", "/api/v1/session", ""); r.status != 204 || len(r.body) > 0 {
		t.Errorf("sign-out: %d %s", r.status, r.body)
	}
	if r := s.as(session, "GET", "/api/v1/session", ""); r.code() != "session_revoked" {
		t.Errorf("after sign-out: %d %s", r.status, r.body)
	}
}

func TestDiscovery_mayBeKeptInItsQueryFormAlone(t *testing.T) {
	s := newSite(t)
	query := s.ask("GET", "/auth/sso?client=sdk", "", "Origin", origin)
	if query.status != 200 || query.header.Get("Cache-Control") != "private, max-age=300" ||
		string(query.body) != `{"method":"jwt","url":"http://127.0.0.1:7431/sso/oriel"}` {
		t.Errorf("got %d %v %s", query.status, query.header, query.body)
	}
	for _, name := range []string{"Origin", "X-Oriel-Client", "X-Metabase-Client", "Sec-Fetch-Mode", "Accept"} {
		if !strings.Contains(vary(query), name) {
			t.Errorf("Vary is %q and lacks %s", vary(query), name)
		}
	}
	for _, header := range []string{"X-Oriel-Client", "X-Metabase-Client"} {
		r := s.ask("GET", "/auth/sso", "", header, "embedding-sdk-react", "Origin", origin)
		if r.status != 200 || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q", header, r.status, r.header.Get("Cache-Control"))
		}
	}
	for query, code := range map[string]string{
		"client=sdk&preferred_method=saml": "auth_method_unavailable",
		"client=sdk&preferred_method=x":    "auth_method_unavailable",
		"client=sdk&provider=none":         "provider_unknown",
		"client=sdk&client=sdk":            "invalid_request",
		"client=other":                     "invalid_request",
		"client=sdk&state=a&state=b":       "invalid_request",
		"client=sdk&jwt=a&jwt=b":           "invalid_request",
		"client=sdk&jwt=":                  "invalid_request",
		"client=sdk&jwt=a":                 "token_malformed",
		"token=true&token=true":            "invalid_request",
		"redirect=/a&return_to=/b":         "invalid_request",
		"client=sdk;provider=x":            "invalid_request",
		"%zz":                              "invalid_request",
	} {
		if r := s.ask("GET", "/auth/sso?"+query, "", "Origin", origin); r.code() != code || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %s, want %s", query, r.status, r.body, code)
		}
	}
}

func TestSession_endsAtItsTime(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	s.sleep(10*time.Minute - time.Second)
	if r := s.as(session, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("a second before its end: %s", r.body)
	}
	s.sleep(time.Second)
	if r := s.as(session, "GET", "/api/v1/session", ""); r.code() != "session_expired" {
		t.Errorf("at its end: %s", r.body)
	}
}

func TestLog_neverHoldsTokensOrAddresses(t *testing.T) {
	s := newSite(t)
	token := s.token("dana", "DFW")
	session := s.signIn("dana", "DFW")
	s.exchange(token)
	s.exchange(token)
	s.exchange(token + "x")
	s.ask("GET", "/auth/sso?jwt="+token, "")
	s.ask("GET", "/api/v1/"+session, "", "Authorization", "Bearer "+session)
	s.as(session, "POST", "/api/v1/dashboards/operations/run", "")
	s.as(session, "GET", "/api/v1/session?"+session, "")
	log := s.log.String()
	if !strings.Contains(log, "token_replayed") {
		t.Fatalf("the log lacks what it should hold: %s", log)
	}
	for name, secret := range map[string]string{"host token": token, "session token": session, "e-mail address": "dana@example.com"} {
		for i := 0; i+16 <= len(secret); i += 8 {
			if strings.Contains(log, secret[i:i+16]) {
				t.Errorf("the log holds a part of the %s: %q", name, secret[i:i+16])
			}
		}
	}
}

// A provider's list narrows the instance's for its live sessions too.
func TestSession_isRefusedWhenItsOriginLeavesTheProvidersList(t *testing.T) {
	s := newSite(t)
	s.addHost(func(p *oriel.Provider) { p.Groups.Mode = oriel.GroupsOff })
	id := s.sso([]string{"Origin", origin}, "client", "sdk", "jwt", s.hostToken("dana")).compat(t).ID
	if _, code := s.sessionOf(id, origin); code != "" {
		t.Fatalf("before: %q", code)
	}
	admin := s.admin(oriel.ScopeAdminAuthentication)
	before := read[httpapi.Provider](t, s.with(admin, "GET", "/api/v1/providers/host", ""), 200)
	before.Settings["origins"] = []string{"http://127.0.0.1:7440"}
	if r := s.with(admin, "PUT", "/api/v1/providers/host", body(t, before.Settings)); r.status != 200 {
		t.Fatalf("narrow: %d %s", r.status, r.body)
	}
	r := s.as(id, "GET", "/api/v1/questions", "")
	if r.code() != "origin_not_allowed" {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestSession_isRefusedWhenItsOriginLeavesTheList(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	other, err := oriel.ParseOrigin("http://127.0.0.1:7440", oriel.OriginOptions{SiteURL: siteURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Apply(t.Context(), oriel.Declaration{Origins: []oriel.Origin{other}}); err != nil {
		t.Fatal(err)
	}
	r := s.as(session, "GET", "/api/v1/questions", "")
	if r.code() != "origin_not_allowed" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("got %d %v %s", r.status, r.header, r.body)
	}
}
