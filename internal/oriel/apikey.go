package oriel

import "time"

// APIKey is a secret for servers, as it is stored and listed: the secret
// itself is nowhere (sign-in contract §8). It is bound to a user or to a group.
type APIKey struct {
	ID      string // "key_…", short and public: it tells keys apart
	Name    string
	User    UserID   // whom it acts as; empty when it is bound to a group
	Group   GroupKey // whose rights it has; empty when it is bound to a user
	Scopes  []Scope
	Created time.Time
	Expires time.Time // zero: never
	// LastUsed is kept to the minute; zero: never.
	LastUsed time.Time
	Revoked  time.Time // zero: not revoked
	// Replaces is the key that this one was rotated from; that one ends when
	// the overlap does.
	Replaces string
}

// APIKeyState is a key with all that decides whether it may be used, read at
// one moment. The person of a key that is bound to a group has no user id, and
// that group alone.
type APIKeyState struct {
	Key    APIKey
	Person Person
}
