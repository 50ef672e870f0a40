package httpapi

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestRuns_oneUserCannotTakeAllTurns(t *testing.T) {
	r := newRuns(4, 2)
	var give []func()
	for range 2 {
		done, err := r.begin(t.Context(), "usr_a")
		if err != nil {
			t.Fatal(err)
		}
		give = append(give, done)
	}
	if _, err := r.begin(t.Context(), "usr_a"); oriel.CodeOf(err) != oriel.CodeRateLimited {
		t.Errorf("a third run of one user gave %v, want rate_limited", err)
	}
	if done, err := r.begin(t.Context(), "usr_b"); err != nil {
		t.Errorf("another user was kept out: %v", err)
	} else {
		done()
	}
	for _, done := range give {
		done()
	}
	if len(r.each) != 0 || len(r.turns) != 0 {
		t.Errorf("turns were not given back: %v, %d", r.each, len(r.turns))
	}
}

func TestRuns_whoWaitsInVainIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRuns(1, 1)
		done, err := r.begin(t.Context(), "usr_a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.begin(t.Context(), "usr_b"); oriel.CodeOf(err) != oriel.CodeRateLimited {
			t.Errorf("got %v, want rate_limited", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := r.begin(gone, "usr_b"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		done()
		if done, err = r.begin(t.Context(), "usr_b"); err != nil {
			t.Errorf("the free turn was not given: %v", err)
		} else {
			done()
		}
	})
}
