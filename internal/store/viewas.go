package store

import (
	"context"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateViewAs keeps the session of who views as somebody else, with the entry
// that names both. It fails with not_found when the user is gone.
func (s *Store) CreateViewAs(ctx context.Context, who string, session oriel.Session, tokenHash [32]byte) error {
	return s.Write(ctx, func(tx *Tx) error {
		if _, found, err := tx.FindUser(session.User); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := tx.InsertSession(session, tokenHash); err != nil {
			return err
		}
		about, err := document(map[string]any{"session": session.ID, "expires": session.Expires})
		if err != nil {
			return err
		}
		return tx.InsertAuditEntry(oriel.AuditEntry{At: session.Created, Who: who, Action: "viewed as", Kind: "user", Key: string(session.User), To: about})
	})
}
