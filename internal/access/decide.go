package access

import (
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Decide is [Policies.Decide] for all tables of a source under some policies.
func Decide(p oriel.Principal, src oriel.Source, policies []oriel.Policy) (Decisions, error) {
	names := make([]string, len(src.Tables))
	for i, t := range src.Tables {
		names[i] = t.Name
	}
	return ReadPolicies([]oriel.Source{src}, nil, policies).Decide(p, src.Key, names)
}

// Decide tells what the principal sees of some tables of a source and of the
// models on them. It is closed by default: in every session but an
// administrator's a table exists only if a policy gives its rows or shares it; a
// policy of columns alone opens nothing. All policies that hold for the
// principal are joined, rows by AND, columns by the mask that shows less; one
// that names a group of the principal as exempt does not hold, and no other
// group changes anything. A policy that reads a value which the principal lacks
// lets no row through. The operator is nobody's user and is treated as one
// without attributes.
//
// Errors: not_authenticated for the zero principal; internal when a stored
// policy no longer fits its table, since leaving it out would show more.
func (ps *Policies) Decide(p oriel.Principal, source string, tables []string) (Decisions, error) {
	if p.IsZero() {
		return Decisions{}, oriel.E(oriel.CodeNotAuthenticated, "decide what is seen of %s: nobody is signed in", source)
	}
	src := ps.sources[source]
	seen, models := map[string]Decision{}, map[string]Decision{}
	for _, name := range tables {
		table, found := src.tables[name]
		if !found {
			continue
		}
		ref := oriel.TableRef{Source: source, Table: name}
		base := narrowing{rows: []Predicate{}, masks: map[string]oriel.Mask{}, open: seesClosed(p)}
		if err := base.add(p, ps.tables[ref]); err != nil {
			return Decisions{}, err
		}
		if decision := base.decision(ref, table); len(decision.Columns) > 0 {
			seen[name] = decision
		}
		for _, m := range ps.models[ref] {
			own := base.copied()
			open := own.open // a model's policies narrow what its table shows
			if err := own.add(p, m.policies); err != nil {
				return Decisions{}, err
			}
			own.open = open
			models[m.key] = own.decision(ref, table)
		}
	}
	return NewDecisions(src.Source, seen, models).For(NativeOf(src.Source, p)), nil
}

// seesClosed tells whether the principal sees tables that no policy opens:
// administrators do, in their own session, and whoever runs the command.
func seesClosed(p oriel.Principal) bool {
	return p.Kind() == oriel.SessionAdmin && p.Holds(oriel.ScopeAdmin)
}

// narrowing is what policies leave of a table.
type narrowing struct {
	rows  []Predicate
	masks map[string]oriel.Mask
	open  bool
}

func (n narrowing) copied() narrowing {
	own := narrowing{rows: slices.Clone(n.rows), masks: make(map[string]oriel.Mask, len(n.masks)), open: n.open}
	for name, mask := range n.masks {
		own.masks[name] = mask
	}
	return own
}

func (n *narrowing) add(p oriel.Principal, policies []readPolicy) error {
	for _, policy := range policies {
		// Told also to those who are exempt: whether a policy is broken must not
		// depend on who asks.
		if policy.err != nil {
			return policy.err
		}
		n.open = n.open || policy.Shared || policy.Rows != ""
		if exempt(p, policy.Exempt) {
			continue
		}
		for name, mask := range policy.Columns {
			n.masks[name] = n.masks[name].And(mask)
		}
		if policy.Rows == "" {
			continue
		}
		predicate, ok := policy.condition.resolve(p)
		if !ok {
			predicate = False{}
		}
		n.rows = append(n.rows, predicate)
	}
	return nil
}

// decision has no columns when the table does not exist for the principal.
func (n narrowing) decision(ref oriel.TableRef, table oriel.SourceTable) Decision {
	d := Decision{Table: ref, Rows: True{}}
	switch len(n.rows) {
	case 0:
	case 1:
		d.Rows = n.rows[0]
	default:
		d.Rows = All{n.rows}
	}
	if !n.open {
		return d
	}
	for _, c := range table.Columns {
		mask := n.masks[c.Name]
		switch mask {
		case oriel.MaskHidden:
			continue
		case oriel.MaskHash, oriel.MaskLast4:
			c.Type = oriel.TypeText
		case oriel.MaskNone, oriel.MaskEmpty:
		}
		d.Columns = append(d.Columns, Column{c, mask})
	}
	return d
}

func exempt(p oriel.Principal, groups []oriel.GroupKey) bool {
	return slices.ContainsFunc(groups, p.In)
}
