package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func (s *site) sessionsOf(t *testing.T, r reply) []httpapi.ListedSession {
	t.Helper()
	return read[httpapi.SessionList](t, r, 200).Items
}

func TestSessions_oneSeesAndEndsOnesOwn(t *testing.T) {
	s := newSite(t)
	mine, second, other := s.signIn("dana", "DFW"), s.signIn("dana", "DFW"), s.signIn("erin", "ORD")
	own := s.sessionsOf(t, s.as(mine, "GET", "/api/v1/sessions", ""))
	if len(own) != 2 {
		t.Fatalf("unexpected sessions: %+v", own)
	}
	user, current := own[0].User, ""
	var rest string
	for _, one := range own {
		if one.Kind != "embed" || one.Provider != "apron" || one.Key != "key-1" || one.Origin != origin || one.User != user {
			t.Errorf("unexpected session: %+v", one)
		}
		if one.Current {
			current = one.ID
		} else {
			rest = one.ID
		}
	}
	if current == "" || rest == "" {
		t.Fatalf("one of two is the current one: %+v", own)
	}
	theirs := s.sessionsOf(t, s.as(other, "GET", "/api/v1/sessions", ""))[0]
	// By name too, but nobody else's: neither by filter nor by id.
	if r := s.as(mine, "GET", "/api/v1/sessions?user="+user, ""); len(s.sessionsOf(t, r)) != 2 {
		t.Errorf("one's own by id: %s", r.body)
	}
	for _, query := range []string{"?user=" + theirs.User, "?tenant=acme", "?provider=apron", "?user=" + user + "&provider=apron"} {
		refused(t, query, s.as(mine, "GET", "/api/v1/sessions"+query, ""), "scope_denied", "")
	}
	refused(t, "somebody else's", s.as(mine, "DELETE", "/api/v1/sessions/"+theirs.ID, ""), "not_found", "")
	refused(t, "nobody's", s.as(mine, "DELETE", "/api/v1/sessions/ses_none", ""), "not_found", "")
	if r := s.as(other, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("theirs ended: %d %s", r.status, r.body)
	}
	if r := s.as(mine, "DELETE", "/api/v1/sessions/"+rest, ""); r.status != 204 {
		t.Errorf("one's own: %d %s", r.status, r.body)
	}
	refused(t, "the ended one's next request", s.as(second, "GET", "/api/v1/session", ""), "session_revoked", "")
	if r := s.as(mine, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the other ended too: %d %s", r.status, r.body)
	}
}

func TestSessions_administratorsSeeAndEndAll(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminPeople)
	var tokens []string
	for i := range 5 {
		tokens = append(tokens, s.signIn(fmt.Sprintf("user-%d", i%2), "DFW"))
		s.sleep(1e9)
	}
	var seen []string
	pages, path := 0, "/api/v1/sessions?limit=2"
	for cursor := ""; ; pages++ {
		page := read[httpapi.SessionList](t, s.with(admin, "GET", path+cursor, ""), 200)
		for _, one := range page.Items {
			seen = append(seen, one.ID)
			if one.Current {
				t.Errorf("a key's own session: %+v", one)
			}
		}
		if page.Next == nil {
			break
		}
		cursor = "&cursor=" + *page.Next
	}
	if len(seen) != 5 || pages != 2 || strings.Contains(strings.Join(seen[1:], " "), seen[0]) {
		t.Errorf("%d pages of %v", pages, seen)
	}
	for query, want := range map[string]int{"?provider=apron": 5, "?provider=none": 0, "?tenant=none": 0, "?user=none": 0} {
		if got := s.sessionsOf(t, s.with(admin, "GET", "/api/v1/sessions"+query, "")); len(got) != want {
			t.Errorf("%s: %d sessions", query, len(got))
		}
	}
	for _, query := range []string{"?limit=0", "?limit=201", "?user=a&user=b", "?all=1", "?cursor=" + strings.Repeat("x", 300)} {
		refused(t, query, s.with(admin, "GET", "/api/v1/sessions"+query, ""), "invalid_request", "")
	}
	if r := s.with(admin, "DELETE", "/api/v1/sessions/"+seen[0], ""); r.status != 204 {
		t.Errorf("one: %d %s", r.status, r.body)
	}
	refused(t, "it", s.as(tokens[4], "GET", "/api/v1/session", ""), "session_revoked", "")
	user := s.sessionsOf(t, s.as(tokens[1], "GET", "/api/v1/sessions", ""))[0].User
	if ended := read[httpapi.Revoked](t, s.with(admin, "DELETE", "/api/v1/users/"+user+"/sessions", ""), 200); ended.Sessions != 2 {
		t.Errorf("%d of a user's sessions were ended", ended.Sessions)
	}
	refused(t, "a user's", s.as(tokens[1], "GET", "/api/v1/session", ""), "session_revoked", "")
	if r := s.as(tokens[0], "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("another user's: %d %s", r.status, r.body)
	}
	for _, path := range []string{"/api/v1/users/none/sessions", "/api/v1/tenants/none/sessions", "/api/v1/sessions/none"} {
		refused(t, path, s.with(admin, "DELETE", path, ""), "not_found", "")
	}
}

// TestSessions_aKeyHasNoneOfItsOwn: a server's key neither sees nor ends the
// sessions of the user that it acts as.
func TestSessions_aKeyHasNoneOfItsOwn(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	one := s.sessionsOf(t, s.as(session, "GET", "/api/v1/sessions", ""))[0]
	key := s.issueKey(apiKeyFor(oriel.UserID(one.User), oriel.ScopeContentRead)).Secret
	for _, query := range []string{"", "?user=" + one.User, "?user="} {
		refused(t, query, s.with(key, "GET", "/api/v1/sessions"+query, ""), "scope_denied", "")
	}
	for _, id := range []string{one.ID, "none"} {
		refused(t, id, s.with(key, "DELETE", "/api/v1/sessions/"+id, ""), "scope_denied", "")
	}
	if r := s.as(session, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("it ended: %d %s", r.status, r.body)
	}
}
