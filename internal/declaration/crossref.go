package declaration

import (
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// crossCheck notes what refers to something that isn't there, or that doesn't
// fit. Columns of tables are checked when the data is there, not here.
func (b *builder) crossCheck() {
	index := b.index()
	b.checkAccess(index)
	for i := range b.out.Questions {
		b.checkQuestion(&b.out.Questions[i], index)
	}
	for _, d := range b.out.Dashboards {
		b.checkDashboard(d, index)
	}
}

// checkQuestion holds a question to what it refers to, and gives a structured
// one the source of its model.
func (b *builder) checkQuestion(q *oriel.Question, x index) {
	at := b.origin[join("questions", q.Key)]
	b.needs(at.under("collection"), "collection", q.Collection, x.collections)
	b.checkParameters(at, *q, x)
	if q.Structured == nil {
		b.needs(at.under("source"), "source", q.Source, x.sources)
		return
	}
	if b.needs(at.under("structured", "model"), "model", q.Structured.Model, keysOf(x.models)) {
		q.Source = x.models[q.Structured.Model].Table.Source
		b.checkJoins(at.under("structured", "joins"), q.Structured.Model, q.Structured.Joins, x)
	}
	b.checkStructured(at, *q)
}

// index is what can be referred to.
type index struct {
	groups, collections, sources []string
	tables                       map[string][]string // by source
	models                       map[string]oriel.Model
	questions                    map[string]oriel.Question
}

func (b *builder) index() index {
	x := index{tables: map[string][]string{}, models: map[string]oriel.Model{}, questions: map[string]oriel.Question{}}
	x.groups = []string{string(oriel.GroupAdministrators), string(oriel.GroupAllUsers), string(oriel.GroupAllTenantUsers)}
	for _, g := range b.out.Groups {
		if !slices.Contains(x.groups, string(g.Key)) {
			x.groups = append(x.groups, string(g.Key))
		}
	}
	for _, c := range b.out.Collections {
		x.collections = append(x.collections, c.Key)
	}
	for _, s := range b.out.Sources {
		x.sources = append(x.sources, s.Key)
		if len(s.Only) > 0 {
			x.tables[s.Key] = s.Only
		}
		if _, is := s.DatabaseFile(); is {
			continue // which tables it has is known when it is read
		}
		for _, f := range s.Files {
			x.tables[s.Key] = append(x.tables[s.Key], tableOf(f))
		}
	}
	for _, m := range b.out.Models {
		x.models[m.Key] = m
	}
	for _, q := range b.out.Questions {
		x.questions[q.Key] = q
	}
	return x
}

// needs tells whether a reference leads somewhere, and notes it if not.
func (b *builder) needs(at place, kind, name string, known []string) bool {
	if slices.Contains(known, name) {
		return true
	}
	b.fail(at, "%s: there is no %s %q: %s", dotted(at.path), kind, name, suggest(name, known))
	return false
}

func keysOf[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func (b *builder) checkAccess(x index) {
	for _, m := range b.out.Models {
		b.needsTable(b.origin[join("models", m.Key)].under("table"), m.Table, x)
		b.checkForeignKeys(m, x)
	}
	b.checkPolicies(x)
	for _, g := range b.out.Groups {
		at := b.origin[join("groups", string(g.Key))]
		for c := range g.Collections {
			b.needs(at.under("collections", c), "collection", c, x.collections)
		}
		for s := range g.Sources {
			b.needs(at.under("sources", s), "source", s, x.sources)
		}
	}
	for _, p := range b.out.Providers {
		at := b.origin[join("providers", p.Slug)].under("groups")
		for i, g := range p.Groups.Opened {
			b.needsClaimable(at.under("opened", i), g, x)
		}
		for external, groups := range p.Groups.Mapping {
			for i, g := range groups {
				b.needsClaimable(at.under("mapping", external, i), g, x)
			}
		}
	}
}

// needsClaimable is for groups that a token's claim may name: never a
// built-in one (sign-in contract §2).
func (b *builder) needsClaimable(at place, group oriel.GroupKey, x index) {
	switch group {
	case oriel.GroupAdministrators, oriel.GroupAllUsers, oriel.GroupAllTenantUsers:
		b.fail(at, "%s: a claim can't put anybody into the built-in group %q: remove it", dotted(at.path), group)
		return
	}
	b.needs(at, "group", string(group), x.groups)
}

func (b *builder) needsTable(at place, ref oriel.TableRef, x index) {
	if !b.needs(at, "source", ref.Source, x.sources) {
		return
	}
	tables, known := x.tables[ref.Source]
	if known && !slices.Contains(tables, ref.Table) { // what a server has is found out when it is asked
		b.fail(at, "%s: the source %q has no table %q: %s", dotted(at.path), ref.Source, ref.Table, suggest(ref.Table, tables))
	}
}

// checkDashboard holds its cards and its parameters together.
func (b *builder) checkDashboard(d oriel.Dashboard, x index) {
	at := b.origin[join("dashboards", d.Key)]
	b.needs(at.under("collection"), "collection", d.Collection, x.collections)
	used := map[string]bool{}
	unknown := false // then one that seems unused is probably meant
	for i, card := range d.Cards {
		card1 := at.under("cards", i)
		if !b.needs(card1.under("question"), "question", card.Question, keysOf(x.questions)) {
			continue
		}
		question := x.questions[card.Question]
		for from, to := range card.Parameters {
			if _, known := parameter(d.Parameters, from); !known {
				unknown = true
			}
			used[from] = true
			b.checkMapping(card1.under("parameters", from), from, to, d, question)
		}
		for _, p := range question.Parameters {
			if p.Required && !feeds(card.Parameters, p.Name) {
				b.fail(card1, "%s: the question needs its parameter %q: map one of the dashboard's to it", dotted(card1.path), p.Name)
			}
		}
	}
	for _, p := range d.Parameters {
		here := at.under("parameters", p.Name)
		if !used[p.Name] && !unknown {
			b.fail(here, "%s filters no card: name it in a card's parameters, or remove it", dotted(here.path))
		}
		if p.Values != nil && b.needs(here.under("values", "model"), "model", p.Values.Model, keysOf(x.models)) {
			b.checkJoins(here.under("values", "joins"), p.Values.Model, p.Values.Joins, x)
		}
	}
}

func feeds(mapping map[string]string, name string) bool {
	for _, to := range mapping {
		if to == name {
			return true
		}
	}
	return false
}

func (b *builder) checkMapping(at place, from, to string, d oriel.Dashboard, q oriel.Question) {
	source, found := parameter(d.Parameters, from)
	if !found {
		b.fail(at, "%s: the dashboard has no parameter %q: %s", dotted(at.path), from, suggest(from, names(d.Parameters)))
		return
	}
	target, found := parameter(q.Parameters, to)
	if !found {
		b.fail(at, "%s: the question %q has no parameter %q: %s", dotted(at.path), q.Key, to, suggest(to, names(q.Parameters)))
		return
	}
	if source.Type != target.Type && target.Type != oriel.ParameterColumn { // what a column takes is known when the data is there
		b.fail(at, "%s: %q is a %s here and a %s in the question %q: give both the same type", dotted(at.path), from, source.Type, target.Type, q.Key)
	}
	wholeRange := target.Type == oriel.ParameterDateRange && target.Certain()
	if (target.Required || wholeRange) && !source.Certain() {
		b.fail(at, "%s: the question %q needs %q, so the dashboard's parameter must be required too, or have a default", dotted(at.path), q.Key, to)
	}
}

func parameter(list []oriel.Parameter, name string) (oriel.Parameter, bool) {
	for _, p := range list {
		if p.Name == name {
			return p, true
		}
	}
	return oriel.Parameter{}, false
}

func names(list []oriel.Parameter) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, p.Name)
	}
	return out
}

// checkParameters holds a structured question's filters and its parameters
// together. What an SQL text does with them is checked with the engine.
func (b *builder) checkParameters(at place, q oriel.Question, x index) {
	if q.Structured == nil {
		b.checkFiltered(at, q, x)
		return
	}
	used := map[string]bool{}
	unknown := false // then one that seems unused is probably meant
	for i, f := range q.Structured.Filters {
		if f.Parameter == "" {
			continue
		}
		here := at.under("structured", "filters", i)
		p, found := parameter(q.Parameters, f.Parameter)
		if !found {
			b.fail(here, "%s: the question has no parameter %q: %s", dotted(here.path), f.Parameter, suggest(f.Parameter, names(q.Parameters)))
			unknown = true
			continue
		}
		used[p.Name] = true
		if fit := opsFor(p.Type); p.Type != oriel.ParameterColumn && !slices.Contains(fit, f.Op) {
			b.fail(here, "%s: a %s can't be compared with %q: use %s", dotted(here.path), p.Type, f.Op, fmt.Sprint(fit))
		}
	}
	for _, p := range q.Parameters {
		here := at.under("parameters", p.Name)
		if p.Type == oriel.ParameterColumn {
			b.fail(here, `%s: type column belongs to sql: a structured question filters by a column with "filters"`, dotted(here.path))
		} else if !used[p.Name] && !unknown {
			b.fail(here, "%s filters nothing: name it in a filter, or remove it", dotted(here.path))
		}
	}
}

// checkFiltered holds column filters to tables of the source, where the
// declaration says which there are.
func (b *builder) checkFiltered(at place, q oriel.Question, x index) {
	for _, p := range q.Parameters {
		if p.Column != nil && slices.Contains(x.sources, q.Source) {
			b.needsTable(at.under("parameters", p.Name, "table"), oriel.TableRef{Source: q.Source, Table: p.Column.Table}, x)
		}
	}
}

func opsFor(t oriel.ParameterType) []string {
	switch t {
	case oriel.ParameterDateRange:
		return []string{"between"}
	case oriel.ParameterList:
		return []string{"in", "not_in"}
	case oriel.ParameterBoolean:
		return []string{"=", "!="}
	}
	return []string{"=", "!=", "<", "<=", ">", ">="}
}

// checkStructured holds the names of a tree's result together.
func (b *builder) checkStructured(at place, q oriel.Question) {
	tree := at.under("structured")
	s := *q.Structured
	results := s.ResultColumns()
	seen := map[string]bool{}
	for _, name := range results {
		if seen[name] {
			b.fail(tree, `%s: two result columns are called %q: give one another "as"`, dotted(tree.path), name)
		}
		seen[name] = true
	}
	for i, x := range s.Sort {
		b.needs(tree.under("sort", i, "by"), "result column", x.By, results)
	}
	aggregations := make([]string, 0, len(s.Aggregations))
	for _, a := range s.Aggregations {
		aggregations = append(aggregations, a.As)
	}
	for i, f := range s.Having {
		b.needs(tree.under("having", i, "column"), "aggregation", f.Column, aggregations)
	}
	if c := s.Compare; c != nil && !slices.ContainsFunc(s.Filters, func(f oriel.Filter) bool { return f.Parameter == c.Parameter && f.Column == c.Column }) {
		here := tree.under("compare")
		b.fail(here, "%s: no filter on %q takes the parameter %q: add one", dotted(here.path), c.Column, c.Parameter)
	}
	if c := s.Compare; c != nil {
		if p, found := parameter(q.Parameters, c.Parameter); found && p.Type != oriel.ParameterDateRange {
			here := tree.under("compare", "parameter")
			b.fail(here, "%s: %q must be a date_range to have a preceding period", dotted(here.path), c.Parameter)
		}
	}
	chart := at.under("chart")
	if q.Chart.X != "" {
		b.needs(chart.under("x"), "result column", q.Chart.X, results)
	}
	if q.Chart.Label != "" {
		b.needs(chart.under("label"), "result column", q.Chart.Label, results)
	}
	for i, y := range q.Chart.Y {
		b.needs(chart.under("y", i), "result column", y, results)
	}
	for _, c := range q.Columns {
		b.needs(at.under("columns", c.Name), "result column", c.Name, results)
	}
}
