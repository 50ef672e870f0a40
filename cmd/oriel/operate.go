package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// outputFlag is how a command answers.
type outputFlag struct {
	Output string `help:"text or json." enum:"text,json" default:"text"`
}

// withStore does something on the store, whether a server runs on it or not.
func withStore(ctx context.Context, flags config.StoreFlags, p process, do func(config.Config, *store.Store) error) (err error) {
	loaded, err := load(config.ServeFlags{StoreFlags: flags}, p)
	if err != nil {
		return err
	}
	kept, err := openQuietly(ctx, loaded, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	return do(loaded, kept)
}

// openQuietly opens the store for a command, whose answer is not the log.
func openQuietly(ctx context.Context, loaded config.Config, p process) (*store.Store, error) {
	return openStore(ctx, loaded, p, newLog(p.stderr, max(loaded.LogLevel, slog.LevelWarn)))
}

// counted is a number of things, in words that one of them has too.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// print answers with the value as JSON, or with lines of cells in columns.
func (o outputFlag) print(p process, value any, lines ...[]string) error {
	if o.Output == "json" {
		return json.NewEncoder(p.stdout).Encode(value)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, cells := range lines {
		if _, err := fmt.Fprintln(table, strings.TrimRight(strings.Join(cells, "\t"), "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}

func (o outputFlag) printChanges(p process, changes []oriel.Change) error {
	lines := make([][]string, 0, len(changes))
	for _, change := range changes {
		lines = append(lines, []string{change.Action + " " + change.Kind + " " + change.Key})
	}
	if len(lines) == 0 {
		lines = [][]string{{"nothing changed"}}
	}
	return o.print(p, wireChanges(changes), lines...)
}

func wireChanges(changes []oriel.Change) map[string]any {
	return map[string]any{"changes": append([]oriel.Change{}, changes...)}
}
