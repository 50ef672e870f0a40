package signin

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// Request is one attempt to exchange a host token for a session.
type Request struct {
	Entrance  Entrance
	Token     string
	Provider  string // slug; empty: the token decides
	Origin    string // the Origin header; empty when there was none
	Browser   Browser
	ClientIP  string
	Reference string // names the attempt, "XK7-4QF"
	again     bool   // the token comes back from a question
	trial     bool   // nothing of it is kept
}

// Accepted is a person who was let in.
type Accepted struct {
	Session session.Issued
	User    oriel.User
	Made    bool // the user is new
	// RenewableUntil is until when the page renews the session with itself; zero: it
	// brings something new.
	RenewableUntil time.Time
}

// Exchange turns a host token into a session, of the kind that the entrance
// leads to. Every attempt leaves one record; a refused one nothing else.
//
// Errors, in the order of the gates: embedding_disabled, sso_not_configured,
// provider_unknown, origin_not_allowed, provider_ambiguous,
// auth_method_unavailable, cross_site_request, those of the verifier,
// rate_limited, token_replayed, token_too_old, tenant_…, user_not_provisioned,
// account_not_linkable, user_deactivated, store_unavailable.
func (s *SignIn) Exchange(ctx context.Context, r Request) (Accepted, error) {
	a := s.begin(r.Reference, methodJWT, r.Origin, r.ClientIP)
	accepted, err := s.exchange(ctx, r, a)
	if err == nil {
		return accepted, nil
	}
	// Whoever is asked was neither let in nor refused.
	if errors.Is(err, errOther) {
		return accepted, err
	}
	return Accepted{}, s.refused(ctx, a, err)
}

func (s *SignIn) exchange(ctx context.Context, r Request, a *attempt) (Accepted, error) {
	p, err := s.passGates(&r, a)
	if err != nil {
		return Accepted{}, err
	}
	identity, evidence, err := s.Verifier.Verify(ctx, r.Token, p, s.Clock())
	a.observed(evidence)
	if err != nil {
		return Accepted{}, err
	}
	if !r.again {
		a.counted = true
		if err := s.limits.allow(p, identity.OneUse, r.ClientIP); err != nil {
			return Accepted{}, err
		}
	}
	a.record.Dropped = identity.Dropped
	return s.arrive(ctx, r, p, identity, a, func(tx Tx) (oriel.ProviderKey, error) {
		key, err := s.spend(tx, p, identity.KeySerial, identity.OneUse, identity.SpentUntil)
		if err := a.check("replay", "a token that was not used before", "", err); err != nil {
			return key, err
		}
		return key, s.spendState(tx, r.Browser.State, a)
	})
}

// passGates finds the provider, before anything of the token is believed and
// before anything is written. A state that is another provider's is none.
func (s *SignIn) passGates(r *Request, a *attempt) (oriel.Provider, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn(r.Entrance)); err != nil {
		return oriel.Provider{}, err
	}
	p, err := s.choose(r.Token, r.Provider, a, func() error { return r.Entrance.passOrigin(*r, s.Directory.OriginAllowed, a) })
	if err != nil {
		return p, err
	}
	if r.Browser.State.Provider != p.Slug {
		r.Browser.State = State{}
	}
	if err := a.check("provider", "one that has this way in", p.Slug, r.Entrance.passProvider(p)); err != nil {
		return p, err
	}
	allowed := func(origin string) bool { return s.Directory.OriginAllowedFor(p, origin) }
	if err := r.Entrance.passOrigin(*r, allowed, a); err != nil {
		return p, err
	}
	if r.Origin != "" || r.Entrance == EntranceEmbed {
		a.passed("origin", oriel.Quoted(r.Origin))
	}
	return p, s.passState(*r, p, a)
}

// choose finds the provider of a token: the one that was named, or the one that
// the token names. The instance's own gates come before the token is looked at,
// and so does the origin: a foreign page learns nothing of the token.
func (s *SignIn) choose(token, slug string, a *attempt, passOrigin func() error) (p oriel.Provider, err error) {
	if slug != "" {
		p, err = s.Directory.FindProvider(oriel.MethodJWT, slug)
		a.record.Provider = p.Slug
	} else if len(s.Directory.ConfiguredProviders(oriel.MethodJWT)) == 0 {
		err = &oriel.Error{Code: oriel.CodeSSONotConfigured}
	}
	if err != nil {
		return p, a.check("provider", "on, with a key and a sign-in URI", "", err)
	}
	if err := passOrigin(); err != nil || slug != "" {
		return p, err
	}
	kid, issuer, err := s.Verifier.Hints(token)
	if err != nil {
		return p, a.check("format", "a signed JSON Web Token", "", err)
	}
	if p, err = s.Directory.ChooseProvider(kid, issuer); err != nil {
		return p, a.check("provider", "one that the token names", "", err)
	}
	a.record.Provider = p.Slug
	return p, nil
}

// embeddingOn tells whether anybody is let in here at all, and browsers that
// are sent here in particular.
func (s *SignIn) embeddingOn(e Entrance) error {
	if !s.EmbeddingOn || e == EntranceLanding && !s.InteractiveOn {
		return &oriel.Error{Code: oriel.CodeEmbeddingDisabled}
	}
	return nil
}

// keyOf finds the key that vouched for an identity.
func keyOf(p oriel.Provider, serial int64) (oriel.ProviderKey, bool) {
	i := slices.IndexFunc(p.Keys, func(k oriel.ProviderKey) bool { return k.Serial == serial })
	if i < 0 {
		return oriel.ProviderKey{}, false
	}
	return p.Keys[i], true
}
