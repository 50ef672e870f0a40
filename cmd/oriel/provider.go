package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type providerCommand struct {
	Create providerCreateCommand `cmd:"" help:"Add a provider. It signs nobody in before it has a key: see oriel key create."`
	List   providerListCommand   `cmd:"" help:"List the providers."`
	Show   providerShowCommand   `cmd:"" help:"Show all settings of a provider."`
	Delete providerDeleteCommand `cmd:"" help:"Delete a provider through which nobody has signed in."`
}

// providerCreateCommand has a flag for each setting of a declared provider.
type providerCreateCommand struct {
	config.StoreFlags
	outputFlag
	Slug            string   `required:"" help:"Its name in addresses and declarations: small letters, digits, - and _."`
	Disabled        bool     `help:"Create it switched off."`
	Profile         string   `help:"strict, or compat for hosts written for an older kind of token. Default strict."`
	Issuer          string   `help:"What the token's iss must be. Needed with strict."`
	Audience        string   `help:"What the token's aud must be; compat only, strict takes the site URL."`
	SignInURI       string   `name:"sign-in-uri" required:"" help:"The host backend's endpoint that answers with a token." placeholder:"URL"`
	CreateUsers     bool     `help:"Make a user at the first sign-in."`
	ReactivateUsers bool     `help:"Make a deactivated user active again at a sign-in."`
	EmailClaim      string   `help:"The claim with the e-mail address, when not email." placeholder:"NAME"`
	FirstNameClaim  string   `help:"The claim with the first name, when not first_name." placeholder:"NAME"`
	LastNameClaim   string   `help:"The claim with the last name, when not last_name." placeholder:"NAME"`
	GroupsClaim     string   `help:"The claim with the groups, when not groups." placeholder:"NAME"`
	TenantClaim     string   `help:"The claim with the tenant, when not tenant." placeholder:"NAME"`
	Groups          string   `help:"What the groups claim does: off, by-name or mapped. Default off." placeholder:"MODE"`
	OpenGroup       []string `sep:"none" help:"A group that the claim may name, with --groups by-name. Repeatable." placeholder:"GROUP"`
	MapGroup        []string `sep:"none" help:"The host's name of a group and ours, with --groups mapped. Repeatable." placeholder:"NAME=GROUP"`
	AnyTenant       bool     `help:"Sign into any tenant."`
	Tenant          []string `sep:"none" help:"A tenant that it may sign into. Repeatable." placeholder:"SLUG"`
	CreateTenants   bool     `help:"Make unknown tenants."`
	Realm           string   `help:"Providers with the same realm may link their identities to one user." placeholder:"NAME"`
	Origin          []string `sep:"none" help:"Narrows the origins for this provider. Repeatable." placeholder:"ORIGIN"`
}

// Run creates the provider, held to what a declaration is held to.
func (c providerCreateCommand) Run(ctx context.Context, p process) error {
	settings, err := c.settings()
	if err != nil {
		return usage{err}
	}
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		provider, err := declaration.ReadProvider(c.Slug, settings, groupsOf(kept), declaration.Options{Origins: origins(loaded)})
		if err != nil {
			return usage{err}
		}
		changes, err := kept.CreateProvider(ctx, "operator", provider)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}

// settings are what was given, under the names of the declaration's format.
func (c providerCreateCommand) settings() (map[string]any, error) {
	all := map[string]any{"kind": "jwt", "enabled": !c.Disabled}
	put(all, "profile", c.Profile)
	put(all, "issuer", c.Issuer)
	put(all, "audience", c.Audience)
	put(all, "sign_in_uri", c.SignInURI)
	put(all, "realm", c.Realm)
	claims := map[string]any{}
	put(claims, "email", c.EmailClaim)
	put(claims, "first_name", c.FirstNameClaim)
	put(claims, "last_name", c.LastNameClaim)
	put(claims, "groups", c.GroupsClaim)
	put(claims, "tenant", c.TenantClaim)
	all["claims"] = claims
	all["provisioning"] = map[string]any{"create": c.CreateUsers, "reactivate": c.ReactivateUsers}
	tenants := map[string]any{"any": c.AnyTenant, "create": c.CreateTenants}
	if len(c.Tenant) > 0 {
		tenants["listed"] = c.Tenant
	}
	all["tenants"] = tenants
	if len(c.Origin) > 0 {
		all["origins"] = c.Origin
	}
	if c.Groups == "" && len(c.OpenGroup)+len(c.MapGroup) == 0 {
		return all, nil
	}
	groups := map[string]any{"mode": c.Groups}
	if len(c.OpenGroup) > 0 {
		groups["opened"] = c.OpenGroup
	}
	if len(c.MapGroup) > 0 {
		mapping := map[string]any{}
		for _, pair := range c.MapGroup {
			at := strings.LastIndexByte(pair, '=')
			if at < 1 {
				return nil, fmt.Errorf("--map-group %q is not NAME=GROUP", pair)
			}
			ours, _ := mapping[pair[:at]].([]string)
			mapping[pair[:at]] = append(ours, pair[at+1:])
		}
		groups["mapping"] = mapping
	}
	all["groups"] = groups
	return all, nil
}

// put leaves out what was not given.
func put(settings map[string]any, name, value string) {
	if value != "" {
		settings[name] = value
	}
}

func groupsOf(kept *store.Store) []oriel.GroupKey {
	var keys []oriel.GroupKey
	for _, group := range kept.Declared().Groups {
		keys = append(keys, group.Key)
	}
	return keys
}

type providerListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists the providers by slug.
func (c providerListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		all := []wireProvider{}
		lines := [][]string{{"SLUG", "PROFILE", "STATE", "KEYS", "SIGN-IN URI"}}
		for _, provider := range kept.Declared().Providers {
			one := wireProviderOf(provider, p.clock())
			all = append(all, one)
			lines = append(lines, []string{one.Slug, one.Profile, one.state(), fmt.Sprint(len(one.Keys)), one.SignInURI})
		}
		return c.print(p, map[string]any{"providers": all}, lines...)
	})
}

type providerShowCommand struct {
	config.StoreFlags
	outputFlag
	Slug string `required:"" help:"Which provider."`
}

// Run shows one provider.
func (c providerShowCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		provider, err := findProvider(kept, c.Slug)
		if err != nil {
			return err
		}
		one := wireProviderOf(provider, p.clock())
		return c.print(p, one, one.lines()...)
	})
}

// findProvider finds a provider whether it can sign anybody in or not.
func findProvider(kept *store.Store, slug string) (oriel.Provider, error) {
	for _, provider := range kept.Declared().Providers {
		if provider.Slug == slug {
			return provider, nil
		}
	}
	return oriel.Provider{}, oriel.E(oriel.CodeNotFound, "there is no provider %q: see oriel provider list", slug)
}

type providerDeleteCommand struct {
	config.StoreFlags
	outputFlag
	Slug string `required:"" help:"Which provider."`
}

// Run deletes the provider with its keys.
func (c providerDeleteCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		changes, err := kept.DeleteProvider(ctx, "operator", c.Slug)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}
