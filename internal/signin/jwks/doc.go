// Package jwks keeps the public keys that hosts publish as JSON Web Key Sets
// (RFC 7517), by URL, for the verifier of host tokens: it is a
// [github.com/oriel-bi/oriel/internal/signin/jwt.KeySet].
//
// Anybody can send a token with any kid, so what a kid may cause is bounded:
// one fetch for each URL in 30 s, shared by all who wait for it (sign-in
// contract §1). There is nothing in the background: who finds a document old
// fetches it.
//
//	sets.go      a document for each URL: when it is fetched, and for whom
//	document.go  what is known of one URL
//
// Invariant: a key that is found stood in the last document that could be
// fetched. Its JWK was read by signin/jwt, which passes over all that verifies
// no tokens.
package jwks
