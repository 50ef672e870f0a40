// Package store is Oriel's own database: SQLite in a file, behind methods that
// speak the vocabulary of internal/oriel alone. It decides nothing about who
// may do what; the capabilities do.
//
//	open.go migrate.go      open a file, bring its schema forward, refuse a newer one
//	instancekey.go seal.go  the instance key; provider secrets at rest
//	writer.go tx.go         one writer, group commit, a savepoint for each write
//	declared.go apply.go    what is declared: read as a whole, written as a whole
//	operate.go              one provider or key of it at a time, for the operator
//	rotate.go               another instance key for all that is sealed
//	notice.go               a change is told to whoever remembers what was read,
//	                        also when another process made it
//	watch.go sweep.go       looks for such changes; takes away what has expired
//	the rest                one file a noun, each with its SQL
//
// Invariants: whoever is told that a write succeeded finds it after a crash
// (WAL, synchronous=FULL, answers only after COMMIT). A write that fails
// leaves nothing, and does not touch the writes that share its commit. No
// session token, host token or plain secret is ever stored.
//
// The SQL is written by hand and is fixed text: values are always bound.
package store
