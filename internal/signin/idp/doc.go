// Package idp looks each day at what SAML identity providers publish of
// themselves, so that a new certificate is known before they sign with it, and
// warns of those that are about to end.
//
// Only what a certificate that is known already signed is taken unasked (sign-in
// contract §5): whoever could put a certificate among a provider's keys could sign
// in as anybody. What else is new waits for an administrator, in the log.
package idp
