// Package jwt turns a host token, the JSON Web Token that a host backend
// signed, into an [oriel.Identity], and one that ends sessions into an
// [oriel.Logout]. It is pure: no network, no store, no clock of its own;
// published keys come from a [KeySet].
//
// Steps, in the order in which they can refuse a token (sign-in contract §1,
// §2 and the order of checks in §7):
//
//	gate.go    size, three parts, canonical base64url, header members, shape
//	           of dates; before the JOSE library sees a byte
//	json.go    JSON that means one thing: unique names, bounded depth, text
//	           without NUL or broken characters
//	find.go    which key: by kid, or of a published set
//	key.go     the one algorithm that a key is for, and the signature
//	set.go     the keys of a JWKS document
//	public.go  public keys as PEM and as JWK
//	rsa.go     RSA keys that are strong enough, and PSS with the right salt
//	verify.go  the order: key → signature → time → issuer → audience → claims
//	times.go   exp, iat, nbf and until when a use must be remembered
//	claims.go  claims → names, groups, tenant and attributes
//	logout.go  claims → whose sessions end
//
// Invariant: nothing of a token is believed before its signature has been
// verified with a key of the provider, under the one algorithm of that key.
// [Verifier.Hints] is the exception, and only chooses a provider.
package jwt
