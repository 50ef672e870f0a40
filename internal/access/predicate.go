package access

import "github.com/oriel-bi/oriel/internal/oriel"

// Predicate is a typed condition over the columns of one table, with every
// value in place. Engines compile it; they never see attribute names.
//
// The kinds: [True] [False] [Compare] [Membership] [Between] [IsNull]
// [StartsWith] [All] [Any] [Not]. An engine that meets another refuses.
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
func (All) predicate()        {}
func (Any) predicate()        {}
func (Not) predicate()        {}

// Decision is what one principal sees of one table.
type Decision struct {
	Table oriel.TableRef
	// Columns are those that exist for the principal, in the table's order.
	Columns []oriel.SourceColumn
	// Rows is never nil.
	Rows Predicate
}

// Decisions are what one principal sees of a source. A table that is not in
// Tables does not exist for the principal.
type Decisions struct {
	Source oriel.Source
	Tables map[string]Decision // by table name
	// Fingerprint tells apart what may differ between principals: equal
	// fingerprints see equal rows and columns. SHA-256 over a length-prefixed,
	// type-tagged encoding (access §3).
	Fingerprint [32]byte
}
