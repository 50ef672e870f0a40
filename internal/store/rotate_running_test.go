package store_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// A server that runs on the store goes on within 1 s, and what it seals at
// once is under the new key.
func TestRotateKeyFile_runningStoreGoesOn(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	running := openWith(t, o)
	withSecrets(t, running)
	old := keyIn(t, o.KeyFile)
	command := openWith(t, o)
	for round := range 3 {
		if round == 2 { // the command was killed before it renamed the file
			if err := store.ChangeKey(t.Context(), command); err != nil {
				t.Fatal(err)
			}
		} else if _, err := command.RotateKeyFile(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Two processes, so both directions: sealed here at once, and read here
		// what the other sealed.
		kid := fmt.Sprintf("here-%d", round)
		if _, err := running.CreateKey(t.Context(), "operator", "apron", oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256, Secret: secretOf("apron", kid)}); err != nil {
			t.Fatal(err)
		}
		if _, err := running.DeleteKey(t.Context(), "operator", "apron", kid); err != nil {
			t.Fatal(err)
		}
		kid = fmt.Sprintf("there-%d", round)
		if _, err := command.CreateKey(t.Context(), "operator", "tower", oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256, Secret: secretOf("tower", kid)}); err != nil {
			t.Fatal(err)
		}
		limit := time.Now().Add(time.Second)
		for !knows(running, "tower", kid) {
			if time.Now().After(limit) {
				t.Fatalf("round %d: the running store does not know the other's key after 1 s", round)
			}
			time.Sleep(5 * time.Millisecond)
		}
		wantSecrets(t, running)
		if _, err := command.DeleteKey(t.Context(), "operator", "tower", kid); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	wantSecrets(t, openWith(t, o))
	wantUnder(t, filepath.Join(folder, "oriel.db"), keyIn(t, o.KeyFile), old)
}

// A server notices without any other change.
func TestRotateKeyFile_idleStoreNotices(t *testing.T) {
	folder := t.TempDir()
	running, command := openWith(t, inFile(folder)), openWith(t, inFile(folder))
	withSecrets(t, command)
	for end := time.Now().Add(time.Second); !knows(running, "tower", "two"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the running store does not know what was declared after 1 s")
		}
	}
	if _, err := command.RotateKeyFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, err := store.KeyID(keyIn(t, filepath.Join(folder, keyFileName)))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Second); !bytes.Equal(store.KeyIDOf(running), want); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the running store does not use the new key after 1 s")
		}
	}
	wantSecrets(t, running)
}

// A server that only reads goes on too.
func TestRotateKeyFile_idleStoreGoesOn(t *testing.T) {
	folder := t.TempDir()
	running, command := openWith(t, inFile(folder)), openWith(t, inFile(folder))
	withSecrets(t, command)
	if _, err := command.RotateKeyFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := command.CreateKey(t.Context(), "operator", "apron", oriel.ProviderKey{ID: "late", Kind: oriel.KeyHS256, Secret: secretOf("apron", "late")}); err != nil {
		t.Fatal(err)
	}
	limit := time.Now().Add(time.Second)
	for !knows(running, "apron", "late") {
		if time.Now().After(limit) {
			t.Fatal("the running store does not know the new key after 1 s")
		}
		time.Sleep(5 * time.Millisecond)
	}
	wantSecrets(t, running)
}

func knows(s *store.Store, slug, kid string) bool {
	for _, p := range s.Declared().Providers {
		if p.Slug == slug && slices.ContainsFunc(p.Keys, func(k oriel.ProviderKey) bool { return k.ID == kid }) {
			return true
		}
	}
	return false
}
