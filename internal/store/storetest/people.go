package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func peoplePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"an e-mail is one user's, however it is written": emailIsOneUsers,
		"nobody is found by an empty e-mail":             emptyEmailIsNobodys,
		"an identity is one user's":                      identityIsOneUsers,
		"the greatest iat only rises":                    greatestIssuedAtRises,
		"not_before only rises":                          notBeforeRises,
		"groups and attributes are kept apart":           groupsAndAttributes,
	}
}

func user(i int) oriel.User {
	return oriel.User{ID: oriel.UserID(fmt.Sprint("usr_", i)), Email: fmt.Sprintf("p%d@example.com", i), Active: true}
}

func insertUser(t *testing.T, s *store.Store, u oriel.User) {
	t.Helper()
	mustWrite(t, s, func(tx *store.Tx) error { return tx.InsertUser(u, began()) })
}

func emailIsOneUsers(t *testing.T, d *database) {
	nodes := d.nodes(t)
	spellings := []string{"dana@example.com", "Dana@Example.com ", "DANA@EXAMPLE.COM"}
	answers := atOnce(manyAtOnce, func(i int) error {
		u := user(i)
		u.Email = spellings[i%len(spellings)]
		return nodes[i%2].Write(t.Context(), func(tx *store.Tx) error { return tx.InsertUser(u, began()) })
	})
	oneWins(t, answers, oriel.CodeInternal)
	d.wantCount(t, `SELECT count(*) FROM users`, 1)
}

func emptyEmailIsNobodys(t *testing.T, d *database) {
	s := d.open(t)
	for i := range 2 { // an empty one is no one's, so that two may have it
		u := user(i)
		u.Email = ""
		insertUser(t, s, u)
	}
	mustWrite(t, s, func(tx *store.Tx) error {
		if u, found, err := tx.FindUserByEmail(""); err != nil || found {
			t.Errorf("found %v, %v", u, err)
		}
		return nil
	})
}

func identityIsOneUsers(t *testing.T, d *database) {
	nodes := d.nodes(t)
	must(t, firstApply(t, nodes[0]))
	provider := nodes[0].Declared().Providers[0].ID
	answers := atOnce(manyAtOnce, func(i int) error {
		return nodes[i%2].Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertUser(user(i), began()); err != nil {
				return err
			}
			return tx.InsertIdentity(oriel.LinkedIdentity{Provider: provider, Subject: "dana", User: user(i).ID}, began())
		})
	})
	oneWins(t, answers, oriel.CodeInternal)
	d.wantCount(t, `SELECT count(*) FROM users`, 1)
	d.wantCount(t, `SELECT count(*) FROM identities`, 1)
}

// linked makes user 0 with the subject "dana" of the first provider.
func linked(t *testing.T, s *store.Store) (provider string, find func() oriel.LinkedIdentity) {
	t.Helper()
	must(t, firstApply(t, s))
	provider = s.Declared().Providers[0].ID
	mustWrite(t, s, func(tx *store.Tx) error {
		if err := tx.InsertUser(user(0), began()); err != nil {
			return err
		}
		return tx.InsertIdentity(oriel.LinkedIdentity{Provider: provider, Subject: "dana", User: user(0).ID, GreatestIssuedAt: began()}, began())
	})
	return provider, func() (i oriel.LinkedIdentity) {
		mustWrite(t, s, func(tx *store.Tx) error {
			var found bool
			var err error
			if i, _, found, err = tx.FindIdentity(provider, "dana"); err == nil && !found {
				t.Error("the identity is gone")
			}
			return err
		})
		return i
	}
}

func greatestIssuedAtRises(t *testing.T, d *database) {
	nodes := d.nodes(t)
	provider, find := linked(t, nodes[0])
	raise := func(i int) error {
		return nodes[i%2].Write(t.Context(), func(tx *store.Tx) error {
			return tx.RaiseIssuedAt(provider, "dana", began().Add(time.Duration(i)*time.Second))
		})
	}
	for _, err := range atOnce(manyAtOnce, raise) {
		must(t, err)
	}
	must(t, raise(-1000))
	if got, want := find().GreatestIssuedAt, began().Add((manyAtOnce-1)*time.Second); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := find().NotBefore; !got.IsZero() {
		t.Errorf("not_before is %v without a revocation", got)
	}
}

func notBeforeRises(t *testing.T, d *database) {
	nodes := d.nodes(t)
	_, find := linked(t, nodes[0])
	end := func(i int) error {
		_, err := nodes[i&1].EndUserSessions(t.Context(), "usr_admin", user(0).ID, began().Add(time.Duration(i)*time.Second))
		return err
	}
	for _, err := range atOnce(20, end) {
		must(t, err)
	}
	must(t, end(-1000))
	want := began().Add(19 * time.Second)
	if got := find().NotBefore; !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	mustWrite(t, nodes[1], func(tx *store.Tx) error {
		if got, err := tx.UserRevokedUntil(user(0).ID); err != nil || !got.Equal(want) {
			t.Errorf("the user is revoked until %v, %v; want %v", got, err, want)
		}
		return nil
	})
}

func groupsAndAttributes(t *testing.T, d *database) {
	s := d.open(t)
	provider, _ := linked(t, s)
	u := user(0).ID
	mustWrite(t, s, func(tx *store.Tx) error {
		if err := tx.AddToGroup(u, "operators"); err != nil {
			return err
		}
		return tx.SetSignInAttributes(u, provider, oriel.Attributes{"airport": oriel.Text("DFW"), "gone": oriel.Text("x")})
	})
	mustWrite(t, s, func(tx *store.Tx) error {
		return tx.SetSignInAttributes(u, provider, oriel.Attributes{"airport": oriel.TextList("DTW", "ORD")})
	})
	p, found, err := s.FindPerson(t.Context(), u, provider)
	if err != nil || !found {
		t.Fatalf("found %v, %v", found, err)
	}
	if want := []oriel.GroupKey{oriel.GroupAllUsers, "operators"}; !slices.Equal(p.User.Groups, want) {
		t.Errorf("groups %v, want %v", p.User.Groups, want)
	}
	if a := p.Attributes.SignIn; len(a) != 1 || !a["airport"].List || !slices.Equal(a["airport"].Values, []string{"DTW", "ORD"}) {
		t.Errorf("attributes %v", a)
	}
	mustWrite(t, s, func(tx *store.Tx) error {
		_, linked, _, err := tx.FindIdentity(provider, "dana")
		again, _, failure := tx.FindPerson(u, provider)
		if !reflect.DeepEqual(linked, p) || !reflect.DeepEqual(again, p) {
			t.Errorf("a sign-in sees %+v and %+v, a request %+v", linked, again, p)
		}
		return errors.Join(err, failure)
	})
	if p, _, err := s.FindPerson(t.Context(), u, "prv_other"); err != nil || len(p.Attributes.SignIn) != 0 {
		t.Errorf("another provider's sessions see %v, %v", p.Attributes.SignIn, err)
	}
	mustWrite(t, s, func(tx *store.Tx) error { return tx.RemoveFromGroup(u, "operators") })
	if p, _, err := s.FindPerson(t.Context(), u, provider); err != nil || !slices.Equal(p.User.Groups, []oriel.GroupKey{oriel.GroupAllUsers}) {
		t.Errorf("groups %v, %v", p.User.Groups, err)
	}
	if _, found, err := s.FindPerson(t.Context(), "usr_nobody", provider); err != nil || found {
		t.Errorf("nobody is found %v, %v", found, err)
	}
}
