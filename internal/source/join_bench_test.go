package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// BenchmarkJoin counts 1,000,000 rows by a column of the table that they point
// to, and by a column of their own, which no join can be faster than.
func BenchmarkJoin(b *testing.B) {
	for _, keys := range []int{1_000, 100_000} {
		var facts, places strings.Builder
		facts.WriteString("id,place,kind\n")
		places.WriteString("code,kind\n")
		for i := range 1_000_000 {
			fmt.Fprintf(&facts, "%d,%d,k%d\n", i, i%keys, i%10)
		}
		for i := range keys {
			fmt.Fprintf(&places, "%d,k%d\n", i, i%10)
		}
		tables := map[string]joinTable{"facts": {"id integer, place integer, kind text", facts.String()}, "places": {"code integer PRIMARY KEY, kind text", places.String()}}
		for name, open := range joinEngines {
			engine, src := open(b, tables)
			shared := []oriel.Policy{{Table: oriel.TableRef{Source: "joins", Table: "facts"}, Shared: true}, {Table: oriel.TableRef{Source: "joins", Table: "places"}, Shared: true}}
			decisions, err := access.Decide(ownerA(), src, shared)
			if err != nil {
				b.Fatal(err)
			}
			query := func(by string) source.StructuredQuery {
				return source.StructuredQuery{Table: "facts", Limit: 100, Tree: oriel.Structured{Breakouts: []oriel.Breakout{{Column: by}}, Aggregations: count()}}
			}
			joined := query("place.kind")
			joined.Tree.Joins, joined.Joined = []oriel.Join{{Column: "place"}}, []source.JoinedTable{{Table: "places", Key: "code"}}
			for how, q := range map[string]source.StructuredQuery{"joined": joined, "its own": query("kind")} {
				b.Run(fmt.Sprintf("%s, %d keys, %s", name, keys, how), func(b *testing.B) {
					for b.Loop() {
						narrowed, err := engine.Narrow(b.Context(), source.Query{Structured: &q}, decisions)
						if err != nil {
							b.Fatal(err)
						}
						if r, err := engine.Run(b.Context(), narrowed); err != nil || r.RowCount != 10 {
							b.Fatal(r.RowCount, err)
						}
					}
				})
			}
			if err := engine.Close(); err != nil {
				b.Error(err)
			}
		}
	}
}
