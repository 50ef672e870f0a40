package declaration_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestReadSource_isTheWayBackFromItsSettings(t *testing.T) {
	for _, src := range []oriel.Source{
		{Key: "erp", Kind: oriel.SourcePostgres, URL: "postgres://a:s3cret@h/d", Schema: "sales", Role: "reader", Only: []string{"orders"}, NativeSecurity: true,
			Limits: oriel.SourceLimits{Connections: 2, QuerySeconds: 3, Rows: 4, DownloadRows: 5, ResultMiB: 6}},
		{Key: "all", Kind: oriel.SourceDuckDB, Files: []string{"b/all.duckdb"}, InFolder: true},
		{Key: "trips", Kind: oriel.SourceDuckDB, Files: []string{"a.csv", "b/c.csv"}, InFolder: true, Limits: oriel.SourceLimits{MemoryMiB: 64}},
	} {
		settings := declaration.SourceSettings(src)
		if _, told := settings["url"]; told {
			t.Errorf("%s tells its url", src.Key)
		}
		back, err := declaration.ReadSource(src.Key, settings, src)
		if err != nil || !reflect.DeepEqual(back, src) {
			t.Errorf("%+v became %+v, %v", src, back, err)
		}
	}
}

func TestReadSource_refusesWhatADeclarationDoesAndShowsNoSecret(t *testing.T) {
	const url = "postgres://a:s3cret@h/d"
	limits := func(name string, value any) map[string]any {
		return map[string]any{"kind": "postgres", "url": url, "limits": map[string]any{name: value}}
	}
	for _, c := range []struct {
		settings map[string]any
		want     string
	}{
		{limits("connections", 0.0), "connections"}, {limits("connections", 65.0), "connections"}, {limits("query_seconds", 601.0), "query_seconds"},
		{limits("query_seconds", 1.5), "query_seconds"}, {limits("rows", 10001.0), "rows"}, {limits("download_rows", 0.0), "download_rows"},
		{limits("result_mib", 257.0), "result_mib"}, {limits("rows", "9"), "rows"}, {limits("threads", 1.0), "threads"},
		{limits("memory_mib", 64.0), "a server has its own memory"},
		{map[string]any{"kind": "duckdb", "files": []any{"a.csv"}, "limits": map[string]any{"memory_mib": 63.0}}, "memory_mib"},
		{map[string]any{"kind": "postgres"}, "url"}, {map[string]any{"kind": "mysql", "url": url}, "kind"}, {map[string]any{"url": url}, "kind"},
		{map[string]any{"kind": "postgres", "url": url, "files": []any{"a.csv"}}, "files"}, {map[string]any{"kind": "duckdb", "files": []any{"../a.csv"}}, "leaves the server's folder"},
		{map[string]any{"kind": "duckdb", "files": []any{"a.csv"}, "native_security": true}, "native_security"},
		{map[string]any{"kind": "duckdb", "files": []any{"a.csv"}, "database": "a.duckdb"}, "database"}, {map[string]any{"kind": "postgres", "url": url, "database": "a.duckdb"}, "database"},
		{map[string]any{"kind": "duckdb", "database": "../a.duckdb"}, "leaves the folder"}, {map[string]any{"kind": "duckdb", "database": "a.db"}, "is not a database file"},
		{map[string]any{"kind": "duckdb", "files": []any{"a.duckdb"}}, "can't be read"},
	} {
		_, err := declaration.ReadSource("s", c.settings, oriel.Source{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v: %v, want %q", c.settings, err, c.want)
		}
	}
	// What another kind had is not taken over.
	if src, err := declaration.ReadSource("s", map[string]any{"kind": "duckdb", "files": []any{"a.csv"}}, oriel.Source{Kind: oriel.SourcePostgres, URL: url}); err != nil || src.URL != "" {
		t.Errorf("%q, %v", src.URL, err)
	}
}
