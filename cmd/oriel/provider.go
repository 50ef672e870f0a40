package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type providerCommand struct {
	Create providerCreateCommand `cmd:"" help:"Add a provider. It signs nobody in before it has a key: see oriel key create."`
	List   providerListCommand   `cmd:"" help:"List the providers."`
	Show   providerShowCommand   `cmd:"" help:"Show all settings of a provider."`
	Update providerUpdateCommand `cmd:"" help:"Change the settings that are given, and no other."`
	Test   providerTrialCommand  `cmd:"" help:"Try a SAML provider: print a link to open, then each check and what came. Nobody is signed in."`
	Delete providerDeleteCommand `cmd:"" help:"Delete a provider through which nobody has signed in."`
}

type providerCreateCommand struct {
	config.StoreFlags
	outputFlag
	Slug      string `required:"" help:"Its name in addresses and declarations: small letters, digits, - and _."`
	Disabled  bool   `help:"Create it switched off."`
	Kind      string `help:"jwt: a host that signs tokens; saml: an identity provider. Default jwt." enum:"jwt,saml" default:"jwt"`
	SignInURI string `name:"sign-in-uri" help:"The host backend's endpoint that answers with a token, or the identity provider's. Needed without --metadata." placeholder:"URL"`
	metadataFlag
	providerFlags
}

// Run creates the provider, held to what a declaration is held to.
func (c providerCreateCommand) Run(ctx context.Context, p process) error {
	settings := map[string]any{"kind": c.Kind, "enabled": !c.Disabled}
	put(settings, "sign_in_uri", c.SignInURI)
	if err := c.providerFlags.put(settings); err != nil {
		return usage{err}
	}
	if c.Metadata != "" && c.Kind != string(oriel.MethodSAML) {
		return usage{errors.New("only a provider of --kind saml has metadata")}
	}
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		if err := c.metadataFlag.put(ctx, loaded, p, settings, oriel.Provider{}); err != nil {
			return usage{err}
		}
		if _, found := settings["sign_in_uri"]; !found {
			return usage{errors.New("a provider needs a sign-in URI: give --sign-in-uri")}
		}
		provider, err := declaration.ReadProvider(c.Slug, settings, groupsOf(kept), declaration.Options{Origins: origins(loaded)})
		if err != nil {
			return usage{err}
		}
		changes, err := kept.CreateProvider(ctx, oriel.Operator().Who(), provider)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
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
		lines := [][]string{{"SLUG", "KIND", "STATE", "KEYS", "SIGN-IN URI"}}
		for _, provider := range kept.Declared().Providers {
			one := wireProviderOf(provider, p.clock())
			all = append(all, one)
			lines = append(lines, []string{one.Slug, one.kind(), one.state(), fmt.Sprint(len(one.Keys)), one.SignInURI})
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
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		provider, err := findProvider(kept, c.Slug)
		if err != nil {
			return err
		}
		one := wireProviderOf(provider, p.clock())
		one.addresses(provider, loaded.SiteURL)
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
		changes, err := kept.DeleteProvider(ctx, oriel.Operator().Who(), c.Slug)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}
