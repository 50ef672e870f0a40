package saml

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Protocol speaks SAML with our own keys: what signing in needs of this package,
// for one provider after the other. The zero Protocol has no key: it signs nothing
// and reads nothing that is encrypted.
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

// signer is our newest key.
func (s Protocol) signer() (crypto.Signer, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key of ours to sign with")
	}
	key, signs := keys[0].PrivateKey.(crypto.Signer)
	if !signs {
		return nil, errors.New("our key does not sign")
	}
	return key, nil
}

// NewID is [NewID].
func (Protocol) NewID() string { return NewID() }

// RequestURL is [RequestURL], signed when the provider's settings say so.
func (s Protocol) RequestURL(p oriel.Provider, r oriel.AuthnRequest) (string, error) {
	var key crypto.Signer
	if p.SAML.SignRequests {
		var err error
		if key, err = s.signer(); err != nil {
			return "", err
		}
	}
	request := Request{ID: r.ID, Destination: p.SignInURI, EntityID: r.EntityID, ACS: r.ACS, At: r.At}
	return RequestURL(request, r.RelayState, key)
}

// Metadata are [OurMetadata] for the provider. A key stands in them when one is
// needed.
func (s Protocol) Metadata(p oriel.Provider, siteURL string) ([]byte, error) {
	sp := SP{EntityID: p.EntityID(siteURL), ACS: p.ACS(siteURL), SignsRequests: p.SAML.SignRequests, WantsEncrypted: p.SAML.WantEncrypted}
	if p.SAML.SignOutURI != "" {
		sp.Logout = p.LogoutURL(siteURL)
	}
	if sp.SignsRequests || sp.WantsEncrypted || sp.Logout != "" {
		keys, err := s.keys()
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			certificate, err := x509.ParseCertificate(key.Certificate[0])
			if err != nil {
				return nil, errors.New("a certificate of ours can't be read")
			}
			sp.Keys = append(sp.Keys, certificate)
		}
	}
	return OurMetadata(sp)
}

// Verify is [Verify] with our keys and the provider's settings.
func (s Protocol) Verify(response string, p oriel.Provider, ask oriel.AssertionAsk, now time.Time) (oriel.Identity, oriel.Evidence, error) {
	return Verify(response, p, Ask{
		ACS: ask.ACS, Audience: ask.Audience, RequestID: ask.RequestID, Keys: s.keys, Encrypted: p.SAML.WantEncrypted,
	}, now)
}
