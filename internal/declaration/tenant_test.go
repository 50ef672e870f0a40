package declaration_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestLoad_tenantsAndWhatGroupsMay(t *testing.T) {
	got, err := loadText(t, `version: 1
tenants:
  globex: {name: Globex, attributes: {region: west, tier: 3, open: true, sites: [a, 2]}, origins: ["https://globex.example:443"]}
  acme: {}
groups:
  desk: {download: limited, scopes: ["admin:people", "admin:audit"]}
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tenants) != 2 || got.Tenants[0].Name != "acme" || got.Tenants[0].Origins != nil {
		t.Fatalf("tenants: %+v", got.Tenants)
	}
	globex := got.Tenants[1]
	want := oriel.Attributes{"region": oriel.Text("west"), "tier": oriel.Text("3"), "open": oriel.Text("true"), "sites": oriel.TextList("a", "2")}
	if globex.Name != "Globex" || len(globex.Origins) != 1 || globex.Origins[0].String() != "https://globex.example" || !reflect.DeepEqual(globex.Attributes, want) {
		t.Errorf("unexpected tenant: %+v", globex)
	}
	desk := got.Groups[0]
	if desk.Download != oriel.DownloadLimited || !reflect.DeepEqual(desk.Scopes, []oriel.Scope{oriel.ScopeAdminAudit, oriel.ScopeAdminPeople}) {
		t.Errorf("unexpected group: %+v", desk)
	}
}

// TestLoad_whatNoFileMayGive: everything to a group, and anything to everybody.
func TestLoad_whatNoFileMayGive(t *testing.T) {
	for what, text := range map[string]string{
		"everything to a group":      "groups: {desk: {scopes: ['admin:*']}}",
		"a scope to everybody":       "groups: {all-users: {scopes: ['admin:audit']}}",
		"an unknown scope":           "groups: {desk: {scopes: ['admin:none']}}",
		"an unknown download":        "groups: {desk: {download: all}}",
		"no origins of a tenant":     "tenants: {acme: {origins: []}}",
		"a time zone that is none":   "tenants: {acme: {time_zone: Europe/Nowhere}}",
		"a time zone by its offset":  "tenants: {acme: {time_zone: '+02:00'}}",
		"an origin that is none":     "tenants: {acme: {origins: ['x']}}",
		"a name no policy may write": "tenants: {acme: {attributes: {'@a': b}}}",
		"an attribute within one":    "tenants: {acme: {attributes: {a: {b: c}}}}",
		"a slug that is none":        "tenants: {Acme: {}}",
	} {
		if _, err := loadText(t, "version: 1\n"+text+"\n"); err == nil || !strings.Contains(err.Error(), "2: ") {
			t.Errorf("%s: got %v", what, err)
		}
	}
}
