package sourcetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Opener loads CSV files (name → content) as a source with the key "s".
type Opener func(t *testing.T, files map[string]string) (source.Engine, oriel.Source)

// rounds is how many databases the suite makes; each is asked many times.
const rounds = 6

// Run holds an engine to the promise of access §4: for random data, policies,
// principals and queries, structured and SQL, what is served is exactly what a
// database would serve that held the permitted rows and nothing else.
// random makes a repeatable source of chance from a seed.
func Run(t *testing.T, random func(seed uint64) *rand.Rand, open Opener) {
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			narrowing(t, open, random(seed))
		})
	}
}

func narrowing(t *testing.T, open Opener, random *rand.Rand) {
	tables := map[string][]row{"t": randomRows(random), "u": randomRows(random)}
	engine, full := load(t, open, tables)
	for range 8 {
		who := randomPerson(random)
		var policies []oriel.Policy
		kept := map[string][]row{}
		for _, name := range []string{"t", "u"} {
			conditions := []condition{randomCondition(random, 3)}
			if random.IntN(3) == 0 {
				conditions = append(conditions, randomCondition(random, 1))
			}
			for i, c := range conditions {
				// The row that tells the types stays visible to everybody.
				if c.reads(who) {
					conditions[i] = withTyped(c)
				}
				policies = append(policies, oriel.Policy{Table: oriel.TableRef{Source: "s", Table: name}, Rows: conditions[i].text})
			}
			for _, r := range tables[name] {
				if permits(conditions, r, who) {
					kept[name] = append(kept[name], r)
				}
			}
		}
		decisions, err := access.Decide(who.principal(), full, policies)
		if err != nil {
			t.Fatalf("decide: %v", err)
		}
		if len(kept["t"]) == 0 || len(kept["u"]) == 0 {
			seesNothing(t, engine, decisions, kept)
			continue // an empty file tells no types
		}
		reducedEngine, reduced := load(t, open, kept)
		open, err := access.Decide(who.principal(), reduced, []oriel.Policy{
			{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true},
			{Table: oriel.TableRef{Source: "s", Table: "u"}, Shared: true},
		})
		if err != nil {
			t.Fatalf("decide: %v", err)
		}
		for range 12 {
			query, name := randomQuery(random)
			want, got := answer(reducedEngine, query, open), answer(engine, query, decisions)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nas %+v under %v: %s", name, who, policies, diff)
			}
		}
	}
}

func withTyped(c condition) condition {
	return condition{"(" + c.text + ") or (place = 'A' and n = 1 and x = 0.25 and d = '2001-01-01' and ok = true)",
		func(r row, p person) truth {
			same := r.place != nil && *r.place == "A" && r.n != nil && *r.n == 1 && r.x != nil && *r.x == 0.25 &&
				r.d != nil && *r.d == "2001-01-01" && r.ok != nil && *r.ok
			if same {
				return known(true)
			}
			return c.holds(r, p)
		}, c.reads}
}

func load(t *testing.T, open Opener, tables map[string][]row) (source.Engine, oriel.Source) {
	t.Helper()
	files := map[string]string{}
	for name, rows := range tables {
		files[name+".csv"] = csvFile(rows)
	}
	return open(t, files)
}

// seesNothing is the promise where a policy lets no row of a table through.
func seesNothing(t *testing.T, engine source.Engine, decisions access.Decisions, kept map[string][]row) {
	t.Helper()
	for _, name := range []string{"t", "u"} {
		if len(kept[name]) > 0 {
			continue
		}
		for _, query := range []source.Query{
			{SQL: &source.SQLQuery{Text: "select id from " + name, Limit: 100}},
			{Structured: &source.StructuredQuery{Table: name, Limit: 100, Tree: oriel.Structured{Columns: []string{"id"}}}},
		} {
			if got := answer(engine, query, decisions); len(got) != 1 {
				t.Errorf("%s: %v, want no row", name, got)
			}
		}
	}
}

// answer is all that can be told of a query's end; rows are sorted, since most
// queries ask for no order.
func answer(engine source.Engine, query source.Query, decisions access.Decisions) []string {
	ctx := context.Background()
	narrowed, err := engine.Narrow(ctx, query, decisions)
	if err != nil {
		return []string{"narrow: " + err.Error()}
	}
	result, err := engine.Run(ctx, narrowed)
	if err != nil {
		return []string{"run: " + string(oriel.CodeOf(err))}
	}
	lines := make([]string, result.RowCount)
	for i := range lines {
		var cells []string
		for _, column := range result.Values {
			cells = append(cells, string(column[i]))
		}
		lines[i] = strings.Join(cells, " ")
	}
	slices.Sort(lines)
	var columns []string
	for _, c := range result.Columns {
		columns = append(columns, c.Name+" "+string(c.Type))
	}
	return append(lines, fmt.Sprintf("%s, truncated %v", strings.Join(columns, ", "), result.Truncated))
}
