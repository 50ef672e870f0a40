package duckdb

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// narrowed is what a [source.Narrowed] of this engine holds.
type narrowed struct {
	text      string
	arguments []oriel.Scalar
	decisions access.Decisions
	filtered  bool // runs where the granted tables are filtered views
}

// Narrow checks a query against what the decisions grant. A SQL question keeps
// its text, which will run where each of its tables is a filtered view; a
// structured one is compiled with the policies inside. Errors: query_refused
// with what and, where known, line and column.
func (e *Engine) Narrow(ctx context.Context, query source.Query, decisions access.Decisions) (source.Narrowed, error) {
	// Connections with views are shared by fingerprint, so it must be theirs.
	if !decisions.Whole() {
		return source.Narrowed{}, &oriel.Error{Code: oriel.CodeInternal,
			Err: errors.New("narrow a query: the decisions' fingerprint is not of these decisions")}
	}
	switch {
	case decisions.Source.Kind != oriel.SourceDuckDB:
		return source.Narrowed{}, refuse("the data source %s is not of the kind duckdb", decisions.Source.Key)
	case query.SQL != nil && query.Structured == nil:
		return e.narrowSQL(ctx, *query.SQL, decisions)
	case query.Structured != nil && query.SQL == nil:
		return narrowStructured(*query.Structured, decisions)
	}
	return source.Narrowed{}, refuse("a query is either structured or SQL")
}

// Tables tells which tables a query reads. Errors: query_refused.
func (e *Engine) Tables(ctx context.Context, query source.Query, src oriel.Source) ([]string, error) {
	switch {
	case query.SQL != nil && query.Structured == nil:
		statement, err := e.parser.parse(ctx, trimmed(query.SQL.Text))
		if err != nil {
			return nil, err
		}
		var names []string
		for _, t := range src.Tables {
			if slices.ContainsFunc(statement.tables, func(used tableUse) bool { return sameName(used.name, t.Name) }) {
				names = append(names, t.Name)
			}
		}
		return names, nil
	case query.Structured != nil && query.SQL == nil:
		return query.Structured.Tables(), nil
	}
	return nil, refuse("a query is either structured or SQL")
}

// trimmed is a question's text without what may follow its one statement.
func trimmed(text string) string { return strings.TrimRight(text, "; \t\r\n") }

func narrowStructured(query source.StructuredQuery, decisions access.Decisions) (source.Narrowed, error) {
	if query.Limit < 1 {
		return source.Narrowed{}, refuse("the limit of rows is %d; at least 1 is needed", query.Limit)
	}
	statement, err := source.Compile(Dialect{}, query, decisions)
	if err != nil {
		return source.Narrowed{}, err
	}
	return source.NewNarrowed(&narrowed{
		text:      statement.Text,
		arguments: statement.Arguments,
		decisions: decisions,
	}, query.Limit), nil
}

func (e *Engine) narrowSQL(ctx context.Context, query source.SQLQuery, decisions access.Decisions) (source.Narrowed, error) {
	if query.Limit < 1 {
		return source.Narrowed{}, refuse("the limit of rows is %d; at least 1 is needed", query.Limit)
	}
	text := trimmed(query.Text)
	statement, err := e.parser.parse(ctx, text)
	if err != nil {
		return source.Narrowed{}, err
	}
	if statement.parameters != len(query.Arguments) {
		return source.Narrowed{}, refuse("the query has %d places for the %d values of its parameters; a parameter may not stand in a text, a name or a comment",
			statement.parameters, len(query.Arguments))
	}
	if err := checkTables(text, statement, decisions); err != nil {
		return source.Narrowed{}, err
	}
	// The line feed ends a comment at the end of the text; one row more than
	// the limit tells that the result was cut.
	bounded := boundedBefore + text + "\n) as oriel_question limit " + strconv.Itoa(query.Limit+1)
	return source.NewNarrowed(&narrowed{
		text:      bounded,
		arguments: query.Arguments,
		decisions: decisions,
		filtered:  true,
	}, query.Limit), nil
}

// boundedBefore stands before a question's text in what runs.
const boundedBefore = "select * from ("

// checkTables refuses a table that is not granted, in the same words as one
// that does not exist, and a WITH that would bear a table's name.
func checkTables(text string, statement statement, decisions access.Decisions) error {
	granted := map[string]bool{}
	for name := range decisions.Tables {
		granted[foldName(name)] = true
	}
	for _, cte := range statement.ctes {
		name := foldName(cte.name)
		exists := slices.ContainsFunc(decisions.Source.Tables, func(t oriel.SourceTable) bool { return sameName(t.Name, cte.name) })
		if granted[name] || exists || reservedName(name) {
			return refuse("WITH may not name a query %q; choose a name that no table bears", cte.name)
		}
	}
	for _, table := range statement.tables {
		if !granted[foldName(table.name)] {
			return refuseAt(text, table.at, "there is no table %q", table.name)
		}
	}
	return nil
}

// reservedName tells the names that the engine or we give to tables.
func reservedName(name string) bool {
	for _, prefix := range []string{"oriel_", "duckdb_", "pragma_", "pg_", "sqlite_", "information_schema"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
