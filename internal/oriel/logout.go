package oriel

import "time"

// Logout is what a provider vouched for when it ended a session of its own
// (sign-in contract §3.5): that of one host session, of one person, or of both
// named together. At least one of Subject and HostSID is set.
type Logout struct {
	Provider string // provider id
	Subject  string // as in [Identity]; empty: whoever has the host session
	HostSID  string // sid, at most 128 bytes; empty: all of the subject's
	IssuedAt time.Time
	// OneUse and SpentUntil are those of [Identity], in the same table: a token
	// is used once, as whatever.
	OneUse     [32]byte
	SpentUntil time.Time
	KeyID      string
	KeySerial  int64
}
