package doctor_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/hostauth"
	"github.com/oriel-bi/oriel/internal/doctor"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestExamine_aGoodHostHasNoFinding(t *testing.T) {
	h := open(t, nil)
	h.host(h.good(nil))
	report := h.examine(doctor.Request{})
	if report.Findings() != 0 {
		t.Errorf("findings: %+v", report.Checks)
	}
	seen := map[string]doctor.Status{}
	for _, c := range report.Checks {
		seen[c.Name] = c.Status
	}
	for _, name := range []string{
		"store", "site", "ready", "version", "origin", "switch", "sign-in URI", "keys", "discovery", "exchange", "endpoint", "CORS", "status",
		"shape", "cache", "key", "signature", "time", "issuer", "audience", "replay", "tenant", "account", "groups", "clock", "second token",
	} {
		if seen[name] != doctor.OK {
			t.Errorf("%s is %q", name, seen[name])
		}
	}
}

// TestExamine_writesNothing asks a host and then signs in with nothing spent.
func TestExamine_writesNothing(t *testing.T) {
	h := open(t, nil)
	token := h.sign(nil)
	h.host(answering(func(w http.ResponseWriter) { writeToken(w, token) }))
	h.examine(doctor.Request{})
	users, err := h.store.ListUsers(t.Context(), "", 10)
	if err != nil || len(users) != 0 {
		t.Errorf("users %v, %v", users, err)
	}
	sessions, err := h.store.ListSessions(t.Context(), oriel.SessionFilter{}, time.Now(), "", 10)
	if err != nil || len(sessions) != 0 {
		t.Errorf("sessions %v, %v", sessions, err)
	}
	records, err := h.store.ListSignIns(t.Context(), oriel.SignInFilter{}, 10)
	if err != nil || len(records) != 0 {
		t.Errorf("records %v, %v", records, err)
	}
	// The token of before is still good: the check of replays is made, and passes.
	for _, c := range h.examine(doctor.Request{}).Checks {
		if c.Name == "replay" && c.Status != doctor.OK {
			t.Errorf("the token was spent: %+v", c)
		}
	}
}

// TestExamine_eachFaultOfAHost is one host for each thing that hosts do wrong.
func TestExamine_eachFaultOfAHost(t *testing.T) {
	now := time.Now().Unix()
	for name, c := range map[string]struct {
		host                 func(*house) http.Handler
		check, received, fix string
	}{
		"HTML": {func(*house) http.Handler {
			return answering(func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = io.WriteString(w, "<title>Sign in</title>")
			})
		}, "shape", "HTML", "401 when nobody is signed in"},
		"nobody signed in": {func(h *house) http.Handler {
			return h.good(func(o *hostauth.Options) {
				o.Identify = func(*http.Request) (hostauth.Identity, error) { return hostauth.Identity{}, hostauth.ErrSignedOut }
			})
		}, "status", "401: nobody is signed in", "does not take what --header gave"},
		"500": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
		}, "status", "status 500", "the host's log says why"},
		"login page": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) {
				w.Header().Set("Location", "https://app.example/login?next=secret")
				w.WriteHeader(http.StatusFound)
			})
		}, "status", "302, a redirect to https://app.example/login", "Answer 401 as JSON"},
		"token in the address": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) {
				w.Header().Set("Location", h.site.URL+"/auth/sso?jwt="+h.sign(nil))
				w.WriteHeader(http.StatusFound)
			})
		}, "status", "with the token in the address", "ignores response=json"},
		"wrong shape": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) { writeJSON(w, map[string]any{"token": h.sign(nil), "n": 1}) })
		}, "shape", "{n: number, token: string}", "whose jwt is the token"},
		"a text": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) { writeJSON(w, h.sign(nil)) })
		}, "shape", "something else than a JSON object", "one JSON object"},
		"no JWT": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) { writeJSON(w, map[string]any{"jwt": "opaque"}) })
		}, "shape", "no JWT", "compact form"},
		"JSON as text": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = fmt.Fprintf(w, `{"jwt":%q}`, h.sign(nil))
			})
		}, "shape", "text/plain", "application/json"},
		"no CORS": {func(h *house) http.Handler {
			return without(h.good(nil), "Access-Control-Allow-Origin", "")
		}, "CORS", "no Access-Control-Allow-Origin", "AllowedOrigins"},
		"CORS for all": {func(h *house) http.Handler {
			return without(h.good(nil), "Access-Control-Allow-Origin", "*")
		}, "CORS", "Access-Control-Allow-Origin: *", "* is not enough"},
		"CORS without credentials": {func(h *house) http.Handler {
			return without(h.good(nil), "Access-Control-Allow-Credentials", "")
		}, "CORS", "Access-Control-Allow-Credentials", "with cookies"},
		"cached": {func(h *house) http.Handler {
			return without(h.good(nil), "Cache-Control", "private, max-age=60")
		}, "cache", "max-age=60", "no-store"},
		"wrong key": {func(h *house) http.Handler {
			other, err := hostauth.GenerateKey()
			if err != nil {
				t.Fatal(err)
			}
			return h.good(func(o *hostauth.Options) { o.Key = other })
		}, "signature", "not made with it", "another key"},
		"unknown kid": {func(h *house) http.Handler {
			return h.good(func(o *hostauth.Options) { o.KeyID = "key-9" })
		}, "key", `kid "key-9"`, "Set kid"},
		"wrong issuer": {func(h *house) http.Handler {
			return h.good(func(o *hostauth.Options) { o.Issuer = "https://other.example" })
		}, "issuer", "https://other.example", "letter by letter"},
		"wrong audience": {func(h *house) http.Handler {
			return h.good(func(o *hostauth.Options) { o.OrielURL = "https://other.example" })
		}, "audience", "https://other.example", "site URL"},
		"no jti": {func(h *house) http.Handler {
			return signing(h, map[string]any{"jti": nil})
		}, "claims", "jti", "Add it"},
		"lives a day": {func(h *house) http.Handler {
			return signing(h, map[string]any{"exp": now + 86400})
		}, "time", "exp", "live a minute"},
		"no e-mail": {func(h *house) http.Handler {
			return signing(h, map[string]any{"email": nil})
		}, "claims", "email", "Add it"},
		"the same token twice": {func(h *house) http.Handler {
			token := h.sign(nil)
			return answering(func(w http.ResponseWriter) { writeToken(w, token) })
		}, "second token", "the same one", "as a replay"},
		"the same jti twice": {func(h *house) http.Handler {
			n := 0
			return answering(func(w http.ResponseWriter) {
				n++
				writeToken(w, h.sign(map[string]any{"jti": "fixed", "n": n}))
			})
		}, "second token", "the same jti", "random jti"},
		"one token alone": {func(h *house) http.Handler {
			n := 0
			return answering(func(w http.ResponseWriter) {
				if n++; n > 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				writeToken(w, h.sign(nil))
			})
		}, "second token", "none", "as it did the first"},
		"tenant": {func(h *house) http.Handler {
			return signing(h, map[string]any{"tenant": "acme"})
		}, "tenant", "acme", "--tenant"},
		"too large": {func(h *house) http.Handler {
			return answering(func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, 2<<20)) })
		}, "endpoint", "larger than 1 MiB", "sign_in_uri"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, nil)
			h.host(c.host(h))
			only(t, h.examine(doctor.Request{}), c.check, c.received, c.fix)
		})
	}
}

func TestExamine_aClockThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		off   int64
		check string
	}{
		"10 minutes slow": {-600, "time"},
		"10 minutes fast": {600, "time"},
		"20 s fast":       {20, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			h.host(answering(func(w http.ResponseWriter) {
				at := time.Now().Unix() + c.off
				writeToken(w, h.sign(map[string]any{"iat": at, "exp": at + 60, "jti": fmt.Sprint(time.Now().UnixNano())}))
			}))
			report := h.examine(doctor.Request{})
			found := map[string]bool{}
			for _, check := range report.Checks {
				if check.Status == doctor.Finding {
					found[check.Name] = true
				}
			}
			if !found["clock"] || found["time"] != (c.check == "time") {
				t.Errorf("findings at %v: %+v", found, report.Checks)
			}
		})
	}
}

func TestExamine_aHostThatIsSlowOrAway(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	stop := make(chan struct{})
	h.host(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}))
	defer close(stop)
	only(t, h.examine(doctor.Request{}), "endpoint", "within 5 s", "slow endpoint")

	h.provider.SignInURI = "http://127.0.0.1:1/sso"
	if _, err := h.store.UpdateProvider(t.Context(), "test", h.provider); err != nil {
		t.Fatal(err)
	}
	only(t, h.examine(doctor.Request{}), "endpoint", "no connection", "Start the host's backend")
}

func TestExamine_nobodyGaveASession(t *testing.T) {
	h := open(t, nil)
	h.host(h.good(nil))
	only(t, h.examine(doctor.Request{Header: http.Header{}}), "status", "401", `--header "Cookie: …"`)
}

func TestExamine_thePage(t *testing.T) {
	h := open(t, nil)
	h.host(h.good(func(o *hostauth.Options) { o.AllowedOrigins = []string{"https://stranger.example"} }))
	// The real server refuses the stranger's discovery; the stand-in does not.
	only(t, h.examine(doctor.Request{FromOrigin: "https://stranger.example"}), "origin", "it is not", "oriel origin add")

	if _, err := h.store.RemoveOrigin(t.Context(), "test", h.store.Declared().Origins[0]); err != nil {
		t.Fatal(err)
	}
	only(t, h.examine(doctor.Request{}), "origin", "an empty list", "--from-origin")
}

func TestExamine_theProvider(t *testing.T) {
	secret := []byte("0123456789012345678901234567890123456789012")
	for name, c := range map[string]struct {
		change               func(*oriel.Provider)
		later                time.Duration
		check, received, fix string
	}{
		"off":       {func(p *oriel.Provider) { p.Enabled = false }, 0, "switch", "off", "--enable"},
		"no key":    {func(p *oriel.Provider) { p.Keys = nil }, 0, "keys", "none of 0", "oriel key create"},
		"not https": {func(p *oriel.Provider) { p.SignInURI = "http://host.invalid/sso?theme=dark" }, 0, "sign-in URI", "http://host.invalid/sso", "over https"},
		"old secret": {func(p *oriel.Provider) {
			p.Keys = append(p.Keys, oriel.ProviderKey{ID: "old", Kind: oriel.KeyHS256, Secret: secret})
		}, 500 * 24 * time.Hour, `key "old"`, "500 days old", "oriel key rotate"},
		"JWKS": {func(p *oriel.Provider) {
			p.Keys = append(p.Keys, oriel.ProviderKey{ID: "set", Kind: oriel.KeyJWKS, URL: "https://host.invalid/jwks"})
		}, 0, `key "set"`, "nothing is fetched here", "JWKS cannot be fetched"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, c.change)
			h.options.Clock = func() time.Time { return time.Now().Add(c.later) }
			report := h.examine(doctor.Request{Provider: "apron"})
			for _, check := range report.Checks {
				if check.Status == doctor.Finding && check.Name == "endpoint" {
					continue // nobody serves it here
				}
				if check.Status == doctor.Finding {
					only(t, doctor.Report{Checks: []doctor.Check{check}}, c.check, c.received, c.fix)
					return
				}
			}
			t.Errorf("no finding: %+v", report.Checks)
		})
	}
	h := open(t, nil)
	if _, err := doctor.New(h.options).Examine(t.Context(), doctor.Request{Provider: "nobody"}); oriel.CodeOf(err) != oriel.CodeNotFound {
		t.Errorf("an unknown provider: %v", err)
	}
	ends := time.Now().Add(time.Hour)
	if _, err := h.store.RetireKey(t.Context(), "test", "apron", "key-1", ends); err != nil {
		t.Fatal(err)
	}
	h.host(h.good(nil))
	only(t, h.examine(doctor.Request{}), "keys", "the last one ends", "Make the next one")
}

func TestExamine_theInstance(t *testing.T) {
	h := open(t, nil)
	h.host(h.good(nil))
	h.options.Embedding = false
	only(t, h.examine(doctor.Request{}), "embedding", "off", "Set embedding")
	h.options.Embedding = true
	h.options.Version = "9.9.9"
	only(t, h.examine(doctor.Request{}), "version", "status 200", "Restart the server")
	h.options.Version = maker
	h.site.Close()
	only(t, h.examine(doctor.Request{}), "site", "no connection", "Start oriel serve")
}

// TestExamine_anOlderHost has a token without kid and jti, as hosts of profile
// compat send it.
func TestExamine_anOlderHost(t *testing.T) {
	secret := []byte("0123456789012345678901234567890123456789012")
	h := open(t, func(p *oriel.Provider) {
		p.Profile, p.Issuer = oriel.ProfileCompat, ""
		p.Keys = []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyHS256, Secret: secret}}
	})
	n := int64(0)
	h.host(answering(func(w http.ResponseWriter) {
		n++
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		signed, err := signer.Sign([]byte(fmt.Sprintf(`{"email":"dana@example.com","iat":%d,"exp":%d,"n":%d}`, time.Now().Unix(), time.Now().Unix()+60, n)))
		if err != nil {
			t.Error(err)
			return
		}
		token, err := signed.CompactSerialize()
		if err != nil {
			t.Error(err)
		}
		writeToken(w, token)
	}))
	if report := h.examine(doctor.Request{}); report.Findings() != 0 {
		t.Errorf("findings: %+v", report.Checks)
	}
}

func TestExamine_sendsNoSessionOverHTTP(t *testing.T) {
	h := open(t, func(p *oriel.Provider) { p.SignInURI = "http://host.invalid/sso" })
	for _, check := range h.examine(doctor.Request{}).Checks {
		if check.Name == "endpoint" && check.Status != doctor.Skipped {
			t.Errorf("it was asked: %+v", check)
		}
	}
}

func TestExamine_theProvidersOwnOrigins(t *testing.T) {
	h := open(t, nil)
	h.site.Close()
	other, err := oriel.ParseOrigin("https://other.example", oriel.OriginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h.provider.Origins = []oriel.Origin{other}
	h.host(h.good(nil))
	found := map[string]string{}
	token := doctor.Skipped
	for _, check := range h.examine(doctor.Request{}).Checks {
		if check.Status == doctor.Finding {
			found[check.Name] = check.Fix
		}
		if check.Name == "groups" {
			token = check.Status // the last check of the token is made all the same
		}
	}
	if token != doctor.OK || len(found) != 2 || !strings.Contains(found["origin"], "--origin") || found["site"] == "" {
		t.Errorf("findings: %v", found)
	}
}

// sign makes a token of the provider's key with other claims; nil takes one out.
func (h *house) sign(change map[string]any) string {
	h.t.Helper()
	at := time.Now().Unix()
	claims := map[string]any{
		"iss": issuer, "aud": h.site.URL, "sub": "dana", "jti": fmt.Sprint(time.Now().UnixNano()), "iat": at, "exp": at + 60, "email": "dana@example.com",
	}
	for name, value := range change {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: h.key}, (&jose.SignerOptions{}).WithHeader("kid", "key-1"))
	if err != nil {
		h.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		h.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		h.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// signing is a host that does all but the claims right.
func signing(h *house, change map[string]any) http.Handler {
	return answering(func(w http.ResponseWriter) { writeToken(w, h.sign(change)) })
}

// answering is an endpoint that the page may read.
func answering(answer func(http.ResponseWriter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", page)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Cache-Control", "no-store")
		answer(w)
	})
}

// without changes one header of an endpoint; empty takes it out.
func without(handler http.Handler, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(changing{w, name, value}, r)
	})
}

type changing struct {
	http.ResponseWriter
	name, value string
}

func (c changing) WriteHeader(status int) {
	c.Header().Del(c.name)
	if c.value != "" {
		c.Header().Set(c.name, c.value)
	}
	c.ResponseWriter.WriteHeader(status)
}

func writeToken(w http.ResponseWriter, token string) { writeJSON(w, map[string]any{"jwt": token}) }

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
