package saml_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// schemas are OASIS's, which Debian's pysaml2 brings; valid fails the test when a
// document of ours does not fit one.
const schemas = "/usr/lib/python3/dist-packages/saml2/data/schemas"

// driver imports what the schemas name by addresses, so that nothing is fetched.
const driver = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="DIR/xml.xsd"/>
<xs:import namespace="http://www.w3.org/2000/09/xmldsig#" schemaLocation="DIR/xmldsig-core-schema.xsd"/>
<xs:import namespace="http://www.w3.org/2001/04/xmlenc#" schemaLocation="DIR/xenc-schema.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:assertion" schemaLocation="DIR/saml-schema-assertion-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="DIR/saml-schema-protocol-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="DIR/saml-schema-metadata-2.0.xsd"/>
</xs:schema>`

func valid(t *testing.T, document []byte) {
	t.Helper()
	folder := t.TempDir()
	schema, file := filepath.Join(folder, "driver.xsd"), filepath.Join(folder, "document.xml")
	if err := os.WriteFile(schema, []byte(strings.ReplaceAll(driver, "DIR", schemas)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "xmllint", "--noout", "--nonet", "--schema", schema, file)
}

func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func ownProtocol() saml.Protocol {
	own := ownKey()
	return saml.Protocol{Keys: func() ([]tls.Certificate, error) {
		return []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}, {Certificate: [][]byte{otherKey().der}, PrivateKey: otherKey().key}}, nil
	}}
}

// deflated is a message of a redirect.
func deflated(t *testing.T, address, name string) []byte {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	small, err := base64.StdEncoding.DecodeString(u.Query().Get(name))
	if err != nil {
		t.Fatal(err)
	}
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(small)))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// S8: our metadata are valid, name both of our certificates, and import into both
// identity providers, whose answers then are taken.
func TestMetadata_S8(t *testing.T) {
	p := provider(idpKey())
	p.SAML = oriel.SAMLSettings{SignRequests: true, SignOutURI: "https://idp.example.com/slo"}
	ours, err := ownProtocol().Metadata(p, "https://bi.example.com")
	if err != nil {
		t.Fatal(err)
	}
	valid(t, ours)
	text := string(ours)
	for want, times := range map[string]int{
		`entityID="` + audience + `"`: 1, `Location="` + acs + `"`: 1, `AuthnRequestsSigned="true"`: 1, "/auth/saml/corp/logout": 2,
		base64.StdEncoding.EncodeToString(ownKey().der): 2, base64.StdEncoding.EncodeToString(otherKey().der): 2, "cbc": 0, "rsa-1_5": 0,
	} {
		if got := strings.Count(text, want); got != times {
			t.Errorf("%s stands %d times, want %d", want[:min(40, len(want))], got, times)
		}
	}
	o := ordered("assertion")
	o.Metadata = text
	if _, evidence, err := saml.Verify(respond(t, "pysaml2", o)[0], p, asked(), time.Now()); err != nil {
		t.Errorf("pysaml2 with our metadata: %v %+v", err, evidence)
	}
}

// Our requests are valid, name who we are and where answers go, and are signed so
// that xmlsec's and Node's makers agree.
func TestRequestURL(t *testing.T) {
	for _, signed := range []bool{false, true} {
		p := provider(idpKey())
		p.SignInURI, p.SAML.SignRequests = "https://idp.example.com/sso?tenant=7", signed
		ask := oriel.AuthnRequest{ID: requestID, EntityID: audience, ACS: acs, RelayState: "relay-state", At: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
		address, err := ownProtocol().RequestURL(p, ask)
		if err != nil {
			t.Fatal(err)
		}
		document := deflated(t, address, "SAMLRequest")
		valid(t, document)
		for _, want := range []string{`ID="` + requestID + `"`, `Destination="https://idp.example.com/sso?tenant=7"`, `AssertionConsumerServiceURL="` + acs + `"`, ">" + audience + "</", `IssueInstant="2026-11-26T12:00:00Z"`} {
			if !strings.Contains(string(document), want) {
				t.Errorf("without %s: %s", want, document)
			}
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		if query.Get("tenant") != "7" || query.Get("RelayState") != "relay-state" || (query.Get("Signature") != "") != signed {
			t.Errorf("signed %v: %s", signed, address)
		}
		if !signed {
			continue
		}
		if query.Get("SigAlg") != "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" {
			t.Errorf("signed by %s", query.Get("SigAlg"))
		}
		script := filepath.Join("testdata", "idp", "signed_redirect.py")
		if out := run(t, "/usr/bin/python3", script, address, "SAMLRequest", ownKey().certificate, otherKey().certificate); strings.TrimSpace(out) != "True False" {
			t.Errorf("pysaml2 says of our signature and of another certificate's: %s", out)
		}
	}
	p := provider(idpKey())
	p.SAML.SignRequests = true
	if _, err := (saml.Protocol{}).RequestURL(p, oriel.AuthnRequest{ID: "_1", RelayState: "r"}); err == nil {
		t.Error("a request went out unsigned")
	}
}

func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		id := saml.Protocol{}.NewID()
		if len(id) != 41 || id[0] != '_' || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
}

// A key of ours is read back, and says what it is for.
func TestOwnKey(t *testing.T) {
	made, err := saml.NewOwnKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	read, err := saml.ReadOwnKey(made)
	if err != nil || read.Leaf.Subject.CommonName != "Oriel" || read.Leaf.NotAfter.Before(time.Now().AddDate(9, 0, 0)) {
		t.Errorf("%+v %v", read.Leaf, err)
	}
	made.Secret = made.Secret[:10]
	if _, err := saml.ReadOwnKey(made); err == nil {
		t.Error("half a key was read")
	}
}
