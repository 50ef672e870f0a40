package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
)

type sourceCommand struct {
	List   sourceListCommand   `cmd:"" help:"List the data sources."`
	Show   sourceShowCommand   `cmd:"" help:"Tell a source's settings without secrets, its tables and how they are seen."`
	Create sourceCreateCommand `cmd:"" help:"Add a source. It has no tables before a sync."`
	Update sourceUpdateCommand `cmd:"" help:"Change the settings that are given, and no other."`
	Delete sourceDeleteCommand `cmd:"" help:"Delete a source on which nothing is, with what groups may do on it."`
	Test   sourceTestCommand   `cmd:"" help:"Try to reach a source, and say what its login may do that it need not."`
	Sync   sourceSyncCommand   `cmd:"" help:"Read which tables a source has. Ctrl-C cancels; the source then stays what it was."`
	Cancel sourceCancelCommand `cmd:"" help:"End a sync that is under way, whichever process runs it."`
}

// sourceArgument names one source.
type sourceArgument struct {
	Source string `arg:"" help:"The source's key." placeholder:"SOURCE"`
}

// named says of what is missing which it is.
func (a sourceArgument) named(err error) error {
	if oriel.CodeOf(err) == oriel.CodeNotFound && oriel.MessageOf(err) == string(oriel.CodeNotFound) {
		return oriel.E(oriel.CodeNotFound, "there is no source %s: see oriel source list", oriel.Quoted(a.Source))
	}
	return err
}

type sourceListCommand struct {
	config.StoreFlags
	outputFlag
}

// listedSource is a source as the list prints it.
type listedSource struct {
	Key    string           `json:"key"`
	Kind   oriel.SourceKind `json:"kind"`
	Tables int              `json:"tables"`
	Closed int              `json:"closed"`
	Sync   *oriel.Sync      `json:"sync"`
}

// Run lists the sources by key.
func (c sourceListCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		list, err := sources.List(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		all := []listedSource{}
		lines := [][]string{{"KEY", "KIND", "TABLES", "CLOSED", "SYNC"}}
		for _, one := range list {
			all = append(all, listedSource(one))
			lines = append(lines, []string{one.Key, string(one.Kind), strconv.Itoa(one.Tables), strconv.Itoa(one.Closed), syncCell(one.Sync)})
		}
		return c.print(p, map[string]any{"sources": all}, lines...)
	})
}

func syncCell(sync *oriel.Sync) string {
	switch {
	case sync == nil:
		return "never"
	case sync.Ended.IsZero():
		return string(sync.State)
	}
	return string(sync.State) + " " + sync.Ended.Format(time.RFC3339)
}

type sourceShowCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
}

// shownSource is a source as the command prints it, without a secret.
type shownSource struct {
	Key      string               `json:"key"`
	Kind     oriel.SourceKind     `json:"kind"`
	Settings map[string]any       `json:"settings"`
	Server   *oriel.SourceAddress `json:"server,omitempty"`
	Tables   []shownTable         `json:"tables"`
	Sync     *oriel.Sync          `json:"sync"`
}

type shownTable struct {
	oriel.SourceTable
	Visible string `json:"visible"`
	Why     string `json:"why,omitempty"`
	Rows    *int64 `json:"rows,omitempty"`
}

// Run shows one source.
func (c sourceShowCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		one, err := sources.Source(ctx, oriel.Operator(), c.Source)
		if err != nil {
			return c.named(err)
		}
		shown := shownSource{Key: one.Key, Kind: one.Kind, Settings: one.Settings, Server: one.Server, Sync: one.Sync, Tables: []shownTable{}}
		lines := [][]string{{"source " + one.Key, string(one.Kind)}}
		if one.Server != nil {
			lines = append(lines, []string{"server", fmt.Sprintf("%s/%s as %s, sslmode %s",
				strings.Join(one.Server.Hosts, ","), cell(one.Server.Database), cell(one.Server.Login), cell(one.Server.SSLMode))})
		}
		for _, name := range []string{"files", "database", "schema", "role", "tables", "limits"} {
			if value, found := one.Settings[name]; found {
				lines = append(lines, []string{name, cell(fmt.Sprint(value))})
			}
		}
		lines = append(lines, []string{"sync", syncCell(one.Sync)})
		lines = append(lines, findingLines(one.Sync)...)
		for _, table := range one.Tables {
			t := shownTable{SourceTable: table.SourceTable, Visible: string(table.Visible), Why: table.Why}
			rows := ""
			if one.Sync != nil {
				if about, known := one.Sync.Rows[table.Name]; known {
					t.Rows, rows = &about, fmt.Sprintf("about %d rows", about)
				}
			}
			shown.Tables = append(shown.Tables, t)
			var columns []string
			for _, column := range table.Columns {
				columns = append(columns, cell(column.Name)+" "+string(column.Type))
			}
			seen := t.Visible
			if t.Why != "" {
				seen += ": " + t.Why
			}
			lines = append(lines, []string{"table " + cell(table.Name), seen, rows, strings.Join(columns, ", ")})
		}
		return c.print(p, shown, lines...)
	})
}

// findingLines tell what a sync found out, a line each.
func findingLines(sync *oriel.Sync) [][]string {
	var lines [][]string
	if sync == nil {
		return nil
	}
	if sync.Message != "" {
		lines = append(lines, []string{"failed", sync.Message})
	}
	for _, warning := range sync.Warnings {
		lines = append(lines, []string{"warning", warning})
	}
	for _, change := range sync.Changes {
		what := "table " + cell(change.Table)
		if change.Column != "" {
			what = "column " + cell(change.Table) + "." + cell(change.Column)
		}
		if change.Change == "new" && change.Column == "" {
			what += ", closed until a policy opens it"
		}
		lines = append(lines, []string{change.Change, what})
	}
	for _, broken := range sync.Broken {
		lines = append(lines, []string{"broken", cell(broken)})
	}
	return lines
}

type sourceDeleteCommand struct {
	config.StoreFlags
	outputFlag
	sourceArgument
}

// Run deletes the source; the database stays with its owner.
func (c sourceDeleteCommand) Run(ctx context.Context, p process) error {
	return withSources(ctx, c.StoreFlags, p, func(sources *catalog.Sources) error {
		if err := sources.Delete(ctx, oriel.Operator(), c.Source); err != nil {
			return c.named(err)
		}
		return c.print(p, map[string]any{"deleted": c.Source}, []string{"deleted source " + c.Source})
	})
}
