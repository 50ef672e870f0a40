package postgres_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

func TestRun_writesEveryTypeExactly(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, c := range []struct {
		expression string
		kind       oriel.ColumnType
		value      string
	}{
		{"42", oriel.TypeInteger, "42"},
		{"-42", oriel.TypeInteger, "-42"},
		{"9007199254740991", oriel.TypeInteger, "9007199254740991"},
		{"9007199254740992", oriel.TypeInteger64, `"9007199254740992"`},
		{"-9007199254740993", oriel.TypeInteger64, `"-9007199254740993"`},
		{"9223372036854775807", oriel.TypeInteger64, `"9223372036854775807"`},
		{"-9223372036854775807 - 1", oriel.TypeInteger64, `"-9223372036854775808"`},
		{"cast('1234567890123456789012345678.0123456789' as numeric(38, 10))", oriel.TypeDecimal, `"1234567890123456789012345678.0123456789"`},
		{"cast('-0.0000000001' as numeric(38, 10))", oriel.TypeDecimal, `"-0.0000000001"`},
		{"cast('18446744073709551615' as numeric)", oriel.TypeDecimal, `"18446744073709551615"`},
		{"cast('1e-20' as numeric)", oriel.TypeDecimal, `"0.00000000000000000001"`},
		{"cast('infinity' as numeric)", oriel.TypeDecimal, "null"},
		{"cast('-0' as float8)", oriel.TypeNumber, "-0"},
		{"cast('infinity' as float4)", oriel.TypeNumber, "null"},
		{"cast('0001-12-31 BC' as date)", oriel.TypeDate, "null"},
		{"cast('0001-12-31 12:00:00 BC' as timestamp)", oriel.TypeTimestamp, "null"},
		{"date '0001-01-01'", oriel.TypeDate, `"0001-01-01"`},
		{"cast('9999-12-31' as date)", oriel.TypeDate, `"9999-12-31"`},
		{"cast('-infinity' as timestamptz)", oriel.TypeTimestamp, "null"},
		{"'=cmd|x!A1'", oriel.TypeText, `"=cmd|x!A1"`},
		{"cast(sum(n) as bigint) from (values (1), (2)) as v(n)", oriel.TypeInteger, "3"},
		{"1.50", oriel.TypeDecimal, `"1.50"`},
		{"-0.05", oriel.TypeDecimal, `"-0.05"`},
		{"'nan'::numeric", oriel.TypeDecimal, "null"},
		{"0.1::float8 + 0.2::float8", oriel.TypeNumber, "0.30000000000000004"},
		{"0.1::float4", oriel.TypeNumber, "0.1"},
		{"1e300::float8", oriel.TypeNumber, "1e+300"},
		{"'nan'::float8", oriel.TypeNumber, "null"},
		{"'-infinity'::float8", oriel.TypeNumber, "null"},
		{"1 = 1", oriel.TypeBoolean, "true"},
		{"null::boolean", oriel.TypeBoolean, "null"},
		{"date '2001-01-31'", oriel.TypeDate, `"2001-01-31"`},
		{"'infinity'::date", oriel.TypeDate, "null"},
		{"'0044-03-15 BC'::date", oriel.TypeDate, "null"},
		{"'10000-01-01'::date", oriel.TypeDate, "null"},
		{"timestamp '2001-01-31 14:05:00'", oriel.TypeTimestamp, `"2001-01-31T14:05:00"`},
		{"timestamp '2001-04-01 02:30:00.5'", oriel.TypeTimestamp, `"2001-04-01T02:30:00.5"`},
		{"'infinity'::timestamp", oriel.TypeTimestamp, "null"},
		{"timestamptz '2001-04-01 02:30:00-05'", oriel.TypeTimestamp, `"2001-04-01T07:30:00"`},
		{"timestamp '2001-07-01 12:00' at time zone 'Europe/Paris'", oriel.TypeTimestamp, `"2001-07-01T10:00:00"`},
		{"time '14:05:00'", oriel.TypeText, `"14:05:00"`},
		{"'a'", oriel.TypeText, `"a"`},
		{`'<a> "b" \ ` + "\u2028" + `'`, oriel.TypeText, `"\u003ca\u003e \"b\" \\ \u2028"`},
		{"null", oriel.TypeText, "null"},
	} {
		result, err := b.ask(decisions, "select "+c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if result.Columns[0].Type != c.kind || string(result.Values[0][0]) != c.value {
			t.Errorf("%s: %s %s, want %s %s", c.expression, result.Columns[0].Type, result.Values[0][0], c.kind, c.value)
		}
	}
}

// What an analyst may write, so that the printer is held to all of it.
func TestNarrow_takesTheSQLThatAnalystsWrite(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, text := range []string{
		"select * from flights",
		"table airports",
		"select f.*, a.name from flights f join airports a on a.iata = f.destination order by 1 desc nulls last, 2 limit 10 offset 2",
		"select distinct on (destination) destination, delay_minutes from flights order by destination, delay_minutes desc",
		"select distinct destination from flights",
		"select origin, count(*), count(distinct destination), sum(delay_minutes) filter (where delay_minutes > 0) from flights group by origin having count(*) > 1",
		"select destination, distance_miles, count(*) from flights group by rollup (destination, distance_miles)",
		"select destination, grouping(destination), count(*) from flights group by grouping sets ((destination), (), (destination, distance_miles))",
		"select count(*) from flights group by cube ((destination, distance_miles), origin)",
		"select destination, row_number() over (partition by destination order by delay_minutes desc nulls first) from flights",
		"select sum(delay_minutes) over w, avg(delay_minutes) over (w rows between 3 preceding and current row exclude ties) from flights window w as (partition by destination order by departed_at)",
		"select sum(1) over (order by departed_at range between interval '1 day' preceding and interval '2 days' following) from flights",
		"select first_value(destination) over (order by departed_at rows unbounded preceding) from flights",
		"with x as (select origin from flights), y(o) as materialized (select origin from x), z as not materialized (table y) select * from z, x where x.origin = z.o limit 3",
		"select origin from flights union all (select iata from airports order by 1 limit 1) except select 'x' intersect select 'y'",
		"values (1, 'a'), (2, 'b') order by 1",
		"select * from (values (1, 'a'), (2, null)) as v(a, b) left join airports on b = iata",
		"select * from airports natural join (select 'DFW' as iata) x",
		"select * from (airports a cross join (select 1 as one) b) full join airports c using (iata)",
		"select a.iata from airports a right join flights f on f.destination = a.iata and not (a.latitude between 1 and 2)",
		"select a.iata, x.n from airports a left join lateral (select count(*) as n from flights f where f.destination = a.iata) x on true",
		"select case destination when 'LAX' then 1 else 2 end, case when delay_minutes > 1 or delay_minutes < -1 and true then 'x' end from flights",
		"select coalesce(null, 1), greatest(1, 2), least(1, 2), nullif(1, 2), 1 is distinct from 2, 1 is not distinct from 2, true is not unknown, (1 = 1) is true",
		"select -delay_minutes, - - 1, -(-1), 2 ^ 3, 5 % 3, 1.5e3, -1.5, .5, 'a' || 'b', 2 * (3 + 4) * 5, not not true from flights limit 1",
		"select extract(year from departed_at), departed_at at time zone 'UTC', position('a' in 'cat'), substring('cat' from 2 for 1), overlay('cat' placing 'o' from 2), trim(both 'c' from 'cat'), trim('x') from flights limit 1",
		"select date_trunc('month', departed_at), to_char(departed_at, 'YYYY-MM'), departed_at + interval '1 day', departed_at::date, cast(1 as numeric(10, 2)), 'x'::varchar(3), age(departed_at, departed_at)::text, date_part('dow', departed_at) from flights limit 1",
		"select 'a' like 'a%', 'a' not like 'b' escape '!', 'a' ilike 'A', 'a' not ilike 'b', 'a' similar to 'a|b', 'a' not similar to 'b' escape '#', 'a' ~ 'a', 'a' !~* 'b'",
		"select 1 in (1, 2), 1 not in (3, 4), (1, 2) in ((1, 2)), row(1, 2) = row(1, 2), 1 = any (array[1, 2]), 1 <> all (array[1, 2]), 2 between symmetric 3 and 1, 2 not between 3 and 1",
		"select 1 in (select 1), 1 not in (select 2), 1 = any (select 1), 1 <= all (select 1), exists (select 1), (select max(delay_minutes) from flights), (1, 2) = (select 1, 2)",
		"select percentile_cont(0.5) within group (order by delay_minutes desc), mode() within group (order by destination), string_agg(distinct destination, ', ' order by destination) from flights",
		`select "f"."destination" as "Wo ""hin" from flights as "f" ("a", "b", "destination") limit 1`,
		"select current_date = current_date, power(2, 0.5), exp(1), sqrt(2), ln(2.5), round(2.345, 2)",
		"select * from flights f fetch first 3 rows only",
		"select * from flights f order by destination fetch first 3 rows with ties",
		"select E'a\\nb', 'it''s', U&'\\0041', $$dollar$$, N'n'",
	} {
		if _, err := b.ask(decisions, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
