package query_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Who wrote a question reads why it was refused, and what an engine says of SQL
// alone.
func TestUnsaved_tellsTheWordsToWhoWroteIt(t *testing.T) {
	large := []table{{"things", "id bigint, owner text, x double precision, secret text", "9223372036854775807,a,1,s\n9223372036854775806,a,1,s\n"}}
	onBoth(t, append(large, explored[1:]...), func(t *testing.T, s *sample) {
		explore(t, s)
		for question, want := range map[string]string{
			`{"structured":{"model":"things","columns":["nosuch"]}}`: `the table "things" has no column "nosuch"`,
			`{"source":"s","sql":"select id from things where {{x}}","parameters":{"x":{"type":"column","table":"things","column":"x","default":"cheap"}}}`: `the default of the parameter "x" can't be taken: This is a `,
			`{"source":"s","sql":"select id\nfrom nosuch"}`:                                `line 2, column 6: `,
			`{"source":"s","sql":"select id, \n cast(owner as integer) as n from things"}`: ``,
		} {
			_, err := asking(t, s, writer("a"), question, `{}`)
			words := told1(t, question, err)
			if words == "" || !strings.Contains(words, want) || strings.Contains(words, `"a"`) {
				t.Errorf("%s: %q, want %q", question, words, want)
			}
		}
		// The sum is beyond an integer, so that it fails when it runs; the SQL is not
		// theirs.
		const sum = `{"structured":{"model":"things","aggregations":[{"function":"sum","column":"id","as":"sum"}]}}`
		_, err := asking(t, s, explorer("a"), sum, `{}`)
		if words := told1(t, sum, err); oriel.CodeOf(err) != oriel.CodeQueryFailed || words != "" {
			t.Errorf("the engine's words about a tree: %q, %v", words, err)
		}
	})
}
