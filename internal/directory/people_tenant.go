package directory

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// TenantStore keeps tenants.
type TenantStore interface {
	ListTenants(ctx context.Context) ([]oriel.Tenant, error)
	FindTenant(ctx context.Context, slug oriel.TenantSlug) (oriel.Tenant, bool, error)
	CreateTenant(ctx context.Context, who string, t oriel.Tenant, now time.Time) error
	UpdateTenant(ctx context.Context, who string, slug oriel.TenantSlug, c oriel.TenantChange, now time.Time) error
	DeleteTenant(ctx context.Context, who string, slug oriel.TenantSlug) error
}

// TenantRequest is what somebody wants of a tenant; nil fields stay.
type TenantRequest struct {
	Name       *string
	Active     *bool
	Attributes oriel.AttributeChange
	// Origins narrow the instance's list for the tenant's users; pointing at an
	// empty list takes the tenant's own away, so that the instance's holds.
	Origins *[]string
	// TimeZone is an IANA name; an empty one lets the site's hold.
	TimeZone *string
	// Quotas take the place of all that it has, by name.
	Quotas *map[string]int
}

// Tenants lists all tenants by slug. Errors: not_authenticated, scope_denied.
func (d *People) Tenants(ctx context.Context, p oriel.Principal) ([]oriel.Tenant, error) {
	if err := d.require(p); err != nil {
		return nil, err
	}
	return d.options.Store.ListTenants(ctx)
}

// Tenant finds a tenant. Errors: not_authenticated, scope_denied, not_found.
func (d *People) Tenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug) (oriel.Tenant, error) {
	if err := d.require(p); err != nil {
		return oriel.Tenant{}, err
	}
	t, found, err := d.options.Store.FindTenant(ctx, slug)
	if err == nil && !found {
		err = &oriel.Error{Code: oriel.CodeNotFound}
	}
	return t, err
}

// CreateTenant makes a tenant. Errors: not_authenticated; scope_denied;
// invalid_request; conflict when the slug is taken.
func (d *People) CreateTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug, wanted TenantRequest) (oriel.Tenant, error) {
	if err := d.require(p); err != nil {
		return oriel.Tenant{}, err
	}
	if !oriel.IsKey(string(slug)) {
		return oriel.Tenant{}, oriel.WrongField("slug", "A slug has small letters, digits, - and _, at most 63 of them, and begins with a letter or a digit.")
	}
	change, err := d.readTenant(wanted)
	if err != nil {
		return oriel.Tenant{}, err
	}
	t := oriel.Tenant{Slug: slug, Name: string(slug), Active: true, Attributes: change.Attributes.On(nil)}
	if change.Name != nil {
		t.Name = *change.Name
	}
	if change.Active != nil {
		t.Active = *change.Active
	}
	if change.Origins != nil {
		t.Origins = *change.Origins
	}
	if change.TimeZone != nil {
		t.TimeZone = *change.TimeZone
	}
	if change.Quotas != nil {
		t.Quotas = *change.Quotas
	}
	if err := d.options.Store.CreateTenant(ctx, p.Who(), t, d.options.Clock()); err != nil {
		return oriel.Tenant{}, err
	}
	return d.Tenant(ctx, p, slug)
}

// UpdateTenant changes a tenant. Errors: not_authenticated, scope_denied,
// invalid_request, not_found.
func (d *People) UpdateTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug, wanted TenantRequest) (oriel.Tenant, error) {
	if err := d.require(p); err != nil {
		return oriel.Tenant{}, err
	}
	change, err := d.readTenant(wanted)
	if err != nil {
		return oriel.Tenant{}, err
	}
	if err := d.options.Store.UpdateTenant(ctx, p.Who(), slug, change, d.options.Clock()); err != nil {
		return oriel.Tenant{}, err
	}
	return d.Tenant(ctx, p, slug)
}

// DeleteTenant takes a tenant away. Errors: not_authenticated; scope_denied;
// not_found; conflict while users or a provider belong to it.
func (d *People) DeleteTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug) error {
	if err := d.require(p); err != nil {
		return err
	}
	return d.options.Store.DeleteTenant(ctx, p.Who(), slug)
}

func (d *People) readTenant(wanted TenantRequest) (oriel.TenantChange, error) {
	change := oriel.TenantChange{Name: wanted.Name, Active: wanted.Active, Attributes: wanted.Attributes}
	if wanted.Name != nil {
		if err := checkName("name", *wanted.Name, 1, oriel.MostName); err != nil {
			return change, err
		}
	}
	if err := checkAttributes(wanted.Attributes); err != nil {
		return change, err
	}
	if wanted.Quotas != nil {
		quotas, err := oriel.ParseQuotas(*wanted.Quotas)
		if err != nil {
			return change, oriel.WrongField("quotas", oriel.MessageOf(err))
		}
		change.Quotas = &quotas
	}
	if wanted.TimeZone != nil {
		var zone oriel.TimeZone
		if *wanted.TimeZone != "" {
			var err error
			if zone, err = oriel.ParseTimeZone(*wanted.TimeZone); err != nil {
				return change, oriel.WrongField("time_zone", oriel.MessageOf(err))
			}
		}
		change.TimeZone = &zone
	}
	if wanted.Origins == nil {
		return change, nil
	}
	var origins []oriel.Origin
	for _, entry := range *wanted.Origins {
		o, err := oriel.ParseOrigin(entry, d.options.Origins)
		if err != nil {
			return change, oriel.WrongField("origins", oriel.MessageOf(err))
		}
		origins = append(origins, o)
	}
	change.Origins = &origins
	return change, nil
}
