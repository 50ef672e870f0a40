package oriel

// Group and what the users in it may do.
type Group struct {
	Key  GroupKey `json:"key"`
	Name string   `json:"name"`
	// Collections: collection key → view or curate.
	Collections map[string]CollectionGrant `json:"collections,omitempty"`
	// Sources: source key → run, explore or native.
	Sources map[string]SourceGrant `json:"sources,omitempty"`
}

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
