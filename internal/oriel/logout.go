package oriel

import "time"

// Logout is what a host's logout token vouched for: whose sessions end
// (sign-in contract §3.5). At least one of Subject and HostSID is set.
type Logout struct {
	Provider string // provider id
	Subject  string // as an [Identity] has it
	HostSID  string
	IssuedAt time.Time
	// OneUse and SpentUntil are as an [Identity] has them: one table for all.
	OneUse     [32]byte
	SpentUntil time.Time
	// KeyID and KeySerial name the key that vouched for it.
	KeyID     string
	KeySerial int64
}
