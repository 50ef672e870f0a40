package signin_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// logoutToken is the provider's, of whom the claims name.
func (h *house) logoutToken(slug string, changed map[string]any) string {
	h.Helper()
	changed["email"] = absent{}
	if _, named := changed["sub"]; !named {
		changed["sub"] = absent{}
	}
	payload, err := json.Marshal(h.claims("https://"+slug+".example.com", changed))
	if err != nil {
		h.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"HS256","kid":"`+slug+`-key","typ":"oriel-logout+jwt"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, secret(slug))
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}

func (h *house) logout(token string) signin.LogoutRequest {
	r := h.request(token)
	return signin.LogoutRequest{Token: token, ClientIP: r.ClientIP, Reference: r.Reference}
}

func TestLogout_K2_leavesOneRecord(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.enters("apron", map[string]any{"sid": "s1"})
	r := h.logout(h.logoutToken("apron", map[string]any{"sid": "s1"}))
	before := h.rows()
	ended, err := h.signin.Logout(t.Context(), r)
	if err != nil || ended != 1 {
		t.Fatalf("got %d, %v", ended, err)
	}
	if after := h.rows(); after["sign_in_records"] != before["sign_in_records"]+1 || after["spent_tokens"] != before["spent_tokens"]+1 {
		t.Errorf("before %v, after %v", before, after)
	}
	want := []string{"provider passed", "origin skipped", "key passed", "signature passed", "time passed", "issuer passed", "audience passed", "replay passed"}
	if got := h.checks(r.Reference); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND method = 'logout' AND outcome = '' AND provider = 'apron'`, r.Reference); n != 1 {
		t.Errorf("the record does not say what it is")
	}
	// One table for all: what was spent here is spent.
	again := h.logout(r.Token)
	before = h.rows()
	if _, err := h.signin.Logout(t.Context(), again); oriel.CodeOf(err) != oriel.CodeTokenReplayed {
		t.Errorf("a second time: %v", err)
	}
	if after := h.rows(); after["sign_in_records"] != before["sign_in_records"]+1 || after["spent_tokens"] != before["spent_tokens"] {
		t.Errorf("refused: before %v, after %v", before, after)
	}
}

func TestLogout_J16_fiftyAtOnce(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.enters("apron", map[string]any{"sid": "s1"})
	token := h.logoutToken("apron", map[string]any{"sid": "s1"})
	var won atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		r := h.logout(token)
		all.Go(func() {
			if _, err := h.signin.Logout(t.Context(), r); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won, want 1", won.Load())
	}
}

// A host may end what it began while embedding is off, but not while its
// provider is, whose sessions are refused anyway.
func TestLogout_gates(t *testing.T) {
	off := provider("off")
	off.Enabled = false
	h := newHouse(t, provider("apron"), off)
	h.enters("apron", nil)
	h.open(false)
	if ended, err := h.signin.Logout(t.Context(), h.logout(h.logoutToken("apron", map[string]any{"sub": "dana"}))); err != nil || ended != 1 {
		t.Errorf("with embedding off: %d, %v", ended, err)
	}
	for name, c := range map[string]struct {
		change func(*signin.LogoutRequest)
		code   oriel.Code
	}{
		"a provider that is off":    {func(r *signin.LogoutRequest) { r.Token = h.logoutToken("off", map[string]any{"sub": "dana"}) }, oriel.CodeSSONotConfigured},
		"an unknown provider":       {func(r *signin.LogoutRequest) { r.Provider = "none" }, oriel.CodeProviderUnknown},
		"a foreign page":            {func(r *signin.LogoutRequest) { r.Origin = "https://evil.example.org" }, oriel.CodeOriginNotAllowed},
		"a foreign page, a sign-in": {func(r *signin.LogoutRequest) { r.Origin, r.Token = "null", h.token("apron", nil) }, oriel.CodeOriginNotAllowed},
		"a sign-in":                 {func(r *signin.LogoutRequest) { r.Token = h.token("apron", nil) }, oriel.CodeLogoutRequestInvalid},
	} {
		r := h.logout(h.logoutToken("apron", map[string]any{"sub": "dana"}))
		c.change(&r)
		if _, err := h.signin.Logout(t.Context(), r); oriel.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
		if err := h.records.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND method = 'logout' AND outcome = ?`, r.Reference, string(c.code)); n != 1 {
			t.Errorf("%s: %d records, want 1", name, n)
		}
	}
}
