package source_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// TestBin_edgesAreExact: below zero, on an edge and just under it, and where no
// double is exact, as each engine computes.
func TestBin_edgesAreExact(t *testing.T) {
	duck, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer duck.Close()
	conn := server.Connect(t, "postgres")
	for _, c := range []struct {
		value, duck, postgres string
		kind                  oriel.ColumnType
		width                 source.Width
		want                  string
	}{
		{"-1", "INTEGER", "integer", oriel.TypeInteger, source.Width{Units: 50}, "-50"},
		{"-50", "INTEGER", "integer", oriel.TypeInteger, source.Width{Units: 50}, "-50"},
		{"49", "SMALLINT", "smallint", oriel.TypeInteger, source.Width{Units: 50}, "0"},
		{"9223372036854775807", "BIGINT", "bigint", oriel.TypeInteger, source.Width{Units: 10}, "9223372036854775800"},
		{"-5.55", "DECIMAL(10,2)", "numeric(10,2)", oriel.TypeDecimal, source.Width{Units: 25, Digits: 2}, "-5.75"},
		{"-5.75", "DECIMAL(10,2)", "numeric(10,2)", oriel.TypeDecimal, source.Width{Units: 25, Digits: 2}, "-5.75"},
		{"0.30", "DECIMAL(10,2)", "numeric(10,2)", oriel.TypeDecimal, source.Width{Units: 1, Digits: 1}, "0.3"},
		{"-0.05", "DECIMAL(10,2)", "numeric(10,2)", oriel.TypeDecimal, source.Width{Units: 1, Digits: 1}, "-0.1"},
		{"8.9999999999", "DECIMAL(20,10)", "numeric(20,10)", oriel.TypeDecimal, source.Width{Units: 3}, "6"},
		{"90071992547409931.25", "DECIMAL(30,2)", "numeric(30,2)", oriel.TypeDecimal, source.Width{Units: 5, Digits: 1}, "90071992547409931.0"},
	} {
		for name, ask := range map[string]func() (string, error){
			"DuckDB": func() (got string, err error) {
				text := duckdb.Dialect{}.Bin("CAST('"+c.value+"' AS "+c.duck+")", c.kind, c.width)
				err = duck.QueryRowContext(t.Context(), "SELECT CAST("+text+" AS VARCHAR)").Scan(&got)
				return got, err
			},
			"PostgreSQL": func() (got string, err error) {
				text := postgres.Dialect{}.Bin("CAST('"+c.value+"' AS "+c.postgres+")", c.kind, c.width)
				err = conn.QueryRow(t.Context(), "SELECT CAST("+text+" AS text)").Scan(&got)
				return got, err
			},
		} {
			if got, err := ask(); err != nil || got != c.want {
				t.Errorf("%s: %s in bins of %s is %s, want %s: %v", name, c.value, fmt.Sprint(c.width), got, c.want, err)
			}
		}
	}
}
