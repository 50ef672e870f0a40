package storetest

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// hostSecret is searched for in the database: it must be nowhere.
func hostSecret() []byte { return []byte("plain-secret-of-the-host-0123456789") }

func origin(t *testing.T, entry string) oriel.Origin {
	t.Helper()
	o, err := oriel.ParseOrigin(entry, oriel.OriginOptions{SiteURL: siteURL})
	must(t, err)
	return o
}

func mustApply(t *testing.T, s *store.Store, d oriel.Declaration) []oriel.Change {
	t.Helper()
	changes, err := s.Apply(t.Context(), d)
	must(t, err)
	return changes
}

// firstApply declares all that the suite declares.
func firstApply(t *testing.T, s *store.Store) error {
	t.Helper()
	_, err := s.Apply(t.Context(), declaration(t))
	return err
}

// declaration has one of everything that can be declared.
func declaration(t *testing.T) oriel.Declaration {
	t.Helper()
	p := oriel.Provider{
		Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: "http://127.0.0.1:7431",
		SignInURI: "http://127.0.0.1:7431/sso/oriel", Claims: oriel.DefaultClaimNames(), Create: true,
		Keys: []oriel.ProviderKey{
			{ID: "one", Kind: oriel.KeyHS256, Secret: hostSecret()},
			{ID: "two", Kind: oriel.KeyEdDSA, Public: []byte("-----BEGIN PUBLIC KEY-----")},
			{ID: "three", Kind: oriel.KeyJWKS, URL: "https://host.example/keys"},
		},
		Tenants: oriel.ProviderTenants{Listed: []oriel.TenantSlug{"acme"}, Own: "acme"}, Realm: "apron",
		Origins:         []oriel.Origin{origin(t, "http://127.0.0.1:7430")},
		BackendSessions: true, LegacyExchange: true,
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
			{Model: "flights", Rows: "origin != 'x'", Columns: map[string]oriel.Mask{"origin": oriel.MaskHash}},
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
