package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

const sampleFolder = "../../../sample"

// samplePolicies are those of the sample.
var samplePolicies = []oriel.Policy{
	{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Rows: "origin = user.attr.airport"},
	{Table: oriel.TableRef{Source: "airports", Table: "wildlife_strikes"}, Rows: "airport = user.attr.airport"},
	{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
}

// bench is an engine over imported files.
type bench struct {
	folder string
	engine *duckdb.Engine
	source oriel.Source
}

func openSample(t testing.TB, options duckdb.Options) bench {
	t.Helper()
	return open(t, "airports", sampleFolder, []string{"flights.csv", "airports.csv", "wildlife_strikes.csv"}, options)
}

func open(t testing.TB, key, baseDir string, files []string, options duckdb.Options) bench {
	t.Helper()
	folder := t.TempDir()
	src, err := duckdb.Import(context.Background(), folder, key, baseDir, files)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	engine, err := duckdb.Open(folder, options)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return bench{folder: folder, engine: engine, source: src}
}

// writeFiles puts CSV files into a new folder.
func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// someone is a principal with the attribute airport; without when it is empty.
func someone(airport string) oriel.Principal {
	user := oriel.User{ID: "usr_1", Groups: []oriel.GroupKey{"operators"}}
	if airport != "" {
		user.Attributes = oriel.Attributes{"airport": oriel.Text(airport)}
	}
	return oriel.NewPrincipal(user, oriel.SessionEmbed)
}

func decide(t testing.TB, p oriel.Principal, src oriel.Source, policies []oriel.Policy) access.Decisions {
	t.Helper()
	decisions, err := access.Decide(p, src, policies)
	if err != nil {
		t.Fatalf("decide: %v", err)
	}
	return decisions
}

// ask narrows and runs a SQL question.
func (b bench) ask(t testing.TB, decisions access.Decisions, text string, arguments ...oriel.Scalar) (oriel.Result, error) {
	t.Helper()
	return b.run(decisions, source.Query{SQL: &source.SQLQuery{Text: text, Arguments: arguments, Limit: 2000}})
}

func (b bench) run(decisions access.Decisions, query source.Query) (oriel.Result, error) {
	ctx := context.Background()
	narrowed, err := b.engine.Narrow(ctx, query, decisions)
	if err != nil {
		return oriel.Result{}, err
	}
	return b.engine.Run(ctx, narrowed)
}

// cells are a result's values as JSON, by row.
func cells(r oriel.Result) [][]string {
	rows := make([][]string, r.RowCount)
	for i := range rows {
		for _, column := range r.Values {
			rows[i] = append(rows[i], string(column[i]))
		}
	}
	return rows
}

func sqlQuery(text string) source.Query {
	return source.Query{SQL: &source.SQLQuery{Text: text, Limit: 2000}}
}

// answer is all that somebody can tell about a query's end.
func answer(result oriel.Result, err error) []string {
	if err != nil {
		var e *oriel.Error
		if !errors.As(err, &e) {
			return []string{err.Error()}
		}
		return []string{string(e.Code), e.Message}
	}
	var lines []string
	for _, row := range cells(result) {
		lines = append(lines, strings.Join(row, " "))
	}
	slices.Sort(lines)
	lines = append(lines, fmt.Sprintf("truncated %v", result.Truncated))
	for _, c := range result.Columns {
		lines = append(lines, c.Name+" "+string(c.Type))
	}
	return lines
}

// shared opens every table.
var shared = []oriel.Policy{
	{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Shared: true},
	{Table: oriel.TableRef{Source: "airports", Table: "wildlife_strikes"}, Shared: true},
	{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
}
