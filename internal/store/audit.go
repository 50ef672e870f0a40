package store

import (
	"github.com/oriel-bi/oriel/internal/oriel"
)

// InsertAuditEntry keeps one change, with whom the API key that caused it acts
// as. There is no method that alters one, and the schema lets none be altered.
func (tx *Tx) InsertAuditEntry(e oriel.AuditEntry) error {
	const attempt = "keep an audit entry"
	kept, err := tx.exec(`
		INSERT INTO audit_entries (at, who, action, kind, key, before, after, acting)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce((SELECT coalesce(user_id, 'group ' || group_key) FROM api_keys WHERE id = ?2), ''))`,
		micros(e.At), e.Who, e.Action, e.Kind, e.Key, e.From, e.To)
	if err != nil || e.PersonalFrom == "" && e.PersonalTo == "" {
		return failed(attempt, err)
	}
	id, err := kept.LastInsertId()
	if err != nil {
		return failed(attempt, err)
	}
	return tx.change(attempt, `INSERT INTO audit_values (entry, user_id, before, after) VALUES (?, ?, ?, ?)`,
		id, string(e.Of), e.PersonalFrom, e.PersonalTo)
}
