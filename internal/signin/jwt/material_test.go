package jwt_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// refuseKey wants the sentence, and nothing of the key in it.
func refuseKey(t *testing.T, k oriel.ProviderKey, want string) {
	t.Helper()
	err := jwt.CheckKey(k)
	switch {
	case err == nil:
		t.Errorf("taken; want %q", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%q, want %q", err, want)
	}
}

// §1: at least 256 bits, and the length of the hash (RFC 7518 §3.2).
func TestCheckKey_secretIsAsLongAsTheHash(t *testing.T) {
	long := append(seed("a"), seed("b")...)
	for kind, least := range map[oriel.KeyKind]int{oriel.KeyHS256: 32, oriel.KeyHS384: 48, oriel.KeyHS512: 64} {
		if err := jwt.CheckKey(oriel.ProviderKey{Kind: kind, Secret: long[:least]}); err != nil {
			t.Error(err)
		}
		refuseKey(t, oriel.ProviderKey{Kind: kind, Secret: long[:least-1]}, "is shorter than")
		refuseKey(t, oriel.ProviderKey{Kind: kind}, "is shorter than")
		refuseKey(t, oriel.ProviderKey{Kind: kind, Secret: long, Public: eddsa("k").key.Public}, "has a secret, not a public key")
	}
}

func TestCheckKey_keyIsOfItsKind(t *testing.T) {
	m := newMaterial(t)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	fits := map[string]any{
		"eddsa": ed25519.NewKeyFromSeed(seed("x")).Public(), "es256": m.p256.Public(), "es384": m.p384.Public(),
		"rs256": m.rsa.Public(), "rs384": m.rsa.Public(), "rs512": m.rsa.Public(), "ps256": m.rsa.Public(),
	}
	texts := map[string][]byte{"P-521": publicPEM(p521.Public()), "P-224": publicPEM(p224.Public())}
	for kind, public := range fits {
		texts[kind] = publicPEM(public)
	}
	isRSA := func(kind string) bool { return kind[0] == 'r' || kind[0] == 'p' }
	for kind := range fits {
		for of, text := range texts {
			k := oriel.ProviderKey{Kind: oriel.KeyKind(kind), Public: text}
			if err := jwt.CheckKey(k); (err == nil) != (kind == of || isRSA(kind) && isRSA(of)) {
				t.Errorf("kind %s with the key of %s: %v", kind, of, err)
			}
		}
		refuseKey(t, oriel.ProviderKey{Kind: oriel.KeyKind(kind), Public: texts[kind], Secret: seed("s")}, "has a public key, not a secret")
	}
}

// Other blocks than the one of RFC 7468 §13, private ones among them.
func TestCheckKey_otherPEMIsRefused(t *testing.T) {
	m := newMaterial(t)
	private, err := x509.MarshalPKCS8PrivateKey(m.rsa)
	if err != nil {
		t.Fatal(err)
	}
	good := publicPEM(m.rsa.Public())
	for name, text := range map[string][]byte{
		"PKCS #1":          pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&m.rsa.PublicKey)}),
		"private":          pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"certificate":      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: private}),
		"private, renamed": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: private}),
		"public, renamed":  bytes.ReplaceAll(good, []byte("PUBLIC"), []byte("PRIVATE")),
		"two blocks":       append(append([]byte{}, good...), good...),
		"something behind": append(append([]byte{}, good...), "x"...),
		"too long":         append(append([]byte{}, good...), strings.Repeat("\n", 16<<10)...),
		"empty":            nil,
	} {
		t.Run(name, func(t *testing.T) {
			refuseKey(t, oriel.ProviderKey{Kind: oriel.KeyRS256, Public: text}, "the public key")
		})
	}
}

// rsaJWK has a modulus of any bytes, since nobody can make a signature for it.
func rsaJWK(n, e *big.Int) []byte {
	return []byte(`{"kty":"RSA","n":"` + encode(n.Bytes()) + `","e":"` + encode(e.Bytes()) + `"}`)
}

func TestCheckKey_weakRSAIsRefused(t *testing.T) {
	odd := func(bits int) *big.Int {
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits-1)))
		if err != nil {
			t.Fatal(err)
		}
		return n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
	}
	usual := big.NewInt(65537)
	for _, kind := range []oriel.KeyKind{oriel.KeyRS256, oriel.KeyRS384, oriel.KeyRS512, oriel.KeyPS256} {
		for _, bits := range []int{2048, 3072, 8192} {
			if err := jwt.CheckKey(oriel.ProviderKey{Kind: kind, Public: rsaJWK(odd(bits), usual)}); err != nil {
				t.Errorf("%d bits: %v", bits, err)
			}
		}
		for _, bits := range []int{8, 512, 1024, 2047, 8193, 16384} {
			refuseKey(t, oriel.ProviderKey{Kind: kind, Public: rsaJWK(odd(bits), usual)}, "bits: use one of 2048 to 8192")
		}
		for _, e := range []int64{1, 2, 3, 17, 65535, 65536, 65538, 1 << 31, 1<<40 + 1} {
			refuseKey(t, oriel.ProviderKey{Kind: kind, Public: rsaJWK(odd(2048), big.NewInt(e))}, "the public key's exponent")
		}
		huge := new(big.Int).SetBit(big.NewInt(65537), 64, 1)
		refuseKey(t, oriel.ProviderKey{Kind: kind, Public: rsaJWK(odd(2048), huge)}, "the public key's exponent")
		even := odd(2048)
		refuseKey(t, oriel.ProviderKey{Kind: kind, Public: rsaJWK(even.SetBit(even, 0, 0), usual)}, "broken generator")
		// The mark of CVE-2017-15361: a power of 65537 modulo many small primes.
		power := new(big.Int).Exp(usual, big.NewInt(128), nil)
		refuseKey(t, oriel.ProviderKey{Kind: kind, Public: rsaJWK(power, usual)}, "broken generator")
	}
}

func TestCheckKey_jwk(t *testing.T) {
	m := newMaterial(t)
	point, err := m.p256.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	x, y := encode(point[1:33]), encode(point[33:])
	n := m.rsa.N.Bytes()
	off := append([]byte{}, point[33:]...)
	off[31] ^= 1
	ec := map[string]any{"kty": "EC", "crv": "P-256", "x": x, "y": y}
	okp := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": encode(ed25519.NewKeyFromSeed(seed("x")).Public().(ed25519.PublicKey))}
	rs := map[string]any{"kty": "RSA", "n": encode(n), "e": "AQAB"}
	with := func(base, more map[string]any) map[string]any {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	type members = map[string]any
	for _, tt := range []struct {
		name string
		kind oriel.KeyKind
		jwk  members
		want string // "" when the key is taken
	}{
		{"EC", "es256", ec, ""},
		{"OKP", "eddsa", okp, ""},
		{"RSA", "rs256", rs, ""},
		{"RSA for PSS", "ps256", rs, ""},
		{"all that a publisher adds", "rs512", with(rs, members{"alg": "RS512", "use": "sig", "key_ops": []string{"verify"}, "kid": "7", "ext": true, "x5t": "AAAA", "x5c": []string{"AAAA"}, "x5u": "http://127.0.0.1:1"}), ""},

		{"another alg", "rs256", with(rs, members{"alg": "PS256"}), `"alg" is not RS256`},
		{"alg of an HMAC", "rs256", with(rs, members{"alg": "HS256"}), `"alg" is not RS256`},
		{"alg in lower case", "rs256", with(rs, members{"alg": "rs256"}), `"alg" is not RS256`},
		{"alg is null", "rs256", with(rs, members{"alg": nil}), `"alg" is not RS256`},
		{"for encryption", "rs256", with(rs, members{"use": "enc"}), `"use" is not "sig"`},
		{"use is a list", "rs256", with(rs, members{"use": []string{"sig"}}), `"use" is not "sig"`},
		{"encrypts", "es256", with(ec, members{"key_ops": []string{"encrypt"}}), `"key_ops" is not`},
		{"signs", "es256", with(ec, members{"key_ops": []string{"sign", "verify"}}), `"key_ops" is not`},
		{"signs too", "es256", with(ec, members{"key_ops": []string{"verify", "sign"}}), `"key_ops" is not`},
		{"does nothing", "es256", with(ec, members{"key_ops": []string{}}), `"key_ops" is not`},
		{"verifies in a text", "es256", with(ec, members{"key_ops": "verify"}), `"key_ops" is not`},

		{"private EC", "es256", with(ec, members{"d": x}), `private member "d"`},
		{"private OKP", "eddsa", with(okp, members{"d": x}), `private member "d"`},
		{"private RSA", "rs256", with(rs, members{"p": "AA"}), `private member "p"`},
		{"private RSA, only the rest", "rs256", with(rs, members{"qi": nil}), `private member "qi"`},
		{"a secret", "rs256", members{"kty": "oct", "k": x}, `private member "k"`},
		{"a secret beside", "rs256", with(rs, members{"k": x}), `private member "k"`},

		{"oct without k", "rs256", members{"kty": "oct"}, `"kty" is none of`},
		{"no kty", "rs256", members{"n": encode(n), "e": "AQAB"}, `"kty" is none of`},
		{"kty in lower case", "rs256", with(rs, members{"kty": "rsa"}), `"kty" is none of`},
		{"a set", "rs256", members{"keys": []any{rs}}, "is a set of JWKs"},
		{"EC for RSA", "rs256", ec, "is not an RSA key"},
		{"RSA for EC", "es256", rs, "is not an EC key"},
		{"OKP for EC", "es256", okp, "is not an EC key"},
		{"P-256 for ES384", "es384", ec, "on the curve P-384"},
		{"another curve's name", "es384", with(ec, members{"crv": "P-384"}), `"x" has not 48 bytes`},
		{"P-521", "es256", with(ec, members{"crv": "P-521"}), "neither P-256 nor P-384"},
		{"secp256k1", "es256", with(ec, members{"crv": "secp256k1"}), "neither P-256 nor P-384"},
		{"X25519", "eddsa", with(okp, members{"crv": "X25519"}), "is not Ed25519"},
		{"not on the curve", "es256", with(ec, members{"y": encode(off)}), "is not on the curve"},
		{"point zero", "es256", with(ec, members{"x": encode(make([]byte, 32)), "y": encode(make([]byte, 32))}), "is not on the curve"},
		{"short x", "es256", with(ec, members{"x": encode(point[1:32])}), `"x" has not 32 bytes`},
		{"long x", "es256", with(ec, members{"x": encode(append([]byte{0}, point[1:33]...))}), `"x" has not 32 bytes`},
		{"no y", "es256", with(ec, members{"y": nil}), `has no text "y"`},
		{"x is a number", "es256", with(ec, members{"x": 7}), `has no text "x"`},
		{"short Ed25519", "eddsa", with(okp, members{"x": encode(seed("x")[:31])}), `"x" has not 32 bytes`},
		{"padded n", "rs256", with(rs, members{"n": encode(n) + "=="}), `"n": it has a character`},
		{"empty n", "rs256", with(rs, members{"n": ""}), `"n": it is empty`},
		{"n with a zero in front", "rs256", with(rs, members{"n": encode(append([]byte{0}, n...))}), "begins with a zero byte"},
		{"e with a zero in front", "rs256", with(rs, members{"e": "AAEAAQ"}), "begins with a zero byte"},
		{"no e", "rs256", members{"kty": "RSA", "n": encode(n)}, `has no text "e"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := json.Marshal(tt.jwk)
			if err != nil {
				t.Fatal(err)
			}
			k := oriel.ProviderKey{Kind: tt.kind, Public: append([]byte(" \n"), text...)}
			if tt.want != "" {
				refuseKey(t, k, tt.want)
			} else if err := jwt.CheckKey(k); err != nil {
				t.Error(err)
			}
		})
	}
	for name, text := range map[string]string{
		"a member twice": `{"kty":"RSA","kty":"RSA","e":"AQAB","n":"` + encode(n) + `"}`,
		"not JSON":       `{kty: RSA}`,
		"two objects":    `{"kty":"RSA","e":"AQAB","n":"` + encode(n) + `"}{}`,
	} {
		t.Run(name, func(t *testing.T) {
			refuseKey(t, oriel.ProviderKey{Kind: oriel.KeyRS256, Public: []byte(text)}, "as JWK cannot be read")
		})
	}
	// A key from a JWK verifies what its PEM does.
	text, err := json.Marshal(ec)
	if err != nil {
		t.Fatal(err)
	}
	s := m.signer("ES256")
	s.key.Public = text
	mustVerify(t, s.token(claims(nil)), strict(s), now())
	s = m.signer("PS256")
	s.key.Public = rsaJWK(m.rsa.N, big.NewInt(65537))
	mustVerify(t, s.token(claims(nil)), strict(s), now())
}

// No text panics, and what is taken holds nothing private.
func FuzzCheckKey(f *testing.F) {
	m := newMaterial(f)
	for _, s := range m.signers("k") {
		f.Add(string(s.key.Kind), s.key.Public)
		f.Add(string(s.key.Kind), s.key.Secret)
	}
	jwk := rsaJWK(m.rsa.N, big.NewInt(65537))
	f.Add("rs256", jwk)
	f.Add("es256", []byte(`{"kty":"EC","crv":"P-256","x":"`+strings.Repeat("A", 43)+`","y":"`+strings.Repeat("A", 43)+`","use":"sig","key_ops":["verify"]}`))
	f.Add("eddsa", []byte(`{"kty":"OKP","crv":"Ed25519","x":"`+strings.Repeat("A", 43)+`","alg":"EdDSA","d":""}`))
	f.Fuzz(func(t *testing.T, kind string, text []byte) {
		k := oriel.ProviderKey{ID: "k", Kind: oriel.KeyKind(kind), Public: text}
		if k.Kind.IsSecret() {
			k.Public, k.Secret = nil, text
		}
		if jwt.CheckKey(k) != nil || k.Kind.IsSecret() {
			return
		}
		var members map[string]any
		if json.Unmarshal(text, &members) == nil && (members["d"] != nil || members["k"] != nil || members["p"] != nil) {
			t.Errorf("a private key is taken: %q", text)
		}
		wantCode(t, hs256("k").token(claims(nil)), strict(signer{key: k}), now(), oriel.CodeAlgorithmNotAllowed)
	})
}
