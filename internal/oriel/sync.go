package oriel

import "time"

// SourceAddress is where a source's server is, without its password.
type SourceAddress struct {
	Hosts    []string `json:"hosts"` // HOST:PORT, or the folder of a socket
	Database string   `json:"database"`
	Login    string   `json:"login"`
	SSLMode  string   `json:"sslmode"`
}

// SourceTest is how a try to reach a source went.
type SourceTest struct {
	OK bool
	// Message is why it went wrong, in the words of the engine's driver; it holds
	// no password.
	Message string
	// Warnings tell what the login may do that it need not.
	Warnings []string
	Tables   int // how many were found
}

// SyncState is how far a sync has come.
type SyncState string

// The states. Interrupted is one whose process is gone.
const (
	SyncRunning     SyncState = "running"
	SyncCancelling  SyncState = "cancelling"
	SyncDone        SyncState = "done"
	SyncFailed      SyncState = "failed"
	SyncCancelled   SyncState = "cancelled"
	SyncInterrupted SyncState = "interrupted"
)

// Live tells whether somebody still works on it.
func (s SyncState) Live() bool { return s == SyncRunning || s == SyncCancelling }

// SyncPhase is what a sync is doing.
type SyncPhase string

// The phases, in their order. A server is connected to and listed; files are
// copied, then imported.
const (
	SyncConnecting SyncPhase = "connecting"
	SyncListing    SyncPhase = "listing"
	SyncCopying    SyncPhase = "copying"
	SyncImporting  SyncPhase = "importing"
	SyncSaving     SyncPhase = "saving"
)

// SyncProgress is how far a sync has come. Tables is 0 while nobody knows how
// many there are; Rows counts those imported, and stays 0 where counting would
// mean reading.
type SyncProgress struct {
	Phase  SyncPhase `json:"phase"`
	Done   int       `json:"done"`
	Tables int       `json:"tables"`
	Rows   int64     `json:"rows"`
}

// Sync is the newest reading of what a source holds.
type Sync struct {
	ID       string       `json:"id"`
	Source   string       `json:"source"`
	Who      string       `json:"who"` // as in an [AuditEntry]
	State    SyncState    `json:"state"`
	Started  time.Time    `json:"started"`
	Ended    time.Time    `json:"ended,omitzero"`
	Progress SyncProgress `json:"progress"`
	// Message is why it failed, without a secret.
	Message string `json:"message,omitempty"`
	SyncFindings
}

// SyncFindings are what a sync found out beside the tables.
type SyncFindings struct {
	// Warnings tell what the login may do that it need not.
	Warnings []string `json:"warnings,omitempty"`
	// Changes are tables and columns that came, went or have another type.
	Changes []SyncChange `json:"changes,omitempty"`
	// Broken are sentences about what no longer fits the source: policies, which
	// refuse their table to everybody, models and questions.
	Broken []string `json:"broken,omitempty"`
	// Rows are about how many each table has, where the engine knows without
	// reading it.
	Rows map[string]int64 `json:"rows,omitempty"`
}

// SyncChange is a table that is "new" and closed, or "gone"; or such a column,
// or one that is "retyped".
type SyncChange struct {
	Table  string `json:"table"`
	Column string `json:"column,omitempty"`
	Change string `json:"change"`
}
