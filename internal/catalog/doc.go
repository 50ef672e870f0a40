// Package catalog lists and finds what is declared, as one principal may see
// it. A thing that a principal may not view is not_found, in the same words as
// one that doesn't exist.
//
// Data sources are for those who administer them:
//
//	source.go         the list, and one with its tables and how they are seen
//	source_change.go  tried, created, updated, deleted
//	source_sync.go    reading what one holds: begun, watched, cancelled
//
// Invariant: no secret of a source comes out, and a sync changes what it found
// and nothing else, all of it or nothing.
package catalog
