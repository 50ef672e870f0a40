package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha512" // crypto.Hash.New needs it linked in
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// material is what the signers of a test share: the same secret and the same
// RSA key for every kind that could take it, which is what an attacker hopes for.
type material struct {
	secret     []byte
	rsa        *rsa.PrivateKey
	p256, p384 *ecdsa.PrivateKey
}

func newMaterial(t testing.TB) material {
	t.Helper()
	var m material
	var err error
	m.secret = append(seed("one"), seed("two")...)
	if m.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if m.p256, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if m.p384, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	return m
}

// signers are one for each kind, all with the same kid.
func (m material) signers(kid string) []signer {
	all := []signer{eddsa(kid)}
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		bits := fmt.Sprint(hash.Size() * 8)
		all = append(all,
			signer{kid: kid, alg: "HS" + bits, sign: macOf(hash, m.secret), key: oriel.ProviderKey{ID: kid, Kind: oriel.KeyKind("hs" + bits), Secret: m.secret}},
			signer{kid: kid, alg: "RS" + bits, sign: pkcs1Of(hash, m.rsa), key: publicKey(kid, "rs"+bits, m.rsa.Public())})
	}
	return append(all,
		signer{kid: kid, alg: "PS256", sign: pssOf(m.rsa), key: publicKey(kid, "ps256", m.rsa.Public())},
		signer{kid: kid, alg: "ES256", sign: ecdsaOf(crypto.SHA256, m.p256), key: publicKey(kid, "es256", m.p256.Public())},
		signer{kid: kid, alg: "ES384", sign: ecdsaOf(crypto.SHA384, m.p384), key: publicKey(kid, "es384", m.p384.Public())})
}

func (m material) signer(alg string) signer {
	for _, s := range m.signers("k") {
		if s.alg == alg {
			return s
		}
	}
	panic("no signer for " + alg)
}

func publicKey(kid, kind string, public any) oriel.ProviderKey {
	return oriel.ProviderKey{ID: kid, Kind: oriel.KeyKind(kind), Public: publicPEM(public)}
}

func publicPEM(public any) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func digest(hash crypto.Hash, input []byte) []byte {
	h := hash.New()
	h.Write(input)
	return h.Sum(nil)
}

func macOf(hash crypto.Hash, secret []byte) func([]byte) []byte {
	return func(input []byte) []byte {
		mac := hmac.New(hash.New, secret)
		mac.Write(input)
		return mac.Sum(nil)
	}
}

func pkcs1Of(hash crypto.Hash, private *rsa.PrivateKey) func([]byte) []byte {
	return func(input []byte) []byte {
		signature, err := rsa.SignPKCS1v15(nil, private, hash, digest(hash, input))
		if err != nil {
			panic(err)
		}
		return signature
	}
}

func pssOf(private *rsa.PrivateKey) func([]byte) []byte {
	return func(input []byte) []byte {
		signature, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, digest(crypto.SHA256, input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		if err != nil {
			panic(err)
		}
		return signature
	}
}

// pair signs and gives r and s.
func pair(hash crypto.Hash, private *ecdsa.PrivateKey, input []byte) (r, s *big.Int) {
	r, s, err := ecdsa.Sign(rand.Reader, private, digest(hash, input))
	if err != nil {
		panic(err)
	}
	return r, s
}

// joined is the form of RFC 7518 §3.4: two numbers of the curve's size.
func joined(size int, r, s *big.Int) []byte {
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

func ecdsaOf(hash crypto.Hash, private *ecdsa.PrivateKey) func([]byte) []byte {
	return func(input []byte) []byte {
		r, s := pair(hash, private, input)
		return joined(private.Curve.Params().BitSize/8, r, s)
	}
}

// §1: a key is for one algorithm. Every kind is asked to verify good tokens of
// every algorithm, made with the same secret and the same RSA key.
func TestVerify_keyIsForOneAlgorithm(t *testing.T) {
	signers := newMaterial(t).signers("k")
	if len(signers) != 10 {
		t.Fatalf("%d kinds", len(signers))
	}
	for _, holder := range signers {
		for _, s := range signers {
			want := oriel.CodeAlgorithmNotAllowed
			if s.alg == holder.alg {
				want = ""
			}
			t.Run(string(holder.key.Kind)+" "+s.alg, func(t *testing.T) {
				wantCode(t, s.token(claims(nil)), strict(holder), now(), want)
				if s.alg != "HS256" {
					want = oriel.CodeAlgorithmNotAllowed // the compat profile knows HS256 alone
				}
				wantCode(t, s.token(bare(nil)), compat(holder), now(), want)
				// Renamed after signing, and by its own key's name.
				renamed := s
				renamed.alg = holder.alg
				if s.alg != holder.alg {
					wantCode(t, renamed.token(claims(nil)), strict(holder), now(), oriel.CodeTokenSignature)
				}
			})
		}
	}
}

// J18: what is published about an RSA or EC key, taken as an HMAC secret.
func TestVerify_publicKeyIsNoSecret(t *testing.T) {
	m := newMaterial(t)
	jwk := func(kty, more string) string { return `{"kty":"` + kty + `",` + more + `}` }
	for _, alg := range []string{"RS256", "RS512", "PS256", "ES256", "ES384"} {
		holder := m.signer(alg)
		block, _ := pem.Decode(holder.key.Public)
		published := map[string][]byte{
			"PEM": holder.key.Public, "PEM without the last line break": []byte(strings.TrimSpace(string(holder.key.Public))), "DER": block.Bytes,
		}
		if strings.HasPrefix(alg, "E") {
			point, err := m.p256.PublicKey.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			published["point"] = point
			published["JWK"] = []byte(jwk("EC", `"crv":"P-256","x":"`+encode(point[1:33])+`","y":"`+encode(point[33:])+`"`))
		} else {
			published["modulus"] = m.rsa.N.Bytes()
			published["modulus, base64url"] = []byte(encode(m.rsa.N.Bytes()))
			published["PKCS #1"] = x509.MarshalPKCS1PublicKey(&m.rsa.PublicKey)
			published["JWK"] = []byte(jwk("RSA", `"e":"AQAB","n":"`+encode(m.rsa.N.Bytes())+`"`))
		}
		for name, secret := range published {
			for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
				forged := signer{kid: "k", alg: fmt.Sprint("HS", hash.Size()*8), sign: macOf(hash, secret)}
				t.Run(alg+" "+name+" "+forged.alg, func(t *testing.T) {
					wantCode(t, forged.token(claims(nil)), strict(holder), now(), oriel.CodeAlgorithmNotAllowed)
					wantCode(t, forged.token(bare(nil)), compat(holder), now(), oriel.CodeAlgorithmNotAllowed)
					forged.alg = alg
					wantCode(t, forged.token(claims(nil)), strict(holder), now(), oriel.CodeTokenSignature)
				})
			}
			// And given as the secret itself, where its form shows what it is.
			if !strings.HasPrefix(name, "modulus") && name != "point" {
				forged := signer{kid: "k", alg: "HS256", sign: hmacOf(secret), key: oriel.ProviderKey{ID: "k", Kind: oriel.KeyHS256, Secret: secret}}
				wantCode(t, forged.token(claims(nil)), strict(forged), now(), oriel.CodeSSONotConfigured)
			}
		}
	}
}

// J18: signatures over the right bytes in a form that is not the one of
// RFC 7518 §3.4, or with numbers that prove nothing.
func TestVerify_hostileECDSASignatureIsRefused(t *testing.T) {
	m := newMaterial(t)
	order := elliptic.P256().Params().N
	zero, one := new(big.Int), big.NewInt(1)
	both := func(r, s *big.Int) func([]byte) []byte {
		return func([]byte) []byte { return joined(32, r, s) }
	}
	changed := func(change func(r, s *big.Int) []byte) func([]byte) []byte {
		return func(input []byte) []byte { return change(pair(crypto.SHA256, m.p256, input)) }
	}
	tests := map[string]func([]byte) []byte{
		"ASN.1": changed(func(r, s *big.Int) []byte {
			der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			if err != nil {
				panic(err)
			}
			return der
		}),
		"zero r and s":      both(zero, zero),
		"zero r":            changed(func(_, s *big.Int) []byte { return joined(32, zero, s) }),
		"zero s":            changed(func(r, _ *big.Int) []byte { return joined(32, r, zero) }),
		"r and s are one":   both(one, one),
		"r is the order":    changed(func(_, s *big.Int) []byte { return joined(32, order, s) }),
		"s is the order":    changed(func(r, _ *big.Int) []byte { return joined(32, r, order) }),
		"both are order":    both(order, order),
		"swapped":           changed(func(r, s *big.Int) []byte { return joined(32, s, r) }),
		"wider numbers":     changed(func(r, s *big.Int) []byte { return joined(33, r, s) }),
		"numbers of ES384":  changed(func(r, s *big.Int) []byte { return joined(48, r, s) }),
		"a byte behind":     changed(func(r, s *big.Int) []byte { return append(joined(32, r, s), 0) }),
		"r alone":           changed(func(r, _ *big.Int) []byte { return r.FillBytes(make([]byte, 32)) }),
		"longer hash":       ecdsaOf(crypto.SHA384, m.p256),
		"another curve":     ecdsaOf(crypto.SHA384, m.p384),
		"another P-256 key": ecdsaOf(crypto.SHA256, newMaterial(t).p256),
	}
	good := m.signer("ES256")
	for name, sign := range tests {
		t.Run(name, func(t *testing.T) {
			forged := good
			forged.sign = sign
			wantCode(t, forged.token(claims(nil)), strict(good), now(), oriel.CodeTokenSignature)
		})
	}
	mustVerify(t, good.token(claims(nil)), strict(good), now())
}

// J18: RSA signatures of another padding, hash or length, and PSS's salt.
func TestVerify_hostileRSASignatureIsRefused(t *testing.T) {
	m := newMaterial(t)
	other := newMaterial(t)
	salt := func(length int) func([]byte) []byte {
		return func(input []byte) []byte {
			signature, err := rsa.SignPSS(rand.Reader, m.rsa, crypto.SHA256, digest(crypto.SHA256, input), &rsa.PSSOptions{SaltLength: length})
			if err != nil {
				panic(err)
			}
			return signature
		}
	}
	changed := func(sign func([]byte) []byte, change func([]byte) []byte) func([]byte) []byte {
		return func(input []byte) []byte { return change(sign(input)) }
	}
	for alg, tests := range map[string]map[string]func([]byte) []byte{
		"RS256": {
			"PSS":                pssOf(m.rsa),
			"longer hash":        pkcs1Of(crypto.SHA512, m.rsa),
			"another key":        pkcs1Of(crypto.SHA256, other.rsa),
			"zero":               func([]byte) []byte { return make([]byte, 256) },
			"one":                func([]byte) []byte { return append(make([]byte, 255), 1) },
			"the modulus":        func([]byte) []byte { return m.rsa.N.Bytes() },
			"a zero in front":    changed(pkcs1Of(crypto.SHA256, m.rsa), func(b []byte) []byte { return append([]byte{0}, b...) }),
			"a byte behind":      changed(pkcs1Of(crypto.SHA256, m.rsa), func(b []byte) []byte { return append(b, 0) }),
			"a byte short":       changed(pkcs1Of(crypto.SHA256, m.rsa), func(b []byte) []byte { return b[:255] }),
			"plus the modulus":   changed(pkcs1Of(crypto.SHA256, m.rsa), func(b []byte) []byte { return new(big.Int).Add(new(big.Int).SetBytes(b), m.rsa.N).Bytes() }),
			"unpadded, unhashed": func(input []byte) []byte { return digest(crypto.SHA256, input) },
		},
		"PS256": {
			"PKCS #1":         pkcs1Of(crypto.SHA256, m.rsa),
			"another key":     pssOf(other.rsa),
			"zero":            func([]byte) []byte { return make([]byte, 256) },
			"no salt":         salt(0),
			"a shorter salt":  salt(20),
			"a longer salt":   salt(64),
			"a zero in front": changed(pssOf(m.rsa), func(b []byte) []byte { return append([]byte{0}, b...) }),
		},
	} {
		good := m.signer(alg)
		for name, sign := range tests {
			t.Run(alg+" "+name, func(t *testing.T) {
				forged := good
				forged.sign = sign
				wantCode(t, forged.token(claims(nil)), strict(good), now(), oriel.CodeTokenSignature)
			})
		}
	}
}

// A kid that two keys have names neither.
func TestVerify_kidOfTwoKeysIsRefused(t *testing.T) {
	a, b := hs256("k"), eddsa("k")
	for _, s := range []signer{a, b} {
		wantCode(t, s.token(claims(nil)), strict(a, b), now(), oriel.CodeSSONotConfigured)
	}
}
