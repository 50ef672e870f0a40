package signin

import (
	"context"
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// stateKept is how long a state that was used is remembered: far longer than a
// browser keeps the other half of it.
const stateKept = time.Hour

// Browser is what a landing brings beside the token.
type Browser struct {
	// State is the state that this very browser began with; zero: it brought
	// none, or another browser's.
	State State
	// Framed tells that the answer is a page in a frame that another site's
	// page may hold; FramedBy is the origin of the page that sent it here, empty
	// when the browser does not say.
	Framed   bool
	FramedBy string
	// Live is who is signed in in this browser now; zero: nobody.
	Live Live
	// ReturnTo is where the browser goes afterwards. It is only kept.
	ReturnTo string
}

// State is what binds a landing to the browser and the provider of its start.
type State struct {
	Provider string // slug
	OneUse   [32]byte
	// Foreign tells that another site's page had the browser start. It may have
	// been the person who followed a link, or nobody.
	Foreign bool
}

// Live is a session that a browser has.
type Live struct {
	Session string // id
	User    oriel.UserID
}

// Started is where a browser is sent to sign in.
type Started struct {
	Provider string // slug
	// SignInURI is the host's endpoint; of a SAML provider our own, which asks it.
	SignInURI string
	SAML      bool
	// Binding tells that the landing will need a state.
	Binding bool
}

// Start sends a browser to a provider (§3.2). Only a refusal leaves a record.
// Errors: embedding_disabled, those of [SignIn.Discover], origin_not_allowed in
// a frame on a page that is not authorized.
func (s *SignIn) Start(_ context.Context, r DiscoverRequest, b Browser) (Started, error) {
	a := s.begin(r.Reference, methodJWT, r.Origin, r.ClientIP)
	p, err := s.start(r, b, a)
	if err != nil {
		s.Records.KeepLazily(a.complete(oriel.CodeOf(err)))
		return Started{}, err
	}
	if p.IsSAML() {
		return Started{Provider: p.Slug, SAML: true, SignInURI: s.SiteURL + p.SAMLPath() + "/start"}, nil
	}
	return Started{Provider: p.Slug, SignInURI: p.SignInURI, Binding: p.Profile != oriel.ProfileCompat}, nil
}

func (s *SignIn) start(r DiscoverRequest, b Browser, a *attempt) (oriel.Provider, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn(EntranceLanding)); err != nil {
		return oriel.Provider{}, err
	}
	p, err := s.offered(r)
	a.record.Provider = p.Slug
	if err := a.check("provider", "one that is on", p.Slug, err); err != nil {
		return p, err
	}
	// A state would make the landing good that a foreign page's frame leads to.
	framed := Request{Entrance: EntranceLanding, Browser: Browser{Framed: b.Framed, FramedBy: b.FramedBy}}
	allowed := func(origin string) bool { return s.Directory.OriginAllowedFor(p, origin) }
	return p, EntranceLanding.passOrigin(framed, allowed, a)
}

// passState holds a landing of a strict provider to the start that it needs:
// in this browser, for this provider. Whoever plants another's token has none.
func (s *SignIn) passState(r Request, p oriel.Provider, a *attempt) error {
	if r.Entrance != EntranceLanding || p.Profile == oriel.ProfileCompat {
		return nil
	}
	var err error
	if r.Browser.State == (State{}) {
		err = &oriel.Error{Code: oriel.CodeCrossSiteRequest, Err: errors.New("it did not begin in this browser")}
	}
	return a.check("state", "that of a start in this browser", "", err)
}

// errOther ends a landing that would replace somebody's session by another's.
var errOther = errors.New("the browser is signed in as somebody else")

// ownStart tells whether the state shows that the person began it here.
func (s State) ownStart() bool { return s != (State{}) && !s.Foreign }

// unasked tells whether a landing replaces the session of another person, whom
// nobody asked. A state says that the person began it, unless another site's
// page can have done so: then a host may bring a session of its own to everybody's
// browser, and what they do there is done in its sight.
func (in *arrival) unasked(user oriel.UserID) bool {
	live := in.request.Browser.Live.User
	return live != "" && live != user && !in.request.Browser.State.ownStart()
}

// spendState uses the state up that the landing came with.
func (s *SignIn) spendState(tx Tx, state State, a *attempt) error {
	if state == (State{}) {
		return nil
	}
	if err := tx.SpendToken(state.OneUse, s.Clock().Add(stateKept)); err != nil {
		return a.check("state", "one that was not used before", "", stateUsed(err))
	}
	return nil
}

func stateUsed(err error) error {
	if oriel.CodeOf(err) == oriel.CodeTokenReplayed {
		return &oriel.Error{Code: oriel.CodeCrossSiteRequest, Err: errors.New("its state was used before")}
	}
	return err
}
