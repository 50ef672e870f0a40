package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type keyRetireCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `required:"" help:"The provider's slug." placeholder:"SLUG"`
	ID       string `name:"id" required:"" help:"The key's id." placeholder:"KID"`
	Overlap  span   `help:"How long it still verifies tokens, as 24h or 7d; 0s ends it now. Default: 24h." default:"24h" placeholder:"TIME"`
}

// Run gives the key an end.
func (c keyRetireCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		ends := p.clock().Add(time.Duration(c.Overlap))
		if _, err := kept.RetireKey(ctx, oriel.Operator().Who(), c.Provider, c.ID, ends); err != nil {
			return err
		}
		provider, err := findProvider(kept, c.Provider)
		if err != nil {
			return err
		}
		lines := [][]string{{fmt.Sprintf("key %s of %s ends at %s", c.ID, c.Provider, ends.Format(time.RFC3339))}}
		if !slices.ContainsFunc(provider.Keys, func(k oriel.ProviderKey) bool { return k.Ends.IsZero() }) {
			lines = append(lines, []string{"It is the last one: make another before then (oriel key create), or nobody signs in through " + c.Provider + "."})
		}
		keys := wireKeysOf(provider, p.clock())
		at := slices.IndexFunc(keys, func(k wireKey) bool { return k.ID == c.ID })
		return c.print(p, map[string]any{"key": keys[at]}, lines...)
	})
}

type keyDeleteCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `required:"" help:"The provider's slug." placeholder:"SLUG"`
	ID       string `name:"id" required:"" help:"The key's id." placeholder:"KID"`
	Force    bool   `help:"Delete it although tokens came with it within the last day."`
}

// Run deletes the key: one that is in use only when that is said.
func (c keyDeleteCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		if err := c.refuseInUse(ctx, p, kept); err != nil {
			return err
		}
		changes, err := kept.DeleteKey(ctx, oriel.Operator().Who(), c.Provider, c.ID)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}

func (c keyDeleteCommand) refuseInUse(ctx context.Context, p process, kept *store.Store) error {
	provider, err := findProvider(kept, c.Provider)
	if err != nil || c.Force {
		return err
	}
	keys, err := listKeys(ctx, kept, provider, p.clock())
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key.ID == c.ID && key.Live && key.LastDay > 0 {
			return usage{fmt.Errorf("the key %q is in use, %s came with it within the last day: let it end first with oriel key retire, or add --force, which ends their sessions at once", c.ID, counted(key.LastDay, "token"))}
		}
	}
	return nil
}
