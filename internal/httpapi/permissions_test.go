package httpapi_test

import (
	"fmt"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// TestPermissions_holdAtTheNextRequest: what one may not view is not found,
// wherever it is asked for; grants add up.
func TestPermissions_holdAtTheNextRequest(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAccess)
	session := s.signIn("dana", "DFW")
	cell := func(group, change string) {
		t.Helper()
		if r := s.with(admin, "PATCH", "/api/v1/permissions/"+group, change); r.status != 200 {
			t.Fatalf("%s: %d %s", change, r.status, r.body)
		}
	}
	views := func(code string) {
		t.Helper()
		for path, method := range map[string]string{
			"/api/v1/questions/departures": "GET", "/api/v1/questions/departures/run": "POST", "/api/v1/dashboards/operations/run": "POST",
			"/api/v1/dashboards/operations/parameters/destination/values": "GET",
		} {
			if r := s.as(session, method, path, ""); r.code() != code {
				t.Errorf("%s: %d %s, want %q", path, r.status, r.body, code)
			}
		}
	}
	views("")
	cell("operators", `{"collections":{"operations":"none"}}`)
	views("not_found")
	if r := s.as(session, "GET", "/api/v1/questions", ""); string(r.body) != `{"items":[],"next":null}` {
		t.Errorf("listed: %s", r.body)
	}
	cell("all-users", `{"collections":{"operations":"view"}}`)
	views("")
	cell("operators", `{"sources":{"airports":"none"}}`)
	refused(t, "no grant on the source", s.as(session, "POST", "/api/v1/questions/departures/run", ""), "forbidden", "")
	cell("all-users", `{"sources":{"airports":"explore"}}`)
	views("")

	// Of a declaration the file wins for the groups that it names, as a whole.
	declared := oriel.Group{Key: "all-users", Name: "All users"}
	if _, err := s.store.Apply(t.Context(), oriel.Declaration{Groups: []oriel.Group{declared}}); err != nil {
		t.Fatal(err)
	}
	views("not_found")
}

func TestPermissions_matrixIsRead(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	change := `{"collections":{"internal":"curate"},"sources":{"airports":"native"},"download":"full","scopes":["admin:people","admin:audit"]}`
	changed := read[httpapi.Group](t, s.with(admin, "PATCH", "/api/v1/permissions/operators", change), 200)
	if got := body(t, changed); got != `{"built_in":false,"collections":{"internal":"curate","operations":"view"},"download":"full","key":"operators","name":"operators","scopes":["admin:audit","admin:people"],"sources":{"airports":"native"}}` {
		t.Errorf("changed to %s", got)
	}
	matrix := read[httpapi.Permissions](t, s.with(admin, "GET", "/api/v1/permissions", ""), 200)
	if len(matrix.Groups) != 4 || len(matrix.Collections) != 2 || len(matrix.Sources) != 1 || body(t, matrix.Groups[3]) != body(t, changed) {
		t.Errorf("unexpected matrix: %s", body(t, matrix))
	}
	changed = read[httpapi.Group](t, s.with(admin, "PATCH", "/api/v1/permissions/operators", `{"download":"none","scopes":[]}`), 200)
	if changed.Download != "none" || len(changed.Scopes) != 0 || len(changed.Collections) != 2 {
		t.Errorf("taken away: %s", body(t, changed))
	}
	for wrong, field := range map[string]string{
		`{"collections":{"none":"view"}}`: "collections", `{"collections":{"operations":"native"}}`: "collections",
		`{"collections":{"operations":""}}`: "collections", `{"collections":["operations"]}`: "collections",
		`{"sources":{"none":"run"}}`: "sources", `{"sources":{"airports":"view"}}`: "sources",
		`{"download":"all"}`: "download", `{"scopes":["admin:*"]}`: "scopes", `{"scopes":["content:read"]}`: "scopes",
		`{"scopes":["admin:audit","admin:audit"]}`: "scopes", `{"scopes":null}`: "scopes", `{"name":"x"}`: "name",
	} {
		refused(t, wrong, s.with(admin, "PATCH", "/api/v1/permissions/operators", wrong), "invalid_request", field)
	}
	refused(t, "no group", s.with(admin, "PATCH", "/api/v1/permissions/none", `{"download":"full"}`), "not_found", "")
}

// TestPermissions_nobodyGivesWhatTheyDontHold: a scope to any group; native to
// one that claims may name.
func TestPermissions_nobodyGivesWhatTheyDontHold(t *testing.T) {
	s := newSite(t)
	s.powers()
	given := s.admin(oriel.ScopeAdminAccess)
	for _, scope := range oriel.PartScopes() {
		if scope == oriel.ScopeAdminAccess {
			continue
		}
		refused(t, string(scope), s.with(given, "PATCH", "/api/v1/permissions/seers", fmt.Sprintf(`{"scopes":[%q]}`, scope)), "scope_denied", "")
	}
	if r := s.with(given, "PATCH", "/api/v1/permissions/seers", `{"scopes":["admin:access"]}`); r.status != 200 {
		t.Errorf("one's own scope: %d %s", r.status, r.body)
	}
	// What a group has already is not given anew.
	if r := s.with(given, "PATCH", "/api/v1/permissions/desk", `{"scopes":["admin:access","admin:audit"]}`); r.status != 200 {
		t.Errorf("beside another's: %d %s", r.status, r.body)
	}
	const native = `{"sources":{"airports":"native"}}`
	refused(t, "native to claims", s.with(given, "PATCH", "/api/v1/permissions/operators", native), "scope_denied", "")
	holder := s.person("holder", oriel.GroupAdministrators, "natives")
	key := s.issueKey(apiKeyFor(holder, oriel.ScopeAdminAccess)).Secret
	if r := s.with(key, "PATCH", "/api/v1/permissions/operators", native); r.status != 200 {
		t.Errorf("native by who has it: %d %s", r.status, r.body)
	}
}

// TestScopes_ofAGroup: a key holds what the groups of whom it acts as have, at
// each request, and no more than its own scopes.
func TestScopes_ofAGroup(t *testing.T) {
	s := newSite(t)
	s.powers()
	auditor := s.person("auditor", "desk")
	issued := s.issueKey(apiKeyFor(auditor, oriel.ScopeAdminAudit, oriel.ScopeContentRead))
	if r := s.with(issued.Secret, "GET", "/api/v1/audit", ""); r.status != 200 {
		t.Errorf("its scope: %d %s", r.status, r.body)
	}
	refused(t, "another", s.with(issued.Secret, "GET", "/api/v1/users", ""), "scope_denied", "")
	only := s.issueKey(apiKeyFor(auditor, oriel.ScopeContentRead)).Secret
	refused(t, "a key without it", s.with(only, "GET", "/api/v1/audit", ""), "scope_denied", "")
	if _, err := s.keys.Create(t.Context(), oriel.Operator(), apiKeyFor(auditor, oriel.ScopeAdminPeople)); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
		t.Errorf("a key with what nobody gave: %v", err)
	}
	bound := s.issueKey(directory.APIKeyRequest{Group: "desk", Scopes: []oriel.Scope{oriel.ScopeAdminAudit}}).Secret
	if r := s.with(bound, "GET", "/api/v1/audit", ""); r.status != 200 {
		t.Errorf("the group's own key: %d %s", r.status, r.body)
	}
	if r := s.with(s.admin(oriel.ScopeAdmin), "PATCH", "/api/v1/permissions/desk", `{"scopes":[]}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "after it is taken away", s.with(issued.Secret, "GET", "/api/v1/audit", ""), "scope_denied", "")
	refused(t, "the group's key then", s.with(bound, "GET", "/api/v1/audit", ""), "scope_denied", "")
}

// TestProviders_openNoMoreThanOneHolds: to claims, when they are made and when
// they are changed.
func TestProviders_openNoMoreThanOneHolds(t *testing.T) {
	s := newSite(t)
	groups := s.powers()[1:]
	holder := s.person("holder", oriel.GroupAdministrators, "natives", "seers")
	admin, everything := s.admin(oriel.ScopeAdminAuthentication), s.admin(oriel.ScopeAdmin)
	held := s.issueKey(apiKeyFor(holder, oriel.ScopeAdminAuthentication, oriel.ScopeAdminAudit)).Secret
	apron := read[httpapi.Provider](t, s.with(admin, "GET", "/api/v1/providers/apron", ""), 200).Settings
	for _, group := range groups {
		for what, claims := range map[string]map[string]any{
			"by name": {"mode": "by-name", "opened": []string{"operators", string(group)}},
			"mapped":  {"mode": "mapped", "mapping": map[string]any{"x": []string{string(group)}}},
		} {
			made := body(t, gate(map[string]any{"groups": claims}))
			apron["groups"] = claims
			changed := body(t, apron)
			refused(t, "made "+what+" "+string(group), s.with(admin, "POST", "/api/v1/providers", made), "scope_denied", "")
			refused(t, "changed "+what+" "+string(group), s.with(admin, "PUT", "/api/v1/providers/apron", changed), "scope_denied", "")
			for _, key := range []string{held, everything} {
				if r := s.with(key, "POST", "/api/v1/providers", made); r.status != 201 {
					t.Errorf("%s %s by who holds it: %d %s", what, group, r.status, r.body)
				}
				s.with(everything, "DELETE", "/api/v1/providers/gate", "")
			}
		}
	}
	// What is open stays so when something else is changed, and no wider.
	apron["groups"] = map[string]any{"mode": "mapped", "mapping": map[string]any{"x": []string{"desk"}}}
	if r := s.with(everything, "PUT", "/api/v1/providers/apron", body(t, apron)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	apron["realm"] = "one"
	if r := s.with(admin, "PUT", "/api/v1/providers/apron", body(t, apron)); r.status != 200 {
		t.Errorf("something else: %d %s", r.status, r.body)
	}
	apron["groups"] = map[string]any{"mode": "mapped", "mapping": map[string]any{"x": []string{"desk"}, "y": []string{"desk"}}}
	refused(t, "by another name", s.with(admin, "PUT", "/api/v1/providers/apron", body(t, apron)), "scope_denied", "")
}
