package query

import (
	"context"
	"crypto/sha256"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// run tells what would run, by the same decisions and the same Narrow as a run.
// The source's secrets are left out before: a key of zeros stands for that of
// hashes, and what is made of it is told as secret.
func (w *explaining) run(ctx context.Context, to *Run, src oriel.Source, tables []string, asked source.Query) error {
	_, engine, err := w.source(src.Key)
	if err != nil {
		return err
	}
	decided, err := w.queries.policies.of(w.s.Declaration).Decide(w.p, src.Key, tables)
	if err != nil {
		return err
	}
	if asked, err = w.queries.zoned(w.s, w.p.User(), asked); err != nil {
		return err
	}
	keyless := decided.Source
	keyless.MaskKey, keyless.URL = make(oriel.MaskKey, sha256.Size), ""
	narrowed, err := engine.Narrow(ctx, asked, access.NewDecisions(keyless, decided.Tables, decided.Models).For(decided.Native))
	if err != nil {
		return err
	}
	statements, err := engine.Statements(narrowed)
	if err != nil {
		return err
	}
	inner, outer, err := source.HashBlocks(keyless.MaskKey)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		told := Statement{Text: statement.Text}
		for _, value := range statement.Arguments {
			if value == inner || value == outer {
				told.Values = append(told.Values, BoundValue{Secret: true, Scalar: oriel.Scalar{Type: value.Type}})
				continue
			}
			told.Values = append(told.Values, BoundValue{Scalar: value})
		}
		to.Statements = append(to.Statements, told)
	}
	return nil
}

// refuse tells why nothing would run. What is no refusal stays an error.
func (r *Run) refuse(err error) error {
	switch oriel.CodeOf(err) {
	case oriel.CodeQueryRefused, oriel.CodeSourceUnavailable:
		r.Statements, r.Refused = nil, oriel.MessageOf(err)
		return nil
	}
	return err
}

// count counts the rows that the user sees, in the way of every query, and all
// that there are, which nobody is told but who sees them all: what a server's own
// row security keeps from the user is in neither. For another asker, and when the
// engine does not answer, both are left out.
func (w *explaining) count(ctx context.Context, x *TableAccess) error {
	src, _ := w.s.Source(x.Table.Source)
	if whole, err := w.askerSeesAll(x); err != nil || !whole {
		return err
	}
	table, _ := w.s.table(x.Table)
	whole := access.Decision{Table: x.Table, Columns: access.Visible(table.Columns), Rows: access.True{}}
	all, err := w.queries.countRows(ctx, src, w.p, whole)
	seen := 0
	if err == nil && x.Visible && len(w.barred) == 0 && access.RunSource(w.p, w.s.Groups, src.Key) == nil {
		seen, err = w.countSeen(ctx, src, x)
	}
	switch oriel.CodeOf(err) {
	case "":
		x.Seen, x.All = &seen, &all
		return nil
	case oriel.CodeQueryRefused, oriel.CodeQueryFailed, oriel.CodeSourceUnavailable:
		return ctx.Err()
	}
	return err
}

// askerSeesAll tells whether how many rows are hidden tells the asker nothing
// new: who may do everything may exempt themselves, and others see all rows when
// no policy with a condition holds for them. What a server's own row security
// leaves of them nobody here knows.
func (w *explaining) askerSeesAll(x *TableAccess) (bool, error) {
	if w.asker.Holds(oriel.ScopeAdmin) {
		return true, nil
	}
	if src, _ := w.s.Source(x.Table.Source); src.NativeSecurity {
		return false, nil
	}
	decision, visible, err := w.queries.sees(w.s, w.asker, x.Table, x.Model)
	_, whole := decision.Rows.(access.True)
	return visible && whole, err
}

func (w *explaining) countSeen(ctx context.Context, src oriel.Source, x *TableAccess) (int, error) {
	decision, visible, err := w.queries.sees(w.s, w.p, x.Table, x.Model)
	if err != nil || !visible {
		return 0, err
	}
	return w.queries.countRows(ctx, src, w.p, decision)
}
