package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Run executes a narrowed query in a read-only transaction of its own. When ctx
// ends, the query is cancelled in the engine at once. Errors: query_failed,
// with the engine's code only in Err; query_refused for a column that has no
// type here; too_large for a result that is; source_unavailable when the
// server can't be used; ctx's own error when the caller went away.
func (e *Engine) Run(ctx context.Context, n source.Narrowed) (oriel.Result, error) {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return oriel.Result{}, refuse("the query was not narrowed by this engine")
	}
	limited, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	result, err := e.run(limited, query, n.Limit())
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return oriel.Result{}, ctx.Err()
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return oriel.Result{}, tooSlow(e.options.Timeout)
	}
	return oriel.Result{}, failed(query.source, err)
}

func tooSlow(limit time.Duration) error {
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.",
		Err: fmt.Errorf("the query took longer than %s", limit)}
}

func (e *Engine) run(ctx context.Context, query *narrowed, limit int) (result oriel.Result, err error) {
	values := make([][]byte, len(query.arguments))
	oids := make([]uint32, len(query.arguments))
	for i, a := range query.arguments {
		if values[i], oids[i], err = bindValue(a); err != nil {
			return oriel.Result{}, &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: err}
		}
	}
	pooled, err := e.acquire(ctx, query.source)
	if err != nil {
		return oriel.Result{}, err
	}
	defer pooled.Release()
	conn := pooled.Conn().PgConn()
	if err := execute(ctx, conn, begin(query.source.Role, e.options.Timeout)); err != nil {
		endOf(ctx, conn)
		return oriel.Result{}, roleFault(query.source, err)
	}
	start := e.options.Clock()
	reader := conn.ExecParams(ctx, query.text, values, oids, nil, nil)
	result, err = readRows(reader, limit, e.options.ResultBytes)
	if _, closed := reader.Close(); err == nil {
		err = closed
	}
	endOf(ctx, conn)
	result.Duration = int(e.options.Clock().Sub(start).Milliseconds())
	return result, err
}

// roleFault tells that the settings of a transaction are not taken, as when the
// login may not act as the role.
func roleFault(src oriel.Source, err error) error {
	var engine *pgconn.PgError
	if errors.As(err, &engine) {
		return unavailable(src, withoutValues{engine})
	}
	return err
}

// execute runs statements of ours.
func execute(ctx context.Context, conn *pgconn.PgConn, statements string) error {
	_, err := conn.Exec(ctx, statements).ReadAll()
	return err
}

// endOf ends the transaction. A connection on which that fails is not kept.
func endOf(ctx context.Context, conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelPatience)
	defer cancel()
	if conn.IsClosed() {
		return
	}
	if err := execute(ctx, conn, "ROLLBACK"); err != nil {
		_ = conn.Close(ctx) // it is broken; another is cheap
	}
}
