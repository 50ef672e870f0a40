package saml_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// typed is a response whose values say their type, as OpenSAML, Okta and .NET write
// them: the prefix xs stands in the text of an attribute alone.
func typed(now time.Time) string {
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_r" Version="2.0" InResponseTo="` + requestID + `" Destination="` + acs + `"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
		`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" IssueInstant="` + at(now, 0) + `"><saml:Issuer>` + idp + `</saml:Issuer>` +
		`<saml:Subject><saml:NameID Format="` + persistent + `">dana-17</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="` + acs + `" InResponseTo="` + requestID + `" NotOnOrAfter="` + at(now, time.Minute) + `"/></saml:SubjectConfirmation></saml:Subject>` +
		`<saml:Conditions NotOnOrAfter="` + at(now, time.Minute) + `">` + restriction(audience) + `</saml:Conditions><saml:AuthnStatement SessionIndex="s-1"/>` +
		`<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">dana@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`
}

const (
	bareTransform  = `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`
	bareMethod     = `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`
	exclusiveSpace = `xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#"`
)

// withPrefixes puts something into the transform that canonicalises.
func withPrefixes(inner string) func(string) string {
	return func(template string) string {
		return strings.Replace(template, bareTransform, strings.TrimSuffix(bareTransform, "/>")+">"+inner+"</ds:Transform>", 1)
	}
}

// S12: the parameter of exclusive canonicalisation, as xmlsec signs it.
func TestVerify_S12_listsOfPrefixes(t *testing.T) {
	now, p := time.Now(), provider(idpKey())
	for _, list := range []string{"xs", "xs xsi", "#default samlp saml ds xs xsi"} {
		for _, of := range []string{"Assertion", "Response"} {
			text := signedBy(t, typed(now), of, idpKey(), withPrefixes(fmt.Sprintf(`<ec:InclusiveNamespaces %s PrefixList="%s"/>`, exclusiveSpace, list)))
			got, evidence, err := saml.Verify(field(text), p, asked(), now)
			if err != nil || got.Email != "dana@example.com" {
				t.Errorf("%q of the %s: %v %+v", list, of, err, evidence)
				continue
			}
			// What the listed prefix means is signed: another meaning is another document.
			changed := strings.Replace(text, `xmlns:xs="http://www.w3.org/2001/XMLSchema"`, `xmlns:xs="urn:example:other"`, 1)
			refuse(t, list+" with another meaning", field(changed), p, asked(), now, invalid, "signature")
			listed := strings.Replace(text, fmt.Sprintf(`PrefixList="%s"`, list), `PrefixList="saml"`, 1)
			refuse(t, list+" listed otherwise", field(listed), p, asked(), now, invalid, "signature")
		}
	}
}

// Only that parameter, and only there.
func TestVerify_listsOfPrefixesThatAreNone(t *testing.T) {
	now, p := time.Now(), provider(idpKey())
	one := `<ec:InclusiveNamespaces ` + exclusiveSpace + ` PrefixList="xs"/>`
	for what, inner := range map[string]string{
		"two":               one + one,
		"children":          strings.Replace(one, "/>", "><ec:X/></ec:InclusiveNamespaces>", 1),
		"another element":   strings.ReplaceAll(one, "InclusiveNamespaces", "Other"),
		"another attribute": strings.Replace(one, "/>", ` Id="_evil"/>`, 1),
		"no names":          strings.Replace(one, `"xs"`, `"x:s"`, 1),
		"markup":            strings.Replace(one, `"xs"`, `"&lt;xs"`, 1),
		"a long list":       strings.Replace(one, `"xs"`, `"`+strings.Repeat("a", 300)+`"`, 1),
	} {
		// xmlsec1 signs some of them; the shape is refused before that is looked at.
		text := strings.Replace(signedBy(t, typed(now), "Assertion", idpKey(), nil), bareTransform, strings.TrimSuffix(bareTransform, "/>")+">"+inner+"</ds:Transform>", 1)
		refuse(t, what, field(text), p, asked(), now, invalid, "format")
	}
	signed := signedBy(t, typed(now), "Assertion", idpKey(), nil)
	for what, text := range map[string]string{
		"in what canonicalises the signature": strings.Replace(signed, bareMethod, strings.TrimSuffix(bareMethod, "/>")+">"+one+"</ds:CanonicalizationMethod>", 1),
		"in the other transform":              strings.Replace(signed, `#enveloped-signature"/>`, `#enveloped-signature">`+one+`</ds:Transform>`, 1),
		"in the assertion":                    strings.Replace(signed, "<saml:Subject>", one+"<saml:Subject>", 1),
		"in the status":                       strings.Replace(signed, "</samlp:Status>", one+"</samlp:Status>", 1),
	} {
		if text == signed {
			t.Fatalf("%s: nothing was changed", what)
		}
		refuse(t, what, field(text), p, asked(), now, invalid, "format")
	}
}

// S2: what the response around a signed assertion says counts too, also where nobody
// signed it.
func TestVerify_S2_whatIsAroundASignedAssertion(t *testing.T) {
	now, p := time.Now(), provider(idpKey())
	signed := signedBy(t, typed(now), "Assertion", idpKey(), nil)
	if _, evidence, err := saml.Verify(field(signed), p, asked(), now); err != nil {
		t.Fatalf("%v %+v", err, evidence)
	}
	change := func(old, new string) string {
		t.Helper()
		text := strings.Replace(signed, old, new, 1)
		if text == signed {
			t.Fatalf("there is no %s", old)
		}
		return text
	}
	refuse(t, "a failed status", field(change("status:Success", "status:Responder")), p, asked(), now, invalid, "status")
	refuse(t, "another request", field(change(`InResponseTo="`+requestID+`" Destination`, `InResponseTo="_other" Destination`)), p, asked(), now, oriel.CodeSAMLNotRequested, "request")
	refuse(t, "another destination", field(change(`Destination="`+acs+`"`, `Destination="https://elsewhere.example.com/acs"`)), p, asked(), now, invalid, "destination")
	bare := strings.Replace(typed(now), ` Destination="`+acs+`"`, "", 1)
	refuse(t, "a signed response for anywhere", field(signedBy(t, bare, "Response", idpKey(), nil)), p, asked(), now, invalid, "destination")
}
