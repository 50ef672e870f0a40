package httpapi

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// runner is a user of a tenant, or of none.
func runner(id oriel.UserID, tenant oriel.TenantSlug) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: id, Tenant: tenant}, oriel.SessionEmbed)
}

// Many users of one tenant can't keep out those of another, though each has no
// more than a user may; not while theirs run, and not while theirs wait.
func TestRuns_oneTenantCannotTakeAllTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRuns(4, 3, 2)
		for _, id := range []oriel.UserID{"usr_a", "usr_b", "usr_c"} {
			for range 2 {
				go func() {
					if done, err := r.begin(t.Context(), runner(id, "acme")); err == nil {
						time.Sleep(time.Hour)
						done()
					}
				}()
			}
		}
		synctest.Wait()
		for _, tenant := range []oriel.TenantSlug{"globex", ""} {
			began := time.Now()
			done, err := r.begin(t.Context(), runner("usr_d", tenant))
			if err != nil || time.Since(began) > 0 {
				t.Fatalf("of the tenant %q: %v after %s", tenant, err, time.Since(began))
			}
			done()
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if len(r.each)+len(r.tenants)+len(r.turns) != 0 {
			t.Errorf("turns were not given back: %v, %v, %d", r.each, r.tenants, len(r.turns))
		}
	})
}

func TestRuns_oneUserCannotTakeAllTurns(t *testing.T) {
	r := newRuns(4, 4, 2)
	var give []func()
	for range 2 {
		done, err := r.begin(t.Context(), runner("usr_a", ""))
		if err != nil {
			t.Fatal(err)
		}
		give = append(give, done)
	}
	if _, err := r.begin(t.Context(), runner("usr_a", "")); oriel.CodeOf(err) != oriel.CodeRateLimited {
		t.Errorf("a third run of one user gave %v, want rate_limited", err)
	}
	if done, err := r.begin(t.Context(), runner("usr_b", "")); err != nil {
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
		r := newRuns(1, 1, 1)
		done, err := r.begin(t.Context(), runner("usr_a", ""))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.begin(t.Context(), runner("usr_b", "")); oriel.CodeOf(err) != oriel.CodeRateLimited {
			t.Errorf("got %v, want rate_limited", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := r.begin(gone, runner("usr_b", "")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		done()
		if done, err = r.begin(t.Context(), runner("usr_b", "")); err != nil {
			t.Errorf("the free turn was not given: %v", err)
		} else {
			done()
		}
	})
}
