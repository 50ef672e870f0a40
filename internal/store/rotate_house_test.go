package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// inFile are the options of a store in the folder whose key is in a file.
func inFile(folder string) store.Options {
	o := options(filepath.Join(folder, "oriel.db"))
	o.InstanceKey, o.KeyFile = nil, filepath.Join(folder, keyFileName)
	return o
}

func openWith(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func wantRefused(t *testing.T, o store.Options, want string) {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err == nil {
		_ = s.Close()
		t.Fatal("it opened")
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one line with %q", err, want)
	}
}

// withSecrets gives the store two providers with two secrets each.
func withSecrets(t *testing.T, s *store.Store) {
	t.Helper()
	for _, slug := range []string{"apron", "tower"} {
		p := oriel.Provider{Slug: slug, Enabled: true, Profile: oriel.ProfileStrict, Issuer: slug, SignInURI: "https://h.example", Claims: oriel.DefaultClaimNames()}
		if _, err := s.CreateProvider(t.Context(), "operator", p); err != nil {
			t.Fatal(err)
		}
		for _, kid := range []string{"one", "two"} {
			if _, err := s.CreateKey(t.Context(), "operator", slug, oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256, Secret: secretOf(slug, kid)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func secretOf(slug, kid string) []byte {
	return append(hostSecret(), []byte(" of "+slug+"/"+kid)...)
}

// wantSecrets wants the store to know every secret of withSecrets.
func wantSecrets(t *testing.T, s *store.Store) {
	t.Helper()
	n := 0
	for _, p := range s.Declared().Providers {
		for _, key := range p.Keys {
			n++
			if !bytes.Equal(key.Secret, secretOf(p.Slug, key.ID)) {
				t.Errorf("the secret of %s/%s is another", p.Slug, key.ID)
			}
		}
	}
	if n < 4 {
		t.Errorf("the store knows %d keys, want 4 or more", n)
	}
}

func keyIn(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// wantUnder searches every value of every table: none begins as one that the
// old key sealed, and four or more as those of the new one.
func wantUnder(t *testing.T, path string, newKey []byte, oldKeys ...[]byte) {
	t.Helper()
	mark := func(key []byte) []byte {
		id, err := store.KeyID(key)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	values := allValues(t, path)
	under := 0
	for place, value := range values {
		if bytes.HasPrefix(value, mark(newKey)) {
			under++
		}
		for _, old := range oldKeys {
			check, err := store.CheckValue(old)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.HasPrefix(value, mark(old)) || bytes.Equal(value, check) {
				t.Errorf("%s is under the old key", place)
			}
		}
	}
	if under < 4 {
		t.Errorf("%d values are under the new key, want 4 or more", under)
	}
}

// allValues is every value of the database by its place.
func allValues(t *testing.T, path string) map[string][]byte {
	t.Helper()
	db := outside(t, path)
	all := map[string][]byte{}
	for _, table := range column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		for _, name := range column(t, db, `SELECT name FROM pragma_table_info(?)`, table) {
			for i, value := range column(t, db, fmt.Sprintf(`SELECT CAST(coalesce(%q, '') AS BLOB) FROM %q`, name, table)) {
				all[fmt.Sprintf("%s.%s #%d", table, name, i)] = []byte(value)
			}
		}
	}
	return all
}

func column(t *testing.T, db *sql.DB, text string, args ...any) (found []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one []byte
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		found = append(found, string(one))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// wantTidy wants the key file to be alone, and its owner's.
func wantTidy(t *testing.T, folder string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(file.Name(), "key") && file.Name() != keyFileName {
			t.Errorf("%s is left", file.Name())
		}
	}
	info, err := os.Stat(filepath.Join(folder, keyFileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v; want mode 600", info, err)
	}
}

func wantSame(t *testing.T, before, after map[string][]byte) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%d values became %d", len(before), len(after))
	}
	for place, value := range before {
		if !bytes.Equal(value, after[place]) {
			t.Errorf("%s was changed", place)
		}
	}
}
