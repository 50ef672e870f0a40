package signin_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/store"
)

const (
	site = "https://bi.example.com"
	page = "https://app.example.com" // an authorized origin
)

// house is everything that signs in, on a real database.
type house struct {
	*testing.T
	path     string
	store    *store.Store
	signin   *signin.SignIn
	sessions *session.Sessions
	records  *audit.Records
	people   *directory.Directory
	outside  *sql.DB // another process

	mu    sync.Mutex
	now   time.Time
	jti   int
	tries int
}

// provider is a strict one that makes users, with one HS256 key.
func provider(slug string) oriel.Provider {
	return oriel.Provider{
		Slug: slug, Enabled: true, Profile: oriel.ProfileStrict, Issuer: "https://" + slug + ".example.com",
		SignInURI: "https://" + slug + ".example.com/sso", Claims: oriel.DefaultClaimNames(), Create: true,
		Keys: []oriel.ProviderKey{{ID: slug + "-key", Kind: oriel.KeyHS256, Secret: secret(slug)}},
	}
}

func compat(slug string) oriel.Provider {
	p := provider(slug)
	p.Profile, p.Issuer = oriel.ProfileCompat, ""
	return p
}

func secret(slug string) []byte {
	sum := sha256.Sum256([]byte("the secret of " + slug))
	return sum[:]
}

func newHouse(t *testing.T, providers ...oriel.Provider) *house {
	t.Helper()
	h := &house{T: t, path: filepath.Join(t.TempDir(), "oriel.db"), now: time.Unix(1_790_000_000, 0).UTC()}
	h.store = h.openStore()
	var err error
	h.sessions, err = session.New(session.Options{Store: h.store, Clock: h.clock, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	h.records = audit.NewRecords(h.store, h.clock, slog.New(slog.DiscardHandler))
	t.Cleanup(h.records.Close)
	h.people = directory.New(directory.Options{Declared: h.store.Declared, Clock: h.clock, Random: rand.Reader})
	h.open(true)
	h.outside, err = sql.Open("sqlite", "file:"+h.path+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.outside.Close() })
	origin, err := oriel.ParseOrigin(page, oriel.OriginOptions{SiteURL: site})
	if err != nil {
		t.Fatal(err)
	}
	h.apply(oriel.Declaration{Origins: []oriel.Origin{origin}, Providers: providers, Groups: []oriel.Group{
		{Key: "operators", Name: "Operators"}, {Key: "planners", Name: "Planners"}, {Key: "guests", Name: "Guests"},
	}})
	return h
}

// secondNode is the front door of another server on the same file.
func (h *house) secondNode() *signin.SignIn {
	h.Helper()
	kept := h.openStore()
	people := directory.New(directory.Options{Declared: kept.Declared, Clock: h.clock, Random: rand.Reader})
	return signin.New(kept.Write, signin.Options{
		Directory: people, Sessions: h.sessions, Records: h.records, Verifier: jwt.New(site, nil),
		SAML: saml.Protocol{}, Waiting: kept, SiteURL: site,
		EmbeddingOn: true, InteractiveOn: true, Clock: h.clock, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
}

func (h *house) openStore() *store.Store {
	h.Helper()
	kept, err := store.Open(h.Context(), store.Options{
		URL: "sqlite://" + h.path, InstanceKey: secret("the instance"), Clock: h.clock, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = kept.Close() })
	return kept
}

// open makes the front door, with embedding on or off.
func (h *house) open(embedding bool) {
	h.openWith(func(o *signin.Options) { o.EmbeddingOn = embedding })
}

// openWith makes the front door anew, with changed options.
func (h *house) openWith(change func(*signin.Options)) {
	o := signin.Options{
		Directory: h.people, Sessions: h.sessions, Records: h.records, Verifier: jwt.New(site, nil),
		SAML: saml.Protocol{}, Waiting: h.store, SiteURL: site,
		EmbeddingOn: true, InteractiveOn: true, Clock: h.clock, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
	change(&o)
	h.signin = signin.New(h.store.Write, o)
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) apply(d oriel.Declaration) {
	h.Helper()
	if _, err := h.store.Apply(h.Context(), d); err != nil {
		h.Fatal(err)
	}
}

// claims with which Dana signs in now, changed by what is given; nil leaves a
// claim out.
func (h *house) claims(issuer string, changed map[string]any) map[string]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jti++
	claims := map[string]any{
		"iss": issuer, "aud": site, "sub": "dana", "jti": fmt.Sprintf("jti-%d", h.jti),
		"iat": h.now.Unix(), "exp": h.now.Add(time.Minute).Unix(), "email": "dana@example.com",
	}
	maps.Copy(claims, changed)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == absent{} })
	return claims
}

// absent leaves a claim out.
type absent struct{}

func sign(slug string, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"HS256","kid":"`+slug+`-key"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, secret(slug))
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}

// token is Dana's, of the provider, with changed claims.
func (h *house) token(slug string, changed map[string]any) string {
	return sign(slug, h.claims("https://"+slug+".example.com", changed))
}

func (h *house) request(token string) signin.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries++
	return signin.Request{Token: token, Origin: page, ClientIP: "192.0.2.7", Reference: fmt.Sprintf("REF-%d", h.tries)}
}

// enters signs in and must succeed.
func (h *house) enters(slug string, changed map[string]any) signin.Accepted {
	h.Helper()
	accepted, err := h.signin.Exchange(h.Context(), h.request(h.token(slug, changed)))
	if err != nil {
		h.Fatalf("refused: %v", err)
	}
	return accepted
}

// isRefused signs in, must be refused with the code, and must leave nothing
// but one record of it.
func (h *house) isRefused(code oriel.Code, slug string, changed map[string]any) {
	h.Helper()
	h.requestIsRefused(code, h.request(h.token(slug, changed)))
}

func (h *house) requestIsRefused(code oriel.Code, r signin.Request) {
	h.Helper()
	before := h.rows()
	_, err := h.signin.Exchange(h.Context(), r)
	if oriel.CodeOf(err) != code {
		h.Errorf("got %v, want %s", err, code)
	}
	if err := h.records.Flush(h.Context()); err != nil {
		h.Fatal(err)
	}
	after := h.rows()
	for table, n := range before {
		switch {
		case table == "sign_in_records" && after[table] != n+1:
			h.Errorf("%d records were left, want 1", after[table]-n)
		case table != "sign_in_records" && after[table] != n:
			h.Errorf("%s were written: %d, before %d", table, after[table], n)
		}
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND outcome = ?`, r.Reference, string(code)); n != 1 {
		h.Errorf("%d records under the reference with %s, want 1", n, code)
	}
}

// rows are how many rows each table that a sign-in writes has.
func (h *house) rows() map[string]int {
	h.Helper()
	rows := make(map[string]int)
	for _, table := range []string{
		"users", "identities", "group_members", "user_attributes", "tenants", "sessions", "spent_tokens",
		"audit_entries", "sign_in_records",
	} {
		rows[table] = h.count(`SELECT count(*) FROM ` + table)
	}
	return rows
}

func (h *house) count(text string, args ...any) (n int) {
	h.Helper()
	if err := h.outside.QueryRowContext(context.Background(), text, args...).Scan(&n); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	return n
}

func (h *house) exec(text string, args ...any) {
	h.Helper()
	if _, err := h.outside.ExecContext(context.Background(), text, args...); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
}

// principal is who a session token acts as.
func (h *house) principal(accepted signin.Accepted) oriel.Principal {
	h.Helper()
	p, _, err := h.sessions.Authenticate(h.Context(), session.Presented{Token: accepted.Session.Token, Origin: page})
	if err != nil {
		h.Fatalf("the session is refused: %v", err)
	}
	return p
}
