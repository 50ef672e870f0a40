package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListProviders answers GET /api/v1/providers.
func (a *API) ListProviders(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		providers, err := a.administration.Providers(r.Context(), p)
		if err != nil {
			return err
		}
		list := ProviderList{Items: make([]Provider, 0, len(providers))}
		for _, one := range providers {
			list.Items = append(list.Items, wireProvider(one))
		}
		a.answer(w, r, list)
		return nil
	})
}

// GetProvider answers GET /api/v1/providers/{id}; the id is the slug.
func (a *API) GetProvider(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		one, err := a.administration.Provider(r.Context(), p, id)
		if err != nil {
			return err
		}
		a.answer(w, r, wireProvider(one))
		return nil
	})
}

// CreateProvider answers POST /api/v1/providers.
func (a *API) CreateProvider(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		slug, settings, err := parseSettings(w, r, maxProviderBody, "slug")
		if err != nil {
			return err
		}
		if slug == "" {
			return fieldError("slug", "This is the provider's name in addresses; it must not be empty.")
		}
		one, err := a.administration.CreateProvider(r.Context(), p, slug, settings)
		if err != nil {
			return err
		}
		a.created(w, r, wireProvider(one))
		return nil
	})
}

// UpdateProvider answers PUT /api/v1/providers/{id}: all settings anew.
func (a *API) UpdateProvider(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		slug, settings, err := parseSettings(w, r, maxProviderBody, "slug")
		if err != nil {
			return err
		}
		if slug != "" && slug != id {
			return fieldError("slug", "A provider's slug does not change: leave it out, or write that of the address.")
		}
		one, err := a.administration.UpdateProvider(r.Context(), p, id, settings)
		if err != nil {
			return err
		}
		a.answer(w, r, wireProvider(one))
		return nil
	})
}

// DeleteProvider answers DELETE /api/v1/providers/{id}.
func (a *API) DeleteProvider(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		if err := a.administration.DeleteProvider(r.Context(), p, id); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func wireProvider(one directory.ProviderAsSet) Provider {
	return Provider{ID: one.ID, Slug: one.Slug, State: ProviderState(one.State), Settings: one.Settings, Keys: wireKeys(one.Keys)}
}
