package main

import (
	"runtime"
	"testing"
)

func TestHeadroom_isCountedUnlessTheOperatorSaidOtherwise(t *testing.T) {
	for _, c := range []struct {
		name    string
		environ []string
		counted bool
	}{
		{"nothing is set", nil, true},
		{"GOGC is set", []string{"GOGC=100"}, false},
		{"GOMEMLIMIT is set", []string{"GOMEMLIMIT=256MiB"}, false},
		{"GOGC is empty, as Go sees it", []string{"GOGC="}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			release := process{environ: c.environ}.reserveHeadroom()
			runtime.GC()
			runtime.ReadMemStats(&after)
			release()
			grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			if counted := grown > headroom/2; counted != c.counted {
				t.Errorf("the heap grew by %d bytes", grown)
			}
		})
	}
}
