package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// numbers is how many rows the one table of [Running] has: several chunks of
// any engine.
const numbers = 10_000

// cancelTime is the contract's: a query ends within it after the caller went.
const cancelTime = time.Second

// endless reads a table of two columns so often that no machine ends it.
const endless = `select count(*) as c from numbers a, numbers b, numbers c, numbers d where a.id + b.id + c.id + d.id < 0`

// Running holds an engine to what it promises about a query that runs: that it
// ends when its caller goes away, in the engine too; that rows which stream are
// those of a whole result; that a failure is told however late it comes.
func Running(t *testing.T, open Opener) {
	table := Table{Name: "numbers", Columns: []oriel.SourceColumn{{Name: "id", Type: oriel.TypeInteger}, {Name: "word", Type: oriel.TypeText}}}
	for i := range int64(numbers) {
		table.Rows = append(table.Rows, []any{i, fmt.Sprintf("no. %d", i)})
	}
	engine, src := open(t, "numbers", []Table{table})
	decisions, err := access.Decide(oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed), src,
		[]oriel.Policy{{Table: oriel.TableRef{Source: src.Key, Table: "numbers"}, Shared: true}})
	if err != nil {
		t.Fatal(err)
	}
	r := running{engine, decisions}
	t.Run("a query ends with its caller", r.endsWithItsCaller)
	t.Run("a stream gives the rows of a result", r.streamsTheRowsOfAResult)
	t.Run("a stream tells that there are more", r.streamsUpToTheLimit)
	t.Run("a stream without rows tells its columns", r.streamsColumnsWithoutRows)
	t.Run("a stream keeps integers exact", r.streamsExactly)
	t.Run("a stream that fails late says so", r.failsLate)
	t.Run("a stream ends with who takes it", r.endsWithItsTaker)
}

type running struct {
	engine    source.Engine
	decisions access.Decisions
}

func (r running) narrow(t *testing.T, text string, limit int) source.Narrowed {
	t.Helper()
	narrowed, err := r.engine.Narrow(t.Context(), source.Query{SQL: &source.SQLQuery{Text: text, Limit: limit}}, r.decisions)
	if err != nil {
		t.Fatal(err)
	}
	return narrowed
}

// stream gives all rows of a stream, as lines of JSON values, and its end.
func (r running) stream(t *testing.T, text string, limit int) (lines []string, last oriel.Result, err error) {
	t.Helper()
	parts := 0
	err = r.engine.Stream(t.Context(), r.narrow(t, text, limit), func(part oriel.Result) error {
		if parts++; last.Truncated {
			t.Error("a part came after the one that said that it was cut")
		}
		lines, last = append(lines, linesOf(part)...), part
		return nil
	})
	if err == nil && parts == 0 {
		t.Error("no part came, so that nobody knows the columns")
	}
	return lines, last, err
}

func linesOf(r oriel.Result) []string {
	lines := make([]string, r.RowCount)
	for i := range lines {
		var cells []string
		for _, column := range r.Values {
			cells = append(cells, string(column[i]))
		}
		lines[i] = strings.Join(cells, " ")
	}
	return lines
}

// endsWithItsCaller leaves more queries than an engine runs at once, and then
// asks for something: were they still running, nothing would be free to answer.
func (r running) endsWithItsCaller(t *testing.T) {
	long := r.narrow(t, endless, 10)
	ways := map[string]func(context.Context) error{
		"run": func(ctx context.Context) error { _, err := r.engine.Run(ctx, long); return err },
		"stream": func(ctx context.Context) error {
			return r.engine.Stream(ctx, long, func(oriel.Result) error { return nil })
		},
	}
	for name, way := range ways {
		for range 12 {
			ctx, leave := context.WithCancel(t.Context())
			left := make(chan time.Time, 1)
			time.AfterFunc(50*time.Millisecond, func() { left <- time.Now(); leave() })
			if err := way(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: %v, want the caller's own error", name, err)
			}
			if took := time.Since(<-left); took > cancelTime {
				t.Errorf("%s: it answered %s after its caller went", name, took)
			}
		}
		begun := time.Now()
		soon, enough := context.WithTimeout(t.Context(), 10*cancelTime)
		_, err := r.engine.Run(soon, r.narrow(t, "select max(id) as m from numbers", 10))
		if enough(); err != nil {
			t.Errorf("%s: the next query: %v", name, err)
		}
		if took := time.Since(begun); took > cancelTime {
			t.Errorf("%s: the next query took %s: those before it went on in the engine", name, took)
		}
	}
}

func (r running) streamsTheRowsOfAResult(t *testing.T) {
	const text = "select id, word, case when id > 5000 then id else null end as half from numbers order by id desc"
	whole, err := r.engine.Run(t.Context(), r.narrow(t, text, 2*numbers))
	if err != nil {
		t.Fatal(err)
	}
	lines, last, err := r.stream(t, text, 2*numbers)
	if err != nil || last.Truncated {
		t.Fatalf("%v, truncated %v", err, last.Truncated)
	}
	if want := linesOf(whole); len(want) != numbers || !slices.Equal(lines, want) {
		t.Errorf("%d rows came, want the same %d in the same order", len(lines), len(want))
	}
}

func (r running) streamsUpToTheLimit(t *testing.T) {
	for _, limit := range []int{1, 5000, numbers - 1, numbers, numbers + 1} {
		lines, last, err := r.stream(t, "select id from numbers order by id", limit)
		if want := min(limit, numbers); err != nil || len(lines) != want || last.Truncated != (limit < numbers) || lines[want-1] != fmt.Sprint(want-1) {
			t.Errorf("of at most %d: %d rows, truncated %v: %v", limit, len(lines), last.Truncated, err)
		}
	}
}

func (r running) streamsColumnsWithoutRows(t *testing.T) {
	lines, last, err := r.stream(t, "select id, word from numbers where id < 0", 10)
	if err != nil || len(lines) != 0 || len(last.Columns) != 2 || len(last.Values) != 2 || last.Columns[1].Name != "word" {
		t.Errorf("%v %+v: %v", lines, last, err)
	}
}

func (r running) streamsExactly(t *testing.T) {
	lines, last, err := r.stream(t, "select id + 9007199254740989 as n, cast(1.50 as decimal(10, 2)) as d from numbers where id < 5 order by id", 10)
	want := []string{`9007199254740989 "1.50"`, `9007199254740990 "1.50"`, `9007199254740991 "1.50"`, `"9007199254740992" "1.50"`, `"9007199254740993" "1.50"`}
	if err != nil || !slices.Equal(lines, want) || last.Columns[0].Type != oriel.TypeInteger {
		t.Errorf("%v as %v: %v", lines, last.Columns, err)
	}
}

func (r running) failsLate(t *testing.T) {
	_, _, err := r.stream(t, "select cast(case when id = 9990 then 'x' else '1' end as integer) as n from numbers", 2*numbers)
	if oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("%v, want query_failed", err)
	}
}

func (r running) endsWithItsTaker(t *testing.T) {
	full := errors.New("the disk is full")
	for range 12 {
		err := r.engine.Stream(t.Context(), r.narrow(t, "select a.id from numbers a, numbers b", 1_000_000), func(oriel.Result) error { return full })
		if !errors.Is(err, full) {
			t.Fatalf("%v, want the taker's own error", err)
		}
	}
	if _, err := r.engine.Run(t.Context(), r.narrow(t, "select max(id) as m from numbers", 10)); err != nil {
		t.Errorf("the next query: %v", err)
	}
}
