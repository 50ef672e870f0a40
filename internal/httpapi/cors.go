package httpapi

import (
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// audience says which pages may read the answers of a path (contract §6).
type audience int

const (
	// nobody: health checks and administration. No page of another origin reads
	// them, also none that may embed: an administrator's browser is not to be
	// made to tell a host's page anything.
	nobody audience = iota
	// anyFailure: the sign-in endpoints. A host developer whose origin is not on
	// the list yet must be able to read why, so failures, which carry no data,
	// are readable everywhere; successes by the allowed origin alone.
	anyFailure
	// allowedOrigins: content, and a user's own sessions.
	allowedOrigins
)

// audienceOf names what pages may read; whatever it does not name none may.
func audienceOf(path string) audience {
	switch path {
	case "/api/v1/session", "/api/v1/host-sessions/revoke":
		return anyFailure
	case "/api/v1/sessions", "/api/v1/questions", "/api/v1/dashboards", "/api/v1/models", "/api/v1/viewable-collections":
		return allowedOrigins
	}
	switch {
	case strings.HasPrefix(path, "/auth/"):
		return anyFailure
	case strings.HasPrefix(path, "/api/v1/sessions/"), strings.HasPrefix(path, "/api/v1/questions/"), strings.HasPrefix(path, "/api/v1/dashboards/"), strings.HasPrefix(path, "/api/v1/models/"):
		return allowedOrigins
	}
	return nobody
}

const (
	corsMethods = "GET, POST, DELETE"
	corsHeaders = "Authorization, Content-Type, X-Oriel-Session, X-Metabase-Session, X-API-Key, X-Oriel-Client, X-Metabase-Client"
	corsExposed = "Retry-After, X-Request-Id, Content-Disposition, X-Oriel-Row-Limit"
	corsMaxAge  = "7200"
)

// originOf is the request's Origin, empty when it has none. Two are one too
// many: which of them the browser vouched for cannot be told.
func originOf(r *http.Request) (string, error) {
	sent := r.Header.Values("Origin")
	switch len(sent) {
	case 0:
		return "", nil
	case 1:
		return sent[0], nil
	}
	return "", oriel.E(oriel.CodeInvalidRequest, "The request has more than one Origin header.")
}

// share sets what lets a page read the answer, for paths whose failures and
// successes are readable alike. It returns the request's own fault, if any.
func (a *API) share(h http.Header, r *http.Request) error {
	who := audienceOf(r.URL.Path)
	if who == nobody {
		return nil
	}
	h.Add("Vary", "Origin")
	origin, err := originOf(r)
	if err != nil {
		return err
	}
	if who == allowedOrigins {
		a.echo(h, origin)
	}
	return nil
}

// shareFailure makes a failure of a sign-in endpoint readable by the page that
// caused it, whichever it is.
func shareFailure(h http.Header, r *http.Request) {
	if audienceOf(r.URL.Path) == anyFailure {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", corsExposed)
	}
}

// echo lets the page of an allowed origin read the answer.
func (a *API) echo(h http.Header, origin string) {
	if origin == "" || !a.origins.OriginAllowed(origin) {
		return
	}
	h["Access-Control-Allow-Origin"] = []string{origin}
	h["Access-Control-Expose-Headers"] = exposed
}

// exposed is shared by all answers: see [API.secure].
var exposed = []string{corsExposed}

// isPreflight tells whether a browser asks what it may ask.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight answers for every origin on the sign-in endpoints, and on the
// others for those that may read the answer. share came before.
func (a *API) preflight(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	switch audienceOf(r.URL.Path) {
	case anyFailure:
		h.Set("Access-Control-Allow-Origin", "*")
	case allowedOrigins:
		if h.Get("Access-Control-Allow-Origin") == "" {
			return oriel.E(oriel.CodeOriginNotAllowed, "")
		}
		h.Del("Access-Control-Expose-Headers")
	case nobody:
		return oriel.E(oriel.CodeNotFound, "")
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
