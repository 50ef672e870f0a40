package limit

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Options say how much is allowed. All of them are needed.
type Options struct {
	// Burst is how many times a key is allowed at once.
	Burst int
	// Every is the time after which a key is allowed once more.
	Every time.Duration
	// Keys is how many keys are remembered. Beyond it the key that was asked
	// for longest ago is forgotten, and starts anew.
	Keys  int
	Clock func() time.Time
}

// Limits count by key. They may be used by many goroutines at once.
type Limits struct {
	options Options

	mu      sync.Mutex
	buckets map[string]*list.Element
	order   *list.List // of *bucket; the key asked for last is in front
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

// New makes Limits. It panics when an option is missing, which a limit that
// lets everything through would hide.
func New(o Options) *Limits {
	if o.Burst < 1 || o.Every <= 0 || o.Keys < 1 || o.Clock == nil {
		panic("limit: Burst, Every, Keys and Clock are all needed")
	}
	return &Limits{options: o, buckets: make(map[string]*list.Element), order: list.New()}
}

// Allow counts one time for the key, when it is allowed. When not, nothing is
// counted, and retryAfter is how long from now the next time will be allowed,
// in whole milliseconds.
func (l *Limits) Allow(key string) (ok bool, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.options.Clock()
	reservation := l.find(key).ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		// Up: the library counts in fractions, a nanosecond short at times.
		return false, (wait + time.Millisecond - 1).Truncate(time.Millisecond)
	}
	return true, 0
}

// find gives the key's limiter, and makes one when there is none. The lock is
// held.
func (l *Limits) find(key string) *rate.Limiter {
	if element, known := l.buckets[key]; known {
		l.order.MoveToFront(element)
		return element.Value.(*bucket).limiter
	}
	if l.order.Len() >= l.options.Keys {
		last := l.order.Back()
		delete(l.buckets, l.order.Remove(last).(*bucket).key)
	}
	b := &bucket{key: key, limiter: rate.NewLimiter(rate.Every(l.options.Every), l.options.Burst)}
	l.buckets[key] = l.order.PushFront(b)
	return b.limiter
}
