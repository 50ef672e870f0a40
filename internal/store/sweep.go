package store

import (
	"context"
	"time"
)

const (
	// sweepRows is how many rows of a kind one write takes away, so that no
	// sign-in waits long behind it.
	sweepRows = 500
	// sweepWrites bounds one sweep; the next one goes on.
	sweepWrites = 40
	// sessionsKept is how long a session is remembered after its time, so that
	// its holder is told that it expired.
	sessionsKept = 24 * time.Hour
)

// Sweep takes away spent tokens that could no longer pass, what SAML sign-ins
// left to wait, sign-in records past their time, sessions that ended long ago, and audit entries as the
// retention says.
func (s *Store) Sweep(ctx context.Context) error {
	now := s.options.Clock()
	if err := s.keepLastUses(ctx); err != nil {
		return err
	}
	kinds := []struct {
		attempt, text string
		before        time.Time
	}{
		{"sweep spent tokens", `DELETE FROM spent_tokens WHERE one_use IN (SELECT one_use FROM spent_tokens WHERE until < ? LIMIT ?)`, now},
		{"sweep sign-in records", `DELETE FROM sign_in_records WHERE id IN (SELECT id FROM sign_in_records WHERE at < ? LIMIT ?)`, now.Add(-s.options.RecordsKept)},
		{"sweep sessions", `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires < ? LIMIT ?)`, now.Add(-sessionsKept)},
		{"sweep host logouts", `DELETE FROM host_logouts WHERE (provider_id, kind, value) IN (SELECT provider_id, kind, value FROM host_logouts WHERE until < ? LIMIT ?)`, now},
		{"sweep SAML requests", `DELETE FROM saml_requests WHERE relay IN (SELECT relay FROM saml_requests WHERE expires < ? LIMIT ?)`, now},
		{"sweep SAML trials", `DELETE FROM saml_trials WHERE id IN (SELECT id FROM saml_trials WHERE expires < ? LIMIT ?)`, now},
		{"sweep SAML sessions", `DELETE FROM saml_sessions WHERE session_id IN (SELECT session_id FROM saml_sessions WHERE expires < ? LIMIT ?)`, now},
		{"sweep notices", `DELETE FROM notices WHERE seq IN (SELECT seq FROM notices WHERE at < ? LIMIT ?)`, now.Add(-noticesKept)},
	}
	if err := s.sweep(ctx, func(tx *Tx) (int64, error) { return tx.sweepSAMLCodes(now) }); err != nil {
		return err
	}
	for _, kind := range kinds {
		err := s.sweep(ctx, func(tx *Tx) (int64, error) {
			result, err := tx.exec(kind.text, micros(kind.before), sweepRows)
			if err != nil {
				return 0, failed(kind.attempt, err)
			}
			taken, err := result.RowsAffected()
			return taken, failed(kind.attempt, err)
		})
		if err != nil {
			return err
		}
	}
	return s.sweepAudit(ctx, now.Add(-s.options.AuditKept))
}

// sweep takes rows of one kind away, some in each write, until few are left.
func (s *Store) sweep(ctx context.Context, take func(tx *Tx) (taken int64, err error)) error {
	for range sweepWrites {
		var taken int64
		err := s.Write(ctx, func(tx *Tx) (err error) {
			taken, err = take(tx)
			return err
		})
		if err != nil || taken < sweepRows {
			return err
		}
	}
	return nil
}
