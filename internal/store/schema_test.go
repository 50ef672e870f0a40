package store_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// The dump shows in a review what a migration does to the schema as a whole. It
// can be run: what stands on a table comes after it.
func TestSchema_isTheCommittedOne(t *testing.T) {
	path := newPath(t)
	open(t, path)
	rows, err := outside(t, path).QueryContext(context.Background(), `
		SELECT sql FROM sqlite_master
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'
		ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var dump strings.Builder
	dump.WriteString("-- The schema after all migrations. Made by: go test ./internal/store -update\n")
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		dump.WriteString("\n" + text + ";\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.sql", []byte(dump.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != dump.String() {
		t.Error("the schema is not the committed one: run go test ./internal/store -update, and read the difference")
	}
}
