package store

import (
	"sync/atomic"
	"time"
)

// confirmation is when others' changes were last known to be passed on, by the
// process's own steady clock: neither a clock that is set nor a test's counts.
type confirmation struct{ since atomic.Pointer[time.Time] }

func (c *confirmation) set(began time.Time) { c.since.Store(&began) }

func (c *confirmation) recent() bool {
	began := c.since.Load()
	return began != nil && time.Since(*began) < confirmedFor
}

func (c *confirmation) olderThan(limit time.Duration) bool {
	began := c.since.Load()
	return began != nil && time.Since(*began) > limit
}
