package signin_test

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// J20
func TestExchange_J20_administratorsEmail(t *testing.T) {
	one, two := provider("one"), provider("two")
	one.Realm, two.Realm = "host", "host"
	h := newHouse(t, one, two, compat("old"))
	admin := h.enters("one", map[string]any{"sub": "root", "email": "root@example.com"}).User
	h.write(func(tx *store.Tx) error { return tx.AddToGroup(admin.ID, oriel.GroupAdministrators) })
	for _, email := range []string{"root@example.com", "ROOT@Example.com", " root@example.com"} {
		h.isRefused(oriel.CodeAccountNotLinkable, "one", map[string]any{"sub": "mallory", "email": email})
		h.isRefused(oriel.CodeAccountNotLinkable, "two", map[string]any{"sub": "root", "email": email})
		h.isRefused(oriel.CodeAccountNotLinkable, "old", map[string]any{"email": email})
	}
}

// Nobody vouches for a user made for password sign-in, so nobody may be linked.
func TestExchange_J20_userWithoutIdentity(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.write(func(tx *store.Tx) error {
		return tx.InsertUser(oriel.User{ID: "usr_made", Email: "dana@example.com", Active: true}, time.Now())
	})
	h.isRefused(oriel.CodeAccountNotLinkable, "apron", nil)
}

func TestExchange_J20_subjectIsTheStableKey(t *testing.T) {
	h := newHouse(t, provider("apron"))
	first := h.enters("apron", nil).User
	moved := h.enters("apron", map[string]any{"email": "dana@new.example.com"}).User
	if moved.ID != first.ID || moved.Email != "dana@new.example.com" {
		t.Errorf("got %+v, want the same user with the new e-mail", moved)
	}
	h.enters("apron", map[string]any{"sub": "ann", "email": "ann@example.com"})
	h.isRefused(oriel.CodeAccountNotLinkable, "apron", map[string]any{"sub": "mallory", "email": "ann@example.com"})
	// Nor may a known subject take over another user's e-mail.
	h.isRefused(oriel.CodeAccountNotLinkable, "apron", map[string]any{"email": "ann@example.com"})
	h.enters("apron", map[string]any{"sub": "heir", "email": "dana@example.com"}) // free again
}

func TestExchange_J20_otherProvidersEmail(t *testing.T) {
	for name, c := range map[string]struct {
		one, two string
		linked   bool
	}{
		"no realm":       {"", "", false},
		"one has none":   {"host", "", false},
		"other realms":   {"host", "partner", false},
		"the same realm": {"host", "host", true},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := provider("one"), provider("two")
			one.Realm, two.Realm = c.one, c.two
			h := newHouse(t, one, two)
			first := h.enters("one", map[string]any{"airport": "DFW"})
			if !c.linked {
				h.isRefused(oriel.CodeAccountNotLinkable, "two", map[string]any{"sub": "d"})
				return
			}
			second := h.enters("two", map[string]any{"sub": "d", "team": "red"})
			if first.User.ID != second.User.ID {
				t.Error("they are two users")
			}
			// Each session sees what its own provider vouched for.
			if a := h.principal(first).User().Attributes; len(a) != 1 || a["airport"].Values[0] != "DFW" {
				t.Errorf("the first provider's session has %v", a)
			}
			if a := h.principal(second).User().Attributes; len(a) != 1 || a["team"].Values[0] != "red" {
				t.Errorf("the second provider's session has %v", a)
			}
			h.isRefused(oriel.CodeAccountNotLinkable, "two", map[string]any{"sub": "another"})
		})
	}
}

// A user of two realms' making is linked to neither's strangers.
func TestExchange_J20_everyIdentityCounts(t *testing.T) {
	one, two, three := provider("one"), provider("two"), provider("three")
	one.Realm, two.Realm, three.Realm = "host", "host", "host"
	h := newHouse(t, one, two, three)
	h.enters("one", nil)
	h.enters("two", nil)
	two.Realm = "partner"
	h.apply(oriel.Declaration{Providers: []oriel.Provider{two}})
	h.isRefused(oriel.CodeAccountNotLinkable, "three", nil)
}

func TestExchange_compatIdentityIsTheEmail(t *testing.T) {
	h := newHouse(t, compat("old"))
	first := h.enters("old", map[string]any{"sub": absent{}}).User
	if again := h.enters("old", map[string]any{"sub": "other", "email": " Dana@Example.COM "}).User; again.ID != first.ID {
		t.Error("another spelling of the e-mail is another user")
	}
	// KELVIN SIGN lower-cases to k in Unicode: another mailbox all the same.
	kim := h.enters("old", map[string]any{"email": "kim@example.com"}).User
	if h.enters("old", map[string]any{"email": "\u212aim@example.com"}).User.ID == kim.ID {
		t.Error("a look-alike e-mail is the same user")
	}
}
