package jwks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// J18: nothing that a token says makes a request, but a kid in the right form
// and under an algorithm of public keys.
func TestVerify_J18_hostileTokenMakesNoRequest(t *testing.T) {
	h := newHouse(t, "a")
	claims := encode([]byte(`{"iss":"https://apron.example","exp":1,"iat":1}`))
	for _, header := range []string{
		`{"alg":"none","kid":"a"}`, `{"alg":"NONE","kid":"a"}`, `{"alg":"HS256","kid":"a"}`, `{"alg":"HS512","kid":"x"}`, `{"alg":"eddsa","kid":"a"}`,
		`{"alg":"ES512","kid":"a"}`, `{"alg":"ES256K","kid":"a"}`, `{"alg":"Ed25519","kid":"a"}`, `{"alg":"dir","kid":"a"}`,
		`{"alg":"EdDSA"}`, `{"alg":"EdDSA","kid":""}`, `{"alg":"EdDSA","kid":7}`, `{"alg":"EdDSA","kid":["a"]}`, `{"alg":"EdDSA","kid":"a","kid":"b"}`,
		`{"alg":"EdDSA","kid":"a","jku":"URL"}`, `{"alg":"EdDSA","kid":"a","x5u":"URL"}`, `{"alg":"EdDSA","kid":"a","jwk":` + jwkOf("a") + `}`,
		`{"alg":"EdDSA","kid":"a","x5c":["AAAA"]}`, `{"alg":"EdDSA","kid":"a","crit":["kid"]}`, `{"alg":"EdDSA","kid":"a","b64":false,"crit":["b64"]}`,
		`{"alg":"EdDSA","kid":"a","zip":"DEF"}`, `{"alg":"EdDSA","kid":"a","enc":"A128GCM"}`, `{"alg":"EdDSA","kid":"a","cty":"JWT"}`,
		`{"alg":"EdDSA","kid":"a","typ":"at+jwt"}`, `{"alg":"EdDSA","kid":"a\u0000"}`, "{\"alg\":\"EdDSA\",\"kid\":\"a\xff\"}",
	} {
		header = strings.ReplaceAll(header, "URL", h.url)
		if _, _, err := h.verifier.Verify(t.Context(), encode([]byte(header))+"."+claims+".AAAA", h.provider(), h.clock()); err == nil {
			t.Errorf("%s is taken", header)
		}
	}
	// The compat profile knows no published keys, and a key that has ended none at all.
	compat := h.provider()
	compat.Profile = oriel.ProfileCompat
	if _, _, err := h.verifier.Verify(t.Context(), h.token("a", "a"), compat, h.clock()); oriel.CodeOf(err) != oriel.CodeTokenKeyUnknown {
		t.Error(err)
	}
	ended := h.provider()
	ended.Keys[0].Retired, ended.Keys[0].Ends = h.clock().Add(-time.Hour), h.clock()
	if _, _, err := h.verifier.Verify(t.Context(), h.token("a", "a"), ended, h.clock()); oriel.CodeOf(err) != oriel.CodeTokenKeyUnknown {
		t.Error(err)
	}
	if n := h.fetches.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	h.verifies(h.token("a", "a"), "", 1)
}

// A URL has its own keys: a kid of another provider's set opens nothing.
func TestFind_urlsShareNoKeys(t *testing.T) {
	a, b := newHouse(t, "k-a"), newHouse(t, "k-b")
	b.sets = a.sets
	a.finds("k-a", "", 1)
	b.finds("k-b", "", 1)
	b.finds("k-a", oriel.CodeTokenKeyUnknown, 1)
	for i, suffix := range []string{"?", "?x", "/"} {
		if _, err := a.sets.Find(t.Context(), a.url+suffix, "k-b"); oriel.CodeOf(err) != oriel.CodeTokenKeyUnknown {
			t.Errorf("%s %d: %v", suffix, i, err)
		}
	}
	if text := fmt.Sprint(a.fetches.Load(), b.fetches.Load()); text != "4 1" {
		t.Errorf("fetches %s", text)
	}
}
