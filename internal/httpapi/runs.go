package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How many runs are under way at once, in all and for one user or API key, and
// how long one waits for its turn. A page may hold a dozen questions; one
// user's pages must not keep all others out.
const (
	maxRuns     = 32
	maxRunsEach = 16
	maxRunWait  = 5 * time.Second
)

// runs counts the runs that are under way.
type runs struct {
	turns chan struct{}
	most  int

	mu   sync.Mutex
	each map[string]int // by [oriel.Principal.Who]
}

func newRuns(all, each int) *runs {
	return &runs{turns: make(chan struct{}, all), most: each, each: map[string]int{}}
}

// begin waits for a turn; done gives it back. Errors: rate_limited, or ctx's.
func (r *runs) begin(ctx context.Context, who string) (done func(), err error) {
	if !r.enter(who) {
		return nil, oriel.E(oriel.CodeRateLimited, "")
	}
	timer := time.NewTimer(maxRunWait)
	defer timer.Stop()
	select {
	case r.turns <- struct{}{}:
		return func() { <-r.turns; r.leave(who) }, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = oriel.E(oriel.CodeRateLimited, "")
	}
	r.leave(who)
	return nil, err
}

func (r *runs) enter(who string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.each[who] >= r.most {
		return false
	}
	r.each[who]++
	return true
}

func (r *runs) leave(who string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.each[who]--
	if r.each[who] == 0 {
		delete(r.each, who)
	}
}
