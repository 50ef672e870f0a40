package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// viewing asks as a server does that views as somebody.
func (s *site) viewing(token, method, path, body string, header ...string) reply {
	s.t.Helper()
	header = append(header, "Authorization", "Bearer "+token)
	if body != "" {
		header = append(header, "Content-Type", "application/json")
	}
	return s.ask(method, path, body, header...)
}

// viewAs gives the token of a session that views as the user.
func (s *site) viewAs(key, user string) string {
	s.t.Helper()
	return read[httpapi.ViewAsSession](s.t, s.with(key, "POST", "/api/v1/users/"+user+"/view-as", ""), 201).Token
}

func TestViewAs_seesWhatTheUserSees(t *testing.T) {
	s := newSite(t)
	admin := s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: []oriel.Scope{oriel.ScopeAdminViewAs}})
	for airport, want := range map[string]string{"DFW": "2", "ORD": "1", "": "0"} {
		theirs := s.signIn("of-"+strings.ToLower(airport), airport)
		token := s.viewAs(admin.Secret, s.userOf(theirs))
		if got := counted(t, s.viewing(token, "POST", "/api/v1/questions/departures/run", "")); got != want || s.departures(theirs) != want {
			t.Errorf("%q: %s rows, and %s of their own", airport, got, s.departures(theirs))
		}
		info := read[httpapi.SessionInfo](t, s.viewing(token, "GET", "/api/v1/session", ""), 200)
		if info.Kind != "view_as" || info.ExpiresIn > 15*60 || info.ExpiresIn < 14*60 || info.User.ID != s.userOf(theirs) {
			t.Errorf("unexpected session: %+v", info)
		}
		refused(t, "what they may not view", s.viewing(token, "GET", "/api/v1/questions/hidden", ""), "not_found", "")
	}
	groupless := s.signIn("gus", "DFW", func(c map[string]any) { c["groups"] = []string{} })
	token := s.viewAs(admin.Secret, s.userOf(groupless))
	refused(t, "without a group", s.viewing(token, "POST", "/api/v1/questions/departures/run", ""), "not_found", "")
	entries := s.texts(`SELECT who || ' ' || action || ' ' || key FROM audit_entries WHERE action = 'viewed as' ORDER BY id DESC LIMIT 1`)
	if len(entries) != 1 || entries[0] != admin.Key.ID+" viewed as "+s.userOf(groupless) {
		t.Errorf("entries: %v", entries)
	}
	if all := strings.Join(s.texts(`SELECT after FROM audit_entries`), "") + s.log.String(); strings.Contains(all, token) {
		t.Error("the token is in the audit or the log")
	}
}

// TestViewAs_changesNothing walks every operation of the description: what does
// not read or run content is refused, whatever it is.
func TestViewAs_changesNothing(t *testing.T) {
	doc, s := description(t), newSite(t)
	admin := s.admin(oriel.ScopeAdmin)
	dana := s.signIn("dana", "DFW")
	token := s.viewAs(admin, s.userOf(dana))
	reads := map[string]int{
		"GET /api/v1/session": 200, "DELETE /api/v1/session": 0,
		"GET /api/v1/questions": 200, "GET /api/v1/questions/{id}": 200, "POST /api/v1/questions/{id}/run": 200,
		"GET /api/v1/viewable-collections": 200, "GET /api/v1/dashboards": 200, "POST /api/v1/dashboards/{id}/run": 200,
		"GET /api/v1/dashboards/{id}/parameters/{parameter}/values": 200,
	}
	for template, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			name := method + " " + template
			want, isRead := reads[name]
			if operation.Security != nil && len(*operation.Security) == 0 || isRead && want == 0 {
				continue // the ways in, which take no session; and the way out
			}
			r := s.viewing(token, method, fill(template), "")
			if isRead && r.status != want || !isRead && r.code() != "scope_denied" {
				t.Errorf("%s: got %d %s", name, r.status, r.body)
			}
		}
	}
	if r := s.viewing(token, "DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Errorf("ending it: %d %s", r.status, r.body)
	}
	refused(t, "after that", s.viewing(token, "GET", "/api/v1/session", ""), "session_revoked", "")
	if s.departures(dana) != "2" {
		t.Error("the user's own session is over")
	}
}

// TestViewAs_capabilitiesRefuseToo: without the edge's list, what administers
// and a user's own sessions are no viewer's.
func TestViewAs_capabilitiesRefuseToo(t *testing.T) {
	s := newSite(t)
	s.signIn("dana", "DFW")
	user := oriel.User{ID: oriel.UserID(s.userOf(s.signIn("dana", "DFW"))), Active: true, Groups: []oriel.GroupKey{oriel.GroupAdministrators}}
	p := oriel.NewPrincipal(user, oriel.SessionViewAs)
	for _, scope := range oriel.Scopes() {
		if p.Holds(scope) {
			t.Errorf("it holds %s", scope)
		}
	}
	if list, err := s.sessions.List(t.Context(), p, oriel.SessionFilter{}, "", 10); oriel.CodeOf(err) != oriel.CodeScopeDenied {
		t.Errorf("the user's sessions: %v %v", list, err)
	}
	if _, err := s.sessions.ViewAs(t.Context(), p, user.ID, ""); oriel.CodeOf(err) != oriel.CodeScopeDenied {
		t.Errorf("viewing on: %v", err)
	}
}

func TestViewAs_endsWithWhatItStandsOn(t *testing.T) {
	s := newSite(t)
	root := s.person("root", oriel.GroupAdministrators)
	s.person("second", oriel.GroupAdministrators) // the last one could not be taken away
	dana := s.userOf(s.signIn("dana", "DFW"))
	everything := s.admin(oriel.ScopeAdmin)
	use := func(token string) reply { return s.viewing(token, "GET", "/api/v1/questions", "") }
	for name, c := range map[string]struct {
		end  func(key directory.IssuedAPIKey)
		code string
	}{
		"the key is revoked": {func(key directory.IssuedAPIKey) {
			if err := s.keys.Revoke(t.Context(), oriel.Operator(), key.Key.ID); err != nil {
				t.Fatal(err)
			}
		}, "session_revoked"},
		"the viewer is no administrator any more": {func(directory.IssuedAPIKey) {
			s.with(everything, "DELETE", "/api/v1/users/"+string(root)+"/groups/administrators", "")
		}, "session_revoked"},
		"the viewer is deactivated": {func(directory.IssuedAPIKey) {
			s.with(everything, "PATCH", "/api/v1/users/"+string(root), `{"active":false}`)
		}, "session_revoked"},
		"the user becomes an administrator": {func(directory.IssuedAPIKey) {
			s.with(everything, "PUT", "/api/v1/users/"+dana+"/groups/administrators", "")
		}, "session_revoked"},
		"the user is deactivated": {func(directory.IssuedAPIKey) {
			s.with(everything, "PATCH", "/api/v1/users/"+dana, `{"active":false}`)
		}, "user_deactivated"},
		"all sessions of the user are revoked": {func(directory.IssuedAPIKey) {
			s.with(everything, "DELETE", "/api/v1/users/"+dana+"/sessions", "")
		}, "session_revoked"},
	} {
		key := s.issueKey(apiKeyFor(root, oriel.ScopeAdminViewAs))
		token := s.viewAs(key.Secret, dana)
		if r := use(token); r.status != 200 {
			t.Fatalf("%s: before it %d %s", name, r.status, r.body)
		}
		c.end(key)
		refused(t, name, use(token), c.code, "")
		for _, undo := range [][3]string{
			{"PATCH", "/api/v1/users/" + string(root), `{"active":true}`}, {"PUT", "/api/v1/users/" + string(root) + "/groups/administrators", ""},
			{"PATCH", "/api/v1/users/" + dana, `{"active":true}`}, {"DELETE", "/api/v1/users/" + dana + "/groups/administrators", ""},
		} {
			s.with(everything, undo[0], undo[1], undo[2])
		}
	}
	token := s.viewAs(everything, dana)
	s.sleep(session.ViewAsLifetime + time.Second)
	refused(t, "after 15 minutes", use(token), "session_expired", "")

	wanted := apiKeyFor(root, oriel.ScopeAdminViewAs)
	wanted.Lifetime = 2 * time.Minute
	token = s.viewAs(s.issueKey(wanted).Secret, dana)
	if info := read[httpapi.SessionInfo](t, s.viewing(token, "GET", "/api/v1/session", ""), 200); info.ExpiresIn > 2*60 {
		t.Errorf("it is told to last %d s, longer than its key", info.ExpiresIn)
	}
	s.sleep(2 * time.Minute)
	if r := use(token); r.status != 401 {
		t.Errorf("after the key's end: %d %s", r.status, r.body)
	}
}

// TestViewAs_neverOfWhoAdministers: an administrator, or who has a scope.
func TestViewAs_neverOfWhoAdministers(t *testing.T) {
	s := newSite(t)
	s.powers()
	admin := s.admin(oriel.ScopeAdmin)
	for _, id := range []oriel.UserID{s.person("root", oriel.GroupAdministrators), s.person("auditor", "desk")} {
		refused(t, string(id), s.with(admin, "POST", "/api/v1/users/"+string(id)+"/view-as", ""), "forbidden", "")
	}
	gone := string(s.person("gone", "operators"))
	if r := s.with(admin, "PATCH", "/api/v1/users/"+gone, `{"active":false}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "who is deactivated", s.with(admin, "POST", "/api/v1/users/"+gone+"/view-as", ""), "user_deactivated", "")
	if made := s.texts(`SELECT id FROM sessions WHERE kind = 'view_as'`); len(made) > 0 {
		t.Errorf("sessions of what was refused: %v", made)
	}
	refused(t, "nobody", s.with(admin, "POST", "/api/v1/users/usr_none/view-as", ""), "not_found", "")
	refused(t, "a provider that is none", s.with(admin, "POST", "/api/v1/users/usr_root/view-as", `{"provider":"none"}`), "invalid_request", "provider")
	if _, err := s.sessions.ViewAs(t.Context(), oriel.Operator(), s.person("plain"), ""); oriel.CodeOf(err) != oriel.CodeForbidden {
		t.Errorf("without a key that could end it: %v", err)
	}
}

// TestViewAs_isNoPages: a page of any origin, and the cookie's way, are refused.
func TestViewAs_isNoPages(t *testing.T) {
	s := newSite(t)
	token := s.viewAs(s.admin(oriel.ScopeAdmin), s.userOf(s.signIn("dana", "DFW")))
	for _, page := range []string{origin, foreign, siteURL} {
		refused(t, page, s.viewing(token, "GET", "/api/v1/questions", "", "Origin", page), "origin_mismatch", "")
	}
	r := s.ask("GET", "/api/v1/questions", "", "Cookie", "oriel_session="+token, "Sec-Fetch-Site", "same-origin")
	refused(t, "as a cookie", r, "session_invalid", "")
}
