package duckdb_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

// statements runs SQL on an engine that may do everything, as whoever makes a
// file has one; database is its file, or "" for none.
func statements(t testing.TB, database string, all ...string) {
	t.Helper()
	connector, err := driver.NewConnector(database, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	for _, statement := range all {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// sync imports files of a folder.
func syncFiles(t testing.TB, data, base string, files ...string) (oriel.Source, oriel.SyncFindings, error) {
	t.Helper()
	return duckdb.Sync(context.Background(), data, oriel.Source{Key: "s", Kind: oriel.SourceDuckDB, Files: files, BaseDir: base}, nil)
}

// rowsOf asks a source for rows of one of its tables, all of which are shared.
func rowsOf(t testing.TB, data string, src oriel.Source, table, text string) [][]string {
	t.Helper()
	engine, err := duckdb.Open(data, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}()
	b := bench{folder: data, engine: engine, source: src}
	policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: table}, Shared: true}}
	result, err := b.ask(t, decide(t, someone(""), src, policies), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return cells(result)
}

func typesOf(src oriel.Source, table string) []string {
	found, _ := src.Table(table)
	var all []string
	for _, c := range found.Columns {
		all = append(all, strings.TrimSpace(c.Name+" "+string(c.Type)+" "+c.Native))
	}
	return all
}

// typed are values of each type, as the engine writes them to a file.
const typed = `select 1::tinyint i8, 9223372036854775807::bigint i64, 18446744073709551615::ubigint u64, 12345678901234567890.12345678::decimal(38, 8) d,
	0.1::double f, 'häß"o' t, true b, date '2001-02-03' as "day", timestamp '2001-02-03 04:05:06.789' wall, timestamptz '2001-02-03 04:05:06+02' moment,
	'0a0b0c0d-0000-0000-0000-000000000001'::uuid as u, time '04:05:06' clock, 'x'::enum('x', 'y') e,
	[1] l, {'a': 1} st, map {'a': 1} m, 'ab'::blob bl, interval 1 day as iv`

func TestSync_parquetKeepsWhatOrielReadsAndWarnsOfTheRest(t *testing.T) {
	base, data := t.TempDir(), t.TempDir()
	statements(t, "", `set timezone = 'America/New_York'`, `copy (`+typed+`) to '`+filepath.Join(base, "p.parquet")+`' (format parquet)`)
	src, findings, err := syncFiles(t, data, base, "p.parquet")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"i8 integer", "i64 integer", "u64 integer64", "d decimal", "f number", "t text", "b boolean", "day date", "wall timestamp",
		"moment timestamp timestamptz", "u text", "clock text", "e text"}
	if diff := cmp.Diff(want, typesOf(src, "p")); diff != "" {
		t.Error(diff)
	}
	warned := strings.Join(findings.Warnings, "\n")
	for _, name := range []string{`"l" is left out: Oriel doesn't read the type LIST`, `"st" is left out: Oriel doesn't read the type STRUCT`,
		`"m" is left out`, `"bl" is left out`, `"iv" is left out`} {
		if !strings.Contains(warned, name) {
			t.Errorf("%s is not among\n%s", name, warned)
		}
	}
	got := rowsOf(t, data, src, "p", "select * from p")
	if diff := cmp.Diff([][]string{{"1", `"9223372036854775807"`, `"18446744073709551615"`, `"12345678901234567890.12345678"`, "0.1", `"häß\"o"`, "true",
		`"2001-02-03"`, `"2001-02-03T04:05:06.789"`, `"2001-02-03T02:05:06"`, `"0a0b0c0d-0000-0000-0000-000000000001"`, `"04:05:06"`, `"x"`}}, got); diff != "" {
		t.Error(diff)
	}
	again, repeated, err := syncFiles(t, data, base, "p.parquet")
	if err != nil || cmp.Diff(src, again) != "" || cmp.Diff(findings, repeated) != "" {
		t.Errorf("the same file again: %v %v", err, cmp.Diff(findings, repeated))
	}
}

func TestSync_jsonKeepsEachNumberAsItIsWritten(t *testing.T) {
	const lines = `{"i": 1, "big": 9223372036854775807, "huge": 12345678901234567890123, "vast": 1, "f": 0.1, "d": 12345678901234567.89, "t": "a", "mixed": 1, "b": true,
		"day": "2001-02-03", "wall": "2001-02-03 04:05:06", "moment": "2001-02-03T04:05:06.789+02:00", "fine": "2001-02-03T04:05:06.123456789", "gone": null, "o": {"x": 1}, "a": null, "e": 1}
		{"i": -2, "f": 30, "mixed": "x", "vast": 123456789012345678901234567890123456789012, "t": "q\"\u00e4\n\\", "a": [1], "late": "y", "d": -0.5, "day": null, "e": 2.5e3}`
	for name, content := range map[string]string{"j.ndjson": lines, "j.jsonl": lines, "j.json": "\ufeff [" + strings.Replace(lines, "}\n", "},\n", 1) + "]\n"} {
		base, data := writeFiles(t, map[string]string{name: content}), t.TempDir()
		src, findings, err := syncFiles(t, data, base, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []string{"i integer", "big integer", "huge integer64", "vast text", "f number", "d decimal", "t text", "mixed text", "b boolean", "day date",
			"wall timestamp", "moment timestamp timestamptz", "fine text", "gone text", "e number", "late text"}
		if diff := cmp.Diff(want, typesOf(src, "j")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([]string{name + `: the column "o" is left out: Oriel doesn't read the type LIST or OBJECT`, name + `: the column "a" is left out: Oriel doesn't read the type LIST or OBJECT`},
			findings.Warnings); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		got := rowsOf(t, data, src, "j", "select * from j order by i desc")
		if diff := cmp.Diff([][]string{
			{"1", `"9223372036854775807"`, `"12345678901234567890123"`, `"1"`, "0.1", `"12345678901234567.89"`, `"a"`, `"1"`, "true", `"2001-02-03"`, `"2001-02-03T04:05:06"`,
				`"2001-02-03T02:05:06.789"`, `"2001-02-03T04:05:06.123456789"`, "null", "1", "null"},
			{"-2", "null", "null", `"123456789012345678901234567890123456789012"`, "30", `"-0.50"`, `"q\"ä\n\\"`, `"x"`, "null", "null", "null", "null", "null", "null", "2500", `"y"`},
		}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSync_jsonWithoutRowsOrManyOfThem(t *testing.T) {
	var many strings.Builder
	for range 5000 {
		many.WriteString(`{"a":1,"b":"x"}` + "\n")
	}
	base, data := writeFiles(t, map[string]string{"many.json": many.String()}), t.TempDir()
	src, findings, err := syncFiles(t, data, base, "many.json")
	if err != nil || findings.Rows["many"] != 5000 {
		t.Fatal(findings, err)
	}
	if got := rowsOf(t, data, src, "many", "select sum(a), count(b) from many"); got[0][0] != "5000" || got[0][1] != "5000" {
		t.Error(got)
	}
}

// Old data stays in service whatever comes after it.
func TestSync_leavesNothingOfAFileThatItRefuses(t *testing.T) {
	base, data := writeFiles(t, map[string]string{"t.json": `{"a":1}`}), t.TempDir()
	src, _, err := syncFiles(t, data, base, "t.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(base, "t.json"), []byte(`{"a":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := syncFiles(t, data, base, "t.json"); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
		t.Error(err)
	}
	if got := rowsOf(t, data, src, "t", "select a from t"); got[0][0] != "1" {
		t.Error(got)
	}
	left, err := os.ReadDir(filepath.Join(data, "sources"))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v: want the old database alone", left, err)
	}
}
