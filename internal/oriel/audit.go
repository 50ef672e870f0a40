package oriel

import "time"

// AuditEntry is one change, as it is kept: never altered, without secrets and
// without personal values (those are named by id).
type AuditEntry struct {
	At     time.Time
	Who    string // "operator", or the id of the user or provider that caused it
	Action string // created, updated, deleted, …
	Kind   string // provider, user, policy, …
	Key    string // which one
	From   string // JSON; empty when it was created
	To     string // JSON; empty when it was deleted
}
