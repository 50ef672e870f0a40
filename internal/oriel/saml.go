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
	// Here tells that the page left for it: there is no other window, and it comes
	// back by the callback.
	Here bool `json:"here,omitempty"`
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
	Trial string
	// SignOut tells that it asks for the end of sessions.
	SignOut bool
	Expires time.Time
}

// SAMLCode is a sign-in by popup, until the page that opened it takes it.
type SAMLCode struct {
	Hash     [32]byte // SHA-256 of the code
	Popup    Popup
	Identity Identity
	Evidence Evidence
	Expires  time.Time
	// Abandoned is the record of the attempt when no page comes.
	Abandoned SignInRecord
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
	// SignsFrom is when it takes over from the key before it. It stands in our
	// metadata from the start, so that identity providers can know it by then.
	SignsFrom time.Time
}

// SigningSAMLKey is the index of the key that signs now, of keys with the newest
// first: the newest whose time has come, else the oldest. -1 without any.
func SigningSAMLKey(keys []SAMLKey, now time.Time) int {
	for i, key := range keys {
		if !now.Before(key.SignsFrom) {
			return i
		}
	}
	return len(keys) - 1
}

// SAMLSession is under which name and session of an identity provider a session
// of ours began: what a sign-out at either side names.
type SAMLSession struct {
	Session  string // id
	Provider string // provider id
	Subject  string // as in [Identity]
	Name     NameID
	Index    string // as [Identity].HostSID; empty: none was told
	Expires  time.Time
	// SignIn is the id of the session that the sign-in made; empty: its own. Those that renewals
	// made of it belong to the same, and end with it.
	SignIn string
	// Began is when that sign-in was, and IdPEnds until when the identity provider
	// said that its own session lasts; zero: it did not say.
	Began, IdPEnds time.Time
	// RenewableUntil is until when it is renewed without the identity provider;
	// zero: it is not.
	RenewableUntil time.Time
	// Attempt is the renewal that made it, if its page can name it again.
	Attempt []byte
}

// SAMLMessage is a message about signing out, as a browser brought it: by an
// address, whose query is signed as it stands, or by a form.
type SAMLMessage struct {
	RawQuery          string // of the address; empty of a form
	Field, RelayState string // of the form
}

// SAMLLogout is an identity provider's word that sessions of a person are over.
type SAMLLogout struct {
	ID       string // the request's, for the answer
	Provider string // provider id
	Name     NameID
	Indexes  []string // as [Identity].HostSID; empty: all of the person's
	// Subject is the person's, when the name alone tells it; else empty.
	Subject    string
	IssuedAt   time.Time
	OneUse     [32]byte
	SpentUntil time.Time
	KeyID      string
	KeySerial  int64
}

// SAMLLogoutAnswer is what a provider answers to our wish to sign a person out
// (SAML Core §3.7.2).
type SAMLLogoutAnswer struct {
	InResponseTo string // the id of our request, for the caller to compare
	// Status is the provider's own word, the inner one where there are two.
	Status string
	// Everywhere tells that all sessions ended, those at other parties too.
	Everywhere bool
}
