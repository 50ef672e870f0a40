package store

import (
	"sync/atomic"
	"time"
)

// confirmation is when others' changes were last known to be passed on. The
// process's clock is steady: it goes on when the machine's time is set.
type confirmation struct{ since atomic.Pointer[time.Time] }

func (c *confirmation) set(began time.Time) { c.since.Store(&began) }

// recent tells whether that was less than a second ago, and not in the future.
func (c *confirmation) recent(now time.Time) bool {
	age, known := c.age(now)
	return known && age < confirmedFor && age > -confirmedFor
}

func (c *confirmation) age(now time.Time) (age time.Duration, known bool) {
	began := c.since.Load()
	if began == nil {
		return 0, false
	}
	return now.Sub(*began), true
}
