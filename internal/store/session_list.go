package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// listSessionsSQL lists live sessions, newest first; every filter that is empty
// narrows nothing. It goes on below a position: created, then id.
const listSessionsSQL = `
SELECT s.id, s.user_id, s.provider_id, s.kid, s.key_serial, s.kind, s.origin, s.bindable, s.host_sid, s.created, s.expires, s.idle_ends
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.ended IS NULL AND s.expires > ?1 AND coalesce(s.idle_ends, s.expires) > ?1
  AND (?2 = '' OR s.user_id = ?2)
  AND (?3 = '' OR u.tenant = ?3)
  AND (?4 = '' OR s.provider_id = (SELECT id FROM providers WHERE slug = ?4))
  AND (?5 = '' OR (s.created, s.id) < (SELECT created, id FROM sessions WHERE id = ?5))
ORDER BY s.created DESC, s.id DESC LIMIT ?6`

// ListSessions lists up to limit sessions that are live at the moment now,
// newest first, those below the session with the id after; empty: from the top.
func (s *Store) ListSessions(ctx context.Context, f oriel.SessionFilter, now time.Time, after string, limit int) ([]oriel.Session, error) {
	rows, err := s.read.QueryContext(ctx, listSessionsSQL, micros(now), string(f.User), string(f.Tenant), f.Provider, after, limit)
	if err != nil {
		return nil, failed("list sessions", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.Session
	for rows.Next() {
		var one oriel.Session
		var created, expires, idleEnds sql.NullInt64
		if err := rows.Scan(&one.ID, &one.User, &one.Provider, &one.KeyID, &one.KeySerial, &one.Kind, &one.Origin, &one.Bindable,
			&one.HostSID, &created, &expires, &idleEnds); err != nil {
			return nil, failed("list sessions", err)
		}
		one.Created, one.Expires, one.IdleEnds = moment(created), moment(expires), moment(idleEnds)
		list = append(list, one)
	}
	return list, failed("list sessions", rows.Err())
}

// BindSession makes an origin the only one of a session that waits for its
// first; bound is false when it has one already, or waits for none.
func (s *Store) BindSession(ctx context.Context, tokenHash [32]byte, origin string) (bound bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		result, err := tx.exec(`UPDATE sessions SET origin = ?, bindable = 0 WHERE token_hash = ? AND bindable = 1 AND origin = ''`, origin, tokenHash[:])
		if err != nil {
			return failed("bind a session", err)
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return failed("bind a session", err)
		}
		if bound = rows == 1; !bound {
			return nil
		}
		return tx.notify(oriel.Notice{Kind: oriel.NoticeSession, Key: hashText(tokenHash)})
	})
	return bound && err == nil, err
}

// TouchSession puts the idle end of a session off, never sooner than it was.
func (s *Store) TouchSession(ctx context.Context, tokenHash [32]byte, idleEnds time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		return tx.change("keep a session awake",
			`UPDATE sessions SET idle_ends = max(idle_ends, ?) WHERE token_hash = ? AND idle_ends IS NOT NULL AND ended IS NULL`,
			micros(idleEnds), tokenHash[:])
	})
}
