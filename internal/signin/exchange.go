package signin

import (
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// Request is one attempt to exchange a host token for a session.
type Request struct {
	Token     string
	Provider  string // slug; empty: the token decides
	Origin    string // the Origin header; empty when there was none
	ClientIP  string
	Reference string // names the attempt, "XK7-4QF"
}

// Accepted is a person who was let in.
type Accepted struct {
	Session session.Issued
	User    oriel.User
}

// Exchange turns a host token into an embed session that is bound to the
// request's Origin. Every attempt leaves one record; a refused one nothing else.
//
// Errors, in the order of the gates: embedding_disabled, sso_not_configured,
// provider_unknown, origin_not_allowed, provider_ambiguous, those of the
// verifier, token_replayed, token_too_old, tenant_…, user_not_provisioned,
// account_not_linkable, user_deactivated, store_unavailable.
func (s *SignIn) Exchange(ctx context.Context, r Request) (Accepted, error) {
	a := s.begin(r.Reference, r.Origin, r.ClientIP)
	accepted, err := s.exchange(ctx, r, a)
	if err != nil {
		s.refused(ctx, a, err)
		return Accepted{}, err
	}
	return accepted, nil
}

func (s *SignIn) exchange(ctx context.Context, r Request, a *attempt) (Accepted, error) {
	p, err := s.passGates(r, a)
	if err != nil {
		return Accepted{}, err
	}
	now := s.Clock()
	identity, evidence, err := s.Verifier.Verify(ctx, r.Token, p, now)
	a.record.Checks = append(a.record.Checks, evidence.Checks...)
	a.record.ClockSkew = evidence.ClockSkew
	if err != nil {
		return Accepted{}, err
	}
	a.record.Dropped = identity.Dropped
	return s.arrive(ctx, r, p, identity, a)
}

// passGates finds the provider, before anything of the token is believed and
// before anything is written.
func (s *SignIn) passGates(r Request, a *attempt) (oriel.Provider, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn()); err != nil {
		return oriel.Provider{}, err
	}
	// The instance's own gates come before the token is looked at.
	var p oriel.Provider
	var err error
	if r.Provider != "" {
		p, err = s.Directory.FindProvider(r.Provider)
		a.record.Provider = p.Slug
	} else if len(s.Directory.ConfiguredProviders()) == 0 {
		err = &oriel.Error{Code: oriel.CodeSSONotConfigured}
	}
	if err != nil {
		return p, a.check("provider", "on, with a key and a sign-in URI", "", err)
	}
	if !s.Directory.OriginAllowed(r.Origin) {
		return p, a.check("origin", "an authorized origin", oriel.Quoted(r.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	if r.Provider == "" {
		kid, issuer, err := s.Verifier.Hints(r.Token)
		if err != nil {
			return p, a.check("format", "a signed JSON Web Token", "", err)
		}
		if p, err = s.Directory.ChooseProvider(kid, issuer); err != nil {
			return p, a.check("provider", "one that the token names", "", err)
		}
		a.record.Provider = p.Slug
	}
	a.passed("provider", p.Slug)
	if !s.Directory.OriginAllowedFor(p, r.Origin) {
		return p, a.check("origin", "one of the provider's origins", oriel.Quoted(r.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	a.passed("origin", oriel.Quoted(r.Origin))
	return p, nil
}

func (s *SignIn) embeddingOn() error {
	if !s.EmbeddingOn {
		return &oriel.Error{Code: oriel.CodeEmbeddingDisabled}
	}
	return nil
}

// keyOf finds the key that vouched for an identity.
func keyOf(p oriel.Provider, identity oriel.Identity) (oriel.ProviderKey, bool) {
	i := slices.IndexFunc(p.Keys, func(k oriel.ProviderKey) bool { return k.Serial == identity.KeySerial })
	if i < 0 {
		return oriel.ProviderKey{}, false
	}
	return p.Keys[i], true
}
