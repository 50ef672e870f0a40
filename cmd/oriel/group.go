package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type groupCommand struct {
	List   groupListCommand   `cmd:"" help:"List the groups."`
	Create groupCreateCommand `cmd:"" help:"Make a group, which may do nothing yet."`
	Rename groupRenameCommand `cmd:"" help:"Change a group's name; its key stays."`
	Delete groupDeleteCommand `cmd:"" help:"Delete a group that no policy and no provider names."`
}

type groupListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists all groups by key.
func (c groupListCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		groups, err := people.Groups(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		lines := [][]string{{"KEY", "NAME", "COLLECTIONS", "SOURCES", "DOWNLOAD", "SCOPES"}}
		for _, g := range groups {
			lines = append(lines, []string{
				string(g.Key), cell(g.Name), cells(g.Collections), cells(g.Sources), string(g.Download), joined(g.Scopes),
			})
		}
		return c.print(p, map[string]any{"groups": append([]oriel.Group{}, groups...)}, lines...)
	})
}

// cells are grants as NAME=GRANT.
func cells[G ~string](grants map[string]G) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(grants)) {
		list = append(list, key+"="+string(grants[key]))
	}
	return strings.Join(list, ", ")
}

// groupArgument names one group.
type groupArgument struct {
	Group oriel.GroupKey `arg:"" help:"The group's key." placeholder:"GROUP"`
}

type groupCreateCommand struct {
	config.StoreFlags
	outputFlag
	groupArgument
	Name string `help:"The name; the key without it." placeholder:"NAME"`
}

// Run makes the group.
func (c groupCreateCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		g, err := people.CreateGroup(ctx, oriel.Operator(), c.Group, c.Name)
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"group": g}, []string{"created group " + string(g.Key)})
	})
}

type groupRenameCommand struct {
	config.StoreFlags
	outputFlag
	groupArgument
	Name string `arg:"" help:"The new name." placeholder:"NAME"`
}

// Run renames the group.
func (c groupRenameCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		g, err := people.RenameGroup(ctx, oriel.Operator(), c.Group, c.Name)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return noGroup(c.Group)
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"group": g}, []string{"group " + string(g.Key) + " is named " + cell(g.Name)})
	})
}

type groupDeleteCommand struct {
	config.StoreFlags
	outputFlag
	groupArgument
}

// Run deletes the group and the API keys that are bound to it.
func (c groupDeleteCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		err := people.DeleteGroup(ctx, oriel.Operator(), c.Group)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return noGroup(c.Group)
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"deleted": c.Group}, []string{"deleted group " + string(c.Group)})
	})
}

func noGroup(key oriel.GroupKey) error {
	return oriel.E(oriel.CodeNotFound, "there is no group %s: see oriel group list", oriel.Quoted(string(key)))
}
