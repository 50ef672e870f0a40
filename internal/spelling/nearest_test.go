package spelling_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/spelling"
)

func TestNearest_isWhatWasProbablyMeant(t *testing.T) {
	known := []string{"site_url", "site_name", "listen"}
	for name, want := range map[string]string{
		"listen":                 "listen",
		"listne":                 "listen", // swapped
		"lsten":                  "listen", // left out
		"listeen":                "listen", // put in
		"lixten":                 "listen", // another
		"Listen":                 "listen",
		"lstn":                   "listen", // two edits
		"lst":                    "",       // three
		"provider":               "",
		"":                       "",
		strings.Repeat("x", 1e4): "",
	} {
		if got := spelling.Nearest(name, known, 2); got != want {
			t.Errorf("%.20q: got %q, want %q", name, got, want)
		}
	}
	if got := spelling.Nearest("SITE_URL", []string{"site_url", "SITE_URL"}, 2); got != "SITE_URL" {
		t.Errorf("the name itself is known, and %q was found", got)
	}
}
