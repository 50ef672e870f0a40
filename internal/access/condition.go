package access

import (
	"fmt"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The bounds of a condition's text.
const (
	maxConditionBytes = 4 << 10
	maxConditionDepth = 32
	maxListOperands   = 100
)

// Condition is the parsed, typed row condition of a policy on one table. Only
// [ParseCondition] makes one; the zero Condition lets no row through.
type Condition struct{ root node }

// ParseCondition reads the condition of a policy on the table:
//
//	condition = "and", "or", "not" and parentheses over comparisons
//	comparison = OPERAND (= | != | < | <= | > | >=) OPERAND
//	           | OPERAND [not] in (OPERAND, …) | OPERAND [not] in OPERAND
//	           | COLUMN [not] in (lookup TABLE.COLUMN [where condition])
//	           | OPERAND [not] between OPERAND and OPERAND
//	           | COLUMN is [not] null | COLUMN [not] starts with OPERAND
//	operand = COLUMN | 'text' | 12.5 | true | false | date '2001-01-31'
//	        | user.id | user.email | user.attr.NAME | user.groups
//	        | tenant.slug | tenant.attr.NAME
//
// One operand of a comparison may be a column. A lookup is into any table of
// the source, whoever may see that; its own condition is about that table's
// columns. Types are settled here, against the tables' columns, so that nothing
// is coerced by an engine later. Errors:
// invalid_request, with the position (counted in characters from 1) and what
// to do.
func ParseCondition(text string, src oriel.Source, table oriel.SourceTable) (Condition, error) {
	if len(text) > maxConditionBytes {
		return Condition{}, oriel.E(oriel.CodeInvalidRequest,
			"the condition has %d bytes; %d are allowed", len(text), maxConditionBytes)
	}
	if !utf8.ValidString(text) {
		return Condition{}, oriel.E(oriel.CodeInvalidRequest, "the condition is not valid UTF-8")
	}
	tokens, err := scan(text)
	if err != nil {
		return Condition{}, err
	}
	p := parser{tokens: tokens, source: src, table: table}
	root, err := p.condition(0)
	if err != nil {
		return Condition{}, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return Condition{}, mistake(t.at, "%s is not expected here; join conditions with and or or", t)
	}
	return Condition{root: root}, nil
}

// resolve puts the principal's values in place. It is false when a value that
// the condition names is missing, empty or of the wrong type, wherever it
// stands: then the whole policy lets no row through (access §3).
func (c Condition) resolve(p oriel.Principal) (Predicate, bool) {
	if c.root == nil {
		return False{}, false
	}
	return c.root.resolve(p)
}

// mistake is an error at a position of a condition.
func mistake(at int, format string, args ...any) error {
	return oriel.E(oriel.CodeInvalidRequest, "position %d: %s", at, fmt.Sprintf(format, args...))
}
