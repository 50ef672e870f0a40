package samltest

import (
	"bytes"
	"cmp"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// Logout is a message about signing out that an identity provider sends by an
// address. The makes' own are tried in the tests of package saml.
type Logout struct {
	Issuer, Destination, ID string
	Name                    string
	Sessions                []string
	InResponseTo            string // set: it is an answer
	Status                  string // of an answer; empty: Success
	RelayState              string
	Key                     Pair
	At                      time.Time // when it is said
}

// Query is the message as the query of an address, signed.
func (l Logout) Query() string {
	const head = ` xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0"`
	common := head + ` ID="` + l.ID + `" IssueInstant="` + l.At.UTC().Format(time.RFC3339) + `" Destination="` + l.Destination + `"`
	issuer := "<a:Issuer>" + l.Issuer + "</a:Issuer>"
	name, text := "SAMLRequest", ""
	if l.InResponseTo != "" {
		name = "SAMLResponse"
		text = "<p:LogoutResponse" + common + ` InResponseTo="` + l.InResponseTo + `">` + issuer +
			`<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:` + cmp.Or(l.Status, "Success") + `"></p:StatusCode></p:Status></p:LogoutResponse>`
	} else {
		var sessions strings.Builder
		for _, one := range l.Sessions {
			sessions.WriteString("<p:SessionIndex>" + one + "</p:SessionIndex>")
		}
		text = "<p:LogoutRequest" + common + ">" + issuer + "<a:NameID>" + l.Name + "</a:NameID>" + sessions.String() + "</p:LogoutRequest>"
	}
	var deflated bytes.Buffer
	writer, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	query := name + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflated.Bytes()))
	if l.RelayState != "" {
		query += "&RelayState=" + url.QueryEscape(l.RelayState)
	}
	query += "&SigAlg=" + url.QueryEscape("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
	hash := sha256.Sum256([]byte(query))
	signature, err := rsa.SignPKCS1v15(rand.Reader, l.Key.Key, crypto.SHA256, hash[:])
	if err != nil {
		panic(err)
	}
	return query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
}
