package source_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	origin   = oriel.SourceColumn{Name: "origin", Type: oriel.TypeText}
	delay    = oriel.SourceColumn{Name: "delay", Type: oriel.TypeInteger}
	at       = oriel.SourceColumn{Name: "departed_at", Type: oriel.TypeTimestamp}
	on       = oriel.SourceColumn{Name: "on_day", Type: oriel.TypeDate}
	odd      = oriel.SourceColumn{Name: `odd "name`, Type: oriel.TypeNumber}
	flag1    = oriel.SourceColumn{Name: "cancelled", Type: oriel.TypeBoolean}
	hidden   = oriel.SourceColumn{Name: "secret", Type: oriel.TypeText}
	dialect  = duckdb.Dialect{Catalog: "data", Schema: "main"}
	ownRows  = access.Compare{Column: origin, Op: access.Equal, Value: oriel.TextScalar("DFW")}
	february = source.ParameterValue{From: day("2001-02-01"), To: day("2001-02-28")}
)

func day(text string) *oriel.Scalar {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	s := oriel.DateScalar(t)
	return &s
}

// decisions are those on one table, in which the column secret is hidden.
func decisions(rows access.Predicate) access.Decisions {
	all := []oriel.SourceColumn{origin, delay, at, on, odd, flag1, hidden}
	return access.Decisions{
		Source: oriel.Source{Key: "airports", Kind: oriel.SourceDuckDB, Tables: []oriel.SourceTable{{Name: "flights", Columns: all}, {Name: "closed", Columns: all}}},
		Tables: map[string]access.Decision{"flights": {
			Table: oriel.TableRef{Source: "airports", Table: "flights"}, Columns: access.Visible(all[:len(all)-1]), Rows: rows,
		}},
	}
}

func count() []oriel.Aggregation { return []oriel.Aggregation{{Function: "count", As: "n"}} }

func TestCompile_golden(t *testing.T) {
	everyPredicate := access.All{Parts: []access.Predicate{
		access.Any{Parts: []access.Predicate{ownRows, access.Membership{Column: origin, Values: []oriel.Scalar{oriel.TextScalar("ORD"), oriel.TextScalar("' or 1=1 --")}, Negate: true}}},
		access.Not{Part: access.Between{Column: delay, Low: oriel.IntegerScalar(1), High: oriel.IntegerScalar(9)}},
		access.IsNull{Column: odd, Negate: true}, access.IsNull{Column: on},
		access.StartsWith{Column: origin, Prefix: oriel.TextScalar("D%")},
		access.True{}, access.All{}, access.Any{},
		access.Compare{Column: hidden, Op: access.NotEqual, Value: oriel.TextScalar("x")},
	}}
	tests := []struct {
		name       string
		rows       access.Predicate
		tree       oriel.Structured
		parameters map[string]source.ParameterValue
	}{
		{name: "columns", rows: ownRows, tree: oriel.Structured{
			Columns: []string{"departed_at", "delay"}, Sort: []oriel.Sort{{By: "departed_at", Descending: true}}, Limit: 50,
		}},
		{name: "a lookup", rows: access.Any{Parts: []access.Predicate{
			ownRows,
			access.Lookup{Column: origin, Table: `odd "table`, Key: hidden, Where: access.All{Parts: []access.Predicate{access.Compare{Column: origin, Op: access.Equal, Value: oriel.TextScalar("ORD")}, access.IsNull{Column: delay}}}, Negate: true},
			access.Lookup{Column: delay, Table: "flights", Key: delay, Where: access.True{}},
		}}, tree: oriel.Structured{Columns: []string{"delay"}}},
		{name: "no rows at all", rows: access.False{}, tree: oriel.Structured{Aggregations: count()}},
		{name: "every kind of predicate", rows: everyPredicate, tree: oriel.Structured{Columns: []string{`odd "name`}}},
		{name: "every unit", rows: ownRows, tree: oriel.Structured{
			Breakouts: []oriel.Breakout{
				{Column: "departed_at", Unit: "day", As: "day"}, {Column: "on_day", Unit: "week", As: "week"}, {Column: "departed_at", Unit: "month", As: "month"},
				{Column: "on_day", Unit: "quarter", As: "quarter"}, {Column: "departed_at", Unit: "year", As: "year"}, {Column: "departed_at", Unit: "hour_of_day", As: "hour"}, {Column: "origin"},
				{Column: "departed_at", Unit: "minute", As: "minute"}, {Column: "departed_at", Unit: "hour", As: "hours"}, {Column: "departed_at", Unit: "minute_of_hour", As: "m"},
				{Column: "on_day", Unit: "day_of_week", As: "dow"}, {Column: "on_day", Unit: "day_of_month", As: "dom"}, {Column: "on_day", Unit: "day_of_year", As: "doy"},
				{Column: "on_day", Unit: "week_of_year", As: "woy"}, {Column: "on_day", Unit: "month_of_year", As: "moy"}, {Column: "on_day", Unit: "quarter_of_year", As: "qoy"},
			},
			Aggregations: count(), Sort: []oriel.Sort{{By: "n", Descending: true}, {By: "day"}, {By: "n"}},
		}},
		{name: "every function", rows: access.True{}, tree: oriel.Structured{Aggregations: []oriel.Aggregation{
			{Function: "count", As: "n"}, {Function: "distinct", Column: "origin", As: "origins"}, {Function: "sum", Column: "delay", As: "total"},
			{Function: "sum", Column: `odd "name`, As: "odd_total"}, {Function: "avg", Column: "delay", As: "mean"}, {Function: "min", Column: "departed_at", As: "first"},
			{Function: "max", Column: "departed_at", As: "last"}, {Function: "median", Column: "delay", As: "middle"},
			{Function: "share", As: "late", Where: []oriel.Filter{{Column: "delay", Op: ">", Value: 15.0}, {Column: "cancelled", Op: "=", Value: false}}},
			{Function: "count", As: "n_late", Where: []oriel.Filter{{Column: "delay", Op: ">", Value: 15.5}}},
			{Function: "avg", Column: "delay", As: "mean_dfw", Where: []oriel.Filter{{Column: "origin", Op: "=", Value: "DFW"}}},
		}}},
		{name: "filters by constants", rows: ownRows, tree: oriel.Structured{Columns: []string{"origin"}, Filters: []oriel.Filter{
			{Column: "origin", Op: "in", Value: []any{"DFW", "ORD"}}, {Column: "origin", Op: "not_in", Value: []any{"LAX"}},
			{Column: "delay", Op: "between", Value: []any{-5.0, 5.0}}, {Column: "on_day", Op: "is_null"}, {Column: "on_day", Op: "is_not_null"},
			{Column: "departed_at", Op: "=", Value: "2001-01-31"}, {Column: "departed_at", Op: "!=", Value: "2001-01-31"}, {Column: "departed_at", Op: "<", Value: "2001-01-31"},
			{Column: "departed_at", Op: ">", Value: "2001-01-31"}, {Column: "departed_at", Op: ">=", Value: "2001-01-31T14:05:00"}, {Column: "on_day", Op: "<=", Value: "2001-01-31"},
		}}},
		{name: "filters by parameters", rows: ownRows, parameters: map[string]source.ParameterValue{
			"date": february, "from": {From: day("2001-02-01")}, "list": {List: []oriel.Scalar{oriel.TextScalar("LAX")}}, "n": {Scalar: scalar(oriel.IntegerScalar(3))},
		}, tree: oriel.Structured{Columns: []string{"origin"}, Filters: []oriel.Filter{
			{Column: "departed_at", Op: "between", Parameter: "date"}, {Column: "on_day", Op: "between", Parameter: "date"}, {Column: "on_day", Op: "between", Parameter: "from"},
			{Column: "origin", Op: "in", Parameter: "list"}, {Column: "delay", Op: ">=", Parameter: "n"}, {Column: "origin", Op: "=", Parameter: "not brought"},
		}}},
		{name: "having", rows: ownRows, tree: oriel.Structured{
			Breakouts: []oriel.Breakout{{Column: "origin"}}, Aggregations: append(count(), oriel.Aggregation{Function: "max", Column: "departed_at", As: "last"}),
			Having: []oriel.Filter{{Column: "n", Op: ">=", Value: 5.0}, {Column: "last", Op: "<=", Value: "2001-03-31"}},
			Sort:   []oriel.Sort{{By: "n", Descending: true}}, Limit: 10,
		}},
		{name: "compare with a period", rows: ownRows, parameters: map[string]source.ParameterValue{"date": february}, tree: compared()},
		{name: "compare on a date", rows: ownRows, parameters: map[string]source.ParameterValue{"date": february}, tree: oriel.Structured{
			Aggregations: count(), Compare: &oriel.Compare{Column: "on_day", Parameter: "date"}, Filters: []oriel.Filter{{Column: "on_day", Op: "between", Parameter: "date"}},
		}},
		{name: "compare without a period", rows: ownRows, tree: compared()},
		{name: "compare with an open period", rows: ownRows, parameters: map[string]source.ParameterValue{"date": {From: day("2001-02-01")}}, tree: compared()},
		{name: "compare before the calendar", rows: ownRows, parameters: map[string]source.ParameterValue{"date": {From: day("0001-01-01"), To: day("9999-12-31")}}, tree: compared()},
		{name: "compare over centuries", rows: ownRows, parameters: map[string]source.ParameterValue{"date": {From: day("1500-01-01"), To: day("1999-12-31")}}, tree: compared()},
	}
	var out strings.Builder
	for _, tt := range tests {
		statement, err := source.Compile(dialect, source.StructuredQuery{Tree: tt.tree, Table: "flights", Parameters: tt.parameters, Limit: 2000}, decisions(tt.rows))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		fmt.Fprintf(&out, "-- %s\n%s\n", tt.name, statement.Text)
		for i, a := range statement.Arguments {
			fmt.Fprintf(&out, "--   $%d %s %v\n", i+1, a.Type, a.Value)
		}
	}
	golden := filepath.Join("testdata", "structured.sql")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("compiled SQL differs from %s; look at it, then run with -update:\n%s", golden, out.String())
	}
}

// Masks are inside the innermost select, before the policy's values: whatever
// is around it can name only what they show.
func TestCompile_masksAreInnermost(t *testing.T) {
	d := decisions(ownRows)
	d.Source.MaskKey = []byte(strings.Repeat("k", 32))
	flights := d.Tables["flights"]
	for i, mask := range map[int]oriel.Mask{0: oriel.MaskHash, 1: oriel.MaskLast4, 2: oriel.MaskEmpty} {
		flights.Columns[i].Mask = mask
	}
	statement, err := source.Compile(dialect, source.StructuredQuery{Table: "flights", Limit: 9, Tree: oriel.Structured{
		Columns: []string{"origin", "delay"}, Filters: []oriel.Filter{{Column: "origin", Op: "=", Value: "DFW"}},
	}}, d)
	if err != nil {
		t.Fatal(err)
	}
	inner, outer, err := source.HashBlocks(d.Source.MaskKey)
	if err != nil {
		t.Fatal(err)
	}
	want := `SELECT "origin", "delay" FROM (SELECT sha256(unhex(CAST($2 AS VARCHAR)) || unhex(sha256(unhex(CAST($1 AS VARCHAR)) || encode(CAST("origin" AS VARCHAR))))) AS "origin", ` +
		`CASE WHEN length(CAST("delay" AS VARCHAR)) > 4 THEN right(CAST("delay" AS VARCHAR), 4) END AS "delay", CASE WHEN FALSE THEN "departed_at" END AS "departed_at", "on_day", "odd ""name", "cancelled" ` +
		`FROM "data"."main"."flights" WHERE "origin" = CAST($3 AS VARCHAR)) AS "source" WHERE "origin" = CAST($4 AS VARCHAR) ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST LIMIT 10`
	if statement.Text != want {
		t.Errorf("\n got %s\nwant %s", statement.Text, want)
	}
	if got := statement.Arguments; len(got) != 4 || got[0] != inner || got[1] != outer || got[2] != oriel.TextScalar("DFW") {
		t.Errorf("%v", got)
	}
	if strings.Contains(statement.Text, "kkkk") || inner == outer {
		t.Error("the key is in the text, or its blocks are one")
	}
}

func scalar(s oriel.Scalar) *oriel.Scalar { return &s }

func compared() oriel.Structured {
	return oriel.Structured{
		Aggregations: append(count(), oriel.Aggregation{Function: "avg", Column: "delay", As: "mean"}),
		Compare:      &oriel.Compare{Column: "departed_at", Parameter: "date"},
		Filters:      []oriel.Filter{{Column: "departed_at", Op: "between", Parameter: "date"}, {Column: "origin", Op: "!=", Value: "LAX"}},
	}
}

// A value must never be part of the text: whatever it holds, the text is that
// of any other value.
func TestCompile_valuesAreBoundNeverSpliced(t *testing.T) {
	compile := func(value string) string {
		statement, err := source.Compile(dialect, source.StructuredQuery{
			Table: "flights", Limit: 10, Parameters: map[string]source.ParameterValue{"list": {List: []oriel.Scalar{oriel.TextScalar(value)}}},
			Tree: oriel.Structured{
				Breakouts: []oriel.Breakout{{Column: "origin"}},
				Filters:   []oriel.Filter{{Column: "origin", Op: "=", Value: value}, {Column: "origin", Op: "in", Parameter: "list"}},
				Aggregations: []oriel.Aggregation{
					{Function: "share", As: "s", Where: []oriel.Filter{{Column: "origin", Op: "!=", Value: value}}},
					{Function: "max", Column: "origin", As: "m"},
				},
				Having: []oriel.Filter{{Column: "m", Op: "=", Value: value}},
			},
		}, decisions(access.All{Parts: []access.Predicate{
			access.Compare{Column: origin, Op: access.Equal, Value: oriel.TextScalar(value)},
			access.Membership{Column: origin, Values: []oriel.Scalar{oriel.TextScalar(value)}},
			access.Between{Column: origin, Low: oriel.TextScalar(value), High: oriel.TextScalar(value)},
			access.StartsWith{Column: origin, Prefix: oriel.TextScalar(value)},
		}}))
		if err != nil {
			t.Fatal(err)
		}
		return statement.Text
	}
	for _, value := range []string{`'; drop table flights; --`, `"`, `\`, "$1", "?", "{{x}}", "", "\x00"} {
		if got := compile(value); got != compile("DFW") {
			t.Errorf("the value %q changed the text:\n%s", value, got)
		}
	}
}

func TestCompile_refusals(t *testing.T) {
	one := func(change func(*oriel.Structured)) oriel.Structured {
		tree := oriel.Structured{Aggregations: count()}
		change(&tree)
		return tree
	}
	type unknown struct{ access.Predicate }
	tests := []struct {
		name  string
		table string
		rows  access.Predicate
		tree  oriel.Structured
		says  string
	}{
		{"a closed table is not there", "closed", ownRows, one(func(*oriel.Structured) {}), `there is no table "closed"`},
		{"no table", "nowhere", ownRows, one(func(*oriel.Structured) {}), `there is no table "nowhere"`},
		{"a hidden column is not selected", "flights", ownRows, oriel.Structured{Columns: []string{"secret"}}, `has no column "secret"`},
		{"a hidden column is not filtered by", "flights", ownRows, one(func(s *oriel.Structured) { s.Filters = []oriel.Filter{{Column: "secret", Op: "is_null"}} }), `has no column "secret"`},
		{"a hidden column is not broken out by", "flights", ownRows, one(func(s *oriel.Structured) { s.Breakouts = []oriel.Breakout{{Column: "secret"}} }), `has no column "secret"`},
		{"a hidden column is not aggregated", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Aggregations = []oriel.Aggregation{{Function: "max", Column: "secret", As: "x"}}
		}), `has no column "secret"`},
		{"a hidden column is not aggregated where", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Aggregations[0].Where = []oriel.Filter{{Column: "secret", Op: "is_null"}}
		}), `has no column "secret"`},
		{"a hidden column is not compared", "flights", ownRows, one(func(s *oriel.Structured) { s.Compare = &oriel.Compare{Column: "secret", Parameter: "date"} }), `has no column "secret"`},
		{"a column in other case is another", "flights", ownRows, oriel.Structured{Columns: []string{"Origin"}}, `has no column "Origin"`},
		{"an unknown predicate", "flights", unknown{}, one(func(*oriel.Structured) {}), "can't be compiled"},
		{"no predicate", "flights", nil, one(func(*oriel.Structured) {}), "can't be compiled"},
		{"an unknown operator in a policy", "flights", access.Compare{Column: origin, Op: "= 1 or 1 =", Value: oriel.TextScalar("x")}, one(func(*oriel.Structured) {}), "can't be compiled"},
		{"an empty membership", "flights", access.Membership{Column: origin}, one(func(*oriel.Structured) {}), "can't be compiled"},
		{"an unknown predicate under not", "flights", access.Not{Part: unknown{}}, one(func(*oriel.Structured) {}), "can't be compiled"},
		{"an unknown function", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Aggregations = []oriel.Aggregation{{Function: "read_csv", Column: "origin", As: "x"}}
		}), `no function "read_csv"`},
		{"a running total along nothing", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Aggregations = nil, []oriel.Aggregation{{Function: "running_total", As: "x"}}
		}), "needs a breakout"},
		{"a running total along texts", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Breakouts, s.Aggregations = nil, []oriel.Breakout{{Column: "origin"}}, []oriel.Aggregation{{Function: "running_total", As: "x"}}
		}), "put a date, a timestamp or a number first"},
		{"a percentile of all", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Aggregations = nil, []oriel.Aggregation{{Function: "percentile", Column: "delay", At: 1, As: "x"}}
		}), "a number between 0 and 1"},
		{"bins of texts", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Breakouts = nil, []oriel.Breakout{{Column: "origin", Bin: &oriel.Bin{Width: 1}}}
		}), "only numbers go into bins"},
		{"bins of no width", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Breakouts = nil, []oriel.Breakout{{Column: "delay", Bin: &oriel.Bin{Width: -1}}}
		}), "a number above 0"},
		{"bins of half a whole number", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Columns, s.Breakouts = nil, []oriel.Breakout{{Column: "delay", Bin: &oriel.Bin{Width: 0.5}}}
		}), "a whole width"},
		{"an unknown comparison", "flights", ownRows, one(func(s *oriel.Structured) { s.Filters = []oriel.Filter{{Column: "origin", Op: "= '' or", Value: "x"}} }), "no comparison"},
		{"an unknown unit", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Breakouts = []oriel.Breakout{{Column: "departed_at", Unit: "day', 1)--"}}
		}), "there is no unit"},
		{"a unit of a text", "flights", ownRows, one(func(s *oriel.Structured) { s.Breakouts = []oriel.Breakout{{Column: "origin", Unit: "day"}} }), "only dates and timestamps"},
		{"an hour of a date", "flights", ownRows, one(func(s *oriel.Structured) { s.Breakouts = []oriel.Breakout{{Column: "on_day", Unit: "hour_of_day"}} }), "has no time of day"},
		{"a mean of texts", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Aggregations = []oriel.Aggregation{{Function: "avg", Column: "origin", As: "x"}}
		}), "needs numbers"},
		{"a share of nothing", "flights", ownRows, one(func(s *oriel.Structured) { s.Aggregations = []oriel.Aggregation{{Function: "share", As: "x"}} }), "needs where"},
		{"a text compared with a number", "flights", ownRows, one(func(s *oriel.Structured) { s.Filters = []oriel.Filter{{Column: "origin", Op: "=", Value: 1.0}} }), `write its value as a text, in quotes`},
		{"a number compared with a text", "flights", ownRows, one(func(s *oriel.Structured) { s.Filters = []oriel.Filter{{Column: "delay", Op: "=", Value: "1"}} }), `write its value as a whole number, without quotes`},
		{"a date that is none", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Filters = []oriel.Filter{{Column: "on_day", Op: "=", Value: "2001-02-30"}}
		}), `write its value as a day`},
		{"days in a list of times", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Filters = []oriel.Filter{{Column: "departed_at", Op: "in", Value: []any{"2001-02-01"}}}
		}), "use between"},
		{"a sort by no column", "flights", ownRows, one(func(s *oriel.Structured) { s.Sort = []oriel.Sort{{By: "origin"}} }), "no column of the result"},
		{"having no aggregation", "flights", ownRows, one(func(s *oriel.Structured) { s.Having = []oriel.Filter{{Column: "origin", Op: "=", Value: "x"}} }), "no aggregation"},
		{"nothing", "flights", ownRows, oriel.Structured{}, "nothing to select"},
		{"rows and groups", "flights", ownRows, one(func(s *oriel.Structured) { s.Columns = []string{"origin"} }), "keep one of the two"},
		{"compare with breakouts", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Compare = &oriel.Compare{Column: "departed_at", Parameter: "date"}
			s.Breakouts = []oriel.Breakout{{Column: "origin"}}
		}), "without breakouts"},
		{"compare on a text", "flights", ownRows, one(func(s *oriel.Structured) { s.Compare = &oriel.Compare{Column: "origin", Parameter: "date"} }), "needs a date"},
		{"a parameter of another kind", "flights", ownRows, one(func(s *oriel.Structured) { s.Filters = []oriel.Filter{{Column: "origin", Op: "=", Parameter: "date"}} }), "doesn't fit"},
		{"a range on a text", "flights", ownRows, one(func(s *oriel.Structured) {
			s.Filters = []oriel.Filter{{Column: "origin", Op: "between", Parameter: "date"}}
		}), `compared with one of the type date`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := source.Compile(dialect, source.StructuredQuery{
				Tree: tt.tree, Table: tt.table, Limit: 10, Parameters: map[string]source.ParameterValue{"date": february},
			}, decisions(tt.rows))
			if oriel.CodeOf(err) != oriel.CodeQueryRefused || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want query_refused with %q", err, tt.says)
			}
		})
	}
}

// What is hidden and what is not there must not be told apart.
func TestCompile_hiddenIsSpokenOfAsMissing(t *testing.T) {
	said := func(tree oriel.Structured, table string) string {
		_, err := source.Compile(dialect, source.StructuredQuery{Tree: tree, Table: table, Limit: 1}, decisions(ownRows))
		var e *oriel.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		return e.Message
	}
	if a, b := said(oriel.Structured{Columns: []string{"secret"}}, "flights"), said(oriel.Structured{Columns: []string{"nosuch"}}, "flights"); strings.ReplaceAll(a, "secret", "nosuch") != b {
		t.Errorf("a hidden column says %q, a missing one %q", a, b)
	}
	if a, b := said(oriel.Structured{Aggregations: count()}, "closed"), said(oriel.Structured{Aggregations: count()}, "nosuch"); strings.ReplaceAll(a, "closed", "nosuch") != b {
		t.Errorf("a closed table says %q, a missing one %q", a, b)
	}
}
