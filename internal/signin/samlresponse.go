package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SAMLResponse is an identity provider's answer, as a browser brought it.
type SAMLResponse struct {
	Provider             string // slug
	Response, RelayState string
	// At is the address at which it came: that of the provider, or the one for
	// whichever there is (§3.3).
	At                  string
	Binding             string // what the browser kept from its start; empty: nothing
	Live                Live   // who is signed in in this browser now
	ClientIP, Reference string
}

// SAMLArrived is what came of an answer: a browser that is signed in, or a code
// for the page that opened the popup.
type SAMLArrived struct {
	Accepted Accepted
	// Requested tells that it was asked for; ReturnTo is where the browser wants
	// to go then.
	Requested bool
	ReturnTo  string
	// Popup is set once the answer belongs to a popup whose page may embed, also
	// when it is refused.
	Popup *oriel.Popup
	// Tried tells that it was a test sign-in: what came of it is kept for the
	// administrator.
	Tried bool
	// Code is for that page alone; Callback is its own page to bring it there
	// when the popup lost its opener, empty without one.
	Code, Callback string
}

// TakeSAMLResponse signs in whom an identity provider vouches for (§5). Every
// answer leaves one record; that of a popup is written when its code comes.
//
// Errors: embedding_disabled, provider_unknown, sso_not_configured, those of the
// verifier, rate_limited, saml_replayed, saml_not_requested, origin_not_allowed,
// those of the arrival, cross_site_request when somebody else is signed in in
// the browser and nothing shows that this one began it, store_unavailable.
func (s *SignIn) TakeSAMLResponse(ctx context.Context, r SAMLResponse) (SAMLArrived, error) {
	a := s.begin(r.Reference, methodSAML, "", r.ClientIP)
	out, err := s.takeSAMLResponse(ctx, r, a)
	if err != nil {
		return SAMLArrived{Popup: out.Popup, Callback: out.Callback}, s.refused(ctx, a, asSAML(err))
	}
	return out, nil
}

func (s *SignIn) takeSAMLResponse(ctx context.Context, r SAMLResponse, a *attempt) (out SAMLArrived, err error) {
	p, err := s.Directory.FindSAMLForTrial(r.Provider)
	a.record.Provider = p.Slug
	request, requested := oriel.SAMLRequest{}, false
	if err == nil {
		if request, requested, err = s.requestOf(ctx, p, r); err != nil {
			return out, err
		}
	}
	if request.Trial == "" {
		if err := a.check("embedding", "on", "", s.embeddingOn(EntranceEmbed)); err != nil {
			return out, err
		}
		if _, err := s.Directory.FindProvider(oriel.MethodSAML, r.Provider); err != nil {
			return out, a.check("provider", "a SAML provider that is on", p.Slug, err)
		}
	}
	a.passed("provider", p.Slug)
	out.Requested, out.ReturnTo = requested, request.ReturnTo
	if popup := request.Popup; popup != nil {
		a.record.Origin = popup.Origin
		// A page that may not embed any longer hears nothing, not even of a refusal.
		if err := s.popupAllowed(p, popup, a); err != nil {
			return out, err
		}
		out.Popup, out.Callback = popup, callbackFor(p, popup.Origin)
	}
	// What nobody asked for is told so, also where browsers are not let in.
	if err := s.embeddingOn(entranceOf(request.Popup)); err != nil && request.Trial == "" && (requested || p.SAML.IdPInitiated) {
		return out, a.check("embedding", "on for browsers", "", err)
	}
	identity, evidence, err := s.SAML.Verify(r.Response, p, oriel.AssertionAsk{
		ACS: r.At, Audience: p.EntityID(s.SiteURL), RequestID: request.ID,
	}, s.Clock())
	a.observed(evidence)
	in := answered{SignIn: s, provider: p, identity: identity, request: request, requested: requested, response: r, attempt: a}
	if request.Trial != "" {
		out.Tried = true
		return out, in.tryOut(ctx, err)
	}
	if err != nil {
		return out, err
	}
	if !requested && !p.SAML.IdPInitiated {
		return out, a.failed("request", "an answer to a request of this browser", "none, and the setting idp_initiated is off", oriel.CodeSAMLNotRequested)
	}
	a.counted = true
	if err := s.limits.allow(p, identity.OneUse, r.ClientIP); err != nil {
		return out, err
	}
	a.record.Dropped = identity.Dropped
	if request.Popup != nil {
		out.Code, err = in.leaveCode(ctx)
	} else {
		out.Accepted, err = in.arriveHere(ctx)
	}
	return out, err
}

// requestOf is the request of ours that this browser began and brings back, used
// or not; the verifier compares it with what the answer says.
func (s *SignIn) requestOf(ctx context.Context, p oriel.Provider, r SAMLResponse) (oriel.SAMLRequest, bool, error) {
	if !isSecret(r.RelayState) || r.Binding == "" {
		return oriel.SAMLRequest{}, false, nil
	}
	found, there, err := s.Waiting.FindSAMLRequest(ctx, sha256.Sum256([]byte(r.RelayState)))
	if err != nil {
		return oriel.SAMLRequest{}, false, err
	}
	browser := sha256.Sum256([]byte(r.Binding))
	if !there || found.SignOut || found.Provider != p.ID || !s.Clock().Before(found.Expires) || subtle.ConstantTimeCompare(browser[:], found.Browser[:]) != 1 {
		return oriel.SAMLRequest{}, false, nil
	}
	return found, true, nil
}

// callbackFor is the registered page of the origin; empty without one.
func callbackFor(p oriel.Provider, origin string) string {
	for _, callback := range p.SAML.Callbacks {
		if u, err := url.Parse(callback); err == nil && strings.EqualFold(u.Scheme+"://"+withoutDefaultPort(u), origin) {
			return callback
		}
	}
	return ""
}

// withoutDefaultPort is the host of an address as browsers write it in an origin.
func withoutDefaultPort(u *url.URL) string {
	if u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}

// answered is an answer that was verified, and what it answers.
type answered struct {
	*SignIn
	provider  oriel.Provider
	identity  oriel.Identity
	request   oriel.SAMLRequest
	requested bool
	response  SAMLResponse
	attempt   *attempt
}

// use spends the assertion, and then the request: the same answer twice is a
// replay, another answer to the same request was not asked for.
func (in answered) use(tx Tx) (oriel.ProviderKey, error) {
	key, err := in.spend(tx, in.provider, in.identity.KeySerial, in.identity.OneUse, in.identity.SpentUntil)
	if err := in.attempt.check("replay", "an assertion that was not used before", "", asSAML(err)); err != nil || !in.requested {
		return key, err
	}
	if err := tx.UseSAMLRequest(in.request.Relay); err != nil {
		return key, in.attempt.check("request", "one that was not answered before", "", err)
	}
	return key, nil
}

// arriveHere signs the browser in itself.
func (in answered) arriveHere(ctx context.Context) (Accepted, error) {
	r := Request{Entrance: EntranceLanding, ClientIP: in.response.ClientIP, Reference: in.response.Reference, Browser: Browser{Live: in.response.Live}}
	if in.requested {
		r.Browser.State = State{Provider: in.provider.Slug, OneUse: in.request.Relay, Foreign: in.request.Foreign}
	}
	accepted, err := in.arrive(ctx, r, in.provider, in.identity, in.attempt, in.use)
	if errors.Is(err, errOther) {
		return Accepted{}, in.attempt.failed("request", "one that the person signed in here began", "somebody else is signed in in this browser", oriel.CodeCrossSiteRequest)
	}
	return accepted, err
}

// leaveCode keeps the identity for the page that opened the popup. Nothing of
// the person is written before it comes.
func (in answered) leaveCode(ctx context.Context) (string, error) {
	code, err := in.secret()
	if err != nil {
		return "", err
	}
	evidence := oriel.Evidence{ClockSkew: in.attempt.record.ClockSkew}
	waiting := oriel.SAMLCode{
		Hash: sha256.Sum256([]byte(code)), Popup: *in.request.Popup, Identity: in.identity, Expires: in.Clock().Add(codeLife),
	}
	err = in.write(ctx, func(tx Tx) error {
		before := len(in.attempt.record.Checks)
		if _, err := in.use(tx); err != nil {
			return err
		}
		evidence.Checks = in.attempt.record.Checks
		waiting.Evidence = evidence
		waiting.Abandoned = in.abandoned()
		in.attempt.record.Checks = in.attempt.record.Checks[:before:before]
		return tx.KeepSAMLCode(waiting)
	})
	if err != nil {
		return "", fmt.Errorf("keep a sign-in for its page: %w", err)
	}
	return code, nil
}

// abandoned is the record of a sign-in whose page never came for its code.
func (in answered) abandoned() oriel.SignInRecord {
	a := *in.attempt
	a.record.Checks = append(slices.Clone(a.record.Checks), oriel.Check{
		Name: "code", Outcome: oriel.CheckFailed, Expected: "the page that began comes for it within " + codeLife.String(), Received: "it did not come",
	})
	return a.complete(oriel.CodeCodeInvalid)
}

// asSAML tells in SAML's codes what the steps that all methods share found.
func asSAML(err error) error {
	code := oriel.CodeOf(err)
	switch code {
	case oriel.CodeTokenReplayed:
		code = oriel.CodeSAMLReplayed
	case oriel.CodeTokenKeyUnknown, oriel.CodeTokenExpired, oriel.CodeTokenTooOld:
		code = oriel.CodeSAMLResponseInvalid
	default:
		return err
	}
	return &oriel.Error{Code: code, Err: err}
}
