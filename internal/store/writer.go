package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// queueLength is how many writes may wait; more wait in their callers.
	queueLength = 1024
	// batchLength is the most writes that share a commit.
	batchLength = 256
)

// statement is prepared once and kept until the writer closes.
type statement struct{ *sql.Stmt }

// write is one caller's function on its way through the writer.
type write struct {
	ctx      context.Context
	fn       func(*Tx) error
	err      error
	panicked any
	notices  []oriel.Notice
	done     chan struct{} // closed once err and panicked are final
}

// writer is the one goroutine that changes the database. Writes that wait
// while a commit is being made durable share the next one: with
// synchronous=FULL the disk, not the CPU, is what limits sign-ins.
type writer struct {
	conn    *sql.Conn
	stmts   map[string]statement // by their text; used by the goroutine alone
	store   *Store
	queue   chan *write
	closing chan struct{} // closed by Close
	gone    chan struct{} // closed when the goroutine has ended
	// commits counts transactions that were committed with a change in them.
	commits func()
}

// Write runs fn in a transaction and returns when what it did is durable, or
// when nothing of it is there: fn's own error, or store_unavailable. Writes
// run one after another; fn must be quick, wait for nothing, and keep its Tx
// to itself. A ctx that ends before fn began is returned; afterwards the
// outcome is awaited, so that it is always known.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	w := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case <-s.writer.closing:
		return unavailable(ErrClosed)
	default:
	}
	select {
	case s.writer.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.writer.closing:
		return unavailable(ErrClosed)
	}
	select {
	case <-w.done:
	case <-s.writer.gone:
		select {
		case <-w.done:
		default:
			return unavailable(ErrClosed)
		}
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
}

func unavailable(err error) error {
	return &oriel.Error{Code: oriel.CodeStoreUnavailable, Err: err}
}

// run takes writes until the store closes, then those that already wait.
func (w *writer) run() {
	defer close(w.gone)
	for {
		select {
		case first := <-w.queue:
			w.commitBatch(w.batch(first))
		case <-w.closing:
			for {
				select {
				case first := <-w.queue:
					w.commitBatch(w.batch(first))
				default:
					return
				}
			}
		}
	}
}

// batch is the first write and those that wait behind it.
func (w *writer) batch(first *write) []*write {
	batch := []*write{first}
	for len(batch) < batchLength {
		select {
		case next := <-w.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commitBatch runs the writes in one transaction, each in its own savepoint
// when there are several, and answers all of them after the commit.
func (w *writer) commitBatch(batch []*write) {
	defer func() {
		for _, each := range batch {
			close(each.done)
		}
	}()
	live := make([]*write, 0, len(batch))
	for _, each := range batch {
		if each.err = each.ctx.Err(); each.err == nil {
			live = append(live, each)
		}
	}
	if len(live) == 0 {
		return
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		failAll(live, failed("begin a transaction", err))
		return
	}
	if len(live) == 1 {
		// Nobody else's write is in the transaction: it is the savepoint.
		if live[0].run(w); live[0].lost() {
			w.rollback(nil, nil)
			return
		}
	} else {
		for _, each := range live {
			if err := w.inSavepoint(each); err != nil {
				w.rollback(live, err)
				return
			}
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		w.rollback(live, failed("commit", err))
		return
	}
	if slices.ContainsFunc(live, func(each *write) bool { return !each.lost() }) {
		w.commits()
	}
	// Before the answers: whoever is told of a change finds it in force.
	for _, each := range live {
		if !each.lost() {
			w.store.feed.publish(each.notices)
		}
	}
}

// run calls the function; what it failed with is the caller's own.
func (each *write) run(w *writer) {
	tx := &Tx{writer: w}
	each.panicked, each.err = call(each.fn, tx)
	each.notices = tx.notices
	tx.writer = nil
}

// lost tells whether the write failed and left nothing.
func (each *write) lost() bool { return each.err != nil || each.panicked != nil }

// inSavepoint runs one write. Its error means that the transaction as a whole
// is lost; the write's own failure is kept in it.
func (w *writer) inSavepoint(each *write) error {
	if err := w.exec("SAVEPOINT one"); err != nil {
		return failed("begin a savepoint", err)
	}
	if each.run(w); each.lost() {
		if err := w.exec("ROLLBACK TO one"); err != nil {
			return failed("roll a savepoint back", err)
		}
	}
	if err := w.exec("RELEASE one"); err != nil {
		return failed("release a savepoint", err)
	}
	return nil
}

// call keeps a panic for the caller, in whose request it belongs.
func call(fn func(*Tx) error, tx *Tx) (panicked any, err error) {
	defer func() { panicked = recover() }()
	return nil, fn(tx)
}

// rollback ends a lost transaction. Nobody's write happened, so everybody is
// told so; whoever failed by itself keeps its own reason.
func (w *writer) rollback(live []*write, err error) {
	// SQLite ends a transaction by itself on some errors (a full disk): then
	// this one fails, and that is fine.
	_ = w.exec("ROLLBACK")
	for _, each := range live {
		if each.err == nil {
			each.err = err
		}
	}
}

func failAll(live []*write, err error) {
	for _, each := range live {
		each.err = err
	}
}

// exec runs a prepared statement without the caller's context: interrupting
// one write would undo its neighbours.
func (w *writer) exec(text string, args ...any) error {
	stmt, err := w.prepared(text)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background(), args...)
	return err
}

func (w *writer) prepared(text string) (statement, error) {
	if stmt, ok := w.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return statement{}, fmt.Errorf("prepare: %w", err)
	}
	w.stmts[text] = statement{stmt}
	return w.stmts[text], nil
}

// close ends the goroutine after the writes that already wait.
func (w *writer) close() error {
	close(w.closing)
	<-w.gone
	var errs []error
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
