package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// RemoveOrigin is not here yet.
func (a *API) RemoveOrigin(w http.ResponseWriter, r *http.Request, _ RemoveOriginParams) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// ListOrigins is not here yet.
func (a *API) ListOrigins(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// AddOrigin is not here yet.
func (a *API) AddOrigin(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// ListProviders is not here yet.
func (a *API) ListProviders(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// CreateProvider is not here yet.
func (a *API) CreateProvider(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// DeleteProvider is not here yet.
func (a *API) DeleteProvider(w http.ResponseWriter, r *http.Request, _ ID) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// GetProvider is not here yet.
func (a *API) GetProvider(w http.ResponseWriter, r *http.Request, _ ID) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// UpdateProvider is not here yet.
func (a *API) UpdateProvider(w http.ResponseWriter, r *http.Request, _ ID) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// ListProviderKeys is not here yet.
func (a *API) ListProviderKeys(w http.ResponseWriter, r *http.Request, _ ID) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// CreateProviderKey is not here yet.
func (a *API) CreateProviderKey(w http.ResponseWriter, r *http.Request, _ ID) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// DeleteProviderKey is not here yet.
func (a *API) DeleteProviderKey(w http.ResponseWriter, r *http.Request, _ ID, _ Kid) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// RetireProviderKey is not here yet.
func (a *API) RetireProviderKey(w http.ResponseWriter, r *http.Request, _ ID, _ Kid) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// ListSignIns is not here yet.
func (a *API) ListSignIns(w http.ResponseWriter, r *http.Request, _ ListSignInsParams) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}
