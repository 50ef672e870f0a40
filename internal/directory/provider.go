package directory

import (
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// FindProvider finds the provider of the method with the slug. Errors:
// provider_unknown; sso_not_configured when it is off, or has no key or sign-in
// URI.
func (d *Directory) FindProvider(method oriel.Method, slug string) (oriel.Provider, error) {
	for _, p := range d.options.Declared().Providers {
		if p.Slug != slug || p.MethodName() != method {
			continue
		}
		if !p.Configured() {
			return p, &oriel.Error{Code: oriel.CodeSSONotConfigured}
		}
		return p, nil
	}
	return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderUnknown}
}

// ProviderSlug is the slug of the provider with the id; empty when it is gone.
func (d *Directory) ProviderSlug(id string) string {
	for _, p := range d.options.Declared().Providers {
		if p.ID == id {
			return p.Slug
		}
	}
	return ""
}

// ProviderID is the id of the provider with the slug; empty without one.
func (d *Directory) ProviderID(slug string) string {
	for _, p := range d.options.Declared().Providers {
		if p.Slug == slug {
			return p.ID
		}
	}
	return ""
}

// ConfiguredProviders are those of the method that can sign somebody in, by slug.
func (d *Directory) ConfiguredProviders(method oriel.Method) []oriel.Provider {
	return keep(d.options.Declared().Providers, func(p oriel.Provider) bool {
		return p.MethodName() == method && p.Configured()
	})
}

// ChooseProvider finds the provider that a token is for, by what the token
// says of itself before it is verified: its kid, then its issuer, then the one
// compat provider (§3.1). Where only one is configured there is nothing to
// choose. Errors: sso_not_configured when none is, or the token names one that
// is not; provider_ambiguous.
func (d *Directory) ChooseProvider(kid, issuer string) (oriel.Provider, error) {
	configured := d.ConfiguredProviders(oriel.MethodJWT)
	if len(configured) == 0 {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeSSONotConfigured}
	}
	if p, decided, err := decide(configured, kid, issuer); decided {
		return p, err
	}
	// A token for a provider that is off must not be tried against another.
	all := keep(d.options.Declared().Providers, func(p oriel.Provider) bool { return !p.IsSAML() })
	if _, decided, _ := decide(all, kid, issuer); decided {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeSSONotConfigured}
	}
	if len(configured) == 1 {
		return configured[0], nil
	}
	compat := slices.DeleteFunc(configured, func(p oriel.Provider) bool { return p.Profile != oriel.ProfileCompat })
	if len(compat) == 1 {
		return compat[0], nil
	}
	return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderAmbiguous}
}

// decide narrows the providers by kid, and what is left by issuer. Undecided:
// neither names any of them.
func decide(providers []oriel.Provider, kid, issuer string) (p oriel.Provider, decided bool, err error) {
	named := keep(providers, func(p oriel.Provider) bool {
		return kid != "" && slices.ContainsFunc(p.Keys, func(k oriel.ProviderKey) bool { return k.ID == kid })
	})
	if len(named) != 1 {
		among := named
		if len(among) == 0 {
			among = providers
		}
		byIssuer := keep(among, func(p oriel.Provider) bool { return issuer != "" && p.Issuer == issuer })
		if len(byIssuer) > 0 {
			named = byIssuer
		}
	}
	switch len(named) {
	case 0:
		return oriel.Provider{}, false, nil
	case 1:
		return named[0], true, nil
	}
	return oriel.Provider{}, true, &oriel.Error{Code: oriel.CodeProviderAmbiguous}
}

func keep(providers []oriel.Provider, is func(oriel.Provider) bool) []oriel.Provider {
	var kept []oriel.Provider
	for _, p := range providers {
		if is(p) {
			kept = append(kept, p)
		}
	}
	return kept
}
