package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// putPolicies replaces the policies of each table and model that the declaration
// names, as one: a policy that is no longer there no longer holds, and no moment
// has some of the old and some of the new.
func (a *applying) putPolicies(policies []oriel.Policy) error {
	var order []oriel.TableRef
	byTable := make(map[oriel.TableRef][]oriel.Policy)
	for _, p := range policies {
		on := p.Table
		if p.Model != "" {
			on = oriel.TableRef{Table: p.Model} // no source has an empty key
		}
		if _, seen := byTable[on]; !seen {
			order = append(order, on)
		}
		byTable[on] = append(byTable[on], p)
	}
	for _, table := range order {
		if err := a.putTablePolicies(table, byTable[table]); err != nil {
			return err
		}
	}
	return nil
}

// ChangePolicies replaces the policies of one table or model, as one, and keeps
// the tests that came with them. It fails with conflict when something was
// declared after the state on which the change was tried.
func (s *Store) ChangePolicies(ctx context.Context, who string, c oriel.PolicyChange) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if err := a.stillAt(c.Revision); err != nil {
			return err
		}
		if err := a.putPolicyTests(c.Tests); err != nil {
			return err
		}
		on := c.Table
		if c.Model != "" {
			on = oriel.TableRef{Table: c.Model}
		}
		if len(c.Policies) == 0 {
			if err := a.deletePolicies(on, c.On()); err != nil {
				return err
			}
		} else if err := a.putTablePolicies(on, c.Policies); err != nil {
			return err
		}
		return a.leftOut(c.On(), c.Untested)
	})
	return err
}

// KeepRefused keeps that a change of policies was tried, with what was to be, and
// refused by tests: those that came with it, or that were there before.
func (s *Store) KeepRefused(ctx context.Context, who string, c oriel.PolicyChange) error {
	return s.Write(ctx, func(tx *Tx) error {
		tests := slices.Clone(c.Tests)
		for i, test := range tests {
			if test.User == "" {
				continue
			}
			user, err := (&applying{tx: tx, who: who}).testUser(test.User)
			if err != nil {
				return fmt.Errorf("keep policy test %q: %w", test.Name, err)
			}
			tests[i].User = string(user)
		}
		tried, err := document(struct {
			Policies []oriel.Policy     `json:"policies"`
			Tests    []oriel.PolicyTest `json:"tests"`
		}{c.Policies, tests})
		if err != nil {
			return err
		}
		return tx.InsertAuditEntry(oriel.AuditEntry{
			At: tx.writer.store.options.Clock(), Who: who, Action: "refused by tests", Kind: "policies", Key: c.On(), To: tried,
		})
	})
}

// stillAt fails with conflict when something was declared since the revision.
func (a *applying) stillAt(revision int64) error {
	var now int64
	if _, err := a.tx.find("read the declaration's revision", declaredRevisionSQL, nil, &now); err != nil {
		return err
	}
	if now != revision {
		return oriel.E(oriel.CodeConflict, "Something else was changed at the same time: try again.")
	}
	return nil
}

// leftOut keeps the names of tests that did not guard a change.
func (a *applying) leftOut(on string, tests []string) error {
	if len(tests) == 0 || len(a.changes) == 0 {
		return nil
	}
	names, err := document(tests)
	if err != nil {
		return err
	}
	return a.tx.InsertAuditEntry(oriel.AuditEntry{
		At: a.tx.writer.store.options.Clock(), Who: a.who, Action: "changed without tests", Kind: "policies", Key: on, To: names,
	})
}

func (a *applying) deletePolicies(table oriel.TableRef, on string) error {
	var before string
	found, err := a.tx.find("read the policies of "+on,
		`SELECT document FROM policies WHERE source = ? AND tbl = ?`, []any{table.Source, table.Table}, &before)
	switch {
	case err != nil:
		return err
	case !found:
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	if err := a.tx.change("delete the policies of "+on, `DELETE FROM policies WHERE source = ? AND tbl = ?`, table.Source, table.Table); err != nil {
		return err
	}
	return a.changed("policies", on, before, "")
}

func (a *applying) putTablePolicies(table oriel.TableRef, policies []oriel.Policy) error {
	next, err := document(policies)
	if err != nil {
		return err
	}
	var before string
	_, err = a.tx.find("read the policies of "+table.String(),
		`SELECT document FROM policies WHERE source = ? AND tbl = ?`, []any{table.Source, table.Table}, &before)
	if err != nil || before == next {
		return err
	}
	err = a.tx.change("replace the policies of "+table.String(),
		`INSERT INTO policies (source, tbl, document) VALUES (?, ?, ?)
		 ON CONFLICT (source, tbl) DO UPDATE SET document = excluded.document`, table.Source, table.Table, next)
	if err != nil {
		return err
	}
	return a.changed("policies", policies[0].On(), before, next)
}

func readPolicies(ctx context.Context, tx *sql.Tx) ([]oriel.Policy, error) {
	var all []oriel.Policy
	err := eachRow(ctx, tx, `SELECT document FROM policies ORDER BY source, tbl`, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var ofTable []oriel.Policy
		if err := json.Unmarshal([]byte(text), &ofTable); err != nil {
			return fmt.Errorf("a stored policy: %w", err)
		}
		all = append(all, ofTable...)
		return nil
	})
	return all, err
}
