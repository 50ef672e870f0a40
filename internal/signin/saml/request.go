package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxRelayState is how long ours may be, in bytes (SAML Bindings §3.4.3).
const maxRelayState = 80

// NewID makes an id that nobody guesses, of the form that XML wants (SAML Core §1.3.4).
func NewID() string {
	var random [20]byte
	_, _ = rand.Read(random[:]) // it never fails
	return "_" + hex.EncodeToString(random[:])
}

// Request asks a provider to sign somebody in (SAML Core §3.4.1).
type Request struct {
	// ID is from [NewID]: the response has to name it.
	ID string
	// Destination is the provider's address ([IdP].SignInURL), EntityID our name and
	// ACS where the response is to come.
	Destination, EntityID, ACS string
	At                         time.Time
}

// RequestURL is where to send a browser with a request, by HTTP-Redirect (SAML
// Bindings §3.4); with a key, an RSA one, the request is signed.
//
// gosaml2 is not used: its requests make ids of their own, it writes a query that
// the address has anew, and it brings an HTTP server into a package that has none.
func RequestURL(r Request, relayState string, key crypto.Signer) (string, error) {
	if r.ID == "" || r.EntityID == "" || r.ACS == "" {
		return "", errors.New("a request needs an id, our entity id and an address for the response")
	}
	e := newMessage("AuthnRequest", r.ID, r.EntityID, r.Destination, r.At)
	e.CreateAttr("ProtocolBinding", bindingPost)
	e.CreateAttr("AssertionConsumerServiceURL", r.ACS)
	// The format of the name is the provider's to choose: some refuse a wish.
	e.CreateElement("samlp:NameIDPolicy").CreateAttr("AllowCreate", "true")
	if len(relayState) > maxRelayState {
		return "", fmt.Errorf("the relay state has more than %d bytes", maxRelayState)
	}
	return redirectURL(r.Destination, "SAMLRequest", e, relayState, key)
}

// newMessage is what each message of ours begins with (SAML Core §3.2).
func newMessage(tag, id, entityID, destination string, at time.Time) *etree.Element {
	e := etree.NewElement("samlp:" + tag)
	e.CreateAttr("xmlns:samlp", nsProtocol)
	e.CreateAttr("xmlns:saml", nsAssertion)
	e.CreateAttr("ID", id)
	e.CreateAttr("Version", "2.0")
	e.CreateAttr("IssueInstant", at.UTC().Format(time.RFC3339))
	e.CreateAttr("Destination", destination)
	e.CreateElement("saml:Issuer").SetText(entityID)
	return e
}

// redirectURL writes a message into an address (SAML Bindings §3.4.4.1). The
// signature is over the text that goes into the query, letter by letter.
func redirectURL(destination, field string, message *etree.Element, relayState string, key crypto.Signer) (string, error) {
	u, err := oriel.ParseAddress(destination)
	if err != nil {
		return "", fmt.Errorf("the provider's address: %w", err)
	}
	for _, name := range redirectNames {
		if u.Query().Has(name) {
			return "", fmt.Errorf("the provider's address has a %s already", name)
		}
	}
	deflated, err := deflate(message)
	if err != nil {
		return "", err
	}
	query := field + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflated))
	if relayState != "" {
		query += "&RelayState=" + url.QueryEscape(relayState)
	}
	if key != nil {
		signing, err := dsig.NewSigningContext(key, nil)
		if err != nil {
			return "", fmt.Errorf("sign a message: %w", err)
		}
		// It refuses a key that is not RSA.
		if err := signing.SetSignatureMethod(dsig.RSASHA256SignatureMethod); err != nil {
			return "", fmt.Errorf("sign a message: %w", err)
		}
		query += "&SigAlg=" + url.QueryEscape(dsig.RSASHA256SignatureMethod)
		signature, err := signing.SignString(query)
		if err != nil {
			return "", fmt.Errorf("sign a message: %w", err)
		}
		query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	}
	switch {
	case !strings.Contains(destination, "?"):
		return destination + "?" + query, nil
	case strings.HasSuffix(destination, "?"), strings.HasSuffix(destination, "&"):
		return destination + query, nil
	}
	return destination + "&" + query, nil
}

func deflate(message *etree.Element) ([]byte, error) {
	document := etree.NewDocumentWithRoot(message)
	var out bytes.Buffer
	writer, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := document.WriteTo(writer); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
