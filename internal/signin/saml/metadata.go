package saml

import (
	"bytes"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	maxMetadata         = 1 << 20 // bytes, contract §1
	maxMetadataElements = 20_000
	maxMetadataDepth    = 32

	redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	postBinding     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// IdP is what an identity provider's metadata tell of it.
type IdP struct {
	EntityID string
	// SignInURL and SignOutURL are its endpoints for the binding by redirect;
	// SignOutURL is empty without one.
	SignInURL, SignOutURL string
	// Certificates are those it signs with, as PEM, in their order.
	Certificates []string
	// WantsSignedRequests tells that it refuses requests that are not signed.
	WantsSignedRequests bool
}

// ReadMetadata reads the metadata of one identity provider (SAML Metadata §2.4),
// at the moment now. entityID chooses among several; empty takes the only one.
// Nothing says yet that they are true: an administrator does, or the signature
// that [ReadSignedMetadata] checks. An error is a sentence for administrators.
func ReadMetadata(document []byte, entityID string, now time.Time) (IdP, error) {
	root, err := parseMetadata(document)
	if err != nil {
		return IdP{}, err
	}
	return readDescriptor(root, entityID, now)
}

// ReadSignedMetadata is [ReadMetadata] of what one of the certificates (PEM)
// signed, and of nothing else in the document.
func ReadSignedMetadata(document []byte, entityID string, signers []string, now time.Time) (IdP, error) {
	root, err := parseMetadata(document)
	if err != nil {
		return IdP{}, err
	}
	if signatureOf(root) == nil {
		return IdP{}, errors.New("these metadata are not signed")
	}
	if err := checkSignature(root); err != nil {
		return IdP{}, fmt.Errorf("these metadata are signed in a way that is not taken: %w", err)
	}
	if err := signedOnce(root); err != nil {
		return IdP{}, err
	}
	var trusted []certificate
	for _, text := range signers {
		parsed, err := ParseCertificate([]byte(text))
		if err != nil {
			return IdP{}, err
		}
		trusted = append(trusted, certificate{x509: parsed})
	}
	signed, _, err := signedPart(root, trusted, now)
	if err != nil {
		return IdP{}, errors.New("these metadata are not signed with a certificate that is known")
	}
	return readDescriptor(signed, entityID, now)
}

// signedOnce refuses a second signature, and an id that stands twice.
func signedOnce(root *etree.Element) error {
	ids := map[string]bool{}
	for _, e := range root.FindElements("//*") {
		if is(e, nsSignature, "Signature") && e.Parent() != root {
			return errors.New("these metadata have more than one signature")
		}
		if id := e.SelectAttrValue("ID", ""); id != "" && ids[id] {
			return errors.New("these metadata have an id twice")
		} else if id != "" {
			ids[id] = true
		}
	}
	return nil
}

// parseMetadata reads a document without believing it. Unlike responses, metadata
// have comments, which are taken out between elements and refused inside values.
func parseMetadata(document []byte) (*etree.Element, error) {
	if len(document) > maxMetadata {
		return nil, fmt.Errorf("these metadata have more than %d bytes", maxMetadata)
	}
	if err := scanMetadata(document); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	if err := tree.ReadFromBytes(document); err != nil || tree.Root() == nil {
		return nil, errors.New("this is no XML")
	}
	return tree.Root(), nil
}

func scanMetadata(document []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	elements, depth := 0, 0
	text := false // since the last tag
	for {
		token, err := decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			if depth != 0 || elements == 0 {
				return errors.New("this is no XML document")
			}
			return nil
		case err != nil:
			return errors.New("this is no XML")
		}
		switch token := token.(type) {
		case xml.Directive:
			return errors.New("these metadata have a document type, which is not taken")
		case xml.Comment:
			if text {
				return errors.New("these metadata have a comment inside a value")
			}
		case xml.CharData:
			text = text || len(bytes.TrimSpace(token)) > 0
		case xml.EndElement:
			depth, text = depth-1, false
		case xml.StartElement:
			elements, depth, text = elements+1, depth+1, false
			if elements > maxMetadataElements || depth > maxMetadataDepth {
				return fmt.Errorf("these metadata have more than %d elements, or more than %d inside each other", maxMetadataElements, maxMetadataDepth)
			}
			if err := scanAttributes(token); err != nil {
				return fmt.Errorf("these metadata: %w", err)
			}
		}
	}
}

// readDescriptor finds the identity provider among what there is.
func readDescriptor(root *etree.Element, entityID string, now time.Time) (IdP, error) {
	entities := []*etree.Element{root}
	if is(root, nsMetadata, "EntitiesDescriptor") {
		entities = children(root, nsMetadata, "EntityDescriptor")
	} else if !is(root, nsMetadata, "EntityDescriptor") {
		return IdP{}, errors.New("these are no SAML 2.0 metadata: the first element must be an EntityDescriptor")
	}
	entities = slices.DeleteFunc(entities, func(e *etree.Element) bool {
		return len(children(e, nsMetadata, "IDPSSODescriptor")) == 0 || entityID != "" && e.SelectAttrValue("entityID", "") != entityID
	})
	switch {
	case len(entities) == 0 && entityID != "":
		return IdP{}, fmt.Errorf("these metadata have no identity provider with the entity id %s", oriel.Quoted(entityID))
	case len(entities) == 0:
		return IdP{}, errors.New("these metadata have no identity provider (IDPSSODescriptor): are they those of a service provider?")
	case len(entities) > 1:
		return IdP{}, errors.New("these metadata have several identity providers: say the entity id of the one that is meant")
	}
	descriptor, err := only(entities[0], nsMetadata, "IDPSSODescriptor")
	if err != nil {
		return IdP{}, err
	}
	for _, e := range []*etree.Element{root, entities[0], descriptor} {
		if until, err := moment(e, "validUntil"); err != nil || !until.IsZero() && !now.Before(until) {
			return IdP{}, errors.New("these metadata are over: fetch newer ones from the identity provider")
		}
	}
	return readIdP(entities[0], descriptor)
}

func readIdP(entity, descriptor *etree.Element) (IdP, error) {
	out := IdP{EntityID: entity.SelectAttrValue("entityID", ""), WantsSignedRequests: isTrue(descriptor.SelectAttrValue("WantAuthnRequestsSigned", ""))}
	if out.EntityID == "" || len(out.EntityID) > maxURI {
		return IdP{}, errors.New("these metadata have no entity id, or one that is too long")
	}
	var err error
	if out.SignInURL, err = endpoint(descriptor, "SingleSignOnService"); err != nil {
		return IdP{}, err
	}
	if out.SignInURL == "" {
		return IdP{}, errors.New("this identity provider takes no requests by redirect (SingleSignOnService with the binding HTTP-Redirect), which is how we ask")
	}
	if out.SignOutURL, err = endpoint(descriptor, "SingleLogoutService"); err != nil {
		return IdP{}, err
	}
	out.Certificates, err = signingCertificates(descriptor)
	return out, err
}

func isTrue(text string) bool { return text == "true" || text == "1" }

// endpoint is the first of a kind for the binding by redirect.
func endpoint(descriptor *etree.Element, tag string) (string, error) {
	for _, one := range children(descriptor, nsMetadata, tag) {
		if one.SelectAttrValue("Binding", "") != redirectBinding {
			continue
		}
		location := one.SelectAttrValue("Location", "")
		u, err := url.Parse(location)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" || len(location) > 2048 {
			return "", fmt.Errorf("the %s of these metadata is no address", tag)
		}
		return location, nil
	}
	return "", nil
}

// signingCertificates are those that are for signing, or for whatever there is
// (SAML Metadata §2.4.1.1).
func signingCertificates(descriptor *etree.Element) ([]string, error) {
	var all []string
	var unusable error
	for _, key := range children(descriptor, nsMetadata, "KeyDescriptor") {
		if use := key.SelectAttrValue("use", ""); use != "" && use != "signing" {
			continue
		}
		for _, info := range children(key, nsSignature, "KeyInfo") {
			for _, data := range children(info, nsSignature, "X509Data") {
				for _, e := range children(data, nsSignature, "X509Certificate") {
					text, err := certificatePEM(e.Text())
					if err != nil {
						unusable = err
					} else if !slices.Contains(all, text) {
						all = append(all, text)
					}
				}
			}
		}
	}
	switch {
	case len(all) == 0 && unusable != nil:
		return nil, fmt.Errorf("these metadata have no certificate that can be used: %w", unusable)
	case len(all) == 0:
		return nil, errors.New("these metadata have no certificate that the identity provider signs with")
	case len(all) > oriel.MaxProviderKeys:
		return nil, fmt.Errorf("these metadata have %d certificates; a provider has at most %d", len(all), oriel.MaxProviderKeys)
	}
	return all, nil
}

// certificatePEM makes PEM of the base64 that stands in metadata.
func certificatePEM(text string) (string, error) {
	der, err := decode(text)
	if err != nil {
		return "", errors.New("a certificate is no base64")
	}
	made := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	if _, err := ParseCertificate([]byte(made)); err != nil {
		return "", err
	}
	return strings.TrimSuffix(made, "\n"), nil
}
