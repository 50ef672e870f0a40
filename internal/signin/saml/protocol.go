package saml

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	saml2 "github.com/russellhaering/gosaml2"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// timeFormat is that of moments in XML, in UTC (SAML Core §1.3.3).
const timeFormat = "2006-01-02T15:04:05Z"

// Protocol speaks SAML with our own keys. The zero Protocol has none: it signs
// nothing and reads nothing that is encrypted.
type Protocol struct {
	// Keys are ours, the newest first: it signs, and all of them decrypt.
	Keys func() ([]tls.Certificate, error)
}

func (s Protocol) keys() ([]tls.Certificate, error) {
	if s.Keys == nil {
		return nil, nil
	}
	return s.Keys()
}

// NewID makes the id of a message: 160 random bits, since SAML Core §1.3.4 asks
// for 128 at least.
func (Protocol) NewID() string {
	bits := make([]byte, 20)
	_, _ = rand.Read(bits) // it never fails
	return "_" + hex.EncodeToString(bits)
}

// RequestURL is where a browser goes to ask the provider (SAML Bindings §3.4),
// signed when the provider's settings say so.
func (s Protocol) RequestURL(p oriel.Provider, r oriel.AuthnRequest) (string, error) {
	library := saml2.SAMLServiceProvider{
		IdentityProviderSSOURL: p.SignInURI, ServiceProviderIssuer: r.EntityID, AssertionConsumerServiceURL: r.ACS,
		SignAuthnRequests: p.SAML.SignRequests, SignAuthnRequestsAlgorithm: dsig.RSASHA256SignatureMethod,
		Clock: dsig.NewFakeClockAt(r.At),
	}
	if p.SAML.SignRequests {
		key, err := s.signer()
		if err != nil {
			return "", err
		}
		if err := library.SetSPKeyStore(key); err != nil {
			return "", fmt.Errorf("sign the request: %w", err)
		}
	}
	request, err := library.BuildAuthRequestDocumentNoSig()
	if err != nil {
		return "", fmt.Errorf("write the request: %w", err)
	}
	request.Root().CreateAttr("ID", r.ID)
	address, err := library.BuildAuthURLRedirect(r.RelayState, request)
	if err != nil {
		return "", fmt.Errorf("write the request: %w", err)
	}
	return address, nil
}

// signer is our newest key.
func (s Protocol) signer() (*saml2.KeyStore, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key of ours to sign with")
	}
	key, isRSA := keys[0].PrivateKey.(*rsa.PrivateKey)
	if !isRSA {
		return nil, errors.New("our key is not RSA")
	}
	return &saml2.KeyStore{Signer: key, Cert: keys[0].Certificate[0]}, nil
}

// Verify is [Verify] with our keys and the provider's settings.
func (s Protocol) Verify(response string, p oriel.Provider, ask oriel.AssertionAsk, now time.Time) (oriel.Identity, oriel.Evidence, error) {
	return Verify(response, p, Ask{
		ACS: ask.ACS, Audience: ask.Audience, RequestID: ask.RequestID, Keys: s.keys, Encrypted: p.SAML.WantEncrypted,
	}, now)
}
