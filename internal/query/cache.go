package query

import (
	"container/list"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// fingerprint is of an [access.Sight]: what has the same may share a result.
type fingerprint [32]byte

// cache keeps results by fingerprint, in bounded memory. Whether somebody may
// ask at all is no part of a fingerprint and was settled before.
type cache struct {
	most  int // bytes
	clock func() time.Time

	mu   sync.Mutex
	held int
	kept map[fingerprint]*list.Element
	used list.List // of *cached, the most recently used first
}

type cached struct {
	key    fingerprint
	result oriel.Result
	size   int
	// fresh is until when the result is given as it is, until for how long it is
	// given while a newer one is made.
	fresh, until time.Time
}

// keep is for how long a result is kept, counted from when its query began: what
// the query did not see may be that old.
type keep struct{ fresh, stale time.Duration }

func newCache(most int, clock func() time.Time) *cache {
	return &cache{most: most, clock: clock, kept: map[fingerprint]*list.Element{}}
}

// now is the time from which what is made now is as old as it is; a cache that
// keeps nothing asks no clock.
func (c *cache) now() time.Time {
	if c.most == 0 {
		return time.Time{}
	}
	return c.clock()
}

// get gives a result that was kept, and tells whether it is so old that a newer
// one is to be made.
func (c *cache) get(key fingerprint) (result oriel.Result, stale, found bool) {
	if c.most == 0 {
		return oriel.Result{}, false, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, found := c.kept[key]
	if !found {
		return oriel.Result{}, false, false
	}
	entry, now := at.Value.(*cached), c.clock()
	if !now.Before(entry.until) {
		c.drop(at)
		return oriel.Result{}, false, false
	}
	c.used.MoveToFront(at)
	return entry.result, !now.Before(entry.fresh), true
}

// put keeps a result of a query that began then. One that would push out most of
// the others is not kept.
func (c *cache) put(key fingerprint, result oriel.Result, began time.Time, k keep) {
	size := sizeOf(result)
	if k.fresh <= 0 || size > c.most/4 {
		return
	}
	result.CachedAt = began
	fresh := began.Add(k.fresh)
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, found := c.kept[key]; found {
		c.drop(old)
	}
	c.kept[key] = c.used.PushFront(&cached{key, result, size, fresh, fresh.Add(k.stale)})
	c.held += size
	for c.held > c.most {
		c.drop(c.used.Back())
	}
}

func (c *cache) drop(at *list.Element) {
	entry := at.Value.(*cached)
	c.used.Remove(at)
	delete(c.kept, entry.key)
	c.held -= entry.size
}

// sizeOf is about how much memory a result takes: the values, and what points
// to each.
func sizeOf(r oriel.Result) int {
	const pointer, entry = 24, 512
	size := entry
	for _, c := range r.Columns {
		size += 2*len(c.Name) + 128
	}
	for _, column := range r.Values {
		for _, value := range column {
			size += len(value) + pointer
		}
	}
	return size
}
