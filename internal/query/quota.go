package query

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// quotaWait is how long a query waits for its turn among those of its tenant:
// the cards of one dashboard come together.
const quotaWait = 5 * time.Second

// quotas hold tenants to what they may take of the data sources. Tenants
// without a quota are not remembered.
type quotas struct {
	clock func() time.Time

	mu      sync.Mutex
	tenants map[oriel.TenantSlug]*tenantQuota
}

type tenantQuota struct {
	is    oriel.Quotas
	turns chan struct{} // nil: none to wait for
	rate  *rate.Limiter // nil: none
}

func newQuotas(clock func() time.Time) *quotas {
	return &quotas{clock: clock, tenants: map[oriel.TenantSlug]*tenantQuota{}}
}

// begin takes a turn for one query of the principal's tenant; done gives it back.
// Errors: rate_limited with a sentence; ctx's own.
func (q *quotas) begin(ctx context.Context, s snapshot, p oriel.Principal) (done func(), err error) {
	of := q.of(s, p.User().Tenant)
	if of == nil || q.clock == nil { // what has no clock is a trial, of the operator's
		return func() {}, nil
	}
	if of.rate != nil && !of.rate.AllowN(q.clock(), 1) {
		return nil, limited(time.Minute/time.Duration(of.is.QueriesPerMinute), "The tenant has asked for as many queries as it may in a minute: try again in a moment.")
	}
	if of.turns == nil {
		return func() {}, nil
	}
	timer := time.NewTimer(quotaWait)
	defer timer.Stop()
	select {
	case of.turns <- struct{}{}:
		return func() { <-of.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, limited(time.Second, "As many queries of the tenant are under way as it may have at once: try again in a moment.")
	}
}

// try is begin that waits for no turn.
func (q *quotas) try(s snapshot, p oriel.Principal) (done func(), had bool) {
	of := q.of(s, p.User().Tenant)
	if of == nil || q.clock == nil {
		return func() {}, true
	}
	done = func() {}
	if of.turns != nil {
		select {
		case of.turns <- struct{}{}:
			done = func() { <-of.turns }
		default:
			return nil, false
		}
	}
	if of.rate != nil && !of.rate.AllowN(q.clock(), 1) {
		done()
		return nil, false
	}
	return done, true
}

func limited(wait time.Duration, message string) error {
	return &oriel.Error{Code: oriel.CodeRateLimited, Message: message, RetryAfter: wait}
}

// of is what the tenant is held to; nil when to nothing. A quota that was changed
// begins anew; what is under way goes on beside it.
func (q *quotas) of(s snapshot, tenant oriel.TenantSlug) *tenantQuota {
	declared, _ := s.Tenant(tenant)
	is := declared.Quotas
	q.mu.Lock()
	defer q.mu.Unlock()
	if tenant == "" || is.QueriesAtOnce == 0 && is.QueriesPerMinute == 0 {
		delete(q.tenants, tenant)
		return nil
	}
	if known := q.tenants[tenant]; known != nil && known.is == is {
		return known
	}
	next := &tenantQuota{is: is}
	if is.QueriesAtOnce > 0 {
		next.turns = make(chan struct{}, is.QueriesAtOnce)
	}
	if is.QueriesPerMinute > 0 {
		next.rate = rate.NewLimiter(rate.Limit(float64(is.QueriesPerMinute)/60), is.QueriesPerMinute)
	}
	q.tenants[tenant] = next
	return next
}
