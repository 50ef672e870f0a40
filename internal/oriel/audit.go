package oriel

import "time"

// AuditEntry is one change, as it is kept: never altered, without secrets and
// without personal values (those are named by id).
type AuditEntry struct {
	ID int64 // its number in the store; 0 before it is kept
	At time.Time
	// Who is "operator", or the id of the user, API key or provider that caused
	// it. Acting is whom or what the key acts as, as it was then.
	Who    string
	Acting string
	Action string // created, updated, deleted, …
	Kind   string // provider, user, policy, …
	Key    string // which one
	From   string // JSON; empty when it was created
	To     string // JSON; empty when it was deleted
	// Of is the user whose personal values the change is about; these are kept
	// apart from the entry, and go when the user is erased.
	Of                       UserID
	PersonalFrom, PersonalTo string // JSON
}

// AuditFilter narrows a listing of the audit; empty fields narrow nothing.
type AuditFilter struct {
	Who    string // also whom a key acts as
	Action string
	Kind   string
	Key    string
	Before int64 // the number of the entry to go on below; 0: from the newest
	// Oldest turns the order around; After is then the number to go on above.
	Oldest bool
	After  int64
}
