package samltest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Formats of a NameID (SAML Core §8.3).
const (
	Persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	Transient  = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
	EmailName  = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
)

// Order is one response that an identity provider is to give.
type Order struct {
	Issuer      string         `json:"issuer"`
	Audience    string         `json:"audience"`
	Destination string         `json:"destination"`
	Recipient   string         `json:"recipient"`
	Request     string         `json:"request"`
	Session     string         `json:"session"`
	SessionEnds string         `json:"sessionEnds"` // SessionNotOnOrAfter; samlp has none
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

// Makes are the identity providers, and how each is run.
var Makes = map[string][2]string{"samlp": {"node", "samlp.mjs"}, "pysaml2": {"/usr/bin/python3", "pysaml2.py"}}

// Respond has an identity provider make responses, as form fields. One that is
// not installed fails the test.
func Respond(t testing.TB, idp string, orders ...Order) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	_, here, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(here), "..", "testdata", "idp", Makes[idp][1])
	command := exec.CommandContext(ctx, Makes[idp][0], script) //nolint:gosec // one of the two above
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

// Pair is an RSA key with a certificate for it, as PEM.
type Pair struct {
	Private, Certificate, Public string
	Key                          *rsa.PrivateKey
	DER                          []byte
}

// NewPair makes one that is good between the moments.
func NewPair(from, until time.Time) Pair {
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
	der := SelfSigned(key, &key.PublicKey, from, until)
	return Pair{asPEM("PRIVATE KEY", private), asPEM("CERTIFICATE", der), asPEM("PUBLIC KEY", public), key, der}
}

// SelfSigned is a certificate for a key by itself, as DER.
func SelfSigned(key, public any, from, until time.Time) []byte {
	template := &x509.Certificate{SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: "idp"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		panic(err)
	}
	return der
}

func asPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
