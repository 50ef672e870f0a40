package main

import (
	"context"
	"errors"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// none is how a grant is written that is taken away.
const none = "none"

type grantCommand struct {
	config.StoreFlags
	outputFlag
	groupArgument
	Collection map[string]string `help:"What the group may do with a collection, as NAME=view: none, view or curate. Repeatable." placeholder:"NAME=GRANT" mapsep:"none"`
	Source     map[string]string `help:"What it may do on a data source, as NAME=run: none, run, explore or native. Repeatable." placeholder:"NAME=GRANT" mapsep:"none"`
	Download   string            `help:"How much of a result it may take away: none, limited (10,000 rows) or full." placeholder:"GRANT"`
	Scope      []oriel.Scope     `help:"All the parts of administration that its users may do, with commas between; none takes them away." placeholder:"SCOPE"`
}

// Run changes the cells that are named, and no other.
func (c grantCommand) Run(ctx context.Context, p process) error {
	change := oriel.GroupChange{Collections: grantsOf[oriel.CollectionGrant](c.Collection), Sources: grantsOf[oriel.SourceGrant](c.Source)}
	if c.Download != "" {
		download := grantOf[oriel.DownloadGrant](c.Download)
		change.Download = &download
	}
	if len(c.Scope) > 0 {
		scopes := c.Scope
		if len(scopes) == 1 && scopes[0] == none {
			scopes = []oriel.Scope{}
		}
		change.Scopes = &scopes
	}
	if len(c.Collection)+len(c.Source)+len(c.Scope) == 0 && c.Download == "" {
		return usage{errors.New("say what to grant: --collection, --source, --download or --scope")}
	}
	return withPeople(ctx, c.StoreFlags, p, func(_ *store.Store, people *directory.People) error {
		g, err := people.ChangePermissions(ctx, oriel.Operator(), c.Group, change)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return noGroup(c.Group)
		}
		if err != nil {
			return err
		}
		download := string(g.Download)
		if download == "" {
			download = none
		}
		return c.print(p, map[string]any{"group": g},
			[]string{"group", string(g.Key)}, []string{"collections", cells(g.Collections)}, []string{"sources", cells(g.Sources)},
			[]string{"download", download}, []string{"scopes", joined(g.Scopes)})
	})
}

func grantsOf[G ~string](given map[string]string) map[string]G {
	cells := make(map[string]G, len(given))
	for key, text := range given {
		cells[key] = grantOf[G](text)
	}
	return cells
}

func grantOf[G ~string](text string) G {
	if text == none {
		return ""
	}
	return G(text)
}
