package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// J3, J5: which entrance a request takes, by what it says of itself.
func TestSSO_eachCallerGetsItsOwnKindOfSession(t *testing.T) {
	s := newSite(t)
	s.addHost()
	const client, metabase = "X-Oriel-Client", "X-Metabase-Client"
	for name, c := range map[string]struct {
		ask    func(token string) reply
		status string // of the body
		kind   oriel.SessionKind
		origin string // from which the session may be used
	}{
		"JSON": {func(token string) reply { return s.post("/auth/sso", token, "Origin", origin) }, "ok", oriel.SessionEmbed, origin},
		"a client header": {func(token string) reply {
			return s.sso([]string{client, "react", "Origin", origin}, "jwt", token)
		}, "ok", oriel.SessionEmbed, origin},
		"an older client header": {func(token string) reply {
			return s.sso([]string{metabase, "react", "Origin", origin}, "jwt", token)
		}, "ok", oriel.SessionEmbed, origin},
		"client=sdk": {func(token string) reply {
			return s.sso([]string{"Origin", origin}, "client", "sdk", "jwt", token)
		}, "ok", oriel.SessionEmbed, origin},
		"token=true with a client header": {func(token string) reply {
			return s.sso([]string{client, "react", "Origin", origin}, "jwt", token, "token", "true")
		}, "ok", oriel.SessionEmbed, origin},
		"a backend of before": {func(token string) reply {
			return s.sso([]string{"Accept", "*/*"}, "jwt", token, "token", "true")
		}, "", oriel.SessionBackend, ""},
		"a backend on Node": {func(token string) reply {
			return s.sso([]string{"Accept", "*/*", "Sec-Fetch-Mode", "cors"}, "jwt", token, "token", "true")
		}, "", oriel.SessionBackend, ""},
		"a page like a backend": {func(token string) reply {
			return s.sso([]string{"Accept", "*/*", "Origin", origin, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}, "jwt", token, "token", "true")
		}, "", oriel.SessionEmbed, origin},
	} {
		r := c.ask(s.hostToken("dana"))
		body := r.compat(t)
		if body.Status != c.status || body.Iat != s.clock().Unix() || body.Exp != s.clock().Add(10*time.Minute).Unix() {
			t.Errorf("%s: got %s", name, r.body)
		}
		if r.given() != "" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got the headers %v", name, r.header)
		}
		if found, code := s.sessionOf(body.ID, c.origin); code != "" || found.Kind != c.kind {
			t.Errorf("%s: the session is %+v, %s", name, found, code)
		}
		if _, code := s.sessionOf(body.ID, foreign); code != oriel.CodeOriginMismatch {
			t.Errorf("%s: a foreign page may use it: %s", name, code)
		}
		if r := c.ask(s.hostToken("dana", func(c map[string]any) { c["exp"] = s.clock().Unix() - 60 })); r.status != 401 || r.code() != "token_expired" {
			t.Errorf("%s, expired: got %d %s", name, r.status, r.body)
		}
	}
}

// A session without an Origin is for servers alone.
func TestSSO_aPageIsHeldToItsOrigin(t *testing.T) {
	s := newSite(t)
	s.addHost()
	token := s.hostToken("dana")
	for name, r := range map[string]reply{
		"JSON without Origin":            s.post("/auth/sso", token),
		"JSON of a foreign page":         s.post("/auth/sso", token, "Origin", foreign),
		"JSON of a sandbox":              s.post("/auth/sso", token, "Origin", "null"),
		"a header without Origin":        s.sso([]string{"X-Oriel-Client", "react"}, "jwt", token),
		"a header of a foreign page":     s.sso([]string{"X-Oriel-Client", "react", "Origin", foreign}, "jwt", token),
		"a header, token=true":           s.sso([]string{"X-Oriel-Client", "react"}, "jwt", token, "token", "true"),
		"client=sdk without Origin":      s.sso(nil, "client", "sdk", "jwt", token),
		"client=sdk, opened":             s.sso(opens, "client", "sdk", "jwt", token),
		"a foreign page like a backend":  s.sso([]string{"Origin", foreign}, "jwt", token, "token", "true"),
		"a sandbox like a backend":       s.sso([]string{"Origin", "null"}, "jwt", token, "token", "true"),
		"to_session of a foreign page":   s.post("/auth/sso/to_session", token, "Origin", foreign),
		"to_session of an allowed page":  s.post("/auth/sso/to_session", token, "Origin", origin),
		"POST /api/v1/session, a server": s.post("/api/v1/session", token),
	} {
		if r.status != 403 || r.code() != "origin_not_allowed" || r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
	s.post("/auth/sso", token, "Origin", origin).compat(t) // none of them spent it
	// J16: spent at one, refused at every other.
	for name, r := range map[string]reply{
		"session":      s.post("/api/v1/session", token, "Origin", origin),
		"JSON":         s.post("/auth/sso", token, "Origin", origin),
		"the header":   s.sso([]string{"X-Oriel-Client", "react", "Origin", origin}, "jwt", token),
		"the backend":  s.sso(nil, "jwt", token, "token", "true"),
		"to_session":   s.post("/auth/sso/to_session", token),
		"another case": s.post("/auth/sso", token, "Origin", "http://127.0.0.1:7440"),
	} {
		if r.code() != "token_replayed" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
}

func TestSSO_refusesWhatIsNotClear(t *testing.T) {
	s := newSite(t)
	s.addHost()
	token := s.hostToken("dana")
	for query, field := range map[string]string{
		"jwt=" + token + "&jwt=" + token:                       "jwt",
		"jwt=" + token + "&token=true&token=true":              "token",
		"jwt=" + token + "&token=true&token=false":             "token",
		"jwt=" + token + "&return_to=/a&redirect=/a":           "redirect",
		"jwt=" + token + "&return_to=/a&return_to=/a":          "return_to",
		"jwt=&token=true":                                      "jwt",
		"jwt=":                                                 "jwt",
		"jwt=" + token + "&client=react":                       "client",
		"jwt=" + token + "&provider=host&provider=apron":       "provider",
		"client=sdk&jwt=" + token + "&return_to=/&redirect=/":  "redirect",
		"client=sdk&jwt=" + token + "&jwt=" + token:            "jwt",
		"client=sdk&client=sdk&token=true&jwt=" + token:        "client",
		"client=sdk&preferred_method=jwt&preferred_method=jwt": "preferred_method",
	} {
		for _, header := range [][]string{opens, {"Origin", origin}, {"Origin", origin, "X-Oriel-Client", "react"}, nil} {
			r := s.ask("GET", "/auth/sso?"+query, "", header...)
			if r.status != 400 || r.code() != "invalid_request" || !strings.Contains(string(r.body), `"`+field+`":`) {
				t.Errorf("%s: got %d %s", query, r.status, r.body)
			}
		}
	}
	for name, r := range map[string]reply{
		"neither a page, a browser nor a backend": s.sso(nil, "jwt", token),
		"K7 a fetch that accepts HTML":            s.sso([]string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Accept", "text/html"}, "jwt", token),
		"K7 an image":                             s.sso([]string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Sec-Fetch-Site", "cross-site", "Accept", "image/*"}, "jwt", token),
		"K7 an image like a backend":              s.sso([]string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image", "Sec-Fetch-Site", "cross-site", "Accept", "image/*"}, "jwt", token, "token", "true"),
		"K7 a prefetch":                           s.sso(with(opens, "Sec-Purpose", "prefetch"), "jwt", token),
		"K7 a prefetch like a backend":            s.sso([]string{"Purpose", "prefetch"}, "jwt", token, "token", "true"),
		"K7 a prefetch of a client":               s.sso([]string{"Sec-Purpose", "prefetch", "Origin", origin}, "jwt", token, "client", "sdk"),
		"a form, which SAML will be":              s.ask("POST", "/auth/sso", "SAMLResponse=x", "Content-Type", "application/x-www-form-urlencoded", "Origin", origin),
		"a query beside the body":                 s.ask("POST", "/auth/sso?provider=host", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", origin),
	} {
		if r.status != 400 || r.given() != "" || r.header.Get("Location") != "" {
			t.Errorf("%s: got %d %v %s", name, r.status, r.header, r.body)
		}
	}
	for _, header := range [][]string{nil, opens, {"Origin", origin, "X-Oriel-Client", "react"}} {
		if r := s.ask("HEAD", "/auth/sso?token=true&jwt="+token, "", header...); r.status != 400 || r.given() != "" {
			t.Errorf("K7 HEAD: got %d %v", r.status, r.header)
		}
	}
	s.post("/auth/sso", token, "Origin", origin).compat(t) // none of them spent it
}

// A provider without a way in says so, and the token stays good for another.
func TestSSO_waysInAreOffUnlessSet(t *testing.T) {
	s := newSite(t)
	s.addHost(func(p *oriel.Provider) { p.BackendSessions, p.LegacyExchange = false, false })
	token := s.hostToken("dana")
	for name, r := range map[string]reply{
		"legacy":            s.sso(nil, "jwt", token, "token", "true"),
		"legacy, with page": s.sso([]string{"Origin", origin}, "jwt", token, "token", "true"),
		"to_session":        s.post("/auth/sso/to_session", token),
		"legacy, strict":    s.sso(nil, "jwt", s.token("dana", "DFW"), "token", "true", "provider", "apron"),
		"to_session, other": s.post("/auth/sso/to_session", s.token("dana", "DFW")),
	} {
		if r.status != 400 || r.code() != "auth_method_unavailable" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
	s.post("/auth/sso", token, "Origin", origin).compat(t)
}

// §4: a session of a legacy exchange binds itself to the first allowed Origin.
func TestSSO_aLegacySessionBindsItselfOnce(t *testing.T) {
	s := newSite(t)
	s.addHost()
	id := s.sso(nil, "jwt", s.hostToken("dana"), "token", "true").compat(t).ID
	for _, step := range []struct {
		origin string
		code   oriel.Code
	}{
		{"", ""}, {foreign, oriel.CodeOriginMismatch}, {"null", oriel.CodeOriginMismatch}, {origin, ""},
		{"", oriel.CodeOriginMismatch}, {"http://127.0.0.1:7440", oriel.CodeOriginMismatch}, {origin, ""},
	} {
		if _, code := s.sessionOf(id, step.origin); code != step.code {
			t.Errorf("from %q: got %q, want %q", step.origin, code, step.code)
		}
	}
}

// The provider's own list narrows that first Origin too.
func TestSSO_aLegacySessionBindsToItsProvidersOrigins(t *testing.T) {
	s := newSite(t)
	narrowed, err := oriel.ParseOrigin("http://127.0.0.1:7440", oriel.OriginOptions{SiteURL: siteURL})
	if err != nil {
		t.Fatal(err)
	}
	s.addHost(func(p *oriel.Provider) { p.Origins = []oriel.Origin{narrowed} })
	id := s.sso(nil, "jwt", s.hostToken("dana"), "token", "true").compat(t).ID
	if _, code := s.sessionOf(id, origin); code != oriel.CodeOriginMismatch {
		t.Errorf("a page that the provider does not list: %q", code)
	}
	if _, code := s.sessionOf(id, "http://127.0.0.1:7440"); code != "" {
		t.Errorf("the provider's page: %q", code)
	}
}

// J4, as long as JWT is the one method: what is preferred is heeded in every form.
func TestSSO_J4_preferredMethod(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	token := s.hostToken("dana")
	for _, preferred := range []string{"saml", "oidc", "magic"} {
		for name, r := range map[string]reply{
			"an exchange": s.sso([]string{"Origin", origin}, "client", "sdk", "jwt", token, "preferred_method", preferred),
			"a landing":   s.sso(opens, "jwt", token, "preferred_method", preferred),
			"a backend":   s.sso(nil, "jwt", token, "token", "true", "preferred_method", preferred),
			"a start":     s.sso(opens, "provider", "host", "preferred_method", preferred),
			"discovery":   s.sso([]string{"Origin", origin}, "client", "sdk", "provider", "host", "preferred_method", preferred),
		} {
			if r.status != 400 || r.code() != "auth_method_unavailable" {
				t.Errorf("%s with %q: got %d %s", name, preferred, r.status, r.body)
			}
		}
	}
	s.sso([]string{"Origin", origin}, "client", "sdk", "jwt", token, "preferred_method", "jwt").compat(t)
}

// J22
func TestBackendSession_J22(t *testing.T) {
	s := newSite(t)
	s.addHost()
	r := s.post("/auth/sso/to_session", s.hostToken("dana"))
	if r.status != 200 || !strings.HasPrefix(string(r.body), `{"expires_in":600,"session_token":"ors_`) {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	token := strings.Split(string(r.body), `"`)[5]
	if found, code := s.sessionOf(token, ""); code != "" || found.Kind != oriel.SessionBackend || found.Bindable {
		t.Errorf("the session is %+v, %s", found, code)
	}
	for _, page := range []string{origin, foreign} {
		if _, code := s.sessionOf(token, page); code != oriel.CodeOriginMismatch {
			t.Errorf("a page at %s may use it: %s", page, code)
		}
	}
	blank := s.ask("POST", "/auth/sso/to_session", `{"jwt":""}`, "Content-Type", "application/json")
	none := s.ask("POST", "/auth/sso/to_session", `{}`, "Content-Type", "application/json")
	for _, r := range []reply{blank, none} {
		if r.status != 400 || !strings.Contains(string(r.body), `"fields":{"jwt":`) {
			t.Errorf("blank: got %d %s", r.status, r.body)
		}
	}
	good := s.hostToken("dana")
	for name, bad := range map[string]string{
		"garbage":        "garbage",
		"another secret": good[:len(good)-8] + "AAAAAAAA",
		"expired":        s.hostToken("dana", func(c map[string]any) { c["exp"] = s.clock().Unix() - 31 }),
	} {
		if r := s.post("/auth/sso/to_session", bad); r.status != 401 {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
}

// J21
func TestSSO_J21_embeddingOff(t *testing.T) {
	s := newSite(t, func(p *parts) { interactive(p); p.signIn = p.signInWith(embeddingOff) })
	s.addHost()
	token := s.hostToken("dana")
	for name, r := range map[string]reply{
		"session":    s.post("/api/v1/session", token, "Origin", origin),
		"JSON":       s.post("/auth/sso", token, "Origin", origin),
		"a header":   s.sso([]string{"X-Oriel-Client", "react", "Origin", origin}, "jwt", token),
		"legacy":     s.sso(nil, "jwt", token, "token", "true"),
		"to_session": s.post("/auth/sso/to_session", token),
		"a landing":  s.sso(opens, "jwt", token),
		"a start":    s.sso(opens, "provider", "host"),
		"discovery":  s.sso([]string{"Origin", origin}, "client", "sdk", "provider", "host"),
	} {
		if r.status != 403 || r.code() != "embedding_disabled" {
			t.Errorf("%s: got %d %s", name, r.status, r.body)
		}
	}
}

// §7: refused attempts of a network wait, and are told how long; good ones never.
func TestSSO_refusedAttemptsWait(t *testing.T) {
	s := newSite(t, func(p *parts) { p.signIn = p.signInWith(func(o *signin.Options) { o.RefusedRate = 2 }) })
	s.addHost()
	for range 2 {
		if r := s.post("/auth/sso", "garbage", "Origin", origin); r.code() != "token_malformed" {
			t.Fatalf("got %d %s", r.status, r.body)
		}
	}
	for name, r := range map[string]reply{
		"an exchange": s.post("/auth/sso", "garbage", "Origin", origin),
		"a backend":   s.post("/auth/sso/to_session", "garbage"),
		"a logout":    s.post(revokePath, "garbage"),
	} {
		if r.status != 429 || r.code() != "rate_limited" || r.header.Get("Retry-After") != "30" {
			t.Errorf("%s: got %d %v %s", name, r.status, r.header, r.body)
		}
	}
	s.post("/auth/sso", s.hostToken("dana"), "Origin", origin).compat(t)
}
