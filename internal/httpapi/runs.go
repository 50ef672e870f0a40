package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How many runs are under way at once, in all, for the users of one tenant, and
// for one user or API key, and how long one waits for its turn. A page may hold a
// dozen questions; one user's pages must not keep all others out, nor those of all
// users of a tenant another tenant's.
const (
	maxRuns       = 32
	maxRunsTenant = 24
	maxRunsEach   = 16
	maxRunWait    = 5 * time.Second
)

// runs counts the runs that are under way.
type runs struct {
	turns       chan struct{}
	share, most int

	mu      sync.Mutex
	each    map[string]int // by [oriel.Principal.Who]
	tenants map[oriel.TenantSlug]*tenantRuns
}

// tenantRuns are those of a tenant that has some under way or waiting.
type tenantRuns struct {
	turns chan struct{}
	count int
}

func newRuns(all, share, each int) *runs {
	return &runs{turns: make(chan struct{}, all), share: share, most: each, each: map[string]int{}, tenants: map[oriel.TenantSlug]*tenantRuns{}}
}

// begin waits for a turn, first among those of the principal's tenant: who waits
// there takes none of the others'. done gives it back. Errors: rate_limited, or
// ctx's.
func (r *runs) begin(ctx context.Context, p oriel.Principal) (done func(), err error) {
	who, tenant := p.Who(), p.User().Tenant
	queues, ok := r.enter(who, tenant)
	if !ok {
		return nil, oriel.E(oriel.CodeRateLimited, "")
	}
	var held []chan struct{}
	done = func() {
		for _, turns := range held {
			<-turns
		}
		r.leave(who, tenant)
	}
	timer := time.NewTimer(maxRunWait)
	defer timer.Stop()
	for _, turns := range queues {
		select {
		case turns <- struct{}{}:
			held = append(held, turns)
		case <-ctx.Done():
			done()
			return nil, ctx.Err()
		case <-timer.C:
			done()
			return nil, oriel.E(oriel.CodeRateLimited, "")
		}
	}
	return done, nil
}

// enter gives what turns are to be waited for; false when the principal has too
// many runs already.
func (r *runs) enter(who string, tenant oriel.TenantSlug) (queues []chan struct{}, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.each[who] >= r.most {
		return nil, false
	}
	r.each[who]++
	if tenant == "" {
		return []chan struct{}{r.turns}, true
	}
	if r.tenants[tenant] == nil {
		r.tenants[tenant] = &tenantRuns{turns: make(chan struct{}, r.share)}
	}
	r.tenants[tenant].count++
	return []chan struct{}{r.tenants[tenant].turns, r.turns}, true
}

func (r *runs) leave(who string, tenant oriel.TenantSlug) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.each[who]--
	if r.each[who] == 0 {
		delete(r.each, who)
	}
	if own := r.tenants[tenant]; own != nil {
		if own.count--; own.count == 0 {
			delete(r.tenants, tenant)
		}
	}
}
