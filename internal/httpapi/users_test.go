package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// userOf is the id of whom a session is of.
func (s *site) userOf(session string) string {
	s.t.Helper()
	return read[httpapi.SessionInfo](s.t, s.as(session, "GET", "/api/v1/session", ""), 200).User.ID
}

// departures is how many rows the question counts for a session.
func (s *site) departures(session string) string {
	s.t.Helper()
	return counted(s.t, s.as(session, "POST", "/api/v1/questions/departures/run", ""))
}

// counted is the one number of an answer.
func counted(t *testing.T, r reply) string {
	t.Helper()
	result := read[struct{ Result struct{ Values any } }](t, r, 200)
	return strings.Trim(body(t, result.Result.Values), "[]")
}

func TestUsers_searchedByWhatTheyAre(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	for i := range 7 {
		s.person(fmt.Sprintf("staff-%d", i), "operators")
	}
	s.person("staff_x")
	found := func(query string) []string {
		var emails []string
		cursor := ""
		for {
			page := read[httpapi.UserList](t, s.with(admin, "GET", "/api/v1/users?limit=3"+query+cursor, ""), 200)
			for _, u := range page.Items {
				emails = append(emails, u.Email)
			}
			if page.Next == nil {
				slices.Sort(emails)
				return emails
			}
			cursor = "&cursor=" + *page.Next
		}
	}
	if got := found(""); len(got) != 9 || len(slices.Compact(got)) != 9 {
		t.Errorf("all: %v", got)
	}
	for query, want := range map[string]int{
		"&email=STAFF-": 7, "&email=staff_": 1, "&email=%25": 0, "&email=taff": 0, "&tenant=acme": 1, "&tenant=none": 0,
		"&group=operators": 8, "&group=operators&email=staff": 7, "&provider=apron": 1, "&provider=none": 0,
	} {
		if got := found(query); len(got) != want {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
	refused(t, "a filter that is none", s.with(admin, "GET", "/api/v1/users?name=x", ""), "invalid_request", "name")
}

// TestUsers_attributesHoldAtTheNextRequest: an administrator's over a sign-in's
// over the tenant's, each with where it comes from.
func TestUsers_attributesHoldAtTheNextRequest(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	s.tenant("acme")
	ofTenant := func(c map[string]any) { c["tenant"] = "acme" }
	dana, ann := s.signIn("dana", "DFW", ofTenant), s.signIn("ann", "", ofTenant)
	id := s.userOf(dana)
	from := func(id string) string {
		var all []string
		for _, one := range read[httpapi.UserDetail](t, s.with(admin, "GET", "/api/v1/users/"+id, ""), 200).Attributes {
			all = append(all, fmt.Sprintf("%s=%v %s %s", one.Name, one.Value, one.From, one.Provider))
		}
		return strings.Join(all, ", ")
	}
	change := func(path, attributes string) {
		t.Helper()
		if r := s.with(admin, "PATCH", path, `{"attributes":`+attributes+`}`); r.status != 200 {
			t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
	}
	if s.departures(dana) != "2" || from(id) != "airport=DFW sign_in apron" {
		t.Fatalf("%s rows of %s", s.departures(dana), from(id))
	}
	change("/api/v1/users/"+id, `{"airport":"ORD"}`)
	if s.departures(dana) != "1" || from(id) != "airport=ORD administrator " {
		t.Errorf("set by hand: %s rows of %s", s.departures(dana), from(id))
	}
	change("/api/v1/users/"+id, `{"airport":null,"n":[1,true,"x"]}`)
	if s.departures(dana) != "2" || from(id) != "airport=DFW sign_in apron, n=[1 true x] administrator " {
		t.Errorf("taken away: %s rows of %s", s.departures(dana), from(id))
	}
	if s.departures(ann) != "0" {
		t.Errorf("without an attribute: %s rows", s.departures(ann))
	}
	change("/api/v1/tenants/acme", `{"airport":"ORD"}`)
	if s.departures(ann) != "1" || s.departures(dana) != "2" || from(s.userOf(ann)) != "airport=ORD tenant " {
		t.Errorf("the tenant's: %s and %s rows of %s", s.departures(ann), s.departures(dana), from(s.userOf(ann)))
	}
	for _, wrong := range []string{`{"@x":"y"}`, `{"":"y"}`, `{"1a":"y"}`, `{"a":{}}`, `{"a":[[1]]}`, `{"a":[null]}`, `[]`, `null`, `{"a":"` + strings.Repeat("x", 5000) + `"}`} {
		refused(t, wrong, s.with(admin, "PATCH", "/api/v1/users/"+id, `{"attributes":`+wrong+`}`), "invalid_request", "attributes")
	}
}

func TestUsers_whatHoldsChangesAtTheNextRequest(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	dana := s.signIn("dana", "DFW")
	path := "/api/v1/users/" + s.userOf(dana)
	if r := s.with(admin, "DELETE", path+"/groups/operators", ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "out of the group", s.as(dana, "GET", "/api/v1/questions/departures", ""), "not_found", "")
	if r := s.with(admin, "PUT", path+"/groups/operators", ""); r.status != 204 || s.departures(dana) != "2" {
		t.Errorf("in it again: %d %s", r.status, r.body)
	}
	if r := s.with(admin, "PATCH", path, `{"active":false}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "deactivated", s.as(dana, "GET", "/api/v1/session", ""), "user_deactivated", "")
	for _, group := range []string{"none", "all-users", "all-tenant-users"} {
		refused(t, group, s.with(admin, "PUT", path+"/groups/"+group, ""), "invalid_request", "group")
	}
	refused(t, "nobody", s.with(admin, "PUT", "/api/v1/users/usr_none/groups/operators", ""), "not_found", "")
}

// powers makes groups, each with one thing that not everybody may give.
func (s *site) powers() []oriel.GroupKey {
	s.t.Helper()
	for _, g := range []oriel.Group{
		{Key: "natives", Name: "Natives", Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantNative}},
		{Key: "desk", Name: "Desk", Scopes: []oriel.Scope{oriel.ScopeAdminAudit}},
		{Key: "seers", Name: "Seers"},
	} {
		if err := s.store.CreateGroup(s.t.Context(), "operator", g); err != nil {
			s.t.Fatal(err)
		}
	}
	policies := s.store.Declared().Policies
	for i := range policies {
		policies[i].Exempt = []oriel.GroupKey{"seers"}
	}
	if _, err := s.store.Apply(s.t.Context(), oriel.Declaration{Policies: policies}); err != nil {
		s.t.Fatal(err)
	}
	return []oriel.GroupKey{oriel.GroupAdministrators, "natives", "desk", "seers"}
}

// TestUsers_nobodyGivesWhatTheyDontHold: an exemption, native, a scope, or the
// administrators.
func TestUsers_nobodyGivesWhatTheyDontHold(t *testing.T) {
	s := newSite(t)
	groups := s.powers()
	people, everything := s.admin(oriel.ScopeAdminPeople), s.admin(oriel.ScopeAdmin)
	user := "/api/v1/users/" + string(s.person("plain"))
	for _, group := range groups {
		refused(t, "put into "+string(group), s.with(people, "PUT", user+"/groups/"+string(group), ""), "scope_denied", "")
		refused(t, "made in "+string(group), s.with(people, "POST", "/api/v1/users", fmt.Sprintf(`{"email":"x@example.com","groups":[%q]}`, group)), "scope_denied", "")
		if r := s.with(everything, "PUT", user+"/groups/"+string(group), ""); r.status != 204 {
			t.Errorf("%s by who holds it: %d %s", group, r.status, r.body)
		}
	}
	// Who is in the group holds what it has, but for what their key lacks.
	holder := s.person("holder", oriel.GroupAdministrators, "natives", "desk", "seers")
	key := s.issueKey(apiKeyFor(holder, oriel.ScopeAdminPeople, oriel.ScopeAdminAudit)).Secret
	other := "/api/v1/users/" + string(s.person("other"))
	for _, group := range groups[1:] {
		if r := s.with(key, "PUT", other+"/groups/"+string(group), ""); r.status != 204 {
			t.Errorf("%s by who is in it: %d %s", group, r.status, r.body)
		}
	}
	refused(t, "administrators, without admin:*", s.with(key, "PUT", other+"/groups/administrators", ""), "scope_denied", "")
}

// TestUsers_nobodyChangesWhoMayMore: neither administrators nor who has a scope
// that one lacks.
func TestUsers_nobodyChangesWhoMayMore(t *testing.T) {
	s := newSite(t)
	s.powers()
	people := s.admin(oriel.ScopeAdminPeople)
	for _, id := range []oriel.UserID{s.person("root", oriel.GroupAdministrators), s.person("auditor", "desk")} {
		path := "/api/v1/users/" + string(id)
		for what, r := range map[string]reply{
			"deactivating":  s.with(people, "PATCH", path, `{"active":false}`),
			"an attribute":  s.with(people, "PATCH", path, `{"attributes":{"a":"b"}}`),
			"erasing":       s.with(people, "DELETE", path, ""),
			"a group":       s.with(people, "PUT", path+"/groups/operators", ""),
			"out of groups": s.with(people, "DELETE", path+"/groups/administrators", ""),
		} {
			refused(t, what+" of "+string(id), r, "scope_denied", "")
		}
	}
}

// TestUsers_erasedIsKnownByIDOnly: nothing personal of them stays in the store.
func TestUsers_erasedIsKnownByIDOnly(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	dana := s.signIn("dana-the-erased", "DFW")
	id := s.userOf(dana)
	key := s.issueKey(directory.APIKeyRequest{User: oriel.UserID(id), Scopes: []oriel.Scope{oriel.ScopeContentRead}}).Secret
	s.with(admin, "PATCH", "/api/v1/users/"+id, `{"first_name":"Danuta","attributes":{"airport":"XYZ-PRIVATE"}}`)
	if err := s.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.texts(`SELECT before || after FROM audit_values WHERE after <> ''`); len(got) != 2 || !strings.Contains(got[0]+got[1], "Danuta") {
		t.Fatalf("personal values of the audit: %v", got)
	}
	if got := s.texts(`SELECT before || after FROM audit_entries WHERE kind = 'user'`); strings.Contains(strings.Join(got, ""), "Danuta") {
		t.Errorf("an entry has a personal value: %v", got)
	}
	if s.departures(dana) != "0" {
		t.Fatal("the session is not in use") // so that it is remembered
	}
	before := len(s.texts(`SELECT id FROM audit_entries WHERE key = '` + id + `'`))
	if r := s.with(admin, "DELETE", "/api/v1/users/"+id, ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "the session", s.as(dana, "GET", "/api/v1/session", ""), "session_invalid", "")
	refused(t, "the key", s.with(key, "GET", "/api/v1/questions", ""), "api_key_invalid", "")
	refused(t, "the user", s.with(admin, "GET", "/api/v1/users/"+id, ""), "not_found", "")
	if after := len(s.texts(`SELECT id FROM audit_entries WHERE key = '` + id + `'`)); after != before+1 {
		t.Errorf("%d entries of before, %d after", before, after)
	}
	if left := s.texts(`SELECT reference FROM sign_in_records WHERE user_id = '` + id + `'`); len(left) > 0 {
		t.Errorf("sign-in records are left: %v", left)
	}
	for _, table := range s.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		columns := s.texts(`SELECT 'coalesce(cast("' || name || '" AS TEXT), '''')' FROM pragma_table_info('` + table + `')`)
		for _, row := range s.texts(`SELECT ` + strings.Join(columns, ` || ' ' || `) + ` FROM "` + table + `"`) {
			for _, personal := range []string{"dana-the-erased", "Danuta", "XYZ-PRIVATE", "Reyes"} {
				if strings.Contains(row, personal) {
					t.Errorf("%s has %q: %s", table, personal, row)
				}
			}
		}
	}
}
