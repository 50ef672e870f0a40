package store

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateUser keeps a user whom somebody made by hand, in the groups of
// u.Groups. No identity is linked to such a user by an e-mail alone. It fails
// with conflict when the e-mail is another user's, and with not_found when a
// group or the tenant does not exist.
func (s *Store) CreateUser(ctx context.Context, who string, u oriel.User, now time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		if _, taken, err := tx.FindUserByEmail(oriel.EmailKey(u.Email)); err != nil {
			return err
		} else if taken {
			return oriel.E(oriel.CodeConflict, "there is a user with this e-mail address already")
		}
		if u.Tenant != "" {
			if _, found, err := tx.FindTenant(u.Tenant); err != nil {
				return err
			} else if !found {
				return oriel.E(oriel.CodeNotFound, "there is no tenant %q", string(u.Tenant))
			}
		}
		if err := tx.InsertUser(u, now); err != nil {
			return err
		}
		values, err := document(userValues{Email: &u.Email, FirstName: &u.FirstName, LastName: &u.LastName})
		if err != nil {
			return err
		}
		e := oriel.AuditEntry{At: now, Who: who, Action: "created", Kind: "user", Key: string(u.ID), Of: u.ID, PersonalTo: values}
		if err := tx.InsertAuditEntry(e); err != nil {
			return err
		}
		for _, group := range u.Groups {
			var one int
			if found, err := tx.find("find a group", `SELECT 1 FROM groups WHERE key = ?`, []any{string(group)}, &one); err != nil {
				return err
			} else if !found {
				return oriel.E(oriel.CodeNotFound, "there is no group %q", string(group))
			}
			if err := tx.AddToGroup(u.ID, group); err != nil {
				return err
			}
			if err := tx.InsertAuditEntry(oriel.AuditEntry{At: now, Who: who, Action: "created", Kind: "membership", Key: string(u.ID), To: string(group)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetUserActive makes a user active or not; an inactive one's sessions and keys
// are refused from the next request on. Sessions do not come back with their
// user, see [Tx.UpdateUser]. It fails with not_found, and with conflict for the
// last administrator.
func (s *Store) SetUserActive(ctx context.Context, who string, user oriel.UserID, active bool, now time.Time) error {
	return s.Write(ctx, func(tx *Tx) error { return tx.setUserActive(who, user, active, now) })
}

func (tx *Tx) setUserActive(who string, user oriel.UserID, active bool, now time.Time) error {
	u, found, err := tx.FindUser(user)
	switch {
	case err != nil:
		return err
	case !found:
		return &oriel.Error{Code: oriel.CodeNotFound}
	case u.Active == active:
		return nil
	}
	u.Active = active
	if err := tx.keepingAdministrator(who, func() error { return tx.UpdateUser(u) }); err != nil {
		return err
	}
	action := "deactivated"
	if active {
		action = "reactivated"
	}
	return tx.InsertAuditEntry(oriel.AuditEntry{At: now, Who: who, Action: action, Kind: "user", Key: string(user)})
}

// SetTenantActive makes a tenant active or not; the sessions of an inactive
// one's users are refused from the next request on, also once it is active
// again. It fails with not_found.
func (s *Store) SetTenantActive(ctx context.Context, who string, slug oriel.TenantSlug, active bool, now time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		t, found, err := tx.FindTenant(slug)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		case t.Active == active:
			return nil
		}
		if err := tx.change("change a tenant", `UPDATE tenants SET active = ? WHERE slug = ?`, active, string(slug)); err != nil {
			return err
		}
		action := "deactivated"
		if active {
			action = "reactivated"
			if _, err := tx.endSessions(now, `user_id IN (SELECT id FROM users WHERE tenant = ?)`, string(slug)); err != nil {
				return err
			}
		}
		if err := tx.InsertAuditEntry(oriel.AuditEntry{At: now, Who: who, Action: action, Kind: "tenant", Key: string(slug)}); err != nil {
			return err
		}
		return tx.notify(oriel.Notice{Kind: oriel.NoticeAll})
	})
}

// FindUserByEmail finds the user whose e-mail compares equal.
func (s *Store) FindUserByEmail(ctx context.Context, email string) (u oriel.User, found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		u, found, err = tx.FindUserByEmail(oriel.EmailKey(email))
		return err
	})
	return u, found, err
}

// ListUsers lists up to limit users by id, those after the one with the id
// after; each with the groups that hold, without attributes.
func (s *Store) ListUsers(ctx context.Context, after oriel.UserID, limit int) ([]oriel.User, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, email, first_name, last_name, coalesce(tenant, ''), active,
		       (SELECT json_group_array(group_key) FROM group_members WHERE user_id = users.id)
		FROM users WHERE id > ? ORDER BY id LIMIT ?`, string(after), limit)
	if err != nil {
		return nil, failed("list the users", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.User
	for rows.Next() {
		p := oriel.Person{}
		var c personColumns
		if err := rows.Scan(&p.User.ID, &p.User.Email, &p.User.FirstName, &p.User.LastName, &p.User.Tenant, &p.User.Active, &c.groups); err != nil {
			return nil, failed("list the users", err)
		}
		if err := c.settle(&p); err != nil {
			return nil, err
		}
		list = append(list, p.User)
	}
	return list, failed("list the users", rows.Err())
}
