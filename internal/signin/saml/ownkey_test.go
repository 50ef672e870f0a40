package saml_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

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

// A provider's settings say what is signed and told; without a key of ours nothing
// goes out unsigned that should be signed.
func TestProtocol_goesByTheSettings(t *testing.T) {
	own := ownKey()
	with := saml.Protocol{Keys: func() ([]tls.Certificate, error) {
		return []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}}, nil
	}}
	p := provider(idpKey())
	p.SignInURI = "https://idp.example.com/sso"
	ask := oriel.AuthnRequest{ID: saml.NewID(), EntityID: audience, ACS: acs, RelayState: "r", At: time.Now()}
	for _, signs := range []bool{false, true} {
		p.SAML.SignRequests, p.SAML.WantEncrypted = signs, signs
		address, err := with.RequestURL(p, ask)
		if err != nil || strings.Contains(address, "&Signature=") != signs {
			t.Errorf("signs %v: %s %v", signs, address, err)
		}
		metadata, err := with.Metadata(p, "https://bi.example.com")
		if err != nil || strings.Contains(string(metadata), `use="encryption"`) != signs || !strings.Contains(string(metadata), `Location="`+acs+`"`) {
			t.Errorf("signs %v: %s %v", signs, metadata, err)
		}
	}
	if address, err := (saml.Protocol{}).RequestURL(p, ask); err == nil {
		t.Errorf("without a key: %s", address)
	}
}
