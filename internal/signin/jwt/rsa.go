package jwt

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

const (
	minModulus  = 2048 // bits (RFC 7518 §3.3)
	maxModulus  = 8192 // bits; a larger one only costs time
	minExponent = 65537
	maxExponent = 1<<31 - 1
)

// checkRSA refuses keys that are weak or costly: by size, by exponent (FIPS
// 186-5 §A.1.1), and those of a generator that is known to be broken.
func checkRSA(public any) error {
	key, isRSA := public.(*rsa.PublicKey)
	if !isRSA {
		return errors.New("the public key is not an RSA key")
	}
	if bits := key.N.BitLen(); bits < minModulus || bits > maxModulus {
		return fmt.Errorf("the public key has %d bits: use one of %d to %d", bits, minModulus, maxModulus)
	}
	if key.E < minExponent || key.E > maxExponent || key.E%2 == 0 {
		return errExponent()
	}
	if key.N.Bit(0) == 0 || isROCA(key.N) {
		return errors.New("the public key comes from a broken generator: make a new one with other software")
	}
	return nil
}

func errExponent() error {
	return fmt.Errorf("the public key's exponent is not an odd number from %d to %d: make a key with the usual 65537", minExponent, maxExponent)
}

// isROCA knows the moduli of CVE-2017-15361 by their mark: modulo each small
// prime they are a power of 65537. One in 2^27 others bears it by chance.
func isROCA(n *big.Int) bool {
	for _, prime := range []uint64{
		3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
		101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
	} {
		rest := new(big.Int).Mod(n, new(big.Int).SetUint64(prime)).Uint64()
		power, found := uint64(1), false
		for range prime {
			found = found || power == rest
			power = power * 65537 % prime
		}
		if !found {
			return false
		}
	}
	return true
}

// saltedPSS verifies PS256 with a salt as long as the hash and no other (RFC
// 7518 §3.5); the library by itself takes any. It is a [jose.OpaqueVerifier].
type saltedPSS struct {
	public *rsa.PublicKey
}

// VerifyPayload fails when the signature is not the key's. The algorithm is
// PS256: the list of the key has no other.
func (v saltedPSS) VerifyPayload(payload, signature []byte, _ jose.SignatureAlgorithm) error {
	sum := sha256.Sum256(payload)
	return rsa.VerifyPSS(v.public, crypto.SHA256, sum[:], signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
}
