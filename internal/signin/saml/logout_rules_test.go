package saml_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
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

func TestReadLogoutResponse_rules(t *testing.T) {
	now := time.Now()
	plain := answerOf(now)
	const code = `<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success">`
	instead := func(old, new string) string { return strings.Replace(plain, old, new, 1) }
	inner := func(status string) string {
		return instead(code, code+`<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:`+status+`"></p:StatusCode>`)
	}
	done := func(status string) oriel.SAMLLogoutAnswer {
		return oriel.SAMLLogoutAnswer{InResponseTo: "_1", Status: "urn:oasis:names:tc:SAML:2.0:status:" + status, Everywhere: true}
	}
	left := func(status string) oriel.SAMLLogoutAnswer {
		answer := done(status)
		answer.Everywhere = false
		return answer
	}
	not := oriel.SAMLLogoutAnswer{}
	for what, c := range map[string]struct {
		document string
		want     oriel.SAMLLogoutAnswer
		reason   string
	}{
		"as it is":             {plain, done("Success"), ""},
		"with more of it":      {inner("Other"), done("Other"), ""},
		"in part":              {inner("PartialLogout"), left("PartialLogout"), ""},
		"failed":               {instead("status:Success", "status:Responder"), left("Responder"), ""},
		"in part, as samlp":    {instead("status:Success", "status:PartialLogout"), left("PartialLogout"), ""},
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
