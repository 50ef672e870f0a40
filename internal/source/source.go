package source

import (
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Query is what is asked, before anybody's policies: exactly one of Structured
// and SQL is set.
type Query struct {
	Structured *StructuredQuery
	SQL        *SQLQuery
}

// StructuredQuery is a question's tree with the run's parameter values.
type StructuredQuery struct {
	Tree  oriel.Structured // policies of its model hold too
	Table string           // the model's table in the source
	// Joined are where the tree's joins lead, one for each, in their order.
	Joined []JoinedTable
	// Parameters are the values that the run brought, by name; a name that is
	// not there was not brought, and filters on it are left out.
	Parameters map[string]ParameterValue
	// Moments names the columns that the tree reads and that hold moments, by the
	// engine's type or in UTC; Zone is where their wall time is shown, UTC without.
	Moments []string
	Zone    *Zone
	// Limit is the most rows to return; Run reads one more to know if it cut.
	Limit int
}

// JoinedTable is where a foreign key leads; the zero one is of a column without.
type JoinedTable struct {
	Model string // its policies hold too; "" for the table as it is
	Table string // of the same source
	Key   string // the column whose values the foreign key holds
}

// Tables names the tables that the question reads, each once.
func (q StructuredQuery) Tables() []string {
	names := []string{q.Table}
	for _, j := range q.Joined {
		if j.Table != "" && !slices.Contains(names, j.Table) {
			names = append(names, j.Table)
		}
	}
	return names
}

// ParameterValue is one value, a range, or a list: exactly one kind is set.
type ParameterValue struct {
	Scalar *oriel.Scalar
	From   *oriel.Scalar // date range, inclusive; either end may be open
	To     *oriel.Scalar
	List   []oriel.Scalar // never empty when used
}

// SQLQuery is an analyst's text in which each {{parameter}} already stands as
// $1, $2, …: Arguments[0] is bound to $1.
type SQLQuery struct {
	Text      string
	Arguments []oriel.Scalar
	Limit     int
}

// Engine is one kind of customer database.
type Engine interface {
	// Tables tells which of the source's tables a query reads, by their exact
	// names, so that only what is seen of those is decided. A table that it does
	// not tell of does not exist for the query. Errors as Narrow.
	Tables(ctx context.Context, query Query, src oriel.Source) ([]string, error)
	// Narrow turns a query into one that can only see what the decisions
	// permit. Errors: query_refused with the reason for the analyst (what and,
	// where known, line and column).
	Narrow(ctx context.Context, query Query, decisions access.Decisions) (Narrowed, error)
	// Run executes a narrowed query. Errors: query_failed, query_refused,
	// source_unavailable; ctx's own error when the caller went away.
	Run(ctx context.Context, narrowed Narrowed) (oriel.Result, error)
	// Stream executes a narrowed query and gives take its rows in parts, in their
	// order, as they come: at least one part, so that the columns are told, and
	// the last with Truncated. It holds a few parts at a time; a take that is slow
	// slows the engine. An integer that JavaScript can't hold is a text, while its
	// column stays an integer, since nobody has seen the rest. take runs in the
	// caller's goroutine, and its error ends the query and is returned as it is.
	// Errors else as Run, also after the first part.
	Stream(ctx context.Context, narrowed Narrowed, take func(part oriel.Result) error) error
	// Statements are what Run would execute, in their order, with what is bound
	// to each apart; nothing runs. It is for an explanation. Error: query_refused
	// for what another engine narrowed.
	Statements(narrowed Narrowed) ([]Statement, error)
	// Check tells whether a query could be narrowed for principals under a
	// policy, when it is saved. Errors as Narrow.
	Check(ctx context.Context, query Query, src oriel.Source) error
	Close() error
}

// Warmer is an engine that spends seconds on the first SQL text that it reads,
// and can do so before anybody waits.
type Warmer interface {
	// Warm begins that and does not wait; again it does nothing.
	Warm()
}

// Narrowed is a query that can only see what somebody may see. Its fields are
// unexported: only [NewNarrowed] makes one, and only an engine's narrow.go may
// call that.
type Narrowed struct {
	engine any
	limit  int
}

// NewNarrowed is for source/*/narrow.go alone.
func NewNarrowed(engine any, limit int) Narrowed { return Narrowed{engine: engine, limit: limit} }

// Engine is what the engine put in; it knows the type.
func (n Narrowed) Engine() any { return n.engine }

// Limit is the most rows that Run may return.
func (n Narrowed) Limit() int { return n.limit }
