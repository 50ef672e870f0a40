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
	until  time.Time
}

func newCache(most int, clock func() time.Time) *cache {
	return &cache{most: most, clock: clock, kept: map[fingerprint]*list.Element{}}
}

// get gives a result that was kept, with the time at which it was made.
func (c *cache) get(key fingerprint) (oriel.Result, bool) {
	if c.most == 0 {
		return oriel.Result{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, found := c.kept[key]
	if !found {
		return oriel.Result{}, false
	}
	entry := at.Value.(*cached)
	if !c.clock().Before(entry.until) {
		c.drop(at)
		return oriel.Result{}, false
	}
	c.used.MoveToFront(at)
	return entry.result, true
}

// put keeps a result for a time. One that would push out most of the others is
// not kept.
func (c *cache) put(key fingerprint, result oriel.Result, keep time.Duration) {
	size := sizeOf(result)
	if keep <= 0 || size > c.most/4 {
		return
	}
	now := c.clock()
	result.CachedAt = now
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, found := c.kept[key]; found {
		c.drop(old)
	}
	c.kept[key] = c.used.PushFront(&cached{key, result, size, now.Add(keep)})
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
