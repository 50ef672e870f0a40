package saml

import (
	"crypto/x509"
	"encoding/base64"
	"errors"

	"github.com/beevik/etree"
)

// SP is what we tell an identity provider about ourselves, the service provider.
type SP struct {
	// EntityID is our name, ACS where responses come to by HTTP-POST, and Logout
	// where messages about signing out come to; empty when none may come.
	EntityID, ACS, Logout string
	// Keys are the certificates of our keys, the newest first: all are told as those
	// that we may sign with, and the newest as the one to encrypt for.
	Keys []*x509.Certificate
	// SignsRequests tells that our requests for signing in are signed; those about
	// signing out always are. WantsEncrypted offers a key for encryption: SAML has
	// no other way to ask for encrypted assertions, and some providers encrypt
	// whenever they know a key.
	SignsRequests, WantsEncrypted bool
}

// OurMetadata writes our metadata (SAML Metadata §2.4.4). They have no end: some
// providers read them once, as a file, and would stop at it. gosaml2's types are
// not used: they write an end in the year 1 and no isDefault.
func OurMetadata(sp SP) ([]byte, error) {
	switch {
	case sp.EntityID == "" || sp.ACS == "":
		return nil, errors.New("our metadata need an entity id and an address for responses")
	case len(sp.Keys) == 0 && (sp.SignsRequests || sp.WantsEncrypted || sp.Logout != ""):
		return nil, errors.New("signing requests, logging out and encryption need a key of ours")
	}
	document := etree.NewDocument()
	entity := document.CreateElement("md:EntityDescriptor")
	entity.CreateAttr("xmlns:md", nsMetadata)
	entity.CreateAttr("xmlns:ds", nsSignature)
	entity.CreateAttr("entityID", sp.EntityID)
	role := entity.CreateElement("md:SPSSODescriptor")
	role.CreateAttr("protocolSupportEnumeration", nsProtocol)
	role.CreateAttr("AuthnRequestsSigned", boolean(sp.SignsRequests))
	role.CreateAttr("WantAssertionsSigned", "true")
	for _, key := range sp.Keys {
		addKey(role, "signing", key)
	}
	if sp.WantsEncrypted {
		key := addKey(role, "encryption", sp.Keys[0])
		// The key's method whose digest is SHA-1 by itself: with another, which the
		// second one lets a provider choose, the library reads nothing.
		for _, method := range append(keyMethods[:1:1], dataMethods...) {
			key.CreateElement("md:EncryptionMethod").CreateAttr("Algorithm", method)
		}
	}
	if sp.Logout != "" {
		for _, binding := range []string{bindingRedirect, bindingPost} {
			addEndpoint(role, "SingleLogoutService", binding, sp.Logout)
		}
	}
	for _, format := range []string{formatPersistent, formatEmail} {
		role.CreateElement("md:NameIDFormat").SetText(format)
	}
	acs := addEndpoint(role, "AssertionConsumerService", bindingPost, sp.ACS)
	acs.CreateAttr("index", "0")
	acs.CreateAttr("isDefault", "true")
	return document.WriteToBytes()
}

func addKey(role *etree.Element, use string, certificate *x509.Certificate) *etree.Element {
	key := role.CreateElement("md:KeyDescriptor")
	key.CreateAttr("use", use)
	data := key.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
	data.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(certificate.Raw))
	return key
}

func addEndpoint(role *etree.Element, tag, binding, location string) *etree.Element {
	e := role.CreateElement("md:" + tag)
	e.CreateAttr("Binding", binding)
	e.CreateAttr("Location", location)
	return e
}

func boolean(value bool) string {
	if value {
		return "true"
	}
	return "false"
}
