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
	ScopeAdminPeople         Scope = "admin:people" // users, groups, tenants
	ScopeAdminAuthentication Scope = "admin:authentication"
	ScopeAdminAccess         Scope = "admin:access" // permissions, policies, exemptions
	ScopeAdminContent        Scope = "admin:content"
	ScopeAdminSources        Scope = "admin:sources"
	ScopeAdminAudit          Scope = "admin:audit"
	ScopeAdminViewAs         Scope = "admin:view_as"
)

// Scopes lists every scope, in the order in which they are shown.
func Scopes() []Scope {
	return append([]Scope{ScopeEmbedRead, ScopeContentRead, ScopeAdmin}, PartScopes()...)
}

// PartScopes are the parts of administration, each of which a group may have.
func PartScopes() []Scope {
	return []Scope{
		ScopeAdminPeople, ScopeAdminAuthentication, ScopeAdminAccess, ScopeAdminContent, ScopeAdminSources,
		ScopeAdminAudit, ScopeAdminViewAs,
	}
}

// IsAdmin tells whether the scope reaches administration.
func (s Scope) IsAdmin() bool { return len(s) > 6 && s[:6] == "admin:" }

// Includes tells whether having s is having the other one.
func (s Scope) Includes(other Scope) bool { return s == other || s == ScopeAdmin && other.IsAdmin() }
