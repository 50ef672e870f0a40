package saml_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

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
