package jwt

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// maxPublic is the size in bytes above which a public key's text is refused
// unread.
const maxPublic = 16 << 10

// parsePublic reads a public key as PEM or as JWK.
func parsePublic(text []byte, algorithm jose.SignatureAlgorithm) (any, error) {
	if len(text) > maxPublic {
		return nil, fmt.Errorf("the public key has %d bytes, over the %d that are read", len(text), maxPublic)
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return parseJWK(text, algorithm)
	}
	return parsePEM(text)
}

// parsePEM reads one PEM block with a public key (RFC 7468 §13).
func parsePEM(text []byte) (any, error) {
	block, rest := pem.Decode(text)
	if block != nil && strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return nil, errors.New("in place of the public key stands a private one, which stays with the host: give the public one, as openssl pkey -pubout writes it")
	}
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New(`the public key is neither PEM nor JWK: give the text from "-----BEGIN PUBLIC KEY-----" to its end, or the JSON object`)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("the public key's PEM goes on after its block: give one block PUBLIC KEY alone")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the public key's PEM is damaged, or of a kind of key that is not read: export the public key again")
	}
	return public, nil
}

// parseJWK reads one public key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
func parseJWK(text []byte, algorithm jose.SignatureAlgorithm) (any, error) {
	members, err := parseObject(text)
	if err != nil {
		return nil, fmt.Errorf("the public key as JWK cannot be read: %w", err)
	}
	if _, isSet := members["keys"]; isSet {
		return nil, errors.New("the public key is a set of JWKs: give one of its keys")
	}
	return publicOf(members, algorithm)
}

// publicOf takes a JWK's members apart. Those that say nothing of the key
// itself are ignored, and none is followed.
func publicOf(members object, algorithm jose.SignatureAlgorithm) (any, error) {
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, found := members[private]; found {
			return nil, fmt.Errorf("the JWK has the private member %q: give the public key alone, and count this private key as disclosed", private)
		}
	}
	if err := checkPurpose(members, algorithm); err != nil {
		return nil, err
	}
	switch members["kty"] {
	case "OKP":
		return parseOKP(members)
	case "EC":
		return parseEC(members)
	case "RSA":
		return parseRSA(members)
	}
	return nil, errors.New(`the JWK's "kty" is none of OKP, EC and RSA`)
}

// checkPurpose refuses a JWK that says to be for anything but verifying this
// algorithm (RFC 7517 §4.2 to §4.4).
func checkPurpose(members object, algorithm jose.SignatureAlgorithm) error {
	if named, found := members["alg"]; found && named != string(algorithm) {
		return fmt.Errorf(`the JWK's "alg" is not %s: the kind of the key has to be that of the JWK`, algorithm)
	}
	if use, found := members["use"]; found && use != "sig" {
		return errors.New(`the JWK's "use" is not "sig"`)
	}
	if operations, found := members["key_ops"]; found {
		list, isList := operations.([]any)
		if !isList || len(list) != 1 || list[0] != "verify" {
			return errors.New(`the JWK's "key_ops" is not ["verify"]`)
		}
	}
	return nil
}

func parseOKP(members object) (any, error) {
	if members["crv"] != "Ed25519" {
		return nil, errors.New(`the JWK's "crv" is not Ed25519`)
	}
	x, err := jwkBytes(members, "x")
	if err != nil {
		return nil, err
	}
	if len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf(`the JWK's "x" has not %d bytes`, ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(x), nil
}

func parseEC(members object) (any, error) {
	var curve elliptic.Curve
	switch members["crv"] {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	default:
		return nil, errors.New(`the JWK's "crv" is neither P-256 nor P-384`)
	}
	size := (curve.Params().BitSize + 7) / 8
	point := []byte{4} // uncompressed (SEC 1 §2.3.3)
	for _, name := range []string{"x", "y"} {
		coordinate, err := jwkBytes(members, name)
		if err != nil {
			return nil, err
		}
		if len(coordinate) != size {
			return nil, fmt.Errorf(`the JWK's %q has not %d bytes`, name, size)
		}
		point = append(point, coordinate...)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("the JWK's point is not on the curve %s", curve.Params().Name)
	}
	return public, nil
}

func parseRSA(members object) (any, error) {
	n, err := jwkBytes(members, "n")
	if err != nil {
		return nil, err
	}
	e, err := jwkBytes(members, "e")
	if err != nil {
		return nil, err
	}
	// The fewest bytes that hold the number (RFC 7518 §2).
	if n[0] == 0 || e[0] == 0 {
		return nil, errors.New(`the JWK's "n" or "e" begins with a zero byte`)
	}
	exponent := new(big.Int).SetBytes(e)
	if !exponent.IsInt64() || exponent.Int64() > maxExponent {
		return nil, errExponent()
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
}

func jwkBytes(members object, name string) ([]byte, error) {
	text, isText := members[name].(string)
	if !isText {
		return nil, fmt.Errorf("the JWK has no text %q", name)
	}
	value, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("the JWK's %q: %w", name, err)
	}
	return value, nil
}
