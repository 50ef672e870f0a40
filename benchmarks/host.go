package main

import (
	"fmt"
	"net/http"

	"github.com/oriel-bi/oriel/hostauth"
)

// The host that the benchmark plays. Nothing listens there.
const (
	hostOrigin  = "http://127.0.0.1:1"
	hostBackend = "http://127.0.0.1:2"
)

// people is how many end users sign in, in turn: each comes back with a later
// token, as people do.
const people = 500

// host signs tokens that every side accepts: HS256, since all the libraries
// have it, and the secret is the one that bin/oriel made.
type host struct {
	kid, secret, audience string
	signer                *hostauth.Handler
	signed                int
}

func newHost(kid, secret, audience string) (*host, error) {
	signer, err := hostauth.New(hostauth.Options{
		Issuer: hostBackend, OrielURL: audience, Secret: []byte(secret), KeyID: kid,
		Identify: func(*http.Request) (hostauth.Identity, error) { return hostauth.Identity{}, hostauth.ErrSignedOut },
	})
	return &host{kid: kid, secret: secret, audience: audience, signer: signer}, err
}

// tokens signs so many, each for the next of the people, outside of what is
// measured.
func (h *host) tokens(count int) ([]string, error) {
	tokens := make([]string, count)
	for i := range tokens {
		person := h.signed % people
		h.signed++
		var err error
		// An airport of the sample, as its policies expect.
		if tokens[i], err = h.signer.Token(hostauth.Identity{
			Subject: fmt.Sprintf("bench-%d", person), Email: fmt.Sprintf("bench-%d@apron.example", person),
			FirstName: "Ben", LastName: "Chmark", Groups: []string{"operators"},
			Attributes: map[string]any{"airport": "DFW"}, SessionID: "s1",
		}); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}
