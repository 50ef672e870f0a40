package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

const keyFileName = "instance.key"

func TestRotateKeyFile_nothingIsLeftUnderTheOldKey(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	s := openWith(t, o)
	withSecrets(t, s)
	old := keyIn(t, o.KeyFile)
	path := filepath.Join(folder, "oriel.db")
	wantUnder(t, path, old)
	// What a change that was killed while it wrote the key has left.
	if err := os.WriteFile(filepath.Join(folder, ".instance-key-1"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}

	changes, err := s.RotateKeyFile(t.Context())
	if err != nil || len(changes) != 1 || changes[0].Kind != "instance_key" || changes[0].Action != "updated" {
		t.Fatalf("rotate: %v, %v", changes, err)
	}
	next := keyIn(t, o.KeyFile)
	if bytes.Equal(next, old) || len(next) != 32 {
		t.Fatal("the key file holds no new key")
	}
	wantSecrets(t, s)
	wantUnder(t, path, next, old)
	wantTidy(t, folder)

	// The old key opens nothing any more, the new one what is there.
	db := outside(t, path)
	providers, sealed := column(t, db, `SELECT provider_id FROM provider_keys ORDER BY serial`), column(t, db, `SELECT secret FROM provider_keys ORDER BY serial`)
	kids := column(t, db, `SELECT kid FROM provider_keys ORDER BY serial`)
	for i := range sealed {
		if _, err := store.OpenUnder(old, []byte(sealed[i]), providers[i], kids[i]); err == nil {
			t.Error("the old key opens a secret")
		}
		if _, err := store.OpenUnder(next, []byte(sealed[i]), providers[i], kids[i]); err != nil {
			t.Errorf("the new key: %v", err)
		}
		// Nor does a value open in another's place, after the change either.
		if _, err := store.OpenUnder(next, []byte(sealed[i]), providers[(i+2)%4], kids[i]); err == nil {
			t.Error("a secret opens as that of another provider")
		}
	}
	oldOnly := options(path)
	oldOnly.InstanceKey = old
	wantRefused(t, oldOnly, "another instance key")

	// The change is in the audit; the keys are not.
	if n := count(t, db, `SELECT count(*) FROM audit_entries WHERE kind = 'instance_key' AND who = 'operator' AND action = 'updated' AND key = ?`, changes[0].Key); n != 1 {
		t.Errorf("the audit has %d entries of the change, want 1", n)
	}
	for place, value := range allValues(t, path) {
		for _, key := range [][]byte{old, next} {
			for _, form := range []string{string(key), hex.EncodeToString(key), base64.RawStdEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key)} {
				if bytes.Contains(value, []byte(form)) {
					t.Errorf("%s holds an instance key", place)
				}
			}
		}
	}
}

// A change is cut off after each of its steps, and between writing the key and
// having it in place; the next start has everything and ends it.
func TestRotateKeyFile_cutOffAnywhereLosesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		cut     func(t *testing.T, s *store.Store, o store.Options)
		renamed bool
	}{
		"before the first step": {cut: func(*testing.T, *store.Store, store.Options) {}},
		"while the key is written": {cut: func(t *testing.T, _ *store.Store, o store.Options) {
			if err := os.WriteFile(o.KeyFile+".next", []byte("AAAA"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"with a key that others read": {cut: func(t *testing.T, s *store.Store, o store.Options) {
			if err := store.MakeNextKey(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(o.KeyFile+".next", 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		"after the key is written": {cut: func(t *testing.T, s *store.Store, _ store.Options) {
			if err := store.MakeNextKey(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}},
		"after everything is sealed anew": {renamed: true, cut: func(t *testing.T, s *store.Store, _ store.Options) {
			if err := store.ChangeKey(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}},
		"then the old key is lost": {renamed: true, cut: func(t *testing.T, s *store.Store, o store.Options) {
			if err := store.ChangeKey(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(o.KeyFile); err != nil {
				t.Fatal(err)
			}
		}},
		"twice": {renamed: true, cut: func(t *testing.T, s *store.Store, _ store.Options) {
			for range 2 {
				if err := store.ChangeKey(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			o := inFile(folder)
			s := openWith(t, o)
			withSecrets(t, s)
			old := keyIn(t, o.KeyFile)
			c.cut(t, s, o)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			s = openWith(t, o)
			wantSecrets(t, s)
			now := keyIn(t, o.KeyFile)
			if bytes.Equal(now, old) == c.renamed {
				t.Errorf("the key file has the new key: %v, want %v", !c.renamed, c.renamed)
			}
			if c.renamed {
				wantTidy(t, folder)
				wantUnder(t, filepath.Join(folder, "oriel.db"), now, old)
			}
			// The next change is not held up by what is left.
			if _, err := s.RotateKeyFile(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantTidy(t, folder)
			wantUnder(t, filepath.Join(folder, "oriel.db"), keyIn(t, o.KeyFile), old, now)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			wantSecrets(t, openWith(t, o))
		})
	}
}

// rotatorEnv tells the test binary to change the key of the store in a folder
// until it is killed.
const rotatorEnv = "ORIEL_TEST_ROTATES_IN"

func rotateForever(folder string) error {
	s, err := store.Open(context.Background(), inFile(folder))
	if err != nil {
		return err
	}
	for {
		if _, err := s.RotateKeyFile(context.Background()); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(os.Stdout, "changed"); err != nil {
			return err
		}
	}
}

func TestRotateKeyFile_survivesSIGKILL(t *testing.T) {
	folder := t.TempDir()
	s := openWith(t, inFile(folder))
	withSecrets(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), rotatorEnv+"="+folder)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines, changed := bufio.NewScanner(out), 0
		for lines.Scan() {
			if changed++; changed == 3 {
				time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
				if err := child.Process.Kill(); err != nil { // SIGKILL
					t.Fatal(err)
				}
			}
		}
		if err := child.Wait(); err == nil || changed < 3 {
			t.Fatalf("it was not killed in the middle: %d changes, %v", changed, err)
		}
		s := openWith(t, inFile(folder))
		wantSecrets(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Several processes change the key at once, while one seals.
func TestRotateKeyFile_atOnce(t *testing.T) {
	folder := t.TempDir()
	first := openWith(t, inFile(folder))
	withSecrets(t, first)
	var all sync.WaitGroup
	for i := range 4 {
		s := openWith(t, inFile(folder))
		for range 1 + i%2 { // two in one process also
			all.Go(func() {
				for range 5 {
					if _, err := s.RotateKeyFile(t.Context()); err != nil {
						t.Errorf("rotate: %v", err)
					}
				}
			})
		}
	}
	all.Go(func() {
		for i := range 20 {
			kid := fmt.Sprintf("more-%d", i)
			if _, err := first.CreateKey(t.Context(), "operator", "apron", oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256, Secret: secretOf("apron", kid)}); err != nil {
				t.Errorf("create a key: %v", err)
			}
			if i == 19 {
				break
			}
			if _, err := first.DeleteKey(t.Context(), "operator", "apron", kid); err != nil {
				t.Errorf("delete a key: %v", err)
			}
		}
	})
	all.Wait()
	wantTidy(t, folder)
	last := openWith(t, inFile(folder))
	wantSecrets(t, last)
	wantUnder(t, filepath.Join(folder, "oriel.db"), keyIn(t, filepath.Join(folder, keyFileName)))
	if n := count(t, outside(t, filepath.Join(folder, "oriel.db")), `SELECT count(*) FROM audit_entries WHERE kind = 'instance_key'`); n != 30 {
		t.Errorf("the audit has %d changes, want 30", n)
	}
}

// Two changes share a transaction whose commit fails: the store is under the
// old key as before, so that must still be in its place.
func TestRotateKeyFile_lostCommitKeepsTheOldKey(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	s := openWith(t, o)
	withSecrets(t, s)
	old := keyIn(t, o.KeyFile)
	begun, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Write(t.Context(), func(*store.Tx) error { close(begun); <-goOn; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-begun
	for range 2 {
		all.Go(func() {
			if _, err := s.RotateKeyFile(t.Context()); err == nil {
				t.Error("a change was answered whose commit failed")
			}
		})
	}
	waitQueued(t, s, 2)
	all.Go(func() {
		if err := s.Write(t.Context(), store.FailCommit); err == nil {
			t.Error("the commit did not fail")
		}
	})
	waitQueued(t, s, 3)
	close(goOn)
	all.Wait()
	if !bytes.Equal(keyIn(t, o.KeyFile), old) {
		t.Fatal("the key of a change that is not durable is in the place of the old one")
	}
	wantUnder(t, filepath.Join(folder, "oriel.db"), old)
	// It goes on under the old key, and the next change is not held up.
	if _, err := s.CreateKey(t.Context(), "operator", "apron", oriel.ProviderKey{ID: "more", Kind: oriel.KeyHS256, Secret: secretOf("apron", "more")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RotateKeyFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantSecrets(t, s)
	wantUnder(t, filepath.Join(folder, "oriel.db"), keyIn(t, o.KeyFile), old)
}

func waitQueued(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); store.Queued(s) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d writes wait, want %d", store.Queued(s), n)
		}
	}
}

// A change that was cut off before the file was renamed is ended before the
// next one begins: that one may fail too.
func TestRotateKeyFile_cutOffIsEndedBeforeTheNextBegins(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	s := openWith(t, o)
	withSecrets(t, s)
	if err := store.ChangeKey(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.Write(t.Context(), func(*store.Tx) error { close(begun); <-goOn; return nil })
	})
	<-begun
	all.Go(func() {
		if _, err := s.RotateKeyFile(t.Context()); err == nil {
			t.Error("a change was answered whose commit failed")
		}
	})
	waitQueued(t, s, 1)
	all.Go(func() { _ = s.Write(t.Context(), store.FailCommit) })
	waitQueued(t, s, 2)
	close(goOn)
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantSecrets(t, openWith(t, o))
}

func TestRotateKeyFile_configuredKeyIsChangedInTheConfiguration(t *testing.T) {
	s := open(t, newPath(t))
	_, err := s.RotateKeyFile(t.Context())
	wantStoreCode(t, err, oriel.CodeInvalidRequest)
	if err == nil || !strings.Contains(err.Error(), "previous_secret_key") {
		t.Errorf("got %v", err)
	}
}

// A value that does not open in its place stops the change as a whole.
func TestRotateKeyFile_valueInAnotherPlaceChangesNothing(t *testing.T) {
	folder := t.TempDir()
	o := inFile(folder)
	s := openWith(t, o)
	withSecrets(t, s)
	path := filepath.Join(folder, "oriel.db")
	old := keyIn(t, o.KeyFile)
	// Without counting the revision, as somebody who edits the file would.
	mustExec(t, outside(t, path), `UPDATE provider_keys SET secret = (SELECT secret FROM provider_keys WHERE serial = 1) WHERE serial = 4`)
	before := allValues(t, path)
	if _, err := s.RotateKeyFile(t.Context()); err == nil {
		t.Fatal("a value of another place was sealed anew")
	}
	wantSame(t, before, allValues(t, path))
	if !bytes.Equal(keyIn(t, o.KeyFile), old) {
		t.Error("the key file was changed")
	}
}

// Whoever adds a column of sealed values and marks it so in the schema is
// reminded to have it sealed anew.
func TestSealedColumns_areThoseOfTheSchema(t *testing.T) {
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`^CREATE TABLE "?(\w+)`)
	sealed := regexp.MustCompile(`^\s+(\w+)\s.*-- sealed`)
	var want []string
	current := ""
	for line := range strings.SplitSeq(string(schema), "\n") {
		if found := table.FindStringSubmatch(line); found != nil {
			current = found[1]
		}
		if found := sealed.FindStringSubmatch(line); found != nil {
			want = append(want, current+"."+found[1])
		}
	}
	got := store.SealedColumns()
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("sealed anew are %q, and the schema marks %q as sealed", got, want)
	}
}
