package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// explaining makes one explanation, of one declaration. p is the user in a
// session of a host: all that is told is what is decided for p.
type explaining struct {
	queries *Queries
	s       snapshot
	p       oriel.Principal
	barred  []string // why the user can't be signed in at all
	asker   oriel.Principal
	x       *Explanation
}

func bar(person oriel.Person) []string {
	var barred []string
	if !person.User.Active {
		barred = append(barred, "The user is deactivated.")
	}
	if !person.TenantActive {
		barred = append(barred, fmt.Sprintf("The tenant %s is deactivated.", person.User.Tenant))
	}
	return barred
}

func (w *explaining) thing(ctx context.Context, r ExplainRequest) error {
	switch w.x.Kind {
	case kindQuestion:
		question, _ := w.s.Question(r.Question)
		if err := w.question(ctx, question); err != nil {
			return err
		}
		w.x.Access = w.x.Questions[0].Access
		return nil
	case kindDashboard:
		return w.dashboard(ctx, r.Dashboard)
	}
	return w.lone(ctx, r.Table)
}

// dashboard tells of each card's question by itself: one that the user may not
// view is not there for them, and is told here with what is missing.
func (w *explaining) dashboard(ctx context.Context, key string) error {
	dashboard, _ := w.s.Dashboard(key)
	w.x.Access = w.access()
	w.ofCollection(&w.x.Access, dashboard.Collection)
	w.x.Visible = len(w.x.Missing) == 0
	for _, card := range dashboard.Cards {
		question, found := w.s.Question(card.Question)
		if !found || slices.ContainsFunc(w.x.Questions, func(x QuestionAccess) bool { return x.Key == question.Key }) {
			continue
		}
		if err := w.question(ctx, question); err != nil {
			return err
		}
	}
	return nil
}

func (w *explaining) question(ctx context.Context, question oriel.Question) error {
	x := QuestionAccess{Key: question.Key, Name: question.Name, Access: w.access()}
	w.ofCollection(&x.Access, question.Collection)
	w.ofSource(&x.Access, question.Source)
	for _, p := range question.Parameters {
		if p.Required {
			x.Examples = append(x.Examples, p.Name)
		}
	}
	values := stand(question.Parameters, false)
	err := withDefaults(question.Parameters, values)
	var asked source.Query
	if err == nil {
		asked, _, err = w.s.query(question, values, w.s.rows(question.Source))
	}
	if err == nil {
		err = w.reads(ctx, &x, question, asked)
	}
	if err = x.refuse(err); err != nil {
		return err
	}
	if x.Visible = len(x.Missing) == 0 && x.Refused == ""; !x.Visible {
		x.Run = Run{Refused: x.Refused}
	}
	w.x.Questions = append(w.x.Questions, x)
	return nil
}

// reads tells which tables a question reads, and what would run.
func (w *explaining) reads(ctx context.Context, x *QuestionAccess, question oriel.Question, asked source.Query) error {
	src, engine, err := w.source(question.Source)
	if err != nil {
		return err
	}
	tables, err := engine.Tables(ctx, asked, src)
	if err != nil {
		return err
	}
	for _, read := range readsOf(src, tables, asked) {
		table, err := w.table(ctx, read)
		if err != nil {
			return err
		}
		x.Reads = append(x.Reads, read)
		x.Missing = append(x.Missing, table.Missing...)
	}
	return w.run(ctx, &x.Run, src, tables, asked)
}

// readsOf are the tables that a query reads, each once for each model on it.
func readsOf(src oriel.Source, tables []string, asked source.Query) []Read {
	var list []Read
	add := func(model, table string) {
		read := Read{oriel.TableRef{Source: src.Key, Table: table}, model}
		if !slices.Contains(list, read) {
			list = append(list, read)
		}
	}
	for _, m := range reads(asked) {
		add(m.Model, m.Table)
	}
	if asked.SQL != nil {
		for _, name := range tables {
			add("", name)
		}
	}
	return list
}

// lone tells of a table that was asked for by itself: what would run are the
// columns that the user sees.
func (w *explaining) lone(ctx context.Context, ref oriel.TableRef) error {
	w.x.Access = w.access()
	w.ofSource(&w.x.Access, ref.Source)
	table, err := w.table(ctx, Read{Table: ref})
	if err != nil {
		return err
	}
	w.x.Missing = append(w.x.Missing, table.Missing...)
	if w.x.Visible = len(w.x.Missing) == 0; !w.x.Visible {
		return nil
	}
	src, _, err := w.source(ref.Source)
	if err != nil {
		return table.refuse(err)
	}
	var columns []string
	for _, c := range table.Columns {
		if c.Mask != oriel.MaskHidden {
			columns = append(columns, c.Name)
		}
	}
	asked := source.Query{Structured: &source.StructuredQuery{Tree: oriel.Structured{Columns: columns}, Table: ref.Table, Limit: w.s.rows(ref.Source)}}
	return table.refuse(w.run(ctx, &table.Run, src, []string{ref.Table}, asked))
}

// table explains a table or model, once.
func (w *explaining) table(ctx context.Context, read Read) (*TableAccess, error) {
	for i, told := range w.x.Tables {
		if told.Table == read.Table && told.Model == read.Model {
			return &w.x.Tables[i], nil
		}
	}
	why, err := w.queries.policies.of(w.s.Declaration).Explain(w.p, read.Table, read.Model)
	if err != nil {
		return nil, err
	}
	x := TableAccess{Explanation: why}
	opens := func(p access.PolicyExplanation) bool {
		return p.Policy.Model == "" && (p.Policy.Shared || p.Policy.Rows != "")
	}
	switch {
	case why.Visible:
	case slices.ContainsFunc(why.Policies, opens):
		x.Missing = []string{fmt.Sprintf("Policies hide every column of the table %s.", read.Table)}
	default:
		x.Missing = []string{fmt.Sprintf("No policy opens the table %s.", read.Table)}
	}
	if err := w.count(ctx, &x); err != nil {
		return nil, err
	}
	w.x.Tables = append(w.x.Tables, x)
	return &w.x.Tables[len(w.x.Tables)-1], nil
}

func (w *explaining) access() Access { return Access{Missing: slices.Clone(w.barred)} }

// ofCollection adds what the user's groups may do to a collection. Whether that
// is enough is asked of what decides it.
func (w *explaining) ofCollection(a *Access, key string) {
	for _, g := range w.s.Groups {
		if grant := g.Collections[key]; grant != "" && w.p.In(g.Key) {
			a.Grants = append(a.Grants, Grant{g.Key, "collection", key, string(grant)})
		}
	}
	if access.ViewCollection(w.p, w.s.Groups, key) != nil {
		a.Missing = append(a.Missing, fmt.Sprintf("None of the user's groups may view the collection %s.", key))
	}
}

// ofSource is the same of a data source.
func (w *explaining) ofSource(a *Access, key string) {
	for _, g := range w.s.Groups {
		if grant := g.Sources[key]; grant != "" && w.p.In(g.Key) {
			a.Grants = append(a.Grants, Grant{g.Key, "source", key, string(grant)})
		}
	}
	if access.RunSource(w.p, w.s.Groups, key) != nil {
		a.Missing = append(a.Missing, fmt.Sprintf("None of the user's groups may run questions on the data source %s.", key))
	}
}

func (w *explaining) source(key string) (oriel.Source, source.Engine, error) {
	src, _ := w.s.Source(key)
	engine, err := w.queries.engineOf(src)
	return src, engine, err
}
