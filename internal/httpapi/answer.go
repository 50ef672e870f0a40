package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// contentJSON is shared by all answers, as their other headers are: see
// [API.secure].
var contentJSON = []string{"application/json"}

// answer sends a body with status 200. On the sign-in endpoints the page of an
// allowed origin may read it, and no other.
func (a *API) answer(w http.ResponseWriter, r *http.Request, body any) {
	a.answerWith(w, r, http.StatusOK, body)
}

// created is answer for something that was made.
func (a *API) created(w http.ResponseWriter, r *http.Request, body any) {
	a.answerWith(w, r, http.StatusCreated, body)
}

func (a *API) answerWith(w http.ResponseWriter, r *http.Request, status int, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		a.fail(w, r, fmt.Errorf("encode the answer: %w", err))
		return
	}
	a.answerEncoded(w, r, status, content)
}

// answerEncoded is answer for JSON.
func (a *API) answerEncoded(w http.ResponseWriter, r *http.Request, status int, content []byte) {
	a.shareSuccess(w, r)
	w.Header()["Content-Type"] = contentJSON
	w.WriteHeader(status)
	_, _ = w.Write(content) // an error says only that the client is gone
}

// shareSuccess is for the sign-in endpoints what [API.share] did for the rest.
func (a *API) shareSuccess(w http.ResponseWriter, r *http.Request) {
	if audienceOf(r.URL.Path) != anyFailure {
		return
	}
	if origin, err := originOf(r); err == nil {
		a.echo(w.Header(), origin)
	}
}
