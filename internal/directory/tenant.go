package directory

import (
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Tenants are the host's customers.
type Tenants interface {
	FindTenant(slug oriel.TenantSlug) (oriel.Tenant, bool, error)
	InsertTenant(t oriel.Tenant, now time.Time) error
}

// ClaimedTenant is the tenant that a sign-in is into by the token's claim: with
// a tenant's own provider that tenant, claim or not (§2). Error: tenant_mismatch
// for a claim that names another.
func (d *Directory) ClaimedTenant(p oriel.Provider, claim *oriel.TenantSlug) (*oriel.TenantSlug, error) {
	own := p.Tenants.Own
	switch {
	case own == "":
		return claim, nil
	case claim != nil && *claim != own:
		return claim, refuse(oriel.CodeTenantMismatch, "the provider is another tenant's own")
	}
	return &own, nil
}

// CheckTenant tells which tenant a sign-in is into: none for an internal user.
// It writes nothing; [Directory.SettleTenant] makes what is not there yet.
// Errors: tenant_mismatch for a claim outside the provider's tenants, or other
// than the user's; tenant_required for a tenant's user without a claim;
// tenant_unknown; tenant_deactivated.
func (d *Directory) CheckTenant(tx Tx, p oriel.Provider, found Found, claim *oriel.TenantSlug) (tenant oriel.Tenant, exists bool, err error) {
	if claim == nil {
		if !found.New() && found.User.Tenant != "" {
			return tenant, false, refuse(oriel.CodeTenantRequired, "the user belongs to a tenant and the token names none")
		}
		return tenant, false, nil
	}
	if !p.Tenants.Any && p.Tenants.Own != *claim && !slices.Contains(p.Tenants.Listed, *claim) {
		return tenant, false, refuse(oriel.CodeTenantMismatch, "the provider does not sign into this tenant")
	}
	if !found.New() && found.User.Tenant != *claim {
		return tenant, false, refuse(oriel.CodeTenantMismatch, "the user belongs to another tenant, or to none")
	}
	tenant, exists, err = tx.FindTenant(*claim)
	switch {
	case err != nil:
		return tenant, false, err
	case exists && !tenant.Active:
		return tenant, false, refuse(oriel.CodeTenantDeactivated, "the tenant is deactivated")
	case !exists && !p.Tenants.Create:
		return tenant, false, refuse(oriel.CodeTenantUnknown, "there is no such tenant, and the provider makes none")
	}
	return tenant, exists, nil
}

// SettleTenant makes a tenant that CheckTenant found to be missing.
func (d *Directory) SettleTenant(tx Tx, p oriel.Provider, slug oriel.TenantSlug) (oriel.Tenant, error) {
	tenant := oriel.Tenant{Slug: slug, Name: string(slug), Active: true}
	if err := tx.InsertTenant(tenant, d.options.Clock()); err != nil {
		return oriel.Tenant{}, err
	}
	return tenant, d.changed(tx, p, "created", "tenant", string(slug), "")
}
