package httpapi

import (
	"log/slog"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
)

// land signs in a browser that a host sent here with a token (§3.2), or asks
// the person in front of it first.
func (a *API) land(w http.ResponseWriter, r *http.Request, query ssoQuery) error {
	origin, err := originOf(r)
	if err != nil {
		return err
	}
	browser := browserOf(r)
	if browser.State, err = a.stateFor(r, query.state); err != nil {
		return err
	}
	live, err := a.liveOf(r)
	if err != nil {
		return err
	}
	browser.Live, browser.ReturnTo = live.is, query.returnTo.String()
	accepted, question, err := a.signIn.Land(r.Context(), signin.Request{
		Token: query.token, Provider: query.provider, Origin: origin, Browser: browser,
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	switch {
	case err != nil:
		return err
	case question != nil:
		return a.askToContinue(w, *question, live.user, browser)
	}
	if browser.State != (signin.State{}) {
		a.clearState(w, r)
	}
	a.arrived(w, r, accepted, live, query.returnTo)
	return nil
}

// arrived gives the browser its session in place of the one it had, and sends
// it on.
func (a *API) arrived(w http.ResponseWriter, r *http.Request, accepted signin.Accepted, before live, to ReturnTo) {
	if before.token != "" {
		// The browser forgets it, and nobody else has it.
		if err := a.sessions.SignOut(r.Context(), before.token); err != nil {
			a.log.Warn("a session that was replaced could not be ended",
				slog.String("reference", traceOf(r.Context()).reference), slog.Any("error", err))
		}
	}
	a.setSession(w, r, accepted.Session.Token)
	sendTo(w, to)
}

// live is who is signed in in a browser.
type live struct {
	is    signin.Live
	user  oriel.User
	token string
}

// liveOf finds out whose session a browser has; the zero live when it has none
// that stands. It is for those only who are about to replace it or ask: a
// landing comes from another site, so nothing else may be done for that person.
func (a *API) liveOf(r *http.Request) (live, error) {
	token, err := a.cookieOf(r, sessionCookie)
	if err != nil || token == "" {
		return live{}, err
	}
	p, s, err := a.sessions.Authenticate(r.Context(), session.Presented{Token: token, Cookie: true})
	switch oriel.CodeOf(err) {
	case "":
		return live{is: signin.Live{Session: s.ID, User: p.User().ID}, user: p.User(), token: token}, nil
	case oriel.CodeSessionInvalid, oriel.CodeSessionExpired, oriel.CodeSessionRevoked, oriel.CodeUserDeactivated, oriel.CodeTenantDeactivated:
		return live{}, nil
	}
	return live{}, err
}
