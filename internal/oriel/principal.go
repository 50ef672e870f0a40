package oriel

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
)

// UserID is the stable id of a user: "usr_" and 128 random bits.
type UserID string

// GroupKey names a group; the key in the declarations is its id.
type GroupKey string

// The groups that exist without being declared.
const (
	GroupAdministrators GroupKey = "administrators"
	GroupAllUsers       GroupKey = "all-users"
	GroupAllTenantUsers GroupKey = "all-tenant-users"
)

// TenantSlug names a tenant (a customer of the host); empty for an internal
// user, who belongs to none.
type TenantSlug string

// ParseTenantSlug takes a text that is a tenant's slug as it stands (sign-in
// contract §2).
func ParseTenantSlug(text string) (TenantSlug, bool) {
	return TenantSlug(text), keyPattern.MatchString(text)
}

// AttributeValue is one attribute of a user: a single text, or a list.
// Numbers and booleans are kept as their JSON text (sign-in contract §2).
type AttributeValue struct {
	List   bool     `json:"list,omitempty"`
	Values []string `json:"values"` // exactly one unless List
}

// Text makes a single-valued attribute.
func Text(value string) AttributeValue { return AttributeValue{Values: []string{value}} }

// TextList makes a list-valued attribute.
func TextList(values ...string) AttributeValue { return AttributeValue{List: true, Values: values} }

// Attributes are the values that policies read, by name.
type Attributes map[string]AttributeValue

// AttributeSets keeps a user's attributes apart by where they come from.
type AttributeSets struct {
	Administrator Attributes // set by hand
	SignIn        Attributes // of the last sign-in of the session's own provider
	Tenant        Attributes
}

// Effective is what policies read: administrator over sign-in over tenant.
func (s AttributeSets) Effective() Attributes {
	effective := make(Attributes, len(s.Administrator)+len(s.SignIn)+len(s.Tenant))
	maps.Copy(effective, s.Tenant)
	maps.Copy(effective, s.SignIn)
	maps.Copy(effective, s.Administrator)
	return effective
}

// Tenant is a customer of the host.
type Tenant struct {
	Slug       TenantSlug
	Name       string
	Active     bool
	Attributes Attributes
	// Origins narrow the instance's list for the tenant's users; nil narrows
	// nothing, and an empty list lets nobody embed.
	Origins []Origin
	// TimeZone is that of its users' questions; empty for the site's.
	TimeZone TimeZone
	Quotas   Quotas
}

// EmailKey is the form in which e-mail addresses are compared: trimmed and
// lower-cased. A letter outside ASCII never becomes one of ASCII (the Kelvin
// sign is no k), so that no other mailbox compares equal to a plain one.
func EmailKey(email string) string {
	return strings.Map(func(r rune) rune {
		lower := unicode.ToLower(r)
		if r > unicode.MaxASCII && lower <= unicode.MaxASCII {
			return r
		}
		return lower
	}, strings.TrimSpace(email))
}

// User is a stored person who may sign in.
type User struct {
	ID        UserID
	Email     string
	FirstName string
	LastName  string
	Tenant    TenantSlug
	Active    bool
	Groups    []GroupKey // sorted, with the built-in groups that hold
	// Attributes are the effective values: administrator over sign-in over tenant.
	Attributes Attributes
	// AttributesFrom keeps them apart by where they come from. Policies read the
	// tenant's own from it, whatever the user's of the same name are.
	AttributesFrom AttributeSets
}

// Name is how the user is shown: the names, or the e-mail without them.
func (u User) Name() string {
	switch {
	case u.FirstName != "" && u.LastName != "":
		return u.FirstName + " " + u.LastName
	case u.FirstName != "":
		return u.FirstName
	case u.LastName != "":
		return u.LastName
	}
	return u.Email
}

// SessionKind says what a session may be used for (sign-in contract §4).
type SessionKind string

// The kinds of session.
const (
	SessionEmbed       SessionKind = "embed"
	SessionInteractive SessionKind = "interactive"
	SessionBackend     SessionKind = "backend"
	SessionAdmin       SessionKind = "admin"
	// SessionViewAs sees what another user sees, and changes nothing.
	SessionViewAs SessionKind = "view_as"
	// SessionAPIKey is no session: the request came with an API key.
	SessionAPIKey SessionKind = "api_key"
)

// Principal is who a request acts as. It is made once, where the request is
// authenticated, and never changed: everything that reads or runs something
// takes one as an argument.
type Principal struct {
	user     User
	kind     SessionKind
	operator bool
	key      string  // the API key's id
	scopes   []Scope // the key's
	granted  []Scope // by the groups of whom the key acts as
	devPage  bool
	provider string // the id of the one that vouched for the session
	encoded  *atomic.Pointer[[]byte]
}

// NewPrincipal makes the principal of a user with a session of the kind.
func NewPrincipal(user User, kind SessionKind) Principal {
	user.Groups = slices.Clone(user.Groups)
	slices.Sort(user.Groups)
	return Principal{user: user, kind: kind, encoded: new(atomic.Pointer[[]byte])}
}

// NewKeyPrincipal makes the principal of an API key. A key that is bound to a
// group has a user of no id, who is in that group alone. devPage tells that the
// request came from a page of this machine, in dev mode: without it no key
// embeds (sign-in contract §8).
func NewKeyPrincipal(user User, key APIKey, devPage bool) Principal {
	p := NewPrincipal(user, SessionAPIKey)
	p.key, p.scopes, p.devPage = key.ID, slices.Clone(key.Scopes), devPage
	return p
}

// Granted is the principal with the parts of administration that the user's
// groups have.
func (p Principal) Granted(scopes []Scope) Principal {
	p.granted = slices.Clone(scopes)
	return p
}

// VouchedBy is the principal of a session that the provider with the id
// vouched for.
func (p Principal) VouchedBy(provider string) Principal {
	p.provider = provider
	return p
}

// Provider is the id of the provider that vouched for the session; empty
// without one.
func (p Principal) Provider() string { return p.provider }

// Operator is the principal of whoever runs the oriel command on the machine
// that holds the store: they could read the files anyway.
func Operator() Principal { return Principal{operator: true, kind: SessionAdmin} }

// User is the user that the principal acts as; the zero User for the operator.
func (p Principal) User() User { return p.user }

// EncodedUser is what encode makes of the user. It is kept with the principal,
// and so is as old as that: encode is called once, and must make it of nothing
// else. Whoever gets it must not change it.
func (p Principal) EncodedUser(encode func(User) ([]byte, error)) ([]byte, error) {
	if p.encoded != nil {
		if kept := p.encoded.Load(); kept != nil {
			return *kept, nil
		}
	}
	text, err := encode(p.user)
	if err == nil && p.encoded != nil {
		p.encoded.Store(&text)
	}
	return text, err
}

// Kind is the kind of the session that the request came with.
func (p Principal) Kind() SessionKind { return p.kind }

// IsZero tells whether nobody is signed in. Nothing is permitted to nobody.
func (p Principal) IsZero() bool { return !p.operator && p.user.ID == "" && p.key == "" }

// APIKey is the id of the API key that the request came with; empty without one.
func (p Principal) APIKey() string { return p.key }

// OnDevPage tells whether an API key came from a page of this machine in dev
// mode, and may embed.
func (p Principal) OnDevPage() bool { return p.devPage }

// Who names the principal in the audit: an id, never a person's value.
func (p Principal) Who() string {
	switch {
	case p.operator:
		return "operator"
	case p.key != "":
		return p.key
	}
	return string(p.user.ID)
}

// Holds tells whether the principal may use a scope in this request. Only an
// administrator's own session and an administrator's API key reach
// administration, whoever the user of another session is (sign-in contract §4).
// A key never holds more than the user or group that it is bound to does. Who
// views as somebody else holds nothing.
func (p Principal) Holds(scope Scope) bool {
	administrator := p.operator || p.In(GroupAdministrators)
	switch p.kind {
	case SessionAdmin:
		return administrator
	case SessionAPIKey:
		held := slices.ContainsFunc(p.scopes, func(s Scope) bool { return s.Includes(scope) })
		return held && (administrator || !scope.IsAdmin() || slices.Contains(p.granted, scope))
	case SessionEmbed, SessionInteractive, SessionBackend:
		return !scope.IsAdmin() && !p.IsZero()
	}
	return false
}

// WithBuiltInGroups adds the groups that hold without being stored: everybody
// is in all users, everybody of a tenant in all tenant users. Sorted.
func WithBuiltInGroups(stored []GroupKey, tenant TenantSlug) []GroupKey {
	groups := append(slices.Clone(stored), GroupAllUsers)
	if tenant != "" {
		groups = append(groups, GroupAllTenantUsers)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// In tells whether the principal is in the group.
func (p Principal) In(group GroupKey) bool {
	_, found := slices.BinarySearch(p.user.Groups, group)
	return found
}
