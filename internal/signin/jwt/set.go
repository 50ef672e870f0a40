package jwt

import (
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// MaxSetKeys is the most keys of a JWKS that is read.
const MaxSetKeys = 100

// Set are the keys of one JWKS document (RFC 7517 §5).
type Set struct {
	keys map[string]Key
	// passedOver says of a kid why its key verifies nothing.
	passedOver map[string]error
}

// ParseSet reads a JWKS. It fails when the document is none; a key in it that
// verifies no tokens is passed over, as RFC 7517 §5 wants: one for encryption,
// of an unknown kind, without kid, or with anything private or symmetric in
// it. So are all keys of a kid that stands there twice, for it names none of them.
//
// A JWK is for the algorithm that its "alg" names. Without one it is for EdDSA
// when it is an Ed25519 key, ES256 and ES384 by its curve, and RS256 when it is
// an RSA key.
func ParseSet(text []byte) (Set, error) {
	document, err := parseObject(text)
	if err != nil {
		return Set{}, fmt.Errorf("the document is no JWKS: %w", err)
	}
	list, isList := document["keys"].([]any)
	switch {
	case !isList:
		return Set{}, errors.New(`the document is no JWKS: it has no list "keys"`)
	case len(list) > MaxSetKeys:
		return Set{}, fmt.Errorf("the JWKS has %d keys, over the %d that are read", len(list), MaxSetKeys)
	}
	set := Set{keys: map[string]Key{}, passedOver: map[string]error{}}
	seen := map[string]bool{}
	for _, item := range list {
		members, isObject := item.(object)
		kid, isText := members["kid"].(string)
		if !isObject || !isText || kid == "" {
			continue
		}
		k, err := publishedKey(members)
		if seen[kid] {
			err = errors.New("its kid stands twice in the JWKS")
			delete(set.keys, kid)
		}
		seen[kid] = true
		if err != nil {
			set.passedOver[kid] = err
			continue
		}
		k.id = kid
		set.keys[kid] = k
	}
	return set, nil
}

func publishedKey(members object) (Key, error) {
	algorithm, err := publishedAlgorithm(members)
	if err != nil {
		return Key{}, err
	}
	public, err := publicOf(members, algorithm)
	if err != nil {
		return Key{}, err
	}
	material, err := verifying(public, algorithm)
	return Key{algorithm: algorithm, material: material}, err
}

func publishedAlgorithm(members object) (jose.SignatureAlgorithm, error) {
	if named, found := members["alg"]; found {
		text, isText := named.(string)
		if !isText {
			return "", errors.New(`its "alg" is not a text`)
		}
		return jose.SignatureAlgorithm(text), nil
	}
	switch kind, curve := members["kty"], members["crv"]; {
	case kind == "OKP" && curve == "Ed25519":
		return jose.EdDSA, nil
	case kind == "EC" && curve == "P-256":
		return jose.ES256, nil
	case kind == "EC" && curve == "P-384":
		return jose.ES384, nil
	case kind == "RSA":
		return jose.RS256, nil
	}
	return "", errors.New(`its "kty" and "crv" are of no kind of public key that is supported`)
}

// Len is how many keys of the document verify tokens.
func (s Set) Len() int { return len(s.keys) }

// Find gives the key with the kid, or fails with [oriel.CodeTokenKeyUnknown]
// and the reason.
func (s Set) Find(kid string) (Key, error) {
	if k, found := s.keys[kid]; found {
		return k, nil
	}
	if why, found := s.passedOver[kid]; found {
		return Key{}, unknownKey("the JWKS has a key with the token's kid that verifies nothing: " + why.Error())
	}
	return Key{}, unknownKey(fmt.Sprintf("none of the %d keys of the JWKS has the token's kid", len(s.keys)))
}
