package httpapi

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// startBrowser sends a browser to the host to sign in (§3.2). The host sends it
// back to this address with a token, and with the state when it got one.
func (a *API) startBrowser(w http.ResponseWriter, r *http.Request, query ssoQuery) error {
	// A state that is replaced ends the sign-in that it was for, so only a
	// person who opens this address begins another.
	if r.Method != http.MethodGet || isAhead(r) || len(r.Header.Values("Sec-Fetch-Mode")) > 0 && !navigates(r) {
		return oriel.E(oriel.CodeInvalidRequest, "A sign-in begins when this address is opened, and not before.")
	}
	request, err := a.discoverRequest(r, query)
	if err != nil {
		return err
	}
	started, err := a.signIn.Start(r.Context(), request, browserOf(r))
	if err != nil {
		return err
	}
	added := "return_to=" + url.QueryEscape(query.returnTo.String())
	if started.SAML {
		w.Header().Set("Location", started.SignInURI+"?"+added)
		w.Header().Set("Referrer-Policy", "strict-origin")
		w.WriteHeader(http.StatusFound)
		return nil
	}
	if started.Binding {
		state, hash, err := newState(a.random)
		if err != nil {
			return err
		}
		kept := hash + "." + started.Provider
		if startsForeign(r) {
			kept += foreignMark
		}
		a.setState(w, r, kept)
		added += "&state=" + url.QueryEscape(state)
	}
	address, err := withQuery(started.SignInURI, added)
	if err != nil {
		return err
	}
	w.Header().Set("Location", address)
	// The policy of a redirect holds for those that follow it: the landing has
	// to be told on whose page a frame is.
	w.Header().Set("Referrer-Policy", "strict-origin")
	w.WriteHeader(http.StatusFound)
	return nil
}

// withQuery adds to an address's query, before its fragment.
func withQuery(address, added string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: err}
	}
	if u.RawQuery != "" {
		added = u.RawQuery + "&" + added
	}
	u.RawQuery = added
	return u.String(), nil
}

// stateFor is the state that a landing brings, when it is the one that this
// browser began with; else the zero one.
func (a *API) stateFor(r *http.Request, sent string) (signin.State, error) {
	kept, err := a.stateOf(r)
	if err != nil {
		return signin.State{}, err
	}
	kept, foreign := strings.CutSuffix(kept, foreignMark)
	hash, provider, _ := strings.Cut(kept, ".")
	if !stateMatches(hash, sent) {
		return signin.State{}, nil
	}
	return signin.State{Provider: provider, OneUse: sha256.Sum256([]byte("state\x00" + sent)), Foreign: foreign}, nil
}

// foreignMark ends what a browser keeps of a start that another site's page may
// have caused. No slug has a dot.
const foreignMark = ".foreign"

// startsForeign tells whether another site's page may have had the browser
// start: whatever the browser does not say was the person or a page of ours. In
// a frame it is the page of an authorized origin, to which the start was held,
// and the cookies are those of that page alone.
func startsForeign(r *http.Request) bool {
	site := only(r, "Sec-Fetch-Site")
	return !inFrame(r) && site != "none" && site != "same-origin"
}

// browserOf tells whether the answer goes into a frame that another site's page
// may hold, and which page sent it there: the nearest that a browser tells of
// who frames it.
func browserOf(r *http.Request) signin.Browser {
	if !inFrame(r) || only(r, "Sec-Fetch-Site") == "same-origin" {
		return signin.Browser{}
	}
	framed := signin.Browser{Framed: true}
	if page, err := url.Parse(only(r, "Referer")); err == nil && page.Host != "" {
		framed.FramedBy = page.Scheme + "://" + page.Host
	}
	return framed
}
