package main

import (
	"context"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/store"
)

type instanceKeyCommand struct {
	Rotate instanceKeyRotateCommand `cmd:"" help:"Make a new instance key, and store every secret under it."`
}

type instanceKeyRotateCommand struct {
	config.StoreFlags
	outputFlag
}

// Run changes the key that is kept beside the store. A configured one is
// changed where it is configured.
func (c instanceKeyRotateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		changes, err := kept.RotateKeyFile(ctx)
		if err != nil {
			return err
		}
		return c.print(p, wireChanges(changes),
			[]string{"updated the instance key, which is in " + keyFile(loaded)},
			[]string{"Keep a copy of that file, and not with the copies of the store."})
	})
}
