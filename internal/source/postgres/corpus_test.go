//go:build !race

package postgres_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

func corpus(t *testing.T) []postgres.Escape {
	t.Helper()
	return postgres.Corpus(t)
}

// permittedOnly is a sample that holds nothing but what an airport may see,
// filtered here without SQL.
func permittedOnly(t *testing.T, airport string) bench {
	t.Helper()
	files := sampleFiles(t)
	for name, column := range map[string]string{"flights.csv": "origin", "wildlife_strikes.csv": "airport"} {
		rows, err := csv.NewReader(strings.NewReader(files[name])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at := slices.Index(rows[0], column)
		kept := slices.DeleteFunc(rows[1:], func(row []string) bool { return row[at] != airport })
		var out strings.Builder
		if err := csv.NewWriter(&out).WriteAll(append([][]string{rows[0]}, kept...)); err != nil {
			t.Fatal(err)
		}
		files[name] = out.String()
	}
	return open(t, "airports", files, postgres.Options{})
}

// shared opens every table.
var shared = []oriel.Policy{
	{Table: oriel.TableRef{Source: "airports", Table: "flights"}, Shared: true},
	{Table: oriel.TableRef{Source: "airports", Table: "wildlife_strikes"}, Shared: true},
	{Table: oriel.TableRef{Source: "airports", Table: "airports"}, Shared: true},
}

func without(policies []oriel.Policy, closed []string) []oriel.Policy {
	return slices.DeleteFunc(slices.Clone(policies), func(p oriel.Policy) bool { return slices.Contains(closed, p.Table.Table) })
}

// answer is all that somebody can tell about a query's end, the log included.
func answer(result oriel.Result, err error) []string {
	if err != nil {
		var e *oriel.Error
		if !errors.As(err, &e) {
			return []string{err.Error()}
		}
		return []string{string(e.Code), e.Message, err.Error()}
	}
	var lines []string
	for _, row := range cells(result) {
		lines = append(lines, strings.Join(row, " "))
	}
	slices.Sort(lines)
	lines = append(lines, fmt.Sprintf("truncated %v", result.Truncated))
	for _, c := range result.Columns {
		lines = append(lines, c.Name+" "+string(c.Type))
	}
	return lines
}

// Every case is refused, or answers exactly as a database would that holds the
// permitted rows only: the same rows, counts, types, success or failure.
func TestCorpus_everyEscapeIsRefusedOrShowsPermittedRowsOnly(t *testing.T) {
	full := openSample(t, postgres.Options{})
	cases := corpus(t)
	for _, airport := range []string{"DFW", "ORD"} {
		reduced := permittedOnly(t, airport)
		for _, c := range cases {
			t.Run(airport+"/"+c.Name, func(t *testing.T) {
				var arguments []oriel.Scalar
				for _, a := range c.Arguments {
					arguments = append(arguments, oriel.TextScalar(a))
				}
				decisions := decide(t, someone(airport), full.source, without(samplePolicies, c.Closed))
				result, err := full.ask(decisions, c.SQL, arguments...)
				switch c.Outcome {
				case "refused":
					if oriel.CodeOf(err) != oriel.CodeQueryRefused {
						t.Fatalf("%v, %d rows: want query_refused", err, result.RowCount)
					}
				case "narrowed":
					if oriel.CodeOf(err) == oriel.CodeQueryRefused {
						t.Fatalf("refused: %v", err)
					}
					same, errSame := reduced.ask(decide(t, someone(airport), reduced.source, without(shared, c.Closed)), c.SQL, arguments...)
					if diff := cmp.Diff(answer(same, errSame), answer(result, err)); diff != "" {
						t.Errorf("not what the permitted rows alone give (%v, %v): %s", err, errSame, diff)
					}
				default:
					t.Fatalf("the outcome %q is not known", c.Outcome)
				}
			})
		}
	}
}

func TestCorpus_someoneWithoutTheAttributeSeesNoRow(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone(""), b.source, samplePolicies)
	for _, table := range []string{"flights", "wildlife_strikes"} {
		result, err := b.ask(decisions, "select * from "+table)
		if err != nil || result.RowCount != 0 || len(result.Columns) == 0 {
			t.Errorf("%s: %d rows, %v", table, result.RowCount, err)
		}
	}
}

// Afterwards the parser must still read plain texts: one that overflowed reads
// everything wrongly.
func TestNarrow_refusesWhatWouldBreakTheParserOrKeepTheEngineBusy(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	deep := func(before, middle, after string, times int) string {
		return strings.Repeat(before, times) + middle + strings.Repeat(after, times)
	}
	for name, text := range map[string]string{
		"long text":       "select 1 -- " + strings.Repeat("x", 16<<10),
		"long sum":        "select " + strings.Repeat("1+", 8000) + "1",
		"deep functions":  "select " + deep("abs(", "1", ")", 2000),
		"deep brackets":   "select " + deep("(", "1", ")", 8000),
		"open brackets":   "select " + deep("(", "1", "", 15000),
		"deep sub-query":  deep("select * from (", "select 1", ") x", 900),
		"deep exists":     "select " + deep("exists (select ", "1", ")", 900),
		"deep with":       deep("with a as (", "select 1", ") select 1", 700),
		"deep case":       "select " + deep("case when ", "true", " then true end", 650),
		"deep lists":      "select array" + deep("[", "1", "]", 8000),
		"deep rows":       "select " + deep("(1,", "1", ")", 3000),
		"deep not":        "select " + strings.Repeat("not ", 4000) + "true",
		"deep minus":      "select " + strings.Repeat("- ", 8000) + "1",
		"many casts":      "select 1" + strings.Repeat("::int", 3000),
		"many is null":    "select 1" + strings.Repeat(" isnull", 2000),
		"many dots":       "select a" + strings.Repeat(".a", 8000),
		"many subscripts": "select a" + strings.Repeat("[1]", 5000),
		"many joins":      "select count(*) from airports" + strings.Repeat(", airports", 51),
		"many true joins": "select count(*) from airports a" + strings.Repeat(" join airports b on true and true", 400),
		"many unions":     "select 1, 2" + strings.Repeat(" union all select 1, 2", 700),
		"many subqueries": "select * from airports where " + strings.Repeat("iata in (select a.iata from airports a, airports b) and ", 51) + "true",
		"NUL":             "select 1\x00",
		"not UTF-8":       "select '\xff'",
	} {
		if _, err := b.engine.Narrow(context.Background(), sqlQuery(text), decisions); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := b.ask(decisions, "select count(*) /* "+name+" */ from flights where origin like 'D%' and not (delay_minutes between 1 and 2)"); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
}

func TestNarrow_takesTextsThatAreLongAndFlat(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for name, text := range map[string]string{
		"many columns":    "select 1" + strings.Repeat(", delay_minutes + 1", 300) + " from flights limit 1",
		"many conditions": "select 1 from flights where true" + strings.Repeat(" and not (destination = 'X' or delay_minutes > 1)", 250) + " limit 1",
		"long list":       "select 1 from flights where destination in ('a'" + strings.Repeat(", 'abc'", 1500) + ")",
		"long comment":    "select 1 /* " + strings.Repeat("word ", 2000) + " */",
		"some depth":      "select " + strings.Repeat("abs(", 35) + "1" + strings.Repeat(")", 35),
		"some sum":        "select " + strings.Repeat("1+", 60) + "1",
	} {
		if _, err := b.ask(decisions, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
