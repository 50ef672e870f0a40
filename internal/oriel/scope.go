package oriel

// Scope is something that an API key or an administrator may do beyond what
// every session may (access contract §2, sign-in contract §8).
type Scope string

// The scopes. Those of administration are split; admin:* holds all of them.
const (
	// ScopeEmbedRead and ScopeContentRead read what the key's user may read: as
	// an embed does, in dev mode on loopback, or as a server.
	ScopeEmbedRead   Scope = "embed:read"
	ScopeContentRead Scope = "content:read"

	ScopeAdmin               Scope = "admin:*"
	ScopeAdminPeople         Scope = "admin:people"
	ScopeAdminAuthentication Scope = "admin:authentication"
	ScopeAdminAudit          Scope = "admin:audit"
)

// Scopes lists every scope, in the order in which they are shown.
func Scopes() []Scope {
	return []Scope{ScopeEmbedRead, ScopeContentRead, ScopeAdmin, ScopeAdminPeople, ScopeAdminAuthentication, ScopeAdminAudit}
}

// IsAdmin tells whether the scope reaches administration.
func (s Scope) IsAdmin() bool { return len(s) > 6 && s[:6] == "admin:" }

// Includes tells whether having s is having the other one.
func (s Scope) Includes(other Scope) bool { return s == other || s == ScopeAdmin && other.IsAdmin() }
