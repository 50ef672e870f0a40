package hostauth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/oriel-bi/oriel/hostauth"
)

// A host backend adds one route. Who is signed in stays the product's own
// business: here a cookie names the person.
func Example() {
	key, err := hostauth.GenerateKey() // a real backend reads its key from a file
	if err != nil {
		panic(err)
	}
	endpoint, err := hostauth.New(hostauth.Options{
		Issuer:         "https://api.example.com",
		OrielURL:       "https://bi.example.com",
		Key:            key,
		AllowedOrigins: []string{"https://app.example.com"},
		Identify: func(r *http.Request) (hostauth.Identity, error) {
			session, err := r.Cookie("session")
			if err != nil || session.Value != "dana's" {
				return hostauth.Identity{}, hostauth.ErrSignedOut
			}
			return hostauth.Identity{
				Subject:    "dana",
				Email:      "dana@example.com",
				FirstName:  "Dana",
				LastName:   "Reyes",
				Groups:     []string{"operators"},
				Attributes: map[string]any{"airport": "DFW"},
			}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/sso/oriel", endpoint)

	request := httptest.NewRequest("GET", "https://api.example.com/sso/oriel?response=json", nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)

	request.AddCookie(&http.Cookie{Name: "session", Value: "dana's"})
	answer = httptest.NewRecorder()
	mux.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body.String()[:8])
	// Output:
	// 401 {"error":"signed_out","message":"Nobody is signed in."}
	// 200 {"jwt":"
}
