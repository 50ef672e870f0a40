package signin_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// J16
func TestExchange_J16_tokenIsGoodOnce(t *testing.T) {
	h := newHouse(t, provider("apron"))
	token := h.token("apron", nil)
	if _, err := h.signin.Exchange(t.Context(), h.request(token)); err != nil {
		t.Fatal(err)
	}
	h.requestIsRefused(oriel.CodeTokenReplayed, h.request(token))
	// Within the leeway after exp it would pass the time checks again.
	h.wait(89 * time.Second)
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.requestIsRefused(oriel.CodeTokenReplayed, h.request(token))
	h.wait(10 * time.Minute)
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM spent_tokens`); n != 0 {
		t.Errorf("%d spent tokens are kept for ever", n)
	}
	h.requestIsRefused(oriel.CodeTokenExpired, h.request(token))
}

func TestExchange_J16_fiftyAtOnce(t *testing.T) {
	h := newHouse(t, provider("apron"))
	token := h.token("apron", nil)
	var won, replayed atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		r := h.request(token)
		all.Go(func() {
			_, err := h.signin.Exchange(t.Context(), r)
			switch oriel.CodeOf(err) {
			case "":
				won.Add(1)
			case oriel.CodeTokenReplayed:
				replayed.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || replayed.Load() != 49 {
		t.Errorf("%d won and %d were replays, want 1 and 49", won.Load(), replayed.Load())
	}
	rows := h.rows()
	if rows["users"] != 1 || rows["sessions"] != 1 || rows["spent_tokens"] != 1 || rows["sign_in_records"] != 50 {
		t.Errorf("rows %v", rows)
	}
}

func TestExchange_J16_sameIDFromTwoProviders(t *testing.T) {
	h := newHouse(t, provider("one"), provider("two"))
	h.enters("one", map[string]any{"jti": "same", "email": "one@example.com"})
	h.enters("two", map[string]any{"jti": "same", "email": "two@example.com"})
}

func TestExchange_J16_compatTokenWithoutID(t *testing.T) {
	h := newHouse(t, compat("old"))
	token := h.token("old", map[string]any{"jti": absent{}})
	if _, err := h.signin.Exchange(t.Context(), h.request(token)); err != nil {
		t.Fatal(err)
	}
	h.requestIsRefused(oriel.CodeTokenReplayed, h.request(token))
}

// A stolen token that was held back is worth nothing once a younger one was used.
func TestExchange_tokenOlderThanTheLastOne(t *testing.T) {
	h := newHouse(t, provider("apron"))
	at := func(age time.Duration) map[string]any {
		return map[string]any{"iat": h.clock().Add(-age).Unix(), "exp": h.clock().Add(time.Minute).Unix()}
	}
	h.enters("apron", at(0))
	h.isRefused(oriel.CodeTokenTooOld, "apron", at(61*time.Second))
	h.enters("apron", at(60*time.Second))
	h.isRefused(oriel.CodeTokenTooOld, "apron", at(61*time.Second)) // the greatest stays
	h.enters("apron", map[string]any{"sub": "ann", "email": "ann@example.com", "iat": h.clock().Add(-2 * time.Minute).Unix()})
}

func TestExchange_tokenFromBeforeARevocation(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.enters("apron", nil)
	h.exec(`UPDATE identities SET not_before = ?`, h.clock().UnixMicro())
	h.isRefused(oriel.CodeTokenTooOld, "apron", nil)
	h.wait(time.Second)
	h.enters("apron", nil)
}

// Between the token's verification and the transaction the key may go.
func TestExchange_keyOrProviderGoneMeanwhile(t *testing.T) {
	h := newHouse(t, provider("apron"))
	// The server has not yet noticed what another process did: its own
	// settings still have the key.
	h.exec(`DELETE FROM provider_keys`)
	h.isRefused(oriel.CodeTokenKeyUnknown, "apron", nil)
	h.exec(`UPDATE providers SET enabled = 0`)
	h.isRefused(oriel.CodeSSONotConfigured, "apron", nil)
}

// impatient forgets uses at once.
type impatient struct{ *jwt.Verifier }

func (v impatient) Verify(ctx context.Context, token string, p oriel.Provider, now time.Time) (oriel.Identity, oriel.Evidence, error) {
	identity, evidence, err := v.Verifier.Verify(ctx, token, p, now)
	identity.SpentUntil = now
	return identity, evidence, err
}

// A use that would no longer be remembered could be repeated: none is made.
func TestExchange_tokenThatExpiredWhileItWaited(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.signin.Verifier = impatient{jwt.New(site, nil)}
	h.isRefused(oriel.CodeTokenExpired, "apron", nil)
}

// J16, the part of two nodes: two stores on one file know of each other's uses.
func TestExchange_J16_onTwoNodes(t *testing.T) {
	h := newHouse(t, provider("apron"))
	token := h.token("apron", nil)
	other := h.secondNode()
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		r, door := h.request(token), h.signin
		if i%2 == 1 {
			door = other
		}
		all.Go(func() {
			_, err := door.Exchange(t.Context(), r)
			switch oriel.CodeOf(err) {
			case "":
				won.Add(1)
			case oriel.CodeTokenReplayed:
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won, want 1", won.Load())
	}
}
