package jwks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwks"
)

// J19: a key that the host has added is known after one fetch.
func TestFind_J19_unknownKidRefreshesOnce(t *testing.T) {
	h := newHouse(t, "a")
	h.finds("a", "", 1)
	h.finds("a", "", 1)
	h.publish("a", "b")
	h.finds("b", oriel.CodeTokenKeyUnknown, 1) // fetched this very moment
	h.pass(29 * time.Second)
	h.finds("b", oriel.CodeTokenKeyUnknown, 1)
	h.pass(time.Second)
	h.finds("b", "", 2)
	h.finds("a", "", 2)
}

// J19: the host is down.
func TestFind_J19_outageKeepsTheKnownKeys(t *testing.T) {
	h := newHouse(t, "a")
	h.finds("a", "", 1)
	h.publish()
	h.pass(31 * time.Second)
	h.finds("a", "", 1)
	h.finds("b", oriel.CodeKeysUnavailable, 2)
	h.finds("b", oriel.CodeKeysUnavailable, 2)
	h.finds("a", "", 2)
	// Old, and asked for in vain every half minute at most.
	h.pass(24 * time.Hour)
	h.finds("a", "", 3)
	h.finds("a", "", 3)
	h.finds("b", oriel.CodeKeysUnavailable, 3)
	h.pass(30 * time.Second)
	h.finds("a", "", 4)
	// It is back, and b is none of its keys.
	h.publish("a")
	h.pass(30 * time.Second)
	h.finds("b", oriel.CodeTokenKeyUnknown, 5)
	h.finds("a", "", 5)
}

func TestFind_firstFetchFails(t *testing.T) {
	h := newHouse(t)
	h.finds("a", oriel.CodeKeysUnavailable, 1)
	h.publish("a")
	h.finds("a", oriel.CodeKeysUnavailable, 1)
	h.pass(30 * time.Second)
	h.finds("a", "", 2)
}

// Whatever is not a JWKS is an outage, and tells nothing of what it is.
func TestFind_brokenDocumentIsAnOutage(t *testing.T) {
	const canary = "s3cr3t-canary"
	h := newHouse(t, "a")
	h.finds("a", "", 1)
	many := `{"keys":[` + strings.Repeat(jwkOf("x")+",", 100) + jwkOf("b") + `]}`
	for i, text := range []string{
		"<html>" + canary, "[]", "{}", `{"keys":{}}`, `{"keys":null}`, `{"keys":[],"keys":[]}`, `{"Keys":[` + jwkOf("b") + `]}`,
		`{"keys":[` + jwkOf("b") + `]}` + canary, "{\"keys\":[],\"x\":\"" + canary + "\xff\"}", strings.Repeat("[", 10_000), many, strings.Repeat(" ", fetch.MaxBody) + `{"keys":[]}`,
	} {
		h.say(text)
		h.pass(30 * time.Second)
		h.finds("b", oriel.CodeKeysUnavailable, int32(i)+2)
		h.finds("a", "", int32(i)+2)
		if _, err := h.sets.Find(t.Context(), h.url, "b"); strings.Contains(err.Error(), canary) || len(err.Error()) > 300 {
			t.Errorf("the error tells too much: %v", err)
		}
	}
}

// A key that the host took back is gone with the next fetch, and no later than
// that of an old document.
func TestFind_keyTakenBackIsGone(t *testing.T) {
	h := newHouse(t, "a", "b")
	h.finds("a", "", 1)
	h.publish("b")
	h.pass(10*time.Minute - time.Second)
	h.finds("a", "", 1)
	h.pass(time.Second)
	h.finds("a", oriel.CodeTokenKeyUnknown, 2)
	h.finds("b", "", 2)
	h.publish("c")
	h.pass(30 * time.Second)
	h.finds("c", "", 3)
	h.finds("b", oriel.CodeTokenKeyUnknown, 3)
	h.say(`{"keys":[]}`)
	h.pass(10 * time.Minute)
	h.finds("c", oriel.CodeTokenKeyUnknown, 4)
}

// 200 tokens with made-up kids are one fetch, at once or one after another.
func TestFind_garbageCausesOneFetch(t *testing.T) {
	for _, down := range []bool{false, true} {
		h := newHouse(t, "a")
		want := oriel.CodeTokenKeyUnknown
		if down {
			h.publish()
			want = oriel.CodeKeysUnavailable
		}
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() { h.verifies(h.token(fmt.Sprint("garbage-", i), "eve"), want, 1) })
		}
		all.Wait()
		for i := range 200 {
			h.verifies(h.token(fmt.Sprint("more-", i), "eve"), want, 1)
		}
	}
}

// All who come while the first fetch runs get what it brings.
func TestFind_manyShareOneFetch(t *testing.T) {
	h := newHouse(t, "a")
	begun, goOn := make(chan struct{}), make(chan struct{})
	h.wait = func() { close(begun); <-goOn }
	var all sync.WaitGroup
	find := func() { h.finds("a", "", 1) }
	all.Go(find)
	<-begun
	for range 50 {
		all.Go(find)
	}
	time.Sleep(20 * time.Millisecond) // lets them come to the turn; the outcome is the same without
	close(goOn)
	all.Wait()
}

// Whoever has a known key waits for nobody.
func TestFind_knownKeyDoesNotWait(t *testing.T) {
	h := newHouse(t, "a")
	h.finds("a", "", 1)
	h.pass(11 * time.Minute)
	begun, goOn := make(chan struct{}), make(chan struct{})
	h.wait = func() { close(begun); <-goOn }
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = h.sets.Find(context.Background(), h.url, "a")
	}()
	<-begun
	h.finds("a", "", 2)
	time.Sleep(50 * time.Millisecond) // for the fetcher to give up, had it been waited for
	select {
	case <-done:
		t.Error("a known key waited for the fetch")
	default:
	}
	// Whoever waits for an unknown one may go away.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.sets.Find(ctx, h.url, "b"); oriel.CodeOf(err) != oriel.CodeKeysUnavailable {
		t.Error(err)
	}
	close(goOn)
	<-done
}

// The one who happens to fetch goes away: the others still get their keys.
func TestFind_fetchOutlivesWhoBeganIt(t *testing.T) {
	h := newHouse(t, "a")
	ctx, cancel := context.WithCancel(t.Context())
	h.wait = cancel
	if _, err := h.sets.Find(ctx, h.url, "a"); err != nil {
		t.Error(err)
	}
	h.finds("a", "", 1)
}

func TestFind_clockSetBackFetchesAgain(t *testing.T) {
	h := newHouse(t, "a")
	h.finds("a", "", 1)
	h.publish("a", "b")
	h.pass(-time.Hour)
	h.finds("b", "", 2)
}

// What was kept of URLs that no setting names any more is bounded.
func TestFind_oldestURLMakesRoom(t *testing.T) {
	h := newHouse(t, "a")
	find := func(n int) {
		if _, err := h.sets.Find(t.Context(), fmt.Sprint(h.url, "?", n), "a"); err != nil {
			t.Error(err)
		}
		h.pass(time.Millisecond)
	}
	for n := range 100 {
		find(n)
	}
	find(0) // used again, so 1 is the oldest
	find(100)
	before := h.fetches.Load()
	find(0)
	if n := h.fetches.Load(); before != 101 || n != before {
		t.Errorf("%d fetches, then %d", before, n)
	}
	find(1)
	if n := h.fetches.Load(); n != before+1 {
		t.Errorf("%d fetches, want %d", n, before+1)
	}
}

func TestFind_oneURLsOutageIsNoOthers(t *testing.T) {
	h := newHouse(t, "a")
	down := httptest.NewServer(http.NotFoundHandler())
	defer down.Close()
	p := h.provider()
	p.Keys = append([]oriel.ProviderKey{{ID: "down", Kind: oriel.KeyJWKS, URL: down.URL, Serial: 6}}, p.Keys...)
	identity, _, err := h.verifier.Verify(t.Context(), h.token("a", "a"), p, h.clock())
	if err != nil || identity.KeySerial != 7 || identity.KeyID != "a" {
		t.Errorf("%+v, %v", identity, err)
	}
	// The set that is down might have it.
	if _, _, err := h.verifier.Verify(t.Context(), h.token("x", "x"), p, h.clock()); oriel.CodeOf(err) != oriel.CodeKeysUnavailable {
		t.Error(err)
	}
}

// A fetcher that refuses the address is an outage with its reason.
func TestFind_addressThatIsNotFetched(t *testing.T) {
	h := newHouse(t, "a")
	sets := jwks.New(fetch.New(fetch.Options{}), h.clock)
	for url, want := range map[string]string{h.url: "in dev mode only", "https://localhost:1/": "this machine", "": "https://"} {
		_, err := sets.Find(t.Context(), url, "a")
		if oriel.CodeOf(err) != oriel.CodeKeysUnavailable || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", url, err)
		}
	}
	if n := h.fetches.Load(); n != 0 {
		t.Errorf("%d fetches", n)
	}
}

func TestFind_leavesNothingBehind(t *testing.T) {
	h := newHouse(t, "a")
	before := runtime.NumGoroutine()
	for range 20 {
		h.pass(11 * time.Minute)
		if _, err := h.sets.Find(t.Context(), h.url, "a"); err != nil {
			t.Error(err)
		}
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines more", after-before)
	}
}

// The token's way, with everything real.
func TestVerify_tokenOfAPublishedKey(t *testing.T) {
	h := newHouse(t, "a")
	h.verifies(h.token("a", "a"), "", 1)
	h.verifies(h.token("a", "eve"), oriel.CodeTokenSignature, 1)
	h.verifies(h.token("published", "a"), oriel.CodeTokenKeyUnknown, 1)
	// J19: rotation.
	h.publish("b")
	h.pass(30 * time.Second)
	h.verifies(h.token("b", "b"), "", 2)
	h.verifies(h.token("a", "a"), oriel.CodeTokenKeyUnknown, 2)
	h.publish()
	h.pass(30 * time.Second)
	h.verifies(h.token("b", "b"), "", 2)
	h.verifies(h.token("c", "c"), oriel.CodeKeysUnavailable, 3)
}
