package hostauth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

const frontend = "https://app.example.com"

func dana() Identity {
	return Identity{
		Subject: "dana", Email: "dana@example.com", FirstName: "Dana", LastName: "Reyes",
		Groups: []string{"operators"}, Tenant: "dfw", SessionID: "s1", Attributes: map[string]any{"airport": "DFW"},
	}
}

func options(t *testing.T) Options {
	t.Helper()
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Issuer: "https://api.example.com", OrielURL: "https://bi.example.com/", Key: key, KeyID: "k1",
		AllowedOrigins: []string{frontend},
		Log:            slog.New(slog.DiscardHandler),
		Identify: func(r *http.Request) (Identity, error) {
			if r.Header.Get("Cookie") == "" {
				return Identity{}, ErrSignedOut
			}
			return dana(), nil
		},
	}
}

func newHandler(t *testing.T, o Options) *Handler {
	t.Helper()
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.now = func() time.Time { return time.Unix(1_790_000_000, 999) }
	return h
}

// call sends a request with a header's lines as "Name: value".
func call(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, answer *http.Response) map[string]string {
	t.Helper()
	var fields map[string]string
	if err := json.NewDecoder(answer.Body).Decode(&fields); err != nil {
		t.Fatalf("the answer is no JSON object of texts: %v", err)
	}
	return fields
}

// parts decodes a token's header and claims.
func parts(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	texts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(texts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestHandler_givesTheSDKAToken(t *testing.T) {
	o := options(t)
	answer := call(newHandler(t, o), "GET", "/sso/oriel?response=json", "Cookie: s=1", "Origin: "+frontend)
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("answer %d, %s", answer.StatusCode, answer.Header)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Vary": "Origin", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Access-Control-Allow-Origin": frontend, "Access-Control-Allow-Credentials": "true", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	fields := body(t, answer)
	if len(fields) != 1 {
		t.Errorf("the answer has more than jwt: %v", fields)
	}
	header, claims := parts(t, fields["jwt"])
	if want := map[string]any{"alg": "EdDSA", "typ": "JWT", "kid": "k1"}; !reflect.DeepEqual(header, want) {
		t.Errorf("header %v, want %v", header, want)
	}
	id, _ := claims["jti"].(string)
	if random, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(random) != 16 {
		t.Errorf("jti %q is not 128 random bits", id)
	}
	delete(claims, "jti")
	want := map[string]any{
		"iss": "https://api.example.com", "aud": "https://bi.example.com", "sub": "dana", "iat": 1.79e9, "exp": 1.79e9 + 60,
		"email": "dana@example.com", "first_name": "Dana", "last_name": "Reyes", "groups": []any{"operators"}, "tenant": "dfw",
		"sid": "s1", "airport": "DFW",
	}
	if !reflect.DeepEqual(claims, want) {
		t.Errorf("claims\n%v, want\n%v", claims, want)
	}
	at := strings.LastIndexByte(fields["jwt"], '.')
	signature, _ := base64.RawURLEncoding.DecodeString(fields["jwt"][at+1:])
	if !ed25519.Verify(o.Key.Public().(ed25519.PublicKey), []byte(fields["jwt"][:at]), signature) {
		t.Error("the key did not sign the token")
	}
}

func TestHandler_redirectsABrowserToOriel(t *testing.T) {
	answer := call(newHandler(t, options(t)), "GET", "/sso/oriel?return_to=%2Fdashboards%2F7%3Fa%3D1%26jwt%3Dx&state=s%26t&jwt=evil&response=html", "Cookie: s=1")
	if answer.StatusCode != 302 || answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answer %d, %s", answer.StatusCode, answer.Header)
	}
	to, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || to.Scheme+"://"+to.Host+to.Path != "https://bi.example.com/auth/sso" {
		t.Fatalf("Location %q", answer.Header.Get("Location"))
	}
	query := to.Query()
	if len(query["jwt"]) != 1 || strings.Count(query.Get("jwt"), ".") != 2 {
		t.Errorf("jwt %q", query["jwt"])
	}
	if query.Get("return_to") != "/dashboards/7?a=1&jwt=x" || query.Get("state") != "s&t" || len(query) != 3 {
		t.Errorf("query %v", query)
	}
}

// return_to never chooses where the token goes.
func TestHandler_redirectsToOrielAlone(t *testing.T) {
	h := newHandler(t, options(t))
	for _, target := range []string{"https://evil.io/", "//evil.io", "https://bi.example.com@evil.io", "\\evil.io", "x\r\nLocation: https://evil.io"} {
		answer := call(h, "GET", "/sso/oriel?return_to="+url.QueryEscape(target), "Cookie: s=1", "Host: evil.io", "X-Forwarded-Host: evil.io")
		if to := answer.Header.Get("Location"); !strings.HasPrefix(to, "https://bi.example.com/auth/sso?jwt=") || len(answer.Header.Values("Location")) != 1 {
			t.Errorf("return_to %q leads to %q", target, to)
		}
	}
}

func TestHandler_signedOutIs401AsJSON(t *testing.T) {
	h := newHandler(t, options(t))
	for _, target := range []string{"/sso/oriel?response=json", "/sso/oriel"} {
		answer := call(h, "GET", target, "Origin: "+frontend)
		if answer.StatusCode != 401 || answer.Header.Get("Access-Control-Allow-Origin") != frontend || body(t, answer)["error"] != "signed_out" {
			t.Errorf("%s: %d, %s", target, answer.StatusCode, answer.Header)
		}
	}
}

func TestHandler_foreignPageGetsNothing(t *testing.T) {
	o := options(t)
	asked := false
	o.Identify = func(*http.Request) (Identity, error) { asked = true; return dana(), nil }
	h := newHandler(t, o)
	for _, origin := range []string{
		"https://evil.io", "null", "*", "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.io",
		"https://evilapp.example.com", "https://example.com", "https://x.app.example.com", "HTTPS://APP.EXAMPLE.COM", "https://app.example.com/",
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			answer := call(h, method, "/sso/oriel?response=json", "Origin: "+origin, "Cookie: s=1", "Sec-Fetch-Site: cross-site", "Access-Control-Request-Method: GET")
			if answer.StatusCode != 403 || answer.Header.Get("Access-Control-Allow-Origin") != "" || answer.Header.Get("Access-Control-Allow-Credentials") != "" || answer.Header.Get("Vary") != "Origin" {
				t.Errorf("%s from %q: %d, %s", method, origin, answer.StatusCode, answer.Header)
			}
			if body(t, answer)["jwt"] != "" || asked {
				t.Errorf("%s from %q: a token was made", method, origin)
			}
		}
	}
}

func TestHandler_answersPreflightsOfItsFrontend(t *testing.T) {
	answer := call(newHandler(t, options(t)), "OPTIONS", "/sso/oriel?response=json", "Origin: "+frontend, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
	h := answer.Header
	if answer.StatusCode != 204 || h.Get("Access-Control-Allow-Origin") != frontend || h.Get("Access-Control-Allow-Credentials") != "true" ||
		h.Get("Access-Control-Allow-Methods") != "GET" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%d, %s", answer.StatusCode, h)
	}
}

func TestHandler_otherMethodsAreRefused(t *testing.T) {
	h := newHandler(t, options(t))
	for _, method := range []string{"POST", "HEAD", "PUT", "DELETE"} {
		if answer := call(h, method, "/sso/oriel?response=json", "Cookie: s=1"); answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, OPTIONS" {
			t.Errorf("%s: %d", method, answer.StatusCode)
		}
	}
}

func TestHandler_failureIsLoggedAndNotTold(t *testing.T) {
	o := options(t)
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	for name, identify := range map[string]func(*http.Request) (Identity, error){
		"database":   func(*http.Request) (Identity, error) { return Identity{}, errors.New("canary") },
		"no Subject": func(*http.Request) (Identity, error) { return Identity{Email: "x@example.com"}, nil },
		"zero":       func(*http.Request) (Identity, error) { return Identity{}, nil },
		"long session": func(*http.Request) (Identity, error) {
			p := dana()
			p.SessionID = strings.Repeat("x", 129)
			return p, nil
		},
		"too much": func(*http.Request) (Identity, error) {
			p := dana()
			p.Attributes = map[string]any{"x": strings.Repeat("x", 8<<10)}
			return p, nil
		},
	} {
		log.Reset()
		o.Identify = identify
		answer := call(newHandler(t, o), "GET", "/sso/oriel?response=json", "Origin: "+frontend)
		if fields := body(t, answer); answer.StatusCode != 500 || fields["error"] != "not_vouched" || strings.Contains(fields["message"], "canary") {
			t.Errorf("%s: %d, %v", name, answer.StatusCode, fields)
		}
		if log.Len() == 0 {
			t.Errorf("%s: nothing is logged", name)
		}
	}
}

func TestHandler_everyTokenIsAnother(t *testing.T) {
	h := newHandler(t, options(t))
	seen := map[any]bool{}
	for range 100 {
		token, err := h.Token(dana())
		if err != nil {
			t.Fatal(err)
		}
		_, claims := parts(t, token)
		if seen[claims["jti"]] {
			t.Fatal("a jti came twice")
		}
		seen[claims["jti"]] = true
	}
}

func TestToken_attributeIsNoOtherClaim(t *testing.T) {
	h := newHandler(t, options(t))
	for _, name := range []string{"", "@x", "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "email", "first_name", "last_name", "groups", "tenant"} {
		p := dana()
		p.Attributes = map[string]any{name: "x"}
		if _, err := h.Token(p); err == nil {
			t.Errorf("an attribute with the name %q was vouched for", name)
		}
	}
	for _, value := range []any{nil, map[string]any{}, struct{}{}, []any{nil}, [][]string{{"a"}}, []any{map[string]any{}}, math.NaN(), func() {}, []string(nil)} {
		p := dana()
		p.Attributes = map[string]any{"x": value}
		if _, err := h.Token(p); err == nil {
			t.Errorf("the attribute %v was vouched for", value)
		}
	}
	p := dana()
	p.Attributes = map[string]any{"text": "a", "number": 1, "real": 1.5, "yes": true, "list": []any{"a", 1, false}, "none": []string{}}
	if _, err := h.Token(p); err != nil {
		t.Error(err)
	}
}

func TestToken_leavesOutWhatIsNotKnown(t *testing.T) {
	token, err := newHandler(t, options(t)).Token(Identity{Subject: "x", Email: "x@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	_, claims := parts(t, token)
	for _, name := range []string{"first_name", "last_name", "groups", "tenant", "sid"} {
		if _, is := claims[name]; is {
			t.Errorf("the token has %s", name)
		}
	}
	token, err = newHandler(t, options(t)).Token(Identity{Subject: "x", Email: "x@example.com", Groups: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, claims := parts(t, token); !reflect.DeepEqual(claims["groups"], []any{}) {
		t.Errorf("an empty list of groups became %v", claims["groups"])
	}
}

func TestNew_secretSignsWithHS256(t *testing.T) {
	o := options(t)
	o.Key, o.Secret, o.KeyID = nil, bytes.Repeat([]byte{7}, 32), ""
	token, err := newHandler(t, o).Token(dana())
	if err != nil {
		t.Fatal(err)
	}
	if header, _ := parts(t, token); !reflect.DeepEqual(header, map[string]any{"alg": "HS256", "typ": "JWT"}) {
		t.Errorf("header %v", header)
	}
	at := strings.LastIndexByte(token, '.')
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte(token[:at]))
	if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != token[at+1:] {
		t.Error("the secret did not sign the token")
	}
}

func TestNew_wrongOptionIsNamed(t *testing.T) {
	for _, tt := range []struct {
		names  string
		change func(*Options)
	}{
		{"Issuer", func(o *Options) { o.Issuer = "" }},
		{"Identify", func(o *Options) { o.Identify = nil }},
		{"OrielURL", func(o *Options) { o.OrielURL = "" }},
		{"OrielURL", func(o *Options) { o.OrielURL = "bi.example.com" }},
		{"OrielURL", func(o *Options) { o.OrielURL = "javascript://x" }},
		{"OrielURL", func(o *Options) { o.OrielURL = "https://bi.example.com?x=1" }},
		{"OrielURL", func(o *Options) { o.OrielURL = "https://a@bi.example.com" }},
		{"both Key and Secret", func(o *Options) { o.Secret = make([]byte, 32) }},
		{"neither Key nor Secret", func(o *Options) { o.Key = nil }},
		{"Key", func(o *Options) { o.Key = o.Key[:32] }},
		{"Secret", func(o *Options) { o.Key, o.Secret = nil, make([]byte, 31) }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"*"} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"null"} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{""} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"https://*.example.com"} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"https://app.example.com/"} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"https://App.example.com"} }},
		{"AllowedOrigins", func(o *Options) { o.AllowedOrigins = []string{"app.example.com"} }},
		{"default port", func(o *Options) { o.AllowedOrigins = []string{"https://app.example.com:443"} }},
		{"default port", func(o *Options) { o.AllowedOrigins = []string{"http://app.example.com:"} }},
	} {
		o := options(t)
		tt.change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), tt.names) {
			t.Errorf("New: %v, want an error about %s", err, tt.names)
		}
	}
}

func TestKeys_areReadBackAsTheyWereWritten(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := PrivatePEM(key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParsePrivateKey(text)
	if err != nil || !key.Equal(again) {
		t.Fatalf("ParsePrivateKey: %v", err)
	}
	public, err := PublicPEM(key)
	if err != nil || !strings.HasPrefix(string(public), "-----BEGIN PUBLIC KEY-----\n") {
		t.Fatalf("PublicPEM: %s, %v", public, err)
	}
	if block, _ := pem.Decode(public); bytes.Contains(public, []byte("PRIVATE")) || bytes.Contains(block.Bytes, key.Seed()) {
		t.Error("the public text holds the private key")
	}
	for _, bad := range [][]byte{nil, []byte("x"), public, text[:60], append(append([]byte{}, text...), text...)} {
		if _, err := ParsePrivateKey(bad); err == nil {
			t.Errorf("ParsePrivateKey took %q", bad)
		}
	}
	if _, err := PublicPEM(nil); err == nil {
		t.Error("PublicPEM of no key")
	}
}
