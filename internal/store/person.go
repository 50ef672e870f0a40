package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// personSQL are the columns of a person: of the user u, the tenant t, and the
// attributes that the provider s.provider_id brought.
const personSQL = `u.email, u.first_name, u.last_name, coalesce(u.tenant, ''), u.active,
       CASE WHEN u.tenant IS NULL THEN 1 ELSE coalesce(t.active, 0) END, coalesce(t.attributes, ''),
       coalesce((SELECT attributes FROM user_attributes WHERE user_id = u.id AND set_by = 'administrator'), ''),
       coalesce((SELECT attributes FROM user_attributes WHERE user_id = u.id AND set_by = s.provider_id), ''),
       (SELECT json_group_array(group_key) FROM group_members WHERE user_id = u.id)`

const findPersonSQL = `
SELECT ` + personSQL + `
FROM (SELECT ? AS provider_id) s
JOIN users u ON u.id = ?
LEFT JOIN tenants t ON t.slug = u.tenant`

// personColumns are the columns of personSQL that are not yet what they mean.
type personColumns struct{ tenant, administrator, signIn, groups string }

func (c *personColumns) into(p *oriel.Person) []any {
	u := &p.User
	return []any{&u.Email, &u.FirstName, &u.LastName, &u.Tenant, &u.Active, &p.TenantActive, &c.tenant, &c.administrator, &c.signIn, &c.groups}
}

// settle reads the documents. The user's groups include the built-in ones.
func (c *personColumns) settle(p *oriel.Person) error {
	var stored []oriel.GroupKey
	if err := json.Unmarshal([]byte(c.groups), &stored); err != nil {
		return fmt.Errorf("read stored groups: %w", err)
	}
	p.User.Groups = oriel.WithBuiltInGroups(stored, p.User.Tenant)
	for _, set := range []struct {
		to   *oriel.Attributes
		text string
	}{{&p.Attributes.Tenant, c.tenant}, {&p.Attributes.Administrator, c.administrator}, {&p.Attributes.SignIn, c.signIn}} {
		var err error
		if *set.to, err = readAttributes(set.text); err != nil {
			return err
		}
	}
	return nil
}

// FindPerson finds what decides about a user's requests now, with the
// attributes that the provider with the id brought (none for an empty id).
func (s *Store) FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error) {
	var p oriel.Person
	var columns personColumns
	err := s.findPerson.QueryRowContext(ctx, provider, string(user)).Scan(columns.into(&p)...)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.Person{}, false, nil
	}
	if err != nil {
		return oriel.Person{}, false, failed("find a person", err)
	}
	p.User.ID = user
	return p, true, columns.settle(&p)
}

// FindPerson does it within the transaction.
func (tx *Tx) FindPerson(user oriel.UserID, provider string) (oriel.Person, bool, error) {
	var p oriel.Person
	var columns personColumns
	found, err := tx.find("find a person", findPersonSQL, []any{provider, string(user)}, columns.into(&p)...)
	if err != nil || !found {
		return oriel.Person{}, false, err
	}
	p.User.ID = user
	return p, true, columns.settle(&p)
}
