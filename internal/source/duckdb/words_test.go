package duckdb_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

// What is logged of a failure is its text.
func TestRun_noValueIsInTheWordsOfAFailure(t *testing.T) {
	folder := writeFiles(t, map[string]string{"t.csv": "origin,word,n\nDFW,se'cret,4711\nDFW,(se'cret,4711\n"})
	b := open(t, "s", folder, []string{"t.csv"}, duckdb.Options{})
	policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Rows: "origin = user.attr.airport"}}
	for _, text := range []string{
		"select cast(word as integer) as x from t",
		"select cast(n as utinyint) as x from t",
		"select cast(word as date) as x from t",
		"select strptime(word, '%Y') as x from t",
		"select regexp_matches('a', word) as x from t",
		"select date_part(word, date '2001-01-01') as x from t",
		"select n * 9223372036854775807 as x from t",
		"select chr(cast(n * 1000000 as integer)) as x from t",
	} {
		_, err := b.ask(t, decide(t, someone("DFW"), b.source, policies), text)
		if oriel.CodeOf(err) != oriel.CodeQueryFailed {
			t.Errorf("%s: %v, want query_failed", text, err)
		} else if strings.Contains(err.Error(), "cret") || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: %v", text, err)
		} else {
			t.Log(err)
		}
	}
}
