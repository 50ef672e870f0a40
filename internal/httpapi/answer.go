package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// answer sends a body with status 200. On the sign-in endpoints the page of an
// allowed origin may read it, and no other.
func (a *API) answer(w http.ResponseWriter, r *http.Request, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		a.fail(w, r, fmt.Errorf("encode the answer: %w", err))
		return
	}
	a.shareSuccess(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
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
