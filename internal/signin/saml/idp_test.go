package saml_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

const (
	idp       = "https://idp.example.com/saml"
	audience  = "https://bi.example.com/auth/saml/corp/metadata"
	acs       = "https://bi.example.com/auth/saml/corp/acs"
	requestID = "_a-request-of-ours"

	persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	transient  = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
	emailName  = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
)

// order is one response that an identity provider of another make is to give.
type order struct {
	Issuer      string         `json:"issuer"`
	Audience    string         `json:"audience"`
	Destination string         `json:"destination"`
	Recipient   string         `json:"recipient"`
	Request     string         `json:"request"`
	Session     string         `json:"session"`
	Name        string         `json:"name"`
	Format      string         `json:"format"`
	Attributes  map[string]any `json:"attributes"`
	Sign        []string       `json:"sign"` // "response", "assertion"
	SHA1        bool           `json:"sha1"`
	Key         string         `json:"key"`
	Certificate string         `json:"certificate"`
	Encrypt     string         `json:"encrypt"` // our certificate
	EncryptKey  string         `json:"encryptKey"`
	CBC         bool           `json:"cbc"`
	Metadata    string         `json:"metadata"` // ours, when the test has it
}

func ordered(signed ...string) order {
	key := idpKey()
	return order{
		Issuer: idp, Audience: audience, Destination: acs, Recipient: acs, Request: requestID, Session: "s-1",
		Name: "dana-17", Format: persistent, Sign: append([]string{}, signed...), Key: key.private, Certificate: key.certificate,
		Attributes: map[string]any{"email": "Dana@Example.com", "first_name": "Dana", "last_name": "Ito", "groups": []string{"ops", "night"}, "airport": "DFW", "gates": []string{"A1", "B2"}},
	}
}

// makes are the identity providers; neither is built on the library that we use.
var makes = map[string][2]string{"samlp": {"node", "samlp.mjs"}, "pysaml2": {"/usr/bin/python3", "pysaml2.py"}}

// respond has an identity provider make responses, as form fields.
func respond(t testing.TB, idp string, orders ...order) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(ctx, makes[idp][0], filepath.Join("testdata", "idp", makes[idp][1]))
	command.Stdin = bytes.NewReader(text)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		t.Fatalf("%s gave no responses (%v): run scripts/setup, which installs it\n%s", idp, err, said.String())
	}
	var fields []string
	if err := json.Unmarshal(out.Bytes(), &fields); err != nil || len(fields) != len(orders) {
		t.Fatalf("%s: %v in %q", idp, err, out.String())
	}
	return fields
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
