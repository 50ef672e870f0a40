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

// Opener loads tables as a source of the key, in place of those that an earlier
// call with that key loaded, whose source is asked no more. It names the
// tables as they are given and needs to set no MaskKey.
type Opener func(t testing.TB, key string, tables []Table) (source.Engine, oriel.Source)

// The sources of the suite.
const (
	fullSource    = "full"
	reducedSource = "reduced"
)

// queries is how many questions each schema is asked without joins.
const queries = 10

// Fixed is how many schemas [Run] makes.
const Fixed = 300

// Chance makes a repeatable source of chance from a seed.
type Chance func(seed uint64) *rand.Rand

// Run holds an engine to the promise of access §4: for random schemas, rows,
// policies, principals and questions, structured and SQL, what is served is
// exactly what a database would serve that held the permitted rows and columns
// and nothing else, down to the words in which it is refused; whether it fails
// depends on no hidden row.
// Always the same 300 schemas of 10 questions each, and 4 with joins.
func Run(t *testing.T, random Chance, open Opener) {
	var n tally
	for seed := range uint64(Fixed) {
		if !round(t, random(seed), random(^seed), open, &n) {
			t.Fatalf("schema %d: the others were not tried", seed)
		}
	}
	t.Logf("%+v", n)
	// The promise is worth what the questions see and what is kept from them.
	if n.withRows < n.asked/3 || n.emptied > n.asked/2 || n.refused == 0 || n.failed == 0 || n.otherPlan > n.asked/100 || n.masked < Fixed/4 || n.narrowed < Fixed/2 {
		t.Errorf("the questions try too little: %+v", n)
	}
	if n.joined != Fixed*joinQueries || n.joinedRows < n.joined/2 || n.matched < Fixed || n.ambiguous < Fixed/2 {
		t.Errorf("the joins try too little: %+v", n)
	}
}

// tally counts what the questions of a suite came to.
type tally struct {
	asked, withRows, emptied, refused, failed int // questions
	otherPlan                                 int // questions that fail under the policies or without, and not both
	masked, narrowed                          int // schemas: a column is masked; some of a table's rows are kept, and not all
	joined, joinedRows                        int // questions with joins, of asked, and rows that they served
	matched, ambiguous                        int // foreign keys that one row has, and that several have
}

func (n *tally) count(lines []string) {
	n.asked++
	switch last := lines[len(lines)-1]; {
	case strings.HasPrefix(last, "narrow:"):
		n.refused++
	case strings.HasPrefix(last, "run:"):
		n.failed++
	case len(lines) == 1:
		n.emptied++
	default:
		n.withRows++
	}
}

func failed(lines []string) bool { return strings.HasPrefix(lines[len(lines)-1], "run:") }

func (n *tally) of(full, reduced Table) {
	for _, c := range reduced.Columns {
		if at := full.at(c.Name); full.Columns[at].Type != c.Type {
			n.masked++
			break
		}
	}
	if rows := len(reduced.Rows); rows > 0 && rows < len(full.Rows) {
		n.narrowed++
	}
}

// Search is [Run] for schemas that were never tried: as many as are wanted, or
// until the time is over. The seed of the first is printed; a search that is
// given it finds the same.
func Search(t *testing.T, random Chance, open Opener, seed uint64, schemas int, until func() bool) {
	t.Logf("seed %d", seed)
	var n tally
	tried := 0
	for ; tried < schemas || schemas == 0 && !until(); tried++ {
		if !round(t, random(seed+uint64(tried)), random(^(seed + uint64(tried))), open, &n) {
			t.Fatalf("seed %d finds it at once", seed+uint64(tried))
		}
		if (tried+1)%1000 == 0 {
			t.Logf("%d schemas: %+v", tried+1, n)
		}
	}
	t.Logf("%d schemas of %d questions each: %+v", tried, queries+joinQueries, n)
}

// round asks one schema. It is false when something was wrong. Joins have a
// chance of their own, so that a seed finds what it found before there were any.
func round(t *testing.T, random, ofJoins *rand.Rand, open Opener, n *tally) bool {
	t.Helper()
	c := chance{random}
	s := randomSchema(c)
	onT, onU := randomPolicies(c, s.t, s.l, ""), randomPolicies(c, s.u, s.l, "")
	onModel := randomPolicies(c, s.t, s.l, modelKey)
	who := randomPerson(c)

	engine, full := open(t, fullSource, s.tables())
	full.MaskKey = maskKey()
	var declared []oriel.Policy
	for _, p := range slices.Concat(onT, onU, onModel) {
		declared = append(declared, p.declared)
	}
	model := oriel.Model{Key: modelKey, Table: oriel.TableRef{Source: fullSource, Table: "t"}}
	decisions, err := access.ReadPolicies([]oriel.Source{full}, []oriel.Model{model}, declared).Decide(who.principal(), fullSource, []string{"t", "u"})
	if err != nil {
		t.Errorf("decide: %v", err)
		return false
	}
	// The model is a third table to the one who asks, and t to the question.
	inModel := left(s.t, slices.Concat(onT, onModel), who)
	inModel.Name = modelKey
	n.of(s.t, inModel)
	n.of(s.u, left(s.u, onU, who))
	seen := []Table{left(s.t, onT, who), left(s.u, onU, who), inModel}
	joins := newJoining(chance{ofJoins}, s, map[string]Table{"t": seen[0], "u": seen[1], modelKey: seen[2]}, n)
	reducedEngine, reduced := open(t, reducedSource, append(seen, joins.flat))
	everything := []oriel.Policy{}
	for _, table := range reduced.Tables {
		everything = append(everything, oriel.Policy{Table: oriel.TableRef{Source: reducedSource, Table: table.Name}, Shared: true})
	}
	shared, err := access.Decide(who.principal(), reduced, everything)
	if err != nil {
		t.Errorf("decide: %v", err)
		return false
	}
	for range queries {
		asked, same := s.randomQuery(c)
		want, got := answer(reducedEngine, same, shared), answer(engine, asked, decisions)
		n.count(got)
		if failed(want) != failed(got) {
			// An engine may get to a row that fails in one plan and not in another,
			// and a policy is part of the plan. Hidden rows may not be: with the same
			// policies and without those rows it ends in the same way.
			bare := []Table{permitted(s.t, onT, who), permitted(s.u, onU, who), s.l}
			n.otherPlan++
			bareEngine, src := open(t, fullSource, bare)
			src.MaskKey = maskKey()
			same, err := access.ReadPolicies([]oriel.Source{src}, []oriel.Model{model}, declared).Decide(who.principal(), fullSource, []string{"t", "u"})
			if err != nil {
				t.Errorf("decide: %v", err)
				return false
			}
			want = answer(bareEngine, asked, same)
			engine, full = open(t, fullSource, s.tables())
			full.MaskKey = maskKey()
			if decisions, err = access.ReadPolicies([]oriel.Source{full}, []oriel.Model{model}, declared).Decide(who.principal(), fullSource, []string{"t", "u"}); err != nil {
				t.Errorf("decide: %v", err)
				return false
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\nas %+v\nunder %+v\nof %+v: %s", spell(asked), who, declared, s, diff)
			return false
		}
	}
	for range joinQueries {
		if !joins.ask(t, chance{ofJoins}, engine, reducedEngine, decisions, shared, n) {
			t.Errorf("as %+v\nunder %+v\nof %+v", who, declared, s)
			return false
		}
	}
	return true
}

// randomQuery gives a question, and the same for where the model is a table.
func (s schema) randomQuery(c chance) (asked, same source.Query) {
	if c.oneIn(2) {
		asked = source.Query{SQL: &source.SQLQuery{Text: s.randomText(c), Limit: 1000}}
		return asked, asked
	}
	model := ""
	table := pick(c, s.t, s.u)
	if table.Name == "t" && c.oneIn(2) {
		model = modelKey
	}
	structured := source.StructuredQuery{Tree: randomTree(c, table, model), Table: table.Name, Limit: 1000}
	asked = source.Query{Structured: &structured}
	if model == "" {
		return asked, asked
	}
	inModel := structured
	inModel.Tree.Model, inModel.Table = "", modelKey
	return asked, source.Query{Structured: &inModel}
}

func spell(q source.Query) string {
	if q.SQL != nil {
		return q.SQL.Text
	}
	return fmt.Sprintf("%s: %+v", q.Structured.Table, q.Structured.Tree)
}

// answer is all that can be told of a query's end; rows are sorted, since most
// queries ask for no order.
func answer(engine source.Engine, query source.Query, decisions access.Decisions) []string {
	ctx := context.Background()
	narrowed, err := engine.Narrow(ctx, query, decisions)
	if err != nil {
		// The model is called by its table's name and by its own.
		return []string{"narrow: " + strings.ReplaceAll(err.Error(), `table "`+modelKey+`"`, `table "t"`)}
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
