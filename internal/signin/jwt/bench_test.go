package jwt_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// What a verified sign-in costs beside the library alone, which checks the
// signature and reads the claims: `go test -bench . -run '^$' ./internal/signin/jwt`.

func BenchmarkVerify_eddsa(b *testing.B) { benchmarkVerify(b, eddsa("k"), strict, claims(nil)) }
func BenchmarkVerify_hs256(b *testing.B) { benchmarkVerify(b, hs256("k"), strict, claims(nil)) }
func BenchmarkVerify_compat(b *testing.B) {
	benchmarkVerify(b, hs256("k"), compat, bare(nil))
}

func benchmarkVerify(b *testing.B, s signer, profile func(...signer) oriel.Provider, claims map[string]any) {
	verifier, p, token := jwt.New(site, nil), profile(s), s.token(claims)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := verifier.Verify(context.Background(), token, p, now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLibrary_eddsa(b *testing.B) {
	s := eddsa("k")
	block, _ := pem.Decode(s.key.Public)
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkLibrary(b, s.token(claims(nil)), jose.EdDSA, public)
}

func BenchmarkLibrary_hs256(b *testing.B) {
	s := hs256("k")
	benchmarkLibrary(b, s.token(claims(nil)), jose.HS256, s.key.Secret)
}

func benchmarkLibrary(b *testing.B, token string, algorithm jose.SignatureAlgorithm, key any) {
	b.ReportAllocs()
	for b.Loop() {
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
		if err != nil {
			b.Fatal(err)
		}
		payload, err := signed.Verify(key)
		if err != nil {
			b.Fatal(err)
		}
		var claims map[string]any
		if err := json.Unmarshal(payload, &claims); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHints(b *testing.B) {
	token := eddsa("k").token(claims(nil))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := jwt.Hints(token); err != nil {
			b.Fatal(err)
		}
	}
}
