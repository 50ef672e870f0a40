package duckdb_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// BenchmarkConstrain is what is to be done before a text runs, the filtered views
// of a connection among it, where more people ask than connections are kept.
func BenchmarkConstrain(b *testing.B) {
	bench := openSample(b, duckdb.Options{Idle: 2})
	sourcetest.Constrain(b, bench.engine, bench.source, bench.engine.Ready)
}

// BenchmarkConstrain_first is the same where every connection is made anew, as
// for the first who ask after a start.
func BenchmarkConstrain_first(b *testing.B) {
	bench := openSample(b, duckdb.Options{Idle: 1 << 20})
	sourcetest.Constrain(b, bench.engine, bench.source, bench.engine.Ready)
}
