// Package httpapi is the HTTP edge: it decodes a request, calls one
// capability with a context and a principal, and encodes the answer. It
// decides nothing about who may see what, and it knows neither the store nor
// an engine.
//
// The way of a request:
//
//	server.go    limits of header, time and size; the http.Server
//	edge.go      reference, security headers, panic → 500, the log line
//	cors.go      which origin may read the answer; preflights (contract §6)
//	routes.go    path and method → operation of api/openapi.yaml (api.gen.go)
//	devhost.go   dev mode answers this machine alone (§8)
//	crossorigin.go  no change by a cookie that a foreign page had sent (§4)
//	authenticate.go  session token or API key, in header or cookie → oriel.Principal
//	sso.go       GET /auth/sso: which of its callers this is; discovery.go start.go
//	             landing.go continue.go exchange.go answer one of them each
//	session.go backend.go hostlogout.go listing.go question.go dashboard.go values.go health.go
//	             one handler each: decode, call, encode, return the error
//	administer.go administration: the scope before anything is read; providers.go
//	             providerkeys.go origins.go apikeys.go sessions.go signins.go, as above
//	proxy.go cookie.go navigation.go redirect.go
//	             client address and scheme; cookies; who opens a page; where to return to (§3.6)
//	frontpage.go GET /, for people who open the server's own address
//	body.go object.go wire.go result.go answer.go
//	             bodies, read strictly; what is told of things; answers
//	problem.go   oriel.Code → status, title and detail of a problem (§9)
//
// State: none but the number of runs that are under way (runs.go).
//
// Invariant: nothing of an error but its code, its own sentence and its fields
// leaves the process; every answer, refused or not, carries the reference
// under which the log and the sign-in record know it.
package httpapi
