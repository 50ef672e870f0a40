package oriel

import "time"

// NameID is how a SAML identity provider names a person (SAML Core §2.2.3).
type NameID struct {
	Value           string `json:"value"`
	Format          string `json:"format,omitempty"`
	NameQualifier   string `json:"name_qualifier,omitempty"`
	SPNameQualifier string `json:"sp_name_qualifier,omitempty"`
}

// Popup is the page of a host that opened a sign-in in another window, and what
// only it knows: the code at the end is for nobody else (RFC 7636).
type Popup struct {
	Origin    string `json:"origin"`
	Challenge string `json:"challenge"` // S256 of the verifier
	State     string `json:"state"`
}

// SAMLRequest is a request to an identity provider, while it waits for its answer.
type SAMLRequest struct {
	Relay    [32]byte // SHA-256 of the RelayState
	Provider string   // provider id
	ID       string   // the AuthnRequest's
	Browser  [32]byte // SHA-256 of what the browser keeps
	// Foreign tells that another site's page had the browser begin.
	Foreign  bool
	ReturnTo string
	Popup    *Popup // nil: the browser itself is signed in
	// Trial names the test sign-in of an administrator; it signs nobody in.
	Trial   string
	Expires time.Time
}

// SAMLCode is a sign-in by popup, until the page that opened it takes it.
type SAMLCode struct {
	Hash     [32]byte // SHA-256 of the code
	Popup    Popup
	Identity Identity
	Evidence Evidence
	Expires  time.Time
}

// AuthnRequest is what an identity provider is asked.
type AuthnRequest struct {
	ID, EntityID, ACS, RelayState string
	At                            time.Time
}

// AssertionAsk is what a response must answer.
type AssertionAsk struct {
	// ACS is the address at which it came, and Audience our entity id.
	ACS, Audience string
	// RequestID is the id of the request of ours that the browser brought; empty
	// when it brought none.
	RequestID string
}

// SAMLKey is a key of ours as a service provider, with its certificate.
type SAMLKey struct {
	Serial      int64  // its number in the store
	Certificate []byte // DER
	Secret      []byte // PKCS #8; encrypted in the store
	Created     time.Time
}
