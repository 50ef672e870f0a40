package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// redirectNames are the parameters of HTTP-Redirect (SAML Bindings §3.4.4).
var redirectNames = []string{"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"}

// openRedirect takes a message out of a query, and looks at its signature before at
// anything that it says. gosaml2 reads no messages by this binding.
func openRedirect(rawQuery, field, tag string, p oriel.Provider, now time.Time) (message, string, error) {
	raw, err := parametersOf(rawQuery)
	if err != nil {
		return message{}, "", err
	}
	_, request := raw["SAMLRequest"]
	_, response := raw["SAMLResponse"]
	if request == response || raw[field] == "" {
		return message{}, "", fmt.Errorf("it has no %s, or another message beside it", field)
	}
	if encoding, ok := raw["SAMLEncoding"]; ok && encoding != url.QueryEscape(encodingDeflate) && encoding != encodingDeflate {
		return message{}, "", errors.New("its encoding is not DEFLATE")
	}
	signed := field + "=" + raw[field]
	if state, ok := raw["RelayState"]; ok {
		signed += "&RelayState=" + state
	}
	by, err := signedQuery(signed, raw, certificatesOf(p, now), now)
	if err != nil {
		return message{}, "", err
	}
	relayState, err := url.QueryUnescape(raw["RelayState"])
	if err != nil {
		return message{}, "", errors.New("its relay state is damaged")
	}
	deflated, err := fieldOf(raw, field)
	if err != nil {
		return message{}, "", err
	}
	document, err := inflate(deflated)
	if err != nil {
		return message{}, "", err
	}
	// A signature of its own it must not have (SAML Bindings §3.4.4.1).
	root, err := parseMessage(document, tag, false)
	return message{root, by}, relayState, err
}

const encodingDeflate = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

// parametersOf splits a query without touching the letters of a value. A name that
// another reader could take for one of ours is refused, and so is one of ours that
// comes twice.
func parametersOf(rawQuery string) (map[string]string, error) {
	if len(rawQuery) > 4*maxDocument {
		return nil, errors.New("its query is too long")
	}
	raw := map[string]string{}
	for part := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		read, err := url.QueryUnescape(name)
		if err != nil || strings.Contains(part, ";") {
			return nil, errors.New("its query is damaged")
		}
		if !slices.Contains(redirectNames, read) {
			continue
		}
		if _, twice := raw[read]; twice || name != read {
			return nil, fmt.Errorf("it has %s twice, or written in an odd way", read)
		}
		raw[read] = value
	}
	return raw, nil
}

// fieldOf is a base64 value.
func fieldOf(raw map[string]string, name string) ([]byte, error) {
	text, err := url.QueryUnescape(raw[name])
	if err != nil {
		return nil, fmt.Errorf("its %s is damaged", name)
	}
	return decode(text)
}

// queryMethods are, for each of signatureMethods in its place, what the standard
// library calls it.
var queryMethods = []x509.SignatureAlgorithm{
	x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
	x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
}

// signedQuery tells which of the certificates signed the text.
func signedQuery(text string, raw map[string]string, certificates []certificate, now time.Time) (certificate, error) {
	if raw["SigAlg"] == "" || raw["Signature"] == "" {
		return certificate{}, errors.New("it is not signed")
	}
	name, err := url.QueryUnescape(raw["SigAlg"])
	at := slices.Index(signatureMethods, name)
	if err != nil || at < 0 {
		return certificate{}, errors.New("its SigAlg is none that is taken: SHA-256 or better")
	}
	signature, err := fieldOf(raw, "Signature")
	if err != nil {
		return certificate{}, err
	}
	signed := []byte(text + "&SigAlg=" + raw["SigAlg"])
	for _, one := range certificates {
		if now.Before(one.x509.NotBefore) || now.After(one.x509.NotAfter) {
			continue
		}
		for _, form := range formsOf(signature, one.x509) {
			if one.x509.CheckSignature(queryMethods[at], signed, form) == nil {
				return one, nil
			}
		}
	}
	return certificate{}, errNotSigned
}

// formsOf are the ways to read a signature: by ECDSA it is two numbers one after
// the other (RFC 9231 §2.3.6), which the standard library wants in ASN.1, as some
// providers write them.
func formsOf(signature []byte, by *x509.Certificate) [][]byte {
	forms := [][]byte{signature}
	key, is := by.PublicKey.(*ecdsa.PublicKey)
	if !is {
		return forms
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		return forms
	}
	pair := struct{ R, S *big.Int }{new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])}
	if der, err := asn1.Marshal(pair); err == nil {
		forms = append(forms, der)
	}
	return forms
}

// inflate stops at the first byte too many, for which parse then refuses it.
func inflate(deflated []byte) ([]byte, error) {
	document, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(deflated)), maxDocument+1))
	if err != nil {
		return nil, errors.New("it is not compressed by DEFLATE")
	}
	return document, nil
}

// openPost takes a message out of a form. The tree is of the bytes that were
// signed. gosaml2 is not used: it takes SHA-1, any issuer and any time.
func openPost(field, tag string, p oriel.Provider, now time.Time) (message, error) {
	document, err := decode(field)
	if err != nil {
		return message{}, err
	}
	root, err := parseMessage(document, tag, true)
	if err != nil {
		return message{}, err
	}
	if signatureOf(root) == nil {
		return message{}, errors.New("it is not signed")
	}
	signed, by, err := signedPart(root, certificatesOf(p, now), now)
	return message{signed, by}, err
}

// partsOf are what a message may have beside its signature.
var partsOf = map[string][]string{
	"LogoutRequest":  {nsAssertion + " Issuer", nsAssertion + " NameID", nsProtocol + " SessionIndex"},
	"LogoutResponse": {nsAssertion + " Issuer", nsProtocol + " Status"},
}

// parseMessage reads a message without believing it.
func parseMessage(document []byte, tag string, mayBeSigned bool) (*etree.Element, error) {
	root, err := parse(document)
	switch {
	case err != nil:
		return nil, err
	case !is(root, nsProtocol, tag):
		return nil, fmt.Errorf("it is a %s, and no %s", oneWord(root.Tag), tag)
	case root.SelectAttrValue("Version", "") != "2.0":
		return nil, errors.New("its version is not 2.0")
	}
	var signable []*etree.Element
	if mayBeSigned {
		signable = append(signable, root)
	}
	// This before the parts: what a signature is for, it tells better.
	if err := checkShape(root, signable...); err != nil {
		return nil, err
	}
	for _, child := range root.ChildElements() {
		if !is(child, nsSignature, "Signature") && !slices.Contains(partsOf[tag], child.NamespaceURI()+" "+child.Tag) {
			return nil, fmt.Errorf("it has %s as a part", oneWord(child.Tag))
		}
	}
	return root, nil
}

// OurLogout asks a provider to end somebody's sessions. The name and the session
// are those that the provider gave.
type OurLogout struct {
	Destination, EntityID                                string
	NameID, NameIDFormat, NameQualifier, SPNameQualifier string
	SessionIndex                                         string // empty: all of them
	At                                                   time.Time
}

// LogoutRequestURL is where to send a browser with a request, signed by our RSA
// key, and the id that the answer has to name.
func LogoutRequestURL(l OurLogout, relayState string, key crypto.Signer) (address, id string, err error) {
	switch {
	case key == nil:
		return "", "", errors.New("a request to sign out needs a key of ours")
	case l.EntityID == "" || l.NameID == "":
		return "", "", errors.New("a request to sign out needs our entity id and a name")
	case len(relayState) > maxRelayState:
		return "", "", fmt.Errorf("the relay state has more than %d bytes", maxRelayState)
	}
	id = NewID()
	e := newMessage("LogoutRequest", id, l.EntityID, l.Destination, l.At)
	e.CreateAttr("NotOnOrAfter", l.At.Add(logoutFor).UTC().Format(time.RFC3339))
	name := e.CreateElement("saml:NameID")
	for _, a := range [][2]string{{"NameQualifier", l.NameQualifier}, {"SPNameQualifier", l.SPNameQualifier}, {"Format", l.NameIDFormat}} {
		if a[1] != "" {
			name.CreateAttr(a[0], a[1])
		}
	}
	name.SetText(l.NameID)
	if l.SessionIndex != "" {
		e.CreateElement("samlp:SessionIndex").SetText(l.SessionIndex)
	}
	address, err = redirectURL(l.Destination, "SAMLRequest", e, relayState, key)
	return address, id, err
}

// The statuses that we answer with (SAML Core §3.2.2.2): done, the request was
// wrong, we could not.
const (
	StatusSuccess   = success
	StatusRequester = "urn:oasis:names:tc:SAML:2.0:status:Requester"
	StatusResponder = "urn:oasis:names:tc:SAML:2.0:status:Responder"
)

// OurLogoutResponse answers a [LogoutRequest].
type OurLogoutResponse struct {
	Destination, EntityID, InResponseTo string
	Status                              string
	At                                  time.Time
}

// LogoutResponseURL is where to send a browser with our answer, signed by our RSA
// key. The relay state is the request's own, as it came (SAML Bindings §3.4.3).
func LogoutResponseURL(l OurLogoutResponse, relayState string, key crypto.Signer) (string, error) {
	switch {
	case key == nil:
		return "", errors.New("an answer about signing out needs a key of ours")
	case l.EntityID == "" || l.InResponseTo == "":
		return "", errors.New("an answer about signing out needs our entity id and a request")
	case !slices.Contains([]string{StatusSuccess, StatusRequester, StatusResponder}, l.Status):
		return "", fmt.Errorf("there is no status %s", oriel.Quoted(l.Status))
	}
	e := newMessage("LogoutResponse", NewID(), l.EntityID, l.Destination, l.At)
	e.CreateAttr("InResponseTo", l.InResponseTo)
	e.CreateElement("samlp:Status").CreateElement("samlp:StatusCode").CreateAttr("Value", l.Status)
	return redirectURL(l.Destination, "SAMLResponse", e, relayState, key)
}
