package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/signin"
)

// RevokeHostSessions answers POST /api/v1/host-sessions/revoke: the host's own
// logout (§3.5). The signed token is all that it asks for.
func (a *API) RevokeHostSessions(w http.ResponseWriter, r *http.Request) {
	body, err := a.revokeHostSessions(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, r, body)
}

func (a *API) revokeHostSessions(w http.ResponseWriter, r *http.Request) (Revoked, error) {
	if _, err := parseQuery(r); err != nil {
		return Revoked{}, err
	}
	origin, err := originOf(r)
	if err != nil {
		return Revoked{}, err
	}
	token, provider, err := parseTokenRequest(w, r, "application/json")
	if err != nil {
		return Revoked{}, err
	}
	ended, err := a.signIn.Logout(r.Context(), signin.LogoutRequest{
		Token: token, Provider: provider, Origin: origin,
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	return Revoked{Sessions: ended}, err
}
