package doctor_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
	"github.com/oriel-bi/oriel/internal/doctor"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/store"
)

const (
	page   = "http://app.example:3000"
	issuer = "https://api.example.com"
	cookie = "session=the-secret-session-of-dana"
	maker  = "1.2.3"
)

// house is an instance with one provider, and a stand-in for the site's own
// answers as they come through a proxy that changes nothing.
type house struct {
	t        *testing.T
	store    *store.Store
	key      ed25519.PrivateKey
	site     *httptest.Server
	provider oriel.Provider
	options  doctor.Options
}

func open(t *testing.T, change func(*oriel.Provider)) *house {
	t.Helper()
	key, err := hostauth.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := hostauth.PublicPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, key: key}
	h.site = httptest.NewServer(http.HandlerFunc(h.serveSite))
	t.Cleanup(h.site.Close)
	kept, err := store.Open(t.Context(), store.Options{
		URL: "sqlite://" + t.TempDir() + "/oriel.db", InstanceKey: []byte(strings.Repeat("k", 32)),
		Origins: oriel.OriginOptions{SiteURL: h.site.URL}, RecordsKept: time.Hour,
		Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	h.store = kept
	origin, err := oriel.ParseOrigin(page, oriel.OriginOptions{SiteURL: h.site.URL})
	if err != nil {
		t.Fatal(err)
	}
	p := oriel.Provider{
		Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: issuer, SignInURI: "http://127.0.0.1:1/sso",
		Claims: oriel.DefaultClaimNames(), Create: true,
		Keys: []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyEdDSA, Public: public}},
	}
	p.Groups.Mode = oriel.GroupsOff
	if change != nil {
		change(&p)
	}
	if _, err := kept.AddOrigin(t.Context(), "test", origin); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.CreateProvider(t.Context(), "test", p); err != nil {
		t.Fatal(err)
	}
	h.provider = p
	h.options = doctor.Options{
		SiteURL: h.site.URL, Version: maker, Embedding: true, Store: kept, Verifier: jwt.New(h.site.URL, nil),
		CountPublished: func(context.Context, string) (int, error) { return 0, errors.New("nothing is fetched here") },
		Clock:          time.Now, Random: rand.Reader,
	}
	return h
}

// serveSite answers what the doctor asks of Oriel, as Oriel does; the command's
// own test asks the real one.
func (h *house) serveSite(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz", "/readyz":
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	case "/":
		_, _ = io.WriteString(w, "An Oriel server, version "+maker+".")
	case "/auth/sso":
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		_, _ = io.WriteString(w, `{"method":"jwt","url":"`+h.store.Declared().Providers[0].SignInURI+`"}`)
	case "/api/v1/session":
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}

// host serves an endpoint and makes it the provider's.
func (h *house) host(handler http.Handler) {
	h.t.Helper()
	server := httptest.NewServer(handler)
	h.t.Cleanup(server.Close)
	h.provider.SignInURI = server.URL + "/sso/oriel?theme=dark"
	if _, err := h.store.UpdateProvider(h.t.Context(), "test", h.provider); err != nil {
		h.t.Fatal(err)
	}
}

// good is the endpoint of a host that does everything right.
func (h *house) good(change func(*hostauth.Options)) *hostauth.Handler {
	h.t.Helper()
	o := hostauth.Options{
		Issuer: issuer, OrielURL: h.site.URL, Key: h.key, KeyID: "key-1", AllowedOrigins: []string{page},
		Identify: func(r *http.Request) (hostauth.Identity, error) {
			if r.Header.Get("Cookie") != cookie {
				return hostauth.Identity{}, hostauth.ErrSignedOut
			}
			return hostauth.Identity{Subject: "dana", Email: "dana@example.com", FirstName: "Dana"}, nil
		},
	}
	if change != nil {
		change(&o)
	}
	handler, err := hostauth.New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return handler
}

func (h *house) examine(r doctor.Request) doctor.Report {
	h.t.Helper()
	if r.Header == nil {
		r.Header = http.Header{"Cookie": {cookie}}
	}
	report, err := doctor.New(h.options).Examine(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range report.Checks {
		for _, text := range []string{c.Expected, c.Received, c.Fix} {
			if strings.Contains(text, "eyJ") || strings.Contains(text, "the-secret-session") || strings.Contains(text, "theme=dark") || strings.Contains(text, "next=secret") {
				h.t.Errorf("%s, %s holds a token, a cookie or a query: %s", c.About, c.Name, text)
			}
		}
		if (c.Status == doctor.Finding) != (c.Fix != "") {
			h.t.Errorf("%s, %s: %s with the fix %q", c.About, c.Name, c.Status, c.Fix)
		}
	}
	return report
}

// only wants one finding, at the check with the name, and its fix to say so.
func only(t *testing.T, report doctor.Report, name, received, fix string) {
	t.Helper()
	for _, c := range report.Checks {
		switch {
		case c.Status == doctor.Finding && c.Name != name:
			t.Errorf("another finding: %+v", c)
		case c.Status == doctor.Finding && (!strings.Contains(c.Received, received) || !strings.Contains(c.Fix, fix)):
			t.Errorf("got %q with the fix %q, want %q with %q", c.Received, c.Fix, received, fix)
		}
	}
	if report.Findings() != 1 {
		t.Errorf("%d findings, want one at %s: %+v", report.Findings(), name, report.Checks)
	}
}
