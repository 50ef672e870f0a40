package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// instanceKey is the key of every store of the suite that needs no other.
func instanceKey() []byte { return []byte("0123456789abcdef0123456789abcdef") }

func options(path string) store.Options {
	return store.Options{
		URL: "sqlite://" + path, InstanceKey: instanceKey(),
		Origins: oriel.OriginOptions{SiteURL: "http://127.0.0.1:7420"},
		Clock:   time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	}
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), options(path))
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "oriel.db") }

// outside is another process's view of the file.
func outside(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func count(t *testing.T, db *sql.DB, text string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRowContext(context.Background(), text, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// hostSecret is searched for in files: it must be nowhere.
func hostSecret() []byte { return []byte("plain-secret-of-the-host-0123456789") }

func wantStoreCode(t *testing.T, err error, code oriel.Code) {
	t.Helper()
	if oriel.CodeOf(err) != code {
		t.Errorf("%v, want %s", err, code)
	}
}
