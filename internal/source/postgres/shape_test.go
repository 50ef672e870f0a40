//go:build !race

package postgres_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

func TestNarrow_remembersNothingForSomebodyWhoSeesOtherwise(t *testing.T) {
	sourcetest.Shapes(t, repeatable, loader(t))
}
