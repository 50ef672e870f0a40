package signin

import "github.com/oriel-bi/oriel/internal/oriel"

// Fix is what to do about a sign-in that was refused with the code, for
// whoever may read its record: an administrator, or the host's developer.
func Fix(code oriel.Code) string {
	switch code {
	case oriel.CodeTokenMalformed, oriel.CodeAlgorithmNotAllowed, oriel.CodeTokenKeyUnknown, oriel.CodeTokenSignature,
		oriel.CodeTokenExpired, oriel.CodeTokenNotYetValid, oriel.CodeTokenTooOld, oriel.CodeTokenLifetime,
		oriel.CodeTokenReplayed, oriel.CodeIssuerMismatch, oriel.CodeAudienceMismatch, oriel.CodeClaimMissing,
		oriel.CodeClaimInvalid, oriel.CodeLogoutRequestInvalid:
		return fixToken(code)
	case oriel.CodeUserNotProvisioned, oriel.CodeUserDeactivated, oriel.CodeTenantMismatch, oriel.CodeTenantRequired,
		oriel.CodeTenantUnknown, oriel.CodeTenantDeactivated, oriel.CodeAccountNotLinkable:
		return fixPerson(code)
	}
	return fixSetting(code)
}

// fixToken is for what the host's backend signs.
func fixToken(code oriel.Code) string {
	switch code {
	case oriel.CodeTokenMalformed:
		return "Sign a compact JWT of at most 8 KiB with a library: header alg, kid and typ alone, every name once, dates as numbers."
	case oriel.CodeAlgorithmNotAllowed:
		return "Sign with the algorithm of the key that the token names: oriel key list shows its kind."
	case oriel.CodeTokenKeyUnknown:
		return "Set kid to the id of the key that signs: oriel key list shows the ids, and which keys have ended."
	case oriel.CodeTokenSignature:
		return "The host signs with another key than the one here. A secret is used as its text stands, not decoded; otherwise make a new key with oriel key create."
	case oriel.CodeTokenExpired:
		return "Let the host sign a new token for each sign-in; if this one is new, set the host's clock right."
	case oriel.CodeTokenNotYetValid:
		return "The token is from the future: set the host's clock right, or this machine's."
	case oriel.CodeTokenTooOld:
		return "Let the host sign a new token for each sign-in: this one was issued too long ago, or before its user's sessions were revoked."
	case oriel.CodeTokenLifetime:
		return "Let the token live a minute: exp is after iat, by at most 5 minutes."
	case oriel.CodeTokenReplayed:
		return "Let the host sign a new token, with a jti of its own, for each request, and let nothing keep its answers: Cache-Control: no-store."
	case oriel.CodeIssuerMismatch:
		return "Let the host send the provider's issuer as iss: oriel provider show has it, and it is compared letter by letter."
	case oriel.CodeAudienceMismatch:
		return "Let the host send what is expected as aud; with profile strict that is the site URL, which must be the server's here too (--site-url)."
	case oriel.CodeClaimMissing:
		return "Add it (not every library writes iat by itself; by SAML it is the e-mail), or tell the provider under which name it comes: oriel provider update --email-claim."
	case oriel.CodeLogoutRequestInvalid:
		return `By JWT: sign logout tokens with typ "oriel-logout+jwt" in the header and sid or sub among the claims, and sign-in tokens without it. By SAML: let the identity provider sign its sign-outs, and send them to our ACS with /logout in place of /acs.`
	}
	return "Send the claim or attribute that the last check names in the form that it wants." // claim_invalid
}

// fixPerson is for a good token whose user may not come in.
func fixPerson(code oriel.Code) string {
	switch code {
	case oriel.CodeUserNotProvisioned:
		return "Nobody has signed in with this identity yet: let the provider make users with oriel provider update --create-users."
	case oriel.CodeUserDeactivated:
		return "The user is deactivated: oriel user activate lets them in again, oriel provider update --reactivate-users does so at a sign-in."
	case oriel.CodeTenantMismatch:
		return "A user stays in their tenant: let the host send the tenant that the user has, or let the provider sign into the tenant that it sends (oriel provider update --tenant)."
	case oriel.CodeTenantRequired:
		return "Let the host send the tenant's slug in the tenant claim."
	case oriel.CodeTenantUnknown:
		return "There is no such tenant: check the slug that the host sends, or let the provider make tenants with oriel provider update --create-tenants."
	case oriel.CodeTenantDeactivated:
		return "The tenant is deactivated: oriel tenant activate lets its users in again."
	}
	return "The address belongs to a user of another identity: keep sub (by SAML the NameID and its format) the same for one person; providers that share people need the same realm; users made by hand are never linked." // account_not_linkable
}

// fixSetting is for what Oriel is told about the host.
func fixSetting(code oriel.Code) string {
	switch code {
	case oriel.CodeSSONotConfigured:
		return "The provider is off, or has no key that can be used: see oriel provider list; oriel provider update --enable switches it on, oriel key create makes a key."
	case oriel.CodeProviderUnknown:
		return "There is no provider of that slug: see oriel provider list."
	case oriel.CodeProviderAmbiguous:
		return "Several providers could be meant: name one with --provider, and in the host with kid or iss."
	case oriel.CodeOriginNotAllowed:
		return "If the page is yours, let it embed: oriel origin add ORIGIN, and the provider's own origins, if it has some, must have it too. What is no page sends no Origin, and comes in at /auth/sso/to_session."
	case oriel.CodeEmbeddingDisabled:
		return "Embedding is switched off: see the settings embedding and interactive_embedding; a browser that comes by itself, also by idp_initiated, needs both."
	case oriel.CodeAuthMethodUnavailable:
		return "Let the page ask for a method of a provider that is on: oriel provider list, and oriel provider update --enable. For a host's server, switch its way in on: oriel provider update --backend-sessions or --legacy-exchange."
	case oriel.CodeCrossSiteRequest:
		return "With profile strict a browser begins at /auth/sso: let the host bring back the state that it got there, in the same browser, once."
	case oriel.CodeCodeInvalid:
		return "A popup's code, or the answer to the question whether to go on as somebody else, came too late, twice or from another page: begin again."
	case oriel.CodeSAMLResponseInvalid:
		return "Compare what stands at the identity provider with oriel provider show; for a new certificate: oriel provider update --metadata."
	case oriel.CodeSAMLNotRequested:
		return "Begin at the page that shows the charts, in one browser; or let people begin at the identity provider: oriel provider update --idp-initiated."
	case oriel.CodeSAMLReplayed:
		return "Sign in again from the page that shows the charts: an answer is good once."
	case oriel.CodeIdPRefused:
		return "Assign the person to the application at the identity provider: the check status has its words."
	case oriel.CodeRateLimited:
		return "Wait; if real people are kept out, see the settings sign_in_rate, refused_rate and trusted_proxies."
	case oriel.CodeKeysUnavailable:
		return "The host's JWKS cannot be fetched: open its address from this machine; a private address needs the setting fetch_private_addresses."
	case oriel.CodeStoreUnavailable:
		return "The store could not be written: see the server's log, and whether its disk is full."
	}
	return "See docs/errors/" + string(code) + ".md."
}
