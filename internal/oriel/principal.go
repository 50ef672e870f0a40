package oriel

import (
	"maps"
	"slices"
	"strings"
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
)

// Principal is who a request acts as. It is made once, where the request is
// authenticated, and never changed: everything that reads or runs something
// takes one as an argument.
type Principal struct {
	user     User
	kind     SessionKind
	operator bool
}

// NewPrincipal makes the principal of a user with a session of the kind.
func NewPrincipal(user User, kind SessionKind) Principal {
	user.Groups = slices.Clone(user.Groups)
	slices.Sort(user.Groups)
	return Principal{user: user, kind: kind}
}

// Operator is the principal of whoever runs the oriel command on the machine
// that holds the store: they could read the files anyway.
func Operator() Principal { return Principal{operator: true, kind: SessionAdmin} }

// User is the user that the principal acts as; the zero User for the operator.
func (p Principal) User() User { return p.user }

// Kind is the kind of the session that the request came with.
func (p Principal) Kind() SessionKind { return p.kind }

// IsZero tells whether nobody is signed in. Nothing is permitted to nobody.
func (p Principal) IsZero() bool { return !p.operator && p.user.ID == "" }

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
