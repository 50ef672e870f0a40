package httpapi

import (
	"mime"
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/signin"
)

// ExchangeSignIn answers POST /auth/sso: with JSON it is the exchange of SDKs
// of other makes (§3.3). The form is a SAML response to the one SAML provider.
func (a *API) ExchangeSignIn(w http.ResponseWriter, r *http.Request) {
	if isForm(r) {
		slug, err := a.signIn.DefaultSAML()
		if err == nil {
			err = a.takeSAMLResponse(w, r, slug)
		}
		if err != nil {
			a.failSAML(w, r, err)
		}
		return
	}
	if err := a.exchangeSignIn(w, r); err != nil {
		a.fail(w, r, err)
	}
}

func (a *API) exchangeSignIn(w http.ResponseWriter, r *http.Request) error {
	if _, err := parseQuery(r); err != nil {
		return err
	}
	token, provider, err := parseTokenRequest(w, r, "application/json")
	if err != nil {
		return err
	}
	return a.exchangeAsClient(w, r, token, provider)
}

func isForm(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == formType
}

// exchangeAsClient answers a page's SDK of generation 55 or later, under the
// rules of POST /api/v1/session.
func (a *API) exchangeAsClient(w http.ResponseWriter, r *http.Request, token, provider string) error {
	accepted, err := a.exchange(r, signin.EntranceEmbed, token, provider)
	if err != nil {
		return err
	}
	body := compatSession(accepted)
	body.Status = CompatSessionStatusOk
	a.answer(w, r, body)
	return nil
}

// exchangeAsBackend answers the server of a host that was written for
// generation 54 or older.
func (a *API) exchangeAsBackend(w http.ResponseWriter, r *http.Request, query ssoQuery) error {
	accepted, err := a.exchange(r, signin.EntranceLegacy, query.token, query.provider)
	if err != nil {
		return err
	}
	a.answer(w, r, compatSession(accepted))
	return nil
}

// exchange gives a host token for a session.
func (a *API) exchange(r *http.Request, entrance signin.Entrance, token, provider string) (signin.Accepted, error) {
	origin, err := originOf(r)
	if err != nil {
		return signin.Accepted{}, err
	}
	return a.signIn.Exchange(r.Context(), signin.Request{
		Entrance: entrance, Token: token, Provider: provider, Origin: origin,
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
}

// compatSession tells a session as older hosts and SDKs know it; its end is
// always told.
func compatSession(accepted signin.Accepted) CompatSession {
	s := accepted.Session.Session
	return CompatSession{ID: accepted.Session.Token, Exp: s.Expires.Unix(), Iat: s.Created.Unix()}
}

// parseTokenRequest reads {"jwt", "provider"?} of one of the media types.
func parseTokenRequest(w http.ResponseWriter, r *http.Request, types ...string) (token, provider string, err error) {
	body, err := readBody(w, r, maxSessionBody, types...)
	if err != nil {
		return "", "", err
	}
	return parseToken(body)
}

func parseToken(body []byte) (token, provider string, err error) {
	members, err := parseObject(body, "jwt", "provider")
	if err != nil {
		return "", "", err
	}
	token, found, err := parseText(members, "jwt")
	switch {
	case err != nil:
		return "", "", err
	case !found || strings.TrimSpace(token) == "":
		return "", "", fieldError("jwt", "This is the host's token; it must not be empty.")
	}
	provider, found, err = parseText(members, "provider")
	switch {
	case err != nil:
		return "", "", err
	case found && provider == "":
		return "", "", fieldError("provider", "Leave it out, or name a provider.")
	}
	return token, provider, nil
}
