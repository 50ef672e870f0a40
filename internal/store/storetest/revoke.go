package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func revokePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"one's own session":                          ownSessionEnds,
		"a session by its owner, or by anybody's id": sessionEndsByID,
		"a user's sessions, and tokens from before":  userIsRevoked,
		"a tenant's":       tenantIsRevoked,
		"a key's":          keyIsRevoked,
		"a host's subject": hostSubjectIsLoggedOut,
		"a host's session": hostSessionIsLoggedOut,
		"a host's logout holds for the unknown too": unknownIsLoggedOut,
		"what has ended keeps its moment":           endedKeepsItsMoment,
		"what there is not cannot be revoked":       nothingToRevoke,
		"sessions that came meanwhile and before":   revocationAgainstArrivals,
	}
}

const everybody = "a1 b1 c2 d1 e1 f2 g2"

// later is when the crowd's sessions are revoked.
func later() time.Time { return began().Add(time.Minute) }

// wantEnded fails unless exactly these sessions of the crowd have ended, at
// the moment, on every node.
func wantEnded(t *testing.T, nodes []*store.Store, ended string, at time.Time) {
	t.Helper()
	for _, s := range nodes {
		for _, id := range strings.Fields(everybody) {
			state := findSession(t, s, id)
			want := time.Time{}
			if strings.Contains(ended, id) {
				want = at
			}
			if !state.Session.Ended.Equal(want) {
				t.Errorf("session %s ended %v, want %v", id, state.Session.Ended, want)
			}
		}
	}
}

func wantNumber(t *testing.T, got int, err error, want int) {
	t.Helper()
	if must(t, err); got != want {
		t.Errorf("%d sessions ended, want %d", got, want)
	}
}

// revokedUntil is asked with a subject, host session, tenant and key that no
// one has, but for what the change names.
func revokedUntil(t *testing.T, s *store.Store, provider, subject, sid string, tenant oriel.TenantSlug, serial int64, want time.Time) {
	t.Helper()
	mustWrite(t, s, func(tx *store.Tx) error {
		got, err := tx.RevokedUntil(provider, subject, sid, nil, tenant, serial)
		if !got.Equal(want) {
			t.Errorf("subject %q, host session %q, tenant %q, key %d: revoked until %v, want %v", subject, sid, tenant, serial, got, want)
		}
		return err
	})
}

func ownSessionEnds(t *testing.T, d *database) {
	nodes := d.nodes(t)
	crowd(t, nodes[0])
	for _, at := range []time.Time{later(), later().Add(time.Second)} { // the second time changes nothing
		_, err := nodes[0].EndOwnSession(t.Context(), digest("b1"), at)
		must(t, err)
	}
	wantEnded(t, nodes, "b1", later())
	if found, err := nodes[0].EndOwnSession(t.Context(), digest("none"), later()); err != nil || found {
		t.Errorf("no session ended: %v, %v", found, err)
	}
}

func sessionEndsByID(t *testing.T, d *database) {
	nodes := d.nodes(t)
	crowd(t, nodes[0])
	entries := d.Count(t, auditEntries)
	end := func(id string, owner oriel.UserID, want bool) {
		t.Helper()
		if found, err := nodes[0].EndSession(t.Context(), "usr_admin", id, owner, later()); err != nil || found != want {
			t.Errorf("end %s of %q: found %v, %v; want %v", id, owner, found, err, want)
		}
	}
	end("a1", "usr_globex", false) // another's
	end("none", "usr_acme", false)
	wantEnded(t, nodes, "", later())
	end("a1", "usr_acme", true)
	d.wantCount(t, auditEntries, entries)
	end("d1", "", true)
	d.wantCount(t, auditEntries+` WHERE who = 'usr_admin' AND action = 'revoked sessions' AND kind = 'session'`, 1)
	wantEnded(t, nodes, "a1 d1", later())
}

func userIsRevoked(t *testing.T, d *database) {
	nodes := d.nodes(t)
	apron, other := crowd(t, nodes[0])
	ended, err := nodes[0].EndUserSessions(t.Context(), "usr_admin", "usr_acme", later())
	wantNumber(t, ended, err, 3)
	wantEnded(t, nodes, "a1 b1 c2", later())
	mustWrite(t, nodes[1], func(tx *store.Tx) error {
		for _, one := range []struct {
			provider, subject string
			want              time.Time
		}{{apron.ID, "1", later()}, {other.ID, "2", later()}, {apron.ID, "2", time.Time{}}, {other.ID, "1", time.Time{}}} {
			i, _, found, err := tx.FindIdentity(one.provider, one.subject)
			if err != nil || !found || !i.NotBefore.Equal(one.want) {
				t.Errorf("subject %s: not_before %v, want %v (%v)", one.subject, i.NotBefore, one.want, err)
			}
		}
		if until, err := tx.UserRevokedUntil("usr_globex"); err != nil || !until.IsZero() {
			t.Errorf("another user is revoked until %v, %v", until, err)
		}
		return nil
	})
	d.wantCount(t, auditEntries+` WHERE who = 'usr_admin' AND action = 'revoked sessions' AND kind = 'user' AND key = 'usr_acme'`, 1)
}

func endedKeepsItsMoment(t *testing.T, d *database) {
	s := d.open(t)
	crowd(t, s)
	sooner := later().Add(-time.Second)
	_, err := s.EndOwnSession(t.Context(), digest("b1"), sooner)
	must(t, err)
	ended, err := s.EndUserSessions(t.Context(), "usr_admin", "usr_acme", later())
	wantNumber(t, ended, err, 2)
	for id, want := range map[string]time.Time{"a1": later(), "b1": sooner, "c2": later()} {
		if got := findSession(t, s, id).Session.Ended; !got.Equal(want) {
			t.Errorf("session %s ended %v, want %v", id, got, want)
		}
	}
}

func tenantIsRevoked(t *testing.T, d *database) {
	nodes := d.nodes(t)
	apron, _ := crowd(t, nodes[0])
	ended, err := nodes[0].EndTenantSessions(t.Context(), "usr_admin", "globex", later())
	wantNumber(t, ended, err, 2)
	_, err = nodes[1].EndTenantSessions(t.Context(), "usr_admin", "globex", began()) // never sooner
	must(t, err)
	wantEnded(t, nodes, "d1 e1", later())
	revokedUntil(t, nodes[1], apron.ID, "9", "h9", "globex", 0, later())
	revokedUntil(t, nodes[1], apron.ID, "9", "h9", "acme", 0, time.Time{})
	revokedUntil(t, nodes[1], apron.ID, "9", "", "", 0, time.Time{})
	d.wantCount(t, auditEntries+` WHERE action = 'revoked sessions' AND kind = 'tenant' AND key = 'globex'`, 2)
}

func keyIsRevoked(t *testing.T, d *database) {
	nodes := d.nodes(t)
	apron, other := crowd(t, nodes[0])
	ended, err := nodes[0].EndKeySessions(t.Context(), "usr_admin", "apron", "one", later())
	wantNumber(t, ended, err, 3)
	wantEnded(t, nodes, "a1 b1 d1", later())
	revokedUntil(t, nodes[1], apron.ID, "9", "", "", apron.Keys[0].Serial, later())
	revokedUntil(t, nodes[1], apron.ID, "9", "", "", apron.Keys[1].Serial, time.Time{})
	revokedUntil(t, nodes[1], other.ID, "9", "", "", other.Keys[0].Serial, time.Time{})
	d.wantCount(t, auditEntries+` WHERE action = 'revoked sessions' AND kind = 'key' AND key = 'apron/one'`, 1)
}

// logout says the host's logout on a node, later than its own iat.
func logout(t *testing.T, s *store.Store, l oriel.Logout) int {
	t.Helper()
	ended := 0
	mustWrite(t, s, func(tx *store.Tx) (err error) {
		ended, err = tx.EndHostSessions(l, later())
		return err
	})
	return ended
}

func hostSubjectIsLoggedOut(t *testing.T, d *database) {
	nodes := d.nodes(t)
	apron, other := crowd(t, nodes[0])
	issued := later().Add(-10 * time.Second)
	wantNumber(t, logout(t, nodes[0], oriel.Logout{Provider: apron.ID, Subject: "1", IssuedAt: issued}), nil, 2)
	wantEnded(t, nodes, "a1 b1", later()) // c2 is the user's too, of another provider
	revokedUntil(t, nodes[1], apron.ID, "1", "", "", 0, issued)
	revokedUntil(t, nodes[1], apron.ID, "1", "h9", "acme", apron.Keys[0].Serial, issued)
	revokedUntil(t, nodes[1], apron.ID, "2", "", "", 0, time.Time{})
	revokedUntil(t, nodes[1], other.ID, "1", "", "", 0, time.Time{})
	logout(t, nodes[1], oriel.Logout{Provider: apron.ID, Subject: "1", IssuedAt: issued.Add(-time.Hour)})
	revokedUntil(t, nodes[0], apron.ID, "1", "", "", 0, issued)
}

func hostSessionIsLoggedOut(t *testing.T, d *database) {
	nodes := d.nodes(t)
	apron, other := crowd(t, nodes[0])
	issued := later().Add(-10 * time.Second)
	wantNumber(t, logout(t, nodes[0], oriel.Logout{Provider: apron.ID, HostSID: "h1", IssuedAt: issued}), nil, 1)
	wantEnded(t, nodes, "a1", later()) // c2 has a host session of the same name, of another provider
	revokedUntil(t, nodes[1], apron.ID, "1", "h1", "", 0, issued)
	revokedUntil(t, nodes[1], apron.ID, "1", "h2", "", 0, time.Time{})
	revokedUntil(t, nodes[1], apron.ID, "1", "", "", 0, time.Time{})
	revokedUntil(t, nodes[1], apron.ID, "h1", "", "", 0, time.Time{}) // a subject of that name is another thing
	revokedUntil(t, nodes[1], other.ID, "1", "h1", "", 0, time.Time{})
}

// A token that was signed before the logout may be its holder's first.
func unknownIsLoggedOut(t *testing.T, d *database) {
	s := d.open(t)
	apron, _ := crowd(t, s)
	wantNumber(t, logout(t, s, oriel.Logout{Provider: apron.ID, Subject: "nobody yet", IssuedAt: later()}), nil, 0)
	revokedUntil(t, s, apron.ID, "nobody yet", "", "", 0, later())
	wantEnded(t, []*store.Store{s}, "", later())
}

func nothingToRevoke(t *testing.T, d *database) {
	nodes := d.nodes(t)
	crowd(t, nodes[0])
	entries := d.Count(t, auditEntries)
	_, err := nodes[0].EndUserSessions(t.Context(), "usr_admin", "usr_nobody", later())
	wantCode(t, err, oriel.CodeNotFound)
	_, err = nodes[0].EndTenantSessions(t.Context(), "usr_admin", "nothing", later())
	wantCode(t, err, oriel.CodeNotFound)
	_, err = nodes[0].EndKeySessions(t.Context(), "usr_admin", "apron", "none", later())
	wantCode(t, err, oriel.CodeNotFound)
	_, err = nodes[0].EndKeySessions(t.Context(), "usr_admin", "nothing", "one", later())
	wantCode(t, err, oriel.CodeNotFound)
	d.wantCount(t, auditEntries, entries)
	wantEnded(t, nodes, "", later())
}

// An arrival that looks at the revocation in its own transaction either comes
// before it, and is ended, or after it, and sees it.
func revocationAgainstArrivals(t *testing.T, d *database) {
	nodes := d.nodes(t)
	crowd(t, nodes[0])
	refused := oriel.E(oriel.CodeTokenTooOld, "revoked")
	for _, err := range atOnce(manyAtOnce, func(i int) error {
		if i == manyAtOnce/2 {
			_, err := nodes[0].EndUserSessions(t.Context(), "usr_admin", "usr_acme", later())
			return err
		}
		err := nodes[i%2].Write(t.Context(), func(tx *store.Tx) error {
			until, err := tx.UserRevokedUntil("usr_acme")
			if err != nil {
				return err
			}
			if !until.IsZero() {
				return refused
			}
			name := fmt.Sprint("new ", i)
			return tx.InsertSession(oriel.Session{ID: name, User: "usr_acme", Created: began(), Expires: began().Add(time.Hour)}, digest(name))
		})
		if oriel.CodeOf(err) == oriel.CodeTokenTooOld {
			return nil
		}
		return err
	}) {
		must(t, err)
	}
	live, err := nodes[1].ListSessions(t.Context(), oriel.SessionFilter{User: "usr_acme"}, later(), "", 100)
	if must(t, err); len(live) != 0 {
		t.Errorf("%s outlived the revocation", names(live))
	}
}
