// Package storetest is one suite of the store's promises, concurrency
// included, for every engine that the store can run on. An engine's tests call
// [Run] with a way to make an empty database.
//
//	write.go     a write is whole or not at all, and durable when it is answered
//	oneuse.go    a token is used once, on however many nodes
//	people.go    e-mails, identities, slugs and revocation times under concurrency
//	apply.go     what is declared: as a whole, audited, and seen by other nodes
//	operate.go   providers, keys and origins one at a time
//	session.go   sessions are found with all that decides, listed, bound, kept awake
//	revoke.go    a revocation ends exactly its sessions, and tokens from before it
//	notice.go    who reads is told what became stale, before the answer
//	apikey.go    API keys by hash, rotated with overlap, revoked
//	user.go      users made by hand, and who is active
//	record.go    sign-in records are searched, page by page
//	sweep.go     what has had its time goes, and nothing else
//	open.go      which database is opened and which is refused; secrets in it
//
// Two nodes are two stores on one database. The suite speaks to the store
// through its methods; where it must look behind them it asks the [Engine], in
// SQL that every engine reads alike. Its clock stands still until a promise
// moves it; the limit of what is promised within a second is real time.
package storetest
