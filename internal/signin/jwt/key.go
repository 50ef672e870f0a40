package jwt

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// minSecret is 256 bits, the least that HS256 may have (RFC 7518 §3.2).
	minSecret = 32
	// maxTries bounds the keys that a token without kid is tried against.
	maxTries = 4
)

// key is a provider's key, ready for use.
type key struct {
	id         string
	algorithms []jose.SignatureAlgorithm // the family: never used for another
	material   any                       // what the library verifies with
}

// parseKey fixes the algorithms by the kind of the key. Another kind is another
// case here. The error names no part of the key.
func parseKey(k oriel.ProviderKey) (key, error) {
	switch k.Kind {
	case oriel.KeyHS256:
		if len(k.Public) > 0 {
			return key{}, errors.New("a key of kind hs256 has a secret, not a public key")
		}
		if len(k.Secret) < minSecret {
			return key{}, fmt.Errorf("the secret has %d bytes; HS256 needs at least %d", len(k.Secret), minSecret)
		}
		// A published key used as a secret would let anybody sign.
		if bytes.Contains(k.Secret, []byte("-----BEGIN ")) {
			return key{}, errors.New("the secret is a PEM text; a key of kind hs256 needs random bytes")
		}
		return key{id: k.ID, algorithms: []jose.SignatureAlgorithm{jose.HS256}, material: k.Secret}, nil
	case oriel.KeyEdDSA:
		if len(k.Secret) > 0 {
			return key{}, errors.New("a key of kind eddsa has a public key, not a secret")
		}
		public, err := parsePublic(k.Public)
		if err != nil {
			return key{}, err
		}
		ed, isEd := public.(ed25519.PublicKey)
		if !isEd {
			return key{}, errors.New("the public key is not an Ed25519 key")
		}
		return key{id: k.ID, algorithms: []jose.SignatureAlgorithm{jose.EdDSA}, material: ed}, nil
	}
	return key{}, fmt.Errorf("keys of kind %q are not supported", k.Kind)
}

// parsePublic reads one PEM block with a public key (RFC 7468 §13).
func parsePublic(text []byte) (any, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("the public key is not a PEM block PUBLIC KEY")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("the public key's PEM has more than one block")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the public key's PEM does not hold a public key")
	}
	return public, nil
}

// findKeys gives the keys that the token may be verified with: one, or in the
// compat profile without kid up to four.
func findKeys(h header, p oriel.Provider) ([]key, error) {
	candidates := p.Keys
	switch {
	case h.hasKeyID:
		at := slices.IndexFunc(p.Keys, func(k oriel.ProviderKey) bool { return k.ID == h.keyID })
		if at < 0 {
			return nil, &oriel.Error{Code: oriel.CodeTokenKeyUnknown, Err: errors.New("the provider has no live key with the token's kid")}
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
	return fitting[:min(len(fitting), maxTries)], nil
}

// verifies tells whether the key is for the algorithm that the token names,
// in its exact spelling. The compat profile knows HS256 alone.
func (k key) verifies(algorithm string, profile oriel.Profile) bool {
	if profile == oriel.ProfileCompat && algorithm != string(jose.HS256) {
		return false
	}
	return slices.Contains(k.algorithms, jose.SignatureAlgorithm(algorithm))
}

// verify tells whether the key signed the token.
func (k key) verify(compact string) bool {
	signed, err := jose.ParseSignedCompact(compact, k.algorithms)
	if err != nil {
		return false
	}
	_, err = signed.Verify(k.material)
	return err == nil
}
