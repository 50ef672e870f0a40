package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/signin"
)

// CreateBackendSession answers POST /auth/sso/to_session: a host token for a
// session of the host's own servers (§3.4).
func (a *API) CreateBackendSession(w http.ResponseWriter, r *http.Request) {
	body, err := a.createBackendSession(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, r, body)
}

func (a *API) createBackendSession(w http.ResponseWriter, r *http.Request) (BackendSession, error) {
	if _, err := parseQuery(r); err != nil {
		return BackendSession{}, err
	}
	token, provider, err := parseTokenRequest(w, r, "application/json")
	if err != nil {
		return BackendSession{}, err
	}
	accepted, err := a.exchange(r, signin.EntranceBackend, token, provider)
	if err != nil {
		return BackendSession{}, err
	}
	left := accepted.Session.Session.Expires.Unix() - a.clock().Unix()
	return BackendSession{SessionToken: accepted.Session.Token, ExpiresIn: left}, nil
}
