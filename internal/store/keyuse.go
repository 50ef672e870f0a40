package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Each accepted token makes one session, and sessions are kept for a day after
// their end: counting them costs a sign-in nothing.
const keyUsesSQL = `
SELECT k.serial, max(coalesce(k.last_used, 0), coalesce((SELECT max(created) FROM sessions WHERE key_serial = k.serial), 0)),
       (SELECT count(*) FROM sessions WHERE key_serial = k.serial AND created > ?1),
       (SELECT count(*) FROM sessions WHERE key_serial = k.serial AND created > ?2)
FROM provider_keys k JOIN providers p ON p.id = k.provider_id WHERE p.slug = ?3`

// KeyUses tells how much each key of a provider was used lately, by serial.
func (s *Store) KeyUses(ctx context.Context, slug string, now time.Time) (map[int64]oriel.KeyUse, error) {
	rows, err := s.read.QueryContext(ctx, keyUsesSQL, micros(now.Add(-time.Hour)), micros(now.Add(-24*time.Hour)), slug)
	if err != nil {
		return nil, failed("count the uses of keys", err)
	}
	defer func() { _ = rows.Close() }()
	uses := make(map[int64]oriel.KeyUse)
	for rows.Next() {
		var use oriel.KeyUse
		var last int64
		if err := rows.Scan(&use.Serial, &last, &use.LastHour, &use.LastDay); err != nil {
			return nil, failed("count the uses of keys", err)
		}
		if last > 0 {
			use.LastUsed = moment(sql.NullInt64{Int64: last, Valid: true})
		}
		uses[use.Serial] = use
	}
	return uses, failed("count the uses of keys", rows.Err())
}

// keepLastUses remembers of each key what the sessions tell, before they go.
func (s *Store) keepLastUses(ctx context.Context) error {
	return s.Write(ctx, func(tx *Tx) error {
		return tx.change("keep the last uses of keys", `
			UPDATE provider_keys SET last_used = (SELECT max(created) FROM sessions WHERE key_serial = provider_keys.serial)
			WHERE coalesce(last_used, 0) < (SELECT max(created) FROM sessions WHERE key_serial = provider_keys.serial)`)
	})
}

// keySerial finds a key of a provider. It fails with not_found.
func (tx *Tx) keySerial(slug, kid string) (int64, error) {
	var serial int64
	found, err := tx.find("find a key",
		`SELECT k.serial FROM provider_keys k JOIN providers p ON p.id = k.provider_id WHERE p.slug = ? AND k.kid = ?`, []any{slug, kid}, &serial)
	if err == nil && !found {
		err = &oriel.Error{Code: oriel.CodeNotFound}
	}
	return serial, err
}
