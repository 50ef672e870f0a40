package sourcetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// kept is a row of the one table of [Shapes].
type kept struct {
	id            int64
	owner, secret string
	level         int64
}

// shape is one way to see that table: policies, and what they leave and show by
// the values of whoever asks.
type shape struct {
	rows    []string
	mask    oriel.Mask
	permits func(row kept, who shaped) bool
}

// shaped is somebody who sees by a shape.
type shaped struct {
	shape  int
	owners []string
	level  int64
}

func shapes() []shape {
	own := func(row kept, who shaped) bool { return row.owner == who.owners[0] }
	return []shape{
		{rows: []string{"owner = user.attr.owner"}, permits: own},
		{rows: []string{"owner = user.attr.owner"}, mask: oriel.MaskHidden, permits: own},
		{rows: []string{"owner = user.attr.owner"}, mask: oriel.MaskEmpty, permits: own},
		{rows: []string{"owner = user.attr.owner"}, mask: oriel.MaskLast4, permits: own},
		{rows: []string{"not owner = user.attr.owner"}, permits: func(row kept, who shaped) bool { return !own(row, who) }},
		{rows: []string{"owner in user.attr.owners"}, permits: func(row kept, who shaped) bool {
			for _, owner := range who.owners {
				if row.owner == owner {
					return true
				}
			}
			return false
		}},
		{rows: []string{"owner = user.attr.owner", "level <= user.attr.level"}, permits: func(row kept, who shaped) bool { return own(row, who) && row.level <= who.level }},
		{rows: []string{"owner = user.attr.owner", "level >= user.attr.level"}, permits: func(row kept, who shaped) bool { return own(row, who) && row.level >= who.level }},
		{rows: []string{"owner starts with user.attr.owner"}, permits: func(row kept, who shaped) bool { return strings.HasPrefix(row.owner, who.owners[0]) }},
		{permits: func(kept, shaped) bool { return true }},
	}
}

// Shapes holds an engine to what it may remember of a text: two who see a table
// in different ways, or in the same way by other values, never get what was made
// for the other, in whatever order and however many at once they ask.
func Shapes(t *testing.T, chances Chance, open Opener) {
	table := Table{Name: "kept", Columns: []oriel.SourceColumn{
		{Name: "id", Type: oriel.TypeInteger}, {Name: "owner", Type: oriel.TypeText}, {Name: "secret", Type: oriel.TypeText}, {Name: "level", Type: oriel.TypeInteger},
	}}
	var rows []kept
	for id := range int64(60) {
		row := kept{id, []string{"a", "ab", "b", "c"}[id%4], fmt.Sprintf("secret-%02d", id), id % 5}
		rows = append(rows, row)
		table.Rows = append(table.Rows, []any{row.id, row.owner, row.secret, row.level})
	}
	engine, src := open(t, "shapes", []Table{table})
	all := shapes()
	random := chances(1)
	var asked []shaped
	for range 400 {
		who := shaped{shape: random.IntN(len(all)), level: random.Int64N(5)}
		for range 1 + random.IntN(3) {
			who.owners = append(who.owners, []string{"a", "ab", "b", "c", "nobody"}[random.IntN(5)])
		}
		asked = append(asked, who)
	}
	ask := func(i int, who shaped) {
		decisions, err := access.Decide(who.principal(), src, all[who.shape].policies(src.Key))
		if err != nil {
			t.Error(err)
			return
		}
		query := &source.SQLQuery{Text: "select * from kept order by id", Limit: 100}
		from := int64(0)
		if i%2 == 1 {
			from = int64(i % 50)
			query.Text, query.Arguments = "select * from kept where id >= $1 order by id", []oriel.Scalar{oriel.IntegerScalar(from)}
		}
		narrowed, err := engine.Narrow(context.Background(), source.Query{SQL: query}, decisions)
		if err != nil {
			t.Error(err)
			return
		}
		result, err := engine.Run(context.Background(), narrowed)
		if err != nil {
			t.Error(err)
			return
		}
		if diff := cmp.Diff(all[who.shape].lines(rows, who, from), linesOf(result)); diff != "" {
			t.Errorf("somebody with the policies %q and the values %v %d: %s", all[who.shape].rows, who.owners, who.level, diff)
		}
	}
	for i, who := range asked {
		ask(i, who)
	}
	var askers sync.WaitGroup
	for asker := range 8 {
		askers.Go(func() {
			for i := asker; i < len(asked); i += 8 {
				ask(i, asked[i])
			}
		})
	}
	askers.Wait()
}

func (who shaped) principal() oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: "usr_1", Attributes: oriel.Attributes{
		"owner": oriel.Text(who.owners[0]), "owners": {List: true, Values: who.owners}, "level": oriel.Text(fmt.Sprint(who.level)),
	}}, oriel.SessionEmbed)
}

func (s shape) policies(key string) []oriel.Policy {
	on := oriel.TableRef{Source: key, Table: "kept"}
	all := []oriel.Policy{{Table: on, Shared: true}}
	for _, condition := range s.rows {
		all = append(all, oriel.Policy{Table: on, Rows: condition})
	}
	if s.mask != oriel.MaskNone {
		all = append(all, oriel.Policy{Table: on, Columns: map[string]oriel.Mask{"secret": s.mask}})
	}
	return all
}

// lines are the rows that somebody sees, from an id on, as JSON values.
func (s shape) lines(rows []kept, who shaped, from int64) []string {
	lines := []string{}
	for _, row := range rows {
		if row.id < from || !s.permits(row, who) {
			continue
		}
		secret := fmt.Sprintf("%q ", row.secret)
		switch s.mask {
		case oriel.MaskHidden:
			secret = ""
		case oriel.MaskEmpty:
			secret = "null "
		case oriel.MaskLast4:
			secret = fmt.Sprintf("%q ", row.secret[len(row.secret)-4:])
		case oriel.MaskNone, oriel.MaskHash:
		}
		lines = append(lines, fmt.Sprintf("%d %q %s%d", row.id, row.owner, secret, row.level))
	}
	return lines
}
