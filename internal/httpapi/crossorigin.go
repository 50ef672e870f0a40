package httpapi

import (
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// newProtection is the standard library's guard against cross-site forgery. It
// compares Origin with the Host header, which a proxy may have changed, so the
// site's own origin is named to it.
func newProtection(siteURL string) *http.CrossOriginProtection {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(siteURL); err != nil {
		return http.NewCrossOriginProtection() // it trusts less
	}
	return protection
}

// requireOwnPage refuses a request that carries a cookie when another site's
// page may have had the browser make it (contract §4): cookies go along by
// themselves, whoever asks. Error: cross_site_request.
func (a *API) requireOwnPage(r *http.Request) error {
	crossSite := &oriel.Error{Code: oriel.CodeCrossSiteRequest}
	origin, err := originOf(r)
	if err != nil {
		return err
	}
	site := r.Header.Get("Sec-Fetch-Site")
	// A form of a page that sends no referrer has the Origin null, as a sandbox
	// has; only the browser's own word tells them apart.
	if origin != "" && origin != a.siteURL && (origin != "null" || site != "same-origin") {
		return crossSite
	}
	if a.protection.Check(r) != nil {
		return crossSite
	}
	if isSafe(r.Method) && site != "same-origin" && site != "none" && !navigates(r) {
		return crossSite
	}
	return nil
}

// guardChanges holds every request that may change something and carries the
// session cookie to [API.requireOwnPage], whichever handler it is for. With a
// token in a header the cookie is not looked at, and no page of another site
// can send one unasked.
func (a *API) guardChanges(r *http.Request) error {
	if isSafe(r.Method) || isSAMLForm(r) || len(r.CookiesNamed(a.cookieName(r, sessionCookie))) == 0 || len(headerTokens(r)) > 0 {
		return nil
	}
	return a.requireOwnPage(r)
}

// isSAMLForm tells whether an identity provider may have had the browser post it.
// Such a request never acts on a cookie alone: see [API.takeSAMLResponse].
func isSAMLForm(r *http.Request) bool {
	own, found := strings.CutPrefix(r.URL.Path, "/auth/saml/")
	return found && (strings.HasSuffix(own, "/acs") || strings.HasSuffix(own, "/logout")) || r.URL.Path == "/auth/sso" && isForm(r)
}

// isSafe tells whether a method changes nothing (RFC 9110 §9.2.1).
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
