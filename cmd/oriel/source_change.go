package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// sourceFlags are a source's settings; what is not given is not set.
type sourceFlags struct {
	URLFile  string         `name:"url-file" help:"File that holds the server's URL with its password, or - for standard input. Kind postgres." placeholder:"FILE"`
	Schema   *string        `help:"The schema that holds the tables. Kind postgres; default public." placeholder:"NAME"`
	Role     *string        `help:"The role as which questions run. Kind postgres; default the login itself." placeholder:"NAME"`
	Table    []string       `help:"A table that belongs to the source, once for each; default all. Kind postgres." placeholder:"NAME"`
	File     []string       `help:"A file in the server's folder for sources, once for each: .csv, .parquet, .json, .ndjson or .jsonl. Kind duckdb." placeholder:"FILE"`
	Database string         `help:"A database file (.duckdb) in the server's folder for sources, instead of files. Kind duckdb." placeholder:"FILE"`
	Limit    map[string]int `help:"A limit as NAME=N, once for each: connections, query_seconds, rows, download_rows, memory_mib or result_mib; 0 takes the server's. See sources in the reference of declarations." placeholder:"NAME=N"`
}

// maxURLFile is more than any URL that is taken.
const maxURLFile = 8 << 10

// put adds the given settings.
func (f sourceFlags) put(p process, settings map[string]any) (err error) {
	if f.URLFile != "" {
		in := p.stdin
		if f.URLFile != "-" {
			file, err := os.Open(f.URLFile)
			if err != nil {
				return fmt.Errorf("--url-file: %w", err)
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			in = file
		}
		text, err := io.ReadAll(io.LimitReader(in, maxURLFile))
		if err != nil {
			return fmt.Errorf("--url-file: %w", err)
		}
		settings["url"] = strings.TrimSpace(string(text))
	}
	for name, value := range map[string]*string{"schema": f.Schema, "role": f.Role} {
		if value != nil {
			settings[name] = *value
			if *value == "" {
				delete(settings, name)
			}
		}
	}
	for name, list := range map[string][]string{"tables": f.Table, "files": f.File} {
		if len(list) > 0 {
			settings[name] = list
		}
	}
	switch { // a source has the one or the other
	case f.Database != "" && len(f.File) == 0:
		delete(settings, "files")
	case f.Database == "" && len(f.File) > 0:
		delete(settings, "database")
	}
	if f.Database != "" {
		settings["database"] = f.Database
	}
	f.putLimits(settings)
	return nil
}

// putLimits changes the limits that are given; 0 takes one away.
func (f sourceFlags) putLimits(settings map[string]any) {
	limits := map[string]any{}
	if all, found := settings["limits"].(map[string]any); found {
		limits = maps.Clone(all)
	}
	for name, most := range f.Limit {
		limits[name] = most
		if most == 0 {
			delete(limits, name)
		}
	}
	delete(settings, "limits")
	if len(limits) > 0 {
		settings["limits"] = limits
	}
}

type sourceCreateCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
	Kind string `required:"" enum:"duckdb,postgres" help:"duckdb for files, or postgres."`
	sourceFlags
}

// Run creates the source, held to what a declaration is held to.
func (c sourceCreateCommand) Run(ctx context.Context, p process) error {
	settings := map[string]any{"kind": c.Kind}
	if err := c.put(p, settings); err != nil {
		return usage{err}
	}
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		if _, err := sources.Create(ctx, oriel.Operator(), c.Source, settings); err != nil {
			return wrongSettings(err)
		}
		return c.print(p, map[string]any{"created": c.Source},
			[]string{"created source " + c.Source + "; it has no tables before: oriel source sync " + c.Source})
	})
}

// wrongSettings marks what the command line caused.
func wrongSettings(err error) error {
	if oriel.CodeOf(err) == oriel.CodeInvalidRequest {
		return usage{err}
	}
	return err
}

type sourceUpdateCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
	sourceFlags
}

// Run changes the settings that are given.
func (c sourceUpdateCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		one, err := sources.Source(ctx, oriel.Operator(), c.Source)
		if err != nil {
			return c.named(err)
		}
		if err := c.put(p, one.Settings); err != nil {
			return usage{err}
		}
		if _, err := sources.Update(ctx, oriel.Operator(), c.Source, one.Settings); err != nil {
			return wrongSettings(err)
		}
		return c.print(p, map[string]any{"updated": c.Source}, []string{"updated source " + c.Source})
	})
}

type sourceTestCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
}

// Run tries to reach the source; that it can't is a finding.
func (c sourceTestCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		tried, err := sources.TestStored(ctx, oriel.Operator(), c.Source)
		if err != nil {
			return c.named(err)
		}
		if !tried.OK {
			return findings{oriel.E(oriel.CodeSourceUnavailable, "source %s: %s", c.Source, tried.Message)}
		}
		lines := [][]string{{"source " + c.Source + " can be read: " + counted(tried.Tables, "table")}}
		for _, warning := range tried.Warnings {
			lines = append(lines, []string{"warning", warning})
		}
		return c.print(p, map[string]any{"ok": true, "tables": tried.Tables, "warnings": append([]string{}, tried.Warnings...)}, lines...)
	})
}
