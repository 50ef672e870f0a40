package source

import (
	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Dialect writes the parts of SQL in which engines differ. Everything that it
// is given was checked; it quotes names and never sees values.
type Dialect interface {
	// Identifier quotes a name.
	Identifier(name string) string
	// Table is a base table, as it is reached past everything that could
	// shadow it.
	Table(name string) string
	// Base is a base table's column, by its quoted name, as a value of its
	// [oriel.ColumnType]; texts so that they are compared byte for byte.
	Base(name string, column oriel.SourceColumn) string
	// Indexed is the same column as an index of the engine knows it, when being
	// equal to a value by Base is being equal to it by Indexed as well; empty
	// when Base is what an index knows.
	Indexed(name string, column oriel.SourceColumn) string
	// Placeholder is the n-th bound value (from 1), of the type.
	Placeholder(n int, t oriel.ColumnType) string
	// Unit is a date or timestamp cut to a span: a timestamp for one within a
	// day, a date else; or a part of it as an integer.
	Unit(expression string, unit oriel.Unit) string
	// Bin is the lower edge of the bin of an integer or a decimal, exactly.
	Bin(expression string, t oriel.ColumnType, width Width) string
	// Element is the n-th of a list of whole numbers, from 1, where n is an
	// integer expression.
	Element(list []int, n string) string
	// Day is the date of a timestamp.
	Day(expression string) string
	// StartsWith compares byte for byte.
	StartsWith(expression, prefix string) string
	// Sum adds integers or numbers, over a window or, without one, a group; of
	// integers it is an integer.
	Sum(expression string, t oriel.ColumnType, over string) string
	// Average is the mean of integers, decimals or numbers, as a number.
	Average(expression string, t oriel.ColumnType) string
	// Extreme is the least or the greatest value (function min or max); of
	// booleans false is less than true.
	Extreme(function, expression string, t oriel.ColumnType) string
	// Sorted is a group's numbers as a list from the least to the greatest, without
	// those that are null.
	Sorted(expression string) string
	// Float makes a number of an integer.
	Float(expression string) string
	// Hash is HMAC-SHA-256 of a text or the digits of an integer, as a text in
	// hex; inner and outer are the key's two blocks (RFC 2104 §2), texts in hex.
	Hash(expression, inner, outer string) string
	// Last4 is the last four characters of a text or of an integer's digits,
	// NULL when it has no more than those.
	Last4(expression string) string
}

// Statement is the text of one SELECT and the values bound to it: Arguments[0]
// is placeholder 1.
type Statement struct {
	Text      string
	Arguments []oriel.Scalar
}

// Compile makes one SELECT of a question's tree. The policies are conditions
// in the innermost sub-select, so that everything else sees permitted rows and
// columns only. Errors: query_refused with the reason for the analyst; a table
// or column that the decisions don't show is spoken of as one that isn't there.
func Compile(d Dialect, q StructuredQuery, decisions access.Decisions) (Statement, error) {
	decision, found := decisions.Seen(q.Tree.Model, q.Table)
	if !found {
		return Statement{}, refuseTable(q.Table)
	}
	c := &compiler{dialect: d, query: q, decision: decision, maskKey: decisions.Source.MaskKey}
	if err := c.follow(decisions); err != nil {
		return Statement{}, err
	}
	c.readMoments()
	text, err := c.statement()
	if err != nil {
		return Statement{}, err
	}
	return Statement{Text: text, Arguments: c.arguments}, nil
}

// Narrowing is the SELECT of what the decisions show of a table that they name:
// the columns that exist for the principal, of the rows that the policies
// permit. Its placeholders come after those that are taken. Errors:
// query_refused for a decision that can't be compiled.
func Narrowing(d Dialect, decisions access.Decisions, table string, taken int) (Statement, error) {
	c := &compiler{dialect: d, decision: decisions.Tables[table], maskKey: decisions.Source.MaskKey, taken: taken}
	text, err := c.visible(c.decision)
	if err != nil {
		return Statement{}, err
	}
	return Statement{Text: text, Arguments: c.arguments}, nil
}

// refuseTable speaks of a table that is not there for the principal.
func refuseTable(name string) error {
	return refuse("there is no table %q: check its name, and that a policy opens it", name)
}

func refuse(format string, args ...any) error {
	return oriel.E(oriel.CodeQueryRefused, format, args...)
}
