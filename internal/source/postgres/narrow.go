package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// narrowed is what a [source.Narrowed] of this engine holds.
type narrowed struct {
	text      string
	arguments []oriel.Scalar
	source    oriel.Source
	native    *access.NativeUser // told to the server's own row security
	statement statement          // of an SQL question, to tell where in its text a fault is
}

// maxPolicyValues bounds the values that the policies of one query bind.
const maxPolicyValues = 1000

// Narrow checks a query against what the decisions grant. Of a SQL question
// only the text runs that was printed of its tree, in which each table is a
// sub-select of the permitted rows; a structured one is compiled with the
// policies inside. Errors: query_refused with what and, where known, line and
// column.
func (e *Engine) Narrow(ctx context.Context, query source.Query, decisions access.Decisions) (source.Narrowed, error) {
	if err := ctx.Err(); err != nil {
		return source.Narrowed{}, err
	}
	switch {
	case decisions.Source.Kind != oriel.SourcePostgres:
		return source.Narrowed{}, refuse("the data source %s is not of the kind postgres", decisions.Source.Key)
	case decisions.Source.NativeSecurity != (decisions.Native != nil):
		return source.Narrowed{}, &oriel.Error{Code: oriel.CodeInternal, Err: errors.New("narrow a query: nobody says whom the server's row security is told of")}
	case query.SQL != nil && query.Structured == nil:
		return e.narrowSQL(*query.SQL, decisions)
	case query.Structured != nil && query.SQL == nil:
		return narrowStructured(*query.Structured, decisions)
	}
	return source.Narrowed{}, refuse("a query is either structured or SQL")
}

// Tables tells which tables a query reads. Errors: query_refused.
func (e *Engine) Tables(_ context.Context, query source.Query, src oriel.Source) ([]string, error) {
	switch {
	case query.SQL != nil && query.Structured == nil:
		statement, err := e.texts.parse(trimmed(query.SQL.Text))
		if err != nil {
			return nil, err
		}
		var names []string
		for _, t := range src.Tables {
			if slices.ContainsFunc(statement.tables, func(used tableUse) bool { return used.name == t.Name }) {
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
	statement, err := source.Compile(Dialect{Schema: decisions.Source.Schema}, query, decisions)
	if err != nil {
		return source.Narrowed{}, err
	}
	return source.NewNarrowed(&narrowed{
		text:      statement.Text,
		arguments: statement.Arguments,
		source:    decisions.Source,
		native:    decisions.Native,
	}, query.Limit), nil
}

func (e *Engine) narrowSQL(query source.SQLQuery, decisions access.Decisions) (source.Narrowed, error) {
	if query.Limit < 1 {
		return source.Narrowed{}, refuse("the limit of rows is %d; at least 1 is needed", query.Limit)
	}
	text := trimmed(query.Text)
	statement, err := e.texts.parse(text)
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
	selects, arguments, err := visibleRows(statement, query.Arguments, decisions)
	if err != nil {
		return source.Narrowed{}, err
	}
	final, err := e.texts.narrow(statement, selects, query.Limit+1)
	if err != nil {
		return source.Narrowed{}, err
	}
	return source.NewNarrowed(&narrowed{
		text:      final,
		statement: statement,
		arguments: arguments,
		source:    decisions.Source,
		native:    decisions.Native,
	}, query.Limit), nil
}

// fence keeps the engine from moving a question's own conditions below a
// policy's, where a cast that fails would tell of hidden rows.
const fence = " OFFSET 0"

// visibleRows writes what stands in the place of each table, by its name. The
// policies' values are bound after the analyst's.
func visibleRows(statement statement, arguments []oriel.Scalar, decisions access.Decisions) (map[string]string, []oriel.Scalar, error) {
	selects := map[string]string{}
	arguments = slices.Clone(arguments)
	for _, table := range statement.tables {
		if _, done := selects[table.name]; done {
			continue
		}
		visible, err := source.Narrowing(Dialect{Schema: decisions.Source.Schema}, decisions, table.name, len(arguments))
		if err != nil {
			return nil, nil, err
		}
		selects[table.name] = visible.Text + fence
		arguments = append(arguments, visible.Arguments...)
	}
	if len(arguments)-statement.parameters > maxPolicyValues {
		return nil, nil, &oriel.Error{Code: oriel.CodeInternal, Err: errors.New("narrow a query: the policies bind too many values")}
	}
	return selects, arguments, nil
}

// checkTables refuses a table that is not granted, in the same words as one
// that does not exist, and a WITH that would bear a table's name.
func checkTables(text string, statement statement, decisions access.Decisions) error {
	for _, name := range statement.ctes {
		exists := slices.ContainsFunc(decisions.Source.Tables, func(t oriel.SourceTable) bool { return strings.EqualFold(t.Name, name) })
		if exists || reservedName(name) {
			return refuse("WITH may not name a query %q; choose a name that no table bears", name)
		}
	}
	for _, table := range statement.tables {
		name := table.name
		if table.schema != "" {
			name = table.schema + "." + table.name
		}
		_, granted := decisions.Tables[table.name]
		if !granted || table.schema != "" && table.schema != decisions.Source.Schema {
			return refuseAt(text, table.at, "there is no table %q", name)
		}
	}
	return nil
}

// Check tells whether a query could be narrowed and planned for principals
// under a policy: every table of the source is visible, with no row.
func (e *Engine) Check(ctx context.Context, query source.Query, src oriel.Source) error {
	tables := map[string]access.Decision{}
	for _, table := range src.Tables {
		tables[table.Name] = access.Decision{
			Table:   oriel.TableRef{Source: src.Key, Table: table.Name},
			Columns: access.Visible(table.Columns),
			Rows:    access.False{},
		}
	}
	narrowed, err := e.Narrow(ctx, query, access.NewDecisions(src, tables, nil).For(access.NativeOf(src, oriel.Operator())))
	if err != nil {
		return err
	}
	_, err = e.Run(ctx, narrowed)
	var engine *pgconn.PgError
	fault := &source.Fault{}
	if oriel.CodeOf(err) != oriel.CodeQueryFailed || !errors.As(err, &engine) || !errors.As(err, &fault) {
		return err
	}
	// No row was visible, so the engine's words are about the text alone.
	fault = &source.Fault{Words: sentence(engine), At: fault.At, Err: err}
	return &oriel.Error{Code: oriel.CodeQueryRefused, Message: fault.Words, Err: fault}
}
