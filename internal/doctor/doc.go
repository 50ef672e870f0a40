// Package doctor finds out why nobody gets in before anybody tries: it asks a
// provider's sign-in endpoint as the SDK would, and walks through every check
// that a sign-in makes, without making one.
//
//	doctor.go    the order of the checks
//	report.go    what a check says: ok, finding or skipped, and what to do
//	ask.go       one request as a browser or a host would send it
//	instance.go  settings, the site's own answers
//	provider.go  a provider's settings, keys and published keys
//	page.go      the page's origin, and what Oriel lets it read
//	host.go      the host's endpoint: reachable, readable, of the right shape
//	token.go     two tokens in a row: are they two?
//	rehearse.go  a sign-in up to its commit, which then does not happen
//
// Invariants: nothing is written, no token is spent; no report holds a token, a
// secret or the value of a header that was given to be sent.
package doctor
