package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestJ14_time(t *testing.T) {
	h := newCase(t, caseFile)
	at := func(seconds int) int64 { return h.clock().Unix() + int64(seconds) }
	for i, c := range []struct {
		s    signed
		code string
	}{
		{signed{compat: true, claims: claims("iat", at(-211), "exp", at(600))}, "token_too_old"},
		{signed{compat: true, claims: claims("iat", at(-210), "exp", at(600))}, ""},
		{signed{claims: claims("iat", at(-90), "exp", at(-30))}, "token_expired"},
		{signed{claims: claims("iat", at(-80), "exp", at(-29))}, ""},
		{signed{compat: true, claims: claims("exp", at(-30))}, "token_expired"},
		{signed{claims: claims("iat", at(31), "exp", at(60))}, "token_not_yet_valid"},
		{signed{claims: claims("iat", at(30), "exp", at(60))}, ""},
		{signed{claims: claims("nbf", at(31))}, "token_not_yet_valid"},
		{signed{claims: claims("nbf", at(30))}, ""},
	} {
		c.s.claims = with(c.s.claims, "sub", fmt.Sprint("p", i), "email", fmt.Sprintf("p%d@example.com", i))
		r := h.exchange(h.sign(c.s))
		if r.code() != c.code {
			t.Errorf("%d: got %d %s, want %q", i, r.status, r.body, c.code)
		}
		if c.code != "" && r.problem().ServerTime != h.clock().Unix() {
			t.Errorf("%d: server_time is %d", i, r.problem().ServerTime)
		}
		if c.code == "" {
			var s caseSession
			r.read(t, &s)
			h.canary(s.Token)
		}
	}
	h.isRefused("token_not_yet_valid", signed{claims: claims("iat", at(600), "exp", at(660))})
	if skew := h.count(`SELECT document ->> 'clock_skew_ms' FROM sign_in_records WHERE outcome = 'token_not_yet_valid' ORDER BY id DESC LIMIT 1`); skew != 600_000 {
		t.Errorf("the record's skew is %d ms", skew)
	}
}

func TestJ15_claimsThatMustBeThere(t *testing.T) {
	h := newCase(t, caseFile)
	for _, compat := range []bool{false, true} {
		for _, claim := range []string{"exp", "iat", "email"} {
			if r := h.isRefused("claim_missing", signed{compat: compat, claims: claims(claim, nil)}); !strings.Contains(r.problem().Detail, claim) {
				t.Errorf("the claim %s is not named: %s", claim, r.body)
			}
		}
		for _, date := range []string{`"1790000000"`, `NaN`, `1e400`, `-5`, `null`, `true`, `[1]`} {
			payload := fmt.Sprintf(`{"iss":%q,"aud":%q,"sub":"dana","jti":%q,"email":"dana@example.com","iat":%d,"exp":%s}`, caseIssuer, h.site, rand.Text(), h.clock().Unix(), date)
			h.isRefused("token_malformed", signed{compat: compat, raw: payload})
		}
	}
	for _, claim := range []string{"jti", "iss", "aud", "sub"} {
		h.isRefused("claim_missing", signed{claims: claims(claim, nil)})
	}
	now := h.clock().Unix()
	h.isRefused("token_lifetime", signed{claims: claims("iat", now, "exp", now+360)})
	h.enters(signed{claims: claims("iat", now, "exp", now+300)})
	h.enters(signed{compat: true, claims: claims("exp", now+86400)})
}

func TestJ16_oneUse(t *testing.T) {
	h := newCase(t, withSwitches("    backend_sessions: true\n    legacy_exchange: true\n"), "INTERACTIVE_EMBEDDING=true")
	token := h.sign(signed{})
	var wait sync.WaitGroup
	replies := make([]caseReply, 50)
	for i := range replies {
		wait.Go(func() { replies[i] = h.exchange(token) })
	}
	wait.Wait()
	accepted := 0
	for _, r := range replies {
		if r.status == 200 {
			accepted++
			var s caseSession
			r.read(t, &s)
			h.canary(s.Token)
		} else if r.code() != "token_replayed" {
			t.Errorf("got %d %s", r.status, r.body)
		}
	}
	if accepted != 1 {
		t.Errorf("of 50 at once %d were accepted", accepted)
	}
	// At exp - 1 s, and again at exp + 29 s.
	now := h.clock().Unix()
	late := h.sign(signed{claims: claims("iat", now, "exp", now+60)})
	h.wait(59 * time.Second)
	if r := h.exchange(late); r.status != 200 {
		t.Fatalf("at exp - 1 s: %d %s", r.status, r.body)
	}
	h.wait(30 * time.Second)
	if r := h.exchange(late); r.code() != "token_replayed" {
		t.Errorf("at exp + 29 s: %d %s", r.status, r.body)
	}
	// The same jti from two providers.
	h.enters(signed{claims: claims("jti", "the-same")})
	h.enters(signed{compat: true, claims: claims("jti", "the-same")})
	h.isRefused("token_replayed", signed{claims: claims("jti", "the-same")})
	// Spent at one entrance, refused at every other.
	entrances := map[string]func(string) caseReply{
		"session": func(token string) caseReply { return h.exchange(token) },
		"header": func(token string) caseReply {
			return h.ask("GET", "/auth/sso?jwt="+token, "", "X-Metabase-Client", "x", "Origin", casePage)
		},
		"post": func(token string) caseReply {
			return h.ask("POST", "/auth/sso", `{"jwt":"`+token+`"}`, "Origin", casePage, "Content-Type", "application/json")
		},
		"legacy": func(token string) caseReply {
			return h.ask("GET", "/auth/sso?token=true&jwt="+token, "", "Accept", "*/*")
		},
		"landing": func(token string) caseReply { return h.land(token, "") },
		"to_session": func(token string) caseReply {
			return h.ask("POST", "/auth/sso/to_session", `{"jwt":"`+token+`"}`, "Content-Type", "application/json")
		},
	}
	for first, enter := range entrances {
		token := h.sign(signed{compat: true})
		if r := enter(token); r.status >= 400 {
			t.Errorf("%s: %d %s", first, r.status, r.body)
		}
		for second, again := range entrances {
			if r := again(token); r.code() != "token_replayed" {
				t.Errorf("%s, then %s: %d %s", first, second, r.status, r.body)
			}
		}
	}
}

func TestJ17_issuerAndAudience(t *testing.T) {
	h := newCase(t, caseFile)
	h.isRefused("audience_mismatch", signed{claims: claims("aud", "https://other.example")})
	h.isRefused("audience_mismatch", signed{claims: claims("aud", []string{"https://other.example", h.site + "/"})})
	h.isRefused("issuer_mismatch", signed{claims: claims("iss", caseIssuer+"/")})
	h.enters(signed{claims: claims("aud", []string{"https://other.example", h.site})})
}

func TestJ18_forgedTokens(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	asked := false
	outside := httpServer(t, func(http.ResponseWriter, *http.Request) { asked = true })
	h := newCase(t, caseFile)
	write(t, h.folder+"/rsa.yaml", string(public))
	h.must(nil, "provider", "create", "--slug", "rsa", "--issuer", "https://rsa.example", "--sign-in-uri", "https://rsa.example/sso", "--create-users")
	h.must(nil, "key", "create", "--provider", "rsa", "--kind", "rs256", "--id", "r1", "--public", h.folder+"/rsa.yaml")
	time.Sleep(300 * time.Millisecond)
	good := h.sign(signed{})
	parts := strings.Split(good, ".")
	rsaClaims := claims("iss", "https://rsa.example")
	for name, c := range map[string]struct {
		token string
		code  string
	}{
		"alg none":               {h.unsigned("none"), "algorithm_not_allowed"},
		"alg NoNe":               {h.unsigned("NoNe"), "algorithm_not_allowed"},
		"alg HS384":              {h.sign(signed{header: claims("alg", "HS384")}), "algorithm_not_allowed"},
		"HS256 with RSA PEM":     {h.sign(signed{key: public, header: claims("kid", "r1"), claims: rsaClaims}), "algorithm_not_allowed"},
		"HS256 with RSA DER":     {h.sign(signed{key: der, header: claims("kid", "r1"), claims: rsaClaims}), "algorithm_not_allowed"},
		"HS256 with the modulus": {h.sign(signed{key: key.N.Bytes(), header: claims("kid", "r1"), claims: rsaClaims}), "algorithm_not_allowed"},
		"RS256 for an HS key":    {h.sign(signed{header: claims("alg", "RS256")}), "algorithm_not_allowed"},
		"empty signature":        {parts[0] + "." + parts[1] + ".", "token_malformed"},
		"empty secret":           {h.sign(signed{key: []byte{}}), "token_signature"},
		"other secret":           {h.sign(signed{key: []byte(strings.Repeat("x", 32))}), "token_signature"},
		"unknown kid":            {h.sign(signed{header: claims("kid", "k2")}), "token_key_unknown"},
		"kid with a path":        {h.sign(signed{header: claims("kid", "../../etc/passwd")}), "token_key_unknown"},
		"kid with SQL":           {h.sign(signed{header: claims("kid", "k1' OR 1=1 --")}), "token_key_unknown"},
		"embedded jwk":           {h.sign(signed{header: claims("jwk", map[string]string{"kty": "oct", "k": "AAAA"})}), "token_malformed"},
		"jku":                    {h.sign(signed{header: claims("jku", outside+"/jwks")}), "token_malformed"},
		"x5u":                    {h.sign(signed{header: claims("x5u", outside+"/x5u")}), "token_malformed"},
		"unknown crit":           {h.sign(signed{header: claims("crit", []string{"exp"})}), "token_malformed"},
		"duplicate claim":        {h.sign(signed{raw: `{"sub":"dana","sub":"root","iat":1,"exp":2}`}), "token_malformed"},
		"nested":                 {h.sign(signed{raw: `"` + good + `"`}), "token_malformed"},
		"9 KiB":                  {h.sign(signed{claims: claims("filler", strings.Repeat("x", 9<<10))}), "token_malformed"},
		"trailing bytes":         {good + "\n", "token_malformed"},
		"more parts":             {good + ".x", "token_malformed"},
		"padding":                {good + "==", "token_malformed"},
		"another spelling":       {respelled(good), "token_malformed"},
		"no token":               {"x", "token_malformed"},
	} {
		provider := "strict"
		if strings.Contains(name, "RSA") || strings.Contains(name, "modulus") {
			provider = "rsa"
		}
		body, err := json.Marshal(map[string]string{"jwt": c.token, "provider": provider})
		if err != nil {
			t.Fatal(err)
		}
		r := h.ask("POST", "/api/v1/session", string(body), "Origin", casePage, "Content-Type", "application/json")
		if r.code() != c.code {
			t.Errorf("%s: got %d %s, want %s", name, r.status, r.body, c.code)
		}
	}
	if asked {
		t.Error("a token made the server ask somebody")
	}
	if strings.Contains(string(h.log.bytes()), "panicked") {
		t.Error("a token made the server panic")
	}
	if r := h.exchange(good); r.status != 200 {
		t.Errorf("the good one is refused after all: %d %s", r.status, r.body)
	}
}

func (h *caseHouse) unsigned(alg string) string {
	h.Helper()
	parts := strings.Split(h.sign(signed{header: claims("alg", alg)}), ".")
	return parts[0] + "." + parts[1] + "."
}

// respelled sets bits of the last character that no byte holds.
func respelled(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

func TestJ19_keyRotation(t *testing.T) {
	h := newCase(t, caseFile)
	var next struct {
		Secret string
		Key    struct{ ID string }
	}
	h.must(&next, "key", "create", "--provider", "strict", "--kind", "hs256", "--id", "k2")
	h.canary(next.Secret)
	h.must(nil, "key", "retire", "--provider", "strict", "--id", "k1", "--overlap", "1h")
	h.heeds("the new key is not known", func() bool {
		r := h.exchange(h.sign(signed{key: []byte(next.Secret), header: claims("kid", "k2")}))
		return r.status == 200
	})
	h.wait(59 * time.Minute)
	h.enters(signed{})
	key := func(id string) (k struct {
		ID           string
		LastHour     int  `json:"last_hour"`
		SafeToDelete bool `json:"safe_to_delete"`
		Live         bool
	}) {
		h.Helper()
		var list struct{ Keys []json.RawMessage }
		h.must(&list, "key", "list", "--provider", "strict")
		for _, one := range list.Keys {
			if err := json.Unmarshal(one, &k); err != nil {
				t.Fatal(err)
			}
			if k.ID == id {
				return k
			}
		}
		t.Fatalf("there is no key %s", id)
		return k
	}
	if k := key("k1"); k.LastHour != 1 || !k.Live || k.SafeToDelete {
		t.Errorf("inside the overlap: %+v", k)
	}
	h.wait(2 * time.Minute)
	h.isRefused("token_key_unknown", signed{})
	if k := key("k1"); k.Live || k.SafeToDelete {
		t.Errorf("after an overlap in which it was used: %+v", k)
	}
}

func TestJ19_jwks(t *testing.T) {
	jwks := newJWKS(t)
	h := newCase(t, caseFile, "DEV=true", "FETCH_PRIVATE_ADDRESSES=true")
	h.must(nil, "provider", "create", "--slug", "jwks", "--issuer", "https://jwks.example", "--sign-in-uri", "https://jwks.example/sso", "--create-users")
	h.must(nil, "key", "create", "--provider", "jwks", "--kind", "jwks", "--url", jwks.url)
	time.Sleep(300 * time.Millisecond)
	exchange := func(kid string) caseReply {
		h.Helper()
		body, err := json.Marshal(map[string]string{"jwt": jwks.sign(h, kid), "provider": "jwks"})
		if err != nil {
			t.Fatal(err)
		}
		return h.ask("POST", "/api/v1/session", string(body), "Origin", casePage, "Content-Type", "application/json")
	}
	jwks.publish("one")
	if r := exchange("one"); r.status != 200 {
		t.Fatalf("a published key: %d %s", r.status, r.body)
	}
	if n := jwks.asked(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	jwks.publish("one", "two")
	h.wait(31 * time.Second)
	if r := exchange("two"); r.status != 200 || jwks.asked() != 2 {
		t.Errorf("a key that was published later: %d %s, asked %d times", r.status, r.body, jwks.asked())
	}
	for range 20 {
		if r := exchange("three"); r.code() != "token_key_unknown" {
			t.Errorf("a key that nobody published: %d %s", r.status, r.body)
		}
	}
	if n := jwks.asked(); n > 3 {
		t.Errorf("20 unknown keys: asked %d times", n)
	}
	jwks.goDown()
	h.wait(time.Hour)
	if r := exchange("one"); r.status != 200 {
		t.Errorf("a known key in an outage: %d %s", r.status, r.body)
	}
	h.wait(time.Minute)
	if r := exchange("four"); r.code() != "keys_unavailable" || r.status != 503 {
		t.Errorf("an unknown key in an outage: %d %s", r.status, r.body)
	}
}
