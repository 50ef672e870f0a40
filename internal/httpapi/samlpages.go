package httpapi

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

//go:embed samlpages.html
var samlPagesText string

// samlPages are what somebody sees on the way through an identity provider.
var samlPages = template.Must(template.New("saml").Parse(samlPagesText))

// samlPage is what one of them shows.
type samlPage struct {
	Title, Detail, Advice, Reference string
	SiteName, Nonce                  string
	Action, Response, RelayState     string // of "again"
	ReturnTo                         string // of "leave": where the browser goes then
	Go                               string // of "go": where it goes now; of "said": where a link goes
	Outcome                          *popupOutcome
}

// popupOutcome is what the last page of a popup does: it tells the page that
// opened it, which is at exactly the origin, or goes to the callback there.
type popupOutcome struct {
	Origin   string       `json:"origin"`
	Callback string       `json:"callback,omitempty"`
	Here     bool         `json:"here,omitempty"` // there is no other window
	Message  popupMessage `json:"message"`
}

// popupMessage is the message of contract §5, and for a refusal its code.
type popupMessage struct {
	Type      string `json:"type"`
	State     string `json:"state"`
	Code      string `json:"code,omitempty"`
	Error     string `json:"error,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// showSAMLPage answers with one of the pages. Only what has the answer's own
// nonce runs in it, and it sends forms to this site alone.
func (a *API) showSAMLPage(w http.ResponseWriter, name string, status int, page samlPage) error {
	bits := make([]byte, 16)
	if _, err := io.ReadFull(a.random, bits); err != nil {
		return fmt.Errorf("make a nonce: %w", err)
	}
	page.Nonce, page.SiteName = base64.RawURLEncoding.EncodeToString(bits), a.siteName
	var out bytes.Buffer
	if err := samlPages.ExecuteTemplate(&out, name, page); err != nil {
		return fmt.Errorf("write a page of a SAML sign-in: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+page.Nonce+"'; style-src 'nonce-"+page.Nonce+
		"'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // an error says only that the client is gone
	return nil
}

// failSAML tells a person why a sign-in failed, and programs as everywhere.
func (a *API) failSAML(w http.ResponseWriter, r *http.Request, err error) {
	if !navigates(r) && !acceptsHTML(r) {
		a.fail(w, r, err)
		return
	}
	t := traceOf(r.Context())
	t.failure = err
	p := problemOf(err, t.reference, a.clock())
	page := samlPage{Title: p.Title, Detail: p.Detail, Reference: t.reference, Advice: samlAdvice(oriel.Code(p.Code))}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter(err))
	}
	if failure := a.showSAMLPage(w, "failed", p.Status, page); failure != nil {
		a.fail(w, r, failure)
	}
}

// samlAdvice says what the person in front of the page can do.
func samlAdvice(code oriel.Code) string {
	switch code {
	case oriel.CodeSAMLNotRequested, oriel.CodeSAMLReplayed:
		return "Go back to the page you came from and sign in again, in this browser."
	case oriel.CodeCrossSiteRequest:
		return "If you want to sign in as somebody else, sign out here first."
	case oriel.CodeIdPRefused:
		return "Ask the people who run your company's sign-in whether you may use this."
	case oriel.CodeRateLimited, oriel.CodeStoreUnavailable:
		return "Try again in a moment."
	}
	return "Give the reference to the people who run this site: they can see which check failed."
}
