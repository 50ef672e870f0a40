package storetest

import (
	"context"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// manyAtOnce is how many callers race where one may win.
const manyAtOnce = 50

// atOnce calls fn so many times from goroutines that start together, and gives
// what each returned.
func atOnce(n int, fn func(i int) error) []error {
	answers := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			answers[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	return answers
}

// oneWins fails unless one answer is no error and all others have the code.
func oneWins(t *testing.T, answers []error, code oriel.Code) {
	t.Helper()
	won := 0
	for _, err := range answers {
		if err == nil {
			won++
		} else if oriel.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d at once won, want 1", won, len(answers))
	}
}

// within polls until the condition holds, at most for the second that the
// contract gives other nodes (sign-in contract, preface).
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit, release := context.WithTimeout(t.Context(), time.Second)
	defer release()
	for !holds() {
		if limit.Err() != nil {
			if !holds() {
				t.Errorf("not within a second: %s", what)
			}
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code oriel.Code) {
	t.Helper()
	if oriel.CodeOf(err) != code {
		t.Errorf("got %v, want %q", err, code)
	}
}

func mustWrite(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	must(t, s.Write(t.Context(), fn))
}

func (d *database) wantCount(t *testing.T, query string, want int) {
	t.Helper()
	if got := d.Count(t, query); got != want {
		t.Errorf("%s: %d, want %d", query, got, want)
	}
}

// digest is the hash under which a secret of this name is kept.
func digest(name string) [32]byte { return sha256.Sum256([]byte(name)) }
