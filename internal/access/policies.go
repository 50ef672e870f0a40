package access

import (
	"fmt"
	"maps"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Policies are those of a declaration, read once and found by what they are on,
// so that a request pays for the tables that it reads and for no other.
type Policies struct {
	sources map[string]readSource
	tables  map[oriel.TableRef][]readPolicy
	models  map[oriel.TableRef][]readModel // by the table that they are on
}

// readSource is a source with its tables by name.
type readSource struct {
	oriel.Source
	tables map[string]oriel.SourceTable
}

// readModel is a model that has policies of its own.
type readModel struct {
	key      string
	policies []readPolicy
}

// readPolicy is a policy with its condition. One that no longer fits keeps why:
// leaving it out would show more.
type readPolicy struct {
	oriel.Policy
	condition Condition
	err       error
}

// ReadPolicies reads the policies of a declaration, whose sources were
// synchronised.
func ReadPolicies(sources []oriel.Source, models []oriel.Model, policies []oriel.Policy) *Policies {
	ps := &Policies{
		sources: make(map[string]readSource, len(sources)),
		tables:  map[oriel.TableRef][]readPolicy{}, models: map[oriel.TableRef][]readModel{},
	}
	for _, s := range sources {
		tables := make(map[string]oriel.SourceTable, len(s.Tables))
		for _, t := range s.Tables {
			tables[t.Name] = t
		}
		ps.sources[s.Key] = readSource{s, tables}
	}
	onTable := make(map[string]oriel.TableRef, len(models))
	for _, m := range models {
		onTable[m.Key] = m.Table
	}
	ofModels := map[string][]readPolicy{}
	for i, p := range policies {
		ref := p.Table
		if p.Model != "" {
			ref = onTable[p.Model] // of no table when there is no such model
		}
		read := ps.read(i, p, ref)
		if p.Model == "" {
			ps.tables[ref] = append(ps.tables[ref], read)
		} else {
			ofModels[p.Model] = append(ofModels[p.Model], read)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(ofModels)) {
		ps.models[onTable[key]] = append(ps.models[onTable[key]], readModel{key, ofModels[key]})
	}
	return ps
}

func (ps *Policies) read(i int, p oriel.Policy, ref oriel.TableRef) readPolicy {
	read := readPolicy{Policy: p}
	src := ps.sources[ref.Source]
	table, found := src.tables[ref.Table]
	if !found {
		return read // nobody can ask for it
	}
	if read.condition, read.err = CheckPolicy(p, src.Source, table); read.err != nil {
		read.err = &oriel.Error{Code: oriel.CodeInternal, Err: fmt.Errorf("read policy %d, on %s: %w", i+1, p.On(), read.err)}
	}
	return read
}

// CheckPolicy tells whether a policy fits the table that it is on, or that its
// model is on, and gives its condition; the zero one when it has none. Errors:
// invalid_request with what to do.
func CheckPolicy(p oriel.Policy, src oriel.Source, table oriel.SourceTable) (Condition, error) {
	for _, name := range slices.Sorted(maps.Keys(p.Columns)) {
		column, found := table.Column(name)
		mask := p.Columns[name]
		switch {
		case !found:
			return Condition{}, oriel.E(oriel.CodeInvalidRequest, "there is no column %q in %s to mask: check its name", name, table.Name)
		case mask == oriel.MaskNone || !mask.Fits(column.Type):
			return Condition{}, oriel.E(oriel.CodeInvalidRequest,
				"the column %q is a %s, which can't be masked by %q: hash and last4 are for texts and whole numbers, use empty or hidden", name, column.Type, mask)
		}
	}
	if p.Rows == "" && (p.Shared || len(p.Columns) > 0) {
		return Condition{}, nil
	}
	return ParseCondition(p.Rows, src, table)
}
