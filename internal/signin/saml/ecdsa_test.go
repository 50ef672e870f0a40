package saml_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

func ecPair(curve elliptic.Curve) pair {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	der := selfSigned(key, &key.PublicKey, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return pair{private: asPEM("PRIVATE KEY", private), certificate: asPEM("CERTIFICATE", der)}
}

var signatureValue = regexp.MustCompile(`(?s)(<ds:SignatureValue>)(.*?)(</ds:SignatureValue>)`)

// withValue changes the signature, as bytes.
func withValue(t *testing.T, text string, change func([]byte) []byte) string {
	t.Helper()
	found := signatureValue.FindStringSubmatch(text)
	if found == nil {
		t.Fatal("there is no SignatureValue")
	}
	value, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(found[2]), ""))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(text, found[2], base64.StdEncoding.EncodeToString(change(value)), 1)
}

// A signature by ECDSA is read as the standard has it, two numbers, as xmlsec1
// writes it; and as ASN.1, which some write.
func TestVerify_ecdsa(t *testing.T) {
	now := time.Now()
	for method, curve := range map[string]elliptic.Curve{"ecdsa-sha256": elliptic.P256(), "ecdsa-sha384": elliptic.P384(), "ecdsa-sha512": elliptic.P521()} {
		key, other := ecPair(curve), ecPair(curve)
		for _, of := range []string{"Assertion", "Response"} {
			text := signedBy(t, typed(now), of, key, func(template string) string { return strings.Replace(template, "rsa-sha256", method, 1) })
			// The right certificate is found behind others.
			p := provider(other, idpKey(), key)
			got, evidence, err := saml.Verify(field(text), p, asked(), now)
			if err != nil || got.Email != "dana@example.com" || got.KeySerial != 3 {
				t.Errorf("%s of the %s: %v %+v", method, of, err, evidence)
				continue
			}
			inASN1 := withValue(t, text, func(value []byte) []byte {
				half := len(value) / 2
				der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
				if err != nil {
					t.Fatal(err)
				}
				return der
			})
			if got, _, err := saml.Verify(field(inASN1), p, asked(), now); err != nil || got.Email != "dana@example.com" {
				t.Errorf("%s in ASN.1: %v", method, err)
			}
			refuse(t, method+" by another", field(text), provider(other, idpKey()), asked(), now, invalid, "signature")
			refuse(t, method+" of another document", field(strings.Replace(text, "dana@example.com", "eve@example.com", 1)), p, asked(), now, invalid, "signature")
			for what, change := range map[string]func([]byte) []byte{
				"zeros": func(value []byte) []byte { return make([]byte, len(value)) },
				"swapped": func(value []byte) []byte {
					half := len(value) / 2
					return append(value[half:len(value):len(value)], value[:half]...)
				},
				"too short": func(value []byte) []byte { return value[2:] },
				"too long":  func(value []byte) []byte { return append([]byte{0}, append(value, 0)...) },
			} {
				refuse(t, method+" "+what, field(withValue(t, text, change)), p, asked(), now, invalid, "signature")
			}
		}
	}
}
