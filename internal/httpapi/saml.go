package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

const (
	// maxSAMLBody holds a response of 256 KiB in base64, percent-encoded.
	maxSAMLBody = 512 << 10
	// maxRelayState bounds what comes back with it: ours have 43 bytes, and of a
	// response that nobody asked for it may be an address.
	maxRelayState = maxReturnTo
	// maxState bounds the state that a page gives a popup.
	maxState = 128

	samlCookie = "oriel_saml"
)

// StartSAML answers GET /auth/saml/{slug}/start: a browser, or a page's popup, is
// sent to the identity provider.
func (a *API) StartSAML(w http.ResponseWriter, r *http.Request, slug string, _ StartSAMLParams) {
	if err := a.startSAML(w, r, slug); err != nil {
		a.failSAML(w, r, err)
	}
}

func (a *API) startSAML(w http.ResponseWriter, r *http.Request, slug string) error {
	query, err := parseQuery(r, "return_to", "redirect", "state", "code_challenge", "origin", "via", "trial")
	if err != nil {
		return err
	}
	// In a frame, the identity provider's page could be covered by another.
	if r.Method != http.MethodGet || isAhead(r) || len(r.Header.Values("Sec-Fetch-Mode")) > 0 && (!navigates(r) || inFrame(r)) {
		return oriel.E(oriel.CodeInvalidRequest, "A sign-in by SAML begins when this address is opened in a window of its own, and not in a frame.")
	}
	if query.Has("return_to") && query.Has("redirect") {
		return fieldError("redirect", "This is another name of return_to; keep one of them.")
	}
	to, err := ParseReturnTo(query.Get("return_to")+query.Get("redirect"), a.siteURL)
	if err != nil {
		return err
	}
	popup, err := parsePopup(query)
	if err != nil {
		return err
	}
	binding, err := a.cookieOf(r, samlCookie)
	if err != nil {
		return err
	}
	started, err := a.signIn.StartSAML(r.Context(), signin.SAMLStartRequest{
		Provider: slug, Binding: binding, Foreign: startsForeign(r), ReturnTo: to.String(), Popup: popup, Trial: query.Get("trial"),
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	if err != nil {
		return err
	}
	a.setCookie(w, r, samlCookie, started.Binding, signin.SAMLRequestLife)
	w.Header().Set("Location", started.URL)
	w.WriteHeader(http.StatusFound)
	return nil
}

// parsePopup reads what the page of a popup gave it: all of it, or nothing.
func parsePopup(query url.Values) (*oriel.Popup, error) {
	popup := oriel.Popup{Origin: query.Get("origin"), Challenge: query.Get("code_challenge"), State: query.Get("state"), Here: query.Get("via") == "redirect"}
	if !query.Has("origin") && !query.Has("code_challenge") && !query.Has("state") && !query.Has("via") {
		return nil, nil
	}
	switch {
	case query.Has("via") && query.Get("via") != "redirect":
		return nil, fieldError("via", "This is redirect, for a page that leaves, or is left out.")
	case popup.Origin == "":
		return nil, fieldError("origin", "This is the origin of the page that opens the window.")
	case len(popup.Challenge) != 43 || !isBase64URL(popup.Challenge):
		return nil, fieldError("code_challenge", "This is the SHA-256 of the verifier, in base64url (RFC 7636, S256).")
	case popup.State == "" || len(popup.State) > maxState || !isBase64URL(popup.State):
		return nil, fieldError("state", "This is a random text of at most 128 letters, digits, - and _.")
	}
	return &popup, nil
}

func isBase64URL(text string) bool {
	return strings.IndexFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	}) < 0
}

// GetSAMLMetadata answers GET /auth/saml/{slug}/metadata. Whoever sets the identity
// provider up needs them, and they say nothing that a sign-in does not.
func (a *API) GetSAMLMetadata(w http.ResponseWriter, r *http.Request, slug string) {
	metadata, err := a.signIn.SAMLMetadata(slug)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	w.Header().Set("Content-Disposition", `attachment; filename="oriel-`+slug+`.xml"`)
	_, _ = w.Write(metadata) // an error says only that the client is gone
}

// TakeSAMLResponse answers POST /auth/saml/{slug}/acs.
func (a *API) TakeSAMLResponse(w http.ResponseWriter, r *http.Request, slug string) {
	if err := a.takeSAMLResponse(w, r, slug); err != nil {
		a.failSAML(w, r, err)
	}
}

// takeSAMLResponse takes a response in two steps. Identity providers have the
// browser post it from their own page, and such a request brings no cookie of
// ours: neither that of the start nor that of a live session, which must not be
// replaced unseen. So the first step, which looks at nothing, has the browser post
// it once more from here.
func (a *API) takeSAMLResponse(w http.ResponseWriter, r *http.Request, slug string) error {
	if _, err := parseQuery(r); err != nil {
		return err
	}
	form, err := parseSAMLForm(w, r)
	if err != nil {
		return err
	}
	own, err := a.fromOwnPage(r)
	switch {
	case err != nil:
		return err
	case !own && form.Has("again"):
		return &oriel.Error{Code: oriel.CodeCrossSiteRequest}
	case !own:
		// The Origin of the form depends on it.
		w.Header().Set("Referrer-Policy", "same-origin")
		return a.showSAMLPage(w, "again", http.StatusOK, samlPage{
			Title: "Signing you in", Action: r.URL.EscapedPath(), Response: form.Get("SAMLResponse"), RelayState: form.Get("RelayState"),
		})
	}
	return a.arriveBySAML(w, r, slug, form)
}

func (a *API) arriveBySAML(w http.ResponseWriter, r *http.Request, slug string, form url.Values) error {
	relay := form.Get("RelayState")
	// Ours never look like an address; one that does came with a response that
	// nobody asked for, and is where to go then (§3.6).
	unasked := ReturnTo{}
	var err error
	if strings.ContainsAny(relay, "/:") {
		if unasked, err = ParseReturnTo(relay, a.siteURL); err != nil {
			return err
		}
	}
	binding, err := a.cookieOf(r, samlCookie)
	if err != nil {
		return err
	}
	live, err := a.liveOf(r)
	if err != nil {
		return err
	}
	arrived, err := a.signIn.TakeSAMLResponse(r.Context(), signin.SAMLResponse{
		Provider: slug, Response: form.Get("SAMLResponse"), RelayState: relay, At: a.siteURL + r.URL.Path, Binding: binding, Live: live.is,
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	switch {
	case arrived.Tried && err == nil:
		return a.showSAMLPage(w, "said", http.StatusOK, samlPage{
			Title: "The test is over", Detail: "You are not signed in. Go back to where you began it: it shows whether you would be, each check and what came.",
		})
	case arrived.Popup != nil:
		return a.closePopup(w, r, arrived, err)
	case err != nil:
		return err
	case !arrived.Requested:
		a.arrived(w, r, arrived.Accepted, live, unasked)
		return nil
	}
	to, err := ParseReturnTo(arrived.ReturnTo, a.siteURL)
	if err != nil {
		return err
	}
	a.arrived(w, r, arrived.Accepted, live, to)
	return nil
}

// closePopup tells the page that opened a popup how it went.
func (a *API) closePopup(w http.ResponseWriter, r *http.Request, arrived signin.SAMLArrived, err error) error {
	page := samlPage{
		Title: "Go back to the page", Detail: "The page that opened this window goes on. You can close this one.",
		Outcome: &popupOutcome{
			Origin: arrived.Popup.Origin, Callback: arrived.Callback, Here: arrived.Popup.Here,
			Message: popupMessage{Type: "ORIEL_AUTH", State: arrived.Popup.State, Code: arrived.Code},
		},
	}
	status := http.StatusOK
	if err != nil {
		t := traceOf(r.Context())
		t.failure = err
		p := problemOf(err, t.reference, a.clock())
		status = p.Status
		page.Title, page.Detail, page.Reference = p.Title, p.Detail+" "+samlAdvice(oriel.Code(p.Code)), t.reference
		page.Outcome.Message.Code, page.Outcome.Message.Error, page.Outcome.Message.RequestID = "", p.Code, t.reference
	}
	return a.showSAMLPage(w, "done", status, page)
}

// fromOwnPage tells whether a page of this site had the browser post the form.
func (a *API) fromOwnPage(r *http.Request) (bool, error) {
	origin, err := originOf(r)
	if site := only(r, "Sec-Fetch-Site"); site != "" {
		return site == "same-origin", err
	}
	return origin == a.siteURL, err
}

// parseSAMLForm reads the form of the binding by POST (SAML Bindings §3.5.4).
func parseSAMLForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	body, err := readBody(w, r, maxSAMLBody, formType)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, oriel.E(oriel.CodeInvalidRequest, "Send the form that the identity provider made.")
	}
	for name, most := range map[string]int{"SAMLResponse": maxSAMLBody, "RelayState": maxRelayState, "again": 1} {
		if len(form[name]) > 1 || len(form.Get(name)) > most {
			return nil, fieldError(name, "This stands once, and is not longer than it need be.")
		}
	}
	if form.Get("SAMLResponse") == "" {
		return nil, fieldError("SAMLResponse", "This is the identity provider's response, in base64.")
	}
	return form, nil
}
