package oriel

// Group and what the users in it may do.
type Group struct {
	Key  GroupKey `json:"key"`
	Name string   `json:"name"`
	// Collections: collection key → view or curate.
	Collections map[string]CollectionGrant `json:"collections,omitempty"`
	// Sources: source key → run, explore or native.
	Sources map[string]SourceGrant `json:"sources,omitempty"`
	// Download is how much of a result they may take away.
	Download DownloadGrant `json:"download,omitempty"`
	// Scopes are the parts of administration that the users in it may do with a
	// key of theirs, beside those of the administrators, who may do everything.
	Scopes []Scope `json:"scopes,omitempty"`
}

// BuiltIn tells whether a group exists without anybody having made it.
func (k GroupKey) BuiltIn() bool {
	return k == GroupAdministrators || k == GroupAllUsers || k == GroupAllTenantUsers
}

// DownloadGrant is how much a group may take away; more includes less.
type DownloadGrant string

// The grants on downloads, and the rows of a limited one (access contract §2).
const (
	DownloadLimited DownloadGrant = "limited"
	DownloadFull    DownloadGrant = "full"

	MaxLimitedRows = 10_000
)

// CollectionGrant is what a group may do with a collection; more includes less.
type CollectionGrant string

// The grants on collections.
const (
	GrantView   CollectionGrant = "view"
	GrantCurate CollectionGrant = "curate"
)

// SourceGrant is what a group may do on a data source; more includes less.
type SourceGrant string

// The grants on sources.
const (
	GrantRun     SourceGrant = "run"
	GrantExplore SourceGrant = "explore"
	GrantNative  SourceGrant = "native"
)
