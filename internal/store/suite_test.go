package store_test

import (
	"os"
	"testing"

	"github.com/oriel-bi/oriel/internal/store/storetest"
)

// sqliteEngine is a fresh file.
type sqliteEngine struct{ path string }

func (e sqliteEngine) URL() string { return "sqlite://" + e.path }

func (e sqliteEngine) Count(t *testing.T, query string) int {
	t.Helper()
	return count(t, outside(t, e.path), query)
}

func (e sqliteEngine) Exec(t *testing.T, text string) {
	t.Helper()
	mustExec(t, outside(t, e.path), text)
}

// Dump has the file and its write-ahead log: pages that are free, too.
func (e sqliteEngine) Dump(t *testing.T) []byte {
	t.Helper()
	var dump []byte
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(e.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		dump = append(dump, content...)
	}
	return dump
}

func TestStore_keepsItsPromisesOnSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Engine { return sqliteEngine{newPath(t)} })
}
