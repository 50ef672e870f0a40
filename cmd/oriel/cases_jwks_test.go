package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
)

func httpServer(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// caseJWKS is a host that publishes its keys.
type caseJWKS struct {
	url string

	mu        sync.Mutex
	keys      map[string]ed25519.PrivateKey
	published []string
	requests  int
	broken    bool
}

func newJWKS(t *testing.T) *caseJWKS {
	t.Helper()
	k := &caseJWKS{keys: map[string]ed25519.PrivateKey{}}
	for _, kid := range []string{"one", "two", "three", "four"} {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		k.keys[kid] = private
	}
	k.url = httpServer(t, k.serve) + "/jwks.json"
	return k
}

func (k *caseJWKS) serve(w http.ResponseWriter, _ *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.requests++
	if k.broken {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	type jwk map[string]string
	keys := []jwk{}
	for _, kid := range k.published {
		public, _ := k.keys[kid].Public().(ed25519.PublicKey)
		keys = append(keys, jwk{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": b64(public)})
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

func (k *caseJWKS) publish(kids ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.published = kids
}

func (k *caseJWKS) goDown() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broken = true
}

func (k *caseJWKS) asked() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.requests
}

// sign makes a token of the provider jwks with one of the host's keys.
func (k *caseJWKS) sign(h *caseHouse, kid string) string {
	h.Helper()
	now := h.clock().Unix()
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": kid})
	if err != nil {
		h.Fatal(err)
	}
	payload, err := json.Marshal(map[string]any{
		"iss": "https://jwks.example", "aud": h.site, "sub": "jo", "jti": rand.Text(), "iat": now, "exp": now + 60, "email": "jo@example.com",
	})
	if err != nil {
		h.Fatal(err)
	}
	text := b64(header) + "." + b64(payload)
	return h.canary(text + "." + b64(ed25519.Sign(k.keys[kid], []byte(text))))
}
