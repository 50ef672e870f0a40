package jwks_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwks"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

const site = "http://127.0.0.1:7420"

// house is a host that publishes its keys, Oriel's side of it, and a clock.
type house struct {
	*testing.T
	sets     *jwks.Sets
	verifier *jwt.Verifier
	url      string
	fetches  atomic.Int32
	mutex    sync.Mutex
	text     string // the document; empty: the host is down
	now      time.Time
	wait     func() // before the host answers
}

func newHouse(t *testing.T, kids ...string) *house {
	t.Helper()
	h := &house{T: t, now: time.Unix(1_790_000_000, 0), wait: func() {}}
	h.publish(kids...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.fetches.Add(1)
		h.wait()
		h.mutex.Lock()
		defer h.mutex.Unlock()
		if h.text == "" {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = w.Write([]byte(h.text))
	}))
	t.Cleanup(server.Close)
	h.url = server.URL + "/keys"
	h.sets = jwks.New(fetch.New(fetch.Options{DevMode: true}), h.clock)
	h.verifier = jwt.New(site, h.sets)
	return h
}

func (h *house) clock() time.Time {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.now = h.now.Add(d)
}

// publish sets the document; without kids the host is down.
func (h *house) publish(kids ...string) {
	list := make([]string, len(kids))
	for i, kid := range kids {
		list[i] = jwkOf(kid)
	}
	text := `{"keys":[` + strings.Join(list, ",") + `]}`
	if len(kids) == 0 {
		text = ""
	}
	h.say(text)
}

func (h *house) say(text string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.text = text
}

// The keys are made from their kid: nothing of them is secret.
func private(kid string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(kid))
	return ed25519.NewKeyFromSeed(seed[:])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func jwkOf(kid string) string {
	return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}`,
		kid, encode(private(kid).Public().(ed25519.PublicKey)))
}

// finds wants the outcome of looking a kid up, and how many fetches there were
// since the house was built.
func (h *house) finds(kid string, want oriel.Code, fetches int32) {
	h.Helper()
	if _, err := h.sets.Find(h.Context(), h.url, kid); oriel.CodeOf(err) != want {
		h.Errorf("kid %q: %v, want %q", kid, err, want)
	}
	if n := h.fetches.Load(); n != fetches {
		h.Errorf("kid %q: %d fetches, want %d", kid, n, fetches)
	}
}

// token is one of the host, signed with the key of signedBy under a kid.
func (h *house) token(kid, signedBy string) string {
	now := h.clock().Unix()
	input := encode([]byte(fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, kid))) + "." + encode([]byte(fmt.Sprintf(
		`{"iss":"https://apron.example","aud":%q,"sub":"dana","jti":"one","email":"dana@example.com","iat":%d,"exp":%d}`, site, now, now+60)))
	return input + "." + encode(ed25519.Sign(private(signedBy), []byte(input)))
}

func (h *house) provider() oriel.Provider {
	return oriel.Provider{
		ID: "prv_1", Profile: oriel.ProfileStrict, Issuer: "https://apron.example", Claims: oriel.DefaultClaimNames(),
		Keys: []oriel.ProviderKey{{ID: "published", Kind: oriel.KeyJWKS, URL: h.url, Serial: 7}},
	}
}

// verifies wants the outcome of verifying a token.
func (h *house) verifies(token string, want oriel.Code, fetches int32) {
	h.Helper()
	identity, _, err := h.verifier.Verify(h.Context(), token, h.provider(), h.clock())
	if oriel.CodeOf(err) != want {
		h.Errorf("%v, want %q", err, want)
	}
	if err == nil && identity.KeySerial != 7 {
		h.Errorf("the identity's key is %q of serial %d", identity.KeyID, identity.KeySerial)
	}
	if n := h.fetches.Load(); n != fetches {
		h.Errorf("%d fetches, want %d", n, fetches)
	}
}
