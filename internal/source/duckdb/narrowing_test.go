package duckdb_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

func TestEngine_servesPermittedRowsOnly(t *testing.T) {
	random := func(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2001)) }
	sourcetest.Run(t, random, func(t *testing.T, files map[string]string) (source.Engine, oriel.Source) {
		t.Helper()
		b := open(t, "s", writeFiles(t, files), slices.Sorted(maps.Keys(files)), duckdb.Options{})
		return b.engine, b.source
	})
}
