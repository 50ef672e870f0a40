// Package fetch is the one way in which Oriel fetches an address that a
// setting names: a JWKS, a SAML provider's metadata, a test of either
// (sign-in contract §1, the last paragraph of the keys). Whoever may write
// such a setting must not reach through it what only this server can reach.
//
//	fetch.go   one GET: https, no redirect to elsewhere, 1 MiB, 5 s
//	dial.go    which addresses are dialled, looked at when they are dialled
//	reason.go  a failure as a sentence for administrators
//
// Invariant: no connection is made to an address that dial.go refuses,
// whatever name led there and by whichever redirect.
package fetch
