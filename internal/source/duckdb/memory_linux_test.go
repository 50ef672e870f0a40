// The detector keeps a shadow of all memory, which is what is measured here.
//go:build !race

package duckdb_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

// resident is the memory that this process holds, the engine's included, in MiB.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	if _, err := fmt.Sscan(string(after), &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes >> 10
}

// A result of a million rows of 200 bytes has 200 MB in the engine alone.
func TestStream_aMillionRowsStandNowhere(t *testing.T) {
	const most = 96 // MiB
	table := sourcetest.Table{Name: "words", Columns: []oriel.SourceColumn{{Name: "id", Type: oriel.TypeInteger}, {Name: "word", Type: oriel.TypeText}}}
	for i := range int64(1000) {
		table.Rows = append(table.Rows, []any{i, fmt.Sprintf("%d %s", i, strings.Repeat("word", 25))})
	}
	engine, src := loader(t)(t, "words", []sourcetest.Table{table})
	decisions, err := access.Decide(oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed), src,
		[]oriel.Policy{{Table: oriel.TableRef{Source: src.Key, Table: "words"}, Shared: true}})
	if err != nil {
		t.Fatal(err)
	}
	narrowed, err := engine.Narrow(context.Background(), source.Query{SQL: &source.SQLQuery{
		Text: "select a.id, a.word || b.word as both from words a, words b", Limit: 1_000_000,
	}}, decisions)
	if err != nil {
		t.Fatal(err)
	}
	before, peak, rows, size := resident(t), 0, 0, 0
	err = engine.Stream(t.Context(), narrowed, func(part oriel.Result) error {
		rows += part.RowCount
		for _, column := range part.Values {
			for _, value := range column {
				size += len(value)
			}
		}
		peak = max(peak, resident(t))
		return nil
	})
	if err != nil || rows != 1_000_000 || size < 200_000_000 {
		t.Fatalf("%d rows of %d bytes: %v", rows, size, err)
	}
	if peak-before > most {
		t.Errorf("the process grew from %d to %d MiB, more than %d", before, peak, most)
	}
	t.Logf("%d MB of rows, the process grew from %d to %d MiB", size/1_000_000, before, peak)
}
