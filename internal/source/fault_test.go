package source_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source"
)

func TestWithoutValues(t *testing.T) {
	for words, want := range map[string]string{
		"division by zero": "division by zero",
		`invalid input syntax for type integer: "abc"`:            "invalid input syntax for type integer …",
		"Could not convert string 'it's 5' to INT32":              "Could not convert string …",
		"Overflow in multiplication of INT32 (1000000 * 300000)!": "Overflow in multiplication of …",
		"bigint out of range":                                     "bigint out of range",
		"ungültige Eingabesyntax für Typ integer: »abc«":          "ungültige Eingabesyntax für Typ integer …",
		"missing ]: [abc":                                         "missing …",
		"secret7":                                                 "",
		"value4711 is wrong":                                      "",
		"the value secret_word is wrong":                          "the value …",
		"":                                                        "",
		"It failed.":                                              "It failed",
	} {
		if got := source.WithoutValues(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}
