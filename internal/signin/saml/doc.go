// Package saml turns the response of a SAML 2.0 identity provider into an
// [oriel.Identity], and asks it for one. We are the service provider. It is pure:
// no network, no store, no clock of its own.
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
//	request.go   what a provider is asked
//	logout.go, logout_message.go  messages about signing out, both ways
//	metadata.go, metadata_gate.go  what a provider publishes of itself
//	ourmetadata.go  what we publish of ourselves
//	ownkey.go    our own keys
//	protocol.go  all of it for a provider's settings, as signing in wants it
//	samltest/    identity providers of other makes, for tests
//
// Invariant: what is read is what was signed. The tree that [Verifier.Verify]
// reads an assertion from is parsed anew from the very bytes whose digest the
// signature covers.
package saml
