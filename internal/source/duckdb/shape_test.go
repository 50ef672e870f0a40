//go:build !race

package duckdb_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// Few connections are kept, so that those who ask are given one after another's.
func TestNarrow_remembersNothingForSomebodyWhoSeesOtherwise(t *testing.T) {
	sourcetest.Shapes(t, repeatable, loaderOf(t, duckdb.Options{Threads: 1, Idle: 3}))
}
