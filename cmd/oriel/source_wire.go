package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source/kinds"
	"github.com/oriel-bi/oriel/internal/store"
)

// newSources is what administrators manage of data sources, by the rules of a
// declaration. operator tells that it is for who runs this process.
func newSources(c config.Config, p process, kept *store.Store, queries *query.Queries, operator bool, log *slog.Logger) *catalog.Sources {
	return catalog.NewSources(catalog.SourcesOptions{
		Declared: kept.Declared, Store: kept,
		Engines:    kinds.New(kinds.Options{DataFolder: c.DataFolder, Folder: c.SourceFolder, Hosts: c.SourceHosts, Operator: operator}),
		ReadSource: declaration.ReadSource, WriteSource: declaration.SourceSettings,
		Check: queries.Check, Clock: p.clock, Random: p.random, Log: log,
	})
}

// withSources does something with the data sources of the store, whether a
// server runs on it or not.
func withSources(ctx context.Context, flags config.StoreFlags, p process, do func(*catalog.Sources) error) error {
	return withStore(ctx, flags, p, func(loaded config.Config, kept *store.Store) (err error) {
		engines, err := openEngines(loaded, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, closeAll(engines)) }()
		queries := query.New(query.Options{Declared: kept.Declared, Engines: engines})
		sources := newSources(loaded, p, kept, queries, true, newLog(p.stderr, max(loaded.LogLevel, slog.LevelError)))
		defer sources.Close()
		return do(sources)
	})
}
