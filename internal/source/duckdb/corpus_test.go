//go:build !race

package duckdb_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/source/sourcetest"
)

func corpus(t *testing.T) []duckdb.Escape {
	t.Helper()
	return duckdb.Corpus(t)
}

// permittedOnly is a sample that holds nothing but what an airport may see,
// filtered here without SQL.
func permittedOnly(t *testing.T, airport string) bench {
	t.Helper()
	folder := t.TempDir()
	for name, column := range map[string]string{"flights.csv": "origin", "wildlife_strikes.csv": "airport", "airports.csv": ""} {
		in, err := os.Open(filepath.Join(sampleFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(in).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
		at := slices.Index(rows[0], column)
		kept := slices.DeleteFunc(rows[1:], func(row []string) bool { return at >= 0 && row[at] != airport })
		out, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		writer := csv.NewWriter(out)
		if err := writer.WriteAll(append([][]string{rows[0]}, kept...)); err != nil {
			t.Fatal(err)
		}
		out.Close()
	}
	return open(t, "airports", folder, []string{"flights.csv", "airports.csv", "wildlife_strikes.csv"}, duckdb.Options{})
}

func without(policies []oriel.Policy, closed []string) []oriel.Policy {
	return slices.DeleteFunc(slices.Clone(policies), func(p oriel.Policy) bool { return slices.Contains(closed, p.Table.Table) })
}

// Every case is refused, or answers exactly as a database would that holds the
// permitted rows only: the same rows, counts, types, success or failure.
func TestCorpus_everyEscapeIsRefusedOrShowsPermittedRowsOnly(t *testing.T) {
	full := openSample(t, duckdb.Options{})
	cases := corpus(t)
	for _, airport := range []string{"DFW", "ORD"} {
		reduced := permittedOnly(t, airport)
		for _, c := range cases {
			if c.Masked {
				continue
			}
			t.Run(airport+"/"+c.Name, func(t *testing.T) {
				var arguments []oriel.Scalar
				for _, a := range c.Arguments {
					arguments = append(arguments, oriel.TextScalar(a))
				}
				decisions := decide(t, someone(airport), full.source, without(samplePolicies, c.Closed))
				result, err := full.ask(t, decisions, c.SQL, arguments...)
				switch c.Outcome {
				case "refused":
					if oriel.CodeOf(err) != oriel.CodeQueryRefused {
						t.Fatalf("%v, %d rows: want query_refused", err, result.RowCount)
					}
				case "narrowed":
					if oriel.CodeOf(err) == oriel.CodeQueryRefused {
						t.Fatalf("refused: %v", err)
					}
					same, errSame := reduced.ask(t, decide(t, someone(airport), reduced.source, without(shared, c.Closed)), c.SQL, arguments...)
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

// maskedPeople is the full table, and what is left of it where nothing else was
// ever there, for whoever has the attribute DFW: written down, not computed.
func maskedPeople() (full, owners, left sourcetest.Table) {
	text := func(name string) oriel.SourceColumn { return oriel.SourceColumn{Name: name, Type: oriel.TypeText} }
	id, salary := oriel.SourceColumn{Name: "id", Type: oriel.TypeInteger}, oriel.SourceColumn{Name: "salary", Type: oriel.TypeNumber}
	full = sourcetest.Table{Name: "people", Columns: []oriel.SourceColumn{id, text("owner"), text("card"), text("phone"), salary, text("note")}, Rows: [][]any{
		{int64(1), "DFW", "4111111111111111", "+49 30 1234", 100.5, "secret one"},
		{int64(2), "DFW", "12", "abcd", -7.0, "secret two"},
		{int64(3), "DFW", nil, nil, nil, nil},
		{int64(4), "ORD", "5500000000000004", "abcd", 9.0, "secret four"},
		{int64(5), nil, "5500000000000004", "abcde", 900.0, "secret five"},
	}}
	owners = sourcetest.Table{Name: "owners", Columns: []oriel.SourceColumn{text("name"), text("region")}, Rows: [][]any{{"DFW", "DFW"}, {"ORD", "ORD"}, {nil, "DFW"}}}
	left = sourcetest.Table{Name: "people", Columns: full.Columns[:5], Rows: [][]any{
		{int64(1), "DFW", "1111", hashed("+49 30 1234"), nil},
		{int64(2), "DFW", nil, hashed("abcd"), nil},
		{int64(3), "DFW", nil, nil, nil},
	}}
	return full, owners, left
}

func TestCorpus_everyEscapeFromAMaskIsRefusedOrShowsTheMask(t *testing.T) {
	table, owners, left := maskedPeople()
	opener := loader(t)
	engine, full := opener(t, "full", []sourcetest.Table{table, owners})
	full.MaskKey = maskKey
	_, reduced := opener(t, "reduced", []sourcetest.Table{left})
	on := func(source string, p oriel.Policy) oriel.Policy {
		p.Table = oriel.TableRef{Source: source, Table: "people"}
		return p
	}
	decisions := decide(t, someone("DFW"), full, []oriel.Policy{
		on("full", oriel.Policy{Rows: "owner in (lookup owners.name where region = user.attr.airport)"}),
		on("full", oriel.Policy{Columns: map[string]oriel.Mask{"card": oriel.MaskLast4, "phone": oriel.MaskHash, "salary": oriel.MaskEmpty, "note": oriel.MaskHidden}}),
	})
	same := decide(t, someone("DFW"), reduced, []oriel.Policy{on("reduced", oriel.Policy{Shared: true})})
	asked := 0
	for _, c := range corpus(t) {
		if !c.Masked {
			continue
		}
		asked++
		t.Run(c.Name, func(t *testing.T) {
			result, err := bench{engine: engine.(*duckdb.Engine)}.ask(t, decisions, c.SQL)
			if c.Outcome == "refused" {
				if oriel.CodeOf(err) != oriel.CodeQueryRefused {
					t.Fatalf("%v, %d rows: want query_refused", err, result.RowCount)
				}
				return
			}
			want, wantErr := bench{engine: engine.(*duckdb.Engine)}.ask(t, same, c.SQL)
			if diff := cmp.Diff(answer(want, wantErr), answer(result, err)); diff != "" || oriel.CodeOf(err) == oriel.CodeQueryRefused {
				t.Errorf("not what is left alone gives (%v, %v): %s", err, wantErr, diff)
			}
			if words(err) != words(wantErr) {
				t.Errorf("the engine says %q, and where nothing is hidden %q", words(err), words(wantErr))
			}
		})
	}
	if asked < 30 {
		t.Errorf("%d cases", asked)
	}
}

func TestCorpus_someoneWithoutTheAttributeSeesNoRow(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone(""), b.source, samplePolicies)
	for _, table := range []string{"flights", "wildlife_strikes"} {
		result, err := b.ask(t, decisions, "select * from "+table)
		if err != nil || result.RowCount != 0 || len(result.Columns) == 0 {
			t.Errorf("%s: %d rows, %v", table, result.RowCount, err)
		}
	}
}

func TestNarrow_refusesWhatWouldKeepTheEngineBusy(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for name, text := range map[string]string{
		"long text":       "select 1 -- " + strings.Repeat("x", 16<<10),
		"long sum":        "select " + strings.Repeat("1+", 900) + "1",
		"deep functions":  "select " + strings.Repeat("abs(", 150) + "1" + strings.Repeat(")", 150),
		"deep sub-query":  strings.Repeat("select * from (", 120) + "select 1" + strings.Repeat(")", 120),
		"deep not":        "select " + strings.Repeat("not ", 2000) + "true",
		"many joins":      "select count(*) from airports" + strings.Repeat(", airports", 51),
		"many unions":     "select 1" + strings.Repeat(" union all select 1", 51),
		"many subqueries": "select * from airports where " + strings.Repeat("iata in (select a.iata from airports a, airports b) and ", 51) + "true",
		"cube":            "select count(*) from flights group by cube (origin, destination, distance_miles, delay_minutes, departed_at, 1+1, 2+1)",
		"NUL":             "select 1\x00",
	} {
		if _, err := b.engine.Narrow(context.Background(), sqlQuery(text), decisions); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
