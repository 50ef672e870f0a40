package sourcetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// joinQueries is how many questions with joins each schema is asked, beside the
// others.
const joinQueries = 4

// hop is a join as the model understands it.
type hop struct {
	join oriel.Join
	to   source.JoinedTable
}

// base is what questions with joins are on: a table, or the model on t. Table
// has all of its columns and those of every hop's table by their joined names.
type base struct {
	model string
	name  string // of the table
	table Table
	hops  []hop
}

// shownAs is the name of what a table, or the model on it, is where nothing else
// was ever there.
func shownAs(model, table string) string {
	if model != "" {
		return model
	}
	return table
}

// randomBase follows foreign keys from one of the tables or the model, to any of
// them, mostly to columns of the same type. Later hops may go on from earlier.
func randomBase(c chance, s schema) base {
	b := pick(c, base{name: "t", table: s.t}, base{name: "u", table: s.u}, base{model: modelKey, name: "t", table: s.t})
	b.table.Columns = slices.Clone(b.table.Columns)
	for n := range 1 + c.IntN(3) {
		target := pick(c, s.t, s.u)
		to := source.JoinedTable{Table: target.Name}
		if target.Name == "t" && c.oneIn(2) {
			to.Model = modelKey
		}
		foreign, key := pick(c, b.table.of(oriel.TypeInteger)...), pick(c, target.of(oriel.TypeInteger)...)
		switch {
		case c.oneIn(3):
			key = target.Columns[0] // id, which tells rows apart
		case c.oneIn(2):
			foreign = pick(c, b.table.Columns...)
			if same := target.of(foreign.Type); len(same) > 0 {
				key = pick(c, same...)
			}
		}
		to.Key = key.Name
		h := hop{oriel.Join{Column: foreign.Name, As: fmt.Sprintf("j%d", n+1)}, to}
		if n == 0 && c.oneIn(3) {
			h.join.As = ""
		}
		for _, column := range target.Columns {
			column.Name = h.join.Name() + "." + column.Name
			b.table.Columns = append(b.table.Columns, column)
		}
		b.hops = append(b.hops, h)
	}
	return b
}

// joined is the base with its joins done, by loops: a table of which each row has
// the values of the one row of the other table with its key. left are the
// tables as the principal sees them. It ends before the first hop that can't be
// followed, and tells how many it followed.
func (b base) joined(left map[string]Table, n *tally) (Table, int) {
	from := left[shownAs(b.model, b.name)]
	flat := Table{Name: "flat_" + shownAs(b.model, b.name), Columns: slices.Clone(from.Columns)}
	for _, row := range from.Rows {
		flat.Rows = append(flat.Rows, slices.Clone(row))
	}
	for i, h := range b.hops {
		to := left[shownAs(h.to.Model, h.to.Table)]
		foreign, key := flat.at(h.join.Column), to.at(h.to.Key)
		if foreign < 0 || key < 0 || flat.Columns[foreign].Type != to.Columns[key].Type {
			return flat, i
		}
		for _, column := range to.Columns {
			column.Name = h.join.Name() + "." + column.Name
			flat.Columns = append(flat.Columns, column)
		}
		for r, row := range flat.Rows {
			flat.Rows[r] = append(row, only(to, key, row[foreign], n)...)
		}
	}
	return flat, len(b.hops)
}

// only are the values of the one row with the key, or as many nulls.
func only(of Table, key int, value any, n *tally) []any {
	var found [][]any
	for _, row := range of.Rows {
		if value != nil && row[key] == value {
			found = append(found, row)
		}
	}
	if len(found) == 1 {
		n.matched++
		return found[0]
	}
	if len(found) > 1 {
		n.ambiguous++
	}
	return make([]any, len(of.Columns))
}

// joining is what a round asks with joins.
type joining struct {
	base
	flat     Table
	followed int // hops
}

// newJoining looks for joins that find a row and for those that find several,
// since most find none, but not for too long: those that find none, or can't be
// followed, are worth a question as well.
func newJoining(c chance, s schema, left map[string]Table, n *tally) joining {
	for tried := 0; ; tried++ {
		var found tally
		j := joining{base: randomBase(c, s)}
		j.flat, j.followed = j.joined(left, &found)
		if found.matched > 0 && found.ambiguous > 0 || c.oneIn(8) || tried == 16 {
			n.matched += found.matched
			n.ambiguous += found.ambiguous
			return j
		}
	}
}

// ask holds a random question with joins to what is answered where only the
// permitted rows and columns are there: once by the same joins, word for word,
// and once of the table that loops have joined.
func (j joining) ask(t *testing.T, c chance, full, reduced source.Engine, decisions, shared access.Decisions, n *tally) bool {
	t.Helper()
	hops := j.hops[:1+c.IntN(len(j.hops))]
	table := Table{Name: j.name, Columns: slices.DeleteFunc(slices.Clone(j.table.Columns), func(column oriel.SourceColumn) bool {
		return slices.ContainsFunc(j.hops[len(hops):], func(h hop) bool { return strings.HasPrefix(column.Name, h.join.Name()+".") })
	})}
	asked := source.StructuredQuery{Tree: randomTree(c, table, j.model), Table: j.name, Limit: 1000}
	if c.oneIn(2) {
		asked.Tree.Filters = nil
	}
	same, flat := asked, asked
	same.Tree.Model, same.Table = "", shownAs(j.model, j.name)
	flat.Tree.Model, flat.Table = "", j.flat.Name
	for _, h := range hops {
		asked.Tree.Joins, asked.Joined = append(asked.Tree.Joins, h.join), append(asked.Joined, h.to)
		same.Joined = append(same.Joined, source.JoinedTable{Table: shownAs(h.to.Model, h.to.Table), Key: h.to.Key})
	}
	same.Tree.Joins = asked.Tree.Joins
	got := answer(full, source.Query{Structured: &asked}, decisions)
	n.count(got)
	n.joined++
	want := answer(reduced, source.Query{Structured: &same}, shared)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\njoined to %+v: %s", spell(source.Query{Structured: &asked}), asked.Joined, diff)
		return false
	}
	want = answer(reduced, source.Query{Structured: &flat}, shared)
	if refused := strings.HasPrefix(got[0], "narrow:"); refused || len(hops) > j.followed {
		// In which words depends on the tables; that it is depends on the columns.
		if !refused || len(hops) <= j.followed && !strings.HasPrefix(want[0], "narrow:") {
			t.Errorf("%s\njoined to %+v, of which %d can be followed: %s, of the joined table %s", spell(source.Query{Structured: &asked}), asked.Joined, j.followed, got, want)
			return false
		}
		return true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\njoined to %+v is not what loops join: %s", spell(source.Query{Structured: &asked}), asked.Joined, diff)
		return false
	}
	n.joinedRows += len(got) - 1
	return true
}
