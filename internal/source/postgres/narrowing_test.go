//go:build !race

package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
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

func TestEngine_comparesAsEveryEngineDoes(t *testing.T) {
	sourcetest.Compare(t, loader(t))
}

func TestRunning_keepsTheSuitesPromises(t *testing.T) {
	sourcetest.Running(t, loader(t))
}

func repeatable(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2001)) }

// loader gives each source a schema of its own, under one engine.
func loader(t *testing.T) sourcetest.Opener {
	t.Helper()
	engine := postgres.Open(postgres.Options{})
	conn := server.Connect(t, "postgres")
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	last := map[string]string{}
	return func(t testing.TB, key string, tables []sourcetest.Table) (source.Engine, oriel.Source) {
		t.Helper()
		schema := "s" + strconv.FormatInt(schemas.Add(1), 10)
		script := write(schema, tables)
		if old := last[key]; old != "" {
			script = "DROP SCHEMA " + old + " CASCADE;" + script
		}
		last[key] = schema
		if _, err := conn.Exec(context.Background(), script); err != nil {
			t.Fatal(err)
		}
		src := oriel.Source{Key: key, Kind: oriel.SourcePostgres, URL: server.URL("postgres"), Schema: schema, Revision: schema}
		for _, table := range tables {
			described := oriel.SourceTable{Name: table.Name}
			for _, c := range table.Columns {
				if c.Type == oriel.TypeText {
					c.Native = "text"
				}
				described.Columns = append(described.Columns, c)
			}
			src.Tables = append(src.Tables, described)
		}
		return engine, src
	}
}

func write(schema string, tables []sourcetest.Table) string {
	types := map[oriel.ColumnType]string{
		oriel.TypeText: "text", oriel.TypeInteger: "bigint", oriel.TypeNumber: "double precision",
		oriel.TypeBoolean: "boolean", oriel.TypeDate: "date", oriel.TypeTimestamp: "timestamp", oriel.TypeDecimal: "numeric",
	}
	var script strings.Builder
	script.WriteString("CREATE SCHEMA " + schema + ";")
	for _, table := range tables {
		name := pgx.Identifier{schema, table.Name}.Sanitize()
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, pgx.Identifier{c.Name}.Sanitize()+" "+types[c.Type])
		}
		fmt.Fprintf(&script, "CREATE TABLE %s (%s);", name, strings.Join(columns, ", "))
		var rows []string
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
			rows = append(rows, "("+strings.Join(values, ", ")+")")
		}
		if len(rows) > 0 {
			fmt.Fprintf(&script, "INSERT INTO %s VALUES %s;", name, strings.Join(rows, ","))
		}
		script.WriteString("ANALYZE " + name + ";")
	}
	return script.String()
}
