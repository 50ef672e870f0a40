package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// formType is the media type of a form without files.
const formType = "application/x-www-form-urlencoded"

// maxContinueBody bounds a form that holds a nonce.
const maxContinueBody = 1 << 10

//go:embed continue.html
var continuePageText string

// continuePage asks whether a browser goes on as another person. It has no
// script; policy permits its one style element and its one form.
type continuePage struct {
	page   *template.Template
	policy string
}

func newContinuePage() continuePage {
	_, rest, _ := bytes.Cut([]byte(continuePageText), []byte("<style>"))
	style, _, _ := bytes.Cut(rest, []byte("</style>"))
	hash := sha256.Sum256(style)
	return continuePage{
		page: template.Must(template.New("continue").Parse(continuePageText)),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
			"'; base-uri 'none'; form-action 'self'; frame-ancestors ",
	}
}

// askToContinue shows the page. Where a frame was let in, its page may frame
// this one too, and no other may: it would be a click that somebody steals.
func (a *API) askToContinue(w http.ResponseWriter, question signin.Question, signedIn oriel.User, browser signin.Browser) error {
	var out bytes.Buffer
	err := a.continuePage.page.Execute(&out, map[string]string{
		"SiteName": a.siteName, "As": shown(question.As), "InsteadOf": shown(signedIn),
		"Nonce": question.Nonce, "Stay": browser.ReturnTo,
	})
	if err != nil {
		return fmt.Errorf("write the page that asks: %w", err)
	}
	ancestors := "'none'"
	if browser.Framed {
		ancestors = browser.FramedBy
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", a.continuePage.policy+ancestors)
	_, _ = w.Write(out.Bytes()) // an error says only that the client is gone
	return nil
}

// shown names a person so that two of one name are told apart.
func shown(u oriel.User) string {
	if name := u.Name(); name != u.Email {
		return name + " (" + u.Email + ")"
	}
	return u.Email
}

// ContinueSignIn answers POST /auth/sso/continue: the person said yes.
func (a *API) ContinueSignIn(w http.ResponseWriter, r *http.Request) {
	if err := a.continueSignIn(w, r); err != nil {
		a.fail(w, r, err)
	}
}

func (a *API) continueSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := a.requireOwnPage(r); err != nil {
		return err
	}
	if _, err := parseQuery(r); err != nil {
		return err
	}
	nonce, err := parseNonce(w, r)
	if err != nil {
		return err
	}
	origin, err := originOf(r)
	if err != nil {
		return err
	}
	live, err := a.liveOf(r)
	if err != nil {
		return err
	}
	accepted, returnTo, err := a.signIn.Continue(r.Context(), signin.Answer{
		Nonce: nonce, Live: live.is, Origin: origin,
		ClientIP: a.clientIP(r), Reference: traceOf(r.Context()).reference,
	})
	if err != nil {
		return err
	}
	to, err := ParseReturnTo(returnTo, a.siteURL)
	if err != nil {
		return err
	}
	a.arrived(w, r, accepted, live, to)
	return nil
}

func parseNonce(w http.ResponseWriter, r *http.Request) (string, error) {
	body, err := readBody(w, r, maxContinueBody, formType)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) != 1 || len(form["nonce"]) != 1 || form.Get("nonce") == "" {
		return "", fieldError("nonce", "Send the form of the page that asked.")
	}
	return form.Get("nonce"), nil
}
