package store_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// hostSecret is searched for in files: it must be nowhere.
func hostSecret() []byte { return []byte("plain-secret-of-the-host-0123456789") }

func declaration(t *testing.T) oriel.Declaration {
	t.Helper()
	p := oriel.Provider{
		Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: "http://127.0.0.1:7431",
		SignInURI: "http://127.0.0.1:7431/sso/oriel", Claims: oriel.DefaultClaimNames(), Create: true,
		Keys: []oriel.ProviderKey{
			{ID: "one", Kind: oriel.KeyHS256, Secret: hostSecret()},
			{ID: "two", Kind: oriel.KeyEdDSA, Public: []byte("-----BEGIN PUBLIC KEY-----")},
		},
		Tenants: oriel.ProviderTenants{Listed: []oriel.TenantSlug{"acme"}}, Realm: "apron",
		Origins: []oriel.Origin{origin(t, "http://127.0.0.1:7430")},
	}
	p.Groups.Mode, p.Groups.Opened = oriel.GroupsByName, []oriel.GroupKey{"operators"}
	p.Groups.Mapping = map[string][]oriel.GroupKey{"ops": {"operators"}}
	digits := 1
	flights := oriel.TableRef{Source: "airports", Table: "flights"}
	return oriel.Declaration{
		Origins:   []oriel.Origin{origin(t, "http://127.0.0.1:7430"), origin(t, "https://*.example.com")},
		Providers: []oriel.Provider{p},
		Groups: []oriel.Group{{
			Key: "operators", Name: "Operators", Collections: map[string]oriel.CollectionGrant{"operations": oriel.GrantView},
			Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantRun},
		}},
		Sources: []oriel.Source{{
			Key: "airports", Kind: oriel.SourceDuckDB, Files: []string{"flights.csv"}, Revision: "1", Database: "airports-1.duckdb",
			Tables: []oriel.SourceTable{{Name: "flights", Columns: []oriel.SourceColumn{{Name: "origin", Type: oriel.TypeText}}}},
		}},
		Models: []oriel.Model{{Key: "flights", Name: "Flights", Table: flights, Columns: []oriel.ModelColumn{
			{Name: "origin", Format: oriel.ColumnFormat{Style: "number", Digits: &digits}},
		}}},
		Policies: []oriel.Policy{
			{Table: flights, Rows: "origin = user.attr.airport"},
			{Table: flights, Rows: "origin is not null", Exempt: []oriel.GroupKey{"operators"}},
			{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
		},
		Collections: []oriel.Collection{{Key: "operations", Name: "Operations"}},
		Questions: []oriel.Question{{
			Key: "departures", Name: "Departures", Collection: "operations", Source: "airports",
			Structured: &oriel.Structured{Model: "flights", Filters: []oriel.Filter{{Column: "origin", Op: "=", Value: "DFW"}}},
			Chart:      oriel.Chart{Kind: "number", Y: []string{"departures"}},
		}},
		Dashboards: []oriel.Dashboard{{
			Key: "operations", Name: "Operations", Collection: "operations",
			Cards: []oriel.Card{{Key: "departures", Question: "departures", W: 6, H: 2}},
		}},
	}
}

func TestApply_isReadBackAsDeclared(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	want := declaration(t)
	mustApply(t, s, want)
	for name, got := range map[string]oriel.Declaration{
		"at once": *s.Declared(), "after another start": *open(t, path).Declared(),
	} {
		p := &got.Providers[0]
		if !strings.HasPrefix(p.ID, "prv_") {
			t.Errorf("%s: provider id %q", name, p.ID)
		}
		p.ID = ""
		for i := range p.Keys {
			if p.Keys[i].Serial == 0 || p.Keys[i].Created.IsZero() {
				t.Errorf("%s: key %+v has no serial or time", name, p.Keys[i].ID)
			}
			p.Keys[i].Serial, p.Keys[i].Created = 0, time.Time{}
		}
		got.Groups = got.Groups[3:] // by key, after the built-in ones
		if got.Groups[0].Key != "operators" {
			t.Fatalf("%s: groups %+v", name, got.Groups)
		}
		// Policies are read table by table.
		wanted := want
		wanted.Policies = []oriel.Policy{want.Policies[2], want.Policies[0], want.Policies[1]}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, wanted)
		}
	}
}

func TestApply_twiceChangesNothing(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	mustApply(t, s, declaration(t))
	db := outside(t, path)
	entries, before := count(t, db, `SELECT count(*) FROM audit_entries`), s.Declared()
	if changes := mustApply(t, s, declaration(t)); len(changes) != 0 {
		t.Errorf("the second time changed %v", changes)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_entries`); n != entries {
		t.Errorf("%d audit entries, want %d as before", n, entries)
	}
	if s.Declared() != before {
		t.Error("what is declared was read again")
	}
}

func TestApply_saysWhatItDid(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	changes := mustApply(t, s, declaration(t))
	want := []oriel.Change{
		{Kind: "origins", Key: "instance", Action: "created"},
		{Kind: "group", Key: "operators", Action: "created"},
		{Kind: "provider", Key: "apron", Action: "created"},
		{Kind: "key", Key: "apron/one", Action: "created"},
		{Kind: "key", Key: "apron/two", Action: "created"},
		{Kind: "source", Key: "airports", Action: "created"},
		{Kind: "model", Key: "flights", Action: "created"},
		{Kind: "policies", Key: "airports.flights", Action: "created"},
		{Kind: "policies", Key: "airports.airports", Action: "created"},
		{Kind: "collection", Key: "operations", Action: "created"},
		{Kind: "question", Key: "departures", Action: "created"},
		{Kind: "dashboard", Key: "operations", Action: "created"},
	}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("got %v, want %v", changes, want)
	}
	if n := count(t, outside(t, path), `SELECT count(*) FROM audit_entries WHERE who = 'operator'`); n != len(want) {
		t.Errorf("%d audit entries, want one for each of %d changes", n, len(want))
	}
}

func TestApply_whatIsNotNamedStays(t *testing.T) {
	s := open(t, newPath(t))
	mustApply(t, s, declaration(t))
	before, err := json.Marshal(s.Declared())
	if err != nil {
		t.Fatal(err)
	}
	if changes := mustApply(t, s, oriel.Declaration{}); len(changes) != 0 {
		t.Errorf("the empty declaration changed %v", changes)
	}
	if after, err := json.Marshal(s.Declared()); err != nil || !bytes.Equal(before, after) {
		t.Error("something is gone")
	}
}

func TestApply_originsAndATablesPoliciesAreReplacedAsAWhole(t *testing.T) {
	s := open(t, newPath(t))
	mustApply(t, s, declaration(t))
	flights := oriel.TableRef{Source: "airports", Table: "flights"}
	changes := mustApply(t, s, oriel.Declaration{
		Origins:  []oriel.Origin{origin(t, "https://other.example.com")},
		Policies: []oriel.Policy{{Table: flights, Shared: true}},
	})
	if len(changes) != 2 {
		t.Errorf("changed %v", changes)
	}
	d := s.Declared()
	if len(d.Origins) != 1 || d.Origins[0].String() != "https://other.example.com" {
		t.Errorf("origins %v", d.Origins)
	}
	if len(d.Policies) != 2 || !d.Policies[0].Shared || !d.Policies[1].Shared || d.Policies[1].Table != flights {
		t.Errorf("policies %+v", d.Policies)
	}
	mustApply(t, s, oriel.Declaration{Origins: []oriel.Origin{}})
	if len(s.Declared().Origins) != 0 {
		t.Error("an empty list of origins did not empty it")
	}
}

func TestApply_providerKeepsItsID(t *testing.T) {
	s := open(t, newPath(t))
	d := declaration(t)
	mustApply(t, s, d)
	before := s.Declared().Providers[0]
	d.Providers[0].Issuer = "https://other.example.com"
	d.Providers[0].Keys = []oriel.ProviderKey{
		{ID: "two", Kind: oriel.KeyEdDSA, Public: []byte("other material")},
		{ID: "three", Kind: oriel.KeyHS256, Secret: bytes.Repeat([]byte{3}, 32)},
	}
	changes := mustApply(t, s, d)
	want := []oriel.Change{
		{Kind: "provider", Key: "apron", Action: "updated"},
		{Kind: "key", Key: "apron/two", Action: "deleted"}, {Kind: "key", Key: "apron/two", Action: "created"},
		{Kind: "key", Key: "apron/three", Action: "created"}, {Kind: "key", Key: "apron/one", Action: "deleted"},
	}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("changed %v, want %v", changes, want)
	}
	after := s.Declared().Providers[0]
	if after.ID != before.ID {
		t.Error("the provider has another id")
	}
	if after.Keys[0].ID != "two" || after.Keys[0].Serial == before.Keys[1].Serial {
		t.Error("other material under a known kid is taken for the same key")
	}
}

// A broken declaration leaves everything as it was, the audit too.
func TestApply_happensAsAWhole(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	d := declaration(t)
	d.Dashboards[0].Key = ""
	if _, err := s.Apply(t.Context(), d); err == nil {
		t.Fatal("it was applied")
	}
	if n := count(t, outside(t, path), `SELECT (SELECT count(*) FROM origins) + (SELECT count(*) FROM audit_entries)`); n != 0 {
		t.Error("half a declaration is there")
	}
}

func TestApply_secretIsSealed(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	mustApply(t, s, declaration(t))
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, hostSecret()) {
			t.Errorf("the secret stands in oriel.db%s", suffix)
		}
	}
	var sealed []byte
	if err := outside(t, path).QueryRowContext(t.Context(), `SELECT secret FROM provider_keys WHERE kid = 'one'`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	id := s.Declared().Providers[0].ID
	if secret, err := store.SecretOf(s, sealed, id, "one"); err != nil || !bytes.Equal(secret, hostSecret()) {
		t.Errorf("it does not open: %v", err)
	}
	if _, err := store.SecretOf(s, sealed, id, "two"); err == nil {
		t.Error("it opens in another row")
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := store.SecretOf(s, changed, id, "one"); err == nil {
			t.Fatalf("it opens with bit %d changed", i*8)
		}
		if _, err := store.SecretOf(s, sealed[:i], id, "one"); err == nil {
			t.Fatalf("it opens cut at %d", i)
		}
	}
}

func TestDeclared_otherProcessIsHeeded(t *testing.T) {
	path := newPath(t)
	server, command := open(t, path), open(t, path)
	mustApply(t, command, declaration(t))
	waitFor(t, "the server to read what the command applied", func() bool { return len(server.Declared().Providers) == 1 })
	mustApply(t, command, oriel.Declaration{Origins: []oriel.Origin{}})
	waitFor(t, "the server to read the second change", func() bool { return len(server.Declared().Origins) == 0 })
}

// A loopback origin was saved for a demo; the site then got a public address.
func TestDeclared_originThatNoLongerHoldsIsLeftOut(t *testing.T) {
	path := newPath(t)
	mustApply(t, open(t, path), declaration(t))
	o := options(path)
	o.Origins.SiteURL = "https://bi.example.com"
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d := s.Declared()
	if len(d.Origins) != 1 || d.Origins[0].String() != "https://*.example.com" {
		t.Errorf("origins %v", d.Origins)
	}
	if d.Providers[0].Configured() {
		t.Error("a provider whose origins are all gone may be used from any")
	}
}
