package declaration

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// checkForeignKeys holds a model's foreign keys to models of the same source.
func (b *builder) checkForeignKeys(m oriel.Model, x index) {
	for _, c := range m.Columns {
		if c.ForeignKey == nil {
			continue
		}
		at := b.origin[join("models", m.Key)].under("columns", c.Name, "foreign_key")
		if !b.needs(at, "model", c.ForeignKey.Model, keysOf(x.models)) {
			continue
		}
		if to := x.models[c.ForeignKey.Model].Table.Source; to != m.Table.Source {
			b.fail(at, "%s: the model %q is of the source %q, and this one of %q: a join stays within one source", dotted(at.path), c.ForeignKey.Model, to, m.Table.Source)
		}
	}
}

// checkJoins holds joins to foreign keys, and their names apart. Whether the
// columns that they bring are there is checked when the data is.
func (b *builder) checkJoins(at place, model string, joins []oriel.Join, x index) {
	type joined struct{ name, model string } // model is "" when the join is wrong
	var before []joined
	for i, j := range joins {
		here := at.under(i)
		for _, other := range before {
			if strings.EqualFold(other.name, j.Name()) {
				b.fail(here, `%s: another join is called %q: give one of them another "as"`, dotted(here.path), other.name)
			}
		}
		if strings.Contains(j.Name(), ".") {
			b.fail(here, `%s: a join can't be called %q: give it an "as" without dots`, dotted(here.path), j.Name())
		}
		of, own := model, j.Column
		if name, column, dotted := strings.Cut(j.Column, "."); dotted {
			for _, other := range before {
				if other.name == name {
					of, own = other.model, column
				}
			}
		}
		next := joined{name: j.Name()}
		if of != "" {
			next.model = b.needsForeignKey(here.under("column"), x.models[of], own)
		}
		before = append(before, next)
	}
}

// needsForeignKey gives the model to which a column's foreign key leads, or
// notes that it has none.
func (b *builder) needsForeignKey(at place, m oriel.Model, column string) string {
	if c, _ := m.Column(column); c.ForeignKey != nil {
		return c.ForeignKey.Model
	}
	var known []string
	for _, c := range m.Columns {
		if c.ForeignKey != nil {
			known = append(known, c.Name)
		}
	}
	b.fail(at, `%s: the model %q has no column %q with a "foreign_key": %s`, dotted(at.path), m.Key, column, suggest(column, known))
	return ""
}
