package directory

import (
	"cmp"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// OriginAllowed tells whether the value of an Origin header is on the
// instance's list, or in dev mode a loopback one (sign-in contract §6). An
// absent one, empty, is not.
func (d *Directory) OriginAllowed(origin string) bool {
	return d.options.DevMode && oriel.IsLoopbackOrigin(origin) || matches(d.options.Declared().Origins, origin)
}

// OriginAllowedFor tells whether the provider may be used from an origin: one
// that the instance allows and that the provider's own list, if it has one,
// keeps. Dev mode does not widen that list: it narrows.
func (d *Directory) OriginAllowedFor(p oriel.Provider, origin string) bool {
	return d.OriginAllowed(origin) && (len(p.Origins) == 0 || matches(p.Origins, origin))
}

// OriginAllowedToUser is OriginAllowedFor the provider with the id, for a user
// of the tenant, or of none. A provider that is gone allows none.
func (d *Directory) OriginAllowedToUser(provider string, tenant oriel.TenantSlug, origin string) bool {
	providers := d.options.Declared().Providers
	at := slices.IndexFunc(providers, func(p oriel.Provider) bool { return p.ID == provider })
	return at >= 0 && d.OriginAllowedFor(providers[at], origin) && d.OriginKeptByTenant(tenant, origin)
}

// OriginKeptByTenant tells whether the tenant's own list, if it has one, keeps
// an origin (access contract §1). Dev mode does not widen that list either.
func (d *Directory) OriginKeptByTenant(tenant oriel.TenantSlug, origin string) bool {
	if tenant == "" {
		return true
	}
	tenants := d.options.Declared().Tenants
	at, own := slices.BinarySearchFunc(tenants, tenant, func(t oriel.Tenant, slug oriel.TenantSlug) int { return cmp.Compare(t.Slug, slug) })
	return !own || tenants[at].Origins == nil || matches(tenants[at].Origins, origin)
}

// matches first looks for the origin as it stands: several gates of one request
// ask, and taking it apart costs more than all else that they do.
func matches(list []oriel.Origin, origin string) bool {
	return slices.ContainsFunc(list, func(o oriel.Origin) bool { return o.Is(origin) }) ||
		slices.ContainsFunc(list, func(o oriel.Origin) bool { return o.Matches(origin) })
}
