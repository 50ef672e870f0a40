package httpapi

import (
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// tokenHeaders may carry a session token by itself; the second is for older SDKs.
var tokenHeaders = [...]string{"X-Oriel-Session", "X-Metabase-Session"}

// tokenOf finds the one session token of a request. Headers that disagree are
// refused: a proxy that looks at one and a server that looks at the other
// would speak of two people. Errors: not_authenticated, invalid_request.
func tokenOf(r *http.Request) (string, error) {
	var sent []string
	for _, value := range r.Header.Values("Authorization") {
		// Other schemes are for whatever stands in front of Oriel.
		if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "Bearer") {
			sent = append(sent, token)
		}
	}
	for _, name := range tokenHeaders {
		sent = append(sent, r.Header.Values(name)...)
	}
	if len(sent) == 0 {
		return "", oriel.E(oriel.CodeNotAuthenticated, "")
	}
	for _, other := range sent[1:] {
		if other != sent[0] {
			return "", oriel.E(oriel.CodeInvalidRequest, "The request carries two different session tokens.")
		}
	}
	if sent[0] == "" {
		return "", oriel.E(oriel.CodeNotAuthenticated, "")
	}
	return sent[0], nil
}

// authenticate makes the principal that the request acts as.
func (a *API) authenticate(r *http.Request) (oriel.Principal, session.Session, error) {
	token, err := tokenOf(r)
	if err != nil {
		return oriel.Principal{}, session.Session{}, err
	}
	origin, err := originOf(r)
	if err != nil {
		return oriel.Principal{}, session.Session{}, err
	}
	p, s, err := a.sessions.Authenticate(r.Context(), session.Presented{Token: token, Origin: origin})
	if err != nil {
		return oriel.Principal{}, session.Session{}, err
	}
	// The session is bound to its origin; that origin may have left the list.
	if origin != "" && !a.origins.OriginAllowed(origin) {
		return oriel.Principal{}, session.Session{}, oriel.E(oriel.CodeOriginNotAllowed, "")
	}
	if p.IsZero() {
		return oriel.Principal{}, session.Session{}, oriel.E(oriel.CodeNotAuthenticated, "")
	}
	return p, s, nil
}

// signedIn runs a handler for the principal of the request and answers with
// its error. names are what the query may hold.
func (a *API) signedIn(w http.ResponseWriter, r *http.Request, names []string, handle func(oriel.Principal, session.Session) error) {
	p, s, err := a.authenticate(r)
	if err == nil {
		_, err = parseQuery(r, names...)
	}
	if err == nil {
		err = handle(p, s)
	}
	if err != nil {
		a.fail(w, r, err)
	}
}
