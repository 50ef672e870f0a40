package oriel

import (
	"fmt"
	"slices"
	"time"
)

// Method is how a provider vouches for people.
type Method string

// The methods.
const (
	MethodJWT  Method = "jwt"  // the host's backend signs a token
	MethodSAML Method = "saml" // a SAML 2.0 identity provider
)

// Profile is how strict a JWT provider is (sign-in contract §1).
type Profile string

// The two profiles.
const (
	ProfileStrict Profile = "strict"
	ProfileCompat Profile = "compat"
)

// KeyKind is the one algorithm that a key is for; a key is never used for
// another (sign-in contract §1).
type KeyKind string

// The kinds of key. The compat profile takes hs256 alone.
const (
	KeyHS256 KeyKind = "hs256"
	KeyHS384 KeyKind = "hs384"
	KeyHS512 KeyKind = "hs512"
	KeyEdDSA KeyKind = "eddsa" // Ed25519
	KeyES256 KeyKind = "es256" // P-256
	KeyES384 KeyKind = "es384" // P-384
	KeyRS256 KeyKind = "rs256"
	KeyRS384 KeyKind = "rs384"
	KeyRS512 KeyKind = "rs512"
	KeyPS256 KeyKind = "ps256"
	// KeyJWKS is a URL at which the host publishes its public keys, each for
	// the one algorithm that its JWK names (RFC 7517 §5).
	KeyJWKS KeyKind = "jwks"
	// KeyX509 is the certificate (PEM) by which a SAML identity provider signs.
	KeyX509 KeyKind = "x509"
)

// IsSecret tells whether keys of the kind are secrets that both sides hold.
// The others are public keys, or where they are.
func (k KeyKind) IsSecret() bool { return k == KeyHS256 || k == KeyHS384 || k == KeyHS512 }

// ProviderKey verifies what one provider signs. Exactly one of Secret, Public
// and URL is set.
type ProviderKey struct {
	ID      string // the token's kid; of a JWKS and a certificate only a name
	Kind    KeyKind
	Secret  []byte // at least as long as the kind's hash, so 32 bytes or more; encrypted in the store
	Public  []byte // a public key as PEM (PKIX) or JWK, or a certificate as PEM
	URL     string // of kind jwks
	Created time.Time
	// Retired is when the key was given an end, and Ends that end: from then on
	// it verifies nothing. Both are zero for a key without one.
	Retired, Ends time.Time
	// Serial is the key's number in the store, made when it is added: other
	// material under the same ID has another, so that it ends the old sessions.
	Serial int64
}

// Live tells whether the key verifies tokens at the moment now.
func (k ProviderKey) Live(now time.Time) bool { return k.Ends.IsZero() || now.Before(k.Ends) }

// KeyUse is how much a key was used lately (sign-in contract §1).
type KeyUse struct {
	Serial   int64
	LastUsed time.Time // zero: never
	LastHour int       // tokens accepted
	LastDay  int
}

// SafeToDelete tells whether nothing depends on the key any more: it was
// retired, its overlap has passed, and no token came with it since.
func (k ProviderKey) SafeToDelete(use KeyUse, now time.Time) bool {
	return !k.Retired.IsZero() && !k.Live(now) && use.LastUsed.Before(k.Retired)
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

// Provider is one host app that may sign users in with a JSON Web Token, or one
// identity provider that does it by SAML.
type Provider struct {
	ID      string // "prv_…", stable; part of the one-use key
	Slug    string
	Method  Method // empty is jwt
	Enabled bool
	Profile Profile // jwt alone
	// Issuer is the token's iss, or the entity id of the identity provider.
	Issuer string
	// Audience of jwt: compat: checked when set; strict: always the site URL. Of
	// saml: our entity id; empty is [Provider.EntityID]'s own.
	Audience string
	// SignInURI is the host backend's endpoint, or that of the identity provider
	// for requests by redirect.
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
	// BackendSessions lets the host's servers exchange tokens for sessions
	// without an Origin (§3.4), LegacyExchange in the way of hosts written for
	// generation 54 or older (§3.2; compat only). Both are off unless set.
	BackendSessions bool
	LegacyExchange  bool
	// Native lets whoever may write SQL do it in an embed session too (access §2).
	Native bool
	SAML   SAMLSettings // saml alone
}

// SAMLSettings are those that only a SAML provider has (sign-in contract §5).
type SAMLSettings struct {
	// IdPInitiated takes responses that nobody here asked for.
	IdPInitiated bool
	// SignRequests signs our requests, and WantEncrypted refuses assertions that
	// are not encrypted for us.
	SignRequests, WantEncrypted bool
	// SignOutURI is the identity provider's endpoint for sign-outs by redirect;
	// empty: it is not told, and its own sign-outs are refused.
	SignOutURI string
	// SignOutAnswerURI is where our answers to its sign-outs go, when that is another
	// (SAML Metadata §2.2.2, ResponseLocation); empty: SignOutURI.
	SignOutAnswerURI string
	// Callbacks are pages of hosts, at most one for each origin: a popup that lost
	// its opener goes there.
	Callbacks []string
	// RenewFor is for how long after a sign-in a page's session is renewed without
	// the identity provider: at most until the end that it told of its own session.
	// Zero: until that end, and not at all when it told none.
	RenewFor time.Duration
	// MetadataURL is where the identity provider publishes its metadata; empty:
	// its settings are ours to keep.
	MetadataURL string
	// MetadataCertificate (PEM) is what they must be signed with, when that is not
	// one of the provider's own keys.
	MetadataCertificate string
}

// HasKey tells whether a key has the id.
func (p Provider) HasKey(id string) bool {
	return slices.ContainsFunc(p.Keys, func(k ProviderKey) bool { return k.ID == id })
}

// FreeKeyID is the first of key-1, key-2 and so on that no key has.
func (p Provider) FreeKeyID() string {
	for n := 1; ; n++ {
		if id := fmt.Sprintf("key-%d", n); !p.HasKey(id) {
			return id
		}
	}
}

// IsSAML tells whether an identity provider signs people in by SAML.
func (p Provider) IsSAML() bool { return p.Method == MethodSAML }

// MethodName is the provider's method, also when it was left out.
func (p Provider) MethodName() Method {
	if p.IsSAML() {
		return MethodSAML
	}
	return MethodJWT
}

// SAMLPath is where the SAML endpoints of the provider are, below the site URL.
func (p Provider) SAMLPath() string { return "/auth/saml/" + p.Slug }

// EntityID is who we are to a SAML provider: what its settings say, else the
// address of our metadata.
func (p Provider) EntityID(siteURL string) string {
	if p.Audience != "" {
		return p.Audience
	}
	return siteURL + p.SAMLPath() + "/metadata"
}

// LogoutURL is where a SAML provider sends messages about signing out.
func (p Provider) LogoutURL(siteURL string) string { return siteURL + p.SAMLPath() + "/logout" }

// ACS is where a SAML provider sends its responses.
func (p Provider) ACS(siteURL string) string { return siteURL + p.SAMLPath() + "/acs" }

// MaxProviderKeys is the most keys that a provider has: a token of the compat
// profile without kid is tried against each (§1).
const MaxProviderKeys = 4

// Configured tells whether the provider can sign anybody in: it is on, has a
// key and a sign-in URI.
func (p Provider) Configured() bool { return p.Enabled && len(p.Keys) > 0 && p.SignInURI != "" }

// ProviderTenants says into which tenants a provider signs.
type ProviderTenants struct {
	Any    bool         `json:"any,omitempty"`
	Listed []TenantSlug `json:"listed,omitempty"`
	Create bool         `json:"create,omitempty"` // make unknown tenants
	// Own is set when the provider is a tenant's own: it signs into that tenant
	// only, whether the token names it or not.
	Own TenantSlug `json:"own,omitempty"`
}
