package duckdb

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strconv"

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
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return oriel.Result{}, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, e.options.Timeout)
	ended := make(chan outcome, 1)
	go func() {
		defer func() { <-e.slots }()
		defer cancel()
		result, err := e.run(limited, query, n.Limit())
		ended <- outcome{result, err}
	}()
	select {
	case o := <-ended:
		return o.result, e.overdue(ctx, limited, o.err)
	case <-limited.Done():
	}
	select {
	case o := <-ended: // it ended by itself, which ends limited as well
		return o.result, e.overdue(ctx, limited, o.err)
	default:
		return oriel.Result{}, e.overdue(ctx, limited, limited.Err())
	}
}

// overdue is the error of a query that somebody or the clock may have ended.
func (e *Engine) overdue(ctx, limited context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return e.tooSlow()
	}
	return err
}

func (e *Engine) tooSlow() error {
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.",
		Err: fmt.Errorf("the query took longer than %s", e.options.Timeout)}
}

func (e *Engine) run(ctx context.Context, query *narrowed, limit int) (oriel.Result, error) {
	src := query.decisions.Source
	inst, err := e.acquire(ctx, src)
	if err != nil {
		return oriel.Result{}, err
	}
	defer inst.release()
	key := poolKey{filtered: query.filtered}
	if query.filtered {
		key.fingerprint = query.decisions.Fingerprint
	}
	conn, err := e.connection(ctx, inst, key, query)
	if err != nil {
		return oriel.Result{}, e.failed(src, inst, err)
	}
	start := e.options.Clock()
	result, err := e.read(ctx, conn, query, limit)
	if err != nil {
		_ = conn.Close() // it may be interrupted or broken; another is cheap
		return oriel.Result{}, e.failed(src, inst, err)
	}
	inst.pool.put(key, conn)
	result.Duration = int(e.options.Clock().Sub(start).Milliseconds())
	return result, nil
}

// connection gives one with the views of the decisions.
func (e *Engine) connection(ctx context.Context, inst *instance, key poolKey, query *narrowed) (*sql.Conn, error) {
	if conn := inst.pool.take(key); conn != nil {
		return conn, nil
	}
	conn, err := inst.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if query.filtered {
		if err := createViews(ctx, conn, inst.name, query.decisions, e.options.Random); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// read runs the text with its arguments bound by name, so that $2 before $1
// gets its own value.
func (e *Engine) read(ctx context.Context, conn *sql.Conn, query *narrowed, limit int) (oriel.Result, error) {
	arguments := make([]sqldriver.NamedValue, len(query.arguments))
	for i, a := range query.arguments {
		value, err := bindValue(a)
		if err != nil {
			return oriel.Result{}, err
		}
		arguments[i] = sqldriver.NamedValue{Name: strconv.Itoa(i + 1), Value: value}
	}
	var result oriel.Result
	err := conn.Raw(func(raw any) error {
		c, ok := raw.(*driver.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", raw)
		}
		rows, err := c.QueryContext(ctx, query.text, arguments)
		if err != nil {
			return err
		}
		result, err = readRows(ctx, rows, limit, e.options.ResultBytes)
		return errors.Join(err, rows.Close())
	})
	return result, err
}

// failed turns what the engine said into our error. Its words may quote values
// of the data, which are for no log: see [withoutValues].
func (e *Engine) failed(src oriel.Source, inst *instance, err error) error {
	var ours *oriel.Error
	if errors.As(err, &ours) {
		return err
	}
	var engine *driver.Error
	if errors.As(err, &engine) {
		switch engine.Type {
		case driver.ErrorTypeIO, driver.ErrorTypeFatal, driver.ErrorTypeSerialization, driver.ErrorTypeInternal:
			e.forget(src, inst)
			return unavailable(src, withoutValues{err})
		}
		return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: withoutValues{err}}
	}
	if errors.Is(err, os.ErrNotExist) {
		e.forget(src, inst)
		return unavailable(src, err)
	}
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: err}
}
