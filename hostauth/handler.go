package hostauth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// ServeHTTP answers the SDK with a token as JSON (response=json), and redirects
// a browser to Oriel with one.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	// The address that a redirect leads to holds the token.
	header.Set("Referrer-Policy", "no-referrer")
	// No page of another origin gets the answer into its process by a tag.
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Add("Vary", "Origin")

	if origin := r.Header.Get("Origin"); origin != "" {
		if h.origins[origin] {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
		} else if !sameOrigin(r) {
			refuse(w, http.StatusForbidden, "origin_not_allowed", "This page's origin may not ask for a sign-in token.")
			return
		}
	}
	switch r.Method {
	case http.MethodGet:
		h.answer(w, r)
	case http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "GET")
		header.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type")
		header.Set("Access-Control-Max-Age", "600")
		header.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		w.WriteHeader(http.StatusNoContent)
	default:
		header.Set("Allow", "GET, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "Ask with GET.")
	}
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) {
	person, err := h.identify(r)
	if errors.Is(err, ErrSignedOut) {
		refuse(w, http.StatusUnauthorized, "signed_out", "Nobody is signed in.")
		return
	}
	var token string
	if err == nil {
		token, err = h.Token(person)
	}
	if err != nil {
		h.log.ErrorContext(r.Context(), "vouch for a person to Oriel", "error", err)
		refuse(w, http.StatusInternalServerError, "not_vouched", "The sign-in token could not be made; the backend's log says why.")
		return
	}
	query := r.URL.Query()
	if query.Get("response") == "json" {
		writeJSON(w, http.StatusOK, map[string]string{"jwt": token})
		return
	}
	onward := url.Values{"jwt": {token}}
	for _, name := range []string{"return_to", "state"} {
		if value := query.Get(name); value != "" {
			onward.Set(name, value)
		}
	}
	// Only Oriel's own address is a target: return_to is for Oriel to judge.
	w.Header().Set("Location", h.orielURL+"/auth/sso?"+onward.Encode())
	w.WriteHeader(http.StatusFound)
}

// sameOrigin tells whether a browser says that the page is this endpoint's own.
func sameOrigin(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Site") == "same-origin" }

func refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]string{"error": code, "message": message})
}

func writeJSON(w http.ResponseWriter, status int, body map[string]string) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client is gone when this fails, and there is nobody to tell.
	_, _ = w.Write(text)
}
