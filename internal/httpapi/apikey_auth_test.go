package httpapi_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

const devOrigin = "http://localhost:5173"

// issueKey makes a key as the operator does.
func (s *site) issueKey(wanted directory.APIKeyRequest) directory.IssuedAPIKey {
	s.t.Helper()
	if wanted.Name == "" {
		wanted.Name = "test"
	}
	issued, err := s.keys.Create(s.t.Context(), oriel.Operator(), wanted)
	if err != nil {
		s.t.Fatal(err)
	}
	return issued
}

// person makes a user by hand.
func (s *site) person(id string, groups ...oriel.GroupKey) oriel.UserID {
	s.t.Helper()
	u := oriel.User{ID: oriel.UserID("usr_" + id), Email: id + "@example.com", Active: true, Groups: groups}
	if err := s.store.CreateUser(s.t.Context(), "operator", u, s.clock()); err != nil {
		s.t.Fatal(err)
	}
	return u.ID
}

// admin is a key with the scopes, of an administrator.
func (s *site) admin(scopes ...oriel.Scope) string {
	s.t.Helper()
	return s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: scopes}).Secret
}

// with asks as a server does: with a key, without an Origin.
func (s *site) with(key, method, path, body string, header ...string) reply {
	s.t.Helper()
	header = append(header, "X-API-Key", key)
	if body != "" {
		header = append(header, "Content-Type", "application/json")
	}
	return s.ask(method, path, body, header...)
}

// contentPaths are the operations that read content.
var contentPaths = map[string]string{
	"/api/v1/questions": "GET", "/api/v1/questions/departures": "GET", "/api/v1/questions/departures/run": "POST",
	"/api/v1/dashboards": "GET", "/api/v1/viewable-collections": "GET", "/api/v1/dashboards/operations/run": "POST",
	"/api/v1/dashboards/operations/parameters/destination/values": "GET", "/api/v1/questions/none": "GET", "/api/v1/questions/none/run": "POST",
}

func TestAPIKey_A1_isShownOnceScopedAndEnds(t *testing.T) {
	s := newSite(t)
	user := s.person("server", "operators")
	issued := s.issueKey(directory.APIKeyRequest{User: user, Scopes: []oriel.Scope{oriel.ScopeContentRead}})
	if !strings.HasPrefix(issued.Secret, "ork_") || len(issued.Secret) != 47 || !strings.HasPrefix(issued.Key.ID, "key_") {
		t.Errorf("unexpected key %q (%d)", issued.Key.ID, len(issued.Secret))
	}
	if got := issued.Key.Expires.Sub(issued.Key.Created); got != 90*24*time.Hour {
		t.Errorf("it lives for %s", got)
	}
	for _, header := range [][]string{{"X-API-Key", issued.Secret}, {"Authorization", "Bearer " + issued.Secret}, {"X-API-Key", issued.Secret, "Authorization", "bearer " + issued.Secret}} {
		if r := s.ask("GET", "/api/v1/questions", "", header...); r.status != 200 || !strings.Contains(string(r.body), "departures") {
			t.Errorf("%v: %d %s", header[0], r.status, r.body)
		}
	}
	var me httpapi.SessionInfo
	r := s.with(issued.Secret, "GET", "/api/v1/session", "")
	if err := json.Unmarshal(r.body, &me); err != nil || me.Kind != httpapi.SessionInfoKindAPIKey || me.User.ID != string(user) || me.ExpiresAt != issued.Key.Expires.Unix() {
		t.Errorf("who am I: %d %s", r.status, r.body)
	}
	if r := s.with(issued.Secret, "DELETE", "/api/v1/session", ""); r.code() != "scope_denied" {
		t.Errorf("a key signs out: %d %s", r.status, r.body)
	}
	s.sleep(90*24*time.Hour - time.Second)
	if r := s.with(issued.Secret, "GET", "/api/v1/questions", ""); r.status != 200 {
		t.Errorf("before its end: %d %s", r.status, r.body)
	}
	s.sleep(time.Second)
	if r := s.with(issued.Secret, "GET", "/api/v1/questions", ""); r.code() != "api_key_expired" || r.status != 401 {
		t.Errorf("after its end: %d %s", r.status, r.body)
	}
}

func TestAPIKey_whatIsNotOneIsRefused(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	good := s.issueKey(directory.APIKeyRequest{User: s.person("server", "operators"), Scopes: []oriel.Scope{oriel.ScopeContentRead}}).Secret
	invented := "ork_" + strings.Repeat("A", 43)
	for name, c := range map[string]struct {
		code   string
		header []string
	}{
		"unknown":                       {"api_key_invalid", []string{"X-API-Key", invented}},
		"unknown, as a bearer":          {"api_key_invalid", []string{"Authorization", "Bearer " + invented}},
		"a prefix alone":                {"api_key_invalid", []string{"X-API-Key", "ork_"}},
		"cut":                           {"api_key_invalid", []string{"X-API-Key", good[:46]}},
		"longer":                        {"api_key_invalid", []string{"X-API-Key", good + "A"}},
		"padded":                        {"api_key_invalid", []string{"X-API-Key", good + "="}},
		"another letter case":           {"api_key_invalid", []string{"X-API-Key", "ORK_" + good[4:]}},
		"without its prefix":            {"api_key_invalid", []string{"X-API-Key", good[4:]}},
		"a session token":               {"api_key_invalid", []string{"X-API-Key", session}},
		"in a session's header":         {"session_invalid", []string{"X-Oriel-Session", good}},
		"in an older session's header":  {"session_invalid", []string{"X-Metabase-Session", good}},
		"two of them":                   {"invalid_request", []string{"X-API-Key", good, "X-API-Key", invented}},
		"two, one as a bearer":          {"invalid_request", []string{"X-API-Key", good, "Authorization", "Bearer " + invented}},
		"with a session":                {"invalid_request", []string{"X-API-Key", good, "X-Oriel-Session", session}},
		"with a session as a bearer":    {"invalid_request", []string{"X-API-Key", good, "Authorization", "Bearer " + session}},
		"as a bearer, with a session":   {"invalid_request", []string{"Authorization", "Bearer " + good, "X-Metabase-Session", session}},
		"empty":                         {"not_authenticated", []string{"X-API-Key", ""}},
		"another one's scheme":          {"not_authenticated", []string{"Authorization", "Basic " + good}},
		"in the query, which logs keep": {"not_authenticated", nil},
	} {
		path := "/api/v1/questions"
		if c.header == nil {
			path += "?api_key=" + good
		}
		if r := s.ask("GET", path, "", c.header...); r.code() != c.code {
			t.Errorf("%s: got %d %s, want %s", name, r.status, r.body, c.code)
		}
	}
}

// TestAPIKey_contentNeedsTheScope walks all of content with each scope alone.
func TestAPIKey_contentNeedsTheScope(t *testing.T) {
	s := newSite(t)
	user := s.person("root", oriel.GroupAdministrators, "operators")
	for _, scope := range oriel.Scopes() {
		key := s.issueKey(directory.APIKeyRequest{User: user, Scopes: []oriel.Scope{scope}}).Secret
		for path, method := range contentPaths {
			r := s.with(key, method, path, "")
			if denied := r.code() == "scope_denied"; denied != (scope != oriel.ScopeContentRead) {
				t.Errorf("%s on %s %s: %d %s", scope, method, path, r.status, r.body)
			}
		}
	}
}

// TestAPIKey_A2_isNotForProduction: a key and an Origin, or a group's key on
// content, outside of dev mode or from a page of another machine.
func TestAPIKey_A2_isNotForProduction(t *testing.T) {
	production, dev := newSite(t), newSite(t, func(p *parts) { p.devMode = true })
	const own = "http://127.0.0.1:7420" // the site's own
	for _, c := range []struct {
		name string
		on   *site
		page string
	}{
		{"production, an allowed page", production, origin}, {"production, loopback", production, devOrigin},
		{"production, a foreign page", production, "https://evil.example"}, {"production, null", production, "null"},
		{"production, the site itself", production, own},
		{"dev, a foreign page", dev, "https://evil.example"}, {"dev, null", dev, "null"},
		{"dev, a name that begins as loopback", dev, "http://localhost.evil.example"},
		{"dev, a name that ends as loopback", dev, "http://evil.example:80#localhost"},
		{"dev, another spelling", dev, "http://127.0.0.1.:5173"},
	} {
		user := c.on.person("u"+strings.ToLower(strings.Trim(strings.Map(letters, c.name), " ")), oriel.GroupAdministrators, "operators")
		all := oriel.Scopes()
		for bound, wanted := range map[string]directory.APIKeyRequest{
			"a user's key":  {User: user, Scopes: all},
			"a group's key": {Group: oriel.GroupAdministrators, Scopes: all},
		} {
			key := c.on.issueKey(wanted).Secret
			paths := map[string]string{"/api/v1/api-keys": "GET", "/api/v1/sessions": "GET", "/api/v1/session": "GET", "/api/v1/api-keys/none": "DELETE"}
			for path, method := range contentPaths {
				paths[path] = method
			}
			for path, method := range paths {
				r := c.on.with(key, method, path, "", "Origin", c.page)
				if r.code() != "api_key_not_for_production" || r.status != 403 {
					t.Errorf("%s, %s on %s %s: got %d %s", c.name, bound, method, path, r.status, r.body)
				}
			}
			if wanted.Group == "" {
				continue
			}
			for path, method := range contentPaths {
				if r := c.on.with(key, method, path, ""); r.code() != "api_key_not_for_production" {
					t.Errorf("%s, %s without an Origin on %s %s: got %d %s", c.name, bound, method, path, r.status, r.body)
				}
			}
		}
	}
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// TestAPIKey_A3_embedsInDevMode: charts render on a page of this machine.
func TestAPIKey_A3_embedsInDevMode(t *testing.T) {
	s := newSite(t, func(p *parts) { p.devMode = true })
	user := s.person("dev", "operators")
	for name, wanted := range map[string]directory.APIKeyRequest{
		"a group's key":               {Group: "operators", Scopes: []oriel.Scope{oriel.ScopeEmbedRead}},
		"a user's key":                {User: user, Scopes: []oriel.Scope{oriel.ScopeEmbedRead}},
		"a group's key that may read": {Group: "operators", Scopes: []oriel.Scope{oriel.ScopeContentRead}},
	} {
		key := s.issueKey(wanted).Secret
		for _, page := range []string{devOrigin, "http://127.0.0.1:3000", "http://[::1]:8080"} {
			before := s.ask("OPTIONS", "/api/v1/dashboards/operations/run", "", "Origin", page,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-api-key")
			if before.status != 204 || before.header.Get("Access-Control-Allow-Origin") != page || !strings.Contains(before.header.Get("Access-Control-Allow-Headers"), "X-API-Key") {
				t.Errorf("%s: the preflight answers %d %v", name, before.status, before.header)
			}
			for path, method := range contentPaths {
				if strings.Contains(path, "none") {
					continue
				}
				r := s.with(key, method, path, "", "Origin", page)
				if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != page {
					t.Errorf("%s from %s on %s: got %d %s", name, page, path, r.status, r.body)
				}
			}
		}
	}
	administers := s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: []oriel.Scope{oriel.ScopeAdmin}}).Secret
	if r := s.with(administers, "POST", "/api/v1/questions/departures/run", "", "Origin", devOrigin); r.code() != "scope_denied" {
		t.Errorf("a key of administration embeds: %d %s", r.status, r.body)
	}
}

func TestAPIKey_endsWithWhomItIsBoundTo(t *testing.T) {
	s := newSite(t)
	s.tenant("acme")
	session := s.signIn("of-acme", "DFW", func(c map[string]any) { c["tenant"] = "acme" })
	tenant := oriel.UserID(read[httpapi.SessionInfo](t, s.as(session, "GET", "/api/v1/session", ""), 200).User.ID)
	user := s.person("server", "operators")
	for _, c := range []struct {
		bound oriel.UserID
		code  string
		set   func(active bool) error
	}{
		{user, "user_deactivated", func(active bool) error {
			return s.store.SetUserActive(t.Context(), "operator", user, active, s.clock())
		}},
		{tenant, "tenant_deactivated", func(active bool) error {
			return s.store.SetTenantActive(t.Context(), "operator", "acme", active, s.clock())
		}},
	} {
		key := s.issueKey(apiKeyFor(c.bound, oriel.ScopeContentRead)).Secret
		for _, active := range []bool{true, false, true} {
			if err := c.set(active); err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "", false: c.code}[active]
			if r := s.with(key, "GET", "/api/v1/questions", ""); r.code() != want {
				t.Errorf("active %v: got %d %s, want %s", active, r.status, r.body, want)
			}
		}
	}
}

// countingStore is the store, which tells how often a use was written, and
// may fail to.
type countingStore struct {
	*store.Store
	touched atomic.Int32
	fail    atomic.Bool
}

func (c *countingStore) TouchAPIKey(ctx context.Context, id string, at time.Time) error {
	if c.fail.Load() {
		return oriel.E(oriel.CodeStoreUnavailable, "")
	}
	c.touched.Add(1)
	return c.Store.TouchAPIKey(ctx, id, at)
}

// TestAPIKey_lastUseIsKeptOnceAMinute counts what is written, many at once.
func TestAPIKey_lastUseIsKeptOnceAMinute(t *testing.T) {
	s := newSite(t)
	counting := &countingStore{Store: s.store}
	keys := directory.NewAPIKeys(directory.APIKeyOptions{Store: counting, Declared: s.store.Declared, Clock: s.clock, Random: rand.Reader})
	issued := s.issueKey(directory.APIKeyRequest{User: s.person("server", "operators"), Scopes: []oriel.Scope{oriel.ScopeContentRead}})
	last := func() time.Time {
		list, err := keys.List(t.Context(), oriel.Operator())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].LastUsed
	}
	if !last().IsZero() {
		t.Errorf("never used, last used %s", last())
	}
	for minute := range int32(3) {
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if _, _, err := keys.Authenticate(t.Context(), issued.Secret, ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if want := s.clock().Truncate(time.Minute); !last().Equal(want) || counting.touched.Load() != minute+1 {
			t.Errorf("last used %s, want %s; written %d times", last(), want, counting.touched.Load())
		}
		s.sleep(61 * time.Second)
	}
	before := last()
	if _, _, err := keys.Authenticate(t.Context(), issued.Secret, origin); err == nil || !last().Equal(before) {
		t.Errorf("a use that was refused counts: %v", err)
	}
	// What could not be written is tried again.
	counting.fail.Store(true)
	if _, _, err := keys.Authenticate(t.Context(), issued.Secret, ""); oriel.CodeOf(err) != oriel.CodeStoreUnavailable {
		t.Errorf("got %v", err)
	}
	counting.fail.Store(false)
	if _, _, err := keys.Authenticate(t.Context(), issued.Secret, ""); err != nil || last().Equal(before) {
		t.Errorf("last used %s: %v", last(), err)
	}
}

// TestAPIKey_ofAGroupIsNobody: it owns nothing.
func TestAPIKey_ofAGroupIsNobody(t *testing.T) {
	s := newSite(t)
	s.signIn("dana", "DFW")
	key := s.issueKey(directory.APIKeyRequest{Group: "operators", Scopes: []oriel.Scope{oriel.ScopeContentRead}}).Secret
	r := s.with(key, "GET", "/api/v1/session", "")
	var me httpapi.SessionInfo
	if err := json.Unmarshal(r.body, &me); err != nil || me.User.ID != "" || me.User.Email != "" || r.status != 200 {
		t.Errorf("who am I: %d %s", r.status, r.body)
	}
}
