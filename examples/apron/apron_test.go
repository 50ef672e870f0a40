package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
)

const (
	pageOrigin = "http://127.0.0.1:7430"
	orielURL   = "http://127.0.0.1:7420"
)

// product is a running backend and a browser's cookies.
type product struct {
	url    string
	client *http.Client
	now    *time.Time
}

func startBackend(t *testing.T) product {
	t.Helper()
	key, err := hostauth.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_790_000_000, 0)
	server := httptest.NewUnstartedServer(nil)
	address := server.Listener.Addr().String()
	handler, err := newBackend(backendOptions{
		url: "http://" + address, frontend: pageOrigin, oriel: orielURL, key: key, log: slog.New(slog.DiscardHandler),
		sessions: newSessions(func() time.Time { return now }, rand.Reader),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = onlyAs(address, handler)
	server.Start()
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return product{url: server.URL, client: client, now: &now}
}

// call sends a request; form is the body of a POST, header lines are "Name: value".
func (p product) call(t *testing.T, method, path, form string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	answer, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func (p product) signIn(t *testing.T, id string) *http.Response {
	t.Helper()
	answer := p.call(t, "POST", "/login", "person="+id, "Origin: "+pageOrigin)
	if answer.StatusCode != 200 {
		t.Fatalf("sign in as %s: %d", id, answer.StatusCode)
	}
	return answer
}

func decode[T any](t *testing.T, answer *http.Response) T {
	t.Helper()
	var v T
	if got := answer.Header.Get("Content-Type"); got != "application/json" {
		t.Fatalf("content type %q", got)
	}
	if err := json.NewDecoder(answer.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPeople_twoOfEachAirport(t *testing.T) {
	p := startBackend(t)
	answer := p.call(t, "GET", "/people.json", "", "Origin: "+pageOrigin)
	listed := decode[[]map[string]any](t, answer)
	of := map[any]int{}
	for _, one := range listed {
		of[one["airport"]]++
		for _, field := range []string{"id", "name", "title"} {
			if text, _ := one[field].(string); text == "" {
				t.Errorf("%v has no %s", one, field)
			}
		}
		customer, _ := one["customer"].(map[string]any)
		if customer["name"] == "" || customer["color"] == "" {
			t.Errorf("%v has no customer", one)
		}
	}
	if len(listed) != 4 || of["DFW"] != 2 || of["ORD"] != 2 {
		t.Errorf("people of %v", of)
	}
	if answer.Header.Get("Access-Control-Allow-Origin") != pageOrigin || answer.Header.Get("Access-Control-Allow-Credentials") != "true" || answer.Header.Get("Vary") != "Origin" {
		t.Errorf("headers %v", answer.Header)
	}
}

func TestLogin_sessionSaysWhoIsSignedIn(t *testing.T) {
	p := startBackend(t)
	if answer := p.call(t, "GET", "/me.json", ""); answer.StatusCode != 401 || decode[map[string]string](t, answer)["error"] != "signed_out" {
		t.Errorf("before: %d", answer.StatusCode)
	}
	answer := p.signIn(t, "dana-dfw")
	cookies := answer.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Path != "/" {
		t.Fatalf("cookies %v", cookies)
	}
	if random, err := base64.RawURLEncoding.DecodeString(cookies[0].Value); err != nil || len(random) != 32 {
		t.Errorf("the session's id is not 256 random bits")
	}
	me := decode[person](t, p.call(t, "GET", "/me.json", ""))
	if me != people()[0] {
		t.Errorf("me %+v", me)
	}

	former := cookies[0].Value
	p.signIn(t, "theo-ord")
	if me := decode[person](t, p.call(t, "GET", "/me.json", "")); me.ID != "theo-ord" {
		t.Errorf("me %+v", me)
	}
	bare := product{url: p.url, client: http.DefaultClient}
	if answer := bare.call(t, "GET", "/me.json", "", "Cookie: "+cookieName+"="+former); answer.StatusCode != 401 {
		t.Errorf("the former person's session lives on: %d", answer.StatusCode)
	}

	if answer := p.call(t, "POST", "/logout", "", "Origin: "+pageOrigin); answer.StatusCode != 204 {
		t.Errorf("sign out: %d", answer.StatusCode)
	}
	if answer := p.call(t, "GET", "/me.json", ""); answer.StatusCode != 401 {
		t.Errorf("after: %d", answer.StatusCode)
	}
}

func TestSession_ends(t *testing.T) {
	p := startBackend(t)
	p.signIn(t, "dana-dfw")
	*p.now = p.now.Add(sessionLife - time.Second)
	if answer := p.call(t, "GET", "/me.json", ""); answer.StatusCode != 200 {
		t.Errorf("just before its end: %d", answer.StatusCode)
	}
	*p.now = p.now.Add(time.Second)
	for _, path := range []string{"/me.json", "/sso/oriel?response=json"} {
		if answer := p.call(t, "GET", path, ""); answer.StatusCode != 401 {
			t.Errorf("%s at its end: %d", path, answer.StatusCode)
		}
	}
}

func TestLogin_unknownPersonIsRefused(t *testing.T) {
	p := startBackend(t)
	for _, form := range []string{"", "person=", "person=nobody", "person=DANA-DFW", "person=dana-dfw%00", "person=%zz", "id=dana-dfw", "person=" + strings.Repeat("x", 1<<20)} {
		answer := p.call(t, "POST", "/login", form, "Origin: "+pageOrigin)
		if answer.StatusCode != 400 || len(answer.Cookies()) != 0 {
			t.Errorf("%.20q: %d, cookies %v", form, answer.StatusCode, answer.Cookies())
		}
	}
	// The query is not the form: a link signs nobody in.
	if answer := p.call(t, "POST", "/login?person=dana-dfw", "", "Origin: "+pageOrigin); answer.StatusCode != 400 {
		t.Errorf("by query: %d", answer.StatusCode)
	}
	if answer := p.call(t, "GET", "/login?person=dana-dfw", ""); answer.StatusCode != 405 {
		t.Errorf("by GET: %d", answer.StatusCode)
	}
}

func TestSSO_vouchesForWhoIsSignedIn(t *testing.T) {
	p := startBackend(t)
	if answer := p.call(t, "GET", "/sso/oriel?response=json", "", "Origin: "+pageOrigin); answer.StatusCode != 401 || answer.Header.Get("Access-Control-Allow-Origin") != pageOrigin {
		t.Errorf("signed out: %d, %v", answer.StatusCode, answer.Header)
	}
	for _, one := range people() {
		p.signIn(t, one.ID)
		answer := p.call(t, "GET", "/sso/oriel?response=json", "", "Origin: "+pageOrigin)
		token := decode[map[string]string](t, answer)["jwt"]
		claims := claimsOf(t, token)
		for name, want := range map[string]any{"iss": p.url, "aud": orielURL, "sub": one.ID, "airport": one.Airport, "email": one.email()} {
			if claims[name] != want {
				t.Errorf("%s: %s is %v, want %v", one.ID, name, claims[name], want)
			}
		}
		sid, _ := claims["sid"].(string)
		at, err := url.Parse(p.url)
		if err != nil {
			t.Fatal(err)
		}
		if secret := p.client.Jar.Cookies(at)[0].Value; len(sid) != 32 || strings.Contains(sid, secret) {
			t.Errorf("sid %q", sid)
		}
	}
	answer := p.call(t, "GET", "/sso/oriel?return_to=%2Fx&state=s", "")
	if to := answer.Header.Get("Location"); answer.StatusCode != 302 || !strings.HasPrefix(to, orielURL+"/auth/sso?jwt=") || !strings.HasSuffix(to, "&return_to=%2Fx&state=s") {
		t.Errorf("%d to %q", answer.StatusCode, to)
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the token has %d parts", len(parts))
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestBackend_foreignPagesAreRefused(t *testing.T) {
	p := startBackend(t)
	p.signIn(t, "dana-dfw")
	for _, origin := range []string{"https://evil.io", "null", "http://127.0.0.1:7430.evil.io", "http://127.0.0.1", "http://localhost:7430", "http://127.0.0.1:7420", "https://127.0.0.1:7430"} {
		for _, one := range []struct{ method, path, form string }{
			{"GET", "/people.json", ""}, {"GET", "/me.json", ""}, {"GET", "/sso/oriel?response=json", ""}, {"GET", "/sso/oriel", ""},
			{"POST", "/login", "person=theo-ord"}, {"POST", "/logout", ""}, {"OPTIONS", "/login", ""}, {"OPTIONS", "/sso/oriel", ""},
		} {
			answer := p.call(t, one.method, one.path, one.form, "Origin: "+origin)
			if answer.StatusCode != 403 || answer.Header.Get("Access-Control-Allow-Origin") != "" || len(answer.Cookies()) != 0 {
				t.Errorf("%s %s from %s: %d, %v", one.method, one.path, origin, answer.StatusCode, answer.Header)
			}
		}
	}
	// A browser that sends no Origin still says that the request is foreign.
	for _, path := range []string{"/login", "/logout"} {
		if answer := p.call(t, "POST", path, "person=theo-ord", "Sec-Fetch-Site: cross-site"); answer.StatusCode != 403 {
			t.Errorf("POST %s across sites: %d", path, answer.StatusCode)
		}
	}
	if me := decode[person](t, p.call(t, "GET", "/me.json", "")); me.ID != "dana-dfw" {
		t.Errorf("a foreign page changed who is signed in: %+v", me)
	}
}

func TestBackend_preflightOfThePageIsAnswered(t *testing.T) {
	p := startBackend(t)
	for _, path := range []string{"/login", "/sso/oriel"} {
		answer := p.call(t, "OPTIONS", path, "", "Origin: "+pageOrigin, "Access-Control-Request-Method: POST")
		if answer.StatusCode != 204 || answer.Header.Get("Access-Control-Allow-Origin") != pageOrigin || answer.Header.Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("%s: %d, %v", path, answer.StatusCode, answer.Header)
		}
	}
}

func TestBackend_answersToItsOwnAddressAlone(t *testing.T) {
	p := startBackend(t)
	for _, host := range []string{"evil.io", "localhost:7431", "127.0.0.1", strings.TrimPrefix(p.url, "http://") + ".evil.io"} {
		answer := p.call(t, "GET", "/people.json", "", "Host: "+host)
		if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 421 || strings.Contains(string(body), "dana") {
			t.Errorf("as %s: %d", host, answer.StatusCode)
		}
	}
}

func TestSessions_memoryIsBounded(t *testing.T) {
	s := newSessions(time.Now, rand.Reader)
	for range maxSessions + 10 {
		if _, err := s.begin(people()[0]); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.byID) > maxSessions {
		t.Errorf("%d sessions are kept", len(s.byID))
	}
}

func page() fstest.MapFS {
	return fstest.MapFS{
		"index.html":           {Data: []byte(`<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><title>Apron</title>`)},
		"assets/index-abc.js":  {Data: []byte("1")},
		"assets/index-abc.css": {Data: []byte("a{}")},
		"mark.svg":             {Data: []byte("<svg/>")},
	}
}

func get(files fstest.MapFS, path string) *http.Response {
	w := httptest.NewRecorder()
	newFrontend(frontendOptions{files: files, oriel: orielURL, backend: "http://127.0.0.1:7431", random: rand.Reader}).
		ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Result()
}

func TestFrontend_servesThePage(t *testing.T) {
	for _, tt := range []struct{ path, kind, cache string }{
		{"/", "text/html; charset=utf-8", "no-store"},
		{"/index.html", "text/html; charset=utf-8", "no-store"},
		{"/gates", "text/html; charset=utf-8", "no-store"},
		{"/deep/er", "text/html; charset=utf-8", "no-store"},
		{"/assets", "text/html; charset=utf-8", "no-store"},
		{"/assets/index-abc.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/index-abc.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/mark.svg", "image/svg+xml", "no-cache"},
		{"/config.json", "application/json", "no-store"},
	} {
		answer := get(page(), tt.path)
		h := answer.Header
		if answer.StatusCode != 200 || h.Get("Content-Type") != tt.kind || h.Get("Cache-Control") != tt.cache || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", tt.path, answer.StatusCode, h)
		}
	}
	config := decode[map[string]string](t, get(page(), "/config.json"))
	if len(config) != 2 || config["oriel"] != orielURL || config["backend"] != "http://127.0.0.1:7431" {
		t.Errorf("config %v", config)
	}
	for _, path := range []string{"/assets/gone.js", "/favicon.ico", "/assets/..%2f..%2fgo.mod", "/go.mod"} {
		if answer := get(page(), path); answer.StatusCode != 404 || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

func TestFrontend_policyNamesWhatThePageNeeds(t *testing.T) {
	first, second := get(page(), "/"), get(page(), "/")
	policy := first.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self' " + orielURL + " http://127.0.0.1:7431;", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %q", policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") || policy == second.Header.Get("Content-Security-Policy") {
		t.Errorf("the policy %q is not strict, or not this answer's own", policy)
	}
	_, after, _ := strings.Cut(policy, "'nonce-")
	nonce, _, _ := strings.Cut(after, "'")
	body, err := io.ReadAll(first.Body)
	if err != nil || len(nonce) < 20 || !strings.Contains(string(body), `nonce="`+nonce+`"`) || strings.Contains(string(body), noncePlaceholder) {
		t.Errorf("nonce %q, page %q", nonce, body)
	}
}
