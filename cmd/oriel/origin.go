package main

import (
	"context"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type originCommand struct {
	Add    originAddCommand    `cmd:"" help:"Let content be embedded on an origin."`
	List   originListCommand   `cmd:"" help:"List the authorized origins."`
	Remove originRemoveCommand `cmd:"" help:"Take an origin off the list."`
}

type originAddCommand struct {
	config.StoreFlags
	outputFlag
	Origin string `arg:"" help:"scheme://host[:port]; the host may begin with *., the port may be *."`
}

// Run adds the origin, or says why it cannot be one.
func (c originAddCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		origin, err := oriel.ParseOrigin(c.Origin, origins(loaded))
		if err != nil {
			return usage{err}
		}
		changes, err := kept.AddOrigin(ctx, oriel.Operator().Who(), origin)
		if err != nil {
			return err
		}
		said := "added " + origin.String()
		if len(changes) == 0 {
			said = "nothing changed"
		}
		return c.print(p, wireChanges(changes), []string{said})
	})
}

type originListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists the origins that are in force.
func (c originListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		entries := []string{}
		var lines [][]string
		for _, origin := range kept.Declared().Origins {
			entries = append(entries, origin.String())
			lines = append(lines, []string{origin.String()})
		}
		return c.print(p, map[string]any{"origins": entries}, lines...)
	})
}

type originRemoveCommand struct {
	config.StoreFlags
	outputFlag
	Origin string `arg:"" help:"The entry, as oriel origin list shows it."`
}

// Run removes the origin. Its grammar alone is checked: an entry that the site
// URL no longer permits must be removable too.
func (c originRemoveCommand) Run(ctx context.Context, p process) error {
	var origin oriel.Origin
	if err := origin.UnmarshalText([]byte(c.Origin)); err != nil {
		return usage{err}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		changes, err := kept.RemoveOrigin(ctx, oriel.Operator().Who(), origin)
		if err != nil {
			return err
		}
		return c.print(p, wireChanges(changes), []string{"removed " + origin.String()})
	})
}
