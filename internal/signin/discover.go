package signin

import (
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// DiscoverRequest asks how to sign in.
type DiscoverRequest struct {
	Provider        string // slug; empty: the one there is
	PreferredMethod string // empty: none
	Reference       string
	Origin          string // empty when there was none
	ClientIP        string
}

// Discovery says how to sign in, and where: for jwt the URL is the host
// backend's endpoint, which answers with a host token.
type Discovery struct {
	Method string
	URL    string
}

// Discover answers an SDK (§3.2). Only a refusal leaves a record. Errors:
// embedding_disabled, auth_method_unavailable, origin_not_allowed,
// provider_unknown, sso_not_configured, provider_ambiguous.
func (s *SignIn) Discover(_ context.Context, r DiscoverRequest) (Discovery, error) {
	a := s.begin(r.Reference, methodJWT, r.Origin, r.ClientIP)
	p, err := s.discover(r, a)
	if err != nil {
		s.Records.KeepLazily(a.complete(oriel.CodeOf(err)))
		return Discovery{}, err
	}
	return Discovery{Method: methodJWT, URL: p.SignInURI}, nil
}

func (s *SignIn) discover(r DiscoverRequest, a *attempt) (oriel.Provider, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn(EntranceEmbed)); err != nil {
		return oriel.Provider{}, err
	}
	p, err := s.offered(r)
	a.record.Provider = p.Slug
	if err := a.check("provider", "one that is on", p.Slug, err); err != nil {
		return p, err
	}
	// A page that is not authorized gets no data, and may read why. A request
	// without Origin is no page's.
	if r.Origin != "" && !s.Directory.OriginAllowedFor(p, r.Origin) {
		return p, a.check("origin", "an authorized origin", oriel.Quoted(r.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	return p, nil
}

// methods are those by which somebody can sign in now, in the order in which
// they are offered when none is preferred: SAML would come before JWT (§3.2).
func (s *SignIn) methods() []string {
	if len(s.Directory.ConfiguredProviders()) == 0 {
		return nil
	}
	return []string{methodJWT}
}

// offered is the provider to send somebody to.
func (s *SignIn) offered(r DiscoverRequest) (oriel.Provider, error) {
	if r.PreferredMethod != "" && !slices.Contains(s.methods(), r.PreferredMethod) {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeAuthMethodUnavailable}
	}
	configured := s.Directory.ConfiguredProviders()
	switch {
	case r.Provider != "":
		return s.Directory.FindProvider(r.Provider)
	case len(configured) == 0:
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeSSONotConfigured}
	case len(configured) > 1:
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderAmbiguous}
	}
	return configured[0], nil
}
