package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SAMLLogoutRequest is a message of an identity provider about signing out.
type SAMLLogoutRequest struct {
	Provider            string // slug
	Message             oriel.SAMLMessage
	ClientIP, Reference string
}

// SAMLLogout ends the sessions that an identity provider names, and tells where the
// browser takes our answer (§5). No assertion that was made before makes a session
// after it. Every message leaves one record. Errors: provider_unknown,
// sso_not_configured, logout_request_invalid, rate_limited, store_unavailable.
func (s *SignIn) SAMLLogout(ctx context.Context, r SAMLLogoutRequest) (address string, err error) {
	a := s.begin(r.Reference, methodLogout, "", r.ClientIP)
	if address, err = s.samlLogout(ctx, r, a); err != nil {
		return "", s.refused(ctx, a, asLogout(err))
	}
	return address, nil
}

func (s *SignIn) samlLogout(ctx context.Context, r SAMLLogoutRequest, a *attempt) (string, error) {
	p, err := s.logoutProvider(r.Provider, a)
	if err != nil {
		return "", err
	}
	now := s.Clock()
	l, relay, err := s.SAML.ReadLogoutRequest(r.Message, p, p.LogoutURL(s.SiteURL), now)
	by := ""
	if err == nil {
		by = "certificate " + oriel.Quoted(l.KeyID)
	}
	if err := a.check("signature", "a request to sign out, signed with a certificate of the provider", by, err); err != nil {
		return "", err
	}
	a.counted = true
	if err := s.limits.allow(p, l.OneUse, r.ClientIP); err != nil {
		return "", err
	}
	address, err := s.SAML.LogoutResponseURL(p, p.EntityID(s.SiteURL), l.ID, relay, now)
	if err != nil {
		return "", fmt.Errorf("answer a sign-out: %w", err)
	}
	err = s.write(ctx, func(tx Tx) error {
		_, err := s.spend(tx, p, l.KeySerial, l.OneUse, l.SpentUntil)
		if err := a.check("replay", "a request that was not used before", "", err); err != nil {
			return err
		}
		if _, err := tx.EndSAMLSessions(l, now); err != nil {
			return err
		}
		return tx.InsertSignInRecord(a.complete(""))
	})
	if err != nil {
		return "", fmt.Errorf("end the sessions of a person who signed out: %w", err)
	}
	return address, nil
}

// logoutProvider finds a provider that has sign-outs.
func (s *SignIn) logoutProvider(slug string, a *attempt) (oriel.Provider, error) {
	p, err := s.Directory.FindProvider(oriel.MethodSAML, slug)
	a.record.Provider = p.Slug
	if err == nil && p.SAML.SignOutURI == "" {
		err = &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: errors.New("the provider's setting sign_out_uri is empty")}
	}
	return p, a.check("provider", "a SAML provider that is on and has sign-outs", p.Slug, err)
}

// asLogout tells in the one code of sign-outs what the steps that all share found.
func asLogout(err error) error {
	switch oriel.CodeOf(err) {
	case oriel.CodeTokenReplayed, oriel.CodeTokenKeyUnknown, oriel.CodeTokenExpired:
		return &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: err}
	}
	return err
}

// SAMLSignOut is a person who signs out here and wants to at the identity provider.
type SAMLSignOut struct {
	Provider            string // slug
	Live                Live   // the session that ends
	ReturnTo            string
	ClientIP, Reference string
}

// SAMLSignOutURI is the provider's endpoint for sign-outs; empty without one.
// Error: provider_unknown, sso_not_configured.
func (s *SignIn) SAMLSignOutURI(slug string) (string, error) {
	p, err := s.Directory.FindProvider(oriel.MethodSAML, slug)
	return p.SAML.SignOutURI, err
}

// StartSAMLSignOut tells where a browser goes to sign its person out at the identity
// provider too; the caller ends the session here. Empty: the session did not begin
// there, or the provider has no sign-outs. Errors: provider_unknown,
// sso_not_configured, store_unavailable.
func (s *SignIn) StartSAMLSignOut(ctx context.Context, r SAMLSignOut) (string, error) {
	p, err := s.Directory.FindProvider(oriel.MethodSAML, r.Provider)
	if err != nil {
		return "", err
	}
	began, found, err := s.Waiting.FindSAMLSession(ctx, r.Live.Session)
	if err != nil || !found || began.Provider != p.ID || p.SAML.SignOutURI == "" {
		return "", err
	}
	relay, err := s.secret()
	if err != nil {
		return "", err
	}
	now := s.Clock()
	address, id, err := s.SAML.LogoutRequestURL(p, began, p.EntityID(s.SiteURL), relay, now)
	if err != nil {
		return "", fmt.Errorf("ask for a sign-out: %w", err)
	}
	waiting := oriel.SAMLRequest{
		Relay: sha256.Sum256([]byte(relay)), Provider: p.ID, ID: id, ReturnTo: r.ReturnTo, SignOut: true, Expires: now.Add(SAMLRequestLife),
	}
	if err := s.write(ctx, func(tx Tx) error { return tx.KeepSAMLRequest(waiting) }); err != nil {
		return "", fmt.Errorf("begin a sign-out: %w", err)
	}
	return address, nil
}

// SAMLSignedOut is how a sign-out that began here ended.
type SAMLSignedOut struct {
	ReturnTo string // where the browser wanted to go
	// Everywhere tells that the identity provider ended all of the person's
	// sessions; otherwise some may be left there, or at other sites.
	Everywhere bool
}

// EndSAMLSignOut takes the identity provider's answer to our own request. Each
// leaves one record, of the outcome idp_refused where sessions may be left. Errors:
// provider_unknown, sso_not_configured, logout_request_invalid, rate_limited,
// store_unavailable.
func (s *SignIn) EndSAMLSignOut(ctx context.Context, r SAMLLogoutRequest) (SAMLSignedOut, error) {
	a := s.begin(r.Reference, methodLogout, "", r.ClientIP)
	out, err := s.endSAMLSignOut(ctx, r, a)
	if err != nil {
		return SAMLSignedOut{}, s.refused(ctx, a, err)
	}
	return out, nil
}

func (s *SignIn) endSAMLSignOut(ctx context.Context, r SAMLLogoutRequest, a *attempt) (SAMLSignedOut, error) {
	p, err := s.logoutProvider(r.Provider, a)
	if err != nil {
		return SAMLSignedOut{}, err
	}
	answer, relay, err := s.SAML.ReadLogoutResponse(r.Message, p, p.LogoutURL(s.SiteURL), s.Clock())
	if err := a.check("signature", "an answer that is signed with a certificate of the provider", "", err); err != nil {
		return SAMLSignedOut{}, err
	}
	waiting, found, err := s.Waiting.FindSAMLRequest(ctx, sha256.Sum256([]byte(relay)))
	if err != nil {
		return SAMLSignedOut{}, err
	}
	if !found || !waiting.SignOut || waiting.Provider != p.ID || waiting.ID != answer.InResponseTo || !s.Clock().Before(waiting.Expires) {
		return SAMLSignedOut{}, a.failed("request", "an answer to a request of ours", "another", oriel.CodeLogoutRequestInvalid)
	}
	a.passed("request", "")
	outcome := oriel.Code("")
	if answer.Everywhere {
		a.passed("status", "")
	} else {
		outcome = oriel.CodeIdPRefused
		_ = a.failed("status", "all sessions of the person ended", oriel.Quoted(answer.Status), outcome)
	}
	err = s.write(ctx, func(tx Tx) error {
		if err := tx.UseSAMLRequest(waiting.Relay); err != nil {
			return &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: err}
		}
		return tx.InsertSignInRecord(a.complete(outcome))
	})
	return SAMLSignedOut{ReturnTo: waiting.ReturnTo, Everywhere: answer.Everywhere}, err
}
