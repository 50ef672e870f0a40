package httpapi

import (
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ssoVary names the headers on which GET /auth/sso depends (§3.2), beside Origin.
const ssoVary = "X-Oriel-Client, X-Metabase-Client, Sec-Fetch-Mode, Accept"

// ssoQuery is what stands in the query of GET /auth/sso.
type ssoQuery struct {
	client                     bool // client=sdk
	hasToken                   bool
	token, provider, preferred string
	state                      string
	returnTo                   ReturnTo
	backend                    bool // token=true
}

// StartSignIn answers GET /auth/sso, which five kinds of callers ask for five
// different things.
func (a *API) StartSignIn(w http.ResponseWriter, r *http.Request, _ StartSignInParams) {
	w.Header().Add("Vary", ssoVary)
	query, err := a.parseSSOQuery(r)
	if err == nil {
		err = a.startSignIn(w, r, query)
	}
	if err != nil {
		a.fail(w, r, err)
	}
}

// startSignIn tells the callers apart: what a request says of itself comes
// before what it may be taken for.
func (a *API) startSignIn(w http.ResponseWriter, r *http.Request, query ssoQuery) error {
	client := query.client || sentByClient(r)
	switch {
	case !query.hasToken && client:
		return a.discover(w, r, query)
	case !query.hasToken:
		return a.startBrowser(w, r, query)
	case r.Method != http.MethodGet || isAhead(r):
		// Whoever looks ahead signs nobody in, and leaves the token for who comes.
		return oriel.E(oriel.CodeInvalidRequest, "A host token is taken when this address is opened, and not before.")
	case client:
		return a.exchangeAsClient(w, r, query.token, query.provider)
	case isNavigation(r):
		return a.land(w, r, query)
	case query.backend && !isSubresource(r):
		return a.exchangeAsBackend(w, r, query)
	}
	return oriel.E(oriel.CodeInvalidRequest, "A host token is taken here from a browser that opens this address, "+
		"from a page that sends X-Oriel-Client, or from a host's server that adds token=true.")
}

func (a *API) parseSSOQuery(r *http.Request) (ssoQuery, error) {
	query, err := parseQuery(r, anyName)
	if err != nil {
		return ssoQuery{}, err
	}
	out := ssoQuery{
		client: query.Has("client"), hasToken: query.Has("jwt"), token: query.Get("jwt"), provider: query.Get("provider"),
		preferred: query.Get("preferred_method"), state: query.Get("state"), backend: query.Get("token") == "true",
	}
	switch {
	case out.client && query.Get("client") != "sdk":
		return out, fieldError("client", "The client is sdk.")
	case out.hasToken && strings.TrimSpace(out.token) == "":
		return out, fieldError("jwt", "This is the host's token; it must not be empty.")
	case out.hasToken && out.preferred != "" && out.preferred != string(DiscoveryMethodJwt):
		// A token is a JWT; whoever prefers another method did not mean it.
		return out, &oriel.Error{Code: oriel.CodeAuthMethodUnavailable}
	case query.Has("return_to") && query.Has("redirect"):
		return out, fieldError("redirect", "This is another name of return_to; keep one of them.")
	}
	target := query.Get("return_to")
	if query.Has("redirect") {
		target = query.Get("redirect")
	}
	out.returnTo, err = ParseReturnTo(target, a.siteURL)
	return out, err
}

// sentByClient tells whether an SDK names itself in a header.
func sentByClient(r *http.Request) bool {
	return len(r.Header.Values("X-Oriel-Client")) > 0 || len(r.Header.Values("X-Metabase-Client")) > 0
}

// isSubresource tells whether a browser loads something for a page that cannot
// read it, as an image. Servers do not say where they come from, and scripts of
// other sites send an Origin.
func isSubresource(r *http.Request) bool {
	return len(r.Header.Values("Sec-Fetch-Site")) > 0 && len(r.Header.Values("Origin")) == 0
}
