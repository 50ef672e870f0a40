package httpapi_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

const secondOrigin = "http://127.0.0.1:7440" // allowed too

func TestTenants_madeChangedDeleted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	made := read[httpapi.Tenant](t, s.with(admin, "POST", "/api/v1/tenants", `{"slug":"globex","name":"Globex","attributes":{"region":"west","n":3}}`), 201)
	if body(t, made) != `{"active":true,"attributes":{"n":"3","region":"west"},"name":"Globex","origins":[],"quotas":{},"slug":"globex","time_zone":""}` {
		t.Errorf("unexpected tenant: %s", body(t, made))
	}
	refused(t, "the slug again", s.with(admin, "POST", "/api/v1/tenants", `{"slug":"globex"}`), "conflict", "")
	for wrong, field := range map[string]string{
		`{"slug":"A"}`: "slug", `{"slug":"a","name":""}`: "name", `{"slug":"a","origins":["x"]}`: "origins", `{"slug":"a","origins":["*"]}`: "origins",
		`{"slug":"a","attributes":{"@a":"b"}}`: "attributes", `{"slug":"a","active":1}`: "active",
		`{"slug":"a","time_zone":"europe/berlin"}`: "time_zone", `{"slug":"a","time_zone":"Local"}`: "time_zone", `{"slug":"a","time_zone":"../UTC"}`: "time_zone", `{"slug":"a","time_zone":2}`: "time_zone",
	} {
		refused(t, wrong, s.with(admin, "POST", "/api/v1/tenants", wrong), "invalid_request", field)
	}
	changed := read[httpapi.Tenant](t, s.with(admin, "PATCH", "/api/v1/tenants/globex", `{"active":false,"attributes":{"n":null},"origins":["https://globex.example:443"]}`), 200)
	if changed.Active || len(changed.Attributes) != 1 || changed.Origins[0] != "https://globex.example" || changed.Name != "Globex" {
		t.Errorf("changed to %+v", changed)
	}
	for _, zone := range []string{"Asia/Kathmandu", ""} {
		changed = read[httpapi.Tenant](t, s.with(admin, "PATCH", "/api/v1/tenants/globex", body(t, map[string]string{"time_zone": zone})), 200)
		if changed.TimeZone != zone || len(changed.Origins) != 1 || changed.Name != "Globex" {
			t.Errorf("changed to %+v", changed)
		}
	}
	if r := s.with(admin, "DELETE", "/api/v1/tenants/globex", ""); r.status != 204 {
		t.Errorf("%d %s", r.status, r.body)
	}
	refused(t, "again", s.with(admin, "DELETE", "/api/v1/tenants/globex", ""), "not_found", "")
	refused(t, "one that is gone", s.with(admin, "PATCH", "/api/v1/tenants/globex", `{"name":"x"}`), "not_found", "")
	s.tenant("acme")
	refused(t, "one with a user", s.with(admin, "DELETE", "/api/v1/tenants/acme", ""), "conflict", "")
}

// TestTenants_aTimeZoneNarrowsNoOrigins: both are remembered of a tenant together.
func TestTenants_aTimeZoneNarrowsNoOrigins(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	dana := s.signIn("dana", "DFW", func(c map[string]any) { c["tenant"] = "acme" })
	for _, change := range []struct{ body, code string }{
		{`{"time_zone":"Asia/Kathmandu"}`, ""}, {`{"origins":["` + secondOrigin + `"]}`, "origin_not_allowed"}, {`{"time_zone":""}`, "origin_not_allowed"}, {`{"origins":[]}`, ""},
	} {
		if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", change.body); r.status != 200 {
			t.Fatalf("%s: %d %s", change.body, r.status, r.body)
		}
		if r := s.as(dana, "GET", "/api/v1/session", ""); r.code() != change.code {
			t.Errorf("after %s: %d %s", change.body, r.status, r.body)
		}
	}
}

// TestTenants_ownOriginsNarrow: at the exchange, on each use of a session, and
// where a session takes its first origin; for the tenant's users alone.
func TestTenants_ownOriginsNarrow(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	ofTenant := func(c map[string]any) { c["tenant"] = "acme" }
	before, other := s.signIn("dana", "DFW", ofTenant), s.signIn("gus", "DFW")
	own := func(origins string) {
		t.Helper()
		if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"origins":`+origins+`}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	own(`["` + secondOrigin + `"]`)
	refused(t, "a session of before", s.as(before, "GET", "/api/v1/session", ""), "origin_not_allowed", "")
	refused(t, "a new one", s.exchange(s.token("dana", "DFW", ofTenant)), "origin_not_allowed", "")
	refused(t, "one of somebody new", s.exchange(s.token("eve", "DFW", ofTenant)), "origin_not_allowed", "")
	if got := s.texts(`SELECT email FROM users WHERE email LIKE 'eve%'`); len(got) > 0 {
		t.Errorf("the refused sign-in made a user: %v", got)
	}
	if r := s.exchangeFrom(secondOrigin, s.token("dana", "DFW", ofTenant)); r.status != 200 {
		t.Errorf("from its own: %d %s", r.status, r.body)
	}
	if r := s.as(other, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("who is of no tenant: %d %s", r.status, r.body)
	}

	// A session that waits for its first origin takes none but the tenant's.
	_, of, err := s.sessions.Authenticate(t.Context(), session.Presented{Token: before, Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	var waiting session.Issued
	if err := s.store.Write(t.Context(), func(tx *store.Tx) error {
		waiting, err = s.sessions.Issue(tx, session.Grant{
			Kind: oriel.SessionBackend, User: of.User, Provider: of.Provider, KeyID: "key-1", KeySerial: of.KeySerial, Bindable: true,
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	use := func(page string) reply {
		return s.ask("GET", "/api/v1/session", "", "Authorization", "Bearer "+waiting.Token, "Origin", page)
	}
	refused(t, "the instance's as its first", use(origin), "origin_mismatch", "")
	if r := use(secondOrigin); r.status != 200 {
		t.Errorf("the tenant's as its first: %d %s", r.status, r.body)
	}

	// It narrows and never widens; an empty list takes it away.
	own(`["` + foreign + `"]`)
	refused(t, "one that the instance does not allow", s.exchangeFrom(foreign, s.token("dana", "DFW", ofTenant)), "origin_not_allowed", "")
	refused(t, "one that the tenant does not", use(secondOrigin), "origin_not_allowed", "")
	own(`["` + secondOrigin + `"]`)
	if _, err := s.store.RemoveOrigin(t.Context(), "operator", s.store.Declared().Origins[1]); err != nil {
		t.Fatal(err)
	}
	refused(t, "one that the instance no longer allows", use(secondOrigin), "origin_not_allowed", "")
	own(`[]`)
	if r := s.as(before, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("without own origins: %d %s", r.status, r.body)
	}
}

// TestTenants_devModeWidensNoOwnOrigins: they narrow there too.
func TestTenants_devModeWidensNoOwnOrigins(t *testing.T) {
	s := newSite(t, func(p *parts) { p.devMode = true })
	s.tenant("acme")
	admin := s.admin(oriel.ScopeAdminPeople)
	if r := s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"origins":["https://acme.example"]}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	r := s.exchangeFrom(devOrigin, s.token("dana", "DFW", func(c map[string]any) { c["tenant"] = "acme" }))
	refused(t, "a page of this machine", r, "origin_not_allowed", "")
}

func TestTenants_deactivatedIsOutAndStaysOut(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	dana := s.signIn("dana", "DFW", func(c map[string]any) { c["tenant"] = "acme" })
	for active, code := range map[string]string{"false": "tenant_deactivated"} {
		s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"active":`+active+`}`)
		refused(t, "deactivated", s.as(dana, "GET", "/api/v1/session", ""), code, "")
	}
	s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"active":true}`)
	refused(t, "a session of before", s.as(dana, "GET", "/api/v1/session", ""), "session_revoked", "")
	if entries := strings.Join(s.texts(`SELECT action FROM audit_entries WHERE kind = 'tenant' AND key = 'acme'`), " "); entries != "created updated updated" {
		t.Errorf("entries: %s", entries)
	}
}
