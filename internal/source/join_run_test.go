package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// joinTable is a table of the joins' tests: PostgreSQL's columns, and its rows
// as CSV.
type joinTable struct{ columns, rows string }

// shipments go from place to place; a place is in a country. One place is
// there twice, one is no key of any, one shipment goes nowhere. What is owner
// b's must show nowhere.
func shipments() map[string]joinTable {
	return map[string]joinTable{
		"shipments": {"id integer, owner text, origin text, destination text, weight integer, sent_at timestamp", `id,owner,origin,destination,weight,sent_at
1,a,OSL,BER,10,2001-01-01 08:00:00
2,a,BER,OSL,20,2001-01-10 09:00:00
3,a,OSL,NYC,30,2001-02-03 10:00:00
4,a,OSL,twice,40,2001-02-04 11:00:00
5,a,BER,,50,2001-02-05 12:00:00
6,a,BER,nosuch,60,2001-02-06 13:00:00
7,b,OSL,BER,7000,2000-01-01 08:00:00
`},
		"places": {"code text, city text, country integer, owner text, opened date, big boolean", `code,city,country,owner,opened,big
OSL,Oslo,47,a,1998-10-08,true
BER,Berlin,49,a,2020-10-31,true
NYC,Secretville,1,b,1948-07-01,false
twice,First,47,a,1990-01-01,true
twice,Second,49,a,1991-01-01,false
,Nameless,1,a,1992-01-01,false
`},
		"countries": {"code bigint, name text", `code,name
47,Norway
49,Germany
1,United States
`},
	}
}

// joinEngines load tables, each on its kind of source.
var joinEngines = map[string]func(t testing.TB, tables map[string]joinTable) (source.Engine, oriel.Source){
	"DuckDB": func(t testing.TB, tables map[string]joinTable) (source.Engine, oriel.Source) {
		folder, files := t.TempDir(), t.TempDir()
		var names []string
		for name, table := range tables {
			names = append(names, name+".csv")
			if err := os.WriteFile(filepath.Join(files, name+".csv"), []byte(table.rows), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		src, err := duckdb.Import(t.Context(), folder, "joins", files, names)
		if err != nil {
			t.Fatal(err)
		}
		engine, err := duckdb.Open(folder, duckdb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return engine, src
	},
	"PostgreSQL": func(t testing.TB, tables map[string]joinTable) (source.Engine, oriel.Source) {
		conn := server.Connect(t, "postgres")
		for name, table := range tables {
			for _, text := range []string{"DROP TABLE IF EXISTS " + name, "CREATE TABLE " + name + " (" + table.columns + ")"} {
				if _, err := conn.Exec(t.Context(), text); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(table.rows), "COPY "+name+" FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
				t.Fatal(err)
			}
		}
		src, _, err := postgres.Sync(t.Context(), oriel.Source{Key: "joins", Kind: oriel.SourcePostgres, URL: server.URL("postgres"), Schema: "public"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return postgres.Open(postgres.Options{}), src
	},
}

// joinPolicies let owner a see what is theirs, and everybody the countries.
func joinPolicies(more ...oriel.Policy) []oriel.Policy {
	on := func(table string) oriel.TableRef { return oriel.TableRef{Source: "joins", Table: table} }
	return append([]oriel.Policy{
		{Table: on("shipments"), Rows: "owner = user.attr.owner"},
		{Table: on("places"), Rows: "owner = user.attr.owner"},
		{Table: on("countries"), Shared: true},
	}, more...)
}

func ownerA() oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: "usr_a", Attributes: oriel.Attributes{"owner": oriel.Text("a")}}, oriel.SessionEmbed)
}

// The joins of the shipments.
var (
	toOrigin      = oriel.Join{Column: "origin"}
	toDestination = oriel.Join{Column: "destination"}
	toCountry     = oriel.Join{Column: "destination.country"}
	places        = source.JoinedTable{Model: "places", Table: "places", Key: "code"}
	countries     = source.JoinedTable{Model: "countries", Table: "countries", Key: "code"}
)

// joinCase is a question on the shipments.
type joinCase struct {
	name     string
	tree     oriel.Structured
	joined   []source.JoinedTable
	policies []oriel.Policy
	want     string
}

// run gives the rows, or the words in which the question is refused.
func (c joinCase) run(t *testing.T, engine source.Engine, src oriel.Source) string {
	t.Helper()
	src.MaskKey = []byte(strings.Repeat("k", 32))
	models := []oriel.Model{{Key: "places", Table: oriel.TableRef{Source: "joins", Table: "places"}}}
	if c.policies == nil {
		c.policies = joinPolicies()
	}
	query := source.Query{Structured: &source.StructuredQuery{
		Tree: c.tree, Table: "shipments", Joined: c.joined, Limit: 100,
		Parameters: map[string]source.ParameterValue{"date": {From: day("2001-02-01"), To: day("2001-02-28")}},
	}}
	tables, err := engine.Tables(t.Context(), query, src)
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := access.ReadPolicies([]oriel.Source{src}, models, c.policies).Decide(ownerA(), "joins", tables)
	if err != nil {
		t.Fatal(err)
	}
	narrowed, err := engine.Narrow(t.Context(), query, decisions)
	if err != nil {
		return oriel.MessageOf(err)
	}
	result, err := engine.Run(t.Context(), narrowed)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range result.RowCount {
		var cells []string
		for at := range result.Columns {
			cells = append(cells, string(result.Values[at][i]))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, " | ")
}

func onPlaces(columns map[string]oriel.Mask) []oriel.Policy {
	return joinPolicies(oriel.Policy{Table: oriel.TableRef{Source: "joins", Table: "places"}, Columns: columns})
}

func joinCases() []joinCase {
	one := []source.JoinedTable{places}
	destination := func(tree oriel.Structured) oriel.Structured {
		tree.Joins = []oriel.Join{toDestination}
		return tree
	}
	cities := destination(oriel.Structured{Columns: []string{"id", "destination.city"}, Sort: []oriel.Sort{{By: "id"}}})
	return []joinCase{
		{"one row a shipment, whatever its key finds", cities, one, nil, `1 "Berlin" | 2 "Oslo" | 3 null | 4 null | 5 null | 6 null`},
		{"a join that nothing is read of", destination(oriel.Structured{Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}, {Function: "sum", Column: "weight", As: "w"}}}), one, nil, "6 210"},
		{"two joins to one model", oriel.Structured{
			Joins: []oriel.Join{toOrigin, toDestination}, Columns: []string{"id", "origin.city", "destination.city"},
			Filters: []oriel.Filter{{Column: "origin.city", Op: "!=", Value: "Berlin"}, {Column: "destination.city", Op: "is_not_null"}},
		}, []source.JoinedTable{places, places}, nil, `1 "Oslo" "Berlin"`},
		{"a second hop", oriel.Structured{
			Joins: []oriel.Join{toDestination, toCountry}, Columns: []string{"id", "country.name"}, Sort: []oriel.Sort{{By: "country.name", Descending: true}},
		}, []source.JoinedTable{places, countries}, nil, `2 "Norway" | 1 "Germany" | 3 null | 4 null | 5 null | 6 null`},
		{"a name of one's own", oriel.Structured{Joins: []oriel.Join{{Column: "destination", As: "to"}}, Breakouts: []oriel.Breakout{{Column: "to.city"}}, Aggregations: count()},
			one, nil, `"Berlin" 1 | "Oslo" 1 | null 4`},
		{"breakouts, figures and having", destination(oriel.Structured{
			Breakouts: []oriel.Breakout{{Column: "destination.opened", Unit: "year", As: "y"}},
			Aggregations: []oriel.Aggregation{
				{Function: "count", As: "n"}, {Function: "min", Column: "destination.big", As: "b"}, {Function: "max", Column: "destination.city", As: "c"},
				{Function: "sum", Column: "destination.country", As: "s"}, {Function: "count", As: "oslo", Where: []oriel.Filter{{Column: "destination.city", Op: "=", Value: "Oslo"}}},
			},
			Having: []oriel.Filter{{Column: "n", Op: "=", Value: 1.0}}, Sort: []oriel.Sort{{By: "y", Descending: true}},
		}), one, nil, `"2020-01-01" 1 true "Berlin" 49 0 | "1998-01-01" 1 true "Oslo" 47 1`},
		{"filters by joined columns", destination(oriel.Structured{Columns: []string{"id"}, Filters: []oriel.Filter{
			{Column: "destination.big", Op: "=", Value: true}, {Column: "destination.opened", Op: "between", Value: []any{"1998-01-01", "1999-01-01"}}, {Column: "destination.country", Op: "in", Value: []any{47.0}},
		}}), one, nil, "2"},
		{"compare with joins", destination(oriel.Structured{
			Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}, {Function: "distinct", Column: "destination.city", As: "cities"}},
			Filters:      []oriel.Filter{{Column: "sent_at", Op: "between", Parameter: "date"}},
			Compare:      &oriel.Compare{Column: "sent_at", Parameter: "date"},
		}), one, nil, "4 0 1 1"},

		// Hostile: what of the joined table is not for owner a.
		{"rows of others are not joined, not by their key", destination(oriel.Structured{Columns: []string{"id"}, Filters: []oriel.Filter{{Column: "destination.city", Op: "=", Value: "Secretville"}}}), one, nil, ""},
		{"a closed table is refused", cities, one, joinPolicies()[:1], `there is no table "places": check its name, and that a policy opens it`},
		{"a table without rows for one joins nothing", cities, one, []oriel.Policy{joinPolicies()[0], {Table: oriel.TableRef{Source: "joins", Table: "places"}, Rows: "owner = user.attr.nosuch"}},
			"1 null | 2 null | 3 null | 4 null | 5 null | 6 null"},
		{"the model's own policy holds in a join", cities, one, joinPolicies(oriel.Policy{Model: "places", Rows: "city != 'Oslo'"}), `1 "Berlin" | 2 null | 3 null | 4 null | 5 null | 6 null`},
		{"and not where the join goes to the table", cities, []source.JoinedTable{{Table: "places", Key: "code"}}, joinPolicies(oriel.Policy{Model: "places", Rows: "city != 'Oslo'"}),
			`1 "Berlin" | 2 "Oslo" | 3 null | 4 null | 5 null | 6 null`},
		{"a masked column shows its mask", cities, one, onPlaces(map[string]oriel.Mask{"city": oriel.MaskLast4}), `1 "rlin" | 2 null | 3 null | 4 null | 5 null | 6 null`},
		{"a filter sees the mask", destination(oriel.Structured{Columns: []string{"id"}, Filters: []oriel.Filter{{Column: "destination.city", Op: "=", Value: "Berlin"}}}), one,
			onPlaces(map[string]oriel.Mask{"city": oriel.MaskLast4}), ""},
		{"a figure sees the mask", destination(oriel.Structured{Aggregations: []oriel.Aggregation{{Function: "distinct", Column: "destination.city", As: "d"}}}), one,
			onPlaces(map[string]oriel.Mask{"city": oriel.MaskEmpty}), "0"},
		{"a hidden column is not there", cities, one, onPlaces(map[string]oriel.Mask{"city": oriel.MaskHidden}), `the table "places" has no column "city"`},
		{"a hidden key joins nothing", cities, one, onPlaces(map[string]oriel.Mask{"code": oriel.MaskHidden}), `the table "places" has no column "code"`},
		{"a key is joined by its mask", cities, one, onPlaces(map[string]oriel.Mask{"code": oriel.MaskHash}), "1 null | 2 null | 3 null | 4 null | 5 null | 6 null"},
		{"an empty key joins nothing", cities, one, onPlaces(map[string]oriel.Mask{"code": oriel.MaskEmpty}), "1 null | 2 null | 3 null | 4 null | 5 null | 6 null"},
		{"a foreign key is joined by its mask", cities, one, joinPolicies(oriel.Policy{Table: oriel.TableRef{Source: "joins", Table: "shipments"}, Columns: map[string]oriel.Mask{"destination": oriel.MaskHash}}),
			"1 null | 2 null | 3 null | 4 null | 5 null | 6 null"},
		{"hashes of both are equal", cities, one, append(onPlaces(map[string]oriel.Mask{"code": oriel.MaskHash}), oriel.Policy{Table: oriel.TableRef{Source: "joins", Table: "shipments"}, Columns: map[string]oriel.Mask{"destination": oriel.MaskHash}}),
			`1 "Berlin" | 2 "Oslo" | 3 null | 4 null | 5 null | 6 null`},
		{"a hidden foreign key is not there", cities, one, joinPolicies(oriel.Policy{Table: oriel.TableRef{Source: "joins", Table: "shipments"}, Columns: map[string]oriel.Mask{"destination": oriel.MaskHidden}}),
			`the table "shipments" has no column "destination"`},
		{"a hidden column leads to no second hop", oriel.Structured{Joins: []oriel.Join{toDestination, toCountry}, Columns: []string{"id"}}, []source.JoinedTable{places, countries},
			onPlaces(map[string]oriel.Mask{"country": oriel.MaskHidden}), `the table "places" has no column "country"`},
	}
}

func TestJoin_onEveryEngine(t *testing.T) {
	for name, open := range joinEngines {
		t.Run(name, func(t *testing.T) {
			engine, src := open(t, shipments())
			defer func() {
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			}()
			for _, tt := range joinCases() {
				t.Run(tt.name, func(t *testing.T) {
					if got := tt.run(t, engine, src); got != tt.want {
						t.Errorf("\n got %s\nwant %s", got, tt.want)
					}
				})
			}
		})
	}
}

// Whatever owner b has, owner a is answered the same, word for word: rows that
// are hidden make no key ambiguous, give none a row, and multiply nothing.
func TestJoin_dependsOnNoHiddenRow(t *testing.T) {
	other := shipments()
	of := func(name, more string) {
		table := other[name]
		table.rows += more
		other[name] = table
	}
	of("places", "OSL,Hidden Oslo,47,b,1998-10-08,true\nBER,Berlin,49,b,2020-10-31,true\nnosuch,Nosuch,1,b,2001-01-01,true\ntwice,Third,1,b,2001-01-01,true\n")
	of("shipments", "8,b,OSL,BER,1,2001-02-01 08:00:00\n9,b,NYC,OSL,2,1999-02-01 08:00:00\n")
	for name, open := range joinEngines {
		t.Run(name, func(t *testing.T) {
			answers := map[string][]string{}
			for _, tables := range []map[string]joinTable{shipments(), other} {
				engine, src := open(t, tables)
				for _, tt := range joinCases() {
					answers[tt.name] = append(answers[tt.name], tt.run(t, engine, src))
				}
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			}
			for name, pair := range answers {
				if pair[0] != pair[1] {
					t.Errorf("%s:\n %s\n with other hidden rows %s", name, pair[0], pair[1])
				}
			}
		})
	}
}
