package postgres

import (
	"context"
	"errors"
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
func (e *Engine) Run(ctx context.Context, n source.Narrowed) (result oriel.Result, err error) {
	start := e.options.Clock()
	usual := func(l oriel.SourceLimits) time.Duration { return l.QueryTime(e.options.Timeout) }
	err = e.within(ctx, n, usual, func(reader *pgconn.ResultReader, l oriel.SourceLimits) (err error) {
		result, err = readRows(reader, n.Limit(), l.ResultBytes(e.options.ResultBytes))
		return err
	})
	if err != nil {
		return oriel.Result{}, err
	}
	result.Duration = int(e.options.Clock().Sub(start).Milliseconds())
	return result, nil
}

// Stream executes a narrowed query and gives its rows in parts: see
// [source.Engine]. It holds one part; the network holds what the engine has
// ready. Errors as [Engine.Run], without too_large.
func (e *Engine) Stream(ctx context.Context, n source.Narrowed, take func(part oriel.Result) error) error {
	var taken error
	usual := func(oriel.SourceLimits) time.Duration { return e.options.StreamTimeout }
	err := e.within(ctx, n, usual, func(reader *pgconn.ResultReader, _ oriel.SourceLimits) error {
		return readParts(reader, n.Limit(), func(part oriel.Result) error {
			taken = take(part)
			return taken
		})
	})
	if taken != nil {
		return taken
	}
	return err
}

// within gives a query's rows to read, and no longer than the time that its
// source's limits allow.
func (e *Engine) within(ctx context.Context, n source.Narrowed, allowed func(oriel.SourceLimits) time.Duration, read func(*pgconn.ResultReader, oriel.SourceLimits) error) error {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return refuse("the query was not narrowed by this engine")
	}
	limits := query.source.Limits
	most := allowed(limits)
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err := e.transact(limited, query, most, func(reader *pgconn.ResultReader) error { return read(reader, limits) })
	var engine *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(limited.Err(), context.DeadlineExceeded), errors.As(err, &engine) && engine.Code == cancelled:
		return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.",
			Err: source.TooLong(most)}
	}
	return e.texts.failed(query, err)
}

// cancelled is the engine's code of a query that its own clock ended.
const cancelled = "57014"

func (e *Engine) transact(ctx context.Context, query *narrowed, most time.Duration, read func(*pgconn.ResultReader) error) error {
	values, oids, err := bindAll(query.arguments)
	if err != nil {
		return err
	}
	pooled, err := e.acquire(ctx, query.source)
	if err != nil {
		return err
	}
	defer pooled.Release()
	conn := pooled.Conn().PgConn()
	if err := execute(ctx, conn, begin(query.source.Role, most)); err != nil {
		endOf(ctx, conn)
		return roleFault(query.source, err)
	}
	if query.native != nil {
		if err := tell(ctx, conn, *query.native); err != nil {
			endOf(ctx, conn)
			return err
		}
	}
	// What is not read to its end is cancelled in the engine, not waited for.
	running, stop := context.WithCancel(ctx)
	defer stop()
	reader := conn.ExecParams(running, query.text, values, oids, nil, nil)
	err = read(reader)
	if err != nil {
		stop()
	}
	if _, closed := reader.Close(); err == nil {
		err = closed
	}
	endOf(ctx, conn)
	return err
}

// bindAll makes what stands beside a text. Error: query_failed.
func bindAll(arguments []oriel.Scalar) (values [][]byte, oids []uint32, err error) {
	values, oids = make([][]byte, len(arguments)), make([]uint32, len(arguments))
	for i, a := range arguments {
		if values[i], oids[i], err = bindValue(a); err != nil {
			return nil, nil, &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: err}
		}
	}
	return values, oids, nil
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
