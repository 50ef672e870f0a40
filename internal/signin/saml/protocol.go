package saml

import (
	"cmp"
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
	// Keys are ours, the newest first: all of them decrypt and stand in our metadata.
	Keys func() ([]tls.Certificate, error)
	// Signing is the one that signs; nil: the newest.
	Signing func() (tls.Certificate, error)
}

func (s Protocol) keys() ([]tls.Certificate, error) {
	if s.Keys == nil {
		return nil, nil
	}
	return s.Keys()
}

// signer is our key that signs.
func (s Protocol) signer() (crypto.Signer, error) {
	signing := s.Signing
	if signing == nil {
		signing = s.newest
	}
	pair, err := signing()
	if err != nil {
		return nil, err
	}
	key, signs := pair.PrivateKey.(crypto.Signer)
	if !signs {
		return nil, errors.New("our key does not sign")
	}
	return key, nil
}

func (s Protocol) newest() (tls.Certificate, error) {
	keys, err := s.keys()
	if err != nil {
		return tls.Certificate{}, err
	}
	if len(keys) == 0 {
		return tls.Certificate{}, errors.New("there is no key of ours to sign with")
	}
	return keys[0], nil
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

// ReadLogoutRequest reads what an identity provider says of a person who signed out
// there; the relay state goes back with the answer. Error: logout_request_invalid.
func (s Protocol) ReadLogoutRequest(m oriel.SAMLMessage, p oriel.Provider, destination string, now time.Time) (oriel.SAMLLogout, string, error) {
	var read LogoutRequest
	var err error
	relay := m.RelayState
	if m.RawQuery != "" {
		read, relay, err = ReadLogoutRequestRedirect(m.RawQuery, p, destination, now)
	} else {
		read, err = ReadLogoutRequestPost(m.Field, p, destination, now)
	}
	if err != nil {
		return oriel.SAMLLogout{}, "", err
	}
	out := oriel.SAMLLogout{
		ID: read.ID, Provider: p.ID, Indexes: read.SessionIndexes, IssuedAt: read.At, OneUse: read.OneUse, SpentUntil: read.SpentUntil,
		KeyID: read.KeyID, KeySerial: read.KeySerial,
		Name: oriel.NameID{Value: read.NameID, Format: read.NameIDFormat, NameQualifier: read.NameQualifier, SPNameQualifier: read.SPNameQualifier},
	}
	if read.At.Nanosecond() == 0 {
		// Told to the second: whatever was issued within it may be of before.
		out.IssuedAt = read.At.Add(time.Second - time.Microsecond)
	}
	if read.NameIDFormat == formatPersistent {
		out.Subject = subjectOf(p.Issuer, read.NameID)
	}
	return out, relay, nil
}

// ReadLogoutResponse reads the answer to our own. Error: logout_request_invalid.
func (s Protocol) ReadLogoutResponse(m oriel.SAMLMessage, p oriel.Provider, destination string, now time.Time) (answer oriel.SAMLLogoutAnswer, relay string, err error) {
	if m.RawQuery != "" {
		return ReadLogoutResponseRedirect(m.RawQuery, p, destination, now)
	}
	answer, err = ReadLogoutResponsePost(m.Field, p, destination, now)
	return answer, m.RelayState, err
}

// LogoutRequestURL is where a browser goes to sign its person out at the provider
// too, and the id that the answer has to name.
func (s Protocol) LogoutRequestURL(p oriel.Provider, session oriel.SAMLSession, entityID, relayState string, now time.Time) (address, id string, err error) {
	key, err := s.signer()
	if err != nil {
		return "", "", err
	}
	index := session.Index
	if isHashed(index) {
		index = "" // all of the person's: the provider knows none of this name
	}
	return LogoutRequestURL(OurLogout{
		Destination: p.SAML.SignOutURI, EntityID: entityID, SessionIndex: index, At: now,
		NameID: session.Name.Value, NameIDFormat: session.Name.Format,
		NameQualifier: session.Name.NameQualifier, SPNameQualifier: session.Name.SPNameQualifier,
	}, relayState, key)
}

// LogoutResponseURL is where a browser goes with our answer: that the sessions are
// over.
func (s Protocol) LogoutResponseURL(p oriel.Provider, entityID, inResponseTo, relayState string, now time.Time) (string, error) {
	key, err := s.signer()
	if err != nil {
		return "", err
	}
	return LogoutResponseURL(OurLogoutResponse{
		Destination: cmp.Or(p.SAML.SignOutAnswerURI, p.SAML.SignOutURI), EntityID: entityID, InResponseTo: inResponseTo, Status: StatusSuccess, At: now,
	}, relayState, key)
}
