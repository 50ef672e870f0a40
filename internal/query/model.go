package query

import (
	"cmp"
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// SeenModel is a model as one principal sees it. What is hidden from them is
// nowhere in it.
type SeenModel struct {
	// Model has the columns that are described, and of its foreign keys those
	// that lead to something that the principal sees.
	oriel.Model
	// Seen are all columns, in the table's order, with the types of what is seen.
	Seen []access.Column
}

// SeenColumn is a column of a model as one principal sees it.
type SeenColumn struct {
	oriel.ModelColumn // always with a label
	Type              oriel.ColumnType
}

// Described are all columns, with what the model says of them.
func (m SeenModel) Described() []SeenColumn {
	columns := make([]SeenColumn, len(m.Seen))
	for i, seen := range m.Seen {
		column, _ := m.Column(seen.Name)
		column.Name, column.Label = seen.Name, label(column.Label, seen.Name)
		columns[i] = SeenColumn{column, seen.Type}
	}
	return columns
}

// Models are those that the principal may ask questions of their own on, by name
// and key: on sources that they may explore, of tables that exist for them. One
// whose table has a policy that no longer fits is not among them. Errors: as
// [access.ReadContent].
func (q *Queries) Models(_ context.Context, p oriel.Principal) ([]SeenModel, error) {
	if err := access.ReadContent(p); err != nil {
		return nil, err
	}
	models := q.models(snapshot{q.declared()}, p)
	slices.SortFunc(models, func(a, b SeenModel) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	return models, nil
}

// Model is one of [Queries.Models]. Errors: not_found when it is none of them;
// else as [access.ReadContent].
func (q *Queries) Model(_ context.Context, p oriel.Principal, key string) (SeenModel, error) {
	if err := access.ReadContent(p); err != nil {
		return SeenModel{}, err
	}
	return find(q.models(snapshot{q.declared()}, p), key)
}

func find(models []SeenModel, key string) (SeenModel, error) {
	at := slices.IndexFunc(models, func(m SeenModel) bool { return m.Key == key })
	if at < 0 {
		return SeenModel{}, oriel.E(oriel.CodeNotFound, "There is nothing here by this name.")
	}
	return models[at], nil
}

// models are those of [Queries.Models], as they are declared.
func (q *Queries) models(s snapshot, p oriel.Principal) []SeenModel {
	var seen []SeenModel
	for _, model := range s.Declaration.Models {
		if access.ExploreSource(p, s.Groups, model.Table.Source) != nil {
			continue
		}
		// By itself, so that a policy that no longer fits takes one model away and
		// not all of them.
		decision, found, err := q.sees(s, p, model.Table, model.Key)
		if err != nil || !found {
			continue
		}
		seen = append(seen, SeenModel{Model: model, Seen: decision.Columns})
	}
	for i := range seen {
		seen[i].Model = narrowed(seen[i], seen)
	}
	return seen
}

// narrowed is a model without its hidden columns, and without the foreign keys
// that lead to something hidden.
func narrowed(m SeenModel, seen []SeenModel) oriel.Model {
	model := m.Model
	model.Columns = nil
	for _, column := range m.Model.Columns {
		if !m.sees(column.Name) {
			continue
		}
		if key := column.ForeignKey; key != nil && !leads(*key, m.Table.Source, seen) {
			column.ForeignKey = nil
		}
		model.Columns = append(model.Columns, column)
	}
	if !m.sees(model.TimeColumn) {
		model.TimeColumn = ""
	}
	return model
}

func (m SeenModel) sees(column string) bool {
	return slices.ContainsFunc(m.Seen, func(c access.Column) bool { return c.Name == column })
}

// leads tells whether a foreign key leads to a column that is seen.
func leads(key oriel.ForeignKey, source string, seen []SeenModel) bool {
	return slices.ContainsFunc(seen, func(to SeenModel) bool {
		return to.Key == key.Model && to.Table.Source == source && to.sees(key.Column)
	})
}
