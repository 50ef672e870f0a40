package source

import (
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// runningTotal is the function that adds a figure up along the first breakout.
const runningTotal = "running_total"

// running adds figures up, around the grouping: along the first breakout, for
// each value of the second apart.
func (c *compiler) running(grouped string) (string, error) {
	tree := c.query.Tree
	is := func(a oriel.Aggregation) bool { return a.Function == runningTotal }
	if !slices.ContainsFunc(tree.Aggregations, is) {
		return grouped, nil
	}
	if len(tree.Breakouts) < 1 || len(tree.Breakouts) > 2 {
		return "", refuse("running_total needs a breakout along which it runs, and takes one more for the series: the question has %d", len(tree.Breakouts))
	}
	first, err := c.column(tree.Breakouts[0].Column)
	if err != nil {
		return "", err
	}
	if first.Type != oriel.TypeDate && first.Type != oriel.TypeTimestamp && !isNumeric(first.Type) {
		return "", refuse("running_total runs along the first breakout, and the column %q is a %s: put a date, a timestamp or a number first", first.Name, first.Type)
	}
	id := c.dialect.Identifier
	over := " OVER ("
	if len(tree.Breakouts) == 2 {
		over += "PARTITION BY " + id(tree.Breakouts[1].ResultColumn()) + " "
	}
	over += "ORDER BY " + id(tree.Breakouts[0].ResultColumn()) + " NULLS LAST ROWS UNBOUNDED PRECEDING)"
	var items []string
	for _, b := range tree.Breakouts {
		items = append(items, id(b.ResultColumn()))
	}
	for _, a := range tree.Aggregations {
		item := id(a.As)
		if is(a) {
			t, err := c.aggregationType(a)
			if err != nil {
				return "", err
			}
			item = c.dialect.Sum(item, t, over) + " AS " + item
		}
		items = append(items, item)
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + grouped + ") AS " + id("steps"), nil
}
