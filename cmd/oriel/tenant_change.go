package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type tenantCreateCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
	Name     string         `help:"The name; the slug without it." placeholder:"NAME"`
	Origin   []string       `help:"An origin of its own: then its users may use no others. Repeatable." placeholder:"ORIGIN" sep:"none"`
	TimeZone string         `help:"The time zone of its users' questions, as Europe/Berlin; the site's without it." placeholder:"ZONE"`
	Quota    map[string]int `help:"What it may take: users=, queries_per_minute= or queries_at_once= with a number. Repeatable." placeholder:"NAME=NUMBER" mapsep:"none"`
}

// Run makes the tenant.
func (c tenantCreateCommand) Run(ctx context.Context, p process) error {
	wanted := directory.TenantRequest{}
	if c.Name != "" {
		wanted.Name = &c.Name
	}
	if len(c.Origin) > 0 {
		wanted.Origins = &c.Origin
	}
	if c.TimeZone != "" {
		wanted.TimeZone = &c.TimeZone
	}
	if len(c.Quota) > 0 {
		wanted.Quotas = &c.Quota
	}
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		t, err := people.CreateTenant(ctx, oriel.Operator(), c.Tenant, wanted)
		if err != nil {
			return err
		}
		return c.printTenant(p, t)
	})
}

type tenantShowCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
}

// Run tells a tenant's attributes and own origins.
func (c tenantShowCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		t, err := people.Tenant(ctx, oriel.Operator(), c.Tenant)
		if err != nil {
			return orNoTenant(c.Tenant, err)
		}
		return c.printTenant(p, t)
	})
}

type tenantUpdateCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
	Name       string         `help:"The new name." placeholder:"NAME"`
	Origin     []string       `help:"An origin of its own; those that are not named are gone. Repeatable." placeholder:"ORIGIN" sep:"none" xor:"origins"`
	AnyOrigins bool           `help:"It has no origins of its own any more: the instance's hold." xor:"origins"`
	TimeZone   *string        `help:"The time zone of its users' questions, as Europe/Berlin; an empty text lets the site's hold." placeholder:"ZONE"`
	Quota      map[string]int `help:"What it may take, as for create; those that are not named are gone. Repeatable." placeholder:"NAME=NUMBER" mapsep:"none" xor:"quotas"`
	NoQuotas   bool           `help:"It has no quotas any more." xor:"quotas"`
}

// Run changes the tenant.
func (c tenantUpdateCommand) Run(ctx context.Context, p process) error {
	wanted := directory.TenantRequest{}
	if c.Name != "" {
		wanted.Name = &c.Name
	}
	if len(c.Origin) > 0 || c.AnyOrigins {
		wanted.Origins = &c.Origin
	}
	wanted.TimeZone = c.TimeZone
	if len(c.Quota) > 0 || c.NoQuotas {
		wanted.Quotas = &c.Quota
	}
	return updateTenant(ctx, c.StoreFlags, c.outputFlag, p, c.Tenant, wanted)
}

type tenantSetAttributeCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
	attributeArguments
}

// Run sets an attribute of those of the tenant's users who have none of the name.
func (c tenantSetAttributeCommand) Run(ctx context.Context, p process) error {
	return updateTenant(ctx, c.StoreFlags, c.outputFlag, p, c.Tenant, directory.TenantRequest{Attributes: c.change()})
}

type tenantUnsetAttributeCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
	Name string `arg:"" help:"The attribute's name." placeholder:"NAME"`
}

// Run takes an attribute away.
func (c tenantUnsetAttributeCommand) Run(ctx context.Context, p process) error {
	return updateTenant(ctx, c.StoreFlags, c.outputFlag, p, c.Tenant, directory.TenantRequest{Attributes: oriel.AttributeChange{c.Name: nil}})
}

func updateTenant(ctx context.Context, flags config.StoreFlags, output outputFlag, p process, slug oriel.TenantSlug, wanted directory.TenantRequest) error {
	return withPeople(ctx, flags, p, func(_ *store.Store, people *directory.People) error {
		t, err := people.UpdateTenant(ctx, oriel.Operator(), slug, wanted)
		if err != nil {
			return orNoTenant(slug, err)
		}
		return output.printTenant(p, t)
	})
}

type tenantDeleteCommand struct {
	config.StoreFlags
	outputFlag
	tenantArgument
}

// Run deletes a tenant to which nobody belongs.
func (c tenantDeleteCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		if err := people.DeleteTenant(ctx, oriel.Operator(), c.Tenant); err != nil {
			return orNoTenant(c.Tenant, err)
		}
		return c.print(p, map[string]any{"deleted": c.Tenant}, []string{"deleted tenant " + string(c.Tenant)})
	})
}

func (o outputFlag) printTenant(p process, t oriel.Tenant) error {
	attributes, origins := map[string]any{}, []string{}
	lines := [][]string{{"slug", string(t.Slug)}, {"name", cell(t.Name)}, {"state", activity(t.Active)}}
	for name, value := range t.Attributes {
		attributes[name] = shownValue(value)
		lines = append(lines, []string{"attribute " + cell(name), cell(strings.Join(value.Values, ", "))})
	}
	for _, origin := range t.Origins {
		origins = append(origins, origin.String())
		lines = append(lines, []string{"origin", origin.String()})
	}
	if t.TimeZone != "" {
		lines = append(lines, []string{"time zone", string(t.TimeZone)})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Quotas.Named())) {
		lines = append(lines, []string{"quota " + name, strconv.Itoa(t.Quotas.Named()[name])})
	}
	about := map[string]any{"slug": t.Slug, "name": t.Name, "active": t.Active, "attributes": attributes, "origins": origins, "time_zone": t.TimeZone, "quotas": t.Quotas.Named()}
	return o.print(p, map[string]any{"tenant": about}, lines...)
}

func orNoTenant(slug oriel.TenantSlug, err error) error {
	if oriel.CodeOf(err) == oriel.CodeNotFound {
		return oriel.E(oriel.CodeNotFound, "there is no tenant %s: see oriel tenant list", oriel.Quoted(string(slug)))
	}
	return err
}
