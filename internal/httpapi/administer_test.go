package httpapi_test

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// texts reads the store's file as somebody with the disk would.
func (s *site) texts(query string) []string {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "oriel.db")+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(s.t.Context(), query)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return list
}

// exchangeFrom sends a host token from a page of the origin.
func (s *site) exchangeFrom(page, token string) reply {
	s.t.Helper()
	return s.ask("POST", "/api/v1/session", body(s.t, map[string]string{"jwt": token}), "Content-Type", "text/plain", "Origin", page)
}

// tokenOf is a host token that names its key.
func (s *site) tokenOf(kid, sub string) string {
	s.t.Helper()
	_, rest, _ := strings.Cut(s.token(sub, "DFW"), ".")
	payload, _, _ := strings.Cut(rest, ".")
	header := body(s.t, map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": kid})
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + payload
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(signed)))
}

func apiKeyFor(user oriel.UserID, scopes ...oriel.Scope) directory.APIKeyRequest {
	return directory.APIKeyRequest{Name: "test", User: user, Scopes: scopes}
}

// TestAdministration_leavesWhoDidIt: every change has an entry that names its
// principal, and no entry has a secret.
func TestAdministration_leavesWhoDidIt(t *testing.T) {
	s := newSite(t)
	issued := s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: oriel.Scopes()})
	admin := issued.Secret
	session := s.signIn("dana", "DFW")
	one := s.sessionsOf(t, s.as(session, "GET", "/api/v1/sessions", ""))[0]
	s.tenant("acme")
	made := []string{admin}
	secretOf := func(r reply) string {
		made = append(made, read[struct{ Secret string }](t, r, 201).Secret)
		return read[struct{ Key struct{ ID string } }](t, r, 201).Key.ID
	}
	entries := func() []string {
		return s.texts(`SELECT action || ' ' || kind || ' ' || key FROM audit_entries WHERE who = '` + issued.Key.ID + `' ORDER BY rowid`)
	}
	var key, next string
	for _, step := range []struct {
		do   func() reply
		want string
	}{
		{func() reply { return s.with(admin, "POST", "/api/v1/providers", body(t, gate(nil))) }, "created provider gate"},
		{func() reply {
			return s.with(admin, "PUT", "/api/v1/providers/gate", body(t, gate(map[string]any{"enabled": false})))
		}, "updated provider gate"},
		{func() reply {
			r := s.with(admin, "POST", "/api/v1/providers/gate/keys", `{"kind":"hs256"}`)
			secretOf(r)
			return r
		}, "created key gate/key-1"},
		{func() reply { return s.with(admin, "POST", "/api/v1/providers/gate/keys/key-1/retire", "") }, "updated key gate/key-1"},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/providers/gate/keys/key-1", "") }, "deleted key gate/key-1"},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/providers/gate", "") }, "deleted provider gate"},
		{func() reply { return s.with(admin, "POST", "/api/v1/origins", `{"origin":"https://a.example.com"}`) }, "updated origins instance"},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/origins?origin=https://a.example.com", "") }, "updated origins instance"},
		{func() reply {
			r := s.with(admin, "POST", "/api/v1/api-keys", `{"name":"n","group":"operators","scopes":["embed:read"]}`)
			key = secretOf(r)
			return r
		}, "created api key "},
		{func() reply {
			r := s.with(admin, "POST", "/api/v1/api-keys/"+key+"/rotate", "")
			next = secretOf(r)
			return r
		}, "created api key "},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/api-keys/"+next, "") }, "revoked api key "},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/sessions/"+one.ID, "") }, "revoked sessions session " + one.ID},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/users/"+one.User+"/sessions", "") }, "revoked sessions user " + one.User},
		{func() reply { return s.with(admin, "DELETE", "/api/v1/tenants/acme/sessions", "") }, "revoked sessions tenant acme"},
		{func() reply { return s.with(admin, "DELETE", apronKeys+"/key-1/sessions", "") }, "revoked sessions key apron/key-1"},
	} {
		before := len(entries())
		if r := step.do(); r.status >= 300 {
			t.Fatalf("%s: %d %s", step.want, r.status, r.body)
		}
		after := entries()
		if len(after) != before+1 || !strings.HasPrefix(after[before], step.want) {
			t.Errorf("%s: entries %v", step.want, after[before:])
		}
	}
	all := strings.Join(s.texts(`SELECT at || who || action || kind || key || before || after FROM audit_entries`), "\n") + s.log.String()
	for _, secret := range append(made, session) {
		if secret == "" || strings.Contains(all, secret) || strings.Contains(all, secret[8:24]) {
			t.Errorf("a secret of %d bytes is in the audit or the log", len(secret))
		}
	}
}

// tenant makes a tenant, as a sign-in does.
func (s *site) tenant(slug string) {
	s.t.Helper()
	_, err := s.store.UpdateProvider(s.t.Context(), "operator", s.withTenants())
	if err != nil {
		s.t.Fatal(err)
	}
	s.signIn("of-"+slug, "DFW", func(c map[string]any) { c["tenant"] = slug })
}

// withTenants is the declared provider, which may make tenants.
func (s *site) withTenants() oriel.Provider {
	p := s.store.Declared().Providers[0]
	p.Tenants = oriel.ProviderTenants{Any: true, Create: true}
	return p
}
