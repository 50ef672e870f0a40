package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How many runs are under way at once, in all and for one user, and how long
// one waits for its turn. A page may hold a dozen questions; one user's pages
// must not keep all others out.
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
	each map[oriel.UserID]int
}

func newRuns(all, each int) *runs {
	return &runs{turns: make(chan struct{}, all), most: each, each: map[oriel.UserID]int{}}
}

// begin waits for a turn; done gives it back. Errors: rate_limited, or ctx's.
func (r *runs) begin(ctx context.Context, user oriel.UserID) (done func(), err error) {
	if !r.enter(user) {
		return nil, oriel.E(oriel.CodeRateLimited, "")
	}
	timer := time.NewTimer(maxRunWait)
	defer timer.Stop()
	select {
	case r.turns <- struct{}{}:
		return func() { <-r.turns; r.leave(user) }, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = oriel.E(oriel.CodeRateLimited, "")
	}
	r.leave(user)
	return nil, err
}

func (r *runs) enter(user oriel.UserID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.each[user] >= r.most {
		return false
	}
	r.each[user]++
	return true
}

func (r *runs) leave(user oriel.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.each[user]--
	if r.each[user] == 0 {
		delete(r.each, user)
	}
}
