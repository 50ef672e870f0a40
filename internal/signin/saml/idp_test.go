package saml_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

const (
	idp       = "https://idp.example.com/saml"
	audience  = "https://bi.example.com/auth/saml/corp/metadata"
	acs       = "https://bi.example.com/auth/saml/corp/acs"
	requestID = "_a-request-of-ours"

	persistent = samltest.Persistent
	transient  = samltest.Transient
	emailName  = samltest.EmailName
)

type order = samltest.Order

func ordered(signed ...string) order {
	key := idpKey()
	return order{
		Issuer: idp, Audience: audience, Destination: acs, Recipient: acs, Request: requestID, Session: "s-1",
		Name: "dana-17", Format: persistent, Sign: append([]string{}, signed...), Key: key.private, Certificate: key.certificate,
		Attributes: map[string]any{"email": "Dana@Example.com", "first_name": "Dana", "last_name": "Ito", "groups": []string{"ops", "night"}, "airport": "DFW", "gates": []string{"A1", "B2"}},
	}
}

var makes = samltest.Makes

func respond(t testing.TB, idp string, orders ...order) []string {
	t.Helper()
	return samltest.Respond(t, idp, orders...)
}

// pair is a key with a certificate for it, as PEM.
type pair struct {
	private, certificate, public string
	key                          *rsa.PrivateKey
	der                          []byte
}

var (
	idpKey     = sync.OnceValue(func() pair { return newPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour)) })
	otherKey   = sync.OnceValue(func() pair { return newPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour)) })
	ownKey     = sync.OnceValue(func() pair { return newPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour)) })
	expiredKey = sync.OnceValue(func() pair { return newPair(time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)) })
)

func newPair(from, until time.Time) pair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	der := selfSigned(key, &key.PublicKey, from, until)
	return pair{asPEM("PRIVATE KEY", private), asPEM("CERTIFICATE", der), asPEM("PUBLIC KEY", public), key, der}
}

func selfSigned(key, public any, from, until time.Time) []byte {
	template := &x509.Certificate{SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: "idp"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		panic(err)
	}
	return der
}

func ecdsaCertificate() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return asPEM("CERTIFICATE", selfSigned(key, &key.PublicKey, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)))
}

func asPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// provider is one that signs with the certificates.
func provider(certificates ...pair) oriel.Provider {
	p := oriel.Provider{ID: "prv_corp", Slug: "corp", Enabled: true, Profile: oriel.ProfileStrict, Issuer: idp, Claims: oriel.DefaultClaimNames()}
	for i, one := range certificates {
		p.Keys = append(p.Keys, oriel.ProviderKey{ID: string(rune('a' + i)), Kind: oriel.KeyX509, Public: []byte(one.certificate), Serial: int64(i + 1)})
	}
	return p
}

func asked() saml.Ask { return saml.Ask{ACS: acs, Audience: audience, RequestID: requestID} }
