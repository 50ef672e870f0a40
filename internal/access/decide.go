package access

import (
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Decide tells what the principal sees of a source. It is closed by default: a
// table exists for the principal only if a policy is on it or shares it. All
// policies that hold for the principal are ANDed; one that names a group of
// the principal as exempt does not hold, and no other group changes anything.
// A policy that reads a value which the principal lacks lets no row through.
// The operator is nobody's user and is treated as one without attributes.
//
// Errors: not_authenticated for the zero principal; internal when a stored
// policy no longer fits its table, since leaving it out would show more.
func Decide(p oriel.Principal, src oriel.Source, policies []oriel.Policy) (Decisions, error) {
	if p.IsZero() {
		return Decisions{}, oriel.E(oriel.CodeNotAuthenticated, "decide what is seen of %s: nobody is signed in", src.Key)
	}
	tables := map[string]Decision{}
	for _, table := range src.Tables {
		rows, visible, err := decideTable(p, src.Key, table, policies)
		if err != nil {
			return Decisions{}, err
		}
		if visible {
			tables[table.Name] = Decision{
				Table:   oriel.TableRef{Source: src.Key, Table: table.Name},
				Columns: table.Columns,
				Rows:    rows,
			}
		}
	}
	return NewDecisions(src, tables), nil
}

// NewDecisions puts decisions on a source's tables together with their
// fingerprint.
func NewDecisions(src oriel.Source, tables map[string]Decision) Decisions {
	return Decisions{Source: src, Tables: tables, Fingerprint: fingerprint(src, tables)}
}

func decideTable(p oriel.Principal, source string, table oriel.SourceTable, policies []oriel.Policy) (rows Predicate, visible bool, err error) {
	var parts []Predicate
	for i, policy := range policies {
		if policy.Table != (oriel.TableRef{Source: source, Table: table.Name}) {
			continue
		}
		visible = true
		if policy.Shared && policy.Rows == "" {
			continue
		}
		// Parsed also for those who are exempt: whether a policy is broken must
		// not depend on who asks.
		condition, err := ParseCondition(policy.Rows, table)
		if err != nil {
			return nil, false, &oriel.Error{Code: oriel.CodeInternal,
				Err: fmt.Errorf("read policy %d, on %s: %w", i+1, policy.Table, err)}
		}
		if exempt(p, policy.Exempt) {
			continue
		}
		predicate, ok := condition.resolve(p)
		if !ok {
			predicate = False{}
		}
		parts = append(parts, predicate)
	}
	switch len(parts) {
	case 0:
		return True{}, visible, nil
	case 1:
		return parts[0], visible, nil
	}
	return All{parts}, visible, nil
}

func exempt(p oriel.Principal, groups []oriel.GroupKey) bool {
	for _, g := range groups {
		if p.In(g) {
			return true
		}
	}
	return false
}
