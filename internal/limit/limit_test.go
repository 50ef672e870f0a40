package limit

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// watch is a clock that stands until it is moved.
type watch struct{ at atomic.Int64 }

func (w *watch) now() time.Time       { return time.Unix(1_790_000_000, w.at.Load()) }
func (w *watch) wait(d time.Duration) { w.at.Add(int64(d)) }

func newLimits(burst, keys int) (*Limits, *watch) {
	w := &watch{}
	return New(Options{Burst: burst, Every: 10 * time.Second, Keys: keys, Clock: w.now}), w
}

func allowed(l *Limits, key string, times int) (n int) {
	for range times {
		if ok, _ := l.Allow(key); ok {
			n++
		}
	}
	return n
}

func TestAllow_burstThenOnceInAWhile(t *testing.T) {
	l, w := newLimits(3, 10)
	if n := allowed(l, "a", 10); n != 3 {
		t.Errorf("%d times at once, want 3", n)
	}
	if n := allowed(l, "b", 10); n != 3 {
		t.Errorf("the neighbour was allowed %d times, want 3", n)
	}
	w.wait(25 * time.Second)
	if n := allowed(l, "a", 10); n != 2 {
		t.Errorf("%d times after 25 s, want 2", n)
	}
	w.wait(time.Hour)
	if n := allowed(l, "a", 10); n != 3 {
		t.Errorf("%d times after an hour, want 3", n)
	}
}

func TestAllow_saysTruthfullyHowLongToWait(t *testing.T) {
	l, w := newLimits(1, 10)
	if ok, wait := l.Allow("a"); !ok || wait != 0 {
		t.Fatalf("the first time: %v, %v", ok, wait)
	}
	w.wait(4 * time.Second)
	for range 5 { // asking does not make it longer
		if ok, wait := l.Allow("a"); ok || wait != 6*time.Second {
			t.Fatalf("got %v, %v; want to wait 6s", ok, wait)
		}
	}
	w.wait(6*time.Second - time.Millisecond)
	if ok, wait := l.Allow("a"); ok || wait != time.Millisecond {
		t.Errorf("a moment before: %v, %v", ok, wait)
	}
	w.wait(time.Millisecond)
	if ok, _ := l.Allow("a"); !ok {
		t.Error("after the time that was told it is not allowed")
	}
}

func TestAllow_remembersTheKeysAskedForLast(t *testing.T) {
	l, _ := newLimits(1, 100)
	allowed(l, "old", 1)
	for i := range 10_000 {
		allowed(l, fmt.Sprint(i), 1)
		if n := allowed(l, "busy", 1); n != 0 && i > 0 {
			t.Fatalf("a key in use was forgotten at %d", i)
		}
	}
	if len(l.buckets) != 100 || l.order.Len() != 100 {
		t.Errorf("%d and %d keys are kept, want 100", len(l.buckets), l.order.Len())
	}
	if n := allowed(l, "old", 1); n != 1 {
		t.Error("the oldest key is still remembered")
	}
}

func TestAllow_manyAtOnce(t *testing.T) {
	l, _ := newLimits(50, 4)
	var total atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { total.Add(int64(allowed(l, "a", 100))) })
	}
	group.Wait()
	if total.Load() != 50 {
		t.Errorf("%d times, want 50", total.Load())
	}
}

func TestNew_wantsEveryOption(t *testing.T) {
	whole := Options{Burst: 1, Every: time.Second, Keys: 1, Clock: time.Now}
	for name, change := range map[string]func(*Options){
		"Burst": func(o *Options) { o.Burst = 0 }, "Every": func(o *Options) { o.Every = 0 },
		"Keys": func(o *Options) { o.Keys = 0 }, "Clock": func(o *Options) { o.Clock = nil },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was made")
				}
			}()
			o := whole
			change(&o)
			New(o)
		})
	}
}
