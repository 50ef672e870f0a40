// Package signin lets people in: it turns a host token into a session, and
// tells an SDK where to get the token (sign-in contract §1 to §3).
//
//	signin.go    what sign-ins stand on
//	exchange.go  a host token for a session: gates → token → limits → arrival
//	entrance.go  which gates each of the ways in has, and what session it gives
//	arrive.go    what happens in the one transaction: replay, tenant, user,
//	             groups, attributes, session, record
//	discover.go  GET /auth/sso with client=sdk: which method, which address
//	browser.go   what a browser's start and landing need more: state and frame
//	question.go  a landing over another person's session, until it is answered
//	logout.go    the host's own logout ends sessions (§3.5)
//	saml.go      a browser, or a page's popup, is sent to an identity provider
//	samlresponse.go  its answer: who came, here or for the page of the popup
//	samlcode.go  that page takes what its popup brought (sign-in contract §5)
//	samlrenew.go the next session of that page, without the identity provider
//	samllogout.go  signing out together with an identity provider
//	samltrial.go an administrator's test sign-in, of which nothing is kept
//	limits.go    how often, by provider and by client network (§7)
//	attempt.go   the record that every attempt leaves (§7)
//	fix.go       what to do about each refusal
//	jwt/         host token → identity
//	jwks/        the keys that hosts publish
//	idp/         what identity providers publish, looked at each day
//	saml/        response of an identity provider → identity
//
// State: the limits' counts and the questions that wait, both bounded and in
// memory; everything else is the store's.
//
// Invariant: a sign-in happens as a whole or not at all. Whoever is answered
// with a session has it, and the token is spent, also after a crash; whoever
// is refused left nothing but one record.
package signin
