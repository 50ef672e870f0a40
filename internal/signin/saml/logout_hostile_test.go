package saml_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

const rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

func packed(t testing.TB, document string) string {
	t.Helper()
	var out bytes.Buffer
	writer, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = writer.Write([]byte(document))
	_ = writer.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// queryWith is a query that the provider signed, whatever is in it.
func queryWith(t testing.TB, name, value, algorithm string, hash crypto.Hash, key crypto.Signer) string {
	t.Helper()
	text := name + "=" + url.QueryEscape(value) + "&SigAlg=" + url.QueryEscape(algorithm)
	h := hash.New()
	_, _ = h.Write([]byte(text))
	signature, err := key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		t.Fatal(err)
	}
	return text + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
}

// formWith is a form's field that the provider signed, whatever is in it.
func formWith(t testing.TB, document string) string {
	t.Helper()
	context, err := dsig.NewSigningContext(idpKey().key, [][]byte{idpKey().der})
	if err != nil {
		t.Fatal(err)
	}
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signed, err := context.SignEnveloped(treeOf(t, document))
	if err != nil {
		t.Fatal(err)
	}
	text, err := etree.NewDocumentWithRoot(signed).WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return field(text)
}

func wishOf(now time.Time) string {
	return `<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="` + now.UTC().Format(time.RFC3339) + `" Destination="` + logoutAt + `"><a:Issuer>` + idp + `</a:Issuer><a:NameID Format="` + persistent + `" NameQualifier="q" SPNameQualifier="s"> dana-17 </a:NameID><p:SessionIndex>s-1</p:SessionIndex></p:LogoutRequest>`
}

func answerOf(now time.Time) string {
	return `<p:LogoutResponse xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_2" Version="2.0" IssueInstant="` + now.UTC().Format(time.RFC3339) + `" Destination="` + logoutAt + `" InResponseTo="_1"><a:Issuer>` + idp + `</a:Issuer><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></p:StatusCode></p:Status></p:LogoutResponse>`
}

// reads gives a document, signed, to the readers of both bindings.
func reads(t *testing.T, document string, now time.Time) map[string]func() (saml.LogoutRequest, error) {
	t.Helper()
	query, form := queryWith(t, "SAMLRequest", packed(t, document), rsaSHA256, crypto.SHA256, idpKey().key), formWith(t, document)
	return map[string]func() (saml.LogoutRequest, error){
		"HTTP-Redirect": func() (saml.LogoutRequest, error) {
			r, _, err := saml.ReadLogoutRequestRedirect(query, provider(idpKey()), logoutAt, now)
			return r, err
		},
		"HTTP-POST": func() (saml.LogoutRequest, error) {
			return saml.ReadLogoutRequestPost(form, provider(idpKey()), logoutAt, now)
		},
	}
}

// Each rule of a request, by one that the provider signed and that breaks it.
func TestReadLogoutRequest_rules(t *testing.T) {
	now := time.Now()
	plain := wishOf(now)
	instead := func(old, new string) string {
		if !strings.Contains(plain, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(plain, old, new, 1)
	}
	made := func(at time.Time) string { return wishOf(at) }
	ends := func(at time.Time) string {
		return instead("<p:LogoutRequest", `<p:LogoutRequest NotOnOrAfter="`+at.UTC().Format(time.RFC3339)+`"`)
	}
	name := cut(plain, "<a:NameID", "</a:NameID>")
	sessions := func(count int) string {
		text := ""
		for i := range count {
			text += fmt.Sprintf("<p:SessionIndex>s-%d</p:SessionIndex>", i)
		}
		return instead("<p:SessionIndex>s-1</p:SessionIndex>", text)
	}
	for what, c := range map[string][2]string{
		"as it is":                    {plain, ""},
		"59 s ahead":                  {made(now.Add(59 * time.Second)), ""},
		"62 s ahead":                  {made(now.Add(62 * time.Second)), "made at"},
		"old":                         {made(now.Add(-6*time.Minute + 2*time.Second)), ""},
		"too old":                     {made(now.Add(-6 * time.Minute)), "made at"},
		"no moment":                   {instead(`IssueInstant="`+now.UTC().Format(time.RFC3339)+`"`, ""), "when it was made"},
		"another moment":              {instead(`IssueInstant="`, `IssueInstant="x`), "no moment"},
		"ended 58 s ago":              {ends(now.Add(-58 * time.Second)), ""},
		"ended 60 s ago":              {ends(now.Add(-60 * time.Second)), "over since"},
		"an end that is none":         {instead("<p:LogoutRequest", `<p:LogoutRequest NotOnOrAfter="x"`), "no moment"},
		"another issuer":              {instead(idp, "https://evil.example.com"), "issuer"},
		"an issuer that begins so":    {instead(idp, idp+"/x"), "issuer"},
		"no issuer":                   {instead("<a:Issuer>"+idp+"</a:Issuer>", ""), "no issuer"},
		"two issuers":                 {instead("<a:NameID", "<a:Issuer>"+idp+"</a:Issuer><a:NameID"), "more than one Issuer"},
		"another destination":         {instead(logoutAt, acs), "destination"},
		"no destination":              {instead(`Destination="`+logoutAt+`"`, ""), "destination"},
		"another version":             {instead(`Version="2.0"`, `Version="1.1"`), "version"},
		"no name":                     {instead(name, ""), "names nobody"},
		"an empty name":               {instead("dana-17", ""), "name is empty"},
		"a long name":                 {instead("dana-17", strings.Repeat("a", 257)), "longer"},
		"two names":                   {instead(name, name+name), "more than one NameID"},
		"an encrypted name":           {instead(name, `<a:EncryptedID></a:EncryptedID>`), "EncryptedID, which is not taken"},
		"a name of another kind":      {instead(name, `<a:BaseID></a:BaseID>`), "BaseID, which is not taken"},
		"a name of another namespace": {instead(name, strings.ReplaceAll(name, "a:NameID", "p:NameID")), "NameID as a part"},
		"an extension":                {instead(name, "<p:Extensions></p:Extensions>"+name), "Extensions, which is not taken"},
		"an assertion":                {instead(name, `<a:Assertion ID="_3"></a:Assertion>`+name), "Assertion as a part"},
		"a request inside":            {instead(name, strings.Replace(plain, "_1", "_3", 1)+name), "inside another"},
		"an element in its name":      {instead("dana-17", "<a:Issuer></a:Issuer>dana-17"), "elements inside"},
		"an element of nobody":        {instead(name, "<x></x>"+name), "not of SAML"},
		"40 sessions":                 {sessions(40), ""},
		"41 sessions":                 {sessions(41), "more than 40 sessions"},
		"no session":                  {sessions(0), ""},
		"a session without a name":    {instead("s-1", " "), "session without a name"},
		"a long id":                   {instead("_1", "_"+strings.Repeat("1", 256)), "id is empty"},
		"a response":                  {answerOf(now), "it is a LogoutResponse"},
	} {
		for binding, read := range reads(t, c[0], now) {
			got, err := read()
			if c[1] != "" {
				ended(t, binding+", "+what, got.NameID, err, c[1])
			} else if err != nil || got.NameID != "dana-17" || got.NameIDFormat != persistent || got.NameQualifier != "q" || got.SPNameQualifier != "s" {
				t.Errorf("%s, %s: %+v, %v", binding, what, got, err)
			}
		}
	}
	for binding, read := range reads(t, instead("s-1", strings.Repeat("s", 200)), now) {
		if got, err := read(); err != nil || len(got.SessionIndexes) != 1 || !strings.HasPrefix(got.SessionIndexes[0], "sha256:") {
			t.Errorf("%s: a long session is not written as one of a sign-in: %+v, %v", binding, got, err)
		}
	}
	// A provider without a name, or we without an address, match nothing.
	nameless := provider(idpKey())
	nameless.Issuer = ""
	_, err := saml.ReadLogoutRequestPost(formWith(t, instead(idp, "")), nameless, logoutAt, now)
	ended(t, "no issuer on either side", "", err, "no issuer")
	_, err = saml.ReadLogoutRequestPost(formWith(t, instead(logoutAt, "")), provider(idpKey()), "", now)
	ended(t, "no destination on either side", "", err, "destination")
	// The use is one of the provider and the id, whatever is around it.
	first, err := reads(t, plain, now)["HTTP-POST"]()
	second, err2 := reads(t, instead("s-1", "s-2"), now)["HTTP-Redirect"]()
	third, err3 := reads(t, instead("_1", "_9"), now)["HTTP-POST"]()
	if err != nil || err2 != nil || err3 != nil || first.OneUse != second.OneUse || first.OneUse == third.OneUse {
		t.Errorf("%v %v %v: the uses are wrong", err, err2, err3)
	}
}

// What is not the document that was meant is refused by the gate.
func TestReadLogoutRequest_gate(t *testing.T) {
	now := time.Now()
	plain := wishOf(now)
	signed := func(text string) string {
		return queryWith(t, "SAMLRequest", packed(t, text), rsaSHA256, crypto.SHA256, idpKey().key)
	}
	value := func(text string) string {
		return queryWith(t, "SAMLRequest", text, rsaSHA256, crypto.SHA256, idpKey().key)
	}
	for what, c := range map[string][2]string{
		"a bomb":                {signed(plain + strings.Repeat(" ", 60<<20)), "more than 262144 bytes"},
		"a document type":       {signed("<!DOCTYPE x>" + plain), "document type"},
		"a comment":             {signed(strings.Replace(plain, "dana-17", "dana-17<!-- -->.evil", 1)), "comment"},
		"two roots":             {signed(plain + plain), "more than one root"},
		"deep":                  {signed(strings.Repeat("<x>", 30) + strings.Repeat("</x>", 30)), "deep"},
		"not compressed":        {value(base64.StdEncoding.EncodeToString([]byte(plain))), "not compressed"},
		"cut off":               {value(packed(t, plain)[:100]), "not compressed"},
		"no base64":             {value("-"), "base64"},
		"a signature inside":    {signed(xml(t, formWith(t, plain))), "signature where none belongs"},
		"no document":           {value(packed(t, "")), "no XML"},
		"no document, unsigned": {"SAMLRequest=&SigAlg=x&Signature=x", "no SAMLRequest"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		got, _, err := saml.ReadLogoutRequestRedirect(c[0], provider(idpKey()), logoutAt, now)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s: took %d bytes of memory", what, used)
		}
		ended(t, what, got.NameID, err, c[1])
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: took %v", what, took)
		}
	}
}

// The algorithms that are taken, each with a key of its own, and no other way round.
func TestReadLogoutRequestRedirect_algorithms(t *testing.T) {
	now := time.Now()
	document := packed(t, wishOf(now))
	curve := ecdsaKey()
	der := selfSigned(curve, &curve.PublicKey, now.Add(-time.Hour), now.Add(time.Hour))
	byCurve := provider(pair{certificate: asPEM("CERTIFICATE", der)})
	for _, size := range []struct {
		name string
		hash crypto.Hash
	}{{"sha256", crypto.SHA256}, {"sha384", crypto.SHA384}, {"sha512", crypto.SHA512}} {
		const more = "http://www.w3.org/2001/04/xmldsig-more#"
		rsa := queryWith(t, "SAMLRequest", document, more+"rsa-"+size.name, size.hash, idpKey().key)
		ec := queryWith(t, "SAMLRequest", document, more+"ecdsa-"+size.name, size.hash, curve)
		for what, c := range map[string]struct {
			query string
			p     oriel.Provider
			taken bool
		}{
			"RSA": {rsa, provider(idpKey()), true}, "ECDSA in ASN.1": {ec, byCurve, true}, "ECDSA as two numbers": {twoNumbers(t, document, more+"ecdsa-"+size.name, size.hash, curve), byCurve, true},
			"RSA by the other": {rsa, byCurve, false}, "ECDSA by the other": {ec, provider(idpKey()), false},
			"of another hash": {queryWith(t, "SAMLRequest", document, more+"rsa-"+size.name, crypto.SHA1, idpKey().key), provider(idpKey()), false},
		} {
			got, _, err := saml.ReadLogoutRequestRedirect(c.query, c.p, logoutAt, now)
			if c.taken && (err != nil || got.NameID != "dana-17") {
				t.Errorf("%s with %s: %v", what, size.name, err)
			} else if !c.taken {
				ended(t, what+" with "+size.name, got.NameID, err, "not made with")
			}
		}
	}
}

// An empty relay state is a part of what is signed like any other, and there is no
// other way to write a name.
func TestReadLogoutRequestRedirect_itsLetters(t *testing.T) {
	now := time.Now()
	query := queryWith(t, "SAMLRequest", packed(t, wishOf(now)), rsaSHA256, crypto.SHA256, idpKey().key)
	for what, c := range map[string][2]string{
		"an empty relay state that nobody signed": {query + "&RelayState=", "not made with"},
		"a relay state that nobody signed":        {query + "&RelayState=x", "not made with"},
		"a signature under another spelling":      {strings.Replace(query, "&Signature=", "&Sig%6eature=", 1), "odd way"},
		"a request under another spelling":        {strings.Replace(query, "SAMLRequest=", "SAMLReques%74=", 1), "odd way"},
		"a name in another case":                  {strings.Replace(query, "&Signature=", "&signature=", 1), "not signed"},
	} {
		got, _, err := saml.ReadLogoutRequestRedirect(c[0], provider(idpKey()), logoutAt, now)
		ended(t, what, got.NameID, err, c[1])
	}
	if _, _, err := saml.ReadLogoutRequestRedirect(query, provider(idpKey()), logoutAt, now); err != nil {
		t.Error(err)
	}
}

// twoNumbers is a signature as XML Signature writes it (RFC 9231 §2.3.6).
func twoNumbers(t *testing.T, document, algorithm string, hash crypto.Hash, key *ecdsa.PrivateKey) string {
	t.Helper()
	text := "SAMLRequest=" + url.QueryEscape(document) + "&SigAlg=" + url.QueryEscape(algorithm)
	h := hash.New()
	_, _ = h.Write([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	both := slices.Concat(padded(r), padded(s))
	return text + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(both))
}

func padded(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

// S11: what a provider sent by HTTP-POST, changed. Nobody but the person who was
// signed may ever come out.
func TestReadLogoutRequestPost_S11_hostile(t *testing.T) {
	metadata := ourMetadata(t, ourSP(t))
	p := provider(idpKey())
	for make := range messengers {
		wish := about("logoutRequest")
		wish.Binding, wish.Metadata = "HTTP-POST", metadata
		sent := perform(t, make, wish)[0]
		if sent.Refused != "" {
			t.Fatal(sent.Refused)
		}
		change := func(how func(root, signature, name *etree.Element)) string {
			root := treeOf(t, xml(t, sent.Field))
			how(root, child(root, "Signature"), find(root, "NameID"))
			for root.Parent() != nil && root.Parent().Tag != "" {
				root = root.Parent()
			}
			text, err := etree.NewDocumentWithRoot(root).WriteToString()
			if err != nil {
				t.Fatal(err)
			}
			return field(text)
		}
		// wrapped is an evil request about mallory, with the signature of the real one.
		wrapped := func(id string, put func(evil, signature, real *etree.Element)) string {
			return change(func(root, signature, _ *etree.Element) {
				real := root.Copy()
				real.RemoveChild(child(real, "Signature"))
				find(root, "NameID").SetText("mallory-1")
				if id != "" {
					root.CreateAttr("ID", id)
				}
				put(root, signature, real)
			})
		}
		for what, c := range map[string][2]string{
			"as it is":        {sent.Field, ""},
			"another name":    {change(func(_, _, name *etree.Element) { name.SetText("mallory-1") }), "not made with"},
			"another session": {change(func(root, _, _ *etree.Element) { find(root, "SessionIndex").SetText("s-2") }), "not made with"},
			"no session":      {change(func(root, _, _ *etree.Element) { root.RemoveChild(find(root, "SessionIndex")) }), "not made with"},
			"a session more":  {change(func(root, _, _ *etree.Element) { root.AddChild(find(root, "SessionIndex").Copy()) }), "not made with"},
			"unsigned":        {change(func(root, signature, _ *etree.Element) { root.RemoveChild(signature) }), "not signed"},
			"two signatures": {change(func(root, signature, _ *etree.Element) {
				other := signature.Copy()
				other.RemoveAttr("Id")
				root.AddChild(other)
			}), "more than one Signature"},
			"another id":             {change(func(root, _, _ *etree.Element) { root.CreateAttr("ID", "_evil") }), "not over the element"},
			"a reference to nothing": {change(func(_, signature, _ *etree.Element) { find(signature, "Reference").CreateAttr("URI", "") }), "not over the element"},
			"a comment in the name":  {change(func(_, _, name *etree.Element) { name.AddChild(etree.NewComment("x")) }), "comment"},
			"SHA-1": {change(func(_, signature, _ *etree.Element) {
				find(signature, "SignatureMethod").CreateAttr("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")
			}), "SHA-256 or better"},
			"the real one after":            {wrapped("_evil", func(evil, _, real *etree.Element) { evil.AddChild(real) }), "inside another"},
			"the real one in the signature": {wrapped("_evil", func(_, signature, real *etree.Element) { signature.AddChild(real) }), "inside another"},
			"the real one in the signature's part": {wrapped("_evil", func(_, signature, real *etree.Element) {
				o := made(signature, "Object")
				o.AddChild(real)
				signature.AddChild(o)
			}), "not taken"},
			"the real one in an extension": {wrapped("_evil", func(evil, _, real *etree.Element) { o := made(evil, "Extensions"); o.AddChild(real); evil.AddChild(o) }), "not taken"},
			"the evil one under its id":    {wrapped("", func(_, _, _ *etree.Element) {}), "not made with"},
			"no base64":                    {"-", "base64"},
			"compressed":                   {packed(t, xml(t, sent.Field)), "no XML"},
			"nothing":                      {"", "no XML"},
		} {
			got, err := saml.ReadLogoutRequestPost(c[0], p, logoutAt, time.Now())
			if c[1] == "" {
				if err != nil || got.NameID != "dana-17" {
					t.Errorf("%s, %s: %v", make, what, err)
				}
				continue
			}
			ended(t, make+", "+what, got.NameID, err, c[1])
		}
		got, err := saml.ReadLogoutRequestPost(sent.Field, provider(otherKey()), logoutAt, time.Now())
		ended(t, make+", by another certificate", got.NameID, err, "not made with")
		_, err = saml.ReadLogoutResponsePost(sent.Field, p, logoutAt, time.Now())
		ended(t, make+", as an answer", "", err, "no LogoutResponse")
	}
}

func TestReadLogoutResponse_rules(t *testing.T) {
	now := time.Now()
	plain := answerOf(now)
	const code = `<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success">`
	instead := func(old, new string) string { return strings.Replace(plain, old, new, 1) }
	inner := func(status string) string {
		return instead(code, code+`<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:`+status+`"></p:StatusCode>`)
	}
	done, not := saml.LogoutResponse{InResponseTo: "_1", Success: true}, saml.LogoutResponse{InResponseTo: "_1"}
	for what, c := range map[string]struct {
		document string
		want     saml.LogoutResponse
		reason   string
	}{
		"as it is":             {plain, done, ""},
		"with more of it":      {inner("Other"), done, ""},
		"in part":              {inner("PartialLogout"), not, ""},
		"failed":               {instead("status:Success", "status:Responder"), not, ""},
		"in part, as samlp":    {instead("status:Success", "status:PartialLogout"), not, ""},
		"to nothing":           {instead(`InResponseTo="_1"`, ""), not, "answers no request"},
		"no status":            {instead(cut(plain, "<p:Status>", "</p:Status>"), ""), not, "no status"},
		"an empty status":      {instead(code+"</p:StatusCode>", ""), not, "no status"},
		"two statuses":         {instead("<p:Status>", "<p:Status></p:Status><p:Status>"), not, "more than one Status"},
		"two codes":            {instead(code, code+"</p:StatusCode>"+code), not, "more than one StatusCode"},
		"another issuer":       {instead(idp, "https://evil.example.com"), not, "issuer"},
		"another destination":  {instead(logoutAt, acs), not, "destination"},
		"old":                  {answerOf(now.Add(-7 * time.Minute)), not, "made at"},
		"with a name":          {instead("<p:Status>", "<a:NameID>x</a:NameID><p:Status>"), not, "NameID as a part"},
		"a request":            {wishOf(now), not, "it is a LogoutRequest"},
		"an element of nobody": {instead("<p:Status>", "<x></x><p:Status>"), not, "not of SAML"},
	} {
		query, form := queryWith(t, "SAMLResponse", packed(t, c.document), rsaSHA256, crypto.SHA256, idpKey().key), formWith(t, c.document)
		redirect, _, err1 := saml.ReadLogoutResponseRedirect(query, provider(idpKey()), logoutAt, now)
		post, err2 := saml.ReadLogoutResponsePost(form, provider(idpKey()), logoutAt, now)
		if c.reason != "" {
			ended(t, "HTTP-Redirect, "+what, redirect.InResponseTo, err1, c.reason)
			ended(t, "HTTP-POST, "+what, post.InResponseTo, err2, c.reason)
		} else if err1 != nil || err2 != nil || redirect != c.want || post != c.want {
			t.Errorf("%s: %+v, %v; %+v, %v", what, redirect, err1, post, err2)
		}
		if _, _, err := saml.ReadLogoutResponseRedirect(query, provider(otherKey()), logoutAt, now); oriel.CodeOf(err) != oriel.CodeLogoutRequestInvalid {
			t.Errorf("%s, by another certificate: %v", what, err)
		}
		if _, err := saml.ReadLogoutResponsePost(field(c.document), provider(idpKey()), logoutAt, now); oriel.CodeOf(err) != oriel.CodeLogoutRequestInvalid {
			t.Errorf("%s, unsigned: %v", what, err)
		}
	}
}

func FuzzReadLogoutRequestRedirect(f *testing.F) {
	// The same key and moment in each process that searches, so that what is found in
	// one is signed in the next.
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	p := provider(pair{certificate: asPEM("CERTIFICATE", selfSigned(key, &key.PublicKey, now.Add(-time.Hour), now.Add(time.Hour)))})
	signed := func(t testing.TB, document string) string {
		return queryWith(t, "SAMLRequest", packed(t, document), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", crypto.SHA256, key)
	}
	document := wishOf(now)
	good := signed(f, document)
	if got, _, err := saml.ReadLogoutRequestRedirect(good, p, logoutAt, now); err != nil || got.NameID != "dana-17" {
		f.Fatalf("%+v, %v", got, err)
	}
	f.Add(good, document)
	f.Add("SAMLRequest=a&RelayState=b&SigAlg=c&Signature=d", answerOf(now))
	f.Add(good+"&x=1", strings.Replace(document, "dana-17", "<a:NameID/>", 1))
	f.Fuzz(func(t *testing.T, query, document string) {
		// Whatever the query is, only what was signed comes out of it.
		got, _, err := saml.ReadLogoutRequestRedirect(query, p, logoutAt, now)
		if err == nil && (got.NameID != "dana-17" || !slices.Equal(got.SessionIndexes, []string{"s-1"})) {
			t.Errorf("%+v", got)
		}
		if err != nil && oriel.CodeOf(err) != oriel.CodeLogoutRequestInvalid {
			t.Errorf("%v", err)
		}
		// And whatever is signed keeps the rules.
		got, _, err = saml.ReadLogoutRequestRedirect(signed(t, document), p, logoutAt, now)
		if err == nil && (got.NameID == "" || len(got.NameID) > 256 || got.ID == "" || got.Issuer != idp || len(got.SessionIndexes) > 40 || got.At.Sub(now).Abs() > 6*time.Minute) {
			t.Errorf("%+v", got)
		}
	})
}
