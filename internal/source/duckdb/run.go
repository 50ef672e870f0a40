package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// outcome is how a query ended.
type outcome struct {
	result oriel.Result
	err    error
}

// Run executes a narrowed query and answers at once when ctx ends: the engine
// is interrupted, though it may return later. Errors: query_failed, with the
// engine's words only in Err; query_refused for a column that has no type
// here; too_large for a result that is; source_unavailable when the file is
// lost or damaged; ctx's own error when the caller went away.
func (e *Engine) Run(ctx context.Context, n source.Narrowed) (oriel.Result, error) {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return oriel.Result{}, refuse("the query was not narrowed by this engine")
	}
	leave, err := e.enter(ctx, query.decisions.Source, e.slots)
	if err != nil {
		return oriel.Result{}, err
	}
	most := query.decisions.Source.Limits.QueryTime(e.options.Timeout)
	limited, cancel := context.WithTimeout(ctx, most)
	ended := make(chan outcome, 1)
	go func() {
		defer leave()
		defer cancel()
		result, err := e.run(limited, query, n.Limit())
		ended <- outcome{result, err}
	}()
	select {
	case o := <-ended:
		return o.result, overdue(ctx, limited, o.err, most)
	case <-limited.Done():
	}
	select {
	case o := <-ended: // it ended by itself, which ends limited as well
		return o.result, overdue(ctx, limited, o.err, most)
	default:
		return oriel.Result{}, overdue(ctx, limited, limited.Err(), most)
	}
}

// Stream executes a narrowed query and gives its rows in parts: see
// [source.Engine]. It holds what the engine has ready, one part that was
// written and one that is taken. Errors as [Engine.Run], without too_large.
func (e *Engine) Stream(ctx context.Context, n source.Narrowed, take func(part oriel.Result) error) error {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return refuse("the query was not narrowed by this engine")
	}
	leave, err := e.enter(ctx, query.decisions.Source, e.streams)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, e.options.StreamTimeout)
	defer cancel()
	parts, ended := make(chan oriel.Result), make(chan error, 1)
	go func() {
		defer leave()
		ended <- e.parts(limited, query, n.Limit(), parts)
	}()
	for {
		select {
		case part := <-parts:
			if err := take(part); err != nil {
				return err
			}
		case err := <-ended:
			return overdue(ctx, limited, err, e.options.StreamTimeout)
		case <-limited.Done():
			return overdue(ctx, limited, limited.Err(), e.options.StreamTimeout)
		}
	}
}

// overdue is the error of a query that somebody or the clock may have ended.
func overdue(ctx, limited context.Context, err error, most time.Duration) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.",
			Err: source.TooLong(most)}
	}
	return err
}

// run makes one result of all rows.
func (e *Engine) run(ctx context.Context, query *narrowed, limit int) (oriel.Result, error) {
	start, size := e.options.Clock(), 0
	most := query.decisions.Source.Limits.ResultBytes(e.options.ResultBytes)
	columns, result, err := e.read(ctx, query, limit, false, func(columns []*column, chunk bindings.DataChunk, rows int) error {
		for _, c := range columns {
			if size += c.take(chunk, rows); size > most {
				return oriel.E(oriel.CodeTooLarge, "The result is larger than %d bytes; ask for fewer rows or columns.", most)
			}
		}
		return nil
	})
	if err != nil {
		return oriel.Result{}, err
	}
	for _, c := range columns {
		result.Values = append(result.Values, c.finish())
	}
	result.Columns = describedAs(columns)
	result.Duration = int(e.options.Clock().Sub(start).Milliseconds())
	return result, nil
}

// parts gives each chunk as a part, and an empty one that ends them.
func (e *Engine) parts(ctx context.Context, query *narrowed, limit int, to chan<- oriel.Result) error {
	send := func(part oriel.Result) error {
		select {
		case to <- part:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	columns, end, err := e.read(ctx, query, limit, true, func(columns []*column, chunk bindings.DataChunk, rows int) error {
		part := oriel.Result{Columns: describedAs(columns), RowCount: rows, Values: make([][]oriel.RawValue, len(columns))}
		for i, c := range columns {
			c.take(chunk, rows)
			part.Values[i] = c.values()
		}
		return send(part)
	})
	if err != nil {
		return err
	}
	return send(oriel.Result{Columns: describedAs(columns), Values: make([][]oriel.RawValue, len(columns)), Truncated: end.Truncated})
}

var errPanicked = errors.New("reading a result panicked")

// eachChunk reads some rows of a chunk.
type eachChunk func(columns []*column, chunk bindings.DataChunk, rows int) error

// read runs a query where the decisions hold and gives its chunks, at most
// limit rows. The result tells how many there were and whether there are more.
func (e *Engine) read(ctx context.Context, query *narrowed, limit int, apart bool, each eachChunk) (columns []*column, result oriel.Result, err error) {
	defer func() {
		// In a goroutine of its own a panic would end the server, not the query.
		if thrown := recover(); thrown != nil {
			err = &oriel.Error{Code: oriel.CodeInternal, Err: fmt.Errorf("%w: %v\n%s", errPanicked, thrown, debug.Stack())}
		}
	}()
	src := query.decisions.Source
	inst, err := e.acquire(ctx, src)
	if err != nil {
		return nil, oriel.Result{}, err
	}
	defer inst.release()
	key := poolKey{filtered: query.filtered}
	if query.filtered {
		key.fingerprint = query.decisions.Fingerprint
	}
	conn, err := e.connection(ctx, inst, key, query)
	if err != nil {
		return nil, oriel.Result{}, e.failed(src, inst, err, nil)
	}
	whole := false
	defer func() {
		if whole {
			inst.pool.put(key, conn)
			return
		}
		conn.close() // it may be interrupted or broken; another is cheap
	}()
	err = conn.Raw(func(raw any) error {
		columns, err = readChunks(ctx, conn, raw, query, limit, apart, &result, each)
		return err
	})
	if err != nil {
		return nil, oriel.Result{}, e.failed(src, inst, err, query)
	}
	whole = ctx.Err() == nil
	return columns, result, nil
}

// readChunks runs the query on the driver's connection.
func readChunks(ctx context.Context, conn *connection, raw any, query *narrowed, limit int, apart bool, result *oriel.Result, each eachChunk) ([]*column, error) {
	handle, err := handleOf(raw)
	if err != nil {
		return nil, err
	}
	defer interruptible(ctx, handle)()
	statement, err := conn.statement(handle, query.text)
	if err != nil {
		return nil, err
	}
	rows, err := openStream(statement, query.arguments)
	if err != nil {
		return nil, err
	}
	defer rows.close()
	columns, err := describe(&rows.result, apart)
	if err != nil {
		return nil, err
	}
	for more := true; more; {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		more, err = rows.next(func(chunk bindings.DataChunk, rows int) error {
			if left := limit - result.RowCount; rows > left {
				rows, result.Truncated = left, true
			}
			result.RowCount += rows
			return each(columns, chunk, rows)
		})
		if err != nil {
			return nil, err
		}
		more = more && !result.Truncated
	}
	return columns, nil
}

// connection gives one with the views of the decisions.
func (e *Engine) connection(ctx context.Context, inst *instance, key poolKey, query *narrowed) (*connection, error) {
	if conn := inst.pool.take(key); conn != nil {
		return conn, nil
	}
	var seen shape
	if query.filtered {
		var values []oriel.Scalar
		var err error
		if seen, values, err = shapeOf(query.decisions); err != nil {
			return nil, err
		}
		if conn := inst.pool.takeShape(seen); conn != nil {
			if err := conn.become(ctx, values); err == nil {
				return conn, nil
			}
			conn.close() // it is nobody's now; another is cheap
		}
	}
	conn, err := inst.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	made := &connection{Conn: conn, shape: seen}
	if query.filtered {
		if made.valuesName, err = createViews(ctx, conn, inst.name, query.decisions, e.options.Random); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return made, nil
}

// failed turns what the engine said into our error. Its words may quote values
// of the data, which are for no log: see [withoutValues]. query is nil when they
// are about texts of ours, which name what is hidden: then they are for nobody.
func (e *Engine) failed(src oriel.Source, inst *instance, err error, query *narrowed) error {
	var ours *oriel.Error
	if errors.As(err, &ours) {
		return err
	}
	var engine *driver.Error
	if errors.As(err, &engine) {
		switch engine.Type {
		case driver.ErrorTypeIO, driver.ErrorTypeFatal, driver.ErrorTypeSerialization:
			e.forget(src, inst)
			return unavailable(src, withoutValues{err})
		case driver.ErrorTypeInternal: // a fault of the engine with this text: the next one finds a new instance
			e.forget(src, inst)
		}
		return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: faultOf(err, query)}
	}
	if errors.Is(err, os.ErrNotExist) {
		e.forget(src, inst)
		return unavailable(src, err)
	}
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: err}
}
