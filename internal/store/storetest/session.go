package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func sessionPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"a session is found with all that decides":      foundWithAllThatDecides,
		"what it relied on is told when it is gone":     whatItReliedOnIsTold,
		"nobody is found by another hash":               notFoundByAnotherHash,
		"a token's hash is one session's":               hashIsOneSessions,
		"live sessions are listed, narrowed and paged":  sessionsAreListed,
		"a session is bound once, 50 origins at once":   boundOnce,
		"only a session that waits is bound":            onlyWhatWaitsIsBound,
		"an idle end is put off and never drawn nearer": idleEndIsPutOff,
	}
}

// insertSession keeps a session under the hash of its id.
func insertSession(t *testing.T, s *store.Store, session oriel.Session) {
	t.Helper()
	mustWrite(t, s, func(tx *store.Tx) error { return tx.InsertSession(session, digest(session.ID)) })
}

func findSession(t *testing.T, s *store.Store, id string) oriel.SessionState {
	t.Helper()
	state, found, err := s.FindSession(t.Context(), digest(id))
	if err != nil || !found {
		t.Fatalf("session %s is found %v, %v", id, found, err)
	}
	return state
}

// arrived is a user of the tenant acme with one session of the first provider.
func arrived(t *testing.T, s *store.Store) oriel.Session {
	t.Helper()
	must(t, firstApply(t, s))
	p := s.Declared().Providers[0]
	session := oriel.Session{
		ID: "ses_1", User: "usr_dana", Provider: p.ID, KeyID: "one", KeySerial: p.Keys[0].Serial, Origin: "https://a.example",
		HostSID: "host-1", Kind: oriel.SessionEmbed, Created: began(), Expires: began().Add(10 * time.Minute),
	}
	mustWrite(t, s, func(tx *store.Tx) error {
		acme := oriel.Tenant{Slug: "acme", Name: "Acme", Active: true, Attributes: oriel.Attributes{"region": oriel.Text("west")}}
		if err := tx.InsertTenant(acme, began()); err != nil {
			return err
		}
		u := oriel.User{ID: session.User, Email: "Dana@example.com", FirstName: "Dana", LastName: "Reyes", Tenant: "acme", Active: true}
		if err := tx.InsertUser(u, began()); err != nil {
			return err
		}
		if err := tx.AddToGroup(u.ID, "operators"); err != nil {
			return err
		}
		return tx.SetSignInAttributes(u.ID, p.ID, oriel.Attributes{"airport": oriel.Text("DFW")})
	})
	insertSession(t, s, session)
	return session
}

func foundWithAllThatDecides(t *testing.T, d *database) {
	nodes := d.nodes(t)
	want := arrived(t, nodes[0])
	for _, s := range nodes {
		state := findSession(t, s, "ses_1")
		if state.Session != want {
			t.Errorf("got %+v, want %+v", state.Session, want)
		}
		if !state.ProviderOn || !state.KeyLive || !state.Person.TenantActive {
			t.Errorf("what vouched for it does not stand: %+v", state)
		}
		u := state.Person.User
		if u.ID != want.User || u.Email != "Dana@example.com" || u.Name() != "Dana Reyes" || u.Tenant != "acme" || !u.Active {
			t.Errorf("user %+v", u)
		}
		if groups := []oriel.GroupKey{oriel.GroupAllTenantUsers, oriel.GroupAllUsers, "operators"}; !slices.Equal(u.Groups, groups) {
			t.Errorf("groups %v, want %v", u.Groups, groups)
		}
		a := state.Person.Attributes
		if len(a.SignIn) != 1 || a.SignIn["airport"].Values[0] != "DFW" || len(a.Tenant) != 1 || a.Tenant["region"].Values[0] != "west" || len(a.Administrator) != 0 {
			t.Errorf("attributes %+v", a)
		}
	}
}

func whatItReliedOnIsTold(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	session := arrived(t, s)
	state := func() oriel.SessionState { return findSession(t, s, session.ID) }
	must(t, s.SetUserActive(ctx, "usr_admin", session.User, false, began()))
	if state().Person.User.Active {
		t.Error("the user is active")
	}
	must(t, s.SetTenantActive(ctx, "usr_admin", "acme", false, began()))
	if state().Person.TenantActive {
		t.Error("the tenant is active")
	}
	_, err := s.DeleteKey(ctx, "operator", "apron", "one")
	must(t, err)
	if state().KeyLive {
		t.Error("the key is live")
	}
	_, err = s.CreateKey(ctx, "operator", "apron", secretKey("one"))
	must(t, err)
	if state().KeyLive {
		t.Error("another key under the same id vouches for it")
	}
	p := s.Declared().Providers[0]
	p.Enabled = false
	_, err = s.UpdateProvider(ctx, "operator", p)
	must(t, err)
	if state().ProviderOn {
		t.Error("the provider is on")
	}
}

func notFoundByAnotherHash(t *testing.T, d *database) {
	s := d.open(t)
	session := arrived(t, s)
	near := digest(session.ID)
	near[31] ^= 1
	for _, hash := range [][32]byte{{}, near, digest("")} {
		if _, found, err := s.FindSession(t.Context(), hash); err != nil || found {
			t.Errorf("found %v, %v", found, err)
		}
	}
}

func hashIsOneSessions(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	oneWins(t, atOnce(manyAtOnce, func(i int) error {
		return nodes[i%2].Write(t.Context(), func(tx *store.Tx) error {
			return tx.InsertSession(oriel.Session{ID: fmt.Sprint("s", i), User: user(0).ID, Created: began(), Expires: began()}, digest("one"))
		})
	}), oriel.CodeInternal)
}

func sessionsAreListed(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	crowd(t, s)
	now := began().Add(time.Minute)
	list := func(f oriel.SessionFilter, at time.Time) string {
		t.Helper()
		all, err := s.ListSessions(ctx, f, at, "", 100)
		must(t, err)
		return names(all)
	}
	for f, want := range map[oriel.SessionFilter]string{
		{}:                                    "g2 f2 e1 d1 c2 b1 a1",
		{User: "usr_acme"}:                    "c2 b1 a1",
		{Tenant: "globex"}:                    "e1 d1",
		{Provider: "other"}:                   "g2 f2 c2",
		{Provider: "other", User: "usr_acme"}: "c2",
		{User: "usr_nobody"}:                  "",
		{Provider: "nothing"}:                 "",
	} {
		if got := list(f, now); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	var pages []string
	for after := ""; len(pages) < 10; {
		page, err := s.ListSessions(ctx, oriel.SessionFilter{}, now, after, 3)
		must(t, err)
		if len(page) == 0 {
			break
		}
		pages, after = append(pages, names(page)), page[len(page)-1].ID
	}
	if got := strings.Join(pages, "|"); got != "g2 f2 e1|d1 c2 b1|a1" {
		t.Errorf("pages %q", got)
	}
	// Whatever is over is not listed: ended, past its time, or asleep.
	if _, err := s.EndSession(ctx, "usr_admin", "g2", "", now); err != nil {
		t.Fatal(err)
	}
	if got := list(oriel.SessionFilter{}, now); got != "f2 e1 d1 c2 b1 a1" {
		t.Errorf("after one ended: %q", got)
	}
	if got := list(oriel.SessionFilter{}, began().Add(5*time.Minute)); got != "e1 d1 c2 b1 a1" {
		t.Errorf("after the idle end of f2: %q", got)
	}
	if got := list(oriel.SessionFilter{}, began().Add(time.Hour)); got != "" {
		t.Errorf("after all have expired: %q", got)
	}
}

func names(sessions []oriel.Session) string {
	all := make([]string, 0, len(sessions))
	for _, each := range sessions {
		all = append(all, each.ID)
	}
	return strings.Join(all, " ")
}

func boundOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	waiting := oriel.Session{ID: "legacy", User: user(0).ID, Kind: oriel.SessionBackend, Bindable: true, Created: began(), Expires: began().Add(time.Hour)}
	insertSession(t, nodes[0], waiting)
	won := make(chan string, manyAtOnce)
	for _, err := range atOnce(manyAtOnce, func(i int) error {
		origin := fmt.Sprintf("https://p%d.example", i)
		bound, err := nodes[i%2].BindSession(t.Context(), digest("legacy"), origin)
		if bound {
			won <- origin
		}
		return err
	}) {
		must(t, err)
	}
	close(won)
	var winners []string
	for origin := range won {
		winners = append(winners, origin)
	}
	if state := findSession(t, nodes[1], "legacy"); len(winners) != 1 || state.Session.Origin != winners[0] || state.Session.Bindable {
		t.Errorf("%v won, and it is bound to %q", winners, state.Session.Origin)
	}
}

func onlyWhatWaitsIsBound(t *testing.T, d *database) {
	s := d.open(t)
	insertUser(t, s, user(0))
	for _, session := range []oriel.Session{
		{ID: "backend", User: user(0).ID, Kind: oriel.SessionBackend},
		{ID: "embed", User: user(0).ID, Kind: oriel.SessionEmbed, Origin: "https://a.example"},
	} {
		insertSession(t, s, session)
		bound, err := s.BindSession(t.Context(), digest(session.ID), "https://b.example")
		if got := findSession(t, s, session.ID).Session.Origin; err != nil || bound || got != session.Origin {
			t.Errorf("%s: bound %v to %q, %v", session.ID, bound, got, err)
		}
	}
	if bound, err := s.BindSession(t.Context(), digest("none"), "https://b.example"); err != nil || bound {
		t.Errorf("no session was bound: %v, %v", bound, err)
	}
}

func idleEndIsPutOff(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	for _, session := range []oriel.Session{
		{ID: "interactive", User: user(0).ID, Kind: oriel.SessionInteractive, Created: began(), Expires: began().Add(12 * time.Hour), IdleEnds: began().Add(30 * time.Minute)},
		{ID: "embed", User: user(0).ID, Kind: oriel.SessionEmbed, Created: began(), Expires: began().Add(10 * time.Minute)},
	} {
		insertSession(t, nodes[0], session)
		for _, err := range atOnce(20, func(i int) error {
			return nodes[i%2].TouchSession(t.Context(), digest(session.ID), began().Add(time.Duration(20+i)*time.Minute))
		}) {
			must(t, err)
		}
		want := session.IdleEnds
		if !want.IsZero() {
			want = began().Add(39 * time.Minute)
		}
		if got := findSession(t, nodes[0], session.ID).Session.IdleEnds; !got.Equal(want) {
			t.Errorf("%s: the idle end is %v, want %v", session.ID, got, want)
		}
	}
}
