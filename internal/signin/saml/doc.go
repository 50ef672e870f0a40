// Package saml turns the response of a SAML 2.0 identity provider into an
// [oriel.Identity]. We are the service provider. It is pure: no network, no store,
// no clock of its own. It also writes and reads what is said around a response:
// metadata, requests, and messages about signing out.
//
// Steps, in the order in which they can refuse a response (sign-in contract §5):
//
//	gate.go      size, depth, no DTD, no comment, one meaning of each name;
//	             before anything else sees a byte
//	shape.go     where each element may stand, one signature of one reference,
//	             algorithms
//	signature.go the signature, with a certificate of the provider
//	decrypt.go   an encrypted assertion
//	verify.go    the order, and what an assertion must say
//	identity.go  attributes → names, groups, tenant, attributes
//	certificate.go  the certificates that a provider may sign with
//
// Around a response:
//
//	metadata_gate.go   a gate for a provider's metadata, wider than that of a response
//	metadata.go        a provider's metadata → [IdP], signed or not
//	ourmetadata.go     our own
//	request.go         our request to sign in, and how a message gets into an address
//	logout.go          what a message about signing out must say, both ways
//	logout_message.go  how it comes in by each binding, and ours
//	ownkey.go          our own keys
//	protocol.go        all of it by a provider's settings, as signing in wants it
//	samltest/          identity providers of other makes, for tests
//
// Invariant: what is read is what was signed. The tree that [Verifier.Verify]
// reads an assertion from is parsed anew from the very bytes whose digest the
// signature covers; so are those of [ReadSignedMetadata] and
// [ReadLogoutRequestPost]. Where the signature is over an address's query, no
// message is decoded before it holds.
package saml
