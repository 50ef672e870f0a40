package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

var (
	iata  = oriel.SourceColumn{Name: "iata", Type: oriel.TypeText}
	city  = oriel.SourceColumn{Name: "city", Type: oriel.TypeText}
	open1 = oriel.SourceColumn{Name: "open", Type: oriel.TypeBoolean}
	state = oriel.SourceColumn{Name: "state", Type: oriel.TypeText}
	long  = oriel.SourceColumn{Name: strings.Repeat("l", 60), Type: oriel.TypeText}
)

// joinDecisions are those on flights, one of whose columns is named as a join's
// could be, on airports with a hidden column, and on a model of the airports
// that has a policy of its own.
func joinDecisions() access.Decisions {
	d := decisions(ownRows)
	flights := d.Tables["flights"]
	flights.Columns = append(flights.Columns, access.Visible([]oriel.SourceColumn{{Name: "destination", Type: oriel.TypeText}, {Name: "origin.odd", Type: oriel.TypeText}})...)
	d.Tables["flights"] = flights
	airports := access.Decision{
		Table: oriel.TableRef{Source: "airports", Table: "airports"}, Columns: access.Visible([]oriel.SourceColumn{iata, city, open1, state, long}),
		Rows: access.Compare{Column: hidden, Op: access.Equal, Value: oriel.TextScalar("shown")},
	}
	d.Tables["airports"] = airports
	narrower := airports
	narrower.Rows = access.All{Parts: []access.Predicate{airports.Rows, access.Compare{Column: state, Op: access.Equal, Value: oriel.TextScalar("TX")}}}
	narrower.Columns = access.Visible([]oriel.SourceColumn{iata, state})
	d.Models = map[string]access.Decision{"texan": narrower}
	return d
}

func toAirports(joins ...oriel.Join) (tree []oriel.Join, joined []source.JoinedTable) {
	for range joins {
		joined = append(joined, source.JoinedTable{Model: "airports", Table: "airports", Key: "iata"})
	}
	return joins, joined
}

func compileJoin(tree oriel.Structured, joined []source.JoinedTable, d access.Decisions) (source.Statement, error) {
	return source.Compile(dialect, source.StructuredQuery{Tree: tree, Table: "flights", Joined: joined, Limit: 10, Parameters: map[string]source.ParameterValue{"date": february}}, d)
}

// Each table is narrowed in a sub-select of its own, by the policies of the
// model through which the join goes.
func TestCompile_joinsNarrowEachTable(t *testing.T) {
	statement, err := compileJoin(oriel.Structured{
		Joins:   []oriel.Join{{Column: "destination"}},
		Columns: []string{"delay", "destination.state"}, Filters: []oriel.Filter{{Column: "destination.state", Op: "!=", Value: "OK"}},
	}, []source.JoinedTable{{Model: "texan", Table: "airports", Key: "iata"}}, joinDecisions())
	if err != nil {
		t.Fatal(err)
	}
	want := `SELECT "delay", "destination.state" FROM (` +
		`SELECT "base"."origin", "base"."delay", "base"."departed_at", "base"."on_day", "base"."odd ""name", "base"."cancelled", "base"."destination", "base"."origin.odd", ` +
		`"joined_1"."iata" AS "destination.iata", "joined_1"."state" AS "destination.state" ` +
		`FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled", "destination", "origin.odd" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "base" ` +
		`LEFT JOIN (SELECT "rows"."iata", min("rows"."state") AS "state" FROM (SELECT "iata", "state" FROM "data"."main"."airports" ` +
		`WHERE ("secret" = CAST($2 AS VARCHAR)) AND ("state" = CAST($3 AS VARCHAR))) AS "rows" GROUP BY "rows"."iata" HAVING count(*) = 1) AS "joined_1" ` +
		`ON "base"."destination" = "joined_1"."iata") AS "source" WHERE "destination.state" <> CAST($4 AS VARCHAR) ` +
		`ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST LIMIT 11`
	if statement.Text != want {
		t.Errorf("\n got %s\nwant %s", statement.Text, want)
	}
	if len(statement.Arguments) != 4 || statement.Arguments[1] != oriel.TextScalar("shown") || statement.Arguments[2] != oriel.TextScalar("TX") {
		t.Errorf("%v", statement.Arguments)
	}
}

// What begins with a join's name is the joined table's for everybody, so that
// nothing changes its meaning with what is hidden from whom.
func TestCompile_joinShadowsColumnsOfItsName(t *testing.T) {
	joins, joined := toAirports(oriel.Join{Column: "origin"})
	if _, err := compileJoin(oriel.Structured{Joins: joins, Columns: []string{"origin.odd"}}, joined, joinDecisions()); err == nil || !strings.Contains(err.Error(), `the table "airports" has no column "odd"`) {
		t.Errorf("%v", err)
	}
	statement, err := compileJoin(oriel.Structured{Joins: joins, Columns: []string{"origin.city"}}, joined, joinDecisions())
	if err != nil || strings.Contains(statement.Text, `"base"."origin.odd"`) {
		t.Errorf("%v: %s", err, statement.Text)
	}
	if _, err := compileJoin(oriel.Structured{Columns: []string{"origin.odd"}}, nil, joinDecisions()); err != nil {
		t.Errorf("without a join of that name: %v", err)
	}
}

func TestCompile_joinRefusals(t *testing.T) {
	joins, joined := toAirports(oriel.Join{Column: "destination"})
	tests := []struct {
		name   string
		joins  []oriel.Join
		joined []source.JoinedTable
		change func(*oriel.Structured)
		says   string
	}{
		{"a closed table", joins, []source.JoinedTable{{Table: "closed", Key: "origin"}}, nil, `there is no table "closed"`},
		{"no table", joins, []source.JoinedTable{{Table: "nowhere", Key: "iata"}}, nil, `there is no table "nowhere"`},
		{"a model that is on another table", joins, []source.JoinedTable{{Model: "texan", Table: "flights", Key: "origin"}}, nil, `there is no table "flights"`},
		{"a hidden key", joins, []source.JoinedTable{{Table: "airports", Key: "secret"}}, nil, `the table "airports" has no column "secret"`},
		{"a hidden foreign key", []oriel.Join{{Column: "secret"}}, joined, nil, `the table "flights" has no column "secret"`},
		{"a hidden column without a foreign key", []oriel.Join{{Column: "secret"}}, []source.JoinedTable{{}}, nil, `the table "flights" has no column "secret"`},
		{"a column without a foreign key", joins, []source.JoinedTable{{}}, nil, "no foreign key to follow"},
		{"a join that leads nowhere", joins, nil, nil, "1 joins, and 0 of them"},
		{"a table that nothing joins", nil, joined, nil, "0 joins, and 1 of them"},
		{"a key of another type", []oriel.Join{{Column: "delay"}}, joined, nil, "only values of one type can be equal"},
		{"a name with a dot", []oriel.Join{{Column: "destination", As: "a.b"}}, joined, nil, "can't be called"},
		{"a name twice", []oriel.Join{{Column: "destination", As: "a"}, {Column: "origin", As: "A"}}, append(joined, joined...), nil, `two joins are called "A"`},
		{"a join of a later one", []oriel.Join{{Column: "b.state", As: "a"}, {Column: "origin", As: "b"}}, append(joined, joined...), nil, `no column "b.state"`},
		{"a hidden column selected", joins, joined, func(s *oriel.Structured) { s.Columns = []string{"destination.secret"} }, `the table "airports" has no column "secret"`},
		{"a hidden column filtered by", joins, joined, func(s *oriel.Structured) {
			s.Filters = []oriel.Filter{{Column: "destination.secret", Op: "is_null"}}
		}, `the table "airports" has no column "secret"`},
		{"a hidden column broken out by", joins, joined, func(s *oriel.Structured) {
			s.Columns, s.Breakouts = nil, []oriel.Breakout{{Column: "destination.secret"}}
		}, `the table "airports" has no column "secret"`},
		{"a hidden column aggregated", joins, joined, func(s *oriel.Structured) {
			s.Columns, s.Aggregations = nil, []oriel.Aggregation{{Function: "max", Column: "destination.secret", As: "x"}}
		}, `the table "airports" has no column "secret"`},
		{"a hidden column aggregated where", joins, joined, func(s *oriel.Structured) {
			s.Columns, s.Aggregations = nil, []oriel.Aggregation{{Function: "count", Where: []oriel.Filter{{Column: "destination.secret", Op: "is_null"}}, As: "x"}}
		}, `the table "airports" has no column "secret"`},
		{"a hidden column compared", joins, joined, func(s *oriel.Structured) {
			s.Columns, s.Aggregations, s.Compare = nil, count(), &oriel.Compare{Column: "destination.secret", Parameter: "date"}
		}, `the table "airports" has no column "secret"`},
		{"a column that the join's model hides", joins, []source.JoinedTable{{Model: "texan", Table: "airports", Key: "iata"}}, func(s *oriel.Structured) {
			s.Columns = []string{"destination.city"}
		}, `the table "airports" has no column "city"`},
		{"a join's name in other case", joins, joined, func(s *oriel.Structured) { s.Columns = []string{"Destination.city"} }, `no join is called "Destination"`},
		{"a name that an engine would cut", joins, joined, func(s *oriel.Structured) { s.Columns = []string{"destination." + long.Name} }, "longer than 63 bytes"},
		{"a column of a join that isn't there", joins, joined, func(s *oriel.Structured) { s.Columns = []string{"origin.city"} }, `no column "origin.city"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := oriel.Structured{Joins: tt.joins, Columns: []string{"delay"}}
			if tt.change != nil {
				tt.change(&tree)
			}
			_, err := compileJoin(tree, tt.joined, joinDecisions())
			if oriel.CodeOf(err) != oriel.CodeQueryRefused || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want query_refused with %q", err, tt.says)
			}
		})
	}
}

// What is hidden and what is not there must not be told apart through a join.
func TestCompile_hiddenThroughAJoinIsSpokenOfAsMissing(t *testing.T) {
	said := func(join oriel.Join, to source.JoinedTable, column string) string {
		_, err := compileJoin(oriel.Structured{Joins: []oriel.Join{join}, Columns: []string{column}}, []source.JoinedTable{to}, joinDecisions())
		var e *oriel.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		return e.Message
	}
	airports := source.JoinedTable{Table: "airports", Key: "iata"}
	for _, pair := range [][2]string{
		{said(oriel.Join{Column: "secret"}, airports, "delay"), said(oriel.Join{Column: "nosuch"}, airports, "delay")},
		{said(oriel.Join{Column: "secret"}, source.JoinedTable{}, "delay"), said(oriel.Join{Column: "nosuch"}, source.JoinedTable{}, "delay")},
		{said(oriel.Join{Column: "destination"}, airports, "destination.secret"), said(oriel.Join{Column: "destination"}, airports, "destination.nosuch")},
		{said(oriel.Join{Column: "destination"}, source.JoinedTable{Table: "airports", Key: "secret"}, "delay"), said(oriel.Join{Column: "destination"}, source.JoinedTable{Table: "airports", Key: "nosuch"}, "delay")},
		{said(oriel.Join{Column: "destination"}, source.JoinedTable{Table: "closed", Key: "iata"}, "delay"), said(oriel.Join{Column: "destination"}, source.JoinedTable{Table: "nosuch", Key: "iata"}, "delay")},
	} {
		if hides := strings.NewReplacer("secret", "nosuch", "closed", "nosuch").Replace(pair[0]); hides != pair[1] {
			t.Errorf("what is hidden says %q, what is missing %q", pair[0], pair[1])
		}
	}
}

func TestStructuredQuery_tablesAreThoseOfItsJoinsToo(t *testing.T) {
	q := source.StructuredQuery{Table: "flights", Joined: []source.JoinedTable{{Table: "airports"}, {}, {Table: "flights"}, {Table: "carriers"}, {Table: "airports"}}}
	if got := strings.Join(q.Tables(), " "); got != "flights airports carriers" {
		t.Errorf("%s", got)
	}
}
