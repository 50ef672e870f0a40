package oriel

import "time"

// Session is what a session token stands for; the token itself is nowhere.
type Session struct {
	ID       string // "ses_…", safe to list
	User     UserID
	Provider string // provider id
	// KeyID is the kid of the key that vouched for it, KeySerial the key's
	// number in the store: another key under the same kid has another.
	KeyID     string
	KeySerial int64
	// Origin is the only Origin that may use it. It is empty for a backend
	// session, which no Origin may use, and for an interactive one, which the
	// site's own pages use.
	Origin string
	// Bindable is set on a backend session of a legacy exchange: the first
	// allowed Origin that uses it becomes its Origin.
	Bindable bool
	HostSID  string // the host's own session id, when the token named one
	Kind     SessionKind
	// Viewer is the id of the API key with which somebody views as the user;
	// the session ends with it. Empty for the other kinds.
	Viewer  string
	Created time.Time
	Expires time.Time // absolute
	// IdleEnds is when it ends unless it is used before, and never after
	// Expires. Zero for the kinds that have no idle limit.
	IdleEnds time.Time
	Ended    time.Time // zero: not ended before its time
}

// SessionFilter narrows a listing of sessions; empty fields narrow nothing.
type SessionFilter struct {
	User     UserID
	Tenant   TenantSlug
	Provider string // slug
}

// Person is a user with all that decides about their requests, read at one
// moment. User has no effective attributes yet: Attributes keeps them by where
// they come from.
type Person struct {
	User         User
	Attributes   AttributeSets
	TenantActive bool // true for a user without a tenant
}

// Effective is the user with the attributes that policies read.
func (p Person) Effective() User {
	user := p.User
	user.Attributes, user.AttributesFrom = p.Attributes.Effective(), p.Attributes
	return user
}

// SessionState is a session with all that decides whether it may still be
// used, read at one moment.
type SessionState struct {
	Session Session
	// ProviderOn and KeyLive tell whether what vouched for it still stands.
	ProviderOn bool
	KeyLive    bool
	Person     Person
}
