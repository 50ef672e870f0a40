package oriel

import "time"

// Identity is what a provider vouched for: not yet a user.
type Identity struct {
	Provider string // provider id
	// Subject is the stable key within the provider: strict sub, compat the
	// e-mail lower-cased and trimmed, SAML a persistent NameID or that e-mail.
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
	// KeyID is the kid of the key that signed, of a JWKS the JWK's own;
	// KeySerial the provider's key that vouches, which may be the whole JWKS.
	KeyID     string
	KeySerial int64
	// Name is what a SAML provider calls this person; nil of the others.
	Name *NameID
	// SessionEnds is when the identity provider's own session is over (SAML Core
	// §2.7.2, SessionNotOnOrAfter); zero when it does not say.
	SessionEnds time.Time
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
