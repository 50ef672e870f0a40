package saml_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

func TestReadMetadata_hostile(t *testing.T) {
	now := time.Now()
	plain := plainMetadata()
	if _, err := saml.ReadMetadata([]byte(plain), saml.Wanted{}, now); err != nil {
		t.Fatal(err)
	}
	sso := func(location string) string {
		return strings.Replace(plain, "https://idp.example.com/sso", location, 1)
	}
	in := func(before, text string) string { return strings.Replace(plain, before, text+before, 1) }
	attribute := func(element, text string) string {
		return strings.Replace(plain, "<"+element, "<"+element+" "+text, 1)
	}
	var five []pair
	for range 5 {
		five = append(five, newPair(now.Add(-time.Hour), now.Add(time.Hour)))
	}
	key := mdKey("", idpKey())
	certificate := cut(key, "<ds:X509Certificate", "</ds:X509Certificate>")
	for what, c := range map[string][2]string{
		"nothing":                         {"", "no XML"},
		"no XML":                          {"{}", "outside its root"},
		"half":                            {plain[:len(plain)/2], "no XML"},
		"a document type":                 {"<!DOCTYPE x>" + plain, "a document type"},
		"an entity":                       {`<!DOCTYPE x [<!ENTITY e "https://evil.example.com">]>` + sso("&e;"), "a document type"},
		"an external entity":              {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + sso("&e;"), "a document type"},
		"an entity of nobody":             {sso("&e;"), "no XML"},
		"two roots":                       {plain + plain, "more than one root"},
		"huge":                            {in(mdClose, "<Extensions>"+strings.Repeat(" ", 1<<20)+"</Extensions>"), "bytes"},
		"deep":                            {in(mdClose, strings.Repeat("<x>", 30)+strings.Repeat("</x>", 30)), "deep"},
		"many elements":                   {in(mdClose, strings.Repeat("<x/>", 10_001)), "elements"},
		"many attributes":                 {attribute("IDPSSODescriptor", manyAttributes(41)), "attributes"},
		"an attribute twice":              {attribute("SingleSignOnService", `Location="https://evil.example.com"`), "twice"},
		"a comment in a value":            {strings.Replace(plain, "\n</ds:X509Certificate>", "<!-- -->\n</ds:X509Certificate>", 1), "inside a value"},
		"a comment before a value":        {strings.Replace(plain, "<ds:X509Certificate>", "<ds:X509Certificate><!-- -->", 1), "inside a value"},
		"an instruction in a value":       {strings.Replace(plain, "\n</ds:X509Certificate>", "<?x y?>\n</ds:X509Certificate>", 1), "inside a value"},
		"a declaration inside":            {in(mdClose, `<?xml version="1.0"?>`), "processing instruction"},
		"text around it":                  {plain + "x", "outside its root"},
		"a response":                      {`<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>`, "no metadata"},
		"of another namespace":            {strings.Replace(plain, "SAML:2.0:metadata", "SAML:2.0:other", 1), "no metadata"},
		"a service provider's":            {ourMetadata(t, ourSP(t)), "no identity provider"},
		"two descriptors":                 {in(mdClose, mdRole(key+mdSSO)), "more than one IDPSSODescriptor"},
		"another protocol":                {strings.Replace(plain, `"urn:oasis:names:tc:SAML:2.0:protocol"`, `"urn:oasis:names:tc:SAML:1.1:protocol"`, 1), "does not speak"},
		"no entity id":                    {strings.Replace(plain, `entityID="https://idp.example.com/saml"`, "", 1), "entity id"},
		"a long entity id":                {strings.Replace(plain, `example.com/saml"`, `example.com/`+strings.Repeat("a", 1024)+`"`, 1), "entity id"},
		"an entity id with a space":       {strings.Replace(plain, `example.com/saml"`, `example.com/saml "`, 1), "entity id"},
		"javascript":                      {sso("javascript:alert(1)"), "https://"},
		"javascript with slashes":         {sso("javascript://idp.example.com/%0aalert(1)"), "https://"},
		"data":                            {sso("data:text/html,x"), "https://"},
		"http":                            {sso("http://idp.example.com/sso"), "http://"},
		"http of this machine":            {sso("http://localhost/sso"), "https://"},
		"a relative address":              {sso("/sso"), "https://"},
		"a user in the address":           {sso("https://idp.example.com@evil.example.com/"), "user name"},
		"a line in the address":           {sso("https://idp.example.com/&#10;x"), "space"},
		"javascript to sign out":          {in(mdSSO, `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="javascript:alert(1)"/>`), "SingleLogoutService"},
		"javascript for the answer":       {in(mdSSO, `<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/slo" ResponseLocation="javascript:alert(1)"/>`), "SingleLogoutService"},
		"no way to sign in":               {strings.Replace(plain, "HTTP-Redirect", "HTTP-POST", 1), "no SingleSignOnService"},
		"a sign-in of another namespace":  {strings.Replace(plain, "<SingleSignOnService", `<SingleSignOnService xmlns="urn:x"`, 1), "no SingleSignOnService"},
		"no certificate":                  {strings.Replace(plain, key, "", 1), "no certificate"},
		"one for encryption only":         {strings.Replace(plain, "<KeyDescriptor", `<KeyDescriptor use="encryption"`, 1), "no certificate"},
		"a key for something else":        {strings.Replace(plain, "<KeyDescriptor", `<KeyDescriptor use="Signing"`, 1), "neither for signing"},
		"an expired certificate":          {strings.Replace(plain, key, mdKey("", expiredKey()), 1), "no certificate"},
		"a certificate that is none":      {strings.Replace(plain, bare(idpKey().certificate), "AAAA", 1), "can't be read"},
		"no base64":                       {strings.Replace(plain, bare(idpKey().certificate), "-", 1), "no base64"},
		"an element in a certificate":     {strings.Replace(plain, "\n</ds:X509Certificate>", "<x/></ds:X509Certificate>", 1), "no base64"},
		"two certificates of one key":     {strings.Replace(plain, certificate, certificate+strings.Replace(certificate, bare(idpKey().certificate), bare(otherKey().certificate), 1), 1), "more than one certificate"},
		"five certificates":               {strings.Replace(plain, key, mdKey("", five...), 1), "more than 4"},
		"a WantAuthnRequestsSigned":       {attribute("IDPSSODescriptor", `WantAuthnRequestsSigned="maybe"`), "neither true nor false"},
		"expired":                         {attribute("EntityDescriptor", `validUntil="`+now.Add(-time.Second).UTC().Format(time.RFC3339)+`"`), "expired"},
		"a role that expired":             {attribute("IDPSSODescriptor", `validUntil="2020-01-01T00:00:00Z"`), "expired"},
		"a list that expired":             {`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2020-01-01T00:00:00Z">` + plain + `</EntitiesDescriptor>`, "expired"},
		"no moment":                       {attribute("EntityDescriptor", `validUntil="tomorrow"`), "no moment"},
		"no duration":                     {attribute("EntityDescriptor", `cacheDuration="a day"`), "no duration"},
		"an empty duration":               {attribute("EntityDescriptor", `cacheDuration="P"`), "no duration"},
		"an empty time":                   {attribute("EntityDescriptor", `cacheDuration="P1DT"`), "no duration"},
		"a negative duration":             {attribute("EntityDescriptor", `cacheDuration="-PT1H"`), "no duration"},
		"an id twice":                     {strings.NewReplacer("<EntityDescriptor", `<EntityDescriptor ID="a"`, "<IDPSSODescriptor", `<IDPSSODescriptor ID="a"`).Replace(plain), "an id twice"},
		"a signature where none belongs":  {in(mdSSO, `<ds:Signature/>`), "where none belongs"},
		"a signature that signs nothing":  {in("<IDPSSODescriptor", `<ds:Signature/>`), "signs nothing"},
		"an entity inside an extension":   {mdOpen + "<Extensions>" + plain + "</Extensions>" + mdClose, "no identity provider"},
		"an entity inside a list's other": {`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><Extensions>` + plain + `</Extensions></EntitiesDescriptor>`, "no identity provider"},
	} {
		denied(t, what, []byte(c[0]), saml.Wanted{}, now, c[1])
	}
	// A bomb of entities is stopped at its beginning.
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">`
	for i := range 20 {
		bomb += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat("&a;", 10))
	}
	denied(t, "a bomb", []byte(bomb+"]>"+sso("&a19;")), saml.Wanted{}, now, "a document type")
}

func manyAttributes(count int) string {
	text := ""
	for i := range count {
		text += fmt.Sprintf(`a%d="" `, i)
	}
	return text
}

// signedBy has xmlsec1 sign an element of a document, which names itself by ID.
func signedBy(t testing.TB, document, element string, key pair, change func(string) string) string {
	t.Helper()
	root := treeOf(t, document)
	at := root.FindElement("//" + element)
	if root.Tag == element {
		at = root
	}
	id := "_" + element + "1"
	at.CreateAttr("ID", id)
	template := `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`
	if change != nil {
		template = change(template)
	}
	at.InsertChildAt(0, treeOf(t, template))
	text, err := etree.NewDocumentWithRoot(root).WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{"document.xml": text, "key.pem": key.private} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tool(t, "", "xmlsec1", "--sign", "--privkey-pem", filepath.Join(folder, "key.pem"),
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntitiesDescriptor",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response",
		"--node-xpath", "//*[@ID='"+id+"']/*[local-name()='Signature']", filepath.Join(folder, "document.xml"))
}

func inList(text string) string {
	return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + text + `</EntitiesDescriptor>`
}

// pinned are certificates as PEM.
func pinned(keys ...pair) (texts [][]byte) {
	for _, one := range keys {
		texts = append(texts, []byte(one.certificate))
	}
	return texts
}

// What xmlsec1 and pysaml2 sign is read, and by the certificates that are pinned
// alone.
func TestReadSignedMetadata(t *testing.T) {
	now := time.Now()
	theirs := perform(t, "pysaml2", task{Do: "metadata", Signed: true})[0]
	if theirs.Refused != "" {
		t.Fatal(theirs.Refused)
	}
	plain := plainMetadata()
	prefixes := func(template string) string {
		return strings.Replace(template, `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`, `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="ds"/></ds:Transform>`, 1)
	}
	for what, text := range map[string]string{
		"pysaml2's":                      theirs.XML,
		"the entity":                     signedBy(t, plain, "EntityDescriptor", idpKey(), nil),
		"the entity in a list":           signedBy(t, inList(plain), "EntityDescriptor", idpKey(), nil),
		"the list":                       signedBy(t, inList(plain), "EntitiesDescriptor", idpKey(), nil),
		"both, each by another":          signedBy(t, signedBy(t, inList(plain), "EntityDescriptor", otherKey(), nil), "EntitiesDescriptor", idpKey(), nil),
		"both, the entity by the pinned": signedBy(t, signedBy(t, inList(plain), "EntityDescriptor", idpKey(), nil), "EntitiesDescriptor", otherKey(), nil),
		"with comments":                  signedBy(t, strings.Replace(plain, "<IDPSSODescriptor", "<!-- of today --><IDPSSODescriptor", 1), "EntityDescriptor", idpKey(), nil),
		"with a list of prefixes":        signedBy(t, plain, "EntityDescriptor", idpKey(), prefixes),
	} {
		got, err := saml.ReadSignedMetadata([]byte(text), saml.Wanted{EntityID: idp}, pinned(ownKey(), idpKey()), now)
		if err != nil || got.EntityID != idp || len(got.Certificates) != 1 || string(got.Certificates[0]) != idpKey().certificate {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		for reason, certificates := range map[string][][]byte{"another": pinned(ownKey()), "none": nil} {
			if got, err := saml.ReadSignedMetadata([]byte(text), saml.Wanted{EntityID: idp}, certificates, now); err == nil || got.EntityID != "" {
				t.Errorf("%s, by %s certificate: %+v", what, reason, got)
			}
		}
	}
	// What is around may end it sooner.
	soon := now.Add(time.Minute).UTC().Truncate(time.Second)
	text := strings.Replace(signedBy(t, inList(plain), "EntityDescriptor", idpKey(), nil), "<EntitiesDescriptor", `<EntitiesDescriptor cacheDuration="PT5M" validUntil="`+soon.Format(time.RFC3339)+`"`, 1)
	if got, err := saml.ReadSignedMetadata([]byte(text), saml.Wanted{}, pinned(idpKey()), now); err != nil || !got.ValidUntil.Equal(soon) || got.CacheFor != 5*time.Minute {
		t.Errorf("%v, %v, %v", got.ValidUntil, got.CacheFor, err)
	}
	if _, err := saml.ReadSignedMetadata([]byte(text), saml.Wanted{}, pinned(idpKey()), soon); err == nil {
		t.Error("expired around, and read")
	}
}

// What nobody signed never comes out of signed metadata.
func TestReadSignedMetadata_hostile(t *testing.T) {
	now := time.Now()
	plain := plainMetadata()
	signed := strings.TrimSpace(strings.TrimPrefix(signedBy(t, plain, "EntityDescriptor", idpKey(), nil), `<?xml version="1.0"?>`))
	listed := strings.TrimSpace(strings.TrimPrefix(signedBy(t, inList(plain), "EntitiesDescriptor", idpKey(), nil), `<?xml version="1.0"?>`))
	signature := cut(signed, "<ds:Signature", "</ds:Signature>")
	evil := strings.ReplaceAll(plain, "https://idp.example.com/sso", "https://evil.example.com/sso")
	evilWith := func(inside string) string {
		return strings.Replace(evil, "<IDPSSODescriptor", inside+"<IDPSSODescriptor", 1)
	}
	sha1 := func(template string) string {
		return strings.Replace(template, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", 1)
	}
	for what, c := range map[string][2]string{
		"unsigned":                                {plain, "signed"},
		"changed":                                 {strings.Replace(signed, "https://idp.example.com/sso", "https://evil.example.com/sso", 1), "not made with"},
		"changed in a list":                       {strings.Replace(listed, "https://idp.example.com/sso", "https://evil.example.com/sso", 1), "not made with"},
		"another certificate in it":               {strings.Replace(signed, bare(idpKey().certificate), bare(otherKey().certificate), 1), "not made with"},
		"an attribute more":                       {strings.Replace(signed, "<IDPSSODescriptor", `<IDPSSODescriptor WantAuthnRequestsSigned="true"`, 1), "not made with"},
		"an evil one beside it":                   {inList(signed + evil), "more than once"},
		"an evil one before it":                   {inList(evil + signed), "more than once"},
		"the signed one in an extension":          {evilWith("<Extensions>" + signed + "</Extensions>"), "signed"},
		"its signature in the evil one":           {evilWith(signature), "not over the element"},
		"its signature and id in the evil one":    {strings.Replace(evilWith(signature), "<EntityDescriptor", `<EntityDescriptor ID="_EntityDescriptor1"`, 1), "not made with"},
		"the signed one in its signature's place": {strings.Replace(evilWith(strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+signed+"</ds:Object></ds:Signature>", 1)), "<EntityDescriptor", `<EntityDescriptor ID="_evil"`, 1), "an id twice|Object|not over"},
		"the signed one inside a signed list's":   {strings.Replace(listed, "</EntitiesDescriptor>", evil+"</EntitiesDescriptor>", 1), "more than once"},
		"an evil entity in the signed list":       {strings.Replace(listed, cut(listed, "<EntityDescriptor", "</EntityDescriptor>"), evil, 1), "not made with"},
		"by SHA-1":                                {signedBy(t, plain, "EntityDescriptor", idpKey(), sha1), "SHA-256 or better"},
		"by another":                              {signedBy(t, plain, "EntityDescriptor", otherKey(), nil), "not made with"},
		"two signatures":                          {strings.Replace(signed, signature, signature+signature, 1), "more than one Signature"},
		"many elements":                           {signedBy(t, strings.Replace(plain, mdClose, strings.Repeat("<x/>", 1000)+mdClose, 1), "EntityDescriptor", idpKey(), nil), "elements"},
	} {
		got, err := saml.ReadSignedMetadata([]byte(c[0]), saml.Wanted{EntityID: idp}, pinned(idpKey()), now)
		if got.EntityID != "" || got.SignInURL != "" || err == nil {
			t.Errorf("%s: read as %+v", what, got)
			continue
		}
		found := false
		for reason := range strings.SplitSeq(c[1], "|") {
			found = found || strings.Contains(err.Error(), reason)
		}
		if !found {
			t.Errorf("%s: %v, want %q", what, err, c[1])
		}
	}
	// A certificate signs until it ends, and what is no certificate pins nothing.
	if _, err := saml.ReadSignedMetadata([]byte(signed), saml.Wanted{}, pinned(idpKey()), now.Add(2*time.Hour)); err == nil {
		t.Error("signed with an expired certificate, and read")
	}
	if _, err := saml.ReadSignedMetadata([]byte(signed), saml.Wanted{}, [][]byte{[]byte("x"), []byte(idpKey().certificate)}, now); err == nil {
		t.Error("pinned by what is no certificate")
	}
}

func FuzzReadMetadata(f *testing.F) {
	plain := plainMetadata()
	f.Add([]byte(plain), idp)
	f.Add([]byte(inList(plain)), "")
	f.Add([]byte(strings.Replace(plain, "<IDPSSODescriptor", `<IDPSSODescriptor validUntil="2030-01-01T00:00:00Z" cacheDuration="P1DT1H" WantAuthnRequestsSigned="1"`, 1)), "")
	f.Add([]byte("<!-- a --><?x y?>"+plain), "")
	certificates := pinned(idpKey())
	now := time.Now()
	f.Fuzz(func(t *testing.T, document []byte, name string) {
		// Nobody can make a signature, so that nothing may come of it.
		if got, err := saml.ReadSignedMetadata(document, saml.Wanted{EntityID: name}, certificates, now); err == nil {
			t.Errorf("signed by nobody: %+v", got)
		}
		got, err := saml.ReadMetadata(document, saml.Wanted{EntityID: name}, now)
		if err != nil {
			return
		}
		if got.EntityID == "" || name != "" && got.EntityID != name || !strings.HasPrefix(strings.ToLower(got.SignInURL), "https://") || len(got.Certificates) == 0 || len(got.Certificates) > 4 ||
			!got.ValidUntil.IsZero() && !now.Before(got.ValidUntil) || got.CacheFor < 0 || got.SignOutURL != "" && !strings.HasPrefix(strings.ToLower(got.SignOutURL), "https://") {
			t.Errorf("%+v", got)
		}
		for _, text := range got.Certificates {
			if _, err := saml.ParseCertificate(text); err != nil {
				t.Error(err)
			}
		}
	})
}
