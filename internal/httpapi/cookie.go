package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The cookies of a browser that signs in here (contract §4). On HTTPS their
// names begin with hostPrefix: browsers then take them from this very host
// alone, over HTTPS, for every path (RFC 6265bis §4.1.3.2), so that neither a
// neighbour's subdomain nor a page on HTTP can plant one.
const (
	hostPrefix    = "__Host-"
	sessionCookie = "oriel_session"
	stateCookie   = "oriel_state"
)

// ended is the Max-Age that has a browser forget a cookie.
const ended = -1

// stateLifetime is how long a person may take on the provider's pages.
const stateLifetime = 10 * time.Minute

// cookieName is a cookie's name for the scheme that the browser speaks. The
// other scheme's name is never read.
func (a *API) cookieName(r *http.Request, base string) string {
	if a.secureRequest(r) {
		return hostPrefix + base
	}
	return base
}

// cookieOf reads a cookie; empty when there is none. Two that differ are
// refused: which of them the site set cannot be told. Error: invalid_request.
func (a *API) cookieOf(r *http.Request, base string) (string, error) {
	var value string
	for _, cookie := range r.CookiesNamed(a.cookieName(r, base)) {
		if value != "" && cookie.Value != value {
			return "", oriel.E(oriel.CodeInvalidRequest, "The request carries the same cookie with two values.")
		}
		value = cookie.Value
	}
	return value, nil
}

// setCookie gives the browser a cookie, for lifetime or, when that is zero,
// until it is closed. A landing in a frame gets one that belongs to the pair of
// site and framing page (CHIPS); the other kind is ended first, since a browser
// in which both apply would send two.
func (a *API) setCookie(w http.ResponseWriter, r *http.Request, base, value string, lifetime time.Duration) {
	framed := inFrame(r)
	http.SetCookie(w, a.newCookie(r, base, "", ended, !framed))
	http.SetCookie(w, a.newCookie(r, base, value, int(lifetime/time.Second), framed))
}

// clearCookie ends a cookie of either kind: a request that a page makes does
// not tell whether the page is in a frame.
func (a *API) clearCookie(w http.ResponseWriter, r *http.Request, base string) {
	http.SetCookie(w, a.newCookie(r, base, "", ended, false))
	http.SetCookie(w, a.newCookie(r, base, "", ended, true))
}

// newCookie has the attributes of every cookie here: no script reads it, and
// without Domain it goes to this host alone.
func (a *API) newCookie(r *http.Request, base, value string, maxAge int, framed bool) *http.Cookie {
	cookie := &http.Cookie{
		Name: a.cookieName(r, base), Value: value, MaxAge: maxAge, Path: "/", HttpOnly: true,
		Secure: a.secureRequest(r), SameSite: http.SameSiteLaxMode,
	}
	if framed {
		cookie.SameSite, cookie.Secure, cookie.Partitioned = http.SameSiteNoneMode, true, true
	}
	return cookie
}

// inFrame tells whether the answer is a page in a frame.
func inFrame(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "iframe" }

// setSession gives the browser the token of an interactive session. The server
// keeps its ends, so the cookie has none of its own.
func (a *API) setSession(w http.ResponseWriter, r *http.Request, token string) {
	a.setCookie(w, r, sessionCookie, token, 0)
}

// clearSession takes it back.
func (a *API) clearSession(w http.ResponseWriter, r *http.Request) {
	a.clearCookie(w, r, sessionCookie)
}

// sessionOf is the token in the session cookie, empty without one. There is no
// other way to it, so that no handler takes one that a foreign page had sent.
// Errors: cross_site_request, invalid_request.
func (a *API) sessionOf(r *http.Request) (string, error) {
	token, err := a.cookieOf(r, sessionCookie)
	if err != nil || token == "" {
		return "", err
	}
	return token, a.requireOwnPage(r)
}

// newState makes the state of a browser's start: 256 random bits that go to
// the provider and come back with the host token, and their hash, which waits
// in the browser's cookie. A landing with another browser's state, or none,
// was not begun here (RFC 6749 §10.12).
func newState(random io.Reader) (state, hash string, err error) {
	bits := make([]byte, 32)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", "", fmt.Errorf("make a state: %w", err)
	}
	state = base64.RawURLEncoding.EncodeToString(bits)
	return state, hashState(state), nil
}

func hashState(state string) string {
	hash := sha256.Sum256([]byte(state))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// stateMatches tells whether a state is the one whose hash the cookie holds.
// That it is used once is for the store to see to.
func stateMatches(cookie, state string) bool {
	return cookie != "" && state != "" && subtle.ConstantTimeCompare([]byte(cookie), []byte(hashState(state))) == 1
}

// setState has the browser keep the hash of a state while the person is at the
// provider's; a second start replaces it.
func (a *API) setState(w http.ResponseWriter, r *http.Request, hash string) {
	a.setCookie(w, r, stateCookie, hash, stateLifetime)
}

// stateOf is the hash that the browser kept, empty without one. The landing to
// which another site sends the browser is what it is for, so it asks nothing
// about who made the request. Error: invalid_request.
func (a *API) stateOf(r *http.Request) (string, error) { return a.cookieOf(r, stateCookie) }

// clearState ends a state that came back.
func (a *API) clearState(w http.ResponseWriter, r *http.Request) { a.clearCookie(w, r, stateCookie) }
