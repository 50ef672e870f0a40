package httpapi

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// SignOutBySAML answers GET /auth/saml/{slug}/logout.
func (a *API) SignOutBySAML(w http.ResponseWriter, r *http.Request, slug string, _ SignOutBySAMLParams) {
	if err := a.signOutBySAML(w, r, slug); err != nil {
		a.failSAML(w, r, err)
	}
}

func (a *API) signOutBySAML(w http.ResponseWriter, r *http.Request, slug string) error {
	query, err := parseQuery(r, "return_to", "SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "SAMLEncoding", "Signature")
	if err != nil {
		return err
	}
	if query.Has("SAMLRequest") || query.Has("SAMLResponse") {
		if r.Method != http.MethodGet || isAhead(r) {
			return oriel.E(oriel.CodeInvalidRequest, "A sign-out happens when this address is opened, and not before.")
		}
		return a.takeLogoutMessage(w, r, slug, query, oriel.SAMLMessage{RawQuery: r.URL.RawQuery})
	}
	to, err := ParseReturnTo(query.Get("return_to"), a.siteURL)
	if err != nil {
		return err
	}
	if _, err := a.signIn.SAMLSignOutURI(slug); err != nil {
		return err
	}
	live, err := a.liveOf(r)
	if err != nil {
		return err
	}
	if live.token == "" {
		return a.showSAMLPage(w, "said", http.StatusOK, samlPage{
			Title: "Nobody is signed in here", Detail: "A page that shows charts has a sign-in of its own: sign out there.",
		})
	}
	// Another site's page may have opened the address: who is in front of it says.
	return a.showSAMLPage(w, "leave", http.StatusOK, samlPage{
		Title: "Sign out?", Detail: "You will be signed out here and where you signed in.", Action: r.URL.EscapedPath(), ReturnTo: to.String(),
	})
}

// TakeSAMLSignOut answers POST /auth/saml/{slug}/logout.
func (a *API) TakeSAMLSignOut(w http.ResponseWriter, r *http.Request, slug string) {
	if err := a.takeSAMLSignOut(w, r, slug); err != nil {
		a.failSAML(w, r, err)
	}
}

func (a *API) takeSAMLSignOut(w http.ResponseWriter, r *http.Request, slug string) error {
	if _, err := parseQuery(r); err != nil {
		return err
	}
	body, err := readBody(w, r, maxSAMLBody, formType)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return oriel.E(oriel.CodeInvalidRequest, "Send the form that the identity provider made.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return fieldError(shorten(name), "This stands more than once.")
		}
	}
	if form.Has("SAMLRequest") || form.Has("SAMLResponse") {
		message := oriel.SAMLMessage{Field: form.Get("SAMLRequest") + form.Get("SAMLResponse"), RelayState: form.Get("RelayState")}
		return a.takeLogoutMessage(w, r, slug, form, message)
	}
	return a.leave(w, r, slug, form.Get("return_to"))
}

// takeLogoutMessage takes what an identity provider says. Its signature decides,
// and no cookie: the browser may bring it from wherever.
func (a *API) takeLogoutMessage(w http.ResponseWriter, r *http.Request, slug string, said url.Values, message oriel.SAMLMessage) error {
	if said.Has("SAMLRequest") == said.Has("SAMLResponse") {
		return fieldError("SAMLResponse", "There is one message: a SAMLRequest or a SAMLResponse.")
	}
	request := signin.SAMLLogoutRequest{Provider: slug, Message: message, ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference}
	if said.Has("SAMLRequest") {
		address, err := a.signIn.SAMLLogout(r.Context(), request)
		if err != nil {
			return err
		}
		w.Header().Set("Location", address)
		w.WriteHeader(http.StatusFound)
		return nil
	}
	out, err := a.signIn.EndSAMLSignOut(r.Context(), request)
	if err != nil {
		return err
	}
	to, err := ParseReturnTo(out.ReturnTo, a.siteURL)
	if err != nil {
		return err
	}
	if !out.Everywhere {
		return a.showSAMLPage(w, "said", http.StatusOK, samlPage{
			Title: "Signed out here, maybe not everywhere", Go: to.String(), Reference: request.Reference,
			Detail: "The place where you signed in did not say that it ended everything there. On a shared computer sign out there too, or close the browser.",
		})
	}
	sendTo(w, to)
	return nil
}

// leave signs a person out here and, when the session began there, at the identity
// provider. It knows the session of the browser's cookie alone: those of pages send
// none, and go on, as does the identity provider's own for them.
func (a *API) leave(w http.ResponseWriter, r *http.Request, slug, target string) error {
	if own, err := a.fromOwnPage(r); err != nil || !own {
		return &oriel.Error{Code: oriel.CodeCrossSiteRequest, Err: err}
	}
	to, err := ParseReturnTo(target, a.siteURL)
	if err != nil {
		return err
	}
	live, err := a.liveOf(r)
	if err != nil {
		return err
	}
	if live.token == "" {
		sendTo(w, to)
		return nil
	}
	address, err := a.signIn.StartSAMLSignOut(r.Context(), signin.SAMLSignOut{
		Provider: slug, Live: live.is, ReturnTo: to.String(), ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	if err != nil {
		// The person is to be signed out here whatever becomes of the rest.
		a.log.Warn("a person could not be signed out at the identity provider",
			slog.String("reference", traceOf(r.Context()).reference), slog.Any("error", err))
	}
	if err := a.sessions.SignOut(r.Context(), live.token); err != nil {
		return err
	}
	a.clearSession(w, r)
	if strings.TrimSpace(address) == "" {
		sendTo(w, to)
		return nil
	}
	// The answer to a form may not lead to another site: our policy holds for each
	// place that the identity provider sends the browser on to as well.
	return a.showSAMLPage(w, "go", http.StatusOK, samlPage{
		Title: "Signing you out", Detail: "You are signed out here. The place where you signed in comes next.", Go: address,
	})
}
