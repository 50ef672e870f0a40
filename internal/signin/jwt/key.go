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

// Key is a key of a provider, ready for use.
type Key struct {
	id        string
	serial    int64                   // of the provider's key, which of a JWKS is the whole set
	algorithm jose.SignatureAlgorithm // the only one that it ever verifies
	material  any                     // what the library verifies with
}

// CheckKey tells in a sentence why a key cannot be used, and nil of one that
// can. The error names no part of the key.
func CheckKey(k oriel.ProviderKey) error {
	if k.Kind == oriel.KeyJWKS {
		return checkJWKS(k)
	}
	_, err := parseKey(k)
	return err
}

// checkJWKS looks at the form only: what the address leads to, and whether this
// server fetches it, shows when it is fetched.
func checkJWKS(k oriel.ProviderKey) error {
	if len(k.Secret) > 0 || len(k.Public) > 0 {
		return errors.New("a key of kind jwks has the address of public keys, and neither a secret nor a public key")
	}
	if _, err := oriel.ParseAddress(k.URL); err != nil {
		return errors.New(oriel.MessageOf(err))
	}
	return nil
}

// parseKey fixes the algorithm by the kind of the key. Another kind is another
// case here. An HMAC secret is at least as long as the hash (RFC 7518 §3.2).
func parseKey(k oriel.ProviderKey) (Key, error) {
	if k.URL != "" {
		return Key{}, fmt.Errorf("a key of kind %s has no address: only one of kind jwks has", k.Kind)
	}
	switch k.Kind {
	case oriel.KeyHS256:
		return secretKey(k, jose.HS256, 32)
	case oriel.KeyHS384:
		return secretKey(k, jose.HS384, 48)
	case oriel.KeyHS512:
		return secretKey(k, jose.HS512, 64)
	case oriel.KeyEdDSA:
		return publicKey(k, jose.EdDSA)
	case oriel.KeyES256:
		return publicKey(k, jose.ES256)
	case oriel.KeyES384:
		return publicKey(k, jose.ES384)
	case oriel.KeyRS256:
		return publicKey(k, jose.RS256)
	case oriel.KeyRS384:
		return publicKey(k, jose.RS384)
	case oriel.KeyRS512:
		return publicKey(k, jose.RS512)
	case oriel.KeyPS256:
		return publicKey(k, jose.PS256)
	case oriel.KeyJWKS:
		return Key{}, errors.New("a JWKS is for providers of the profile strict, whose tokens name their key")
	}
	return Key{}, fmt.Errorf("keys of kind %q are not supported", k.Kind)
}

func secretKey(k oriel.ProviderKey, algorithm jose.SignatureAlgorithm, least int) (Key, error) {
	if len(k.Public) > 0 {
		return Key{}, fmt.Errorf("a key of kind %s has a secret, not a public key", k.Kind)
	}
	if len(k.Secret) < least {
		return Key{}, fmt.Errorf("the secret is shorter than %d bytes, which %s needs: make a longer one, at random", least, algorithm)
	}
	if isPublished(k.Secret) {
		return Key{}, fmt.Errorf("the secret is a public key or a PEM text, which others may know: a key of kind %s needs random bytes", k.Kind)
	}
	return Key{id: k.ID, serial: k.Serial, algorithm: algorithm, material: k.Secret}, nil
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

func publicKey(k oriel.ProviderKey, algorithm jose.SignatureAlgorithm) (Key, error) {
	if len(k.Secret) > 0 {
		return Key{}, fmt.Errorf("a key of kind %s has a public key, not a secret", k.Kind)
	}
	public, err := parsePublic(k.Public, algorithm)
	if err != nil {
		return Key{}, err
	}
	material, err := verifying(public, algorithm)
	if err != nil {
		return Key{}, fmt.Errorf("%w (kind %s)", err, k.Kind)
	}
	return Key{id: k.ID, serial: k.Serial, algorithm: algorithm, material: material}, nil
}

// verifying is the public key as the library verifies the algorithm with it.
func verifying(public any, algorithm jose.SignatureAlgorithm) (any, error) {
	check, isPublic := publicAlgorithm(algorithm)
	if !isPublic {
		return nil, fmt.Errorf("%s is no algorithm of public keys that is supported", oriel.Quoted(string(algorithm)))
	}
	if err := check(public); err != nil {
		return nil, err
	}
	if rsaKey, isRSA := public.(*rsa.PublicKey); isRSA && algorithm == jose.PS256 {
		return saltedPSS{rsaKey}, nil
	}
	return public, nil
}

// publicAlgorithm knows the algorithms of public keys, and what a key has to be
// for each.
func publicAlgorithm(algorithm jose.SignatureAlgorithm) (check func(public any) error, isPublic bool) {
	switch algorithm {
	case jose.EdDSA:
		return checkEd25519, true
	case jose.ES256:
		return checkCurve(elliptic.P256()), true
	case jose.ES384:
		return checkCurve(elliptic.P384()), true
	case jose.RS256, jose.RS384, jose.RS512, jose.PS256:
		return checkRSA, true
	}
	return nil, false
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

// verifies tells whether the key is for the algorithm that the token names,
// in its exact spelling. The compat profile knows HS256 alone.
func (k Key) verifies(algorithm string, profile oriel.Profile) bool {
	if profile == oriel.ProfileCompat && k.algorithm != jose.HS256 {
		return false
	}
	return algorithm == string(k.algorithm)
}

// verify tells whether the key signed the token.
func (k Key) verify(compact string) bool {
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{k.algorithm})
	if err != nil {
		return false
	}
	_, err = signed.Verify(k.material)
	return err == nil
}

// signedBy gives the key that signed the token. It fails with
// [oriel.CodeTokenSignature].
func signedBy(keys []Key, compact string) (Key, error) {
	at := slices.IndexFunc(keys, func(k Key) bool { return k.verify(compact) })
	if at < 0 {
		return Key{}, &oriel.Error{Code: oriel.CodeTokenSignature}
	}
	return keys[at], nil
}
