//go:build !race

package postgres

import "testing"

// An engine that was warmed has the parser at hand; one that was not spends nothing.
func TestEngine_WarmCompilesTheParser(t *testing.T) {
	forgetSandboxes()
	for _, want := range []int{0, 1} {
		e := Open(Options{})
		if want > 0 {
			e.Warm()
			e.Warm()
		}
		if err := e.Close(); err != nil { // waits for it
			t.Fatal(err)
		}
		sandboxesLock.Lock()
		got := sandboxes.Len()
		sandboxesLock.Unlock()
		if got != want {
			t.Errorf("%d parsers are at hand, want %d", got, want)
		}
	}
}
