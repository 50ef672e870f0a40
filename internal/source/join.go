package source

import (
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// join is a join of the question as the principal sees it. Its rows come
// narrowed like every table's, in a sub-select of their own, and each column
// goes by NAME.COLUMN around it.
type join struct {
	name     string
	from     string // the foreign key, as the statement names it
	key      oriel.SourceColumn
	decision access.Decision
}

// maxName is how long a name may be in every engine, in bytes; PostgreSQL cuts
// a longer one, and two may be the same then.
const maxName = 63

// follow reads the question's joins, each of which may stand on those before. A
// joined table that does not exist for the principal is spoken of as one that
// isn't there, and so is a foreign key.
func (c *compiler) follow(decisions access.Decisions) error {
	if len(c.query.Joined) != len(c.query.Tree.Joins) {
		return refuse("the question has %d joins, and %d of them lead to a table", len(c.query.Tree.Joins), len(c.query.Joined))
	}
	for i, asked := range c.query.Tree.Joins {
		to := c.query.Joined[i]
		foreign, err := c.column(asked.Column)
		if err != nil {
			return err
		}
		if to.Table == "" {
			return refuse("the column %q has no foreign key to follow", asked.Column)
		}
		j := join{name: asked.Name()}
		if err := c.nameable(j.name); err != nil {
			return err
		}
		var found bool
		if j.decision, found = decisions.Seen(to.Model, to.Table); !found {
			return refuseTable(to.Table)
		}
		if j.key, err = columnOf(j.decision, to.Table, to.Key); err != nil {
			return err
		}
		if !Joinable(foreign.Type, j.key.Type) {
			return refuse("the foreign key %q is of the type %s and the column %q of the table %q of the type %s: only values of one type can be equal", asked.Column, foreign.Type, to.Key, to.Table, j.key.Type)
		}
		j.from = c.inner(asked.Column)
		c.joins = append(c.joins, j)
	}
	return nil
}

// Joinable tells whether a foreign key of one type can be equal to a key of
// another without an engine converting one of them.
func Joinable(foreign, key oriel.ColumnType) bool {
	return foreign == key || isInteger(foreign) && isInteger(key)
}

// nameable tells whether a join can have the name. An engine may take names in
// other case for the same.
func (c *compiler) nameable(name string) error {
	if name == "" || strings.Contains(name, ".") {
		return refuse("a join can't be called %q: give it a name without dots as its as", name)
	}
	for _, other := range c.joins {
		if strings.EqualFold(other.name, name) {
			return refuse("two joins are called %q: give one another as", name)
		}
	}
	return nil
}

// joinOf finds the join to which a name belongs. What begins with a join's name
// is never the question's own table's, whoever asks.
func (c *compiler) joinOf(name string) (of *join, own string, found bool) {
	before, own, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil, "", false
	}
	for i := range c.joins {
		if strings.EqualFold(c.joins[i].name, before) {
			return &c.joins[i], own, true
		}
	}
	return nil, "", false
}

// joinedColumn finds a joined column. Its name is that by which everything
// around the join calls it.
func (c *compiler) joinedColumn(j *join, own, name string) (oriel.SourceColumn, error) {
	column, err := columnOf(j.decision, j.decision.Table.Table, own)
	switch {
	case err != nil:
		return column, err
	case name != j.name+"."+own:
		return column, refuse("no join is called %q", strings.TrimSuffix(name, "."+own))
	case len(name) > maxName:
		return column, refuse("the name %q is longer than %d bytes: give its join a shorter as", name, maxName)
	}
	column.Name = name
	return column, nil
}

func columnOf(d access.Decision, table, name string) (oriel.SourceColumn, error) {
	for _, column := range d.Columns {
		if column.Name == name {
			return column.SourceColumn, nil
		}
	}
	return oriel.SourceColumn{}, refuse("the table %q has no column %q", table, name)
}

// inner is a column's name where the tables are joined.
func (c *compiler) inner(name string) string {
	for i := range c.joins {
		if own, is := strings.CutPrefix(name, c.joins[i].name+"."); is {
			return c.joinAlias(i) + "." + c.dialect.Identifier(own)
		}
	}
	return c.dialect.Identifier("base") + "." + c.dialect.Identifier(name)
}

func (c *compiler) joinAlias(i int) string {
	return c.dialect.Identifier("joined_" + strconv.Itoa(i+1))
}

// joined puts the columns of each join beside the question's own rows.
func (c *compiler) joined(own string) (string, error) {
	id := c.dialect.Identifier
	var items []string
	for _, column := range c.decision.Columns {
		if _, _, taken := c.joinOf(column.Name); !taken {
			items = append(items, id("base")+"."+id(column.Name))
		}
	}
	text := " FROM (" + own + ") AS " + id("base")
	for i, j := range c.joins {
		one, err := c.onePerKey(j)
		if err != nil {
			return "", err
		}
		alias := c.joinAlias(i)
		for _, column := range j.decision.Columns {
			if name := j.name + "." + column.Name; len(name) <= maxName {
				items = append(items, alias+"."+id(column.Name)+" AS "+id(name))
			}
		}
		text += " LEFT JOIN (" + one + ") AS " + alias + " ON " + j.from + " = " + alias + "." + id(j.key.Name)
	}
	return "SELECT " + strings.Join(items, ", ") + text, nil
}

// onePerKey selects the rows of a joined table that can be told by their key
// alone among those that the principal may see. So a join neither multiplies
// rows nor picks one of several by chance, and it can't tell of hidden ones.
func (c *compiler) onePerKey(j join) (string, error) {
	visible, err := c.visible(j.decision)
	if err != nil {
		return "", err
	}
	id := c.dialect.Identifier
	rows := id("rows") + "."
	items := make([]string, 0, len(j.decision.Columns))
	for _, column := range j.decision.Columns {
		item := rows + id(column.Name)
		if column.Name != j.key.Name { // of one row the least is the only one
			item = c.dialect.Extreme("min", item, column.Type) + " AS " + id(column.Name)
		}
		items = append(items, item)
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + visible + ") AS " + id("rows") +
		" GROUP BY " + rows + id(j.key.Name) + " HAVING count(*) = 1", nil
}
