package duckdb_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// BenchmarkConstrain is what is to be done before a text runs, the filtered views
// of a connection among it.
func BenchmarkConstrain(b *testing.B) {
	bench := openSample(b, duckdb.Options{})
	sourcetest.Constrain(b, bench.engine, bench.source, bench.engine.Ready)
}
