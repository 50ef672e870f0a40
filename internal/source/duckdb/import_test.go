package duckdb_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

func TestImport_findsTablesAndTypesOfTheSample(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	want := []oriel.SourceTable{
		{Name: "airports", Columns: []oriel.SourceColumn{
			{Name: "iata", Type: oriel.TypeText}, {Name: "name", Type: oriel.TypeText}, {Name: "city", Type: oriel.TypeText},
			{Name: "state", Type: oriel.TypeText}, {Name: "latitude", Type: oriel.TypeNumber}, {Name: "longitude", Type: oriel.TypeNumber}}},
		{Name: "flights", Columns: []oriel.SourceColumn{
			{Name: "departed_at", Type: oriel.TypeTimestamp}, {Name: "origin", Type: oriel.TypeText}, {Name: "destination", Type: oriel.TypeText},
			{Name: "distance_miles", Type: oriel.TypeInteger}, {Name: "delay_minutes", Type: oriel.TypeInteger}}},
		{Name: "wildlife_strikes", Columns: []oriel.SourceColumn{
			{Name: "struck_on", Type: oriel.TypeDate}, {Name: "airport", Type: oriel.TypeText}, {Name: "operator", Type: oriel.TypeText},
			{Name: "aircraft", Type: oriel.TypeText}, {Name: "phase_of_flight", Type: oriel.TypeText}, {Name: "species", Type: oriel.TypeText},
			{Name: "wildlife_size", Type: oriel.TypeText}, {Name: "time_of_day", Type: oriel.TypeText}, {Name: "damage", Type: oriel.TypeText},
			{Name: "cost_usd", Type: oriel.TypeInteger}, {Name: "speed_knots", Type: oriel.TypeInteger}}},
	}
	if diff := cmp.Diff(want, b.source.Tables); diff != "" {
		t.Error(diff)
	}
	result, err := b.ask(t, decide(t, someone(""), b.source, shared), "select (select count(*) from flights), (select count(*) from airports), (select count(*) from wildlife_strikes)")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"20000", "226", "9565"}}, cells(result)); diff != "" {
		t.Error(diff)
	}
}

func TestImport_readsEveryLineBeforeItSettlesATypeAndLosesNoValue(t *testing.T) {
	lines := "n,t,b,empty,x\n" + strings.Repeat("1,\"a,b\",true,,1\n", 30000) + "2.5,\"say \"\"hi\"\"\n\",false,,9223372036854775807\n"
	b := open(t, "s", writeFiles(t, map[string]string{"big.csv": lines}), []string{"big.csv"}, duckdb.Options{})
	policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "big"}, Shared: true}}
	result, err := b.ask(t, decide(t, someone(""), b.source, policies), "select * from big where n > 2")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"2.5", `"say \"hi\"\n"`, "false", "null", `"9223372036854775807"`}}, cells(result)); diff != "" {
		t.Error(diff)
	}
}

func TestImport_theSameContentMakesNoNewFile(t *testing.T) {
	files := writeFiles(t, map[string]string{"t.csv": "a\n1\n"})
	folder := t.TempDir()
	importIt := func() oriel.Source {
		t.Helper()
		src, err := duckdb.Import(context.Background(), folder, "s", files, []string{"t.csv"})
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	first := importIt()
	before, err := os.Stat(filepath.Join(folder, first.Database))
	if err != nil {
		t.Fatal(err)
	}
	second := importIt()
	after, err := os.Stat(filepath.Join(folder, second.Database))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" || !os.SameFile(before, after) || before.ModTime() != after.ModTime() {
		t.Errorf("the file was made again: %s", diff)
	}
	if err := os.WriteFile(filepath.Join(files, "t.csv"), []byte("a\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if third := importIt(); third.Revision == first.Revision || third.Database == first.Database {
		t.Error("other content has the same revision")
	}
	entries, err := os.ReadDir(filepath.Join(folder, "sources"))
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v: want two databases and nothing else", entries, err)
	}
}

func TestImport_makesADamagedFileAnew(t *testing.T) {
	files := writeFiles(t, map[string]string{"t.csv": "a\n1\n"})
	folder := t.TempDir()
	src, err := duckdb.Import(context.Background(), folder, "s", files, []string{"t.csv"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(folder, src.Database), 100); err != nil {
		t.Fatal(err)
	}
	again, err := duckdb.Import(context.Background(), folder, "s", files, []string{"t.csv"})
	if err != nil || again.Revision != src.Revision {
		t.Errorf("%v, %v", again, err)
	}
}

func TestImport_refusesWhatItCantReadAndSaysWhy(t *testing.T) {
	base := writeFiles(t, map[string]string{
		"t.csv": "a\n1\n", "duckdb_tables.csv": "a\n1\n", "T.csv": "a\n1\n", "data.txt": "{}", "two words.csv": "a\n1\n",
		"broken.csv": "a,b\n1,2\n3,4,5,6\n\"x\n", "empty.csv": "",
		// The engine would name the columns after the last line, and lose the others.
		"longer.csv": "a,b\n1,2\n3,4,5\n", "report.csv": "Report\na,b\n1,2\n",
	})
	outside := writeFiles(t, map[string]string{"secret.csv": "a\n1\n"})
	if err := os.Symlink(filepath.Join(outside, "secret.csv"), filepath.Join(base, "link.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(base, "folder.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Somebody writes into a pipe what would be a table.
	pipe := filepath.Join(base, "pipe.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writer.Close() })
	if _, err := writer.WriteString("a\n1\n"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key   string
		files []string
		want  string
	}{
		"pipe":             {"s", []string{"pipe.csv"}, "pipe.csv: the file can't be read"},
		"no file":          {"s", nil, "names no files"},
		"missing":          {"s", []string{"nope.csv"}, "nope.csv: the file can't be read"},
		"parent folder":    {"s", []string{"../secret.csv"}, "must be inside"},
		"absolute":         {"s", []string{filepath.Join(outside, "secret.csv")}, "must be inside"},
		"link out":         {"s", []string{"link.csv"}, "link.csv: the file can't be read"},
		"folder":           {"s", []string{"folder.csv"}, "folder.csv: the file can't be read"},
		"another kind":     {"s", []string{"data.txt"}, "only files that end with .csv, .parquet, .json, .ndjson, .jsonl"},
		"catalog's name":   {"s", []string{"duckdb_tables.csv"}, "the file's name becomes the table's"},
		"name with blanks": {"s", []string{"two words.csv"}, "the file's name becomes the table's"},
		"names equal":      {"s", []string{"t.csv", "T.csv"}, "another file makes a table of this name"},
		"broken":           {"s", []string{"broken.csv"}, "broken.csv:3: it can't be read as CSV: the line has 4 values, and the first line names 2 columns"},
		"longer":           {"s", []string{"longer.csv"}, "longer.csv:3: it can't be read as CSV: the line has 3 values, and the first line names 2 columns"},
		"a title first":    {"s", []string{"report.csv"}, "report.csv:2: it can't be read as CSV: the line has 2 values, and the first line names 1 columns"},
		"nothing in it":    {"s", []string{"empty.csv"}, "the first line names the columns"},
		"key":              {"../s", []string{"t.csv"}, "the source's key"},
		"key in capitals":  {"S", []string{"t.csv"}, "the source's key"},
	} {
		folder := t.TempDir()
		_, err := duckdb.Import(context.Background(), folder, c.key, base, c.files)
		if oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "sources", "*")); len(left) > 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
}

func TestImport_worksBesideAnEngineThatHasTheFileOpen(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	if _, err := b.ask(t, decisions, "select count(*) from flights"); err != nil {
		t.Fatal(err)
	}
	src, err := duckdb.Import(context.Background(), b.folder, "airports", sampleFolder, b.source.Files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.source, src); diff != "" {
		t.Error(diff)
	}
	if _, err := b.run(decisions, source.Query{SQL: &source.SQLQuery{Text: "from flights", Limit: 1}}); err != nil {
		t.Error(err)
	}
}
