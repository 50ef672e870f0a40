// Package session issues, checks and ends sessions (sign-in contract §4).
//
//	session.go       what sessions stand on, how long they live, and which
//	                 notices make them forget what they remember
//	token.go         what a session token looks like, and its hash
//	issue.go         a new session, inside the sign-in's transaction
//	held.go          the session of a page, which is to be renewed
//	authenticate.go  on every request: token and Origin → Principal
//	viewas.go        seeing what somebody else sees, and nothing more
//	index.go         live sessions in memory, without a pointer
//	people.go        the principals of their users, bounded
//	end.go           signing out, revoking, listing
//
// Invariant: the token exists only with whoever it was given to; the store
// knows its SHA-256. Memory holds what the store said and nothing else: a
// change is forgotten here before it is answered, within a second when another
// node made it, and nothing is served while it is not known whether others
// changed something.
package session
