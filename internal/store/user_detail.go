package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// searchUsersSQL lists users by id; every filter that is empty narrows nothing.
const searchUsersSQL = `
SELECT u.id, u.email, u.first_name, u.last_name, coalesce(u.tenant, ''), u.active,
       (SELECT json_group_array(group_key) FROM group_members WHERE user_id = u.id)
FROM users u
WHERE u.id > ?1
  AND (?2 = '' OR substr(u.email_key, 1, length(?2)) = ?2)
  AND (?3 = '' OR u.tenant = ?3)
  AND (?4 = '' OR EXISTS (SELECT 1 FROM group_members m WHERE m.user_id = u.id AND m.group_key = ?4))
  AND (?5 = '' OR EXISTS (SELECT 1 FROM identities i JOIN providers p ON p.id = i.provider_id WHERE i.user_id = u.id AND p.slug = ?5))
ORDER BY u.id LIMIT ?6`

// SearchUsers lists up to limit users that the filter lets through, by id,
// those after the one with the id after; each with the groups that hold,
// without attributes.
func (s *Store) SearchUsers(ctx context.Context, f oriel.UserFilter, after oriel.UserID, limit int) ([]oriel.User, error) {
	rows, err := s.read.QueryContext(ctx, searchUsersSQL, string(after), f.EmailPrefix, string(f.Tenant), string(f.Group), f.Provider, limit)
	if err != nil {
		return nil, failed("search the users", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.User
	for rows.Next() {
		var p oriel.Person
		var c personColumns
		if err := rows.Scan(&p.User.ID, &p.User.Email, &p.User.FirstName, &p.User.LastName, &p.User.Tenant, &p.User.Active, &c.groups); err != nil {
			return nil, failed("search the users", err)
		}
		if err := c.settle(&p); err != nil {
			return nil, err
		}
		list = append(list, p.User)
	}
	return list, failed("search the users", rows.Err())
}

// FindUserDetail finds all that is kept of a user, read at one moment.
func (s *Store) FindUserDetail(ctx context.Context, id oriel.UserID) (d oriel.UserDetail, found bool, err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return d, false, failed("find a user", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var p oriel.Person
	var c personColumns
	err = tx.QueryRowContext(ctx, findPersonSQL, "", string(id)).Scan(c.into(&p)...)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, failed("find a user", err)
	}
	if err := c.settle(&p); err != nil {
		return d, false, err
	}
	p.User.ID = id
	d = oriel.UserDetail{User: p.User, Administrator: p.Attributes.Administrator, Tenant: p.Attributes.Tenant, SignIn: map[string]oriel.Attributes{}}
	var created sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT created FROM users WHERE id = ?`, string(id)).Scan(&created); err != nil {
		return d, false, failed("find a user", err)
	}
	d.Created = moment(created)
	if err := readSets(ctx, tx, &d); err != nil {
		return d, false, failed("find a user's attributes", err)
	}
	if err := readIdentities(ctx, tx, &d); err != nil {
		return d, false, failed("find a user's identities", err)
	}
	return d, true, nil
}

func readSets(ctx context.Context, tx *sql.Tx, d *oriel.UserDetail) error {
	rows, err := tx.QueryContext(ctx, `SELECT set_by, attributes FROM user_attributes WHERE user_id = ? AND set_by <> 'administrator'`, string(d.User.ID))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var by, text string
		if err := rows.Scan(&by, &text); err != nil {
			return err
		}
		if d.SignIn[by], err = readAttributes(text); err != nil {
			return err
		}
	}
	return rows.Err()
}

func readIdentities(ctx context.Context, tx *sql.Tx, d *oriel.UserDetail) error {
	rows, err := tx.QueryContext(ctx, `SELECT provider_id, subject, greatest_issued_at FROM identities WHERE user_id = ? ORDER BY provider_id, subject`, string(d.User.ID))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one := oriel.LinkedIdentity{User: d.User.ID}
		var greatest sql.NullInt64
		if err := rows.Scan(&one.Provider, &one.Subject, &greatest); err != nil {
			return err
		}
		one.GreatestIssuedAt = moment(greatest)
		d.Identities = append(d.Identities, one)
	}
	return rows.Err()
}
