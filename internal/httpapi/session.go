package httpapi

import (
	"errors"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
)

// CreateSession answers POST /api/v1/session: a host token for a session. As
// text/plain it needs no preflight, which saves the first chart a round trip.
func (a *API) CreateSession(w http.ResponseWriter, r *http.Request) {
	body, err := a.createSession(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.answer(w, r, body)
}

func (a *API) createSession(w http.ResponseWriter, r *http.Request) (Session, error) {
	if _, err := parseQuery(r); err != nil {
		return Session{}, err
	}
	accepted, err := a.newSession(w, r)
	if err != nil {
		return Session{}, err
	}
	now, expires := a.clock().Unix(), accepted.Session.Session.Expires.Unix()
	body := Session{
		Token: accepted.Session.Token, TokenType: SessionTokenTypeBearer,
		ExpiresIn: expires - now, ExpiresAt: expires, ServerTime: now,
		User:     wireUser(accepted.User),
		Settings: Settings{SiteName: a.siteName, SiteURL: a.siteURL, Version: a.version, Formats: map[string]any{}},
	}
	if until := accepted.RenewableUntil; !until.IsZero() {
		body.RenewableUntil = until.Unix()
	}
	return body, nil
}

// newSession takes a host token, the code of a popup, or the session that is
// renewed.
func (a *API) newSession(w http.ResponseWriter, r *http.Request) (signin.Accepted, error) {
	body, err := readBody(w, r, maxSessionBody, "application/json", "text/plain")
	if err != nil {
		return signin.Accepted{}, err
	}
	members, err := parseObject(body, "jwt", "provider", "code", "code_verifier", "state", "renew", "attempt")
	if err != nil {
		return signin.Accepted{}, err
	}
	if _, renews := members["renew"]; renews {
		return a.renewSession(r, body)
	}
	if _, hasCode := members["code"]; !hasCode {
		token, provider, err := parseToken(body)
		if err != nil {
			return signin.Accepted{}, err
		}
		return a.exchange(r, signin.EntranceEmbed, token, provider)
	}
	if members, err = parseObject(body, "code", "code_verifier", "state"); err != nil {
		return signin.Accepted{}, err
	}
	request := signin.CodeRequest{ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference}
	for name, to := range map[string]*string{"code": &request.Code, "code_verifier": &request.Verifier, "state": &request.State} {
		text, found, err := parseText(members, name)
		switch {
		case err != nil:
			return signin.Accepted{}, err
		case !found || text == "":
			return signin.Accepted{}, fieldError(name, "This comes from the popup, or from the page that opened it; it must not be empty.")
		}
		*to = text
	}
	if request.Origin, err = originOf(r); err != nil {
		return signin.Accepted{}, err
	}
	return a.signIn.Redeem(r.Context(), request)
}

func (a *API) renewSession(r *http.Request, body []byte) (signin.Accepted, error) {
	members, err := parseObject(body, "renew", "attempt")
	if err != nil {
		return signin.Accepted{}, err
	}
	request := signin.RenewRequest{ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference}
	if request.Token, _, err = parseText(members, "renew"); err != nil {
		return signin.Accepted{}, err
	}
	text, named, err := parseText(members, "attempt")
	if err != nil {
		return signin.Accepted{}, err
	}
	if named {
		if request.Attempt, err = signin.ParseRenewAttempt(text); err != nil {
			return signin.Accepted{}, fieldError("attempt", "This is 22 to 64 characters of base64url, made up for this renewal.")
		}
	}
	if request.Origin, err = originOf(r); err != nil {
		return signin.Accepted{}, err
	}
	return a.signIn.Renew(r.Context(), request)
}

// GetSession answers GET /api/v1/session: who am I, and when does it end.
func (a *API) GetSession(w http.ResponseWriter, r *http.Request) {
	a.signedIn(w, r, nil, func(p oriel.Principal, s session.Session) error {
		now, expires := a.clock().Unix(), s.Expires.Unix()
		user, err := p.EncodedUser(encodeUser)
		if err != nil {
			return err
		}
		a.answerEncoded(w, r, http.StatusOK, encodeSession(SessionInfo{
			Kind: SessionInfoKind(s.Kind), ExpiresIn: expires - now, ExpiresAt: expires, ServerTime: now,
		}, user))
		return nil
	})
}

// DeleteSession answers DELETE /api/v1/session: sign out.
func (a *API) DeleteSession(w http.ResponseWriter, r *http.Request) {
	if err := a.deleteSession(w, r); err != nil {
		a.fail(w, r, err)
	}
}

func (a *API) deleteSession(w http.ResponseWriter, r *http.Request) error {
	p, _, refusal := a.authenticate(r)
	if refusal != nil && oriel.CodeOf(refusal) != oriel.CodeSessionExpired {
		return refusal
	}
	if _, err := parseQuery(r); err != nil {
		return err
	}
	if p.Kind() == oriel.SessionAPIKey {
		return oriel.E(oriel.CodeScopeDenied, "") // it is revoked, at its own address
	}
	presented, err := a.presentedOf(r)
	if err != nil {
		return err
	}
	if refusal != nil {
		// What this page could still renew ends; anything else is as it was.
		if ended, err := a.signIn.EndRenewable(r.Context(), presented.Token, presented.Origin); err != nil || !ended {
			return errors.Join(err, refusal)
		}
	} else if err := a.sessions.SignOut(r.Context(), presented.Token); err != nil {
		return err
	}
	if presented.Cookie {
		a.clearSession(w, r)
	}
	a.shareSuccess(w, r)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
