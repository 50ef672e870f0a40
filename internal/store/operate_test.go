package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func wantChange(t *testing.T, changes []oriel.Change, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.Action+" "+c.Kind+" "+c.Key)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("changes %q, want %q", got, want)
	}
}

func wantStoreCode(t *testing.T, err error, code oriel.Code) {
	t.Helper()
	if oriel.CodeOf(err) != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func TestOperate_providersAndKeysComeAndGo(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	ctx := context.Background()
	p := oriel.Provider{Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: "i", SignInURI: "https://h.example", Claims: oriel.DefaultClaimNames()}
	changes, err := s.CreateProvider(ctx, "operator", p)
	wantChange(t, changes, err, "created provider apron")
	_, err = s.CreateProvider(ctx, "operator", p)
	wantStoreCode(t, err, oriel.CodeConflict)

	key := oriel.ProviderKey{ID: "k", Kind: oriel.KeyHS256, Secret: hostSecret()}
	changes, err = s.CreateKey(ctx, "operator", "apron", key)
	wantChange(t, changes, err, "created key apron/k")
	_, err = s.CreateKey(ctx, "operator", "apron", key)
	wantStoreCode(t, err, oriel.CodeConflict)
	_, err = s.CreateKey(ctx, "operator", "nobody", key)
	wantStoreCode(t, err, oriel.CodeNotFound)
	if kept := s.Declared().Providers[0].Keys; len(kept) != 1 || string(kept[0].Secret) != string(hostSecret()) || kept[0].Created.IsZero() {
		t.Errorf("the keys are %+v", kept)
	}

	_, err = s.DeleteKey(ctx, "operator", "apron", "other")
	wantStoreCode(t, err, oriel.CodeNotFound)
	changes, err = s.DeleteKey(ctx, "operator", "apron", "k")
	wantChange(t, changes, err, "deleted key apron/k")
	if _, err = s.CreateKey(ctx, "operator", "apron", key); err != nil {
		t.Fatal(err)
	}
	changes, err = s.DeleteProvider(ctx, "operator", "apron")
	wantChange(t, changes, err, "deleted key apron/k", "deleted provider apron")
	_, err = s.DeleteProvider(ctx, "operator", "apron")
	wantStoreCode(t, err, oriel.CodeNotFound)

	db := outside(t, path)
	if n := count(t, db, `SELECT count(*) FROM audit_entries WHERE who = 'operator'`); n != 6 {
		t.Errorf("%d audit entries, want one for each of the 6 changes", n)
	}
	if n := count(t, db, `SELECT count(*) FROM provider_keys`); n != 0 {
		t.Errorf("%d keys outlive their provider", n)
	}
}

func TestOperate_keysThatComeAtOnceStayWithinTheBound(t *testing.T) {
	s := open(t, newPath(t))
	ctx := context.Background()
	p := oriel.Provider{Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: "i", SignInURI: "https://h.example", Claims: oriel.DefaultClaimNames()}
	if _, err := s.CreateProvider(ctx, "operator", p); err != nil {
		t.Fatal(err)
	}
	const tries = 12
	answers := make(chan error, tries)
	for i := range tries {
		go func() {
			_, err := s.CreateKey(ctx, "operator", "apron", oriel.ProviderKey{ID: fmt.Sprint("k", i), Kind: oriel.KeyHS256, Secret: hostSecret()})
			answers <- err
		}()
	}
	made := 0
	for range tries {
		if err := <-answers; err == nil {
			made++
		} else {
			wantStoreCode(t, err, oriel.CodeConflict)
		}
	}
	if kept := len(s.Declared().Providers[0].Keys); made != oriel.MaxProviderKeys || kept != made {
		t.Errorf("%d keys were made and %d are there, want %d", made, kept, oriel.MaxProviderKeys)
	}
}

// A user whose only identity went with its provider would be free for the next
// provider that names the e-mail address.
func TestOperate_aProviderOfSomebodyStays(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	mustApply(t, s, declaration(t))
	id := s.Declared().Providers[0].ID
	err := s.Write(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertUser(oriel.User{ID: "usr_1", Email: "dana@example.com", Active: true}, time.Unix(1, 0)); err != nil {
			return err
		}
		return tx.InsertIdentity(oriel.LinkedIdentity{Provider: id, Subject: "dana", User: "usr_1"}, time.Unix(1, 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DeleteProvider(context.Background(), "operator", "apron")
	wantStoreCode(t, err, oriel.CodeConflict)
	if d := s.Declared(); len(d.Providers) != 1 || len(d.Providers[0].Keys) != 2 {
		t.Error("something of the provider is gone")
	}
}

func TestOperate_originsComeAndGoOneByOne(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	ctx := context.Background()
	one, two := origin(t, "https://a.example"), origin(t, "https://b.example")
	changes, err := s.AddOrigin(ctx, "operator", one)
	wantChange(t, changes, err, "created origins instance")
	changes, err = s.AddOrigin(ctx, "operator", two)
	wantChange(t, changes, err, "updated origins instance")
	changes, err = s.AddOrigin(ctx, "operator", two)
	wantChange(t, changes, err)
	if got := s.Declared().Origins; len(got) != 2 || got[0] != one || got[1] != two {
		t.Errorf("the origins are %v", got)
	}
	changes, err = s.RemoveOrigin(ctx, "operator", one)
	wantChange(t, changes, err, "updated origins instance")
	_, err = s.RemoveOrigin(ctx, "operator", one)
	wantStoreCode(t, err, oriel.CodeNotFound)
	if got := s.Declared().Origins; len(got) != 1 || got[0] != two {
		t.Errorf("the origins are %v", got)
	}
}
