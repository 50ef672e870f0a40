package query_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// A download ends by itself, however slowly its reader takes it, so that nothing
// that held when it began holds for ever.
func TestDownload_endsByItself(t *testing.T) {
	const most = 200 * time.Millisecond
	var rows strings.Builder
	for n := range changingSales {
		fmt.Fprintf(&rows, "ann,%d\n", n)
	}
	sales := table{"sales", "owner text, n integer", rows.String()}
	folder, data := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "sales.csv"), []byte("owner,n\n"+sales.rows), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := duckdb.Import(t.Context(), data, "s", folder, []string{"sales.csv"})
	if err != nil {
		t.Fatal(err)
	}
	duck, err := duckdb.Open(data, duckdb.Options{StreamTimeout: most})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, duck) })
	server, _ := inPostgres(t, []table{sales})
	postgreSQL := postgres.Open(postgres.Options{StreamTimeout: most})
	t.Cleanup(func() { closed(t, postgreSQL) })
	for src, engine := range map[*oriel.Source]source.Engine{&files: duck, &server: postgreSQL} {
		declared := &oriel.Declaration{
			Sources: []oriel.Source{*src}, Collections: []oriel.Collection{{Key: "c"}}, Policies: []oriel.Policy{{Table: salesTable, Shared: true}},
			Groups:    []oriel.Group{{Key: "readers", Collections: map[string]oriel.CollectionGrant{"c": "view"}, Sources: map[string]oriel.SourceGrant{"s": "run"}, Download: oriel.DownloadFull}},
			Questions: []oriel.Question{{Key: "all", Collection: "c", Source: "s", SQL: "select owner, n from sales"}},
		}
		queries := query.New(query.Options{Declared: func() *oriel.Declaration { return declared }, Engines: map[oriel.SourceKind]source.Engine{src.Kind: engine}})
		var got taking
		err := queries.Download(t.Context(), reader("ann"), "all", nil, query.Rows{
			Begin: func(oriel.Question, int) error { return nil },
			Part: func(part oriel.Result) error {
				if got.rows == 0 {
					time.Sleep(2 * most)
				}
				return got.take(part)
			},
		})
		if oriel.CodeOf(err) != oriel.CodeQueryFailed || got.rows == 0 || got.rows >= changingSales {
			t.Errorf("%s: %d rows, %v", src.Kind, got.rows, err)
		}
	}
}
