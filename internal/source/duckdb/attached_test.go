package duckdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSync_copiesADatabasesTablesAndNothingElseOfIt(t *testing.T) {
	base, data := t.TempDir(), t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\ns3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	statements(t, filepath.Join(base, "d.duckdb"),
		`create table trips (customer varchar collate nocase default 'x', n int, twice int generated always as (n * 2), moment timestamptz, l int[], mood enum('a', 'b'), u ubigint)`,
		`insert into trips (customer, n, moment, mood, u) values ('ACME', 1, '2001-02-03 00:00:00+02', 'b', 18446744073709551615), ('acme', 2, null, null, null)`,
		`create table empty_one (a int default 7, g int generated always as (a + 1))`,
		`create table lists (l int[])`, `create table "odd name" (a int)`, `create table pg_class (a int)`,
		`create schema elsewhere`, `create table elsewhere.t (a int)`,
		`create sequence s`, `create table counted (a bigint default nextval('s'), b int)`, `insert into counted (b) values (5)`,
		`create view leaked as select * from read_csv('`+secret+`')`, `create view flights as select * from read_blob('/etc/passwd')`,
		`create macro lower(x) as 'hidden'`, `create macro read_csv_auto(a) as table select 1`, `create macro count_star() as 99`,
		`create index i on counted (b)`, `checkpoint`)
	src, findings, err := syncFiles(t, data, base, "d.duckdb")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, table := range src.Tables {
		got[table.Name] = typesOf(src, table.Name)
	}
	// That a column of a table without rows is stored is not known, so it is left out.
	if diff := cmp.Diff(map[string][]string{
		"trips":   {"customer text", "n integer", "moment timestamp timestamptz", "mood text", "u integer64"},
		"counted": {"a integer", "b integer"},
	}, got); diff != "" {
		t.Error(diff)
	}
	warned := strings.Join(findings.Warnings, "\n")
	for _, want := range []string{`trips: the column "twice" is left out: it is computed`, `trips: the column "l" is left out`, "lists is left out", `"odd name" is left out`,
		`"pg_class" is left out`, `its schema is "elsewhere"`} {
		if !strings.Contains(warned, want) {
			t.Errorf("%q is not among\n%s", want, warned)
		}
	}
	// What compares alike in the customer's file must not do so in a policy.
	if got := rowsOf(t, data, src, "trips", "select customer, lower(customer), n, moment, mood, u from trips where customer = 'ACME'"); cmp.Diff([][]string{
		{`"ACME"`, `"acme"`, "1", `"2001-02-02T22:00:00"`, `"b"`, `"18446744073709551615"`}}, got) != "" {
		t.Error(got)
	}
	if got := rowsOf(t, data, src, "counted", "select a, b from counted"); cmp.Diff([][]string{{"1", "5"}}, got) != "" {
		t.Error(got)
	}
	content, err := os.ReadFile(filepath.Join(data, src.Database))
	if err != nil || strings.Contains(string(content), "s3cret") || strings.Contains(string(content), "read_blob") || strings.Contains(string(content), "nextval") {
		t.Errorf("something else of the file is in ours: %v", err)
	}
}

func TestSync_refusesDatabasesThatItCantCopy(t *testing.T) {
	base := t.TempDir()
	path := filepath.Join(base, "good.duckdb")
	statements(t, path, `create table t as select range as a, 's3cret' || range as b from range(50000)`, `checkpoint`)
	statements(t, filepath.Join(base, "views.duckdb"), `create view t as select 1 as a`, `checkpoint`)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	statements(t, "", `attach '`+filepath.Join(base, "latest.duckdb")+`' as l (storage_version 'latest')`, `create table l.t as select 1 as a`, `checkpoint l`)
	if _, _, err := syncFiles(t, t.TempDir(), base, "latest.duckdb"); err != nil {
		t.Error(err) // the newest form that the engine itself writes
	}
	newer := append([]byte{}, good...)
	newer[12], newer[13] = 0xe7, 0x03
	damaged := append([]byte{}, good...)
	for i := 3 * 4096; i < len(damaged); i++ {
		damaged[i] ^= 0x5a
	}
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"newer": {newer, "written by a version of DuckDB that Oriel's engine doesn't read"}, "damaged": {damaged, "damaged"}, "cut": {good[:len(good)/2], "damaged"},
		"nothing": {nil, "damaged"}, "text": {[]byte("a,b\n1,2\n"), "damaged"}, "sqlite": {append([]byte("SQLite format 3\x00"), make([]byte, 8192)...), "damaged"},
		"log": {good, "a part of it is still in log.duckdb.wal"},
	} {
		if err := os.WriteFile(filepath.Join(base, name+".duckdb"), c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "log" {
			if err := os.WriteFile(filepath.Join(base, "log.duckdb.wal"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		refused(t, base, name+".duckdb", c.want)
	}
	refused(t, base, "views.duckdb", "no table that Oriel reads")
}
