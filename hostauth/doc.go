// Package hostauth signs a host product's users in to Oriel. It is the one
// endpoint that a host backend adds: it asks the product who is signed in,
// and vouches for that person with a JSON Web Token that lives a minute and
// is used once.
//
//	GET /sso/oriel?response=json   the SDK asks, with the product's own cookies: {"jwt": "…"}
//	GET /sso/oriel                 a browser navigates: 302 to Oriel, with return_to and state
//
// The endpoint answers 401 as JSON when nobody is signed in. Pages on another
// origin than the backend read its answer only when [Options.AllowedOrigins]
// names that origin.
//
//	hostauth.go  Options and New
//	handler.go   the endpoint
//	token.go     what stands in a token
//	keys.go      Ed25519 keys as PEM
package hostauth
