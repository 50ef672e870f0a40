package main

import (
	"context"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type tenantCommand struct {
	List   tenantListCommand   `cmd:"" help:"List the tenants. Sign-ins make them, where a provider may."`
	Create tenantCreateCommand `cmd:"" help:"Make a tenant."`
	Show   tenantShowCommand   `cmd:"" help:"Tell a tenant's attributes and own origins."`
	Update tenantUpdateCommand `cmd:"" help:"Change a tenant's name, own origins or time zone."`
	Delete tenantDeleteCommand `cmd:"" help:"Delete a tenant to which nobody belongs."`

	SetAttribute   tenantSetAttributeCommand   `cmd:"" help:"Set an attribute of those of the tenant's users who have none of the name."`
	UnsetAttribute tenantUnsetAttributeCommand `cmd:"" help:"Take an attribute away."`

	Deactivate tenantDeactivateCommand `cmd:"" help:"Refuse the sessions and sign-ins of a tenant's users from now on."`
	Activate   tenantActivateCommand   `cmd:"" help:"Let a deactivated tenant's users in again."`
}

type tenantListCommand struct {
	config.StoreFlags
	outputFlag
}

// wireTenant is a tenant as the commands print it.
type wireTenant struct {
	Slug   oriel.TenantSlug `json:"slug"`
	Name   string           `json:"name"`
	Active bool             `json:"active"`
}

// Run lists all tenants by slug.
func (c tenantListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		tenants, err := kept.ListTenants(ctx)
		if err != nil {
			return err
		}
		all := []wireTenant{}
		lines := [][]string{{"SLUG", "NAME", "STATE"}}
		for _, t := range tenants {
			all = append(all, wireTenant{Slug: t.Slug, Name: t.Name, Active: t.Active})
			lines = append(lines, []string{string(t.Slug), cell(t.Name), activity(t.Active)})
		}
		return c.print(p, map[string]any{"tenants": all}, lines...)
	})
}

// tenantArgument names one tenant.
type tenantArgument struct {
	Tenant oriel.TenantSlug `arg:"" help:"The tenant's slug." placeholder:"SLUG"`
}

type tenantDeactivateCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
}

// Run makes the tenant inactive.
func (c tenantDeactivateCommand) Run(ctx context.Context, p process) error {
	return setTenantActive(ctx, c.StoreFlags, c.outputFlag, p, c.Tenant, false)
}

type tenantActivateCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
}

// Run makes the tenant active.
func (c tenantActivateCommand) Run(ctx context.Context, p process) error {
	return setTenantActive(ctx, c.StoreFlags, c.outputFlag, p, c.Tenant, true)
}

func setTenantActive(ctx context.Context, flags config.StoreFlags, output outputFlag, p process, slug oriel.TenantSlug, active bool) error {
	return withStore(ctx, flags, p, func(_ config.Config, kept *store.Store) error {
		err := kept.SetTenantActive(ctx, oriel.Operator().Who(), slug, active, p.clock())
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return oriel.E(oriel.CodeNotFound, "there is no tenant %s: see oriel tenant list", oriel.Quoted(string(slug)))
		}
		if err != nil {
			return err
		}
		return output.print(p, map[string]any{"tenant": slug, "active": active}, []string{"tenant " + string(slug) + " is " + activity(active)})
	})
}
