package postgres_test

import (
	"math/rand/v2"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

func TestEngine_servesPermittedRowsOnly(t *testing.T) {
	random := func(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2001)) }
	sourcetest.Run(t, random, func(t *testing.T, files map[string]string) (source.Engine, oriel.Source) {
		t.Helper()
		b := open(t, "s", files, postgres.Options{})
		return b.engine, b.source
	})
}
