package query_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var trips = []table{
	{"flights", `id bigint, origin text, destination text, delay bigint, day date, departed_at timestamp, late boolean`, "1,DFW,LAX,5,2001-01-01,2001-01-01 10:00:00,false\n"},
	{"airports", `iata text, name text, city text`, "DFW,Dallas Fort Worth,Dallas\n"},
}

// mistakeParameters are those that a text names.
func mistakeParameters(text string) []oriel.Parameter {
	all := []oriel.Parameter{
		{Name: "days", Type: oriel.ParameterDateRange}, {Name: "places", Type: oriel.ParameterList}, {Name: "place", Type: oriel.ParameterText, Required: true},
		{Name: "least", Type: oriel.ParameterNumber, Required: true}, {Name: "flag", Type: oriel.ParameterBoolean},
		{Name: "delay", Type: oriel.ParameterColumn, Column: &oriel.FilteredColumn{Table: "flights", Name: "delay"}},
	}
	var used []oriel.Parameter
	for _, p := range all {
		if strings.Contains(text, "{{"+p.Name+"}}") || strings.Contains(text, "{{"+p.Name+".") {
			used = append(used, p)
		}
	}
	return used
}

// mistake is a text and what its author reads on each engine; empty where the
// engine takes it.
type mistake struct{ sql, duckdb, postgres string }

// same is what the other engine says as well.
const same = "same"

var mistakes = []mistake{
	// Names.
	{
		"select origon from flights",
		`line 1, column 8: Referenced column "origon" not found in FROM clause! Candidate bindings: "origin", "id", "destination"`,
		`line 1, column 8: column "origon" does not exist`,
	},
	{
		"select f.origon from flights f",
		`line 1, column 8: The table "f" does not have a column named "origon"`,
		"line 1, column 8: column f.origon does not exist",
	},
	{
		"select flights.origin from flights f",
		`line 1, column 8: Referenced table "flights" not found! Candidate tables: "f"`,
		`line 1, column 8: missing FROM-clause entry for table "flights"`,
	},
	{
		"select g.origin from flights f",
		`line 1, column 8: Referenced table "g" not found! Candidate tables: "f"`,
		`line 1, column 8: missing FROM-clause entry for table "g"`,
	},
	{"select * from flight", `line 1, column 15: there is no table "flight"`, same},
	{"select origin\nfrom flights\njoin airport on true", `line 3, column 6: there is no table "airport"`, same},
	{
		"select * from main.flightz",
		`line 1, column 15: name the table "flightz" without a schema or database`,
		`line 1, column 15: there is no table "main.flightz"`,
	},
	{
		"select iata from airports a, airports b",
		`line 1, column 8: Ambiguous reference to column name "iata" (use: "a.iata" or "b.iata")`,
		`line 1, column 8: column reference "iata" is ambiguous`,
	},
	{"select lenght(origin) from flights", "line 1, column 8: the function lenght is not allowed: did you mean length?", same},
	{
		"select origin from flights order by delays",
		`line 1, column 37: Referenced column "delays" not found in FROM clause! Candidate bindings: "delay", "day", "late", "destination", "departed_at"`,
		`line 1, column 37: column "delays" does not exist`,
	},
	{
		"select count(*) from flights group by orign",
		`line 1, column 39: Referenced column "orign" not found in FROM clause! Candidate bindings: "origin", "destination"`,
		`line 1, column 39: column "orign" does not exist`,
	},
	{
		"select \"Origin\" from flights",
		"",
		`line 1, column 8: column "Origin" does not exist`,
	},
	{
		"select origin from flights where destination = \"LAX\"",
		`line 1, column 48: Referenced column "LAX" not found in FROM clause! Candidate bindings: "day" (in double quotes it is a name; a text stands in single quotes)`,
		`line 1, column 48: column "LAX" does not exist (in double quotes it is a name; a text stands in single quotes)`,
	},
	{
		"with a as (select origin from flights)\nselect destination from a",
		`line 2, column 8: Referenced column "destination" not found in FROM clause! Candidate bindings: "origin"`,
		`line 2, column 8: column "destination" does not exist`,
	},
	{"with flights as (select 1 as x) select * from flights", `WITH may not name a query "flights"; choose a name that no table bears`, same},
	// Syntax.
	{
		"select origin, from flights where",
		"line 1, column 34: syntax error at end of input",
		`line 1, column 16: syntax error at or near "from"`,
	},
	{"selct origin from flights", `line 1, column 1: syntax error at or near "selct"`, same},
	{"select origin from flights were delay > 5", `line 1, column 33: syntax error at or near "delay"`, same},
	{"select origin from flights where delay > ", "line 1, column 41: syntax error at end of input", same},
	{"select origin from flights where (delay > 5", "line 1, column 44: syntax error at end of input", same},
	{"select origin from flights where origin = 'DFW", "line 1, column 43: ' is not closed", same},
	{"select origin from flights group origin", `line 1, column 34: syntax error at or near "origin"`, same},
	{"select origin destination delay from flights", `line 1, column 27: syntax error at or near "delay"`, same},
	{"select origin from flights where delay => 5", `line 1, column 40: syntax error at or near "=>"`, same},
	{
		"select count(*) from flights having by origin",
		`line 1, column 37: syntax error at or near "by"`,
		`line 1, column 40: syntax error at or near "origin"`,
	},
	{"select origin from flights; select 1", "there are 2 statements; exactly one SELECT is run", same},
	{"select case when delay > 5 then 1 from flights", `line 1, column 35: syntax error at or near "from"`, same},
	{"delete from flights", "only a SELECT is run", same},
	{"", "the text holds no SELECT", same},
	{"-- nothing", "the text holds no SELECT", same},
	// Types.
	{
		"select sum(origin) from flights",
		"line 1, column 8",
		"line 1, column 8: function pg_catalog.sum(text) does not exist",
	},
	{
		"select delay + origin from flights",
		"line 1, column 14",
		"line 1, column 14: operator does not exist: bigint + text",
	},
	{
		"select origin from flights where delay = 'late'",
		"",
		`line 1, column 42: invalid input syntax for type bigint: "late"`,
	},
	{
		"select origin from flights where day > '2001-13-01'",
		"",
		`line 1, column 40: date/time field value out of range: "2001-13-01"`,
	},
	{
		"select origin from flights where origin > 5",
		"line 1, column 41: Cannot compare values of type VARCHAR and type INTEGER_LITERAL - an explicit cast is required",
		"line 1, column 41: operator does not exist: text > integer",
	},
	{
		"select day + 'a' from flights",
		"line 1, column 12",
		"line 1, column 12: operator is not unique: date + unknown",
	},
	{
		"select cast('abc' as integer) from flights",
		"",
		`line 1, column 13: invalid input syntax for type integer: "abc"`,
	},
	{
		"select origin from flights where delay",
		"",
		"line 1, column 34: argument of WHERE must be type boolean, not type bigint",
	},
	{
		"select date_trunc('dya', departed_at) from flights",
		`extract specifier "dya" not recognized`,
		"",
	},
	{
		"select lower(origin, 2) from flights",
		"line 1, column 8",
		"line 1, column 8: function pg_catalog.lower(text, integer) does not exist",
	},
	{
		"select case when late then 1 else 'a' end from flights",
		"",
		`line 1, column 35: invalid input syntax for type integer: "a"`,
	},
	{
		"select coalesce(delay, 'none') from flights",
		"",
		`line 1, column 24: invalid input syntax for type bigint: "none"`,
	},
	// Groups.
	{
		"select origin, count(*) from flights",
		`line 1, column 8: column "origin" must appear in the GROUP BY clause or must be part of an aggregate function`,
		`line 1, column 8: column "flights.origin" must appear in the GROUP BY clause or be used in an aggregate function`,
	},
	{
		"select origin from flights where count(*) > 1",
		"line 1, column 34: WHERE clause cannot contain aggregates!",
		"line 1, column 34: aggregate functions are not allowed in WHERE",
	},
	{"select max(count(*)) from flights", "line 1, column 12: aggregate function calls cannot be nested", same},
	{
		"select origin, delay from flights group by origin",
		`line 1, column 16: column "delay" must appear in the GROUP BY clause or must be part of an aggregate function`,
		`line 1, column 16: column "flights.delay" must appear in the GROUP BY clause or be used in an aggregate function`,
	},
	{"select row_number() from flights", "line 1, column 8: row_number needs OVER: write row_number() over (order by …)", same},
	{
		"select origin from flights group by 5",
		"GROUP BY term out of range - should be between 1 and 1",
		"line 1, column 37: GROUP BY position 5 is not in select list",
	},
	{
		"select origin from flights where row_number() over () = 1",
		"line 1, column 34: WHERE clause cannot contain window functions!",
		"line 1, column 34: window functions are not allowed in WHERE",
	},
	// Sets and subqueries.
	{
		"select origin from flights union select origin, delay from flights",
		"Set operations can only apply to expressions with the same number of result columns",
		"line 1, column 41: each UNION query must have the same number of columns",
	},
	{
		"select origin from flights union select delay from flights",
		"",
		"line 1, column 41: UNION types text and bigint cannot be matched",
	},
	{
		"select origin from flights where origin = (select iata, name from airports)",
		"line 1, column 43: Subquery returns 2 columns - expected 1",
		"line 1, column 43: subquery must return only one column",
	},
	{
		"select origin from (select origin from flights)\nwhere delay > 5",
		`line 2, column 7: Referenced column "delay" not found in FROM clause! Candidate bindings: "origin"`,
		"line 1, column 8: subquery in FROM must have an alias",
	},
	{
		"select * from flights limit -1",
		"line 1, column 29: LIMIT/OFFSET cannot be negative",
		"LIMIT must not be negative",
	},
	{
		"select * from flights limit 'ten'",
		"line 1, column 29: Could not convert string 'ten' to INT64",
		`line 1, column 29: invalid input syntax for type bigint: "ten"`,
	},
	{
		"select origin from flights f join airports a on f.origin = a.code",
		`line 1, column 60: The table "a" does not have a column named "code"`,
		"line 1, column 60: column a.code does not exist",
	},
	{"select origin from flights join airports", "line 1, column 41: syntax error at end of input", same},
	// What questions may not use.
	{
		"select * from read_csv('x.csv')",
		"line 1, column 15: the table function read_csv is not allowed; name a table",
		"line 1, column 1: a function in FROM (name a table there) is not allowed",
	},
	{"select random() from flights", "line 1, column 8: the function random is not allowed", same},
	{"select pg_sleep(1)", "line 1, column 8: the function pg_sleep is not allowed", same},
	{
		"select current_user",
		`line 1, column 8: "current_user" is not allowed; if it is a column, write TABLE.current_user`,
		"line 1, column 8: of the words that are functions only CURRENT_DATE",
	},
	{
		"select * from generate_series(1, 5)",
		"line 1, column 15: the table function generate_series is not allowed; name a table",
		"line 1, column 1: a function in FROM (name a table there) is not allowed",
	},
	{
		"select * from information_schema.tables",
		`line 1, column 15: name the table "tables" without a schema or database`,
		`line 1, column 15: there is no table "information_schema.tables"`,
	},
	{
		"with recursive a as (select 1 as n union all select n + 1 from a) select * from a",
		"WITH RECURSIVE is not allowed",
		"line 1, column 1: WITH RECURSIVE is not allowed",
	},
	{
		"select origin from flights where origin like destination",
		"line 1, column 41: the pattern of LIKE must be a text in quotes; to look for a value write contains(COLUMN, {{name}}), starts_with or ends_with",
		"",
	},
	{
		"select [1, 2] from flights",
		`the column "main.list_value(1, 2)" has the type LIST, which a result can't hold; cast it to VARCHAR or TIMESTAMP`,
		`line 1, column 8: syntax error at or near "["`,
	},
	{
		"select origin::json from flights",
		"line 1, column 14: the type json is not allowed",
		`the column "origin" has a type which a result can't hold; cast it to text`,
	},
	{"select array_agg(origin) from flights", "line 1, column 8: the function array_agg is not allowed", same},
	// With parameters around.
	{"select origin\nfrom flights\nwhere origin in {{places}}", "line 3, column 17: {{places}} may be missing: put the condition into [[ … ]], make the parameter required or give it a default", same},
	{
		"select origin\nfrom flights\nwhere true\n  [[ and day >= {{days.from}} ]]\n  [[ and origin in {{places}} ]]\n  and delays > 5",
		`line 6, column 7: Referenced column "delays" not found in FROM clause! Candidate bindings: "delay", "day", "late", "destination", "departed_at"`,
		`line 6, column 7: column "delays" does not exist`,
	},
	{
		"select origin\nfrom flights\nwhere {{delay}} and origin = {{place}} and orign = {{place}}",
		`line 3, column 44: Referenced column "orign" not found in FROM clause! Candidate bindings: "origin", "destination"`,
		`line 3, column 44: column "orign" does not exist`,
	},
	{
		"select origin from flights where true [[ and ('x' in {{places}}) ]] and delay > {{least}} and /* ü */ nothing = 1",
		`line 1, column 103: Referenced column "nothing" not found in FROM clause! Candidate bindings: "origin", "destination"`,
		`line 1, column 103: column "nothing" does not exist`,
	},
	{
		"select origin\nfrom flights\nwhere true [[ and day >= {{days.from}} and orign = 1 ]]",
		`line 3, column 44: Referenced column "orign" not found in FROM clause! Candidate bindings: "origin", "destination"`,
		`line 3, column 44: column "orign" does not exist`,
	},
	{
		"select origin from flights where delay = {{place}}",
		"",
		"line 1, column 40: operator does not exist: bigint = character varying",
	},
	{
		"select origin from flights where day = {{least}}",
		"",
		"line 1, column 38: operator does not exist: date = bigint",
	},
	{"select origin from flights where origin = {{places}}", "line 1, column 43: {{places}} may be missing: put the condition into [[ … ]], make the parameter required or give it a default", same},
	{
		"select origin from flights limit {{place}}",
		"line 1, column 34",
		"line 1, column 34: argument of LIMIT must be type bigint, not type character varying",
	},
	{
		"select origin from flights where {{delay}} > 5",
		"",
		"line 1, column 44: operator does not exist: boolean > integer",
	},
	{
		"select origin from flights where destination = {{place}} and flights.delay > {{least}} and g.delay = 2",
		`line 1, column 92: Referenced table "g" not found! Candidate tables: "flights"`,
		`line 1, column 92: missing FROM-clause entry for table "g"`,
	},
}

// Whoever writes a text reads in one sentence what is wrong, and where in the
// text as they wrote it.
func TestCheck_tellsAnalystsTheirMistakes(t *testing.T) {
	onBoth(t, trips, func(t *testing.T, s *sample) {
		kind := s.declared.Sources[0].Kind
		refused := 0
		for _, m := range mistakes {
			want := m.duckdb
			if kind == oriel.SourcePostgres && m.postgres != same {
				want = m.postgres
			}
			s.declared.Questions = []oriel.Question{{Key: "q", Source: "s", SQL: m.sql, Parameters: mistakeParameters(m.sql)}}
			err := s.queries.Check(t.Context(), *s.declared)
			if want == "" {
				if err != nil {
					t.Errorf("%q: %v", m.sql, err)
				}
				continue
			}
			refused++
			if err == nil || !strings.HasPrefix(oriel.MessageOf(err), `question "q": `+want) {
				t.Errorf("%q:\n got %v\nwant %s", m.sql, err, want)
			}
		}
		if refused < 60 {
			t.Errorf("only %d mistakes were refused", refused)
		}
	})
}
