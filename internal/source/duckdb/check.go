package duckdb

import (
	"context"
	"errors"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Check tells whether a query could be narrowed and planned for principals
// under a policy: every table of the source is visible, with no row. So the
// engine's words are about the text alone, and are told in full.
func (e *Engine) Check(ctx context.Context, query source.Query, src oriel.Source) error {
	tables := map[string]access.Decision{}
	for _, table := range src.Tables {
		tables[table.Name] = access.Decision{
			Table:   oriel.TableRef{Source: src.Key, Table: table.Name},
			Columns: access.Visible(table.Columns),
			Rows:    access.False{},
		}
	}
	narrowed, err := e.Narrow(ctx, query, access.NewDecisions(src, tables, nil))
	if err != nil {
		return err
	}
	_, err = e.Run(ctx, narrowed)
	var engine *driver.Error
	var fault *source.Fault
	if oriel.CodeOf(err) != oriel.CodeQueryFailed || !errors.As(err, &engine) || !errors.As(err, &fault) {
		return err
	}
	words := sentence(engine.Msg)
	return &oriel.Error{Code: oriel.CodeQueryRefused, Message: words, Err: &source.Fault{Words: words, At: fault.At, Err: err}}
}
