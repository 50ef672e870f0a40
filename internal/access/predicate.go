package access

import "github.com/oriel-bi/oriel/internal/oriel"

// Predicate is a typed condition over the columns of one table, with every
// value in place. Engines compile it; they never see attribute names.
//
// The kinds: [True] [False] [Compare] [Membership] [Between] [IsNull]
// [StartsWith] [Lookup] [All] [Any] [Not]. An engine that meets another refuses.
type Predicate interface{ predicate() }

// True lets every row through, False none.
type (
	True  struct{}
	False struct{}
)

// Operator compares a column with a value.
type Operator string

// The operators of [Compare].
const (
	Equal          Operator = "="
	NotEqual       Operator = "!="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
)

// Compare is COLUMN op VALUE. The value has the column's type.
type Compare struct {
	Column oriel.SourceColumn
	Op     Operator
	Value  oriel.Scalar
}

// Membership is COLUMN [not] in VALUES; Values is never empty.
type Membership struct {
	Column oriel.SourceColumn
	Values []oriel.Scalar
	Negate bool
}

// Between is COLUMN between LOW and HIGH, both inclusive.
type Between struct {
	Column    oriel.SourceColumn
	Low, High oriel.Scalar
}

// IsNull is COLUMN is [not] null.
type IsNull struct {
	Column oriel.SourceColumn
	Negate bool
}

// StartsWith is true where a text column begins with the prefix, byte for byte.
type StartsWith struct {
	Column oriel.SourceColumn
	Prefix oriel.Scalar
}

// Lookup is COLUMN [not] in the values of Key in the rows of a table of the same
// source for which Where is true; the policies of that table have no part in
// it. As in SQL it is unknown where Column is NULL and there is any value, and
// where none is equal and one is NULL.
type Lookup struct {
	Column oriel.SourceColumn
	Table  string
	Key    oriel.SourceColumn
	Where  Predicate // over the columns of Table; never nil
	Negate bool
}

// All is true when each part is, Any when one is, Not when the part is false.
// NULL is unknown as in SQL, also under Not.
type (
	All struct{ Parts []Predicate }
	Any struct{ Parts []Predicate }
	Not struct{ Part Predicate }
)

func (True) predicate()       {}
func (False) predicate()      {}
func (Compare) predicate()    {}
func (Membership) predicate() {}
func (Between) predicate()    {}
func (IsNull) predicate()     {}
func (StartsWith) predicate() {}
func (Lookup) predicate()     {}
func (All) predicate()        {}
func (Any) predicate()        {}
func (Not) predicate()        {}
