package httpapi

import (
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
	token, provider, err := parseTokenRequest(w, r, "application/json", "text/plain")
	if err != nil {
		return Session{}, err
	}
	accepted, err := a.exchange(r, signin.EntranceEmbed, token, provider)
	if err != nil {
		return Session{}, err
	}
	now, expires := a.clock().Unix(), accepted.Session.Session.Expires.Unix()
	return Session{
		Token: accepted.Session.Token, TokenType: SessionTokenTypeBearer,
		ExpiresIn: expires - now, ExpiresAt: expires, ServerTime: now,
		User:     wireUser(accepted.User),
		Settings: Settings{SiteName: a.siteName, SiteURL: a.siteURL, Version: a.version, Formats: map[string]any{}},
	}, nil
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
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		if p.Kind() == oriel.SessionAPIKey {
			return oriel.E(oriel.CodeScopeDenied, "") // it is revoked, at its own address
		}
		presented, err := a.presentedOf(r)
		if err != nil {
			return err
		}
		if err := a.sessions.SignOut(r.Context(), presented.Token); err != nil {
			return err
		}
		if presented.Cookie {
			a.clearSession(w, r)
		}
		a.shareSuccess(w, r)
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}
