package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// onlyAs answers requests that were sent to this address and no other name. A
// foreign page whose name was made to resolve to this machine (DNS rebinding)
// would otherwise be of this server's own origin.
func onlyAs(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != address {
			refuse(w, http.StatusMisdirectedRequest, "wrong_address", fmt.Sprintf("Apron is at http://%s; open that address.", address))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin lets the page of one other origin call with its cookies, and
// refuses every other origin.
func crossOrigin(frontend string, next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(frontend); err != nil {
		return nil, fmt.Errorf("trust the page's origin: %w", err)
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "cross_site_request", "Another page may not do this in your name.")
	}))
	protected := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		switch r.Header.Get("Origin") {
		case "": // not a page's script, or a page that only navigates
		case frontend:
			header.Set("Access-Control-Allow-Origin", frontend)
			header.Set("Access-Control-Allow-Credentials", "true")
		default:
			refuse(w, http.StatusForbidden, "origin_not_allowed", "This page's origin may not call Apron.")
			return
		}
		if r.Method == http.MethodOptions {
			header.Set("Access-Control-Allow-Methods", "GET, POST")
			header.Set("Access-Control-Allow-Headers", "Content-Type")
			header.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		protected.ServeHTTP(w, r)
	}), nil
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]string{"error": code, "message": message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client is gone when this fails, and there is nobody to tell.
	_, _ = w.Write(text)
}
