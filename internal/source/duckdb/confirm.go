package duckdb

import (
	"context"
	"fmt"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// confirm is the second check: the tables that the engine itself says a text
// reads must be those found in the tree. The engine's account is of names
// before they are bound, on the instance that holds nothing. Where the text's
// is not whole (it fails on parameters and on what depends on columns, as ORDER
// BY 4 over a star, and leaves out what a join by equal names reads) there must
// be one of the tree's tables and queries alone, which leaves to the engine
// what a name means where it stands.
func (p *parser) confirm(ctx context.Context, text string, statement statement) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("confirm the query's tables: %w", err)
	}
	defer conn.Close()
	want := map[string]bool{}
	for _, table := range statement.tables {
		want[foldName(table.name)] = true
	}
	if statement.parameters == 0 {
		names, err := driver.GetTableNames(conn, text, true)
		if whole, more := compared(names, want); more != "" {
			return unconfirmed(fmt.Errorf("%s is read as well", more))
		} else if err == nil && whole {
			return nil
		}
	}
	text, err = skeleton(ctx, conn, text)
	if err != nil {
		return unconfirmed(err)
	}
	names, err := driver.GetTableNames(conn, text, true)
	if err != nil {
		return unconfirmed(err)
	}
	switch whole, more := compared(names, want); {
	case more != "":
		return unconfirmed(fmt.Errorf("%s is read as well", more))
	case !whole:
		return unconfirmed(fmt.Errorf("%d of %d tables are read", len(names), len(want)))
	}
	return nil
}

// compared tells whether the names are all of those wanted, and one that is
// none of them.
func compared(names []string, want map[string]bool) (whole bool, more string) {
	found := map[string]bool{}
	for _, name := range names {
		name = listedName(name)
		if found[name] = true; !want[name] {
			more = name
		}
	}
	return len(found) == len(want), more
}

func unconfirmed(err error) error {
	return &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The tables that the query reads can't be confirmed.", Err: err}
}

// listedName reads an entry of the engine's list: NAME, "NAME" or NAME AS alias,
// with whatever qualifies it before. Tables of ours hold no dot, blank or quote.
func listedName(entry string) string {
	entry, _, _ = strings.Cut(foldName(entry), " as ")
	if len(entry) > 2 && entry[0] == '"' && entry[len(entry)-1] == '"' {
		entry = entry[1 : len(entry)-1]
	}
	return entry
}
