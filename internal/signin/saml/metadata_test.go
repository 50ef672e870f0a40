package saml_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// secondKey adds a certificate to metadata of samlp, which writes one only.
func secondKey(text string) string {
	key := cut(text, "<KeyDescriptor", "</KeyDescriptor>")
	return strings.Replace(text, key, key+strings.Replace(key, bare(idpKey().certificate), bare(otherKey().certificate), 1), 1)
}

// cut is the first part of a text from a mark to another.
func cut(text, from, to string) string {
	start := strings.Index(text, from)
	end := strings.Index(text[start:], to)
	return text[start : start+end+len(to)]
}

// bare is a certificate without its lines of PEM.
func bare(certificate string) string {
	lines := strings.Split(strings.TrimSpace(certificate), "\n")
	return strings.Join(lines[1:len(lines)-1], "")
}

// theirMetadata are of both identity providers, with two certificates.
func theirMetadata(t testing.TB) map[string]string {
	t.Helper()
	one := perform(t, "samlp", task{Do: "metadata"})[0]
	two := perform(t, "pysaml2", task{Do: "metadata", More: []string{otherKey().certificate}})[0]
	if one.Refused+two.Refused != "" {
		t.Fatal(one.Refused + two.Refused)
	}
	return map[string]string{"samlp": secondKey(one.XML), "pysaml2": two.XML}
}

// S8: the metadata of both identity providers, with two certificates.
func TestReadMetadata_S8(t *testing.T) {
	want := map[string]saml.IdP{
		"samlp":   {EntityID: idp, SignInURL: "https://idp.example.com/sso", SignOutURL: "https://idp.example.com/slo", SignOutResponseURL: "https://idp.example.com/slo"},
		"pysaml2": {EntityID: idp, SignInURL: signInAt, SignOutURL: signOutAt, SignOutResponseURL: signOutAt},
	}
	now := time.Now()
	for make, text := range theirMetadata(t) {
		for what, changed := range map[string]string{
			"as it is": text,
			"with a byte order mark, comments and instructions": "\xef\xbb\xbf<!-- of today --><?style none?>" + strings.Replace(text, "KeyInfo>", "KeyInfo><!-- the newer --><?style none?>", 1) + "<!-- end -->",
			"in a list": `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><Extensions><other xmlns="urn:x"/></Extensions>` + strings.TrimPrefix(text, `<?xml version='1.0' encoding='UTF-8'?>`) + `</EntitiesDescriptor>`,
		} {
			got, err := saml.ReadMetadata([]byte(changed), saml.Wanted{}, now)
			if err != nil {
				t.Errorf("%s, %s: %v", make, what, err)
				continue
			}
			if len(got.Certificates) != 2 || string(got.Certificates[0]) != idpKey().certificate || string(got.Certificates[1]) != otherKey().certificate {
				t.Errorf("%s, %s: %d certificates, or others", make, what, len(got.Certificates))
			}
			if make == "pysaml2" && (got.ValidUntil.Sub(now) < 23*time.Hour || got.ValidUntil.Sub(now) > 25*time.Hour) {
				t.Errorf("%s, %s: valid until %v", make, what, got.ValidUntil)
			}
			got.Certificates, got.ValidUntil = nil, time.Time{}
			if diff := cmp.Diff(want[make], got); diff != "" {
				t.Errorf("%s, %s: %s", make, what, diff)
			}
		}
		if _, err := saml.ReadMetadata([]byte(text), saml.Wanted{EntityID: idp}, now); err != nil {
			t.Errorf("%s, by its name: %v", make, err)
		}
	}
}

const (
	mdOpen  = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/saml">`
	mdClose = `</EntityDescriptor>`
	mdSSO   = `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>`
)

func mdKey(use string, certificates ...pair) string {
	text := ""
	for _, one := range certificates {
		text += "<KeyDescriptor" + use + "><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n" + bare(one.certificate) + "\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
	}
	return text
}

func mdRole(inside string) string {
	return `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` + inside + `</IDPSSODescriptor>`
}

// plainMetadata are the least that are read.
func plainMetadata() string { return mdOpen + mdRole(mdKey("", idpKey())+mdSSO) + mdClose }

func TestReadMetadata_whatTheySay(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	read := func(change func(string) string) saml.IdP {
		t.Helper()
		text := change(plainMetadata())
		if text == plainMetadata() {
			t.Error("nothing was changed")
		}
		got, err := saml.ReadMetadata([]byte(text), saml.Wanted{Loopback: true}, now)
		if err != nil {
			t.Error(err)
		}
		return got
	}
	instead := func(old, new string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, new, 1) }
	}
	for text, want := range map[string]bool{"true": true, "1": true, "false": false, "0": false} {
		if got := read(instead("<IDPSSODescriptor", `<IDPSSODescriptor WantAuthnRequestsSigned="`+text+`"`)); got.WantsSignedRequests != want {
			t.Errorf("WantAuthnRequestsSigned %s", text)
		}
	}
	for text, want := range map[string]time.Duration{
		"PT1H": time.Hour, "P1D": 24 * time.Hour, "PT604800.5S": 7 * 24 * time.Hour, "P0Y0M1DT2H3M4.000S": 26*time.Hour + 3*time.Minute + 4*time.Second,
		"P1M": 30 * 24 * time.Hour, "P9Y": 365 * 24 * time.Hour, "PT0S": time.Second,
	} {
		if got := read(instead("<EntityDescriptor", `<EntityDescriptor cacheDuration="`+text+`"`)); got.CacheFor != want {
			t.Errorf("cacheDuration %s: %v", text, got.CacheFor)
		}
	}
	// The shortest of all that stand around.
	got := read(func(text string) string {
		text = strings.Replace(text, "<IDPSSODescriptor", `<IDPSSODescriptor validUntil="2026-07-03T00:00:00Z" cacheDuration="PT2H"`, 1)
		text = strings.Replace(text, "<EntityDescriptor", `<EntityDescriptor validUntil="2026-07-04T00:00:00Z"`, 1)
		return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2026-07-02T00:00:00Z" cacheDuration="PT3H">` + text + `</EntitiesDescriptor>`
	})
	if !got.ValidUntil.Equal(time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)) || got.CacheFor != 2*time.Hour {
		t.Errorf("%v, %v", got.ValidUntil, got.CacheFor)
	}
	got = read(instead(mdSSO, `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://idp.example.com/soap"/>
		<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/slo" ResponseLocation="https://idp.example.com/slo2"/>
		<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/post"/>
		<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="http://localhost:8080/sso?x=1"/>`))
	if got.SignOutURL != "https://idp.example.com/slo" || got.SignOutResponseURL != "https://idp.example.com/slo2" || got.SignInURL != "http://localhost:8080/sso?x=1" {
		t.Errorf("%+v", got)
	}
	got = read(instead(mdSSO, mdKey(` use="encryption"`, ownKey())+mdKey(` use="signing"`, otherKey(), idpKey())+mdSSO))
	if len(got.Certificates) != 2 || !bytes.Equal(got.Certificates[1], []byte(otherKey().certificate)) {
		t.Errorf("%d certificates, or others", len(got.Certificates))
	}
	// What other roles sign with, as those of WS-Federation in metadata of AD FS, the
	// provider does not.
	got = read(func(text string) string {
		other := `<RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">` +
			mdKey(` use="signing"`, otherKey()) + `<fed:TokenTypesOffered><fed:TokenType Uri="urn:x"/></fed:TokenTypesOffered></RoleDescriptor>`
		sp := strings.ReplaceAll(mdRole(mdKey("", ownKey())), "IDPSSODescriptor", "SPSSODescriptor")
		return strings.Replace(text, "<IDPSSODescriptor", other+sp+"<IDPSSODescriptor", 1)
	})
	if len(got.Certificates) != 1 || string(got.Certificates[0]) != idpKey().certificate {
		t.Errorf("%d certificates, or others", len(got.Certificates))
	}
	// One that has expired verifies nothing, whenever it is that one reads.
	text := strings.Replace(plainMetadata(), mdSSO, mdKey("", expiredKey())+mdSSO, 1)
	if got, err := saml.ReadMetadata([]byte(text), saml.Wanted{}, time.Now()); err != nil || len(got.Certificates) != 1 {
		t.Errorf("%d certificates, %v", len(got.Certificates), err)
	}
}

func TestReadMetadata_ofSeveral(t *testing.T) {
	one := plainMetadata()
	two := strings.ReplaceAll(one, "idp.example.com", "two.example.com")
	list := func(parts ...string) []byte {
		return []byte(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.Join(parts, "") + `</EntitiesDescriptor>`)
	}
	ours := ourMetadata(t, ourSP(t))
	now := time.Now()
	for what, text := range map[string][]byte{"two": list(one, two, ours), "nested": list(ours, string(list(one)), two)} {
		for _, name := range []string{idp, "https://two.example.com/saml"} {
			got, err := saml.ReadMetadata(text, saml.Wanted{EntityID: name}, now)
			if err != nil || got.EntityID != name {
				t.Errorf("%s, %s: %q, %v", what, name, got.EntityID, err)
			}
		}
		denied(t, what+", without a name", text, saml.Wanted{}, now, "name one by its entity id")
		denied(t, what+", by another", text, saml.Wanted{EntityID: "https://three.example.com"}, now, "no identity provider")
		denied(t, what+", by a service provider's", text, saml.Wanted{EntityID: audience}, now, "no identity provider")
	}
	if _, err := saml.ReadMetadata(list(ours, one), saml.Wanted{}, now); err != nil {
		t.Error(err)
	}
	denied(t, "the same twice", list(one, one), saml.Wanted{EntityID: idp}, now, "more than once")
}

// denied holds metadata to a reason.
func denied(t *testing.T, what string, document []byte, want saml.Wanted, now time.Time, reason string) {
	t.Helper()
	began := time.Now()
	got, err := saml.ReadMetadata(document, want, now)
	if err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: %v, want %q", what, err, reason)
	}
	if got.EntityID != "" || got.SignInURL != "" || got.Certificates != nil {
		t.Errorf("%s: refused, with %+v", what, got)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("%s: took %v", what, took)
	}
}
