package store

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// KeepExplained keeps who asked why the user can see something, and about what.
// It fails with not_found when the user is gone.
func (s *Store) KeepExplained(ctx context.Context, who string, user oriel.UserID, kind, key string, now time.Time) error {
	about, err := document(map[string]string{kind: key})
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		if _, found, err := tx.FindUser(user); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		return tx.InsertAuditEntry(oriel.AuditEntry{At: now, Who: who, Action: "explained access", Kind: "user", Key: string(user), To: about})
	})
}
