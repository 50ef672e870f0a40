package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/oriel-bi/oriel/internal/limit"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// SAML speaks the protocol; signin/saml has it.
type SAML interface {
	// NewID makes the id of a request.
	NewID() string
	// RequestURL is where a browser is sent to ask the provider who is in front
	// of it (SAML Bindings §3.4).
	RequestURL(p oriel.Provider, r oriel.AuthnRequest) (string, error)
	// Metadata are ours for the provider.
	Metadata(p oriel.Provider, siteURL string) ([]byte, error)
	// Verify tells whom a response vouches for; the evidence tells the checks
	// that were made, also when it is refused. Whether the assertion was used
	// before it does not know.
	Verify(response string, p oriel.Provider, ask oriel.AssertionAsk, now time.Time) (oriel.Identity, oriel.Evidence, error)
	// ReadLogoutRequest and ReadLogoutResponse read what the provider says of
	// signing out, at the address destination; the relay state goes with it.
	ReadLogoutRequest(m oriel.SAMLMessage, p oriel.Provider, destination string, now time.Time) (l oriel.SAMLLogout, relay string, err error)
	ReadLogoutResponse(m oriel.SAMLMessage, p oriel.Provider, destination string, now time.Time) (answer oriel.SAMLLogoutAnswer, relay string, err error)
	// LogoutRequestURL and LogoutResponseURL are where a browser takes ours.
	LogoutRequestURL(p oriel.Provider, session oriel.SAMLSession, entityID, relay string, now time.Time) (address, id string, err error)
	LogoutResponseURL(p oriel.Provider, entityID, inResponseTo, relay string, now time.Time) (string, error)
}

// SAMLWaiting is what sign-ins wait for.
type SAMLWaiting interface {
	FindSAMLRequest(ctx context.Context, relay [32]byte) (oriel.SAMLRequest, bool, error)
	FindSAMLCode(ctx context.Context, hash [32]byte) (oriel.SAMLCode, bool, error)
	FindSAMLSession(ctx context.Context, session string) (oriel.SAMLSession, bool, error)
	FindSAMLTrial(ctx context.Context, id string) (oriel.SAMLTrial, bool, error)
}

// SAMLTx is what a SAML sign-in writes beside what every one does.
type SAMLTx interface {
	KeepSAMLRequest(r oriel.SAMLRequest) error
	// UseSAMLRequest fails with saml_not_requested when it was used before.
	UseSAMLRequest(relay [32]byte) error
	KeepSAMLCode(c oriel.SAMLCode) error
	// TakeSAMLCode fails with code_invalid when it was taken before.
	TakeSAMLCode(hash [32]byte) error
	KeepSAMLSession(s oriel.SAMLSession) error
	// RenewSAMLSession uses a session up that is renewed, or what the same attempt
	// gave before. It fails with session_revoked when it was renewed by another, or
	// has ended.
	RenewSAMLSession(session string, attempt []byte) error
	// EndSAMLSignIn ends all sessions that one sign-in led to.
	EndSAMLSignIn(signIn string, now time.Time) (int, error)
	KeepSAMLTrial(t oriel.SAMLTrial) error
	// EndSAMLSessions ends what a sign-out at the identity provider names, and
	// tells how many were live.
	EndSAMLSessions(l oriel.SAMLLogout, now time.Time) (int, error)
}

const (
	// SAMLRequestLife is how long a person may take at the identity provider
	// (contract §5), and codeLife how long a page may take to redeem a code.
	SAMLRequestLife = 30 * time.Minute
	codeLife        = 60 * time.Second
	// startBurst requests of one client network are written down at once, and one
	// more each startEvery: a whole office may sit behind one address.
	startBurst = 300
	startEvery = 200 * time.Millisecond
)

func newStarts(o Options) *limit.Limits {
	return limit.New(limit.Options{Burst: startBurst, Every: startEvery, Keys: networksCounted, Clock: o.Clock})
}

// SAMLStartRequest is a browser that wants to be sent to an identity provider.
type SAMLStartRequest struct {
	Provider string // slug
	// Binding is what the browser kept from an earlier start, if it did.
	Binding string
	// Foreign tells that another site's page may have had the browser start.
	Foreign  bool
	ReturnTo string
	// Popup is the page that opened it; nil: the browser itself is signed in.
	Popup *oriel.Popup
	// Trial is the secret of an administrator's test sign-in; empty: it is none.
	Trial     string
	ClientIP  string
	Reference string
}

// SAMLStarted is where to send it.
type SAMLStarted struct {
	URL string
	// Binding is for the browser to keep until it is back.
	Binding string
}

// StartSAML sends a browser to an identity provider (§5). Only a refusal leaves
// a record. Errors: embedding_disabled, provider_unknown, sso_not_configured,
// origin_not_allowed, rate_limited, store_unavailable.
func (s *SignIn) StartSAML(ctx context.Context, r SAMLStartRequest) (SAMLStarted, error) {
	a := s.begin(r.Reference, methodSAML, "", r.ClientIP)
	if r.Popup != nil {
		a = s.begin(r.Reference, methodSAML, r.Popup.Origin, r.ClientIP)
	}
	started, err := s.startSAML(ctx, r, a)
	if err != nil {
		s.Records.KeepLazily(a.complete(oriel.CodeOf(err)))
	}
	return started, err
}

func (s *SignIn) startSAML(ctx context.Context, r SAMLStartRequest, a *attempt) (SAMLStarted, error) {
	if r.Trial == "" {
		if err := a.check("embedding", "on", "", s.embeddingOn(entranceOf(r.Popup))); err != nil {
			return SAMLStarted{}, err
		}
	}
	p, err := s.providerFor(r.Provider, r.Trial != "")
	a.record.Provider = p.Slug
	if err := a.check("provider", "a SAML provider that is on", p.Slug, err); err != nil {
		return SAMLStarted{}, err
	}
	if err := s.popupAllowed(p, r.Popup, a); err != nil {
		return SAMLStarted{}, err
	}
	var trial oriel.SAMLTrial
	if r.Trial != "" {
		if trial, err = s.trialOf(ctx, r.Trial, p.ID); err != nil {
			return SAMLStarted{}, err
		}
	}
	if ok, wait := s.starts.Allow(oriel.ClientNetwork(r.ClientIP)); !ok {
		return SAMLStarted{}, limited(wait, errors.New("too many sign-ins were begun"))
	}
	relay, err := s.secret()
	if err != nil {
		return SAMLStarted{}, err
	}
	if !isSecret(r.Binding) {
		if r.Binding, err = s.secret(); err != nil {
			return SAMLStarted{}, err
		}
	}
	now := s.Clock()
	asked := oriel.AuthnRequest{ID: s.SAML.NewID(), EntityID: p.EntityID(s.SiteURL), ACS: p.ACS(s.SiteURL), RelayState: relay, At: now}
	address, err := s.SAML.RequestURL(p, asked)
	if err != nil {
		return SAMLStarted{}, fmt.Errorf("ask the identity provider: %w", err)
	}
	waiting := oriel.SAMLRequest{
		Relay: sha256.Sum256([]byte(relay)), Provider: p.ID, ID: asked.ID, Browser: sha256.Sum256([]byte(r.Binding)),
		Foreign: r.Foreign, ReturnTo: r.ReturnTo, Popup: r.Popup, Trial: trial.ID, Expires: now.Add(SAMLRequestLife),
	}
	if err := s.write(ctx, func(tx Tx) error { return tx.KeepSAMLRequest(waiting) }); err != nil {
		return SAMLStarted{}, fmt.Errorf("begin a SAML sign-in: %w", err)
	}
	return SAMLStarted{URL: address, Binding: r.Binding}, nil
}

// DefaultSAML is the slug of the one SAML provider there is, for responses that
// come to the address for whichever it is (§3.3). Errors:
// auth_method_unavailable, provider_ambiguous.
func (s *SignIn) DefaultSAML() (string, error) {
	switch configured := s.Directory.ConfiguredProviders(oriel.MethodSAML); len(configured) {
	case 0:
		return "", &oriel.Error{Code: oriel.CodeAuthMethodUnavailable}
	case 1:
		return configured[0].Slug, nil
	}
	return "", &oriel.Error{Code: oriel.CodeProviderAmbiguous}
}

// SAMLMetadata are ours for a provider, also for one that is off: it is set up at
// the identity provider first. Error: provider_unknown.
func (s *SignIn) SAMLMetadata(slug string) ([]byte, error) {
	p, err := s.Directory.FindProvider(oriel.MethodSAML, slug)
	if err != nil && oriel.CodeOf(err) != oriel.CodeSSONotConfigured {
		return nil, err
	}
	return s.SAML.Metadata(p, s.SiteURL)
}

// popupAllowed holds the page that opened a popup to the list, at the start as
// at the end: at the end it gets a code.
func (s *SignIn) popupAllowed(p oriel.Provider, popup *oriel.Popup, a *attempt) error {
	if popup == nil {
		return nil
	}
	if !s.Directory.OriginAllowedFor(p, popup.Origin) {
		return a.check("origin", "an authorized origin", oriel.Quoted(popup.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	a.passed("origin", oriel.Quoted(popup.Origin))
	if popup.Here && callbackFor(p, popup.Origin) == "" {
		return oriel.E(oriel.CodeInvalidRequest, "The provider has no callback_url for this page's origin, by which the page could come back.")
	}
	return nil
}

func entranceOf(popup *oriel.Popup) Entrance {
	if popup != nil {
		return EntranceEmbed
	}
	return EntranceLanding
}

// secretLength is that of 256 bits in base64url.
const secretLength = 43

func (s *SignIn) secret() (string, error) {
	bits := make([]byte, 32)
	if _, err := io.ReadFull(s.Random, bits); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(bits), nil
}

func isSecret(text string) bool {
	_, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(text) == secretLength
}
