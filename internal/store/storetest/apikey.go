package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func apiKeyPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"a key is found by its hash alone":                  keyIsFoundByHash,
		"a key is bound to somebody who exists":             keyIsBound,
		"a group's key has that group alone":                groupsKey,
		"a key tells who its user is now":                   keyTellsItsUser,
		"a rotated key lives until the overlap ends":        rotatedWithOverlap,
		"rotation never makes a key live longer":            rotationNeverProlongs,
		"a key is rotated once, 50 at once":                 rotatedOnce,
		"a revoked key stays revoked, and is not rotated":   revokedKey,
		"the last use only rises, and the list is in order": lastUseRises,
	}
}

// insertKey keeps a key under the hash of its id.
func insertKey(t *testing.T, s *store.Store, key oriel.APIKey) error {
	t.Helper()
	return s.CreateAPIKey(t.Context(), "usr_admin", key, digest(key.ID))
}

// aKey is one of user 0.
func aKey(id string) oriel.APIKey {
	return oriel.APIKey{ID: id, Name: "Nightly", User: user(0).ID, Scopes: []oriel.Scope{oriel.ScopeContentRead}, Created: began()}
}

func findKey(t *testing.T, s *store.Store, id string) oriel.APIKeyState {
	t.Helper()
	state, found, err := s.FindAPIKey(t.Context(), digest(id))
	if err != nil || !found {
		t.Fatalf("key %s is found %v, %v", id, found, err)
	}
	return state
}

func keyIsFoundByHash(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	want := aKey("key_1")
	want.Expires = began().Add(time.Hour)
	must(t, insertKey(t, nodes[0], want))
	for _, s := range nodes {
		if got := findKey(t, s, "key_1").Key; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		near := digest("key_1")
		near[0] ^= 1
		for _, hash := range [][32]byte{{}, near} {
			if _, found, err := s.FindAPIKey(t.Context(), hash); err != nil || found {
				t.Errorf("another hash found a key: %v, %v", found, err)
			}
		}
	}
	oneWins(t, atOnce(manyAtOnce, func(i int) error {
		key := aKey(fmt.Sprint("key_of_", i))
		return nodes[i%2].CreateAPIKey(t.Context(), "usr_admin", key, digest("one secret"))
	}), oriel.CodeInternal)
	d.wantCount(t, auditEntries+` WHERE who = 'usr_admin' AND kind = 'api key' AND action = 'created'`, 2)
}

func keyIsBound(t *testing.T, d *database) {
	s := d.open(t)
	wantCode(t, insertKey(t, s, aKey("key_1")), oriel.CodeNotFound)
	wantCode(t, insertKey(t, s, oriel.APIKey{ID: "key_2", Group: "nothing", Created: began()}), oriel.CodeNotFound)
	wantCode(t, insertKey(t, s, oriel.APIKey{ID: "key_3", Created: began()}), oriel.CodeNotFound)
	d.wantCount(t, `SELECT count(*) FROM api_keys`, 0)
	d.wantCount(t, auditEntries, 0)
}

func groupsKey(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	must(t, insertKey(t, s, oriel.APIKey{ID: "key_1", Group: "operators", Scopes: []oriel.Scope{oriel.ScopeEmbedRead}, Created: began()}))
	state := findKey(t, s, "key_1")
	if u := state.Person.User; u.ID != "" || !u.Active || !slices.Equal(u.Groups, []oriel.GroupKey{oriel.GroupAllUsers, "operators"}) {
		t.Errorf("user %+v", u)
	}
	if a := state.Person.Effective().Attributes; len(a) != 0 || !state.Person.TenantActive {
		t.Errorf("attributes %v", a)
	}
}

func keyTellsItsUser(t *testing.T, d *database) {
	s := d.open(t)
	session := arrived(t, s)
	key := aKey("key_1")
	key.User = session.User
	must(t, insertKey(t, s, key))
	state := findKey(t, s, "key_1")
	if u := state.Person.User; u.ID != session.User || u.Tenant != "acme" || !u.Active || !slices.Contains(u.Groups, "operators") {
		t.Errorf("user %+v", u)
	}
	if a := state.Person.Attributes; len(a.SignIn) != 0 || len(a.Tenant) != 1 {
		t.Errorf("attributes %+v: no provider vouches for a key", a)
	}
	must(t, s.SetUserActive(t.Context(), "usr_admin", session.User, false, began()))
	must(t, s.SetTenantActive(t.Context(), "usr_admin", "acme", false, began()))
	if p := findKey(t, s, "key_1").Person; p.User.Active || p.TenantActive {
		t.Errorf("the key acts as an inactive user: %+v", p)
	}
}

// rotate makes the next of a key, a minute after it began.
func rotate(t *testing.T, s *store.Store, former, next string, overlapEnds time.Time) (oriel.APIKey, error) {
	t.Helper()
	return s.RotateAPIKey(t.Context(), "usr_admin", oriel.APIKey{ID: next, Created: later(), Replaces: former}, digest(next), overlapEnds)
}

func rotatedWithOverlap(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	must(t, insertKey(t, nodes[0], aKey("key_1")))
	_, err := rotate(t, nodes[0], "key_none", "key_2", later())
	wantCode(t, err, oriel.CodeNotFound)
	next, err := rotate(t, nodes[0], "key_1", "key_2", began().Add(time.Hour))
	must(t, err)
	want := aKey("key_2")
	want.Created, want.Replaces = later(), "key_1"
	if got := findKey(t, nodes[1], "key_2").Key; !reflect.DeepEqual(got, want) || !reflect.DeepEqual(next, want) {
		t.Errorf("the next is %+v and was answered as %+v, want %+v", got, next, want)
	}
	if got := findKey(t, nodes[1], "key_1").Key; !got.Expires.Equal(began().Add(time.Hour)) || !got.Revoked.IsZero() {
		t.Errorf("the former is %+v", got)
	}
}

func rotationNeverProlongs(t *testing.T, d *database) {
	s := d.open(t)
	insertUser(t, s, user(0))
	short := aKey("key_1")
	short.Expires = began().Add(10 * time.Minute)
	must(t, insertKey(t, s, short))
	_, err := rotate(t, s, "key_1", "key_2", began().Add(time.Hour))
	must(t, err)
	if got := findKey(t, s, "key_1").Key; !got.Expires.Equal(short.Expires) {
		t.Errorf("the former ends %v, want %v as before", got.Expires, short.Expires)
	}
	over := aKey("key_3")
	over.Expires = later() // the very moment of the rotation
	must(t, insertKey(t, s, over))
	_, err = rotate(t, s, "key_3", "key_4", began().Add(time.Hour))
	wantCode(t, err, oriel.CodeConflict)
}

func rotatedOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	must(t, insertKey(t, nodes[0], aKey("key_1")))
	oneWins(t, atOnce(manyAtOnce, func(i int) error {
		_, err := rotate(t, nodes[i%2], "key_1", fmt.Sprint("key_next_", i), began().Add(time.Hour))
		return err
	}), oriel.CodeConflict)
	d.wantCount(t, `SELECT count(*) FROM api_keys`, 2)
}

func revokedKey(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	must(t, insertKey(t, nodes[0], aKey("key_1")))
	must(t, insertKey(t, nodes[0], aKey("key_2")))
	for _, at := range []time.Time{later(), later().Add(time.Hour)} { // the second time changes nothing
		must(t, nodes[0].RevokeAPIKey(t.Context(), "usr_admin", "key_1", at))
	}
	if got := findKey(t, nodes[1], "key_1").Key.Revoked; !got.Equal(later()) {
		t.Errorf("revoked %v, want %v", got, later())
	}
	if got := findKey(t, nodes[1], "key_2").Key.Revoked; !got.IsZero() {
		t.Errorf("another key is revoked %v", got)
	}
	_, err := rotate(t, nodes[1], "key_1", "key_3", began().Add(time.Hour))
	wantCode(t, err, oriel.CodeConflict)
	wantCode(t, nodes[0].RevokeAPIKey(t.Context(), "usr_admin", "key_none", later()), oriel.CodeNotFound)
	d.wantCount(t, auditEntries+` WHERE action = 'revoked' AND kind = 'api key' AND key = 'key_1'`, 1)
	d.wantCount(t, auditEntries+` WHERE action = 'revoked'`, 1)
}

func lastUseRises(t *testing.T, d *database) {
	nodes := d.nodes(t)
	insertUser(t, nodes[0], user(0))
	for i := range 3 {
		key := aKey(fmt.Sprint("key_", i))
		key.Created = began().Add(time.Duration(i) * time.Minute)
		must(t, insertKey(t, nodes[0], key))
	}
	for _, err := range atOnce(20, func(i int) error {
		return nodes[i%2].TouchAPIKey(t.Context(), "key_1", began().Add(time.Duration(i)*time.Minute))
	}) {
		must(t, err)
	}
	list, err := nodes[1].ListAPIKeys(t.Context())
	if must(t, err); len(list) != 3 || list[0].ID != "key_2" || list[1].ID != "key_1" || list[2].ID != "key_0" {
		t.Fatalf("list %+v, want all, newest first", list)
	}
	if got := list[1].LastUsed; !got.Equal(began().Add(19 * time.Minute)) {
		t.Errorf("last used %v", got)
	}
	if got := list[0].LastUsed; !got.IsZero() {
		t.Errorf("a key that nobody used was used %v", got)
	}
}
