package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func userPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"a user made by hand is whole or not at all": madeByHand,
		"an e-mail is made once, 50 at once":         madeOnce,
		"users are listed page by page":              usersAreListed,
		"active or not is kept and audited once":     activeOrNot,
		"who comes back has no session of before":    userComesBack,
		"nor has a provider that is on again":        providerComesBack,
		"a tenant never changes":                     tenantNeverChanges,
	}
}

func madeByHand(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	u := user(0)
	u.Groups = []oriel.GroupKey{oriel.GroupAdministrators, "nothing"}
	wantCode(t, s.CreateUser(ctx, "operator", u, began()), oriel.CodeNotFound)
	u.Groups = u.Groups[:1]
	u.Tenant = "nothing"
	wantCode(t, s.CreateUser(ctx, "operator", u, began()), oriel.CodeNotFound)
	d.wantCount(t, `SELECT count(*) FROM users`, 0)
	d.wantCount(t, auditEntries, 0)
	u.Tenant = ""
	must(t, s.CreateUser(ctx, "operator", u, began()))
	d.wantCount(t, auditEntries+` WHERE who = 'operator' AND action = 'created'`, 2)
	got, found, err := s.FindUserByEmail(ctx, " P0@EXAMPLE.com")
	if err != nil || !found || got.ID != u.ID || !got.Active {
		t.Errorf("got %+v, %v, %v", got, found, err)
	}
	p, _, err := s.FindPerson(ctx, u.ID, "")
	if must(t, err); !slices.Contains(p.User.Groups, oriel.GroupAdministrators) {
		t.Errorf("groups %v", p.User.Groups)
	}
}

func madeOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	oneWins(t, atOnce(manyAtOnce, func(i int) error {
		u := user(i)
		u.Email = "dana@example.com"
		return nodes[i%2].CreateUser(t.Context(), "operator", u, began())
	}), oriel.CodeConflict)
	d.wantCount(t, `SELECT count(*) FROM users`, 1)
}

func usersAreListed(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	for i := range 7 {
		u := user(i)
		u.Groups = []oriel.GroupKey{"operators"}
		must(t, s.CreateUser(t.Context(), "operator", u, began()))
	}
	var ids []oriel.UserID
	for after := oriel.UserID(""); len(ids) < 20; {
		page, err := s.ListUsers(t.Context(), after, 3)
		if must(t, err); len(page) == 0 {
			break
		}
		for _, u := range page {
			ids = append(ids, u.ID)
			if !slices.Equal(u.Groups, []oriel.GroupKey{oriel.GroupAllUsers, "operators"}) {
				t.Errorf("groups of %s: %v", u.ID, u.Groups)
			}
		}
		after = page[len(page)-1].ID
	}
	if want := "[usr_0 usr_1 usr_2 usr_3 usr_4 usr_5 usr_6]"; fmt.Sprint(ids) != want {
		t.Errorf("got %v, want %s", ids, want)
	}
}

func activeOrNot(t *testing.T, d *database) {
	nodes := d.nodes(t)
	s, ctx := nodes[0], t.Context()
	arrived(t, s)
	for range 2 { // the second time changes nothing
		must(t, s.SetUserActive(ctx, "usr_admin", "usr_dana", false, began()))
		must(t, s.SetTenantActive(ctx, "usr_admin", "acme", false, began()))
	}
	if p, _, err := nodes[1].FindPerson(ctx, "usr_dana", ""); err != nil || p.User.Active || p.TenantActive {
		t.Errorf("%+v, %v", p, err)
	}
	must(t, nodes[1].SetUserActive(ctx, "usr_admin", "usr_dana", true, began()))
	must(t, nodes[1].SetTenantActive(ctx, "usr_admin", "acme", true, began()))
	if p, _, err := s.FindPerson(ctx, "usr_dana", ""); err != nil || !p.User.Active || !p.TenantActive {
		t.Errorf("%+v, %v", p, err)
	}
	for _, kind := range []string{"user", "tenant"} {
		for _, action := range []string{"deactivated", "reactivated"} {
			d.wantCount(t, fmt.Sprintf(`%s WHERE kind = '%s' AND action = '%s'`, auditEntries, kind, action), 1)
		}
	}
	wantCode(t, s.SetUserActive(ctx, "usr_admin", "usr_nobody", true, began()), oriel.CodeNotFound)
	wantCode(t, s.SetTenantActive(ctx, "usr_admin", "nothing", true, began()), oriel.CodeNotFound)
}

func tenantNeverChanges(t *testing.T, d *database) {
	s := d.open(t)
	arrived(t, s)
	mustWrite(t, s, func(tx *store.Tx) error {
		return tx.UpdateUser(oriel.User{ID: "usr_dana", Email: "new@example.com", Tenant: "globex", Active: true})
	})
	mustWrite(t, s, func(tx *store.Tx) error {
		u, found, err := tx.FindUser("usr_dana")
		if !found || u.Tenant != "acme" || u.Email != "new@example.com" {
			t.Errorf("user %+v", u)
		}
		if _, found, err := tx.FindUserByEmail("dana@example.com"); err != nil || found {
			t.Errorf("the former e-mail still finds somebody: %v, %v", found, err)
		}
		return err
	})
}

// wantOver fails unless exactly these sessions of the crowd have ended.
func wantOver(t *testing.T, nodes []*store.Store, names ...string) {
	t.Helper()
	for _, s := range nodes {
		for _, id := range strings.Fields(everybody) {
			if got := !findSession(t, s, id).Session.Ended.IsZero(); got != slices.Contains(names, id) {
				t.Errorf("session %s ended: %v", id, got)
			}
		}
	}
}

// userComesBack: a thief's session may be why somebody was deactivated.
func userComesBack(t *testing.T, d *database) {
	nodes := d.nodes(t)
	crowd(t, nodes[0])
	ctx := t.Context()
	must(t, nodes[0].SetUserActive(ctx, "usr_admin", "usr_acme", false, later()))
	must(t, nodes[0].SetTenantActive(ctx, "usr_admin", "globex", false, later()))
	wantOver(t, nodes) // they are told that they are deactivated, not that a session is over
	must(t, nodes[1].SetUserActive(ctx, "usr_admin", "usr_acme", true, later()))
	wantOver(t, nodes, "a1", "b1", "c2")
	must(t, nodes[1].SetTenantActive(ctx, "usr_admin", "globex", true, later()))
	wantOver(t, nodes, "a1", "b1", "c2", "d1", "e1")
	update := func(active bool) {
		t.Helper()
		mustWrite(t, nodes[0], func(tx *store.Tx) error {
			u, _, err := tx.FindUser("usr_none")
			if err != nil {
				return err
			}
			u.FirstName, u.Active = u.FirstName+"x", active
			return tx.UpdateUser(u)
		})
	}
	update(true) // another name is no coming back
	update(false)
	wantOver(t, nodes, "a1", "b1", "c2", "d1", "e1")
	update(true) // as a sign-in does, where the provider may
	wantOver(t, nodes, "a1", "b1", "c2", "d1", "e1", "f2", "g2")
}

// providerComesBack: nor do the sessions of a provider, whoever has another.
func providerComesBack(t *testing.T, d *database) {
	nodes := d.nodes(t)
	_, other := crowd(t, nodes[0])
	for i, enabled := range []bool{true, false, true} {
		other.Enabled = enabled
		other.SignInURI += "x"
		_, err := nodes[i%2].UpdateProvider(t.Context(), "usr_admin", other)
		must(t, err)
		if i < 2 { // other settings are no coming back
			wantOver(t, nodes)
		} else {
			wantOver(t, nodes, "c2", "f2", "g2")
		}
	}
}
