package store

import "github.com/oriel-bi/oriel/internal/oriel"

// InsertAuditEntry keeps one change. There is no method that alters one.
func (tx *Tx) InsertAuditEntry(e oriel.AuditEntry) error {
	return tx.change("keep an audit entry",
		`INSERT INTO audit_entries (at, who, action, kind, key, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		micros(e.At), e.Who, e.Action, e.Kind, e.Key, e.From, e.To)
}
