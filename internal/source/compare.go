package source

import (
	"maps"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// compared selects the aggregations, and beside them the same over the period
// of equal length before that of the parameter. Where the preceding period
// begins before the first day of the principal's own rows of the table, or
// there is no period, the previous values are NULL: the columns stay.
func (c *compiler) compared() (string, error) {
	tree := c.query.Tree
	if len(tree.Breakouts) > 0 || len(tree.Having) > 0 || len(tree.Aggregations) == 0 {
		return "", refuse("compare needs aggregations, without breakouts and having")
	}
	column, err := c.column(tree.Compare.Column)
	if err != nil {
		return "", err
	}
	if column.Type != oriel.TypeDate && column.Type != oriel.TypeTimestamp {
		return "", refuse("compare needs a date or a timestamp, and the column %q is of the type %s", column.Name, column.Type)
	}
	id := c.dialect.Identifier
	from, to, known := preceding(c.query.Parameters[tree.Compare.Parameter])
	var items []string
	for _, a := range tree.Aggregations {
		items = append(items, id("current")+"."+id(a.As)+" AS "+id(a.As))
	}
	first := id("first") + "." + id("day")
	if column.Type == oriel.TypeTimestamp {
		first = c.dialect.Day(first)
	}
	for _, a := range tree.Aggregations {
		// Without a period a NULL of the aggregation's own type.
		available, value := "FALSE", id("current")
		if known {
			available, value = first+" <= "+c.bind(from), id("preceding")
		}
		items = append(items, "CASE WHEN "+available+" THEN "+value+"."+id(a.As)+" END AS "+id(oriel.PreviousColumn(a.As)))
	}
	current, err := c.grouped(c.query.Parameters)
	if err != nil {
		return "", err
	}
	text := "SELECT " + strings.Join(items, ", ") + " FROM (" + current + ") AS " + id("current")
	if !known {
		return text, nil
	}
	shifted := maps.Clone(c.query.Parameters)
	shifted[tree.Compare.Parameter] = ParameterValue{From: &from, To: &to}
	previous, err := c.grouped(shifted)
	if err != nil {
		return "", err
	}
	narrowed, err := c.narrowed()
	if err != nil {
		return "", err
	}
	return text + " CROSS JOIN (" + previous + ") AS " + id("preceding") +
		" CROSS JOIN (SELECT min(" + id(column.Name) + ") AS " + id("day") + " FROM " + narrowed + ") AS " + id("first"), nil
}

const secondsPerDay = 24 * 60 * 60 // both ends are UTC: no day is longer

// preceding is the period of as many days before a period with both ends.
func preceding(period ParameterValue) (from, to oriel.Scalar, known bool) {
	if period.From == nil || period.To == nil {
		return from, to, false
	}
	begin, ok1 := period.From.Value.(time.Time)
	end, ok2 := period.To.Value.(time.Time)
	if !ok1 || !ok2 || end.Before(begin) {
		return from, to, false
	}
	days := int((end.Unix()-begin.Unix())/secondsPerDay) + 1
	before := begin.AddDate(0, 0, -days)
	if before.Year() < 1 { // no data is that old, and no engine's calendar
		return from, to, false
	}
	return oriel.DateScalar(before), oriel.DateScalar(begin.AddDate(0, 0, -1)), true
}
