package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func operatePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"providers and keys come and go":                      providersAndKeysComeAndGo,
		"origins come and go one by one":                      originsComeAndGo,
		"a slug is one provider's":                            slugIsOneProviders,
		"keys that come at once stay within the bound":        keysStayWithinTheBound,
		"keys that come and go at once stay in the bound":     keysComeAndGoAtOnce,
		"a provider of somebody stays":                        providerOfSomebodyStays,
		"a provider that somebody arrives through may stay":   arrivalAgainstDelete,
		"a key is given an end, sooner only":                  keyEndsSoonerOnly,
		"the uses of a key are counted and outlive the sweep": keyUsesAreCounted,
		"whether a key stands is told inside the transaction": keyStands,
	}
}

func bareProvider(slug string) oriel.Provider {
	return oriel.Provider{
		Slug: slug, Enabled: true, Profile: oriel.ProfileStrict, Issuer: "i", SignInURI: "https://h.example", Claims: oriel.DefaultClaimNames(),
	}
}

func secretKey(id string) oriel.ProviderKey {
	return oriel.ProviderKey{ID: id, Kind: oriel.KeyHS256, Secret: hostSecret()}
}

// keysInForce are those of the first provider, if the node knows of any.
func keysInForce(s *store.Store) []oriel.ProviderKey {
	for _, p := range s.Declared().Providers {
		return p.Keys
	}
	return nil
}

func wantChanges(t *testing.T, changes []oriel.Change, err error, want ...string) {
	t.Helper()
	must(t, err)
	var got []string
	for _, c := range changes {
		got = append(got, c.Action+" "+c.Kind+" "+c.Key)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("changes %q, want %q", got, want)
	}
}

func providersAndKeysComeAndGo(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	p := bareProvider("apron")
	_, err := s.UpdateProvider(ctx, "key_1", p)
	wantCode(t, err, oriel.CodeNotFound)
	changes, err := s.CreateProvider(ctx, "key_1", p)
	wantChanges(t, changes, err, "created provider apron")
	_, err = s.CreateProvider(ctx, "key_1", p)
	wantCode(t, err, oriel.CodeConflict)

	changes, err = s.CreateKey(ctx, "key_1", "apron", secretKey("k"))
	wantChanges(t, changes, err, "created key apron/k")
	_, err = s.CreateKey(ctx, "key_1", "apron", secretKey("k"))
	wantCode(t, err, oriel.CodeConflict)
	_, err = s.CreateKey(ctx, "key_1", "nobody", secretKey("k"))
	wantCode(t, err, oriel.CodeNotFound)
	p.Realm = "other"
	changes, err = s.UpdateProvider(ctx, "key_1", p)
	wantChanges(t, changes, err, "updated provider apron")
	now := s.Declared().Providers[0]
	if len(now.Keys) != 1 || !bytes.Equal(now.Keys[0].Secret, hostSecret()) || !now.Keys[0].Created.Equal(began()) || now.Realm != "other" {
		t.Errorf("the provider is %+v", now)
	}

	// Keys come with settings in one write: one too many, and nothing is changed. A key
	// of an id that is taken replaces none.
	p.Realm = "third"
	for n := range oriel.MaxProviderKeys {
		p.Keys = append(p.Keys, secretKey(fmt.Sprintf("more-%d", n)))
	}
	_, err = s.UpdateProvider(ctx, "key_1", p)
	wantCode(t, err, oriel.CodeConflict)
	if now := s.Declared().Providers[0]; len(now.Keys) != 1 || now.Realm != "other" {
		t.Errorf("after a refused change the provider is %+v", now)
	}
	taken := secretKey("k")
	taken.Secret = []byte("another secret, as long as the hash is")
	p.Keys = []oriel.ProviderKey{taken, secretKey("l")}
	changes, err = s.UpdateProvider(ctx, "key_1", p)
	wantChanges(t, changes, err, "updated provider apron", "created key apron/l")
	if now := s.Declared().Providers[0]; len(now.Keys) != 2 || !bytes.Equal(now.Keys[0].Secret, hostSecret()) {
		t.Errorf("the provider is %+v", now)
	}
	_, err = s.DeleteKey(ctx, "key_1", "apron", "l")
	must(t, err)

	_, err = s.DeleteKey(ctx, "key_1", "apron", "other")
	wantCode(t, err, oriel.CodeNotFound)
	changes, err = s.DeleteKey(ctx, "key_1", "apron", "k")
	wantChanges(t, changes, err, "deleted key apron/k")
	_, err = s.CreateKey(ctx, "key_1", "apron", secretKey("k"))
	must(t, err)
	changes, err = s.DeleteProvider(ctx, "key_1", "apron")
	wantChanges(t, changes, err, "deleted key apron/k", "deleted provider apron")
	_, err = s.DeleteProvider(ctx, "key_1", "apron")
	wantCode(t, err, oriel.CodeNotFound)

	d.wantCount(t, auditEntries+` WHERE who = 'key_1'`, 10)
	d.wantCount(t, `SELECT count(*) FROM provider_keys`, 0)
}

func originsComeAndGo(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	one, two := origin(t, "https://a.example"), origin(t, "https://b.example")
	changes, err := s.AddOrigin(ctx, "operator", one)
	wantChanges(t, changes, err, "created origins instance")
	changes, err = s.AddOrigin(ctx, "operator", two)
	wantChanges(t, changes, err, "updated origins instance")
	changes, err = s.AddOrigin(ctx, "operator", two)
	wantChanges(t, changes, err)
	if got := s.Declared().Origins; len(got) != 2 || got[0] != one || got[1] != two {
		t.Errorf("the origins are %v", got)
	}
	changes, err = s.RemoveOrigin(ctx, "operator", one)
	wantChanges(t, changes, err, "updated origins instance")
	_, err = s.RemoveOrigin(ctx, "operator", one)
	wantCode(t, err, oriel.CodeNotFound)
	if got := s.Declared().Origins; len(got) != 1 || got[0] != two {
		t.Errorf("the origins are %v", got)
	}
}

func slugIsOneProviders(t *testing.T, d *database) {
	nodes := d.nodes(t)
	oneWins(t, atOnce(manyAtOnce, func(i int) error {
		_, err := nodes[i%2].CreateProvider(t.Context(), "operator", bareProvider("apron"))
		return err
	}), oriel.CodeConflict)
	d.wantCount(t, `SELECT count(*) FROM providers`, 1)
	d.wantCount(t, auditEntries, 1)
}

func keysStayWithinTheBound(t *testing.T, d *database) {
	nodes := d.nodes(t)
	_, err := nodes[0].CreateProvider(t.Context(), "operator", bareProvider("apron"))
	must(t, err)
	made := 0
	for _, err := range atOnce(12, func(i int) error {
		_, err := nodes[i%2].CreateKey(t.Context(), "operator", "apron", secretKey(fmt.Sprint("k", i)))
		return err
	}) {
		if err == nil {
			made++
		} else {
			wantCode(t, err, oriel.CodeConflict)
		}
	}
	if made != oriel.MaxProviderKeys {
		t.Errorf("%d keys were made, want %d", made, oriel.MaxProviderKeys)
	}
	for _, s := range nodes {
		within(t, "both nodes have the keys that were made", func() bool { return len(keysInForce(s)) == made })
	}
}

// Between a delete and the next there is never one key too many, and what was
// answered is what is there.
func keysComeAndGoAtOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	_, err := nodes[0].CreateProvider(t.Context(), "operator", bareProvider("apron"))
	must(t, err)
	made := make([]bool, 24)
	for _, err := range atOnce(len(made), func(i int) error {
		kid := fmt.Sprint("k", i)
		if _, err := nodes[i%2].CreateKey(t.Context(), "operator", "apron", secretKey(kid)); oriel.CodeOf(err) == oriel.CodeConflict {
			return nil
		} else if err != nil {
			return err
		}
		if keys := keysInForce(nodes[i%2]); len(keys) > oriel.MaxProviderKeys {
			t.Errorf("%d keys are in force", len(keys))
		}
		if made[i] = i%3 == 0; made[i] {
			return nil
		}
		_, err := nodes[(i+1)%2].DeleteKey(t.Context(), "operator", "apron", kid)
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	left := 0
	for _, m := range made {
		if m {
			left++
		}
	}
	d.wantCount(t, `SELECT count(*) FROM provider_keys`, left)
	for _, s := range nodes {
		within(t, "both nodes have the keys that are left", func() bool { return len(keysInForce(s)) == left })
	}
}

// A user whose only identity went with its provider would be free for the next
// provider that names the e-mail address.
func providerOfSomebodyStays(t *testing.T, d *database) {
	s := d.open(t)
	linked(t, s)
	_, err := s.DeleteProvider(t.Context(), "operator", "apron")
	wantCode(t, err, oriel.CodeConflict)
	if now := s.Declared(); len(now.Providers) != 1 || len(now.Providers[0].Keys) != 3 {
		t.Error("something of the provider is gone")
	}
}

func arrivalAgainstDelete(t *testing.T, d *database) {
	nodes := d.nodes(t)
	for round := range 20 {
		slug := fmt.Sprint("p", round)
		_, err := nodes[0].CreateProvider(t.Context(), "operator", bareProvider(slug))
		must(t, err)
		var id string
		for _, p := range nodes[0].Declared().Providers {
			if p.Slug == slug {
				id = p.ID
			}
		}
		answers := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := nodes[0].DeleteProvider(t.Context(), "operator", slug)
				return err
			}
			return nodes[1].Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.InsertUser(user(round), began()); err != nil {
					return err
				}
				return tx.InsertIdentity(oriel.LinkedIdentity{Provider: id, Subject: "dana", User: user(round).ID}, began())
			})
		})
		if (answers[0] == nil) == (answers[1] == nil) {
			t.Errorf("delete %v, arrival %v: exactly one may happen", answers[0], answers[1])
		}
	}
}

func keyEndsSoonerOnly(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	mustApply(t, s, declaration(t))
	key := func() oriel.ProviderKey { return s.Declared().Providers[0].Keys[0] }
	_, err := s.RetireKey(ctx, "operator", "apron", "none", began())
	wantCode(t, err, oriel.CodeNotFound)
	changes, err := s.RetireKey(ctx, "operator", "apron", "one", began().Add(24*time.Hour))
	wantChanges(t, changes, err, "updated key apron/one")
	if k := key(); !k.Retired.Equal(began()) || !k.Ends.Equal(began().Add(24*time.Hour)) || !bytes.Equal(k.Secret, hostSecret()) {
		t.Errorf("the key is retired %v and ends %v", k.Retired, k.Ends)
	}
	d.clock.move(time.Minute)
	_, err = s.RetireKey(ctx, "operator", "apron", "one", began().Add(25*time.Hour))
	wantCode(t, err, oriel.CodeConflict)
	_, err = s.RetireKey(ctx, "operator", "apron", "one", began().Add(time.Hour))
	must(t, err)
	if k := key(); !k.Retired.Equal(began()) || !k.Ends.Equal(began().Add(time.Hour)) {
		t.Errorf("the key is retired %v and ends %v", k.Retired, k.Ends)
	}
	// The declaration, which knows of no end, does not take it back.
	mustApply(t, s, declaration(t))
	if k := key(); !k.Ends.Equal(began().Add(time.Hour)) {
		t.Errorf("apply gave a key that was to end back: %v", k.Ends)
	}
}

func keyUsesAreCounted(t *testing.T, d *database) {
	s := d.open(t)
	provider, _ := linked(t, s)
	keys := s.Declared().Providers[0].Keys
	now := began().Add(48 * time.Hour)
	for i, age := range []time.Duration{time.Minute, 59 * time.Minute, 2 * time.Hour, 23 * time.Hour, 25 * time.Hour} {
		insertSession(t, s, oriel.Session{
			ID: fmt.Sprint("s", i), User: user(0).ID, Provider: provider, KeySerial: keys[0].Serial,
			Kind: oriel.SessionEmbed, Created: now.Add(-age), Expires: now.Add(10*time.Minute - age),
		})
	}
	want := oriel.KeyUse{Serial: keys[0].Serial, LastUsed: now.Add(-time.Minute), LastHour: 2, LastDay: 4}
	uses, err := s.KeyUses(t.Context(), "apron", now)
	must(t, err)
	if got := uses[keys[0].Serial]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := uses[keys[1].Serial]; !got.LastUsed.IsZero() || got.LastDay != 0 {
		t.Errorf("a key that nobody used has %+v", got)
	}
	d.clock.move(30 * 24 * time.Hour) // all sessions are gone then
	must(t, s.Sweep(t.Context()))
	uses, err = s.KeyUses(t.Context(), "apron", d.clock.read())
	must(t, err)
	if got := uses[keys[0].Serial]; !got.LastUsed.Equal(want.LastUsed) || got.LastDay != 0 {
		t.Errorf("after the sweep %+v, want it last used at %v", got, want.LastUsed)
	}
}

func keyStands(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	p := s.Declared().Providers[0]
	stands := func(provider string, serial int64, wantOn, wantLive bool) {
		t.Helper()
		mustWrite(t, s, func(tx *store.Tx) error {
			on, live, err := tx.KeyStands(provider, serial)
			if on != wantOn || live != wantLive {
				t.Errorf("on %v, live %v; want %v, %v", on, live, wantOn, wantLive)
			}
			return err
		})
	}
	stands(p.ID, p.Keys[0].Serial, true, true)
	stands("prv_other", p.Keys[0].Serial, false, false)
	_, err := s.DeleteKey(t.Context(), "operator", "apron", "one")
	must(t, err)
	_, err = s.CreateKey(t.Context(), "operator", "apron", secretKey("one"))
	must(t, err)
	stands(p.ID, p.Keys[0].Serial, true, false) // another key under the same id
	p.Enabled = false
	_, err = s.UpdateProvider(t.Context(), "operator", p)
	must(t, err)
	stands(p.ID, p.Keys[1].Serial, false, true)
}
