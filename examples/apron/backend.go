package main

import (
	"crypto/ed25519"
	"log/slog"
	"net/http"

	"github.com/oriel-bi/oriel/hostauth"
)

// maxForm is more than any form of the page has.
const maxForm = 4 << 10

type backendOptions struct {
	url      string // its own
	frontend string // the page's origin
	oriel    string
	key      ed25519.PrivateKey
	sessions *sessions
	log      *slog.Logger
}

// newBackend makes the routes of the product's backend.
func newBackend(o backendOptions) (http.Handler, error) {
	// All that a product adds for Oriel: who is signed in, as an identity.
	oriel, err := hostauth.New(hostauth.Options{
		Issuer:         o.url,
		OrielURL:       o.oriel,
		Key:            o.key,
		AllowedOrigins: []string{o.frontend},
		Log:            o.log,
		Identify: func(r *http.Request) (hostauth.Identity, error) {
			p, session, signedIn := o.sessions.of(r)
			if !signedIn {
				return hostauth.Identity{}, hostauth.ErrSignedOut
			}
			first, last := p.names()
			return hostauth.Identity{
				Subject: p.ID, Email: p.email(), FirstName: first, LastName: last,
				Groups:     []string{"operators"},
				Attributes: map[string]any{"airport": p.Airport},
				SessionID:  sessionName(session),
			}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	product := http.NewServeMux()
	product.HandleFunc("GET /people.json", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, people())
	})
	product.HandleFunc("GET /me.json", func(w http.ResponseWriter, r *http.Request) {
		p, _, signedIn := o.sessions.of(r)
		if !signedIn {
			refuse(w, http.StatusUnauthorized, "signed_out", "Nobody is signed in.")
			return
		}
		writeJSON(w, http.StatusOK, p)
	})
	product.HandleFunc("POST /login", o.login)
	product.HandleFunc("POST /logout", o.logout)
	guarded, err := crossOrigin(o.frontend, product)
	if err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	routes.Handle("/", guarded)
	routes.Handle("/sso/oriel", oriel) // has a guard of its own
	return routes, nil
}

func (o backendOptions) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p, found := findPerson(r.PostFormValue("person"))
	if !found {
		refuse(w, http.StatusBadRequest, "unknown_person", "The form field person is none of the ids in /people.json.")
		return
	}
	// A session is never carried over to another person.
	if _, former, signedIn := o.sessions.of(r); signedIn {
		o.sessions.end(former)
	}
	id, err := o.sessions.begin(p)
	if err != nil {
		o.log.ErrorContext(r.Context(), "sign in to Apron", "error", err)
		refuse(w, http.StatusInternalServerError, "internal", "Signing in failed.")
		return
	}
	http.SetCookie(w, sessionCookie(id))
	writeJSON(w, http.StatusOK, p)
}

func (o backendOptions) logout(w http.ResponseWriter, r *http.Request) {
	if _, id, signedIn := o.sessions.of(r); signedIn {
		o.sessions.end(id)
	}
	gone := sessionCookie("")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// sessionCookie is not Secure: the example runs on HTTP, on this machine only.
// A product on HTTPS sets it.
func sessionCookie(id string) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
