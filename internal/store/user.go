package store

import (
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const userSQL = `SELECT id, email, first_name, last_name, tenant, active FROM users`

// FindUser finds a user by id, without groups and attributes.
func (tx *Tx) FindUser(id oriel.UserID) (oriel.User, bool, error) {
	return tx.user(userSQL+` WHERE id = ?`, string(id))
}

// FindUserByEmail finds the user with an e-mail address as [oriel.EmailKey]
// writes it, without groups and attributes. Nobody has an empty one.
func (tx *Tx) FindUserByEmail(emailKey string) (oriel.User, bool, error) {
	if emailKey == "" {
		return oriel.User{}, false, nil
	}
	return tx.user(userSQL+` WHERE email_key = ? AND email_key <> ''`, emailKey)
}

func (tx *Tx) user(text, key string) (oriel.User, bool, error) {
	var u oriel.User
	var tenant sql.NullString
	found, err := tx.find("find a user", text, []any{key}, &u.ID, &u.Email, &u.FirstName, &u.LastName, &tenant, &u.Active)
	u.Tenant = oriel.TenantSlug(tenant.String)
	return u, found, err
}

// InsertUser keeps a new user; groups and attributes have their own methods. It
// fails with conflict when the tenant's quota of users is reached.
func (tx *Tx) InsertUser(u oriel.User, now time.Time) error {
	if u.Active {
		if err := tx.roomFor(u.ID, u.Tenant); err != nil {
			return err
		}
	}
	tx.made = append(tx.made, u.ID)
	return tx.change("create a user",
		`INSERT INTO users (id, email, email_key, first_name, last_name, tenant, active, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		string(u.ID), u.Email, oriel.EmailKey(u.Email), u.FirstName, u.LastName, orNull(string(u.Tenant)), u.Active, micros(now))
}

// UpdateUser keeps a user's e-mail, names and whether they are active. The
// tenant never changes. Whoever becomes active again has none of the sessions
// of before: that of a thief may be why they were not. It fails with conflict
// when somebody becomes active for whom the tenant's quota has no place.
func (tx *Tx) UpdateUser(u oriel.User) error {
	if u.Active {
		var one int
		was, err := tx.find("find an active user", `SELECT 1 FROM users WHERE id = ? AND active`, []any{string(u.ID)}, &one)
		if err == nil && !was {
			err = tx.roomFor(u.ID, u.Tenant)
		}
		if err != nil {
			return err
		}
		_, err = tx.endSessions(tx.writer.store.options.Clock(),
			`user_id = ? AND user_id IN (SELECT id FROM users WHERE id = ? AND NOT active)`, string(u.ID), string(u.ID))
		if err != nil {
			return err
		}
	}
	return tx.personChanged(u.ID, tx.change("update a user",
		`UPDATE users SET email = ?, email_key = ?, first_name = ?, last_name = ?, active = ? WHERE id = ?`,
		u.Email, oriel.EmailKey(u.Email), u.FirstName, u.LastName, u.Active, string(u.ID)))
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
