package httpapi

import (
	"crypto/rand"
	"regexp"
	"testing"
)

func TestReference_isShortAndUnambiguous(t *testing.T) {
	form := regexp.MustCompile(`^[2-9A-HJKMNP-TW-Z]{3}-[2-9A-HJKMNP-TW-Z]{3}$`)
	seen := map[string]bool{}
	for range 1000 {
		reference, err := newReference(rand.Reader)
		if err != nil || !form.MatchString(reference) {
			t.Fatalf("got %q, %v", reference, err)
		}
		seen[reference] = true
	}
	if len(seen) < 990 {
		t.Errorf("only %d of 1000 references differ", len(seen))
	}
}
