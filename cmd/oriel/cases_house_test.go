package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/httpapi"
)

// The acceptance cases of signing in. Each test names its case and runs
// against the whole server as `oriel serve` wires it, on a real database,
// over HTTP; only the clock is the test's own.

const (
	casePage   = "http://127.0.0.1:7430" // authorized
	caseIssuer = "https://api.strict.example"
)

// caseFile has a strict and a compat provider.
const caseFile = `
version: 1
origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]
providers:
  strict:
    kind: jwt
    issuer: "https://api.strict.example"
    sign_in_uri: "https://api.strict.example/sso"
    keys: [{id: k1, kind: hs256, secret: "${env:STRICT_SECRET}"}]
    provisioning: {create: true}
    groups: {mode: by-name, opened: [operators, planners]}
    tenants: {listed: [acme, umbrella, "42"], create: true}
  compat:
    kind: jwt
    profile: compat
    sign_in_uri: "https://compat.example/sso?app=1"
    keys: [{id: c1, kind: hs256, secret: "${env:COMPAT_SECRET}"}]
    provisioning: {create: true}
    groups: {mode: mapped, mapping: {ops: [operators]}}
groups:
  operators: {name: Operators}
  planners: {name: Planners}
  guests: {name: Guests}
`

// caseHouse is a running server with its store, and a host that signs tokens.
type caseHouse struct {
	*testing.T
	folder  string
	site    string // its site URL
	address string // where it listens
	environ []string
	served  *server
	store   *sql.DB // another process's view
	log     *caseLog
	strict  []byte // the secrets of the providers
	compat  []byte

	mu     sync.Mutex
	now    time.Time
	tokens []string // every token that was signed or given out: each is a canary
}

type caseLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *caseLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *caseLog) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

// newCase starts a server. settings are NAME=value, without the ORIEL_ in front.
func newCase(t *testing.T, file string, settings ...string) *caseHouse {
	t.Helper()
	h := &caseHouse{
		T: t, folder: t.TempDir(), log: &caseLog{}, now: time.Now().UTC().Truncate(time.Second),
		strict: []byte("strict-secret-" + rand.Text()), compat: []byte("compat-secret-" + rand.Text()),
	}
	h.environ = []string{"STRICT_SECRET=" + string(h.strict), "COMPAT_SECRET=" + string(h.compat)}
	h.tokens = []string{string(h.strict), string(h.compat)}
	var settle net.ListenConfig
	listener, err := settle.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = "http://" + listener.Addr().String()
	h.site = h.address
	all := map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(h.folder, "oriel.db"), "SITE_URL": h.address, "LOG_LEVEL": "debug"}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		all[name] = value
	}
	h.site = all["SITE_URL"]
	for name, value := range all {
		h.environ = append(h.environ, "ORIEL_"+name+"="+value)
	}
	if file != "" {
		h.apply(file)
	}
	loaded, err := config.Load(config.ServeFlags{}, h.environ)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.served, err = openServer(t.Context(), loaded, h.process(io.Discard, io.Discard), log, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(h.served.api)
	_ = web.Listener.Close()
	web.Listener, web.Config = listener, httpapi.NewServer(h.served.api)
	web.Start()
	h.store, err = sql.Open("sqlite", "file:"+filepath.Join(h.folder, "oriel.db")+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		web.Close()
		if err := h.served.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
		h.findNoCanary()
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *caseHouse) process(stdout, stderr io.Writer) process {
	return process{environ: h.environ, stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, clock: h.clock, random: rand.Reader}
}

func (h *caseHouse) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *caseHouse) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// canary remembers a text that must be nowhere.
func (h *caseHouse) canary(text string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(text) >= 16 {
		h.tokens = append(h.tokens, text)
	}
	return text
}

// findNoCanary is J24: no token, nor 16 characters in a row of one, is in the
// log or in any file of the data folder but those that the test wrote.
func (h *caseHouse) findNoCanary() {
	h.Helper()
	pieces := map[string]bool{}
	for _, token := range h.tokens {
		for at := 0; at+16 <= len(token); at++ {
			pieces[token[at:at+16]] = true
		}
	}
	search := func(name string, content []byte) {
		for at := 0; at+16 <= len(content); at++ {
			if pieces[string(content[at:at+16])] {
				h.Errorf("J24: a piece of a token or secret is in %s", name)
				return
			}
		}
	}
	search("the log", h.log.bytes())
	err := filepath.WalkDir(h.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".yaml") {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			search(filepath.Base(path), content)
		}
		return err
	})
	if err != nil {
		h.Error(err)
	}
}

// oriel runs a command beside the server; its output and exit code.
func (h *caseHouse) oriel(args ...string) (stdout string, code int) {
	h.Helper()
	var out, errs bytes.Buffer
	err := dispatch(h.Context(), args, h.process(&out, &errs))
	if err == nil {
		return out.String(), exitOK
	}
	return out.String() + err.Error(), exitFailure
}

// must runs a command that has to succeed and reads its JSON.
func (h *caseHouse) must(into any, args ...string) {
	h.Helper()
	out, code := h.oriel(append(args, "--output", "json")...)
	if code != exitOK {
		h.Fatalf("oriel %s: %s", strings.Join(args, " "), out)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(out), into); err != nil {
			h.Fatalf("oriel %s: %v in %s", strings.Join(args, " "), err, out)
		}
	}
}

func (h *caseHouse) apply(file string) {
	h.Helper()
	path := filepath.Join(h.folder, "case.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		h.Fatal(err)
	}
	if out, code := h.oriel("apply", path); code != exitOK {
		h.Fatalf("oriel apply: %s", out)
	}
}

// exec changes rows behind the server's back, and makes it forget what it
// remembers, as every method of the store does.
func (h *caseHouse) exec(text string, args ...any) {
	h.Helper()
	if _, err := h.store.ExecContext(context.Background(), text, args...); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	if _, err := h.store.ExecContext(context.Background(), `INSERT INTO notices (at, kind, key) VALUES (0, 'all', '');
		UPDATE facts SET value = value + 1 WHERE name = 'declared_revision'`); err != nil {
		h.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
}

func (h *caseHouse) count(text string, args ...any) (n int) {
	h.Helper()
	if err := h.store.QueryRowContext(context.Background(), text, args...).Scan(&n); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	return n
}

func (h *caseHouse) text(text string, args ...any) (value string) {
	h.Helper()
	if err := h.store.QueryRowContext(context.Background(), text, args...).Scan(&value); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	return value
}

// rows counts what a sign-in may write, but records.
func (h *caseHouse) rows() string {
	h.Helper()
	var counts []string
	for _, table := range []string{"users", "identities", "tenants", "group_members", "user_attributes", "sessions", "spent_tokens", "audit_entries"} {
		counts = append(counts, fmt.Sprintf("%s %d", table, h.count(`SELECT count(*) FROM `+table)))
	}
	return strings.Join(counts, ", ")
}

// refusedAndNothingWritten does an attempt and wants the code, one record more
// that tells it, and nothing else.
func (h *caseHouse) refusedAndNothingWritten(code string, attempt func() caseReply) {
	h.Helper()
	before, records := h.rows(), h.count(`SELECT coalesce(sum(attempts), 0) FROM sign_in_records`)
	r := attempt()
	if r.code() != code {
		h.Errorf("got %d %s, want %s", r.status, r.body, code)
	}
	if after := h.rows(); after != before {
		h.Errorf("%s: %s were written, before there were %s", code, after, before)
	}
	h.comes(code+" left no record of its own", func() bool {
		return h.count(`SELECT coalesce(sum(attempts), 0) FROM sign_in_records`) == records+1
	})
	if outcome := h.text(`SELECT outcome FROM sign_in_records ORDER BY id DESC LIMIT 1`); outcome != code {
		h.Errorf("the record says %q, want %q", outcome, code)
	}
	if reference := r.problem().RequestID; reference != h.text(`SELECT reference FROM sign_in_records ORDER BY id DESC LIMIT 1`) {
		h.Errorf("the record has another reference than the problem's %q", reference)
	}
}

// checkOf is how the newest record tells a check: outcome, expected, received.
func (h *caseHouse) checkOf(name string) string {
	h.Helper()
	var document struct {
		Checks []struct{ Name, Outcome, Expected, Received string }
	}
	if err := json.Unmarshal([]byte(h.text(`SELECT document FROM sign_in_records ORDER BY id DESC LIMIT 1`)), &document); err != nil {
		h.Fatal(err)
	}
	for _, check := range document.Checks {
		if check.Name == name {
			return check.Outcome + " " + check.Expected + " " + check.Received
		}
	}
	return ""
}

// caseReply is an answer, read to its end.
type caseReply struct {
	status int
	header http.Header
	body   string
}

type caseProblem struct {
	Type, Title, Detail, Code string
	Status                    int
	RequestID                 string `json:"request_id"`
	ServerTime                int64  `json:"server_time"`
	Fields                    map[string]string
}

func (r caseReply) problem() (p caseProblem) {
	_ = json.Unmarshal([]byte(r.body), &p) // an answer that is none has no code
	return p
}

func (r caseReply) code() string { return r.problem().Code }

// read decodes a good answer.
func (r caseReply) read(t *testing.T, into any) {
	t.Helper()
	if r.status/100 != 2 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
}

// cookie is the cookie that the answer sets; one that it ends only when it
// sets none: a landing ends the other kind before it sets its own.
func (r caseReply) cookie(name string) (found *http.Cookie) {
	for _, cookie := range (&http.Response{Header: r.header}).Cookies() {
		if cookie.Name == name && (found == nil || cookie.Value != "") {
			found = cookie
		}
	}
	return found
}

// ask sends a request; headers are NAME, VALUE, …
func (h *caseHouse) ask(method, path, body string, headers ...string) caseReply {
	h.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, h.address+path, reader)
	if err != nil {
		h.Fatal(err)
	}
	if site, err := url.Parse(h.site); err == nil {
		request.Host = site.Host
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		h.Fatal(err)
	}
	client.CloseIdleConnections()
	return caseReply{response.StatusCode, response.Header, string(content)}
}

// exchange is the SDK's, from the authorized page.
func (h *caseHouse) exchange(token string, headers ...string) caseReply {
	h.Helper()
	body, err := json.Marshal(map[string]string{"jwt": token})
	if err != nil {
		h.Fatal(err)
	}
	if !slices.Contains(headers, "Origin") {
		headers = append(headers, "Origin", casePage)
	}
	return h.ask("POST", "/api/v1/session", string(body), append(headers, "Content-Type", "application/json")...)
}

// caseSession is the answer of an exchange.
type caseSession struct {
	Token     string
	TokenType string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
	ExpiresAt int64  `json:"expires_at"`
	Time      int64  `json:"server_time"`
	User      struct {
		ID, Email, Name string
		Tenant          *string
		Groups          []string
		Attributes      map[string]any
	}
	Settings map[string]any
}

// enters exchanges a token that has to be accepted.
func (h *caseHouse) enters(s signed) caseSession {
	h.Helper()
	var session caseSession
	h.exchange(h.sign(s)).read(h.T, &session)
	h.canary(session.Token)
	return session
}

// isRefused exchanges a token that has to be refused.
func (h *caseHouse) isRefused(code string, s signed) caseReply {
	h.Helper()
	r := h.exchange(h.sign(s))
	if r.code() != code {
		h.Errorf("got %d %s, want %s", r.status, r.body, code)
	}
	return r
}

// who asks with a session who it is of, from the authorized page.
func (h *caseHouse) who(token string, headers ...string) caseReply {
	h.Helper()
	if !slices.Contains(headers, "Origin") {
		headers = append(headers, "Origin", casePage)
	}
	return h.ask("GET", "/api/v1/session", "", append(headers, "Authorization", "Bearer "+token)...)
}

// administrator makes an API key for everything, of an administrator.
func (h *caseHouse) administrator() string {
	h.Helper()
	h.must(nil, "user", "create", "--email", "root@example.com", "--admin")
	var created struct{ Secret string }
	h.must(&created, "apikey", "create", "--name", "cases", "--scopes", "admin:*", "--user", "root@example.com")
	return h.canary(created.Secret)
}

// manage uses the management API.
func (h *caseHouse) manage(key, method, path, body string) caseReply {
	h.Helper()
	headers := []string{"X-API-Key", key}
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return h.ask(method, path, body, headers...)
}
