package duckdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

// The importer runs no text of anybody else's. Should a file make it, the
// instance reaches nothing but the folder in which it works, and can't be opened.
func TestOpenImport_reachesItsFolderAndNothingElse(t *testing.T) {
	work, outside := t.TempDir(), t.TempDir()
	for _, folder := range []string{work, outside} {
		if err := os.WriteFile(filepath.Join(folder, "t.csv"), []byte("a\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := duckdb.OpenImport(t.Context(), filepath.Join(work, "database"), work, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var rows int
	if err := db.QueryRowContext(t.Context(), `select count(*) from read_csv('`+filepath.Join(work, "t.csv")+`')`).Scan(&rows); err != nil || rows != 1 {
		t.Fatalf("its own folder: %d rows, %v", rows, err)
	}
	for what, c := range map[string]struct{ text, words string }{
		"a file elsewhere":          {`create table a as select * from read_csv('` + filepath.Join(outside, "t.csv") + `')`, "disabled by configuration"},
		"a way out of the folder":   {`create table a as select * from read_csv('` + work + `/../../../../../../etc/passwd')`, "disabled by configuration"},
		"writing elsewhere":         {`copy (select 1) to '` + filepath.Join(outside, "made.csv") + `'`, "disabled by configuration"},
		"a database elsewhere":      {`attach '` + filepath.Join(outside, "made.db") + `'`, "disabled by configuration"},
		"an address":                {`create table a as select * from read_csv('http://127.0.0.1:1/t.csv')`, "disabled by configuration"},
		"an extension":              {`load '` + filepath.Join(outside, "x.duckdb_extension") + `'`, "disabled"},
		"another folder is allowed": {`set allowed_directories = ['/']`, "locked"},
		"access is allowed":         {`set enable_external_access = true`, "locked"},
		"more memory":               {`set memory_limit = '100GB'`, "locked"},
		"more of the disk":          {`set max_temp_directory_size = '100GB'`, "locked"},
		"no lock":                   {`set lock_configuration = false`, "locked"},
	} {
		if _, err := db.ExecContext(t.Context(), c.text); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, want it %s", what, err, c.words)
		}
	}
	var bounded bool
	if err := db.QueryRowContext(t.Context(), `select current_setting('memory_limit') = '1.0 GiB' and current_setting('max_temp_directory_size') = '1.0 MiB'
		and current_setting('temp_directory') = ? and current_setting('TimeZone') = 'UTC'`, filepath.Join(work, "spilled")).Scan(&bounded); err != nil || !bounded {
		t.Errorf("its bounds are others, %v", err)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}
