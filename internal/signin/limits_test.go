package signin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// from is a request of a client.
func (h *house) from(client, token string) signin.Request {
	r := h.request(token)
	r.ClientIP = client
	return r
}

// waits is the code of an attempt, and how long it is told to wait.
func (h *house) waits(r signin.Request) (oriel.Code, time.Duration) {
	_, err := h.signin.Exchange(h.Context(), r)
	var e *oriel.Error
	if errors.As(err, &e) {
		return e.Code, e.RetryAfter
	}
	return oriel.CodeOf(err), 0
}

func TestLimits_garbageLocksNobodyOut(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.openWith(func(o *signin.Options) { o.SignInRate, o.RefusedRate = 1, 100 })
	forged := h.token("apron", nil)
	forged = forged[:strings.LastIndexByte(forged, '.')+1] + strings.Repeat("A", 43)
	limited := 0
	for i := range 10_000 {
		garbage := forged
		if i%2 == 0 {
			garbage = "garbage"
		}
		if code, _ := h.waits(h.from("192.0.2.66", garbage)); code == oriel.CodeRateLimited {
			limited++
		}
	}
	if limited != 9_900 {
		t.Errorf("%d attempts were told to wait, want all but 100", limited)
	}
	if _, err := h.signin.Exchange(t.Context(), h.from("192.0.2.66", h.token("apron", nil))); err != nil {
		t.Errorf("a good token of the same address is refused: %v", err)
	}
	if code, _ := h.waits(h.from("192.0.2.67", forged)); code != oriel.CodeTokenSignature {
		t.Errorf("another address is told %s", code)
	}
	if err := h.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Records grow by a bounded number, and none is lost.
	h.wait(time.Minute)
	if err := h.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records`); n > 110 {
		t.Errorf("%d records were written", n)
	}
	if n := h.count(`SELECT sum(attempts) FROM sign_in_records`); n != 10_002 {
		t.Errorf("the records stand for %d attempts, want 10,002", n)
	}
}

func TestLimits_refusedAttemptsOfANetworkWait(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.openWith(func(o *signin.Options) { o.RefusedRate = 3 })
	// A /64 is one network, and an embedded IPv4 address is that address.
	for i, client := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"} {
		if code, _ := h.waits(h.from(client, "garbage")); code != oriel.CodeTokenMalformed {
			t.Fatalf("attempt %d: %s", i, code)
		}
	}
	code, wait := h.waits(h.from("2001:db8::3", "garbage"))
	if code != oriel.CodeRateLimited || wait <= 0 || wait > 20*time.Second {
		t.Errorf("the fourth: %s, wait %s", code, wait)
	}
	if code, _ := h.waits(h.from("2001:db8:0:1::3", "garbage")); code != oriel.CodeTokenMalformed {
		t.Errorf("a neighbour: %s", code)
	}
	h.wait(wait)
	if code, _ := h.waits(h.from("2001:db8::3", "garbage")); code != oriel.CodeTokenMalformed {
		t.Errorf("after the wait: %s", code)
	}
	if err := h.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// It is recorded as what it was answered with, and tells the check as ever.
	h.requestIsRefused(oriel.CodeRateLimited, h.from("2001:db8::3", "garbage"))
}

func TestLimits_aProviderHasItsRate(t *testing.T) {
	h := newHouse(t, provider("one"), provider("two"))
	h.openWith(func(o *signin.Options) { o.SignInRate = 1 })
	token := func(slug string, n int) string {
		return h.token(slug, map[string]any{"sub": fmt.Sprintf("%s-%d", slug, n), "email": fmt.Sprintf("%s-%d@example.com", slug, n)})
	}
	for n := range 10 { // at once, from anywhere
		if code, _ := h.waits(h.from(fmt.Sprintf("192.0.2.%d", n), token("one", n))); code != "" {
			t.Fatalf("sign-in %d: %s", n, code)
		}
	}
	waiting := token("one", 10)
	r := h.from("192.0.2.200", waiting)
	h.requestIsRefused(oriel.CodeRateLimited, r)
	if code, _ := h.waits(h.from("192.0.2.200", token("two", 0))); code != "" {
		t.Errorf("another provider: %s", code)
	}
	h.wait(time.Second)
	// The token was not spent.
	if code, _ := h.waits(h.from("192.0.2.200", waiting)); code != "" {
		t.Errorf("after a second: %s", code)
	}
}

// With one token of their own somebody could use up the rate of all.
func TestLimits_oneTokenAgainAndAgainIsNotItsProviders(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.openWith(func(o *signin.Options) { o.SignInRate, o.RefusedRate = 1, 5 })
	own := h.token("apron", nil)
	codes := map[oriel.Code]int{}
	for range 100 {
		code, _ := h.waits(h.from("192.0.2.66", own))
		codes[code]++
	}
	if codes[""] != 1 || codes[oriel.CodeTokenReplayed] != 5 || codes[oriel.CodeRateLimited] != 94 {
		t.Errorf("got %v", codes)
	}
	expired := h.token("apron", map[string]any{"iat": h.clock().Unix() - 200, "exp": h.clock().Unix() - 100})
	for range 100 {
		h.waits(h.from("192.0.2.66", expired))
	}
	for n := range 9 {
		if code, _ := h.waits(h.from("192.0.2.1", h.token("apron", nil))); code != "" {
			t.Fatalf("sign-in %d of the others: %s", n, code)
		}
	}
}

// A token that was signed well once, and passes no more, is anybody's who ever
// had one: without a limit each request with it would be a durable write.
func TestLimits_whatWasSignedWellAndPassesNoMoreIsBounded(t *testing.T) {
	for name, changed := range map[string]map[string]any{
		"expired":          {"iat": 1_000_000_000, "exp": 1_000_000_060},
		"for another site": {"aud": "https://elsewhere.example"},
		"without a name":   {"email": nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, provider("apron"))
			h.openWith(func(o *signin.Options) { o.RefusedRate = 5 })
			token := h.token("apron", changed)
			codes := map[oriel.Code]int{}
			for range 300 {
				code, _ := h.waits(h.from("192.0.2.66", token))
				codes[code]++
			}
			if len(codes) != 2 || codes[oriel.CodeRateLimited] != 295 {
				t.Errorf("got %v", codes)
			}
			if err := h.records.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := h.count(`SELECT count(*) FROM sign_in_records`); n > 105 {
				t.Errorf("%d records were written", n)
			}
			if code, _ := h.waits(h.from("192.0.2.66", h.token("apron", nil))); code != "" {
				t.Errorf("a good token of the same address: %s", code)
			}
			if code, _ := h.waits(h.from("192.0.2.67", token)); code == oriel.CodeRateLimited {
				t.Error("another address waits too")
			}
		})
	}
}
