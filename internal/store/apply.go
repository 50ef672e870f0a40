package store

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// applying is one declaration on its way into the store.
type applying struct {
	tx      *Tx
	who     string
	changes []oriel.Change
}

// Apply makes the store say what the declaration says, in one transaction with
// an audit entry for each change, and tells what changed. What is as declared
// is not written. What the declaration does not name stays; the list of
// origins and the policies of one table are replaced as a whole when they are
// named. Declared tells the new state when Apply returns. It fails with conflict
// when something was declared after the revision that the declaration has.
func (s *Store) Apply(ctx context.Context, d oriel.Declaration) ([]oriel.Change, error) {
	return s.declare(ctx, operator, func(a *applying) error {
		if d.Revision != 0 {
			if err := a.stillAt(d.Revision); err != nil {
				return err
			}
		}
		if err := a.all(d); err != nil {
			return fmt.Errorf("apply the declaration: %w", err)
		}
		return a.leftOut("a declaration", d.Untested)
	})
}

// operator is who changed something with the oriel command.
const operator = "operator"

// declare changes what is declared, all of a step or nothing. who caused it:
// see [oriel.Principal.Who].
func (s *Store) declare(ctx context.Context, who string, step func(a *applying) error) ([]oriel.Change, error) {
	var changes []oriel.Change
	err := s.Write(ctx, func(tx *Tx) error {
		a := &applying{tx: tx, who: who}
		if err := step(a); err != nil {
			return err
		}
		changes = a.changes
		if len(changes) == 0 {
			return nil
		}
		if err := tx.notify(oriel.Notice{Kind: oriel.NoticeAll}); err != nil {
			return err
		}
		return tx.change("count the declaration's revision",
			`UPDATE facts SET value = value + 1 WHERE name = 'declared_revision'`)
	})
	if err != nil {
		return nil, err
	}
	return changes, s.refresh(ctx)
}

func (a *applying) all(d oriel.Declaration) error {
	steps := []func() error{
		func() error { return a.putOrigins(d.Origins) },
		func() error {
			return putAll(a, groupNoun, d.Groups, func(g oriel.Group) string { return string(g.Key) })
		},
		func() error { return a.putTenants(d.Tenants) },
		func() error { return a.putProviders(d.Providers) },
		func() error { return a.putSources(d.Sources) },
		func() error { return putAll(a, modelNoun, d.Models, func(x oriel.Model) string { return x.Key }) },
		func() error { return a.putPolicies(d.Policies) },
		func() error { return a.putPolicyTests(d.PolicyTests) },
		func() error {
			return putAll(a, collectionNoun, d.Collections, func(x oriel.Collection) string { return x.Key })
		},
		func() error {
			return putAll(a, questionNoun, d.Questions, func(x oriel.Question) string { return x.Key })
		},
		func() error {
			return putAll(a, dashboardNoun, d.Dashboards, func(x oriel.Dashboard) string { return x.Key })
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// changed remembers a change and keeps its audit entry. Neither text may hold
// a secret.
func (a *applying) changed(kind, key, before, after string) error {
	action := "updated"
	switch {
	case before == "":
		action = "created"
	case after == "":
		action = "deleted"
	}
	a.changes = append(a.changes, oriel.Change{Kind: kind, Key: key, Action: action})
	return a.tx.InsertAuditEntry(oriel.AuditEntry{
		At: a.tx.writer.store.options.Clock(), Who: a.who,
		Action: action, Kind: kind, Key: key, From: before, To: after,
	})
}
