package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/kinds"
	"github.com/oriel-bi/oriel/internal/store"
)

const (
	siteURL = "http://127.0.0.1:7420"
	origin  = "http://127.0.0.1:7430" // allowed
	foreign = "http://127.0.0.1:9999"
	issuer  = "http://127.0.0.1:7431"
)

const declared = `
version: 1
origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]
providers:
  apron:
    kind: jwt
    profile: strict
    issuer: "http://127.0.0.1:7431"
    sign_in_uri: "http://127.0.0.1:7431/sso/oriel"
    keys: [{kind: eddsa, public: "${env:KEY}"}]
    provisioning: {create: true}
    groups: {mode: by-name, opened: [operators]}
sources:
  airports: {kind: duckdb, files: [flights.csv, places.csv]}
policies:
  - {table: airports.flights, rows: "origin = user.attr.airport"}
groups:
  operators: {collections: {operations: view}, sources: {airports: run}, download: full}
models:
  flights: {name: Departures, table: airports.flights, time_column: departed_at}
collections:
  operations: {name: Operations}
  internal: {name: Internal}
questions:
  departures:
    name: Departures
    collection: operations
    structured:
      model: flights
      filters:
        - {column: destination, op: in, parameter: destination}
        - {column: departed_at, op: between, parameter: date}
      aggregations: [{function: count, as: departures}]
    parameters:
      destination: {type: list, label: Destination}
      date: {type: date_range, label: Date}
    chart: {kind: number, y: [departures]}
  latest:
    name: Latest departures
    collection: operations
    structured:
      model: flights
      columns: [departed_at, destination, delay_minutes]
      sort: [{by: departed_at}]
      limit: 10
    chart: {kind: table}
  broken:
    name: Broken
    collection: operations
    source: airports
    sql: select cast(destination as integer) as n from flights
    chart: {kind: table}
  hidden:
    name: Hidden
    collection: internal
    structured: {model: flights, aggregations: [{function: count, as: departures}]}
    chart: {kind: number, y: [departures]}
dashboards:
  operations:
    name: Operations
    collection: operations
    parameters:
      destination: {type: list, label: Destination, values: {model: flights, column: destination}}
      date: {type: date_range, label: Date, values: {model: flights, column: departed_at}}
    cards:
      - {question: departures, x: 0, y: 0, w: 8, h: 3, parameters: {destination: destination, date: date}}
      - {question: broken, x: 8, y: 0, w: 8, h: 3}
      - {question: latest, x: 16, y: 0, w: 8, h: 3}
`

const flights = `departed_at,origin,destination,distance_miles,delay_minutes
2001-01-01T08:00:00,DFW,LAX,1235,5
2001-01-01T09:00:00,DFW,ORD,802,-3
2001-01-02T10:00:00,ORD,DFW,802,12
`

// places is a table that nothing opens until a test does.
const places = `code,city
LAX,Los Angeles
ORD,Chicago
`

// site is the API over a real store and a real engine.
type site struct {
	t        *testing.T
	api      *httpapi.API
	server   *httptest.Server
	store    *store.Store
	sessions *session.Sessions
	keys     *directory.APIKeys
	sources  *catalog.Sources
	files    string // the server's folder for sources
	records  *audit.Records
	folder   string
	key      ed25519.PrivateKey
	log      *syncBuffer

	mu     sync.Mutex
	now    time.Time
	tokens int
}

// syncBuffer is a log that tests may read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) sleep(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// parts are what a test may put in place of the real thing.
type parts struct {
	queries      httpapi.Queries
	explanations httpapi.Explanations
	signIn       httpapi.SignIn
	// signInWith makes a signIn with changed options.
	signInWith func(func(*signin.Options)) httpapi.SignIn
	siteURL    string
	siteName   string
	ready      func(context.Context) error
	web        func(*http.Server)
	devMode    bool
	proxies    []netip.Prefix
}

func newSite(t *testing.T, replace ...func(*parts)) *site {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, key: private, log: &syncBuffer{}, now: time.Now().Truncate(time.Second)}
	folder := t.TempDir()
	s.folder = folder
	write(t, filepath.Join(folder, "flights.csv"), flights)
	write(t, filepath.Join(folder, "places.csv"), places)
	write(t, filepath.Join(folder, "site.yaml"), declared)
	pemText := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	d, err := declaration.Load([]string{filepath.Join(folder, "site.yaml")}, declaration.Options{
		Env:     func(name string) (string, bool) { return pemText, name == "KEY" },
		Origins: oriel.OriginOptions{SiteURL: siteURL},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, wanted := range d.Sources {
		if d.Sources[i], err = duckdb.Import(t.Context(), folder, wanted.Key, wanted.BaseDir, wanted.Files); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	instanceKey := make([]byte, 32)
	if _, err := rand.Read(instanceKey); err != nil {
		t.Fatal(err)
	}
	s.store, err = store.Open(t.Context(), store.Options{
		URL: "sqlite://" + filepath.Join(folder, "oriel.db"), InstanceKey: instanceKey,
		Origins: oriel.OriginOptions{SiteURL: siteURL}, Clock: s.clock, Random: rand.Reader, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	if _, err := s.store.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	engine, err := duckdb.Open(folder, duckdb.Options{Random: rand.Reader, Clock: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	wanted := parts{signInWith: func(func(*signin.Options)) httpapi.SignIn { return nil }}
	for _, change := range replace {
		change(&wanted)
	}
	people := directory.New(directory.Options{Declared: s.store.Declared, DevMode: wanted.devMode, Clock: s.clock, Random: rand.Reader})
	s.keys = directory.NewAPIKeys(directory.APIKeyOptions{Store: s.store, Declared: s.store.Declared, DevMode: wanted.devMode, Clock: s.clock, Random: rand.Reader})
	sessions, err := session.New(session.Options{Store: s.store, OriginAllowed: people.OriginAllowedToUser, Viewing: s.keys, Clock: s.clock, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s.sessions = sessions
	records := audit.NewRecords(s.store, s.clock, log)
	s.records = records
	t.Cleanup(records.Close)
	signInWith := func(change func(*signin.Options)) httpapi.SignIn {
		o := signin.Options{
			Directory: people, Sessions: sessions, Records: records, Verifier: jwt.New(siteURL, nil), EmbeddingOn: true,
			SAML: saml.Protocol{Keys: ownKeys}, Waiting: s.store, SiteURL: siteURL,
			Clock: s.clock, Random: rand.Reader, Log: log,
		}
		change(&o)
		return signin.New(s.store.Write, o)
	}
	unsaved, err := declaration.NewAskedQuestions()
	if err != nil {
		t.Fatal(err)
	}
	queries := query.New(query.Options{Clock: s.clock, Declared: s.store.Declared, Engines: map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: engine}, ReadQuestion: unsaved.Read})
	p := &parts{
		signIn: signInWith(func(*signin.Options) {}), signInWith: signInWith,
		queries: queries, explanations: query.NewExplanations(queries, s.store, s.clock),
		siteURL: siteURL, siteName: "Test", ready: s.store.Ready, web: func(*http.Server) {},
	}
	for _, change := range replace {
		change(p)
	}
	s.sources = newSources(s, queries)
	t.Cleanup(s.sources.Close)
	s.api = httpapi.New(httpapi.Options{
		SiteURL: p.siteURL, SiteName: p.siteName, Version: "0.0.0",
		Origins: people, ProviderNames: people, Sessions: sessions, APIKeys: s.keys,
		Administration: newSettings(s), Search: audit.NewSearch(records, s.store),
		People: newPeople(s), Policies: newPolicies(s, queries), Collections: catalog.NewCollections(s.store.Declared, s.store), Trail: audit.NewTrail(s.store), Viewing: sessions, Catalog: catalog.New(s.store.Declared), Queries: p.queries,
		Explanations: p.explanations, Sources: s.sources, Ready: p.ready,
		DevMode: p.devMode, TrustedProxies: p.proxies,
		SignIn: p.signIn, Clock: s.clock, Random: rand.Reader, Log: log,
	})
	s.server = httptest.NewUnstartedServer(s.api)
	s.server.Config = httpapi.NewServer(s.api)
	p.web(s.server.Config)
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

func newPeople(s *site) *directory.People {
	return directory.NewPeople(directory.PeopleOptions{
		Declared: s.store.Declared, Store: s.store, Origins: oriel.OriginOptions{SiteURL: siteURL}, Clock: s.clock, Random: rand.Reader,
	})
}

// newPolicies joins them as the server does.
func newPolicies(s *site, queries *query.Queries) *directory.Policies {
	return directory.NewPolicies(directory.PolicyOptions{Declared: s.store.Declared, Store: s.store, Trial: queries, Read: declaration.ReadPolicies})
}

// newSettings joins them as the server does.
func newSettings(s *site) *directory.Settings {
	options := oriel.OriginOptions{SiteURL: siteURL}
	return directory.NewSettings(directory.SettingsOptions{
		Declared: s.store.Declared, Store: s.store, Origins: options, Clock: s.clock, Random: rand.Reader,
		ReadProvider: func(slug string, settings map[string]any, groups []oriel.GroupKey) (oriel.Provider, error) {
			return declaration.ReadProvider(slug, settings, groups, declaration.Options{Origins: options})
		},
		WriteProvider: declaration.Settings,
		TakeMetadata: func(settings map[string]any, now oriel.Provider, document []byte, address string) error {
			return declaration.TakeMetadata(settings, now, document, address, false, s.clock())
		},
		FetchMetadata: func(ctx context.Context, address string) ([]byte, error) {
			document, err := fetch.New(fetch.Options{}).Get(ctx, address)
			return document.Body, err
		},
		HasCertificate: saml.HasCertificate,
	})
}

// newSources joins them as the server does.
func newSources(s *site, queries *query.Queries) *catalog.Sources {
	s.files = s.t.TempDir()
	return catalog.NewSources(catalog.SourcesOptions{
		Declared: s.store.Declared, Store: s.store, Engines: kinds.New(kinds.Options{DataFolder: s.folder, Folder: s.files}),
		ReadSource: declaration.ReadSource, WriteSource: declaration.SourceSettings, Check: queries.Check,
		Clock: s.clock, Random: rand.Reader, Log: slog.New(slog.NewJSONHandler(s.log, nil)),
	})
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// token is a host token of the strict profile; change may break it.
func (s *site) token(sub, airport string, change ...func(claims map[string]any)) string {
	s.t.Helper()
	jti := make([]byte, 16)
	if _, err := rand.Read(jti); err != nil {
		s.t.Fatal(err)
	}
	now := s.clock().Unix()
	claims := map[string]any{
		"iss": issuer, "aud": siteURL, "sub": sub, "jti": base64.RawURLEncoding.EncodeToString(jti), "iat": now, "exp": now + 60,
		"email": sub + "@example.com", "first_name": "Dana", "last_name": "Reyes", "groups": []string{"operators"},
	}
	if airport != "" {
		claims["airport"] = airport
	}
	for _, c := range change {
		c(claims)
	}
	header, err := json.Marshal(map[string]any{"alg": "EdDSA", "typ": "JWT"})
	if err != nil {
		s.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(signed)))
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// code is the problem's code, empty when the answer is none.
func (r reply) code() string {
	var p struct{ Code string }
	if json.Unmarshal(r.body, &p) != nil {
		return ""
	}
	return p.Code
}

// ask sends a request; header is NAME, VALUE, …
func (s *site) ask(method, path, body string, header ...string) reply {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body == "" {
		request.Body = http.NoBody
		request.ContentLength = 0
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, content}
}

// exchange sends a host token as the SDK does.
func (s *site) exchange(token string) reply {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"jwt": token})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ask("POST", "/api/v1/session", string(body), "Content-Type", "text/plain", "Origin", origin)
}

// signIn gives a session token of a person of an airport.
func (s *site) signIn(sub, airport string, change ...func(map[string]any)) string {
	s.t.Helper()
	answer := s.exchange(s.token(sub, airport, change...))
	var session httpapi.Session
	if err := json.Unmarshal(answer.body, &session); err != nil || session.Token == "" {
		s.t.Fatalf("the sign-in failed: %d %s", answer.status, answer.body)
	}
	return session.Token
}

// as asks with a session from the page of the allowed origin.
func (s *site) as(session, method, path, body string, header ...string) reply {
	s.t.Helper()
	header = append(header, "Authorization", "Bearer "+session, "Origin", origin)
	if body != "" {
		header = append(header, "Content-Type", "application/json")
	}
	return s.ask(method, path, body, header...)
}
