package duckdb

import "strings"

// maxWildcards bounds the % of one LIKE pattern. The engine tries every way to
// share a text among them, inside one call that no deadline interrupts: ten in
// a pattern of 20 characters keep it busy for seconds on 200 short texts.
const maxWildcards = 4

// patternFunctions are LIKE and its kin; the second operand is the pattern.
var patternFunctions = set(`~~ !~~ ~~* !~~* like_escape ilike_escape not_like_escape not_ilike_escape`)

// pattern refuses a LIKE whose pattern is not in the text: a parameter's value
// is chosen by whoever runs the question, a column's by whoever fills it.
func (w *walker) pattern(o object) error {
	operands, _ := o.members["children"].([]any)
	if len(operands) < 2 {
		return refuseAt(w.text, o.at, "LIKE without a pattern is not allowed")
	}
	text, isText := constantText(operands[1])
	if !isText {
		return refuseAt(w.text, o.at, "the pattern of LIKE must be a text in quotes; to look for a value write contains(COLUMN, {{name}}), starts_with or ends_with")
	}
	if strings.Count(text, "%") > maxWildcards {
		return refuseAt(w.text, o.at, "the pattern of LIKE has more than %d %%", maxWildcards)
	}
	return nil
}
