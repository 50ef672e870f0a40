// Command apron is the example host: a product for airport operations with
// Oriel's analytics inside. It imports the standard library and package
// hostauth alone, as any host could.
//
// One process, two listeners, so that the page and its backend are different
// origins as they are in most products:
//
//	frontend  GET /config.json   where Oriel and the backend are
//	          GET /…             the built page (frontend.go)
//	backend   GET  /people.json  who may be chosen to sign in as
//	          GET  /me.json      who is signed in, or 401
//	          POST /login        form field person; sets the session's cookie
//	          POST /logout
//	          GET  /sso/oriel    package hostauth: vouches for who is signed in
//
// There are no passwords: choosing a person signs in. That is why it listens
// on loopback addresses only, and answers to no other name.
//
//	main.go      start and stop
//	settings.go  flags and environment
//	key.go       the private key that signs host tokens
//	people.go    customers and people
//	session.go   sessions of the product, in memory
//	backend.go   the backend's routes
//	guard.go     whose requests are answered
//	frontend.go  the page
package main
