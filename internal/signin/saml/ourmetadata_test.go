package saml_test

import (
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// ourSP is us, with a key of now and the one before.
func ourSP(t testing.TB) saml.SP {
	t.Helper()
	sp := saml.SP{EntityID: audience, ACS: acs, Logout: logoutAt, SignsRequests: true, WantsEncrypted: true}
	for _, one := range []pair{ownKey(), otherKey()} {
		parsed, err := x509.ParseCertificate(one.der)
		if err != nil {
			t.Fatal(err)
		}
		sp.Keys = append(sp.Keys, parsed)
	}
	return sp
}

func ourMetadata(t testing.TB, sp saml.SP) string {
	t.Helper()
	text, err := saml.OurMetadata(sp)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// S8: our metadata are valid, and the identity providers of the tests read in them
// what we said.
func TestOurMetadata_S8(t *testing.T) {
	sp := ourSP(t)
	text := ourMetadata(t, sp)
	valid(t, "our metadata", text)
	newest, older := base64.StdEncoding.EncodeToString(ownKey().der), base64.StdEncoding.EncodeToString(otherKey().der)
	for make := range messengers {
		got := perform(t, make, task{Do: "import", Metadata: text})[0]
		for i, one := range got.Certificates {
			got.Certificates[i] = strings.Join(strings.Fields(one), "")
		}
		if got.Refused != "" || got.EntityID != audience || !slices.Equal(got.ACS, []string{acs}) ||
			!slices.Equal(got.Logout, []string{logoutAt, logoutAt}) || !slices.Equal(got.Certificates, []string{newest, older}) || got.Encryption != 1 {
			t.Errorf("%s reads %+v in our metadata", make, got)
		}
	}
	root := treeOf(t, text)
	if got := root.FindElement("//md:SPSSODescriptor").SelectAttrValue("WantAssertionsSigned", ""); got != "true" {
		t.Errorf("WantAssertionsSigned is %q", got)
	}
	for _, method := range root.FindElements("//md:EncryptionMethod") {
		name := method.SelectAttrValue("Algorithm", "")
		if !strings.HasSuffix(name, "-gcm") && !strings.Contains(name, "#rsa-oaep") {
			t.Errorf("we offer %s", name)
		}
	}
	for _, e := range root.FindElements("//md:KeyDescriptor[@use='encryption']//ds:X509Certificate") {
		if e.Text() != newest {
			t.Error("we offer another key than the newest to encrypt for")
		}
	}
}

func TestOurMetadata_least(t *testing.T) {
	text := ourMetadata(t, saml.SP{EntityID: `https://bi.example.com/?a=1&b="<`, ACS: acs})
	valid(t, "our least metadata", text)
	root := treeOf(t, text)
	if root.SelectAttrValue("entityID", "") != `https://bi.example.com/?a=1&b="<` || root.FindElement("//md:KeyDescriptor") != nil || root.FindElement("//md:SingleLogoutService") != nil {
		t.Errorf("%s", text)
	}
	for what, sp := range map[string]saml.SP{
		"no entity id":               {ACS: acs},
		"no address":                 {EntityID: audience},
		"signing without a key":      {EntityID: audience, ACS: acs, SignsRequests: true},
		"encryption without a key":   {EntityID: audience, ACS: acs, WantsEncrypted: true},
		"signing out without a key ": {EntityID: audience, ACS: acs, Logout: logoutAt},
	} {
		if text, err := saml.OurMetadata(sp); err == nil {
			t.Errorf("%s: %s", what, text)
		}
	}
}
