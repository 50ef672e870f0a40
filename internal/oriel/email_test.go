package oriel_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestParseEmail(t *testing.T) {
	for text, want := range map[string]string{
		" Dana@Example.com ":     "dana@example.com",
		"ÄNN@example.com":        "Änn@example.com",
		"\u212aim@example.com":   "\u212aim@example.com", // the Kelvin sign is no k
		"":                       "",
		"dana":                   "",
		"@example.com":           "",
		"dana@":                  "",
		"dana@a@b":               "",
		"da na@example.com":      "",
		"dana@example.com\x00":   "",
		"dana\u202e@example.com": "",
		strings.Repeat("a", 250) + "@example.com": "",
	} {
		email, ok := oriel.ParseEmail(text)
		if email != want || ok != (want != "") {
			t.Errorf("ParseEmail(%q) = %q, %v; want %q", text, email, ok, want)
		}
	}
}
