package main

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
)

type sourceSyncCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
}

// Run synchronises the source and tells of the progress on standard error.
func (c sourceSyncCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		sync, err := sources.Sync(ctx, oriel.Operator(), c.Source, func(now oriel.SyncProgress) {
			if c.Output == "text" {
				_, _ = fmt.Fprintln(p.stderr, progressLine(now)) // nobody may be there to read it
			}
		})
		if err != nil {
			return c.named(err)
		}
		switch sync.State {
		case oriel.SyncDone:
		case oriel.SyncFailed:
			return oriel.E(oriel.CodeSourceUnavailable, "source %s: %s", c.Source, sync.Message)
		case oriel.SyncCancelled, oriel.SyncRunning, oriel.SyncCancelling, oriel.SyncInterrupted:
			return oriel.E(oriel.CodeConflict, "source %s: the sync was cancelled; the source is what it was", c.Source)
		}
		lines := [][]string{{"synchronised source " + c.Source + ": " + counted(sync.Progress.Tables, "table")}}
		return c.print(p, map[string]any{"sync": sync}, append(lines, findingLines(&sync)...)...)
	})
}

func progressLine(now oriel.SyncProgress) string {
	line := string(now.Phase)
	if now.Tables > 0 {
		line += fmt.Sprintf(", %d of %s", now.Done, counted(now.Tables, "table"))
	}
	if now.Rows > 0 {
		line += fmt.Sprintf(", %d rows", now.Rows)
	}
	return line
}

type sourceCancelCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
}

// Run asks for the end of the sync that is under way.
func (c sourceCancelCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		sync, err := sources.CancelSync(ctx, oriel.Operator(), c.Source)
		if err != nil {
			return c.named(err)
		}
		return c.print(p, map[string]any{"sync": sync}, []string{"the sync of source " + c.Source + " ends"})
	})
}
