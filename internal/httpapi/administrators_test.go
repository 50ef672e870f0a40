package httpapi_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// TestAdministrators_theLastOneStays: whoever is left could not be made one
// again by anybody but the operator.
func TestAdministrators_theLastOneStays(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	s.tenant("acme")
	root := oriel.User{ID: "usr_root", Email: "root@example.com", Tenant: "acme", Active: true, Groups: []oriel.GroupKey{oriel.GroupAdministrators}}
	if err := s.store.CreateUser(t.Context(), "operator", root, s.clock()); err != nil {
		t.Fatal(err)
	}
	former := s.person("former", oriel.GroupAdministrators)
	ways := map[string]func(id string) reply{
		"out of the group": func(id string) reply {
			return s.with(admin, "DELETE", "/api/v1/users/"+id+"/groups/administrators", "")
		},
		"deactivated": func(id string) reply { return s.with(admin, "PATCH", "/api/v1/users/"+id, `{"active":false}`) },
		"erased":      func(id string) reply { return s.with(admin, "DELETE", "/api/v1/users/"+id, "") },
	}
	// Who can't sign in is none that is left.
	if r := ways["deactivated"](string(former)); r.status != 200 {
		t.Fatalf("one of two: %d %s", r.status, r.body)
	}
	for what, way := range ways {
		refused(t, what, way("usr_root"), "conflict", "")
	}
	refused(t, "the tenant of the last one", s.with(admin, "PATCH", "/api/v1/tenants/acme", `{"active":false}`), "conflict", "")
	if entries := s.texts(`SELECT action FROM audit_entries WHERE key = 'usr_root' AND who LIKE 'key_%'`); len(entries) > 0 {
		t.Errorf("what did not happen is in the audit: %v", entries)
	}
	if got := s.texts(`SELECT group_key FROM group_members m JOIN users u ON u.id = m.user_id WHERE u.id = 'usr_root' AND u.active`); len(got) != 1 {
		t.Fatalf("the last administrator is gone: %v", got)
	}
	s.person("next", oriel.GroupAdministrators)
	for _, what := range []string{"out of the group", "deactivated", "erased"} {
		if r := ways[what]("usr_root"); r.status >= 300 {
			t.Errorf("%s with another one left: %d %s", what, r.status, r.body)
		}
	}
	// The operator may take the last one away, and make one again.
	if err := s.store.SetMembership(t.Context(), "operator", "usr_next", oriel.GroupAdministrators, false, s.clock()); err != nil {
		t.Error(err)
	}
	if err := newPeople(s).SetMembership(t.Context(), oriel.Operator(), "usr_next", oriel.GroupAdministrators, true); err != nil {
		t.Error(err)
	}
}
