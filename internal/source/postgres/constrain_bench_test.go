package postgres_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// BenchmarkConstrain is what is to be done before a text goes to the server.
func BenchmarkConstrain(b *testing.B) {
	bench := openSample(b, postgres.Options{})
	sourcetest.Constrain(b, bench.engine, bench.source, nil)
}
