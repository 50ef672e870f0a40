package saml

import (
	"encoding/base64"
	"fmt"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Metadata are ours for a provider (SAML Metadata §2.4.4), as its administrators
// import them: who we are, where responses and sign-outs go, and our certificates.
// The library's own name CBC and have no place for two certificates.
func (s Protocol) Metadata(p oriel.Provider, siteURL string) ([]byte, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	document := etree.NewDocument()
	document.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	entity := document.CreateElement("md:EntityDescriptor")
	entity.CreateAttr("xmlns:md", nsMetadata)
	entity.CreateAttr("xmlns:ds", nsSignature)
	entity.CreateAttr("entityID", p.EntityID(siteURL))
	descriptor := entity.CreateElement("md:SPSSODescriptor")
	descriptor.CreateAttr("AuthnRequestsSigned", fmt.Sprint(p.SAML.SignRequests))
	descriptor.CreateAttr("WantAssertionsSigned", "true")
	descriptor.CreateAttr("protocolSupportEnumeration", nsProtocol)
	for _, key := range keys {
		addKey(descriptor, "signing", key.Certificate[0])
	}
	for _, key := range keys {
		encryption := addKey(descriptor, "encryption", key.Certificate[0])
		for _, method := range []string{dataMethods[2], dataMethods[0], keyMethods[0]} {
			encryption.CreateElement("md:EncryptionMethod").CreateAttr("Algorithm", method)
		}
	}
	if p.SAML.SignOutURI != "" {
		for _, binding := range []string{redirectBinding, postBinding} {
			addEndpoint(descriptor, "md:SingleLogoutService", binding, siteURL+p.SAMLPath()+"/logout")
		}
	}
	for _, format := range []string{formatPersistent, formatEmail} {
		descriptor.CreateElement("md:NameIDFormat").SetText(format)
	}
	acs := addEndpoint(descriptor, "md:AssertionConsumerService", postBinding, p.ACS(siteURL))
	acs.CreateAttr("index", "0")
	acs.CreateAttr("isDefault", "true")
	document.Indent(2)
	text, err := document.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("write our metadata: %w", err)
	}
	return text, nil
}

func addKey(descriptor *etree.Element, use string, der []byte) *etree.Element {
	key := descriptor.CreateElement("md:KeyDescriptor")
	key.CreateAttr("use", use)
	data := key.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
	data.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(der))
	return key
}

func addEndpoint(descriptor *etree.Element, tag, binding, location string) *etree.Element {
	e := descriptor.CreateElement(tag)
	e.CreateAttr("Binding", binding)
	e.CreateAttr("Location", location)
	return e
}
