package saml_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// said is an assertion of which a test changes one thing, and then signs it: what no
// identity provider at hand would say, however it is set.
type said struct {
	issued, from, until, statementEnds, confirmedFrom, confirmedUntil string
	name, format, method, audiences, attributes, extra                string
	version                                                           string
	noConditions, noConfirmation                                      bool
}

func at(now time.Time, after time.Duration) string { return now.Add(after).UTC().Format(time.RFC3339) }

func saying(now time.Time) said {
	return said{
		issued: at(now, 0), from: at(now, -time.Second), until: at(now, time.Minute), confirmedUntil: at(now, time.Minute),
		name: "dana-17", format: persistent, method: "urn:oasis:names:tc:SAML:2.0:cm:bearer", version: "2.0",
		audiences:  restriction(audience),
		attributes: attribute("email", "dana@example.com"),
	}
}

func restriction(audiences ...string) string {
	return "<saml:AudienceRestriction><saml:Audience>" + strings.Join(audiences, "</saml:Audience><saml:Audience>") + "</saml:Audience></saml:AudienceRestriction>"
}

func attribute(name string, values ...string) string {
	text := `<saml:Attribute Name="` + name + `">`
	for _, value := range values {
		text += "<saml:AttributeValue>" + value + "</saml:AttributeValue>"
	}
	return text + "</saml:Attribute>"
}

// optional is an attribute of XML, when it has a value.
func optional(name, value string) string {
	if value == "" {
		return ""
	}
	return " " + name + `="` + value + `"`
}

func (s said) confirmation() string {
	if s.noConfirmation {
		return ""
	}
	return `<saml:SubjectConfirmation Method="` + s.method + `"><saml:SubjectConfirmationData Recipient="` + acs + `" InResponseTo="` + requestID + `"` +
		optional("NotOnOrAfter", s.confirmedUntil) + optional("NotBefore", s.confirmedFrom) + `/></saml:SubjectConfirmation>`
}

// field signs the assertion, and gives the response as it stands in a form.
func (s said) field(t *testing.T) string {
	t.Helper()
	conditions := "<saml:Conditions" + optional("NotBefore", s.from) + optional("NotOnOrAfter", s.until) + ">" + s.audiences + "</saml:Conditions>"
	if s.noConditions {
		conditions = ""
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromString(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"` + optional("IssueInstant", s.issued) + `><saml:Issuer>` + idp +
		`</saml:Issuer><saml:Subject><saml:NameID Format="` + s.format + `">` + s.name + `</saml:NameID>` + s.confirmation() + s.extra + `</saml:Subject>` + conditions +
		`<saml:AuthnStatement SessionIndex="s-1"` + optional("SessionNotOnOrAfter", s.statementEnds) + `/><saml:AttributeStatement>` + s.attributes + `</saml:AttributeStatement></saml:Assertion>`); err != nil {
		t.Fatal(err)
	}
	key := idpKey()
	signing, err := dsig.NewSigningContext(key.key, [][]byte{key.der})
	if err != nil {
		t.Fatal(err)
	}
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signed, err := signing.SignEnveloped(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	doc.SetRoot(signed)
	assertion, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return field(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="` + s.version + `" InResponseTo="` + requestID + `" Destination="` + acs +
		`"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + assertion + `</samlp:Response>`)
}

func TestVerify_S2_eachRuleOfAnAssertion(t *testing.T) {
	now := time.Now()
	const code, claim = oriel.CodeSAMLResponseInvalid, oriel.CodeClaimInvalid
	for what, c := range map[string]struct {
		change func(*said)
		code   oriel.Code
		check  string
	}{
		"nothing":                                   {func(*said) {}, "", ""},
		"not yet, by its conditions":                {func(s *said) { s.from = at(now, 61*time.Second+time.Second) }, code, "time"},
		"not yet, within the skew":                  {func(s *said) { s.from = at(now, 50*time.Second) }, "", ""},
		"over, by its conditions":                   {func(s *said) { s.until = at(now, -61*time.Second) }, code, "time"},
		"over, by its confirmation":                 {func(s *said) { s.confirmedUntil = at(now, -61*time.Second) }, code, "time"},
		"a confirmation without an end":             {func(s *said) { s.confirmedUntil = "" }, code, "time"},
		"a confirmation that is not yet good":       {func(s *said) { s.confirmedFrom = at(now, 2*time.Minute) }, code, "time"},
		"a session that is over":                    {func(s *said) { s.statementEnds = at(now, -2*time.Minute) }, code, "time"},
		"issued later":                              {func(s *said) { s.issued = at(now, 2*time.Minute) }, code, "time"},
		"never issued":                              {func(s *said) { s.issued = "" }, code, "time"},
		"a time that is none":                       {func(s *said) { s.until = "tomorrow" }, code, "time"},
		"good for two days":                         {func(s *said) { s.until, s.confirmedUntil = at(now, 48*time.Hour), at(now, 48*time.Hour) }, code, "time"},
		"no conditions":                             {func(s *said) { s.noConditions = true }, code, "time"},
		"for any audience":                          {func(s *said) { s.audiences = "" }, code, "audience"},
		"one audience of two":                       {func(s *said) { s.audiences = restriction("https://other.example.com", audience) }, "", ""},
		"two restrictions, one of them for another": {func(s *said) { s.audiences += restriction("https://other.example.com") }, code, "audience"},
		"an empty audience":                         {func(s *said) { s.audiences = restriction("") }, code, "audience"},
		"nobody's confirmation":                     {func(s *said) { s.noConfirmation = true }, code, "request"},
		"for the holder of a key":                   {func(s *said) { s.method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" }, code, "request"},
		"a confirmation of another address beside ours": {func(s *said) {
			s.extra = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://other.example.com"/></saml:SubjectConfirmation>`
		}, "", ""},
		"another version":         {func(s *said) { s.version = "1.1" }, code, "format"},
		"a name of no letters":    {func(s *said) { s.name = " " }, claim, "claims"},
		"a name of 257 letters":   {func(s *said) { s.name = strings.Repeat("a", 257) }, claim, "claims"},
		"two addresses":           {func(s *said) { s.attributes += attribute("email", "eve@example.com") }, claim, "claims"},
		"an address in two names": {func(s *said) { s.attributes += attribute(soap+"emailaddress", "eve@example.com") }, claim, "claims"},
		"a tenant that is none":   {func(s *said) { s.attributes += attribute("tenant", "A B") }, claim, "claims"},
		"two tenants":             {func(s *said) { s.attributes += attribute("tenant", "a", "b") }, claim, "claims"},
		"65 KiB of values":        {func(s *said) { s.attributes += attribute("much", strings.Repeat("a", 65<<10)) }, code, "claims"},
	} {
		s := saying(now)
		c.change(&s)
		text := s.field(t)
		if c.code != "" {
			refuse(t, what, text, provider(idpKey()), asked(), now, c.code, c.check)
			continue
		}
		if got, evidence, err := saml.Verify(text, provider(idpKey()), asked(), now); err != nil || got.Email != "dana@example.com" {
			t.Errorf("%s: %v %+v", what, err, evidence)
		}
	}
}

const soap = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

func TestVerify_S7_whatBecomesOfValues(t *testing.T) {
	now := time.Now()
	verify := func(change func(*said)) oriel.Identity {
		t.Helper()
		s := saying(now)
		change(&s)
		got, evidence, err := saml.Verify(s.field(t), provider(idpKey()), asked(), now)
		if err != nil {
			t.Fatalf("%v %+v", err, evidence)
		}
		return got
	}
	spaced := verify(func(s *said) {
		s.name = "\n  dana-17\t"
		s.attributes = attribute("email", "\n dana@example.com ") + attribute("groups", " ops\n", "night") + attribute("groups", "third") + attribute("airport", " DFW ")
	})
	if spaced.Subject != idp+" dana-17" || strings.Join(spaced.Groups, ",") != "ops,night,third" || spaced.Attributes["airport"].Values[0] != "DFW" {
		t.Errorf("%+v", spaced)
	}
	// A space that is a letter to XML is one to us: it is another name.
	if other := verify(func(s *said) { s.name = "dana-17\u00a0" }); other.Subject == spaced.Subject {
		t.Error("two names of the provider are one person")
	}
	if none := verify(func(*said) {}); none.GroupsSent || none.Groups != nil {
		t.Errorf("no attribute of groups changes groups: %+v", none)
	}
	if empty := verify(func(s *said) { s.attributes += attribute("groups") }); !empty.GroupsSent || len(empty.Groups) != 0 {
		t.Errorf("an empty attribute of groups leaves groups: %+v", empty)
	}
	held := verify(func(s *said) {
		s.attributes += attribute("@admin", "yes") + attribute("none") + attribute("tenant", "acme")
	})
	if len(held.Attributes) != 0 || strings.Join(held.Dropped, ",") != "@admin,none" || *held.Tenant != "acme" {
		t.Errorf("%+v", held)
	}
}

func TestVerify_base64(t *testing.T) {
	good := saying(time.Now()).field(t)
	if _, _, err := saml.Verify(" "+good[:40]+"\r\n\t"+good[40:]+"\n", provider(idpKey()), asked(), time.Now()); err != nil {
		t.Errorf("white space in base64 is refused: %v", err)
	}
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for len(raw)%3 != 1 { // so that the last letter has bits that mean nothing
		raw = append(raw, ' ')
	}
	padded := base64.StdEncoding.EncodeToString(raw)
	for what, text := range map[string]string{
		"no padding": strings.TrimRight(padded, "="), "more behind it": padded + "AAAA", "of addresses": base64.URLEncoding.EncodeToString([]byte("\xff\xfe\xfd" + string(raw))),
		"bits that mean nothing": padded[:len(padded)-3] + "h==", "a letter that is none": "!" + padded, "nothing": "", "a NUL": padded[:8] + "\x00" + padded[8:],
	} {
		refuse(t, what, text, provider(idpKey()), asked(), time.Now(), oriel.CodeSAMLResponseInvalid, "format")
	}
}

// Whoever has our certificate can encrypt: what is inside is held to all that a plain
// assertion is.
func TestVerify_S6_hostileInsideAnEncryptedAssertion(t *testing.T) {
	own := ownKey()
	ask := asked()
	ask.Keys = func() ([]tls.Certificate, error) {
		return []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}}, nil
	}
	for what, change := range map[string]func(*order){
		"of another's certificate": func(o *order) { o.Key, o.Certificate = otherKey().private, otherKey().certificate },
		"SHA-1":                    func(o *order) { o.SHA1 = true },
		"for another audience":     func(o *order) { o.Audience = "https://other.example.com" },
		"for another request":      func(o *order) { o.Request = "_another" },
	} {
		o := ordered("assertion")
		o.Encrypt, o.EncryptKey = own.certificate, own.public
		change(&o)
		_, evidence, err := saml.Verify(respond(t, "samlp", o)[0], provider(idpKey()), ask, time.Now())
		if err == nil {
			t.Errorf("%s: taken: %+v", what, evidence)
		}
	}
	// A key of another method, and a second key.
	o := ordered("assertion")
	o.Encrypt, o.EncryptKey = own.certificate, own.public
	text := xml(t, respond(t, "samlp", o)[0])
	for what, changed := range map[string]string{
		"RSA of PKCS #1 v1.5": byPKCS1(t, text, own),
		"a second ciphertext": strings.Replace(text, "<xenc:EncryptedData", "<xenc:EncryptedData/><xenc:EncryptedData", 1),
	} {
		if changed == text {
			t.Errorf("%s: nothing was changed in %.600s", what, text)
		}
		if _, evidence, err := saml.Verify(field(changed), provider(idpKey()), ask, time.Now()); oriel.CodeOf(err) != oriel.CodeSAMLResponseInvalid {
			t.Errorf("%s: %v %+v", what, err, evidence)
		}
	}
}

// byPKCS1 has the key of an encrypted assertion transported by RSA PKCS #1 v1.5, as a
// provider would that still does it: the library decrypts it.
func byPKCS1(t *testing.T, text string, own pair) string {
	t.Helper()
	document := etree.NewDocument()
	if err := document.ReadFromString(text); err != nil {
		t.Fatal(err)
	}
	at := document.FindElement("//EncryptedKey/CipherData/CipherValue")
	sealed, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(at.Text()), ""))
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.DecryptOAEP(sha1.New(), rand.Reader, own.key, sealed, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err = rsa.EncryptPKCS1v15(rand.Reader, &own.key.PublicKey, key) //nolint:staticcheck // dangerous, as it says: this is the attack
	if err != nil {
		t.Fatal(err)
	}
	at.SetText(base64.StdEncoding.EncodeToString(sealed))
	changed, err := document.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(changed, "xmlenc#rsa-oaep-mgf1p", "xmlenc#rsa-1_5", 1)
}
