package jwt

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// key is a provider's key, ready for use.
type key struct {
	id        string
	algorithm jose.SignatureAlgorithm // the only one that it ever verifies
	material  any                     // what the library verifies with
}

// CheckKey tells in a sentence why a key cannot be used, and nil of one that
// can. The error names no part of the key.
func CheckKey(k oriel.ProviderKey) error {
	_, err := parseKey(k)
	return err
}

// parseKey fixes the algorithm by the kind of the key. Another kind is another
// case here. An HMAC secret is at least as long as the hash (RFC 7518 §3.2).
func parseKey(k oriel.ProviderKey) (key, error) {
	switch k.Kind {
	case oriel.KeyHS256:
		return secretKey(k, jose.HS256, 32)
	case oriel.KeyHS384:
		return secretKey(k, jose.HS384, 48)
	case oriel.KeyHS512:
		return secretKey(k, jose.HS512, 64)
	case oriel.KeyEdDSA:
		return publicKey(k, jose.EdDSA, checkEd25519)
	case oriel.KeyES256:
		return publicKey(k, jose.ES256, checkCurve(elliptic.P256()))
	case oriel.KeyES384:
		return publicKey(k, jose.ES384, checkCurve(elliptic.P384()))
	case oriel.KeyRS256:
		return publicKey(k, jose.RS256, checkRSA)
	case oriel.KeyRS384:
		return publicKey(k, jose.RS384, checkRSA)
	case oriel.KeyRS512:
		return publicKey(k, jose.RS512, checkRSA)
	case oriel.KeyPS256:
		return publicKey(k, jose.PS256, checkRSA)
	}
	return key{}, fmt.Errorf("keys of kind %q are not supported", k.Kind)
}

func secretKey(k oriel.ProviderKey, algorithm jose.SignatureAlgorithm, least int) (key, error) {
	if len(k.Public) > 0 {
		return key{}, fmt.Errorf("a key of kind %s has a secret, not a public key", k.Kind)
	}
	if len(k.Secret) < least {
		return key{}, fmt.Errorf("the secret is shorter than %d bytes, which %s needs: make a longer one, at random", least, algorithm)
	}
	if isPublished(k.Secret) {
		return key{}, fmt.Errorf("the secret is a public key or a PEM text, which others may know: a key of kind %s needs random bytes", k.Kind)
	}
	return key{id: k.ID, algorithm: algorithm, material: k.Secret}, nil
}

// isPublished finds out public keys given as secrets: with one of them anybody
// could sign. PEM, PKIX and PKCS #1 in DER, and JWK.
func isPublished(secret []byte) bool {
	if bytes.Contains(secret, []byte("-----BEGIN ")) {
		return true
	}
	if _, err := x509.ParsePKIXPublicKey(secret); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PublicKey(secret); err == nil {
		return true
	}
	members, err := parseObject(secret)
	return err == nil && members["kty"] != nil
}

func publicKey(k oriel.ProviderKey, algorithm jose.SignatureAlgorithm, check func(any) error) (key, error) {
	if len(k.Secret) > 0 {
		return key{}, fmt.Errorf("a key of kind %s has a public key, not a secret", k.Kind)
	}
	public, err := parsePublic(k.Public, algorithm)
	if err != nil {
		return key{}, err
	}
	if err := check(public); err != nil {
		return key{}, fmt.Errorf("%w (kind %s)", err, k.Kind)
	}
	if rsaKey, isRSA := public.(*rsa.PublicKey); isRSA && algorithm == jose.PS256 {
		public = saltedPSS{rsaKey}
	}
	return key{id: k.ID, algorithm: algorithm, material: public}, nil
}

func checkEd25519(public any) error {
	if _, isEd := public.(ed25519.PublicKey); !isEd {
		return errors.New("the public key is not an Ed25519 key")
	}
	return nil
}

func checkCurve(curve elliptic.Curve) func(any) error {
	return func(public any) error {
		if ec, isEC := public.(*ecdsa.PublicKey); !isEC || ec.Curve != curve {
			return fmt.Errorf("the public key is not an EC key on the curve %s", curve.Params().Name)
		}
		return nil
	}
}

// findKeys gives the keys that the token may be verified with: one, or in the
// compat profile without kid up to four.
func findKeys(h header, p oriel.Provider) ([]key, error) {
	candidates := p.Keys
	switch {
	case h.hasKeyID:
		named := func(k oriel.ProviderKey) bool { return k.ID == h.keyID }
		at := slices.IndexFunc(p.Keys, named)
		if at < 0 {
			return nil, &oriel.Error{Code: oriel.CodeTokenKeyUnknown, Err: errors.New("the provider has no live key with the token's kid")}
		}
		if slices.ContainsFunc(p.Keys[at+1:], named) {
			return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: errors.New("two of the provider's keys have the token's kid")}
		}
		candidates = p.Keys[at : at+1]
	case p.Profile != oriel.ProfileCompat && len(p.Keys) > 1:
		return nil, &oriel.Error{Code: oriel.CodeTokenKeyUnknown, Err: errors.New("the token has no kid, and more than one key is live")}
	}
	var usable, fitting []key
	var unusable error
	for _, candidate := range candidates {
		k, err := parseKey(candidate)
		if err != nil {
			unusable = fmt.Errorf("key %q: %w", candidate.ID, err)
			continue
		}
		usable = append(usable, k)
		if k.verifies(h.algorithm, p.Profile) {
			fitting = append(fitting, k)
		}
	}
	switch {
	case len(usable) == 0 && unusable != nil:
		return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: unusable}
	case len(usable) == 0:
		return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: errors.New("the provider has no key")}
	case len(fitting) == 0:
		return nil, &oriel.Error{Code: oriel.CodeAlgorithmNotAllowed, Err: errors.New("the token's algorithm is not the key's")}
	}
	return fitting[:min(len(fitting), oriel.MaxProviderKeys)], nil
}

// verifies tells whether the key is for the algorithm that the token names,
// in its exact spelling. The compat profile knows HS256 alone.
func (k key) verifies(algorithm string, profile oriel.Profile) bool {
	if profile == oriel.ProfileCompat && k.algorithm != jose.HS256 {
		return false
	}
	return algorithm == string(k.algorithm)
}

// verify tells whether the key signed the token.
func (k key) verify(compact string) bool {
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{k.algorithm})
	if err != nil {
		return false
	}
	_, err = signed.Verify(k.material)
	return err == nil
}

// signedBy gives the key that signed the token. It fails with
// [oriel.CodeTokenSignature].
func signedBy(keys []key, compact string) (key, error) {
	at := slices.IndexFunc(keys, func(k key) bool { return k.verify(compact) })
	if at < 0 {
		return key{}, &oriel.Error{Code: oriel.CodeTokenSignature}
	}
	return keys[at], nil
}
