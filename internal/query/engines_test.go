package query_test

import (
	"encoding/json"
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
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

var server *pgserver.Server

func TestMain(m *testing.M) {
	os.Exit(pgserver.Main(m, func(s *pgserver.Server) { server = s }))
}

// table is a table of a source s, by columns as PostgreSQL declares them and
// rows as CSV has them.
type table struct {
	name, columns, rows string
}

// onBoth runs a test on a source s with the same tables in each engine, and a
// group of readers who may run on it and view the collection c.
func onBoth(t *testing.T, tables []table, test func(t *testing.T, s *sample)) {
	t.Helper()
	for kind, open := range map[string]func(*testing.T, []table) (oriel.Source, source.Engine){"duckdb": inDuckDB, "postgres": inPostgres} {
		t.Run(kind, func(t *testing.T) {
			src, engine := open(t, tables)
			declared := &oriel.Declaration{
				Sources:     []oriel.Source{src},
				Collections: []oriel.Collection{{Key: "c"}},
				Groups:      []oriel.Group{{Key: "readers", Collections: map[string]oriel.CollectionGrant{"c": "view"}, Sources: map[string]oriel.SourceGrant{"s": "run"}}},
			}
			s := &sample{declared: declared, engine: engine}
			s.queries = query.New(query.Options{
				Declared:   s.current,
				Engines:    map[oriel.SourceKind]source.Engine{src.Kind: engine},
				CacheBytes: 1 << 20, CacheFor: time.Hour, Clock: time.Now, ReadQuestion: reading(t),
			})
			test(t, s)
		})
	}
}

func inDuckDB(t *testing.T, tables []table) (oriel.Source, source.Engine) {
	t.Helper()
	folder, data := t.TempDir(), t.TempDir()
	var files []string
	for _, table := range tables {
		var names []string
		for _, column := range strings.Split(table.columns, ",") {
			names = append(names, strings.Fields(column)[0])
		}
		content := strings.Join(names, ",") + "\n" + table.rows
		if err := os.WriteFile(filepath.Join(folder, table.name+".csv"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, table.name+".csv")
	}
	src, err := duckdb.Import(t.Context(), data, "s", folder, files)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := duckdb.Open(data, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, engine) })
	return src, engine
}

func inPostgres(t *testing.T, tables []table) (oriel.Source, source.Engine) {
	t.Helper()
	database := server.Database(t)
	conn := server.Connect(t, database)
	for _, table := range tables {
		server.Exec(t, database, "CREATE TABLE "+table.name+" ("+table.columns+")")
		if _, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(table.rows), "COPY "+table.name+" FROM STDIN WITH (FORMAT csv)"); err != nil {
			t.Fatal(err)
		}
	}
	src, _, err := postgres.Sync(t.Context(), oriel.Source{Key: "s", Kind: oriel.SourcePostgres, URL: server.URL(database), Schema: "public"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := postgres.Open(postgres.Options{})
	t.Cleanup(func() { closed(t, engine) })
	return src, engine
}

func closed(t *testing.T, engine source.Engine) {
	t.Helper()
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
}

// reader is a principal of the readers; "" is one without the attribute owner.
func reader(owner string) oriel.Principal {
	attributes := oriel.Attributes{}
	if owner != "" {
		attributes["owner"] = oriel.Text(owner)
	}
	return oriel.NewPrincipal(oriel.User{
		ID: "usr_" + oriel.UserID(owner), Active: true, Attributes: attributes, Groups: []oriel.GroupKey{oriel.GroupAllUsers, "readers"},
	}, oriel.SessionEmbed)
}

// given are a run's parameters.
func given(t *testing.T, text string) map[string]json.RawMessage {
	t.Helper()
	parameters := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(text), &parameters); err != nil {
		t.Fatal(err)
	}
	return parameters
}
