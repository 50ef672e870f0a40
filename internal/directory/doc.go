// Package directory knows who there is: providers, users, groups, tenants,
// attributes, API keys, and which origins are authorized (sign-in contract §2,
// §6 and §8).
//
//	origin.go     is this page one that may embed?
//	provider.go   which provider is meant?
//	user.go       identity → user: find, link, create, update
//	tenant.go     may this provider sign this user into that tenant?
//	group.go      what a group claim changes
//	attribute.go  what a sign-in's claims replace
//
//	apikey.go     which principal does a request with an API key act as?
//	apikey_grant.go  API keys are made, rotated, revoked
//	people.go people_group.go people_tenant.go permission.go
//	              administrators change users, groups, tenants, permissions
//	policy.go     administrators change policies, held to the tests that are kept
//	people_attribute.go people_effective.go
//	              attributes set by hand; which hold, and where they come from
//	administer.go administer_provider.go administer_key.go
//	              administrators change providers, keys and origins
//	secret.go     the secret of a new key
//
// A sign-in's steps run inside its transaction, which they get as small
// interfaces; when a step fails, the whole sign-in has not happened.
//
// Invariants: a claim never makes an administrator; an identity is linked to
// an existing user only inside a realm that an administrator made; a user
// never changes tenant. Where several providers sign the same user in, a
// session sees the sign-in attributes of its own provider only. What
// administrators do asks for the scope itself, before anything is looked up;
// nobody gives a key, a person or a claim more than they hold; a secret is told once, to who had it
// made.
package directory
