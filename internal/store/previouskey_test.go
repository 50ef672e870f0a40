package store_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// configured are the options of a store whose keys are configured.
func configured(path string, now, previous byte) store.Options {
	o := options(path)
	o.InstanceKey = bytes.Repeat([]byte{now}, 32)
	if previous != 0 {
		o.PreviousKey = bytes.Repeat([]byte{previous}, 32)
	}
	return o
}

func TestPreviousKey_storeIsBroughtUnderTheNewOne(t *testing.T) {
	path := newPath(t)
	s := openWith(t, configured(path, 1, 0))
	withSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := allValues(t, path)

	// A wrong previous key changes nothing; nor does the right one behind it.
	wantRefused(t, configured(path, 2, 0), "another instance key")
	wantRefused(t, configured(path, 2, 3), "another instance key")
	wantSame(t, before, allValues(t, path))

	for range 2 { // the second time nothing is to be done
		s = openWith(t, configured(path, 2, 1))
		wantSecrets(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wantUnder(t, path, bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{1}, 32))
	if n := count(t, outside(t, path), `SELECT count(*) FROM audit_entries WHERE kind = 'instance_key'`); n != 1 {
		t.Errorf("the audit has %d changes, want 1", n)
	}
	wantRefused(t, configured(path, 1, 0), "another instance key")
	s = openWith(t, configured(path, 2, 0))
	wantSecrets(t, s)

	// Nor is a wrong one taken by a store that has no secrets.
	empty := newPath(t)
	if err := openWith(t, configured(empty, 1, 0)).Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, configured(empty, 2, 3), "another instance key")

	// Back again works as well: the configuration says which is the new one.
	wantSecrets(t, openWith(t, configured(path, 1, 2)))
}

// A server that still runs under the old configured key seals nothing under it.
func TestPreviousKey_runningStoreSealsNothingUnderIt(t *testing.T) {
	path := newPath(t)
	running := openWith(t, configured(path, 1, 0))
	withSecrets(t, running)
	changed := openWith(t, configured(path, 2, 1))
	before := allValues(t, path)
	_, err := running.CreateKey(t.Context(), "operator", "apron", oriel.ProviderKey{ID: "late", Kind: oriel.KeyHS256, Secret: hostSecret()})
	wantStoreCode(t, err, oriel.CodeStoreUnavailable)
	if err == nil || !strings.Contains(err.Error(), "start oriel again") {
		t.Errorf("got %v", err)
	}
	wantSame(t, before, allValues(t, path))
	wantSecrets(t, changed)
}

func TestPreviousKey_twoStartsAtOnce(t *testing.T) {
	path := newPath(t)
	s := openWith(t, configured(path, 1, 0))
	withSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(context.Background(), configured(path, 2, 1))
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			wantSecrets(t, s)
			_ = s.Close()
		})
	}
	all.Wait()
	if n := count(t, outside(t, path), `SELECT count(*) FROM audit_entries WHERE kind = 'instance_key'`); n != 1 {
		t.Errorf("the audit has %d changes, want 1", n)
	}
}

// From the file into the configuration, and back.
func TestPreviousKey_leadsFromTheFileAndBack(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	s := openWith(t, o)
	withSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	there := configured(filepath.Join(folder, "oriel.db"), 7, 0)
	there.PreviousKey = keyIn(t, o.KeyFile)
	s = openWith(t, there)
	wantSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, o, "another instance key")
	o.PreviousKey = there.InstanceKey
	wantSecrets(t, openWith(t, o))
	wantUnder(t, filepath.Join(folder, "oriel.db"), keyIn(t, o.KeyFile), there.InstanceKey)
}
