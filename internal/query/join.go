package query

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// step is a join of a question, read beside the models.
type step struct {
	name    string
	foreign oriel.ModelColumn // the column that is followed
	to      oriel.Model       // the zero one when it has no foreign key
	key     string
}

// follow tells where joins lead from a model. What its columns are keys of is
// told whoever asks; whether a column is there for somebody the engine tells.
func (s snapshot) follow(model oriel.Model, joins []oriel.Join) []step {
	var steps []step
	for _, j := range joins {
		of, own := model, j.Column
		if before, column, found := stepOf(steps, j.Column); found {
			of, own = before.to, column
		}
		next := step{name: j.Name()}
		next.foreign, _ = of.Column(own)
		if key := next.foreign.ForeignKey; key != nil {
			// A table of another source that bears the same name is another.
			if to, found := s.Model(key.Model); found && to.Table.Source == model.Table.Source {
				next.to, next.key = to, key.Column
			}
		}
		steps = append(steps, next)
	}
	return steps
}

// stepOf finds the join to which a column's name belongs.
func stepOf(steps []step, name string) (of step, own string, found bool) {
	before, own, _ := strings.Cut(name, ".")
	for _, st := range steps {
		if st.name == before && own != "" {
			return st, own, true
		}
	}
	return step{}, "", false
}

// joined is the same as an engine takes it.
func (s snapshot) joined(model oriel.Model, joins []oriel.Join) []source.JoinedTable {
	var tables []source.JoinedTable
	for _, st := range s.follow(model, joins) {
		tables = append(tables, source.JoinedTable{Model: st.to.Key, Table: st.to.Table.Table, Key: st.key})
	}
	return tables
}

// reads are the models that a structured query reads, with their tables; none of
// an SQL text. A join that leads nowhere reads nothing.
func reads(query source.Query) []source.JoinedTable {
	if query.Structured == nil {
		return nil
	}
	models := []source.JoinedTable{{Model: query.Structured.Tree.Model, Table: query.Structured.Table}}
	for _, j := range query.Structured.Joined {
		if j.Table != "" {
			models = append(models, j)
		}
	}
	return models
}

// described is what the models say of a column of a question on a model. A
// joined one is labelled with what it was joined by, since two joins may lead to
// the same model.
func described(model oriel.Model, steps []step, name string) oriel.ModelColumn {
	st, own, found := stepOf(steps, name)
	if !found {
		column, _ := model.Column(name)
		return column
	}
	column, _ := st.to.Column(own)
	by := label(st.foreign.Label, st.foreign.Name)
	if st.name != st.foreign.Name {
		by = label("", st.name)
	}
	column.Label = by + ": " + label(column.Label, own)
	return column
}

// columnOf finds a column of a model's table, or of one that is joined to it.
func (s snapshot) columnOf(model oriel.Model, joins []oriel.Join, name string) (oriel.SourceColumn, bool) {
	of, own := s.lead(model, joins, name)
	table, _ := s.table(of.Table)
	return table.Column(own)
}

// lead tells of which model a column is, and its name there.
func (s snapshot) lead(model oriel.Model, joins []oriel.Join, name string) (of oriel.Model, own string) {
	if st, column, found := stepOf(s.follow(model, joins), name); found {
		return st.to, column
	}
	return model, name
}
