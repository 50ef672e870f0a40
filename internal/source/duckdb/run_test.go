package duckdb_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

func TestRun_writesEveryTypeExactly(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, c := range []struct {
		expression string
		kind       oriel.ColumnType
		value      string
	}{
		{"42", oriel.TypeInteger, "42"},
		{"9007199254740991", oriel.TypeInteger, "9007199254740991"},
		{"9007199254740992", oriel.TypeInteger64, `"9007199254740992"`},
		{"-9007199254740993", oriel.TypeInteger64, `"-9007199254740993"`},
		{"170141183460469231731687303715884105727", oriel.TypeInteger64, `"170141183460469231731687303715884105727"`},
		{"9223372036854775807", oriel.TypeInteger64, `"9223372036854775807"`},
		{"-9223372036854775807 - 1", oriel.TypeInteger64, `"-9223372036854775808"`},
		{"cast('18446744073709551615' as ubigint)", oriel.TypeInteger64, `"18446744073709551615"`},
		{"cast('-170141183460469231731687303715884105728' as hugeint)", oriel.TypeInteger64, `"-170141183460469231731687303715884105728"`},
		{"cast('1234567890123456789012345678.0123456789' as decimal(38, 10))", oriel.TypeDecimal, `"1234567890123456789012345678.0123456789"`},
		{"cast('-0.0000000001' as decimal(38, 10))", oriel.TypeDecimal, `"-0.0000000001"`},
		{"cast('-0' as double)", oriel.TypeNumber, "-0"},
		{"cast('infinity' as float)", oriel.TypeNumber, "null"},
		{"cast('0044-03-15 (BC)' as date)", oriel.TypeDate, "null"},
		{"cast('0001-12-31 (BC)' as date)", oriel.TypeDate, "null"},
		{"cast('0001-12-31 (BC) 12:00:00' as timestamp)", oriel.TypeTimestamp, "null"},
		{"date '0001-01-01'", oriel.TypeDate, `"0001-01-01"`},
		{"cast('9999-12-31' as date)", oriel.TypeDate, `"9999-12-31"`},
		{"cast('10000-01-01' as date)", oriel.TypeDate, "null"},
		{"cast('-infinity' as timestamp)", oriel.TypeTimestamp, "null"},
		{"'a' || chr(0) || 'b'", oriel.TypeText, `"a\u0000b"`},
		{"'=cmd|x!A1'", oriel.TypeText, `"=cmd|x!A1"`},
		{"sum(n) from (values (1), (2)) as v(n)", oriel.TypeInteger, "3"},
		{"1.50", oriel.TypeDecimal, `"1.50"`},
		{"-0.05", oriel.TypeDecimal, `"-0.05"`},
		{"0.1::double + 0.2::double", oriel.TypeNumber, "0.30000000000000004"},
		{"1e300::double", oriel.TypeNumber, "1e+300"},
		{"'nan'::double", oriel.TypeNumber, "null"},
		{"'-infinity'::double", oriel.TypeNumber, "null"},
		{"1 = 1", oriel.TypeBoolean, "true"},
		{"null::boolean", oriel.TypeBoolean, "null"},
		{"date '2001-01-31'", oriel.TypeDate, `"2001-01-31"`},
		{"'infinity'::date", oriel.TypeDate, "null"},
		{"timestamp '2001-01-31 14:05:00'", oriel.TypeTimestamp, `"2001-01-31T14:05:00"`},
		{"timestamp '2001-04-01 02:30:00.5'", oriel.TypeTimestamp, `"2001-04-01T02:30:00.5"`},
		{"time '14:05:00'", oriel.TypeText, `"14:05:00"`},
		{`'<a> "b" ` + "\u2028" + `'`, oriel.TypeText, `"\u003ca\u003e \"b\" \u2028"`},
	} {
		result, err := b.ask(t, decisions, "select "+c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if result.Columns[0].Type != c.kind || string(result.Values[0][0]) != c.value {
			t.Errorf("%s: %s %s, want %s %s", c.expression, result.Columns[0].Type, result.Values[0][0], c.kind, c.value)
		}
	}
}

func TestRun_aColumnOfIntegersHasOneTypeThroughout(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	result, err := b.ask(t, decisions, "select n from (values (1::bigint), (null), (9007199254740993)) as v(n) order by n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{`"1"`}, {`"9007199254740993"`}, {"null"}}, cells(result)); diff != "" {
		t.Error(diff)
	}
}

func TestRun_refusesATypeThatAResultCantHold(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, expression := range []string{"[1, 2]", "interval 1 day"} {
		if _, err := b.ask(t, decisions, "select "+expression); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

func TestRun_keepsTheOrderAndTellsThatItCut(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, direction := range []string{"", " desc"} {
		text := "select delay_minutes from flights order by delay_minutes" + direction
		all, err := b.run(decisions, source.Query{SQL: &source.SQLQuery{Text: text, Limit: 5000}})
		if err != nil {
			t.Fatal(err)
		}
		if all.RowCount != 1103 || all.Truncated {
			t.Fatalf("%d rows, truncated %v; want 1103 and false", all.RowCount, all.Truncated)
		}
		for _, limit := range []int{1, 700, 1102, 1103} {
			some, err := b.run(decisions, source.Query{SQL: &source.SQLQuery{Text: text, Limit: limit}})
			if err != nil {
				t.Fatal(err)
			}
			if some.Truncated != (limit < 1103) || some.RowCount != limit {
				t.Errorf("limit %d: %d rows, truncated %v", limit, some.RowCount, some.Truncated)
			}
			if diff := cmp.Diff(cells(all)[:limit], cells(some)); diff != "" {
				t.Errorf("limit %d, order%s: %s", limit, direction, diff)
			}
		}
	}
}

func TestRun_bindsArgumentsByTheirNumberAndType(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	day := time.Date(2001, 1, 31, 0, 0, 0, 0, time.UTC)
	result, err := b.ask(t, decisions, `select $2 || '', $1 + 1, $3, $4, $5, $2 || '!'`,
		oriel.IntegerScalar(1<<53), oriel.TextScalar(`'; drop table flights; --`), oriel.DateScalar(day),
		oriel.TimestampScalar(day.Add(14*time.Hour)), oriel.BooleanScalar(true))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{`"'; drop table flights; --"`, `"9007199254740993"`, `"2001-01-31"`, `"2001-01-31T14:00:00"`, "true", `"'; drop table flights; --!"`}}
	if diff := cmp.Diff(want, cells(result)); diff != "" {
		t.Error(diff)
	}
}

func TestNarrow_refusesAParameterThatIsNotOne(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, text := range []string{"select '$1'", "select 1 -- $1", `select 1 as "$1"`, "select $2", "select $1, $3", "select $name", "select 1"} {
		if _, err := b.ask(t, decisions, text, oriel.TextScalar("x")); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRun_answersWhenTheCallerGoesAway(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	long := source.Query{SQL: &source.SQLQuery{Text: slowText, Limit: 10}}
	narrowed, err := b.engine.Narrow(context.Background(), long, decisions)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := b.engine.Run(ctx, narrowed); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want the caller's own error", err)
	}
	if result, err := b.ask(t, decisions, "select count(*) from flights"); err != nil || string(result.Values[0][0]) != "1103" {
		t.Errorf("the next query: %v, %v", result.Values, err)
	}
}

// slowText would work for minutes.
const slowText = `select count(*) from airports a, airports b, airports c, airports d, airports e
	where a.latitude + b.latitude + c.latitude + d.latitude + e.latitude = 1`

func TestRun_endsAQueryThatTakesTooLong(t *testing.T) {
	b := openSample(t, duckdb.Options{Timeout: 100 * time.Millisecond})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	if _, err := b.ask(t, decisions, slowText); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("%v", err)
	}
}

func TestRun_boundsTheSizeOfAResult(t *testing.T) {
	b := openSample(t, duckdb.Options{ResultBytes: 1000})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	if _, err := b.ask(t, decisions, "select * from flights"); oriel.CodeOf(err) != oriel.CodeTooLarge {
		t.Errorf("%v", err)
	}
}

func TestRun_keepsTheEnginesWordsOutOfTheMessage(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	_, err := b.ask(t, decisions, "select destination::integer from flights")
	var failed *oriel.Error
	if !errors.As(err, &failed) || failed.Code != oriel.CodeQueryFailed {
		t.Fatalf("%v", err)
	}
	if failed.Message != "This chart can't be shown." || !strings.Contains(failed.Err.Error(), "Conversion Error") {
		t.Errorf("message %q, cause %v", failed.Message, failed.Err)
	}
}

func TestRun_tellsThatTheFileIsLostOrDamaged(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"lost":      os.Remove,
		"empty":     func(path string) error { return os.Truncate(path, 0) },
		"not a db":  func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 1<<16), 0o600) },
		"cut short": func(path string) error { return os.Truncate(path, 4096*3) },
	} {
		t.Run(name, func(t *testing.T) {
			b := openSample(t, duckdb.Options{})
			if err := damage(filepath.Join(b.folder, b.source.Database)); err != nil {
				t.Fatal(err)
			}
			decisions := decide(t, someone("DFW"), b.source, samplePolicies)
			if _, err := b.ask(t, decisions, "select * from flights"); oriel.CodeOf(err) != oriel.CodeSourceUnavailable {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRun_seesTheNewRevisionAndLeavesTheOldOne(t *testing.T) {
	files := writeFiles(t, map[string]string{"t.csv": "a,b\nx,1\n"})
	b := open(t, "s", files, []string{"t.csv"}, duckdb.Options{})
	policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Rows: "a = user.attr.airport"}}
	for _, content := range []string{"a,b\nx,1\n", "a,b\nx,2\n", "a,b\nx,3\n"} {
		if err := os.WriteFile(filepath.Join(files, "t.csv"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := duckdb.Import(context.Background(), b.folder, "s", files, []string{"t.csv"})
		if err != nil {
			t.Fatal(err)
		}
		result, err := b.ask(t, decide(t, someone("x"), src, policies), "select * from t")
		if err != nil {
			t.Fatal(err)
		}
		if want := [][]string{{`"x"`, content[6:7]}}; cmp.Diff(want, cells(result)) != "" {
			t.Errorf("%v, want %v", cells(result), want)
		}
	}
}

func TestNarrow_refusesDecisionsWithAnothersFingerprint(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	theirs := decide(t, someone("ORD"), b.source, samplePolicies)
	forged := decide(t, someone("DFW"), b.source, samplePolicies)
	forged.Fingerprint = theirs.Fingerprint
	if _, err := b.ask(t, forged, "select * from flights"); oriel.CodeOf(err) != oriel.CodeInternal {
		t.Errorf("%v", err)
	}
}

func TestCheck_tellsTheAnalystWhatIsWrong(t *testing.T) {
	b := openSample(t, duckdb.Options{})
	check := func(text string) error {
		return b.engine.Check(context.Background(), source.Query{SQL: &source.SQLQuery{Text: text, Limit: 10}}, b.source)
	}
	if err := check("select origin, destination::integer from flights"); err != nil {
		t.Errorf("a sound query: %v", err)
	}
	for text, part := range map[string]string{
		"select nope from flights":      "nope",
		"select 1\nfrom nowhere":        "line 2, column 6: there is no table",
		"select origin\n  fron flights": "line 2",
		"select read_text('x')":         "line 1, column 8: the function read_text is not allowed",
	} {
		var refused *oriel.Error
		if err := check(text); !errors.As(err, &refused) || refused.Code != oriel.CodeQueryRefused || !strings.Contains(refused.Message, part) {
			t.Errorf("%q: %v, want %q", text, err, part)
		}
	}
}
