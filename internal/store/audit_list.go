package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const auditSQL = `
SELECT e.id, e.at, e.who, e.acting, e.action, e.kind, e.key, e.before, e.after, coalesce(v.user_id, ''), coalesce(v.before, ''), coalesce(v.after, '')
FROM audit_entries e LEFT JOIN audit_values v ON v.entry = e.id WHERE TRUE`

// ListAudit lists up to limit entries that the filter lets through: newest
// first, or oldest first.
func (s *Store) ListAudit(ctx context.Context, f oriel.AuditFilter, limit int) ([]oriel.AuditEntry, error) {
	text := auditSQL
	var args []any
	narrow := func(where string, values ...any) {
		text += ` AND ` + where
		args = append(args, values...)
	}
	if f.Who != "" {
		narrow(`(e.who = ? OR e.acting = ?)`, f.Who, f.Who)
	}
	for column, value := range map[string]string{`e.action = ?`: f.Action, `e.kind = ?`: f.Kind, `e.key = ?`: f.Key} {
		if value != "" {
			narrow(column, value)
		}
	}
	order := ` ORDER BY e.id DESC`
	if f.Before > 0 {
		narrow(`e.id < ?`, f.Before)
	}
	if f.Oldest {
		narrow(`e.id > ?`, f.After)
		order = ` ORDER BY e.id`
	}
	rows, err := s.read.QueryContext(ctx, text+order+` LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, failed("list the audit", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.AuditEntry
	for rows.Next() {
		var e oriel.AuditEntry
		var at sql.NullInt64
		if err := rows.Scan(&e.ID, &at, &e.Who, &e.Acting, &e.Action, &e.Kind, &e.Key, &e.From, &e.To, &e.Of, &e.PersonalFrom, &e.PersonalTo); err != nil {
			return nil, failed("list the audit", err)
		}
		e.At = moment(at)
		list = append(list, e)
	}
	return list, failed("list the audit", rows.Err())
}

// sweepAudit takes away the entries from before a moment, some at a time: the
// only way in which one goes.
func (s *Store) sweepAudit(ctx context.Context, before time.Time) error {
	for range sweepWrites {
		var old bool
		err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM audit_entries WHERE at < ?)`, micros(before)).Scan(&old)
		if err != nil || !old {
			return failed("sweep the audit", err)
		}
		var taken int64
		err = s.Write(ctx, func(tx *Tx) error {
			// Retention that is made longer brings no entry back, and a shorter one
			// holds from then on.
			if err := tx.change("sweep the audit", `UPDATE facts SET value = ? WHERE name = 'audit_kept_from'`, micros(before)); err != nil {
				return err
			}
			result, err := tx.exec(`DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries WHERE at < ? ORDER BY at LIMIT ?)`, micros(before), sweepRows)
			if err != nil {
				return failed("sweep the audit", err)
			}
			taken, err = result.RowsAffected()
			return failed("sweep the audit", err)
		})
		if err != nil || taken < sweepRows {
			return err
		}
	}
	return nil
}
