package jwt_test

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

const site = "http://127.0.0.1:7420"

// now is when every token of the suite arrives.
func now() time.Time { return time.Unix(1_790_000_000, 0).UTC() }

// signer makes tokens by hand, so that they can be wrong in any way.
type signer struct {
	kid, alg string
	sign     func(input []byte) []byte
	key      oriel.ProviderKey
}

// The keys of the suite are made from fixed bytes: nothing of them is secret.
func seed(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func hs256(kid string) signer {
	secret := seed("hs256 " + kid)
	return signer{kid: kid, alg: "HS256", sign: hmacOf(secret), key: oriel.ProviderKey{ID: kid, Kind: oriel.KeyHS256, Secret: secret}}
}

func hmacOf(secret []byte) func([]byte) []byte {
	return func(input []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(input)
		return mac.Sum(nil)
	}
}

func eddsa(kid string) signer {
	private := ed25519.NewKeyFromSeed(seed("eddsa " + kid))
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		panic(err)
	}
	return signer{
		kid: kid, alg: "EdDSA",
		sign: func(input []byte) []byte { return ed25519.Sign(private, input) },
		key:  oriel.ProviderKey{ID: kid, Kind: oriel.KeyEdDSA, Public: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})},
	}
}

func encode(part []byte) string { return base64.RawURLEncoding.EncodeToString(part) }

// compact signs the two JSON texts as they stand.
func (s signer) compact(header, payload string) string {
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	return input + "." + encode(s.sign([]byte(input)))
}

// token signs claims with the signer's usual header.
func (s signer) token(claims map[string]any) string {
	return s.compact(`{"alg":"`+s.alg+`","kid":"`+s.kid+`","typ":"JWT"}`, jsonOf(claims))
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func strict(keys ...signer) oriel.Provider {
	p := oriel.Provider{ID: "prv_1", Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Issuer: "https://apron.example", Claims: oriel.DefaultClaimNames()}
	for _, k := range keys {
		p.Keys = append(p.Keys, k.key)
	}
	return p
}

func compat(keys ...signer) oriel.Provider {
	p := strict(keys...)
	p.ID, p.Profile, p.Issuer = "prv_2", oriel.ProfileCompat, ""
	return p
}

// claims are those of Apron's tokens; changes replace some, nil removes one.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": "https://apron.example", "aud": site, "sub": "dana", "jti": "one",
		"iat": now().Unix(), "exp": now().Unix() + 60,
		"email": "Dana@Example.com ", "first_name": "Dana", "last_name": "Reyes",
		"airport": "DFW", "groups": []string{"operators"}, "sid": "host-1",
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// bare are the claims of a host written for the compat profile.
func bare(changes map[string]any) map[string]any {
	all := map[string]any{"email": "Dana@Example.com ", "iat": now().Unix(), "exp": now().Unix() + 600}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func verify(token string, p oriel.Provider, at time.Time) (oriel.Identity, oriel.Evidence, error) {
	return jwt.New(site, nil).Verify(context.Background(), token, p, at)
}

func wantCode(t *testing.T, token string, p oriel.Provider, at time.Time, want oriel.Code) oriel.Evidence {
	t.Helper()
	identity, evidence, err := verify(token, p, at)
	if oriel.CodeOf(err) != want {
		t.Errorf("code %q (%v), want %q", oriel.CodeOf(err), err, want)
	}
	if err != nil && (identity.Subject != "" || identity.Email != "" || identity.OneUse != [32]byte{}) {
		t.Errorf("a refused token gave the identity %+v", identity)
	}
	if want != "" && (len(evidence.Checks) == 0 || evidence.Checks[len(evidence.Checks)-1].Outcome != oriel.CheckFailed) {
		t.Errorf("the evidence does not end in the check that failed: %+v", evidence.Checks)
	}
	return evidence
}

func mustVerify(t *testing.T, token string, p oriel.Provider, at time.Time) oriel.Identity {
	t.Helper()
	identity, _, err := verify(token, p, at)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return identity
}
