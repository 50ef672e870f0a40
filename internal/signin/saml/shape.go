package saml

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/beevik/etree"
)

// The namespaces of a response.
const (
	nsProtocol   = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion  = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata   = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature  = "http://www.w3.org/2000/09/xmldsig#"
	nsEncryption = "http://www.w3.org/2001/04/xmlenc#"
	nsOAEP       = "http://www.w3.org/2009/xmlenc11#"
	nsExclusive  = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// The algorithms of signatures: SHA-256 or better (RFC 9231).
var (
	signatureMethods = []string{
		"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
		"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
		"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
		"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
		"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
		"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
	}
	digestMethods = []string{
		"http://www.w3.org/2001/04/xmlenc#sha256",
		"http://www.w3.org/2001/04/xmldsig-more#sha384",
		"http://www.w3.org/2001/04/xmlenc#sha512",
	}
	exclusive = []string{
		"http://www.w3.org/2001/10/xml-exc-c14n#",
		"http://www.w3.org/2001/10/xml-exc-c14n#WithComments", // there are none
	}
)

const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

func is(e *etree.Element, namespace, tag string) bool {
	return e.Tag == tag && e.NamespaceURI() == namespace
}

// children are the child elements of a name.
func children(e *etree.Element, namespace, tag string) []*etree.Element {
	var found []*etree.Element
	for _, child := range e.ChildElements() {
		if is(child, namespace, tag) {
			found = append(found, child)
		}
	}
	return found
}

// only is the one child of a name; nil without one.
func only(e *etree.Element, namespace, tag string) (*etree.Element, error) {
	found := children(e, namespace, tag)
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("it has more than one %s in its %s", tag, e.Tag)
}

// checkShape holds a document to what a response, an assertion or a message about
// logging out is, whatever of it is signed: root is its root, and signable are the
// elements that may have a signature.
func checkShape(root *etree.Element, signable ...*etree.Element) error {
	ids := map[string]bool{}
	for _, e := range root.FindElements("//*") {
		if err := checkElement(e, root, signable); err != nil {
			return err
		}
		for _, a := range e.Attr {
			switch a.Key {
			case "ID", "Id", "id", "iD":
				if ids[a.Value] {
					return errors.New("it has an id twice")
				}
				ids[a.Value] = true
			}
		}
	}
	for _, e := range signable {
		if err := checkSignature(e); err != nil {
			return err
		}
	}
	return nil
}

// withText are elements in which there is text and nothing else.
var withText = []string{"Issuer", "NameID", "Audience", "AuthnContextClassRef", "SessionIndex", "DigestValue", "SignatureValue", "X509Certificate"}

func checkElement(e, root *etree.Element, signable []*etree.Element) error {
	namespace := e.NamespaceURI()
	if inValue(e) {
		// A host's own XML, or an identifier in place of a text: nothing that
		// could be taken for a part of the response.
		if namespace == nsProtocol || namespace == nsSignature || namespace == nsEncryption || namespace == nsAssertion && e.Tag != "NameID" {
			return fmt.Errorf("it has %s inside a value", e.Tag)
		}
		return nil
	}
	switch namespace {
	case nsProtocol, nsAssertion, nsSignature, nsEncryption, nsOAEP:
	case nsExclusive:
		return checkPrefixes(e)
	default:
		return fmt.Errorf("it has %s, which is not of SAML", oneWord(e.Tag))
	}
	if slices.Contains(withText, e.Tag) && len(e.ChildElements()) > 0 {
		return fmt.Errorf("its %s has elements inside", e.Tag)
	}
	switch e.Tag {
	case "Signature":
		if !slices.Contains(signable, e.Parent()) {
			return errors.New("it has a signature where none belongs")
		}
	case "Assertion", "EncryptedAssertion":
		if e != root && e.Parent() != root {
			return errors.New("it has an assertion where none belongs")
		}
	case "Response", "LogoutRequest", "LogoutResponse":
		if e != root {
			return fmt.Errorf("it has a %s inside another", e.Tag)
		}
	case "Object", "Manifest", "Extensions", "Advice", "EncryptedID", "EncryptedAttribute", "BaseID":
		return fmt.Errorf("it has %s, which is not taken", e.Tag)
	}
	return nil
}

// maxPrefixes bounds the names in a PrefixList, in bytes.
const maxPrefixes = 256

var prefixList = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.-]*|#default)( ([A-Za-z_][A-Za-z0-9_.-]*|#default))*$`)

// checkPrefixes permits the one parameter of exclusive canonicalisation (Exclusive
// XML Canonicalization §3): which prefixes are written though no name has them, as
// makers do for the "xs:string" in the type of a value. The library goes by it in a
// transform, and would not in what canonicalises the signature itself.
func checkPrefixes(e *etree.Element) error {
	transform := e.Parent()
	if e.Tag != "InclusiveNamespaces" || !is(transform, nsSignature, "Transform") || len(transform.ChildElements()) != 1 ||
		!slices.Contains(exclusive, transform.SelectAttrValue("Algorithm", "")) || len(e.ChildElements()) > 0 {
		return fmt.Errorf("it has %s where none belongs", oneWord(e.Tag))
	}
	for _, a := range e.Attr {
		switch {
		case a.Space == "xmlns", a.Space == "" && a.Key == "xmlns":
		case a.Space == "" && a.Key == "PrefixList" && len(a.Value) <= maxPrefixes && prefixList.MatchString(a.Value):
		default:
			return errors.New("its InclusiveNamespaces have something other than a list of prefixes")
		}
	}
	return nil
}

func oneWord(tag string) string { return tag[:min(len(tag), 40)] }

// inValue tells whether an element stands inside the value of an attribute.
func inValue(e *etree.Element) bool {
	for p := e.Parent(); p != nil; p = p.Parent() {
		if is(p, nsAssertion, "AttributeValue") {
			return true
		}
	}
	return false
}

// signatureOf is the signature of an element; nil without one.
func signatureOf(e *etree.Element) *etree.Element {
	found := children(e, nsSignature, "Signature")
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// checkSignature holds the signature of an element, when it has one, to a single
// reference: to the element itself, by the transforms that SAML has for it (SAML
// Core §5.4), with algorithms that stand.
func checkSignature(e *etree.Element) error {
	signature, err := only(e, nsSignature, "Signature")
	if signature == nil || err != nil {
		return err
	}
	if err := hasOnly(signature, "SignedInfo", "SignatureValue", "KeyInfo"); err != nil {
		return err
	}
	info, err := only(signature, nsSignature, "SignedInfo")
	if err != nil || info == nil {
		return errors.Join(err, errors.New("its signature signs nothing"))
	}
	if err := hasOnly(info, "CanonicalizationMethod", "SignatureMethod", "Reference"); err != nil {
		return err
	}
	references := children(info, nsSignature, "Reference")
	id := e.SelectAttrValue("ID", "")
	if len(references) != 1 || id == "" || references[0].SelectAttrValue("URI", "") != "#"+id {
		return errors.New("its signature is not over the element that has it, and that alone")
	}
	reference := references[0]
	if err := hasOnly(reference, "Transforms", "DigestMethod", "DigestValue"); err != nil {
		return err
	}
	for _, check := range []struct {
		of      *etree.Element
		tag     string
		allowed []string
	}{
		{info, "CanonicalizationMethod", exclusive}, {info, "SignatureMethod", signatureMethods}, {reference, "DigestMethod", digestMethods},
	} {
		method, err := only(check.of, nsSignature, check.tag)
		if err != nil || method == nil || !slices.Contains(check.allowed, method.SelectAttrValue("Algorithm", "")) {
			return fmt.Errorf("its %s is none that is taken: SHA-256 or better, exclusive canonicalisation", check.tag)
		}
	}
	return checkTransforms(reference)
}

func checkTransforms(reference *etree.Element) error {
	wrong := errors.New("its transforms are not the enveloped signature and exclusive canonicalisation")
	list, err := only(reference, nsSignature, "Transforms")
	if err != nil || list == nil {
		return wrong
	}
	transforms := list.ChildElements()
	if len(transforms) != 2 ||
		transforms[0].SelectAttrValue("Algorithm", "") != enveloped ||
		!slices.Contains(exclusive, transforms[1].SelectAttrValue("Algorithm", "")) {
		return wrong
	}
	return nil
}

func hasOnly(e *etree.Element, tags ...string) error {
	seen := map[string]bool{}
	for _, child := range e.ChildElements() {
		if child.NamespaceURI() != nsSignature || !slices.Contains(tags, child.Tag) || seen[child.Tag] && child.Tag != "Reference" {
			return fmt.Errorf("its %s has %s, or has it twice", e.Tag, oneWord(child.Tag))
		}
		seen[child.Tag] = true
	}
	return nil
}
