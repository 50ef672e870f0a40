package main

import "github.com/oriel-bi/oriel/internal/oriel"

// fixOf is what to do about a token that is refused with the code.
func fixOf(code oriel.Code) string {
	switch code {
	case oriel.CodeSSONotConfigured:
		return "The provider is off, or has no key that can be used: see oriel provider list, and make a key with oriel key create."
	case oriel.CodeProviderUnknown:
		return "There is no provider of that slug: see oriel provider list."
	case oriel.CodeProviderAmbiguous:
		return "Several providers could be meant: name one with --provider, and in the host with kid or iss."
	case oriel.CodeTokenMalformed:
		return "Sign a compact JWT of at most 8 KiB with a library: header alg, kid and typ alone, every name once, dates as numbers."
	case oriel.CodeAlgorithmNotAllowed:
		return "Sign with the algorithm of the key that the token names: oriel key list shows its kind."
	case oriel.CodeTokenKeyUnknown:
		return "Set kid to the id of the key that signs: oriel key list shows the ids."
	case oriel.CodeTokenSignature:
		return "The host signs with another key than the one here. A secret is used as its text stands, not decoded; otherwise make a new key with oriel key create."
	case oriel.CodeTokenExpired:
		return "Let the host sign a new token for each sign-in; if this one is new, set the host's clock right."
	case oriel.CodeTokenNotYetValid:
		return "The token is from the future: set the host's clock right, or this machine's."
	case oriel.CodeTokenTooOld:
		return "Let the host sign a new token for each sign-in: this one was issued too long ago."
	case oriel.CodeTokenLifetime:
		return "Let the token live a minute: exp is after iat, by at most 5 minutes."
	case oriel.CodeIssuerMismatch:
		return "Let the host send the provider's issuer as iss: oriel provider show has it, and it is compared letter by letter."
	case oriel.CodeAudienceMismatch:
		return "Let the host send what is expected as aud; with profile strict that is the site URL, which must be the server's here too (--site-url)."
	case oriel.CodeClaimMissing:
		return "Add it, or tell the provider under which name the host sends it."
	case oriel.CodeClaimInvalid:
		return "Send the claim that the last check names in the form that it wants."
	}
	return "See docs/errors/" + string(code) + ".md."
}
