package jwks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// document is what is known of one URL.
type document struct {
	used time.Time     // under the mutex of Sets
	turn chan struct{} // held by the one who fetches

	mutex     sync.RWMutex
	set       jwt.Set   // of the last good fetch
	fetchedAt time.Time // the last good one; zero before
	triedAt   time.Time // the last one, good or bad
	failure   error     // of the last one
}

// begin waits for the turn to fetch, tryBegin does not.
func (d *document) begin(ctx context.Context) error {
	select {
	case d.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the JWKS: %w", ctx.Err())
	}
}

func (d *document) tryBegin() bool {
	select {
	case d.turn <- struct{}{}:
		return true
	default:
		return false
	}
}

func (d *document) end() { <-d.turn }

// find looks the kid up in what is there. That it is not there is certain only
// after a fetch that went well.
func (d *document) find(kid string) (jwt.Key, error) {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	k, err := d.set.Find(kid)
	if err != nil && d.failure != nil {
		return jwt.Key{}, &oriel.Error{Code: oriel.CodeKeysUnavailable, Err: fmt.Errorf("fetch the JWKS: %w", d.failure)}
	}
	return k, err
}

func (d *document) isOld(now time.Time) bool {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	return passed(d.fetchedAt, now, oldAge)
}

func (d *document) isDue(now time.Time) bool {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	return passed(d.triedAt, now, pause)
}

// passed tells whether the time since has passed; also when the clock was set
// back, or nothing would be fetched until it is there again.
func passed(since, now time.Time, least time.Duration) bool {
	return now.Before(since) || now.Sub(since) >= least
}

func (d *document) tried(now time.Time) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.triedAt = now
}

func (d *document) failed(err error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.failure = err
}

// fetched takes the new document for the old one: a key that the host took
// back is gone.
func (d *document) fetched(set jwt.Set, now time.Time) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.set, d.fetchedAt, d.failure = set, now, nil
}
