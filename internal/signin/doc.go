// Package signin lets people in: it turns a host token into a session, and
// tells an SDK where to get the token (sign-in contract §1 to §3).
//
//	exchange.go  POST /api/v1/session: gates → token → arrival → answer
//	arrive.go    what happens in the one transaction: replay, tenant, user,
//	             groups, attributes, session, record
//	discover.go  GET /auth/sso with client=sdk: which method, which address
//	attempt.go   the record that every attempt leaves (§7)
//	jwt/         host token → identity
//
// Invariant: a sign-in happens as a whole or not at all. Whoever is answered
// with a session has it, and the token is spent, also after a crash; whoever
// is refused left nothing but one record.
package signin
