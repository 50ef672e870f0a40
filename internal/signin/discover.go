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
// backend's endpoint, which answers with a host token; for saml our own, to which
// a popup goes.
type Discovery struct {
	Method oriel.Method
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
	if p.IsSAML() {
		return Discovery{Method: oriel.MethodSAML, URL: s.SiteURL + p.SAMLPath() + "/start"}, nil
	}
	return Discovery{Method: oriel.MethodJWT, URL: p.SignInURI}, nil
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

// methods are those by which somebody can sign in, in the order in which they are
// offered when none is preferred (§3.2).
var methods = [...]oriel.Method{oriel.MethodSAML, oriel.MethodJWT}

// offered is the provider to send somebody to.
func (s *SignIn) offered(r DiscoverRequest) (oriel.Provider, error) {
	wanted := methods[:]
	if r.PreferredMethod != "" {
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(m oriel.Method) bool { return string(m) != r.PreferredMethod })
	}
	err := error(&oriel.Error{Code: oriel.CodeSSONotConfigured})
	if r.PreferredMethod != "" {
		err = &oriel.Error{Code: oriel.CodeAuthMethodUnavailable}
	}
	for _, method := range wanted {
		configured := s.Directory.ConfiguredProviders(method)
		switch {
		case len(configured) == 0:
			continue
		case r.Provider == "" && len(configured) == 1:
			return configured[0], nil
		case r.Provider == "":
			return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderAmbiguous}
		}
		var p oriel.Provider
		if p, err = s.Directory.FindProvider(method, r.Provider); oriel.CodeOf(err) != oriel.CodeProviderUnknown {
			return p, err
		}
	}
	return s.notOffered(r, wanted, err)
}

// notOffered tells a provider that is off from one that is not there.
func (s *SignIn) notOffered(r DiscoverRequest, wanted []oriel.Method, err error) (oriel.Provider, error) {
	if r.Provider == "" || oriel.CodeOf(err) == oriel.CodeAuthMethodUnavailable {
		return oriel.Provider{}, err
	}
	for _, method := range wanted {
		if p, found := s.Directory.FindProvider(method, r.Provider); oriel.CodeOf(found) == oriel.CodeSSONotConfigured {
			return p, found
		}
	}
	return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderUnknown}
}
