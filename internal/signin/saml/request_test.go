package saml_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

func asking() saml.Request {
	return saml.Request{ID: saml.NewID(), Destination: signInAt, EntityID: audience, ACS: acs, At: time.Now()}
}

// inflated is the document in an address.
func inflated(t testing.TB, address, name string) string {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(queryOf(t, address).Get(name))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// S12: both identity providers read our requests, and find the signature of those
// that have one to be ours.
func TestRequestURL_S12(t *testing.T) {
	metadata := ourMetadata(t, ourSP(t))
	for _, key := range []crypto.Signer{nil, ownKey().key} {
		for _, relayState := range []string{"", "k-7_~ +&=%/é"} {
			r := asking()
			address, err := saml.RequestURL(r, relayState, key)
			if err != nil {
				t.Fatal(err)
			}
			valid(t, "our request", inflated(t, address, "SAMLRequest"))
			if got := queryOf(t, address); got.Get("RelayState") != relayState || got.Has("RelayState") != (relayState != "") || got.Has("Signature") != (key != nil) || got.Has("SigAlg") != (key != nil) {
				t.Errorf("%v", got)
			}
			for make := range messengers {
				// Both write the query anew before they verify it, each in its own
				// way; ours is what the next test looks at.
				if key != nil && relayState != "" {
					continue
				}
				got := perform(t, make, task{Do: "authn", URL: address, Metadata: metadata, Signed: key != nil})[0]
				if got.Refused != "" || got.ID != r.ID || got.Issuer != audience || got.Destination != signInAt || got.AssertionConsumerServiceURL != acs {
					t.Errorf("%s, signed %t: %+v", make, key != nil, got)
				}
			}
		}
	}
}

// A signature that another key made, or over something else, does not hold with
// them: the test above would see it.
func TestRequestURL_theirChecksSeeASignature(t *testing.T) {
	metadata := ourMetadata(t, ourSP(t))
	plain := asking()
	address, err := saml.RequestURL(plain, "one", ownKey().key)
	if err != nil {
		t.Fatal(err)
	}
	other, err := saml.RequestURL(plain, "one", idpKey().key)
	if err != nil {
		t.Fatal(err)
	}
	for make := range messengers {
		for what, url := range map[string]string{
			"another relay state": strings.Replace(address, "RelayState=one", "RelayState=two", 1), "another key": other,
		} {
			if got := perform(t, make, task{Do: "authn", URL: url, Metadata: metadata, Signed: true})[0]; got.Refused == "" {
				t.Errorf("%s takes a request with %s", make, what)
			}
		}
		if got := perform(t, make, task{Do: "authn", URL: address, Metadata: metadata, Signed: true})[0]; got.Refused != "" {
			t.Errorf("%s: %s", make, got.Refused)
		}
	}
}

func TestRequestURL_addresses(t *testing.T) {
	r := asking()
	for destination, prefix := range map[string]string{
		"https://idp.example.com/sso":          "https://idp.example.com/sso?SAMLRequest=",
		"https://idp.example.com/sso?":         "https://idp.example.com/sso?SAMLRequest=",
		"https://idp.example.com/sso?b=2&a=%7": "https://idp.example.com/sso?b=2&a=%7&SAMLRequest=",
		"https://idp.example.com/sso?b=2&":     "https://idp.example.com/sso?b=2&SAMLRequest=",
		"http://127.0.0.1:8080/sso":            "http://127.0.0.1:8080/sso?SAMLRequest=",
	} {
		r.Destination = destination
		if got, err := saml.RequestURL(r, "", nil); err != nil || !strings.HasPrefix(got, prefix) {
			t.Errorf("%s: %q, %v", destination, got, err)
		}
	}
	for what, destination := range map[string]string{
		"nothing": "", "javascript": "javascript:alert(1)", "http": "http://idp.example.com/sso", "a fragment": signInAt + "#x",
		"a request already": signInAt + "?SAMLRequest=x", "a signature already": signInAt + "?a=b&Signature=x", "a user": "https://a@idp.example.com",
	} {
		r.Destination = destination
		if got, err := saml.RequestURL(r, "", nil); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
	for what, change := range map[string]func(*saml.Request){
		"no id": func(r *saml.Request) { r.ID = "" }, "no entity id": func(r *saml.Request) { r.EntityID = "" }, "no ACS": func(r *saml.Request) { r.ACS = "" },
	} {
		r := asking()
		change(&r)
		if got, err := saml.RequestURL(r, "", nil); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
	r = asking()
	if _, err := saml.RequestURL(r, strings.Repeat("a", 80), nil); err != nil {
		t.Error(err)
	}
	if _, err := saml.RequestURL(r, strings.Repeat("a", 81), nil); err == nil {
		t.Error("a relay state of 81 bytes")
	}
	if _, err := saml.RequestURL(r, "", ecdsaKey()); err == nil {
		t.Error("a key that is not RSA")
	}
}

// The address stays as the provider wrote it, and what is signed is the text of the
// query itself.
func TestRequestURL_signsItsOwnText(t *testing.T) {
	address, err := saml.RequestURL(asking(), "k-7_~ +&=%/é", ownKey().key)
	if err != nil {
		t.Fatal(err)
	}
	query := rawQueryOf(t, address)
	text, signature, _ := strings.Cut(query, "&Signature=")
	raw, err := url.QueryUnescape(signature)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := base64.StdEncoding.DecodeString(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := ourSP(t).Keys[0].CheckSignature(x509.SHA256WithRSA, []byte(text), bytes); err != nil {
		t.Error(err)
	}
}

func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := saml.NewID()
		if !regexp.MustCompile(`^_[0-9a-f]{32,}$`).MatchString(id) || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}
