package main

import (
	"context"
	"errors"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type providerUpdateCommand struct {
	config.StoreFlags
	outputFlag
	Slug      string  `required:"" help:"Which provider."`
	Enable    bool    `xor:"enabled" help:"Switch it on."`
	Disable   bool    `xor:"enabled" help:"Switch it off: its sessions are refused, and nobody signs in through it."`
	SignInURI *string `name:"sign-in-uri" help:"The host backend's endpoint that answers with a token, or the identity provider's." placeholder:"URL"`
	metadataFlag
	providerFlags
}

// Run changes what was given. The whole is held to what a declaration is held
// to, keys included: what is given may not fit what stays.
func (c providerUpdateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		current, err := findProvider(kept, c.Slug)
		if err != nil {
			return err
		}
		settings := declaration.Settings(current)
		if c.Enable || c.Disable {
			settings["enabled"] = c.Enable
		}
		change(settings, "sign_in_uri", c.SignInURI)
		if err := c.providerFlags.put(settings); err != nil {
			return usage{err}
		}
		if c.Metadata != "" && !current.IsSAML() {
			return usage{errors.New("only a provider of kind saml has metadata")}
		}
		if keys := keySettings(current); len(keys) > 0 {
			settings["keys"] = keys
		}
		if err := c.metadataFlag.put(ctx, loaded, p, settings, current); err != nil {
			return usage{err}
		}
		if _, found := settings["sign_in_uri"]; !found {
			return usage{errors.New("a provider needs a sign-in URI")}
		}
		next, err := declaration.ReadProvider(c.Slug, settings, groupsOf(kept), declaration.Options{Origins: origins(loaded)})
		if err != nil {
			return usage{err}
		}
		changes, err := kept.UpdateProvider(ctx, oriel.Operator().Who(), next)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}
