package query

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// flights lets those who ask for the same at the same time wait for one query.
type flights struct {
	mu    sync.Mutex
	under map[fingerprint]*flight
}

// flight is a query under way. It belongs to nobody who waits: it goes on when
// the one who began it leaves, and ends when the last one does.
type flight struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	result  oriel.Result
	err     error
}

var errPanicked = errors.New("a query panicked")

// do runs once for all who ask for the key while it runs. Errors: run's, for
// each of them; ctx's own, for the one whose ctx ended.
func (f *flights) do(ctx context.Context, key fingerprint, run func(context.Context) (oriel.Result, error)) (oriel.Result, error) {
	if err := ctx.Err(); err != nil {
		return oriel.Result{}, err
	}
	f.mu.Lock()
	current, found := f.under[key]
	if !found {
		detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
		current = &flight{cancel: cancel, done: make(chan struct{})}
		f.under[key] = current
		go f.fly(detached, key, current, run)
	}
	current.waiting++
	f.mu.Unlock()
	select {
	case <-current.done:
		return current.result, current.err
	case <-ctx.Done():
		f.leave(key, current)
		return oriel.Result{}, ctx.Err()
	}
}

func (f *flights) fly(ctx context.Context, key fingerprint, current *flight, run func(context.Context) (oriel.Result, error)) {
	defer func() {
		// In a goroutine of its own a panic would end the server, not the query.
		if thrown := recover(); thrown != nil {
			current.result, current.err = oriel.Result{}, &oriel.Error{Code: oriel.CodeInternal, Err: fmt.Errorf("%w: %v\n%s", errPanicked, thrown, debug.Stack())}
		}
		f.mu.Lock()
		f.forget(key, current)
		f.mu.Unlock()
		current.cancel()
		close(current.done)
	}()
	current.result, current.err = run(ctx)
}

// leave ends a query for which nobody waits any more. Whoever asks next begins
// another.
func (f *flights) leave(key fingerprint, current *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if current.waiting--; current.waiting == 0 {
		f.forget(key, current)
		current.cancel()
	}
}

func (f *flights) forget(key fingerprint, current *flight) {
	if f.under[key] == current {
		delete(f.under, key)
	}
}
