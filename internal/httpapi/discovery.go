package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/signin"
)

// discover tells an SDK how to sign in, and where (§3.2).
func (a *API) discover(w http.ResponseWriter, r *http.Request, query ssoQuery) error {
	request, err := a.discoverRequest(r, query)
	if err != nil {
		return err
	}
	found, err := a.signIn.Discover(r.Context(), request)
	if err != nil {
		return err
	}
	// The one answer here that may be kept; the header form needs a preflight
	// anyway, and a shared cache could mix it up with a navigation.
	if query.client && !sentByClient(r) {
		w.Header().Set("Cache-Control", "private, max-age=300")
	}
	a.answer(w, r, Discovery{Method: DiscoveryMethod(found.Method), URL: found.URL})
	return nil
}

func (a *API) discoverRequest(r *http.Request, query ssoQuery) (signin.DiscoverRequest, error) {
	origin, err := originOf(r)
	return signin.DiscoverRequest{
		Provider: query.provider, PreferredMethod: query.preferred,
		Reference: traceOf(r.Context()).reference, Origin: origin, ClientIP: a.clientIP(r),
	}, err
}
