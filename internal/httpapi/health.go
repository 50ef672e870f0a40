package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// GetHealth answers GET /healthz: the process is alive.
func (a *API) GetHealth(w http.ResponseWriter, r *http.Request) {
	a.answer(w, r, Health{Status: HealthStatusOk})
}

// GetReadiness answers GET /readyz: the server can serve.
func (a *API) GetReadiness(w http.ResponseWriter, r *http.Request) {
	if err := a.ready(r.Context()); err != nil {
		a.fail(w, r, &oriel.Error{Code: oriel.CodeStoreUnavailable, Err: err})
		return
	}
	a.answer(w, r, Health{Status: HealthStatusOk})
}
