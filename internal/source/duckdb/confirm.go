package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// confirm is the second check: the tables that the engine itself says a text
// reads must be those found in the tree. The engine's account is of names
// before they are bound, on the instance that holds nothing.
func (p *parser) confirm(ctx context.Context, text string, tree any, statement statement) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("confirm the query's tables: %w", err)
	}
	defer conn.Close()
	if _, changed := plain(tree); changed {
		// The account fails on parameters and on joins by equal names: it gets
		// the same query without them.
		if text, err = plainText(ctx, conn, text); err != nil {
			return unconfirmed(err)
		}
	}
	names, err := driver.GetTableNames(conn, text, true)
	if err != nil {
		return unconfirmed(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		found[listedName(name)] = true
	}
	want := map[string]bool{}
	for _, table := range statement.tables {
		want[foldName(table.name)] = true
	}
	for name := range found {
		if !want[name] {
			return unconfirmed(fmt.Errorf("%s is read as well", name))
		}
	}
	if len(found) != len(want) {
		return unconfirmed(fmt.Errorf("%d of %d tables are read", len(found), len(want)))
	}
	return nil
}

// plainText gives a query's text with NULL for each parameter and a cross join
// for each join by equal names, by way of its tree with nothing left out.
func plainText(ctx context.Context, conn *sql.Conn, text string) (string, error) {
	var document string
	if err := conn.QueryRowContext(ctx, `select json_serialize_sql($1::varchar)::varchar`, text).Scan(&document); err != nil {
		return "", err
	}
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return "", err
	}
	tree, _ = plain(tree)
	encoded, err := json.Marshal(tree)
	if err != nil {
		return "", err
	}
	err = conn.QueryRowContext(ctx, `select json_deserialize_sql($1::varchar::json)`, string(encoded)).Scan(&text)
	return text, err
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

// plain copies a tree with NULL for each parameter and a cross join for each
// join by equal names; changed tells whether there was any.
func plain(v any) (copied any, changed bool) {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			part, partChanged := plain(v[i])
			list[i], changed = part, changed || partChanged
		}
		return list, changed
	case map[string]any:
		if v["class"] == "PARAMETER" {
			return map[string]any{"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": v["alias"], "query_location": v["query_location"],
				"value": map[string]any{"type": map[string]any{"id": "NULL", "type_info": nil}, "is_null": true}}, true
		}
		object := map[string]any{}
		for name, member := range v {
			part, partChanged := plain(member)
			object[name], changed = part, changed || partChanged
		}
		using, _ := v["using_columns"].([]any)
		if v["type"] == "JOIN" && (len(using) > 0 || v["ref_type"] == "NATURAL") {
			object["using_columns"] = []any{}
			object["ref_type"], object["join_type"], changed = "CROSS", "INNER", true
		}
		if _, has := object["named_param_map"]; has && changed {
			object["named_param_map"] = []any{}
		}
		return object, changed
	}
	return v, false
}
