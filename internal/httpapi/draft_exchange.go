package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ExchangeSignIn is not here yet.
func (a *API) ExchangeSignIn(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// ContinueSignIn is not here yet.
func (a *API) ContinueSignIn(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// CreateBackendSession is not here yet.
func (a *API) CreateBackendSession(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}

// RevokeHostSessions is not here yet.
func (a *API) RevokeHostSessions(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
}
