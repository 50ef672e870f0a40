package oriel_test

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestSigningSAMLKey(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	key := func(from time.Duration) oriel.SAMLKey { return oriel.SAMLKey{SignsFrom: now.Add(from)} }
	for name, c := range map[string]struct {
		keys []oriel.SAMLKey
		want int
	}{
		"none":                    {nil, -1},
		"the newest":              {[]oriel.SAMLKey{key(-time.Hour), key(-2 * time.Hour)}, 0},
		"this very moment":        {[]oriel.SAMLKey{key(0), key(-2 * time.Hour)}, 0},
		"the one before, for now": {[]oriel.SAMLKey{key(time.Hour), key(-time.Hour), key(-2 * time.Hour)}, 1},
		"none's time has come":    {[]oriel.SAMLKey{key(2 * time.Hour), key(time.Hour)}, 1},
	} {
		if got := oriel.SigningSAMLKey(c.keys, now); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
