// Package audit keeps what happened, by whom. Changes are written by the store
// in the transaction that makes them; this package holds what is particular to
// sign-in records (sign-in contract §7).
//
//	records.go    records of attempts: at once, or lazily and bounded
//	search.go     who may find them, and how
//
// Invariant: whatever an attacker sends, records grow by a bounded number a
// minute, and no record holds a token.
package audit
