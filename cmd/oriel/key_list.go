package main

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type keyListCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `help:"Of one provider alone." placeholder:"SLUG"`
}

// listedKey is a key with how much it is used.
type listedKey struct {
	wireKey
	LastUsed     time.Time `json:"last_used,omitzero"`
	LastHour     int       `json:"last_hour"`
	LastDay      int       `json:"last_day"`
	SafeToDelete bool      `json:"safe_to_delete"`
}

// Run lists the keys of one provider or of all.
func (c keyListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		providers := kept.Declared().Providers
		if c.Provider != "" {
			one, err := findProvider(kept, c.Provider)
			if err != nil {
				return err
			}
			providers = []oriel.Provider{one}
		}
		keys := []listedKey{}
		lines := [][]string{{"PROVIDER", "ID", "KIND", "STATE", "CREATED", "ENDS", "LAST USED", "LAST HOUR", "LAST DAY", "SAFE TO DELETE"}}
		for _, provider := range providers {
			listed, err := listKeys(ctx, kept, provider, p.clock())
			if err != nil {
				return err
			}
			for _, key := range listed {
				keys = append(keys, key)
				lines = append(lines, key.cells())
			}
		}
		return c.print(p, map[string]any{"keys": keys}, lines...)
	})
}

// listKeys are the keys of a provider with how much they are used.
func listKeys(ctx context.Context, kept *store.Store, provider oriel.Provider, now time.Time) ([]listedKey, error) {
	uses, err := kept.KeyUses(ctx, provider.Slug, now)
	if err != nil {
		return nil, err
	}
	var listed []listedKey
	for i, key := range wireKeysOf(provider, now) {
		use := uses[provider.Keys[i].Serial]
		listed = append(listed, listedKey{
			wireKey: key, LastUsed: use.LastUsed, LastHour: use.LastHour, LastDay: use.LastDay,
			SafeToDelete: provider.Keys[i].SafeToDelete(use, now),
		})
	}
	return listed, nil
}

func (k listedKey) cells() []string {
	state, safe := "live", "no"
	switch {
	case !k.Live:
		state = "ended"
	case !k.Ends.IsZero():
		state = "retired"
	}
	if k.SafeToDelete {
		safe = "yes"
	}
	return []string{
		k.Provider, cell(k.ID), k.Kind, state, k.Created.Format(time.RFC3339), dated(k.Ends), dated(k.LastUsed),
		fmt.Sprint(k.LastHour), fmt.Sprint(k.LastDay), safe,
	}
}

// dated is a moment in a table, which may be none.
func dated(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.RFC3339)
}
