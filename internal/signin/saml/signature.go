package saml

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// certificate is one that a provider may sign with.
type certificate struct {
	id     string
	serial int64
	x509   *x509.Certificate
}

var errNotSigned = errors.New("not made with a certificate of the provider")

// signedPart verifies the signature of an element by the certificates, one after
// the other, and gives what was signed: a tree of its own, of the bytes whose
// digest was compared. What the signature says of its key is not looked at.
func signedPart(e *etree.Element, certificates []certificate, now time.Time) (*etree.Element, certificate, error) {
	context, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, certificate{}, errNotSigned
	}
	detached, err := etreeutils.NSDetatch(context, e)
	if err != nil {
		return nil, certificate{}, errNotSigned
	}
	signature := signatureOf(detached)
	if signature == nil {
		return nil, certificate{}, errors.New("there is no signature")
	}
	for _, info := range children(signature, nsSignature, "KeyInfo") {
		signature.RemoveChild(info)
	}
	value, err := only(signature, nsSignature, "SignatureValue")
	if err != nil || value == nil {
		return nil, certificate{}, errNotSigned
	}
	given := value.Text()
	for _, one := range certificates {
		validation := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{one.x509}})
		validation.Clock = dsig.NewFakeClockAt(now)
		for _, form := range valuesOf(given, one.x509) {
			value.SetText(form)
			if signed, err := validation.Validate(detached); err == nil && signed != nil {
				return signed, one, nil
			}
		}
	}
	return nil, certificate{}, errNotSigned
}

// valuesOf are the ways to read a SignatureValue, which nothing signs: by ECDSA the
// library takes ASN.1 alone, the standard (XML Signature 1.1 §6.4.3) two numbers.
func valuesOf(given string, by *x509.Certificate) []string {
	values := []string{given}
	if _, is := by.PublicKey.(*ecdsa.PublicKey); !is {
		return values
	}
	signature, err := decode(given)
	if err != nil {
		return values
	}
	for _, form := range formsOf(signature, by)[1:] {
		values = append(values, base64.StdEncoding.EncodeToString(form))
	}
	return values
}

// certificatesOf are those of the provider that may be used now.
func certificatesOf(p oriel.Provider, now time.Time) []certificate {
	var live []certificate
	for _, key := range p.Keys {
		if key.Kind != oriel.KeyX509 || !key.Live(now) {
			continue
		}
		if parsed, err := ParseCertificate(key.Public); err == nil {
			live = append(live, certificate{key.ID, key.Serial, parsed})
		}
	}
	return live
}
