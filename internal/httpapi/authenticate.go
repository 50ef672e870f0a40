package httpapi

import (
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// keyHeader carries an API key by itself.
const keyHeader = "X-Api-Key" // as net/http spells it

// tokenHeaders may carry a credential by itself: two a session token, the
// second of them for older SDKs.
var tokenHeaders = [...]string{"X-Oriel-Session", "X-Metabase-Session", keyHeader}

// headerTokens are the session tokens and API keys that the headers hold.
func headerTokens(r *http.Request) (sent []string) {
	for _, value := range r.Header.Values("Authorization") {
		// Other schemes are for whatever stands in front of Oriel.
		if scheme, token, _ := strings.Cut(value, " "); strings.EqualFold(scheme, "Bearer") {
			sent = append(sent, token)
		}
	}
	for _, name := range tokenHeaders {
		sent = append(sent, r.Header.Values(name)...)
	}
	return sent
}

// bringsKey tells whether what the headers hold is an API key. Those of
// sessions hold none (contract §8).
func bringsKey(r *http.Request, token string) bool {
	bearer := len(r.Header.Values("X-Oriel-Session"))+len(r.Header.Values("X-Metabase-Session")) == 0
	return len(r.Header.Values(keyHeader)) > 0 || bearer && strings.HasPrefix(token, directory.APIKeyPrefix)
}

// oneToken is the session token or API key of the headers. Headers that
// disagree are refused: a proxy that looks at one and a server that looks at
// the other would speak of two people. Errors: not_authenticated,
// invalid_request.
func oneToken(sent []string) (string, error) {
	for _, other := range sent[1:] {
		if other != sent[0] {
			return "", oriel.E(oriel.CodeInvalidRequest, "The request carries two different session tokens or API keys.")
		}
	}
	if sent[0] == "" {
		return "", oriel.E(oriel.CodeNotAuthenticated, "")
	}
	return sent[0], nil
}

// presentedOf is what the request brings to be known by. A token in a header
// wins over the cookie, which is then not even read. Errors: not_authenticated,
// invalid_request, cross_site_request.
func (a *API) presentedOf(r *http.Request) (session.Presented, error) {
	sent := headerTokens(r)
	if len(sent) == 0 {
		token, err := a.sessionOf(r)
		if err == nil && token == "" {
			err = oriel.E(oriel.CodeNotAuthenticated, "")
		}
		// The site's own origin is the only one that sessionOf lets through.
		return session.Presented{Token: token, Cookie: true}, err
	}
	token, err := oneToken(sent)
	if err != nil {
		return session.Presented{}, err
	}
	origin, err := originOf(r)
	return session.Presented{Token: token, Origin: origin}, err
}

// authenticate makes the principal that the request acts as. An API key has a
// session of no id.
func (a *API) authenticate(r *http.Request) (oriel.Principal, session.Session, error) {
	presented, err := a.presentedOf(r)
	if err != nil {
		return oriel.Principal{}, session.Session{}, err
	}
	if !presented.Cookie && bringsKey(r, presented.Token) {
		p, key, err := a.apiKeys.Authenticate(r.Context(), presented.Token, presented.Origin)
		return p, session.Session{User: key.User, Kind: oriel.SessionAPIKey, Created: key.Created, Expires: key.Expires}, err
	}
	p, s, err := a.sessions.Authenticate(r.Context(), presented)
	if err != nil {
		return oriel.Principal{}, session.Session{}, err
	}
	if s.Kind == oriel.SessionViewAs && !readsContent(r.Pattern) {
		return oriel.Principal{}, session.Session{}, oriel.E(oriel.CodeScopeDenied, "Who views as somebody else only reads.")
	}
	// The session is bound to its origin; that origin may have left the list, of
	// the instance, of the provider or of the tenant.
	if presented.Origin != "" && !a.origins.OriginAllowedToUser(s.Provider, p.User().Tenant, presented.Origin) {
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
	a.signedInAs(w, r, names, func(oriel.Principal) error { return nil }, handle)
}

// signedInAs is signedIn for who may: that is asked before the query is read.
func (a *API) signedInAs(w http.ResponseWriter, r *http.Request, names []string, may func(oriel.Principal) error, handle func(oriel.Principal, session.Session) error) {
	p, s, err := a.authenticate(r)
	if err == nil {
		err = may(p)
	}
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
