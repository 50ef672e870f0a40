package duckdb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
)

// visibleOrder makes tables of which the same rows are visible to DFW,
// whatever is hidden. One thread, so that only the plan decides the order.
func visibleOrder(t *testing.T, hiddenValue, hiddenRows int) bench {
	t.Helper()
	var big, small strings.Builder
	big.WriteString("origin,k,n\n")
	small.WriteString("origin,k,m\n")
	for i := range 500 {
		fmt.Fprintf(&big, "DFW,%d,%d\n", 1+i%7, i)
	}
	for i := range 20 {
		fmt.Fprintf(&small, "DFW,%d,%d\n", 1+i%7, i)
	}
	fmt.Fprintf(&big, "ORD,%d,0\n", hiddenValue)
	for i := range hiddenRows {
		fmt.Fprintf(&small, "ORD,%d,%d\n", 1+i%7, i)
	}
	folder := writeFiles(t, map[string]string{"big.csv": big.String(), "small.csv": small.String()})
	return open(t, "s", folder, []string{"big.csv", "small.csv"}, duckdb.Options{Threads: 1})
}

// A plan that is chosen by what the engine knows of whole columns gives another
// order, and what a LIMIT leaves of it makes a question fail or not.
func TestEngine_hiddenRowsChooseNoPlan(t *testing.T) {
	policies := []oriel.Policy{
		{Table: oriel.TableRef{Source: "s", Table: "big"}, Rows: "origin = user.attr.airport"},
		{Table: oriel.TableRef{Source: "s", Table: "small"}, Rows: "origin = user.attr.airport"},
	}
	one := visibleOrder(t, 5, 1)
	for what, other := range map[string]bench{
		"a great hidden value": visibleOrder(t, 100000, 1),
		"many hidden rows":     visibleOrder(t, 5, 30000),
	} {
		for _, text := range []string{
			"select k from big group by k limit 2",
			"select k * 100 as h from big group by h limit 2",
			"select sum(k) from (select k from big group by k limit 2)",
			"select cast(case when sum(k) = 3 then 'x' else '1' end as integer) from (select k from big group by k limit 2)",
			"select n, m from big join small on big.k = small.k limit 4",
			"select n, m from small, big where big.k = small.k limit 4",
			"select n, m from small left join big on big.k = small.k limit 4",
			"select m from small where k in (select k from big) limit 4",
			"select first(n) from big, small where big.k = small.k",
		} {
			var answers [2]string
			for i, b := range []bench{one, other} {
				result, err := b.ask(t, decide(t, someone("DFW"), b.source, policies), text)
				answers[i] = fmt.Sprint(cells(result), oriel.CodeOf(err))
			}
			if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
				t.Errorf("%s: with %s: %s", text, what, diff)
			}
		}
	}
}
