package query_test

import (
	"net"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// twoSources is a dashboard with cards on files among cards on a
// server.
func twoSources(t *testing.T, onServer oriel.Source) *query.Queries {
	t.Helper()
	files, engine := inDuckDB(t, []table{{"sales", "owner text, n int", "ann,1\ngus,2\n"}})
	server := postgres.Open(postgres.Options{})
	t.Cleanup(func() { closed(t, server) })
	declared := &oriel.Declaration{
		Sources: []oriel.Source{files, onServer}, Collections: []oriel.Collection{{Key: "c"}},
		Groups: []oriel.Group{{Key: "readers", Collections: map[string]oriel.CollectionGrant{"c": "view"}, Sources: map[string]oriel.SourceGrant{"s": "run", "pg": "run"}}},
		Policies: []oriel.Policy{
			{Table: oriel.TableRef{Source: "s", Table: "sales"}, Rows: "owner = user.attr.owner"},
			{Table: oriel.TableRef{Source: "pg", Table: "orders"}, Rows: "owner = user.attr.owner"},
		},
		Questions: []oriel.Question{
			{Key: "files", Collection: "c", Source: "s", SQL: "select sum(n) as n from sales"},
			{Key: "server", Collection: "c", Source: "pg", SQL: "select sum(n) as n from orders"},
		},
		Dashboards: []oriel.Dashboard{{Key: "d", Collection: "c"}},
	}
	for _, key := range []string{"s1", "s2", "s3", "s4", "s5", "s6", "f1", "f2", "s7", "s8", "s9"} {
		question := "server"
		if key[0] == 'f' {
			question = "files"
		}
		declared.Dashboards[0].Cards = append(declared.Dashboards[0].Cards, oriel.Card{Key: key, Question: question})
	}
	return query.New(query.Options{
		Declared: func() *oriel.Declaration { return declared },
		Engines:  map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: engine, oriel.SourcePostgres: server},
	})
}

// ran gives how each card ended, and in which order.
func ran(t *testing.T, queries *query.Queries) (order []string, codes map[string]oriel.Code) {
	t.Helper()
	codes = map[string]oriel.Code{}
	err := queries.RunDashboard(t.Context(), reader("ann"), "d", nil, query.Lines{
		Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
		Card: func(key string, result oriel.Result, err error) error {
			order = append(order, key)
			codes[key] = oriel.CodeOf(err)
			if err == nil && string(result.Values[0][0]) != `1` {
				t.Errorf("card %s shows %s", key, result.Values[0])
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return order, codes
}

func TestRunDashboard_aSourceThatIsDownBreaksItsOwnCardsAndComesBack(t *testing.T) {
	own, err := pgserver.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	database := own.Database(t)
	own.Exec(t, database, `CREATE TABLE orders (owner text, n int)`, `INSERT INTO orders VALUES ('ann', 1), ('gus', 2)`, `CHECKPOINT`)
	src, _, err := postgres.Sync(t.Context(), oriel.Source{Key: "pg", Kind: oriel.SourcePostgres, URL: own.URL(database), Schema: "public"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	queries := twoSources(t, src)
	expect := func(when string, want oriel.Code) {
		t.Helper()
		_, codes := ran(t, queries)
		for key, code := range codes {
			if key[0] == 'f' && code != "" || key[0] == 's' && code != want {
				t.Errorf("%s card %s: %q", when, key, code)
			}
		}
		if len(codes) != 11 {
			t.Errorf("%s there are %d cards", when, len(codes))
		}
	}
	expect("before", "")
	own.Halt(t) // its connections are in the pool
	expect("while the server is down,", oriel.CodeSourceUnavailable)
	expect("while it is still down,", oriel.CodeSourceUnavailable)
	own.Resume(t)
	expect("when it is back,", "")
}

// A server that does not even refuse holds up nobody else's cards.
func TestRunDashboard_aSourceThatSaysNothingHoldsUpItsOwnCards(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	src := oriel.Source{Key: "pg", Kind: oriel.SourcePostgres, Schema: "public", Revision: "1",
		URL:    "postgres://ann:pw@" + listener.Addr().String() + "/d?sslmode=disable&connect_timeout=1",
		Tables: []oriel.SourceTable{{Name: "orders", Columns: []oriel.SourceColumn{{Name: "owner", Type: oriel.TypeText, Native: "text"}, {Name: "n", Type: oriel.TypeInteger, Native: "int4"}}}}}
	began := time.Now()
	order, codes := ran(t, twoSources(t, src))
	if len(order) != 11 || order[0][0] != 'f' || order[1][0] != 'f' {
		t.Errorf("the cards came as %v", order)
	}
	for key, code := range codes {
		if key[0] == 's' && code != oriel.CodeSourceUnavailable {
			t.Errorf("card %s: %q after %s", key, code, time.Since(began))
		}
	}
}
