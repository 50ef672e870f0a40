// Package session issues, checks and ends sessions (sign-in contract §4).
//
//	session.go       what sessions stand on, and how long they live
//	token.go         what a session token looks like, and its hash
//	issue.go         a new session, inside the sign-in's transaction
//	authenticate.go  on every request: token and Origin → Principal
//	end.go           signing out
//
// Invariant: the token exists only with whoever it was given to. The store
// knows its SHA-256, and is asked on every request: what was revoked, changed
// or switched off a moment ago counts.
package session
