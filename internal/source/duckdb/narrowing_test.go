//go:build !race

package duckdb_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// These rounds are many; the race detector, which is for what runs at once,
// would take most of the time (see scripts/test-go).

func TestEngine_servesPermittedRowsOnly(t *testing.T) {
	sourcetest.Run(t, repeatable, loader(t))
}

// The search goes on for ORIEL_SEARCH_FOR (a duration) or through
// ORIEL_SEARCH_SCHEMAS schemas, from ORIEL_SEARCH_SEED.
func TestEngine_servesPermittedRowsOnlyWithAFreshSeed(t *testing.T) {
	seed, schemas, until := uint64(time.Now().UnixNano()), 0, time.Now().Add(3*time.Second)
	if text := os.Getenv("ORIEL_SEARCH_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	if text := os.Getenv("ORIEL_SEARCH_SCHEMAS"); text != "" {
		schemas, _ = strconv.Atoi(text)
	}
	if d, err := time.ParseDuration(os.Getenv("ORIEL_SEARCH_FOR")); err == nil {
		until = time.Now().Add(d)
	}
	sourcetest.Search(t, repeatable, loader(t), seed, schemas, func() bool { return time.Now().After(until) })
}

// Found by searches. First, a set operation whose one side is empty under its policy, so
// that the other, which fails, is never read; where the table itself is empty it
// is read. With and without the hidden rows it ends in one way.
func TestEngine_whatASearchFoundStaysFound(t *testing.T) {
	sourcetest.Search(t, repeatable, loader(t), 1795650823781980532, 1, func() bool { return true })
	// A whole number that no double holds, below zero: an attribute of no type that
	// a column of numbers has.
	sourcetest.Search(t, repeatable, loader(t), 1795664205033532151, 1, func() bool { return true })
}

func TestEngine_comparesAsEveryEngineDoes(t *testing.T) {
	sourcetest.Compare(t, loader(t))
}

func TestRunning_keepsTheSuitesPromises(t *testing.T) {
	sourcetest.Running(t, loader(t))
}

func repeatable(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2001)) }

// loader writes database files past the import, which would guess the types
// anew from what is left of a table.
func loader(t *testing.T) sourcetest.Opener {
	t.Helper()
	return loaderOf(t, duckdb.Options{Threads: 1})
}

func loaderOf(t *testing.T, options duckdb.Options) sourcetest.Opener {
	t.Helper()
	folder := t.TempDir()
	engine, err := duckdb.Open(folder, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	files := 0
	last := map[string]string{}
	return func(t testing.TB, key string, tables []sourcetest.Table) (source.Engine, oriel.Source) {
		t.Helper()
		files++
		src := oriel.Source{Key: key, Kind: oriel.SourceDuckDB, Revision: strconv.Itoa(files), Database: fmt.Sprintf("%s-%d.duckdb", key, files)}
		write(t, filepath.Join(folder, src.Database), tables)
		for _, table := range tables {
			src.Tables = append(src.Tables, oriel.SourceTable{Name: table.Name, Columns: table.Columns})
		}
		if old := last[key]; old != "" {
			_ = os.Remove(old) // the engine may have it open until it is asked again
		}
		last[key] = filepath.Join(folder, src.Database)
		return engine, src
	}
}

func write(t testing.TB, path string, tables []sourcetest.Table) {
	t.Helper()
	connector, err := driver.NewConnector(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	types := map[oriel.ColumnType]string{
		oriel.TypeText: "VARCHAR", oriel.TypeInteger: "BIGINT", oriel.TypeNumber: "DOUBLE",
		oriel.TypeBoolean: "BOOLEAN", oriel.TypeDate: "DATE", oriel.TypeTimestamp: "TIMESTAMP",
	}
	var script strings.Builder
	script.WriteString("begin;")
	for _, table := range tables {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, quoteName(c.Name)+" "+types[c.Type])
		}
		fmt.Fprintf(&script, "create table %s (%s);", quoteName(table.Name), strings.Join(columns, ", "))
		for _, row := range table.Rows {
			var values []string
			for _, v := range row {
				switch v := v.(type) {
				case nil:
					values = append(values, "NULL")
				case string:
					values = append(values, "'"+strings.ReplaceAll(v, "'", "''")+"'")
				default:
					values = append(values, fmt.Sprint(v))
				}
			}
			fmt.Fprintf(&script, "insert into %s values (%s);", quoteName(table.Name), strings.Join(values, ", "))
		}
	}
	script.WriteString("commit; checkpoint;")
	if _, err := db.Exec(script.String()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
