package store

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// userValues are the personal values of a user that a change is about.
type userValues struct {
	Email      *string          `json:"email,omitempty"`
	FirstName  *string          `json:"first_name,omitempty"`
	LastName   *string          `json:"last_name,omitempty"`
	Attributes oriel.Attributes `json:"attributes,omitempty"`
}

// ChangeUser changes what an administrator may of a user: it holds from the
// next request on. The audit keeps the values apart from the entry. It fails
// with not_found, and with conflict when it would deactivate the last
// administrator.
func (s *Store) ChangeUser(ctx context.Context, who string, id oriel.UserID, c oriel.UserChange, now time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		u, found, err := tx.FindUser(id)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := tx.changeNames(who, u, c, now); err != nil {
			return err
		}
		if err := tx.changeAttributes(who, u, c.Attributes, now); err != nil {
			return err
		}
		if c.Active == nil {
			return nil
		}
		return tx.setUserActive(who, id, *c.Active, now)
	})
}

func (tx *Tx) changeNames(who string, u oriel.User, c oriel.UserChange, now time.Time) error {
	var from, to userValues
	next := u
	if c.FirstName != nil && *c.FirstName != u.FirstName {
		from.FirstName, to.FirstName, next.FirstName = &u.FirstName, c.FirstName, *c.FirstName
	}
	if c.LastName != nil && *c.LastName != u.LastName {
		from.LastName, to.LastName, next.LastName = &u.LastName, c.LastName, *c.LastName
	}
	if from.FirstName == nil && from.LastName == nil {
		return nil
	}
	if err := tx.UpdateUser(next); err != nil {
		return err
	}
	return tx.userUpdated(who, "updated", u.ID, from, to, now)
}

func (tx *Tx) changeAttributes(who string, u oriel.User, c oriel.AttributeChange, now time.Time) error {
	var stored string
	_, err := tx.find("find a user's attributes",
		`SELECT attributes FROM user_attributes WHERE user_id = ? AND set_by = 'administrator'`, []any{string(u.ID)}, &stored)
	if err != nil {
		return err
	}
	before, err := readAttributes(stored)
	if err != nil {
		return err
	}
	after, err := writeAttributes(c.On(before))
	if err != nil || after == stored || stored == "" && after == "{}" {
		return err
	}
	if err := tx.personChanged(u.ID, tx.change("keep a user's attributes",
		`INSERT INTO user_attributes (user_id, set_by, attributes) VALUES (?, 'administrator', ?)
		 ON CONFLICT (user_id, set_by) DO UPDATE SET attributes = excluded.attributes`, string(u.ID), after)); err != nil {
		return err
	}
	return tx.userUpdated(who, "attributes updated", u.ID, userValues{Attributes: before}, userValues{Attributes: c.On(before)}, now)
}

// userUpdated keeps the entry of a change with the values, which are personal.
func (tx *Tx) userUpdated(who, action string, id oriel.UserID, from, to userValues, now time.Time) error {
	e := oriel.AuditEntry{At: now, Who: who, Action: action, Kind: "user", Key: string(id), Of: id}
	var err error
	if e.PersonalFrom, err = document(from); err != nil {
		return err
	}
	if e.PersonalTo, err = document(to); err != nil {
		return err
	}
	return tx.InsertAuditEntry(e)
}

// EraseUser takes away all that is known of a user: sessions, API keys,
// identities, groups, attributes, sign-in records, policy tests that name the
// user, and the personal values of
// the audit, whose entries stay with the id only. It fails with not_found, and
// with conflict for the last administrator.
func (s *Store) EraseUser(ctx context.Context, who string, id oriel.UserID, now time.Time) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		tx := a.tx
		if _, found, err := tx.FindUser(id); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := a.deleteTestsOf(id); err != nil {
			return err
		}
		if err := tx.change("erase a user's sign-in records", `DELETE FROM sign_in_records WHERE user_id = ? AND user_id <> ''`, string(id)); err != nil {
			return err
		}
		// Before they are gone: who remembers one of the sessions must forget it.
		if err := tx.notify(oriel.Notice{Kind: oriel.NoticeUserSessions, Key: string(id)}); err != nil {
			return err
		}
		if err := tx.change("erase a user's names at identity providers",
			`DELETE FROM saml_sessions WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?)`, string(id)); err != nil {
			return err
		}
		erase := func() error { return tx.change("erase a user", `DELETE FROM users WHERE id = ?`, string(id)) }
		if err := tx.keepingAdministrator(who, erase); err != nil {
			return err
		}
		return tx.InsertAuditEntry(oriel.AuditEntry{At: now, Who: who, Action: "erased", Kind: "user", Key: string(id)})
	})
	return err
}
