package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type collectionCommand struct {
	List   collectionListCommand   `cmd:"" help:"List the collections."`
	Create collectionCreateCommand `cmd:"" help:"Make a collection, which nobody may view yet."`
	Rename collectionRenameCommand `cmd:"" help:"Change a collection's name; its key stays."`
	Delete collectionDeleteCommand `cmd:"" help:"Delete a collection that holds nothing, with what groups may do to it."`
}

type collectionListCommand struct {
	config.StoreFlags
	outputFlag
}

// wireCollection is a collection as the commands print it.
type wireCollection struct {
	Key        string `json:"key"`
	Name       string `json:"name"`
	Questions  int    `json:"questions"`
	Dashboards int    `json:"dashboards"`
}

// Run lists all collections by key.
func (c collectionListCommand) Run(ctx context.Context, p process) error {
	return withCollections(ctx, c.StoreFlags, p, func(collections *catalog.Collections) error {
		all, err := collections.List(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		list := []wireCollection{}
		lines := [][]string{{"KEY", "NAME", "QUESTIONS", "DASHBOARDS"}}
		for _, one := range all {
			list = append(list, wireCollection{Key: one.Key, Name: one.Name, Questions: one.Questions, Dashboards: one.Dashboards})
			lines = append(lines, []string{one.Key, cell(one.Name), strconv.Itoa(one.Questions), strconv.Itoa(one.Dashboards)})
		}
		return c.print(p, map[string]any{"collections": list}, lines...)
	})
}

// collectionArgument names one collection.
type collectionArgument struct {
	Collection string `arg:"" help:"The collection's key." placeholder:"KEY"`
}

type collectionCreateCommand struct {
	config.StoreFlags
	outputFlag
	collectionArgument
	Name string `help:"The name; the key without it." placeholder:"NAME"`
}

// Run makes the collection.
func (c collectionCreateCommand) Run(ctx context.Context, p process) error {
	return withCollections(ctx, c.StoreFlags, p, func(collections *catalog.Collections) error {
		name := c.Name
		if name == "" {
			name = c.Collection
		}
		one, err := collections.Create(ctx, oriel.Operator(), c.Collection, name)
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"collection": wireCollection{Key: one.Key, Name: one.Name}}, []string{"created collection " + one.Key})
	})
}

type collectionRenameCommand struct {
	config.StoreFlags
	outputFlag
	collectionArgument
	Name string `arg:"" help:"The new name." placeholder:"NAME"`
}

// Run renames the collection.
func (c collectionRenameCommand) Run(ctx context.Context, p process) error {
	return withCollections(ctx, c.StoreFlags, p, func(collections *catalog.Collections) error {
		one, err := collections.Rename(ctx, oriel.Operator(), c.Collection, c.Name)
		if err != nil {
			return orNoCollection(c.Collection, err)
		}
		return c.print(p, map[string]any{"collection": wireCollection{Key: one.Key, Name: one.Name, Questions: one.Questions, Dashboards: one.Dashboards}},
			[]string{"collection " + one.Key + " is named " + cell(one.Name)})
	})
}

type collectionDeleteCommand struct {
	config.StoreFlags
	outputFlag
	collectionArgument
}

// Run deletes the collection.
func (c collectionDeleteCommand) Run(ctx context.Context, p process) error {
	return withCollections(ctx, c.StoreFlags, p, func(collections *catalog.Collections) error {
		if err := collections.Delete(ctx, oriel.Operator(), c.Collection); err != nil {
			return orNoCollection(c.Collection, err)
		}
		return c.print(p, map[string]any{"deleted": c.Collection}, []string{"deleted collection " + c.Collection})
	})
}

// withCollections does something to collections, under the rules of the API.
func withCollections(ctx context.Context, flags config.StoreFlags, p process, do func(*catalog.Collections) error) error {
	return withStore(ctx, flags, p, func(_ config.Config, kept *store.Store) error {
		err := do(catalog.NewCollections(kept.Declared, kept))
		if oriel.CodeOf(err) == oriel.CodeInvalidRequest {
			return usage{errors.New(oriel.MessageOf(err))}
		}
		return err
	})
}

func orNoCollection(key string, err error) error {
	if oriel.CodeOf(err) == oriel.CodeNotFound {
		return oriel.E(oriel.CodeNotFound, "there is no collection %s: see oriel collection list", oriel.Quoted(key))
	}
	return err
}
