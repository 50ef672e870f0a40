package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestGroups_madeRenamedDeleted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople, oriel.ScopeAdminAccess)
	made := read[httpapi.Group](t, s.with(admin, "POST", "/api/v1/groups", `{"key":"crew","name":"Crew"}`), 201)
	if made.Key != "crew" || made.BuiltIn || len(made.Collections)+len(made.Sources)+len(made.Scopes) > 0 || made.Download != "none" {
		t.Errorf("unexpected group: %+v", made)
	}
	refused(t, "the key again", s.with(admin, "POST", "/api/v1/groups", `{"key":"crew"}`), "conflict", "")
	for _, key := range []string{"", "Crew", "a b", strings.Repeat("a", 64)} {
		refused(t, key, s.with(admin, "POST", "/api/v1/groups", fmt.Sprintf(`{"key":%q}`, key)), "invalid_request", "key")
	}
	if got := read[httpapi.Group](t, s.with(admin, "PATCH", "/api/v1/groups/crew", `{"name":"Cabin crew"}`), 200); got.Name != "Cabin crew" {
		t.Errorf("renamed: %+v", got)
	}
	// What hangs on it goes with it: grants, and the keys that are bound to it.
	if r := s.with(admin, "PATCH", "/api/v1/permissions/crew", `{"collections":{"operations":"view"},"sources":{"airports":"run"}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	member := s.person("member", "crew")
	key := s.issueKey(directory.APIKeyRequest{User: member, Scopes: []oriel.Scope{oriel.ScopeContentRead}}).Secret
	bound := s.issueKey(directory.APIKeyRequest{Group: "crew", Scopes: []oriel.Scope{oriel.ScopeEmbedRead}}).Secret
	if r := s.with(key, "GET", "/api/v1/questions/departures", ""); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.with(admin, "DELETE", "/api/v1/groups/crew", ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "who was in it", s.with(key, "GET", "/api/v1/questions/departures", ""), "not_found", "")
	refused(t, "its own key", s.with(bound, "GET", "/api/v1/questions", ""), "api_key_invalid", "")
	refused(t, "again", s.with(admin, "DELETE", "/api/v1/groups/crew", ""), "not_found", "")
}

func TestGroups_builtInOnesStay(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	for _, key := range []oriel.GroupKey{oriel.GroupAdministrators, oriel.GroupAllUsers, oriel.GroupAllTenantUsers} {
		refused(t, string(key), s.with(admin, "DELETE", "/api/v1/groups/"+string(key), ""), "invalid_request", "id")
		refused(t, string(key), s.with(admin, "PATCH", "/api/v1/groups/"+string(key), `{"name":"x"}`), "invalid_request", "id")
		refused(t, string(key), s.with(admin, "PATCH", "/api/v1/permissions/"+string(key), `{"scopes":["admin:audit"]}`), "invalid_request", "scopes")
	}
}

// TestGroups_namedOnesAreNotDeleted: whoever made another group of the key
// would inherit the exemption, or what claims may name.
func TestGroups_namedOnesAreNotDeleted(t *testing.T) {
	s := newSite(t)
	s.powers()
	admin := s.admin(oriel.ScopeAdmin)
	refused(t, "one that a policy exempts", s.with(admin, "DELETE", "/api/v1/groups/seers", ""), "conflict", "")
	refused(t, "one that claims may name", s.with(admin, "DELETE", "/api/v1/groups/operators", ""), "conflict", "")
	if _, err := s.store.UpdateProvider(t.Context(), "operator", func() oriel.Provider {
		p := s.store.Declared().Providers[0]
		p.Groups.Mode, p.Groups.Opened = oriel.GroupsMapped, nil
		p.Groups.Mapping = map[string][]oriel.GroupKey{"ops": {"desk"}}
		return p
	}()); err != nil {
		t.Fatal(err)
	}
	refused(t, "one that claims are mapped to", s.with(admin, "DELETE", "/api/v1/groups/desk", ""), "conflict", "")
	if r := s.with(admin, "DELETE", "/api/v1/groups/natives", ""); r.status != 204 {
		t.Errorf("one that nothing names: %d %s", r.status, r.body)
	}
}

// TestGroups_renamingOpensNothing: a claim finds an opened group by its name.
func TestGroups_renamingOpensNothing(t *testing.T) {
	s := newSite(t)
	s.powers()
	p := s.store.Declared().Providers[0]
	p.Groups.Opened = []oriel.GroupKey{"operators", "desk"}
	if _, err := s.store.UpdateProvider(t.Context(), "operator", p); err != nil {
		t.Fatal(err)
	}
	refused(t, "by who does not hold it", s.with(s.admin(oriel.ScopeAdminPeople), "PATCH", "/api/v1/groups/desk", `{"name":"everybody"}`), "scope_denied", "")
	if r := s.with(s.admin(oriel.ScopeAdminPeople, oriel.ScopeAdminAudit), "PATCH", "/api/v1/groups/desk", `{"name":"everybody"}`); r.status != 200 {
		t.Errorf("by who does: %d %s", r.status, r.body)
	}
}
