package store

import (
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SpendToken marks a host token as used until it could no longer pass. It
// fails with token_replayed when it was used before.
func (tx *Tx) SpendToken(oneUse [32]byte, until time.Time) error {
	result, err := tx.exec(`INSERT INTO spent_tokens (one_use, until) VALUES (?, ?) ON CONFLICT (one_use) DO NOTHING`,
		oneUse[:], micros(until))
	if err != nil {
		return failed("spend a token", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return failed("spend a token", err)
	}
	if rows == 0 {
		return &oriel.Error{Code: oriel.CodeTokenReplayed, Err: errors.New("it was used before")}
	}
	return nil
}
