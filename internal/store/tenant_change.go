package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// tenantDocument is a tenant as the audit tells it.
type tenantDocument struct {
	Name       string           `json:"name"`
	Active     bool             `json:"active"`
	Attributes oriel.Attributes `json:"attributes,omitempty"`
	Origins    []string         `json:"origins,omitempty"`
	TimeZone   oriel.TimeZone   `json:"time_zone,omitempty"`
	Quotas     map[string]int   `json:"quotas,omitempty"`
}

func tenantText(t oriel.Tenant) (string, error) {
	return document(tenantDocument{Name: t.Name, Active: t.Active, Attributes: t.Attributes, Origins: entries(t.Origins), TimeZone: t.TimeZone, Quotas: t.Quotas.Named()})
}

// FindTenant finds a tenant with its attributes and own origins, those that no
// longer hold too.
func (s *Store) FindTenant(ctx context.Context, slug oriel.TenantSlug) (t oriel.Tenant, found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		t, found, err = tx.FindTenant(slug)
		return err
	})
	return t, found, err
}

// CreateTenant keeps a tenant. It fails with conflict when the slug is taken.
func (s *Store) CreateTenant(ctx context.Context, who string, t oriel.Tenant, now time.Time) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, found, err := a.tx.FindTenant(t.Slug); err != nil {
			return err
		} else if found {
			return oriel.E(oriel.CodeConflict, "there is a tenant %q already", string(t.Slug))
		}
		return a.createTenant(t, now)
	})
	return err
}

func (a *applying) createTenant(t oriel.Tenant, now time.Time) error {
	if err := a.tx.InsertTenant(t, now); err != nil {
		return err
	}
	if err := a.setTenantOrigins(t); err != nil {
		return err
	}
	after, err := tenantText(t)
	if err != nil {
		return err
	}
	return a.changed("tenant", string(t.Slug), "", after)
}

// UpdateTenant changes a tenant; all of it holds from the next request on. The
// sessions of before stay over when it is made active again. It fails with
// not_found, and with conflict when the last administrator is the tenant's.
func (s *Store) UpdateTenant(ctx context.Context, who string, slug oriel.TenantSlug, c oriel.TenantChange, now time.Time) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		before, found, err := a.tx.FindTenant(slug)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		after := before
		if c.Name != nil {
			after.Name = *c.Name
		}
		if c.Active != nil {
			after.Active = *c.Active
		}
		if c.Origins != nil {
			after.Origins = *c.Origins
		}
		if c.TimeZone != nil {
			after.TimeZone = *c.TimeZone
		}
		if c.Quotas != nil {
			after.Quotas = *c.Quotas
		}
		after.Attributes = c.Attributes.On(before.Attributes)
		return a.updateTenant(before, after, now)
	})
	return err
}

func (a *applying) updateTenant(before, after oriel.Tenant, now time.Time) error {
	from, err := tenantText(before)
	if err != nil {
		return err
	}
	to, err := tenantText(after)
	if err != nil || from == to {
		return err
	}
	attributes, err := writeAttributes(after.Attributes)
	if err != nil {
		return err
	}
	quotas, err := document(after.Quotas)
	if err != nil {
		return err
	}
	change := func() error {
		return a.tx.change("change a tenant", `UPDATE tenants SET name = ?, active = ?, attributes = ?, time_zone = ?, quotas = ? WHERE slug = ?`,
			after.Name, after.Active, attributes, string(after.TimeZone), quotas, string(after.Slug))
	}
	if err := a.tx.keepingAdministrator(a.who, change); err != nil {
		return err
	}
	if after.Active && !before.Active {
		if _, err := a.tx.endSessions(now, `user_id IN (SELECT id FROM users WHERE tenant = ?)`, string(after.Slug)); err != nil {
			return err
		}
	}
	if err := a.setTenantOrigins(after); err != nil {
		return err
	}
	return a.changed("tenant", string(after.Slug), from, to)
}

// DeleteTenant takes a tenant away that nobody belongs to. It fails with
// not_found, and with conflict when a user or a provider is the tenant's.
func (s *Store) DeleteTenant(ctx context.Context, who string, slug oriel.TenantSlug) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		t, found, err := a.tx.FindTenant(slug)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		var one int
		used, err := a.tx.find("find who is the tenant's", `
			SELECT 1 FROM users WHERE tenant = ?1
			UNION ALL SELECT 1 FROM providers WHERE document ->> '$.tenants.own' = ?1 LIMIT 1`, []any{string(slug)}, &one)
		if err != nil {
			return err
		}
		if used {
			return oriel.E(oriel.CodeConflict, "users or a provider belong to the tenant %q: deactivate it, or erase them first", string(slug))
		}
		if err := a.tx.change("delete a tenant", `DELETE FROM tenants WHERE slug = ?`, string(slug)); err != nil {
			return err
		}
		before, err := tenantText(t)
		if err != nil {
			return err
		}
		return a.changed("tenant", string(slug), before, "")
	})
	return err
}

// putTenants makes tenants what a declaration says of them; whether they are
// active it does not say.
func (a *applying) putTenants(tenants []oriel.Tenant) error {
	now := a.tx.writer.store.options.Clock()
	for _, t := range tenants {
		before, found, err := a.tx.FindTenant(t.Slug)
		switch {
		case err != nil:
			return err
		case !found:
			t.Active = true
			err = a.createTenant(t, now)
		default:
			t.Active = before.Active
			err = a.updateTenant(before, t, now)
		}
		if err != nil {
			return fmt.Errorf("apply tenant %s: %w", t.Slug, err)
		}
	}
	return nil
}

func (a *applying) setTenantOrigins(t oriel.Tenant) error {
	var stored any
	if t.Origins != nil {
		text, err := document(append([]string{}, entries(t.Origins)...))
		if err != nil {
			return err
		}
		stored = text
	}
	return a.tx.change("change a tenant's origins", `UPDATE tenants SET origins = ? WHERE slug = ?`, stored, string(t.Slug))
}

// readOwnTenants reads the tenants that have origins, a time zone or quotas of
// their own. One all of whose origins no longer hold has an empty list, which lets
// nobody embed.
func (s *Store) readOwnTenants(ctx context.Context, tx *sql.Tx) ([]oriel.Tenant, error) {
	var all []oriel.Tenant
	err := eachRow(ctx, tx, `SELECT slug, origins, time_zone, quotas FROM tenants WHERE origins IS NOT NULL OR time_zone <> '' OR quotas <> '{}' ORDER BY slug`, func(rows *sql.Rows) error {
		var t oriel.Tenant
		var stored sql.NullString
		var quotas string
		if err := rows.Scan(&t.Slug, &stored, &t.TimeZone, &quotas); err != nil {
			return err
		}
		var err error
		if t.Quotas, err = readQuotas(quotas); err != nil {
			return err
		}
		if stored.Valid {
			var list []string
			if err := json.Unmarshal([]byte(stored.String), &list); err != nil {
				return fmt.Errorf("a stored tenant's origins: %w", err)
			}
			t.Origins = append([]oriel.Origin{}, s.origins(list)...)
		}
		all = append(all, t)
		return nil
	})
	return all, err
}

func uncheckedOrigins(stored sql.NullString) ([]oriel.Origin, error) {
	if !stored.Valid {
		return nil, nil
	}
	var list []string
	if err := json.Unmarshal([]byte(stored.String), &list); err != nil {
		return nil, fmt.Errorf("a stored tenant's origins: %w", err)
	}
	return unchecked(list), nil
}
