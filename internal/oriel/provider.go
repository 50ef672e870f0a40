package oriel

import "time"

// Profile is how strict a JWT provider is (sign-in contract §1).
type Profile string

// The two profiles.
const (
	ProfileStrict Profile = "strict"
	ProfileCompat Profile = "compat"
)

// KeyKind is the family of algorithms that a key is for; a key is never used
// for another.
type KeyKind string

// The kinds of key.
const (
	KeyHS256 KeyKind = "hs256"
	KeyEdDSA KeyKind = "eddsa"
)

// ProviderKey verifies the host tokens of one provider. A retired key is not
// live. Exactly one of Secret and Public is set.
type ProviderKey struct {
	ID      string // the token's kid
	Kind    KeyKind
	Secret  []byte // at least 32 bytes; encrypted in the store
	Public  []byte // PEM of a public key (PKIX)
	Created time.Time
	// Serial is the key's number in the store, made when it is added: other
	// material under the same ID has another, so that it ends the old sessions.
	Serial int64
}

// GroupsMode says what a provider's group claim does (sign-in contract §2).
type GroupsMode string

// The modes.
const (
	GroupsOff    GroupsMode = "off"
	GroupsMapped GroupsMode = "mapped"
	GroupsByName GroupsMode = "by-name"
)

// ClaimNames are the names under which a provider's tokens carry things.
type ClaimNames struct {
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Groups    string `json:"groups"`
	Tenant    string `json:"tenant"`
}

// DefaultClaimNames are the names when a provider sets none.
func DefaultClaimNames() ClaimNames {
	return ClaimNames{Email: "email", FirstName: "first_name", LastName: "last_name", Groups: "groups", Tenant: "tenant"}
}

// Provider is one host app that may sign users in with a JSON Web Token.
type Provider struct {
	ID        string // "prv_…", stable; part of the one-use key
	Slug      string
	Enabled   bool
	Profile   Profile
	Issuer    string
	Audience  string // compat: checked when set. strict: always the site URL
	SignInURI string
	Keys      []ProviderKey
	Claims    ClaimNames
	Groups    struct {
		Mode GroupsMode
		// Mapping is external name → groups (mode mapped).
		Mapping map[string][]GroupKey
		// Opened are the groups that the claim may name (mode by-name).
		Opened []GroupKey
	}
	Create     bool // provision unknown users
	Reactivate bool
	Tenants    ProviderTenants
	Realm      string   // identity realm; empty links to no other provider
	Origins    []Origin // narrows the instance's list; empty narrows nothing
}

// Configured tells whether the provider can sign anybody in: it is on, has a
// key and a sign-in URI.
func (p Provider) Configured() bool { return p.Enabled && len(p.Keys) > 0 && p.SignInURI != "" }

// ProviderTenants says into which tenants a provider signs.
type ProviderTenants struct {
	Any    bool         `json:"any,omitempty"`
	Listed []TenantSlug `json:"listed,omitempty"`
	Create bool         `json:"create,omitempty"` // make unknown tenants
}

// Identity is what a provider vouched for: not yet a user.
type Identity struct {
	Provider string // provider id
	// Subject is the stable key within the provider: strict sub, compat the
	// e-mail lower-cased and trimmed.
	Subject   string
	Email     string
	FirstName *string // nil: the claim was absent, the stored name stays
	LastName  *string
	// Groups is nil when the claim was absent (nothing changes) and empty when
	// it was an empty list (removed from all managed groups).
	Groups     []string
	GroupsSent bool
	Tenant     *TenantSlug
	Attributes Attributes
	Dropped    []string // claim names that became no attribute, for the record
	HostSID    string   // the host's own session id (sid), at most 128 bytes
	IssuedAt   time.Time
	// OneUse is SHA-256(provider id, 0x00, jti or token hash); SpentUntil the
	// moment until which it must be remembered.
	OneUse     [32]byte
	SpentUntil time.Time
	KeyID      string
}

// LinkedIdentity ties a provider's subject to a user.
type LinkedIdentity struct {
	Provider string // provider id
	Subject  string
	User     UserID
	// GreatestIssuedAt is the youngest iat that was accepted; NotBefore the
	// moment of the last revocation, zero without one. Both in microseconds.
	GreatestIssuedAt time.Time
	NotBefore        time.Time
}

// CheckOutcome is how one check of a sign-in ended.
type CheckOutcome string

// The outcomes.
const (
	CheckPassed  CheckOutcome = "passed"
	CheckFailed  CheckOutcome = "failed"
	CheckSkipped CheckOutcome = "skipped"
)

// Check is one step of a sign-in, as its record tells it. Expected and
// Received never hold a token or a secret.
type Check struct {
	Name     string       `json:"name"` // key, signature, time, issuer, …
	Outcome  CheckOutcome `json:"outcome"`
	Expected string       `json:"expected,omitempty"`
	Received string       `json:"received,omitempty"`
}

// SignInRecord tells one attempt to sign in, accepted or refused (§7).
type SignInRecord struct {
	Reference string // "XK7-4QF"; the problem's request_id
	At        time.Time
	Provider  string // slug, empty when none was found
	Method    string // "jwt"
	Origin    string
	ClientIP  string
	User      UserID // empty when unknown
	Outcome   Code   // empty: accepted
	Checks    []Check
	ClockSkew time.Duration // the signer's clock against ours; 0 when unknown
	Dropped   []string      // claims that became no attribute
	Attempts  int           // how many this record stands for; 0 reads as 1
}

// Evidence is what verifying a token showed, also when it was refused.
type Evidence struct {
	Checks    []Check
	ClockSkew time.Duration // signer's clock minus ours, from iat; 0 when unknown
}
