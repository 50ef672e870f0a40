package query

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// flights lets those who ask for the same at the same time wait for one query.
type flights struct {
	mu    sync.Mutex
	under map[fingerprint]*flight

	// Renewals are for nobody who waits. They end with life.
	life     context.Context
	end      context.CancelFunc
	renewing int
	renewals sync.WaitGroup
}

// What is renewed while older results are given: how many at once, so that who
// waits finds room in the engines, and for how long.
const (
	maxRenewals   = 4
	renewalsLimit = time.Minute
)

func newFlights() *flights {
	life, end := context.WithCancel(context.Background())
	return &flights{under: map[fingerprint]*flight{}, life: life, end: end}
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

// renew runs for nobody, when nobody runs it already, few others are renewed and
// a turn is to be had; who asks for the key meanwhile waits for it. Its failure is
// nobody's: what was kept is given until it is too old, and then the failure shows.
func (f *flights) renew(key fingerprint, turn func() (done func(), had bool), run func(context.Context) (oriel.Result, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, found := f.under[key]; found || f.renewing == maxRenewals || f.life.Err() != nil {
		return
	}
	done, had := turn()
	if !had {
		return
	}
	ctx, cancel := context.WithTimeout(f.life, renewalsLimit)
	current := &flight{waiting: 1, cancel: cancel, done: make(chan struct{})} // waits itself: nobody's leaving ends it
	f.under[key] = current
	f.renewing++
	f.renewals.Go(func() {
		defer done()
		f.fly(ctx, key, current, run)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.renewing--
	})
}

// close ends what is renewed.
func (f *flights) close() {
	f.mu.Lock()
	f.end() // no renewal begins any more
	f.mu.Unlock()
	f.renewals.Wait()
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
