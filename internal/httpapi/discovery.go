package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// discoveryVary names the headers on which GET /auth/sso depends (§3.2).
const discoveryVary = "X-Oriel-Client, X-Metabase-Client, Sec-Fetch-Mode, Accept"

// StartSignIn answers GET /auth/sso. Discovery is what this release does here;
// interactive embedding is off, so a browser that lands here with a token or
// starts here is refused before anything is looked at or spent.
func (a *API) StartSignIn(w http.ResponseWriter, r *http.Request, _ StartSignInParams) {
	if err := a.startSignIn(w, r); err != nil {
		a.fail(w, r, err)
	}
}

func (a *API) startSignIn(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", discoveryVary)
	query, err := parseQuery(r, anyName)
	if err != nil {
		return err
	}
	if client, found := query["client"]; found && client[0] != "sdk" {
		return fieldError("client", "The client is sdk.")
	}
	if query.Has("return_to") && query.Has("redirect") {
		return fieldError("redirect", "This is another name of return_to; keep one of them.")
	}
	byQuery := query.Has("client")
	byHeader := len(r.Header.Values("X-Oriel-Client")) > 0 || len(r.Header.Values("X-Metabase-Client")) > 0
	switch {
	case !byQuery && !byHeader:
		return oriel.E(oriel.CodeEmbeddingDisabled, "Interactive embedding is off on this site.")
	case query.Has("jwt"):
		return fieldError("jwt", "Exchange a host token with POST /api/v1/session.")
	}
	origin, err := originOf(r)
	if err != nil {
		return err
	}
	found, err := a.signIn.Discover(r.Context(), signin.DiscoverRequest{
		Provider: query.Get("provider"), PreferredMethod: query.Get("preferred_method"),
		Reference: traceOf(r.Context()).reference, Origin: origin, ClientIP: a.clientIP(r),
	})
	if err != nil {
		return err
	}
	// The one answer here that may be kept; the header form needs a preflight
	// anyway, and a shared cache could mix it up with a navigation.
	if byQuery && !byHeader {
		w.Header().Set("Cache-Control", "private, max-age=300")
	}
	a.answer(w, r, Discovery{Method: DiscoveryMethod(found.Method), URL: found.URL})
	return nil
}
