package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source/kinds"
	"github.com/oriel-bi/oriel/internal/store"
)

type applyCommand struct {
	config.StoreFlags
	outputFlag
	WithoutTests bool     `help:"Leave out the policy tests that the files touch, as when a data source is down; the audit tells."`
	Files        []string `arg:"" help:"Declaration files, read as one." placeholder:"FILE"`
}

// Run reads the files, imports what sources name, checks that every question
// can be narrowed and every policy test passes, and only then changes the store,
// all at once.
func (c applyCommand) Run(ctx context.Context, p process) (err error) {
	loaded, err := load(config.ServeFlags{StoreFlags: c.StoreFlags}, p)
	if err != nil {
		return err
	}
	log := newLog(p.stderr, max(loaded.LogLevel, slog.LevelWarn))
	declared, err := declaration.Load(c.Files, declaration.Options{Env: p.lookup, Origins: origins(loaded)})
	if err != nil {
		return err
	}
	kept, err := openStore(ctx, loaded, p, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	syncs, err := importSources(ctx, loaded, p, &declared, log)
	if err != nil {
		return err
	}
	for i, s := range declared.Sources {
		declared.Sources[i].MaskKey = kept.MaskKey(s.Key)
	}
	err = check(ctx, loaded, p, declared, func(queries *query.Queries) error { return c.guard(ctx, kept, queries, &declared) })
	if err != nil {
		return err
	}
	changes, err := kept.Apply(ctx, declared)
	if err != nil {
		return err
	}
	if err := kept.KeepSyncs(ctx, syncs); err != nil {
		return err
	}
	return c.printChanges(p, changes)
}

// guard runs the policy tests that the files touch, theirs and those that are
// kept, on what would be declared, and notes on which state that was.
func (c applyCommand) guard(ctx context.Context, kept *store.Store, queries *query.Queries, declared *oriel.Declaration) error {
	now := kept.Declared()
	next := declared.Over(now)
	tests := queries.Touched(now, next)
	declared.Revision = now.Revision
	if c.WithoutTests {
		for _, test := range tests {
			declared.Untested = append(declared.Untested, test.Name)
		}
		return nil
	}
	results, err := queries.TestPolicies(ctx, next, tests, finder(kept))
	if err != nil {
		return err
	}
	return directory.RefuseFailing(results)
}

// importSources replaces each declared source by what its files or its server
// were found to hold, and tells of each sync. The same give the same source
// again. Warnings are for the operator.
func importSources(ctx context.Context, loaded config.Config, p process, declared *oriel.Declaration, log *slog.Logger) ([]oriel.Sync, error) {
	reach := kinds.New(kinds.Options{DataFolder: loaded.DataFolder, Hosts: loaded.SourceHosts, Operator: true})
	syncs := make([]oriel.Sync, 0, len(declared.Sources))
	for i, wanted := range declared.Sources {
		id, err := oriel.NewID(p.random, "syn_")
		if err != nil {
			return nil, err
		}
		sync := oriel.Sync{ID: id, Source: wanted.Key, Who: oriel.Operator().Who(), State: oriel.SyncDone, Started: p.clock().UTC()}
		found, findings, err := reach.Sync(ctx, wanted, func(now oriel.SyncProgress) { sync.Progress = now })
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", wanted.Key, err)
		}
		for _, warning := range findings.Warnings {
			log.Warn("source " + wanted.Key + ": " + warning)
		}
		sync.Ended, sync.SyncFindings = p.clock().UTC(), findings
		declared.Sources[i] = found
		syncs = append(syncs, sync)
	}
	return syncs, nil
}

// check asks the engines whether every question could be narrowed, and then
// what else is to be found out.
func check(ctx context.Context, loaded config.Config, p process, declared oriel.Declaration, then func(*query.Queries) error) (err error) {
	engines, err := openEngines(loaded, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(engines)) }()
	queries := query.New(query.Options{Declared: func() *oriel.Declaration { return &declared }, Engines: engines, TimeZone: loaded.TimeZone})
	if err := queries.Check(ctx, declared); err != nil {
		return err
	}
	return then(queries)
}
