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
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// trips has an empty cell in each column that may have one, a midnight, and
// rows of another owner that must show nowhere.
const trips = `owner,started_at,day,kind,minutes,cost
a,2001-01-01 00:00:00,2001-01-01,x,10,1.5
a,2001-01-31 23:59:59,2001-01-31,x,20,2.5
a,2001-02-01 00:00:00,2001-02-01,y,,3.5
a,2001-02-28 12:00:00,2001-02-28,,31,
a,,2001-03-01,y,40,0.25
b,2000-01-01 00:00:00,2000-01-01,z,1000,99
b,2001-02-14 03:00:00,2001-02-14,z,2000,99
`

var server *pgserver.Server

func TestMain(m *testing.M) {
	os.Exit(pgserver.Main(m, func(s *pgserver.Server) { server = s }))
}

// loaders make one table of CSV lines, each on its kind of source; the columns
// are PostgreSQL's.
var loaders = map[string]func(t *testing.T, table, columns, lines string) (source.Engine, oriel.Source){
	"DuckDB": func(t *testing.T, table, _, lines string) (source.Engine, oriel.Source) {
		folder, files := t.TempDir(), t.TempDir()
		if err := os.WriteFile(filepath.Join(files, table+".csv"), []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := duckdb.Import(t.Context(), folder, table, files, []string{table + ".csv"})
		if err != nil {
			t.Fatal(err)
		}
		engine, err := duckdb.Open(folder, duckdb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return engine, src
	},
	"PostgreSQL": func(t *testing.T, table, columns, lines string) (source.Engine, oriel.Source) {
		conn := server.Connect(t, "postgres")
		for _, text := range []string{"DROP TABLE IF EXISTS " + table, "CREATE TABLE " + table + " (" + columns + ")"} {
			if _, err := conn.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader(lines), "COPY "+table+" FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
			t.Fatal(err)
		}
		src, _, err := postgres.Sync(t.Context(), oriel.Source{Key: table, Kind: oriel.SourcePostgres, URL: server.URL("postgres"), Schema: "public", Only: []string{table}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return postgres.Open(postgres.Options{}), src
	},
}

// engines open the trips, each on its kind of source.
var engines = map[string]func(t *testing.T) (source.Engine, oriel.Source){
	"DuckDB": func(t *testing.T) (source.Engine, oriel.Source) { return loaders["DuckDB"](t, "trips", "", trips) },
	"PostgreSQL": func(t *testing.T) (source.Engine, oriel.Source) {
		return loaders["PostgreSQL"](t, "trips", "owner text, started_at timestamp, day date, kind text, minutes integer, cost double precision", trips)
	},
}

func runTrips(t *testing.T, open func(*testing.T) (source.Engine, oriel.Source), tree oriel.Structured, parameters map[string]source.ParameterValue, limit int) (string, oriel.Result) {
	t.Helper()
	engine, src := open(t)
	defer func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}()
	table, _ := src.Table("trips")
	owner, _ := table.Column("owner")
	d := access.NewDecisions(src, map[string]access.Decision{"trips": {
		Table: oriel.TableRef{Source: "trips", Table: "trips"}, Columns: access.Visible(table.Columns),
		Rows: access.Compare{Column: owner, Op: access.Equal, Value: oriel.TextScalar("a")},
	}}, nil)
	narrowed, err := engine.Narrow(t.Context(), source.Query{Structured: &source.StructuredQuery{Tree: tree, Table: "trips", Parameters: parameters, Limit: limit}}, d)
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(t.Context(), narrowed)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range result.RowCount {
		var cells []string
		for c := range result.Columns {
			cells = append(cells, string(result.Values[c][i]))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, " | "), result
}

func TestStructured_onEveryEngine(t *testing.T) {
	between := []oriel.Filter{{Column: "started_at", Op: "between", Parameter: "date"}}
	tests := []struct {
		name       string
		tree       oriel.Structured
		parameters map[string]source.ParameterValue
		want       string
	}{
		{name: "nulls come last, upwards", tree: oriel.Structured{Columns: []string{"minutes"}, Sort: []oriel.Sort{{By: "minutes"}}}, want: "10 | 20 | 31 | 40 | null"},
		{name: "nulls come last, downwards", tree: oriel.Structured{Columns: []string{"minutes"}, Sort: []oriel.Sort{{By: "minutes", Descending: true}}}, want: "40 | 31 | 20 | 10 | null"},
		{name: "ties are sorted by the other columns", tree: oriel.Structured{Columns: []string{"kind", "minutes"}, Sort: []oriel.Sort{{By: "kind"}}}, want: `"x" 10 | "x" 20 | "y" 40 | "y" null | null 31`},
		{name: "functions", tree: oriel.Structured{Aggregations: []oriel.Aggregation{
			{Function: "count", As: "n"}, {Function: "distinct", Column: "kind", As: "kinds"}, {Function: "sum", Column: "minutes", As: "total"}, {Function: "sum", Column: "cost", As: "cost"},
			{Function: "avg", Column: "minutes", As: "mean"}, {Function: "median", Column: "minutes", As: "middle"}, {Function: "min", Column: "started_at", As: "first"}, {Function: "max", Column: "day", As: "last"},
		}}, want: `5 2 101 7.75 25.25 25.5 "2001-01-01T00:00:00" "2001-03-01"`},
		{name: "share is of all rows, those without a value too", tree: oriel.Structured{Aggregations: []oriel.Aggregation{
			{Function: "share", As: "s", Where: []oriel.Filter{{Column: "minutes", Op: ">", Value: 15.0}}},
		}}, want: "0.6"},
		{name: "figures over no rows", tree: oriel.Structured{
			Filters:      []oriel.Filter{{Column: "kind", Op: "=", Value: "nosuch"}},
			Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}, {Function: "avg", Column: "minutes", As: "m"}, {Function: "share", As: "s", Where: []oriel.Filter{{Column: "minutes", Op: ">", Value: 1.0}}}},
		}, want: "0 null null"},
		{name: "where in an aggregation", tree: oriel.Structured{Aggregations: []oriel.Aggregation{
			{Function: "sum", Column: "minutes", As: "m", Where: []oriel.Filter{{Column: "kind", Op: "in", Value: []any{"x"}}}},
			{Function: "count", As: "n", Where: []oriel.Filter{{Column: "kind", Op: "is_null"}}},
		}}, want: "30 1"},
		{name: "days", tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: "started_at", Unit: "day", As: "d"}}, Aggregations: count()},
			want: `"2001-01-01" 1 | "2001-01-31" 1 | "2001-02-01" 1 | "2001-02-28" 1 | null 1`},
		{name: "weeks begin on Monday", tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: "day", Unit: "week", As: "d"}}, Aggregations: count()},
			want: `"2001-01-01" 1 | "2001-01-29" 2 | "2001-02-26" 2`},
		{name: "months, quarters, years, hours", tree: oriel.Structured{Breakouts: []oriel.Breakout{
			{Column: "started_at", Unit: "month", As: "m"}, {Column: "started_at", Unit: "quarter", As: "q"}, {Column: "started_at", Unit: "year", As: "y"}, {Column: "started_at", Unit: "hour_of_day", As: "h"},
		}, Aggregations: count()}, want: `"2001-01-01" "2001-01-01" "2001-01-01" 0 1 | "2001-01-01" "2001-01-01" "2001-01-01" 23 1 | "2001-02-01" "2001-01-01" "2001-01-01" 0 1 | "2001-02-01" "2001-01-01" "2001-01-01" 12 1 | null null null null 1`},
		{name: "minutes and hours", tree: oriel.Structured{Breakouts: []oriel.Breakout{
			{Column: "started_at", Unit: "minute", As: "m"}, {Column: "started_at", Unit: "hour", As: "h"}, {Column: "started_at", Unit: "minute_of_hour", As: "p"},
		}, Aggregations: count(), Filters: []oriel.Filter{{Column: "started_at", Op: "<", Value: "2001-02-01"}}},
			want: `"2001-01-01T00:00:00" "2001-01-01T00:00:00" 0 1 | "2001-01-31T23:59:00" "2001-01-31T23:00:00" 59 1`},
		{name: "parts of a date", tree: oriel.Structured{Breakouts: []oriel.Breakout{
			{Column: "day", Unit: "day_of_week", As: "w"}, {Column: "day", Unit: "day_of_month", As: "m"}, {Column: "day", Unit: "day_of_year", As: "y"},
			{Column: "day", Unit: "week_of_year", As: "k"}, {Column: "day", Unit: "month_of_year", As: "n"}, {Column: "day", Unit: "quarter_of_year", As: "q"},
		}, Aggregations: count()}, want: "1 1 1 1 1 1 1 | 3 28 59 9 2 1 1 | 3 31 31 5 1 1 1 | 4 1 32 5 2 1 1 | 4 1 60 9 3 1 1"},
		{name: "parts of a timestamp", tree: oriel.Structured{Breakouts: []oriel.Breakout{
			{Column: "started_at", Unit: "day_of_week", As: "w"}, {Column: "started_at", Unit: "week_of_year", As: "k"}, {Column: "started_at", Unit: "quarter_of_year", As: "q"},
		}, Aggregations: count()}, want: "1 1 1 1 | 3 5 1 1 | 3 9 1 1 | 4 5 1 1 | null null null 1"},
		{name: "percentiles lie between two values", tree: oriel.Structured{Aggregations: []oriel.Aggregation{
			{Function: "percentile", Column: "minutes", At: 0.9, As: "p90"}, {Function: "percentile", Column: "minutes", At: 0.25, As: "p25"},
			{Function: "percentile", Column: "cost", At: 0.5, As: "of_x", Where: []oriel.Filter{{Column: "kind", Op: "=", Value: "x"}}},
			{Function: "percentile", Column: "cost", At: 0.5, As: "of_none", Where: []oriel.Filter{{Column: "kind", Op: "=", Value: "nosuch"}}},
		}}, want: "37.300000000000004 17.5 2 null"},
		{name: "a running total goes on where there is nothing", tree: oriel.Structured{
			Breakouts: []oriel.Breakout{{Column: "day", Unit: "month", As: "m"}}, Aggregations: []oriel.Aggregation{
				{Function: "running_total", As: "n"}, {Function: "running_total", Column: "minutes", As: "total"}, {Function: "sum", Column: "minutes", As: "own"},
				{Function: "running_total", Column: "minutes", As: "of_y", Where: []oriel.Filter{{Column: "kind", Op: "=", Value: "y"}}}, {Function: "running_total", Column: "cost", As: "cost"},
			}, Sort: []oriel.Sort{{By: "m", Descending: true}},
		}, want: `"2001-03-01" 5 101 40 40 7.75 | "2001-02-01" 4 61 31 null 7.5 | "2001-01-01" 2 30 30 null 4`},
		{name: "a running total of each series", tree: oriel.Structured{
			Breakouts: []oriel.Breakout{{Column: "day", Unit: "day", As: "d"}, {Column: "kind"}}, Aggregations: []oriel.Aggregation{{Function: "running_total", As: "n"}},
			Having: []oriel.Filter{{Column: "n", Op: ">=", Value: 2.0}},
		}, want: `"2001-01-31" "x" 2 | "2001-03-01" "y" 2`},
		{name: "a limit leaves the running total as it is", tree: oriel.Structured{
			Breakouts: []oriel.Breakout{{Column: "day", Unit: "month", As: "m"}}, Aggregations: []oriel.Aggregation{{Function: "running_total", As: "n"}},
			Sort: []oriel.Sort{{By: "m", Descending: true}}, Limit: 1,
		}, want: `"2001-03-01" 5`},
		{name: "bins of whole numbers", tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: "minutes", Bin: &oriel.Bin{Width: 15}}}, Aggregations: count()},
			want: "0 1 | 15 1 | 30 2 | null 1"},
		{name: "bins of numbers", tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: "cost", Bin: &oriel.Bin{Width: 0.7}}}, Aggregations: count()},
			want: "0 1 | 1.4 1 | 2.1 1 | 3.5 1 | null 1"},
		{name: "having", tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: "kind"}}, Aggregations: count(), Having: []oriel.Filter{{Column: "n", Op: ">=", Value: 2.0}}}, want: `"x" 2 | "y" 2`},
		{name: "the last day of a range is whole", tree: oriel.Structured{Columns: []string{"day"}, Filters: between},
			parameters: map[string]source.ParameterValue{"date": {From: day("2001-01-31"), To: day("2001-01-31")}}, want: `"2001-01-31"`},
		{name: "the first moment of the next day is out", tree: oriel.Structured{Columns: []string{"day"}, Filters: between},
			parameters: map[string]source.ParameterValue{"date": {To: day("2001-01-31")}}, want: `"2001-01-01" | "2001-01-31"`},
		{name: "compare with the preceding period", tree: oriel.Structured{Aggregations: count(), Filters: between, Compare: &oriel.Compare{Column: "started_at", Parameter: "date"}},
			parameters: map[string]source.ParameterValue{"date": {From: day("2001-02-01"), To: day("2001-02-28")}}, want: "2 1"},
		{name: "compare from the first day of one's own rows", tree: oriel.Structured{Aggregations: count(), Filters: between, Compare: &oriel.Compare{Column: "started_at", Parameter: "date"}},
			parameters: map[string]source.ParameterValue{"date": {From: day("2001-01-31"), To: day("2001-03-01")}}, want: "3 1"},
		// Another owner has a row of 2000: it must not make a period comparable.
		{name: "compare before one's own rows", tree: oriel.Structured{Aggregations: count(), Filters: between, Compare: &oriel.Compare{Column: "started_at", Parameter: "date"}},
			parameters: map[string]source.ParameterValue{"date": {From: day("2001-01-31"), To: day("2001-03-02")}}, want: "3 null"},
		{name: "compare without a period", tree: oriel.Structured{Aggregations: count(), Filters: between, Compare: &oriel.Compare{Column: "started_at", Parameter: "date"}}, want: "5 null"},
		{name: "compare with all of the calendar", tree: oriel.Structured{Aggregations: count(), Filters: between, Compare: &oriel.Compare{Column: "started_at", Parameter: "date"}},
			parameters: map[string]source.ParameterValue{"date": {From: day("0001-01-01"), To: day("9999-12-31")}}, want: "4 null"},
	}
	for name, open := range engines {
		for _, tt := range tests {
			t.Run(name+"/"+tt.name, func(t *testing.T) {
				if got, _ := runTrips(t, open, tt.tree, tt.parameters, 100); got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
			})
		}
	}
}

func TestStructured_tellsWhetherTheServerCut(t *testing.T) {
	for name, open := range engines {
		tree := oriel.Structured{Columns: []string{"day"}}
		if got, r := runTrips(t, open, tree, nil, 3); !r.Truncated || r.RowCount != 3 {
			t.Errorf("%s: 5 rows under a limit of 3: %s, truncated %v", name, got, r.Truncated)
		}
		if got, r := runTrips(t, open, tree, nil, 5); r.Truncated || r.RowCount != 5 {
			t.Errorf("%s: 5 rows under a limit of 5: %s, truncated %v", name, got, r.Truncated)
		}
		tree.Limit = 3
		if got, r := runTrips(t, open, tree, nil, 3); r.Truncated || r.RowCount != 3 {
			t.Errorf("%s: a question's own limit is no truncation: %s, truncated %v", name, got, r.Truncated)
		}
	}
}
