package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// FindTenant finds a tenant by its exact slug.
func (tx *Tx) FindTenant(slug oriel.TenantSlug) (oriel.Tenant, bool, error) {
	t := oriel.Tenant{Slug: slug}
	var attributes, quotas string
	var origins sql.NullString
	found, err := tx.find("find a tenant",
		`SELECT name, active, attributes, origins, time_zone, quotas FROM tenants WHERE slug = ?`, []any{string(slug)}, &t.Name, &t.Active, &attributes, &origins, &t.TimeZone, &quotas)
	if err != nil || !found {
		return t, found, err
	}
	if t.Origins, err = uncheckedOrigins(origins); err != nil {
		return t, false, err
	}
	if t.Quotas, err = readQuotas(quotas); err != nil {
		return t, false, err
	}
	t.Attributes, err = readAttributes(attributes)
	return t, true, err
}

// InsertTenant keeps a new tenant.
func (tx *Tx) InsertTenant(t oriel.Tenant, now time.Time) error {
	attributes, err := writeAttributes(t.Attributes)
	if err != nil {
		return err
	}
	quotas, err := document(t.Quotas)
	if err != nil {
		return err
	}
	return tx.change("create a tenant",
		`INSERT INTO tenants (slug, name, active, attributes, created, time_zone, quotas) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(t.Slug), t.Name, t.Active, attributes, micros(now), string(t.TimeZone), quotas)
}

// ListTenants lists all tenants by slug, without attributes.
func (s *Store) ListTenants(ctx context.Context) ([]oriel.Tenant, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT slug, name, active FROM tenants ORDER BY slug`)
	if err != nil {
		return nil, failed("list the tenants", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.Tenant
	for rows.Next() {
		var t oriel.Tenant
		if err := rows.Scan(&t.Slug, &t.Name, &t.Active); err != nil {
			return nil, failed("list the tenants", err)
		}
		list = append(list, t)
	}
	return list, failed("list the tenants", rows.Err())
}
