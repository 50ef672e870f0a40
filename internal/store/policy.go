package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

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
