package source

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// NativeMoment is the engine's own name for the type of a column that holds
// moments, in [oriel.SourceColumn]'s Native.
const NativeMoment = "timestamptz"

// readMoments finds the columns of the question that hold moments, as they exist
// for the principal. One that does not is told of by who reads it, in the same
// words and at the same time as one that nobody has.
func (c *compiler) readMoments() {
	for _, name := range c.query.Moments {
		column, err := c.column(name)
		native := column.Native == NativeMoment
		if err != nil || column.Type != oriel.TypeTimestamp || !native && c.query.Zone == nil {
			continue // nothing is left of it by a mask, or it is its own wall time
		}
		if c.moments == nil {
			c.moments, c.raw = map[string]bool{}, map[string]string{}
		}
		c.moments[name] = native
	}
	for _, f := range c.query.Tree.Filters {
		if _, is := c.moments[f.Column]; is && c.raw[f.Column] == "" {
			c.raw[f.Column] = c.unused("moment")
		}
	}
}

// unused is a name that no column of the question bears.
func (c *compiler) unused(prefix string) string {
	taken := c.query.Tree.ReadColumns()
	for _, name := range c.raw {
		taken = append(taken, name)
	}
	for n := 1; ; n++ {
		name := prefix + "_" + strconv.Itoa(n)
		if !slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }) {
			return name
		}
	}
}

// shown puts wall time in the place of moments, under their names, so that all
// that is around it counts, cuts and compares what the principal's clocks show.
// What filters compare stays beside it as it is in the data, for indexes.
func (c *compiler) shown(text string) string {
	if len(c.moments) == 0 {
		return text
	}
	id := c.dialect.Identifier
	var items []string
	for _, name := range c.query.Tree.ReadColumns() {
		_, is := c.moments[name]
		if !is {
			items = append(items, id(name))
			continue
		}
		items = append(items, c.query.Zone.wall(c.dialect, id(name))+" AS "+id(name))
		if raw := c.raw[name]; raw != "" {
			items = append(items, id(name)+" AS "+id(raw))
		}
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + text + ") AS " + id("moments")
}

// near writes bounds that hold of every moment that a filter keeps, for an index
// to use: it is the filter that decides.
func (c *compiler) near(f oriel.Filter, value ParameterValue) string {
	raw := c.raw[f.Column]
	if raw == "" {
		return ""
	}
	low, high := value.From, value.To
	if value.Scalar != nil {
		switch f.Op {
		case "=":
			low, high = value.Scalar, value.Scalar
		case ">", ">=":
			low = value.Scalar
		case "<", "<=":
			high = value.Scalar
		}
	}
	ahead, behind := 0, 0
	if z := c.query.Zone; z != nil {
		ahead, behind = z.max, z.min
	}
	return c.bound(raw, " >= ", low, 0, ahead) + c.bound(raw, " <= ", high, 1, behind)
}

// bound compares with the moment at which clocks that are ahead of UTC by so
// many seconds show the value, a day of it with its end when it is one.
func (c *compiler) bound(raw, op string, value *oriel.Scalar, days, ahead int) string {
	if value == nil {
		return ""
	}
	at, is := value.Value.(time.Time)
	if value.Type == oriel.TypeDate {
		at = at.AddDate(0, 0, days)
	}
	at = at.Add(-time.Duration(ahead) * time.Second)
	if !is || at.Year() < 1 || at.Year() > 9999 { // beyond every engine's calendar
		return ""
	}
	return " AND " + c.dialect.Identifier(raw) + op + c.bind(oriel.TimestampScalar(at))
}
