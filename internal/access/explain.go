package access

import (
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Explanation is why a principal sees what they see of a table or model. It
// holds values of the principal and is for whoever may see those.
type Explanation struct {
	Table   oriel.TableRef
	Model   string // "" for the table itself
	Visible bool
	// OpenToAdministrator tells that no policy opens the table.
	OpenToAdministrator bool
	Policies            []PolicyExplanation
	Columns             []ColumnExplanation // all of the table's
	// Rows is the condition that the rows fulfil, with every value in place, in
	// the language of policies.
	Rows string
}

// PolicyExplanation is what one policy has to do with it.
type PolicyExplanation struct {
	Policy oriel.Policy
	Holds  bool
	// ExemptBy are the principal's groups for which it does not hold.
	ExemptBy []oriel.GroupKey
	// Values are those that the policy reads, each once.
	Values []ValueExplanation
	// Rows is its condition with every value in place; "false" when one lacks.
	Rows string
}

// ValueExplanation is a value that a policy reads.
type ValueExplanation struct {
	Name   string // as in the policy: user.attr.airport
	Values []string
	// From is where it comes from: administrator, sign_in or tenant for
	// attributes, user for the rest; "" when there is none.
	From string
	// Lacking tells that it is missing, empty or of the wrong type, so that the
	// whole policy lets no row through.
	Lacking bool
}

// ColumnExplanation is what is seen of a column.
type ColumnExplanation struct {
	Name string
	Mask oriel.Mask
}

// Explain tells why the principal sees what they see of a table, or of a model
// when its key isn't empty. It decides nothing: what is said is what
// [Policies.Decide] decides. Errors: not_found when there is no such table or
// the model with that key has no policies on it; else as Decide.
func (ps *Policies) Explain(p oriel.Principal, ref oriel.TableRef, model string) (Explanation, error) {
	decisions, err := ps.Decide(p, ref.Source, []string{ref.Table})
	if err != nil {
		return Explanation{}, err
	}
	table, found := ps.sources[ref.Source].tables[ref.Table]
	if !found {
		return Explanation{}, oriel.E(oriel.CodeNotFound, "There is no table %s.", ref)
	}
	x := Explanation{Table: ref, Model: model}
	policies := slices.Clone(ps.tables[ref])
	opened := slices.ContainsFunc(policies, func(r readPolicy) bool { return r.Shared || r.Rows != "" })
	for _, m := range ps.models[ref] {
		if m.key == model {
			policies = append(policies, m.policies...)
		}
	}
	decision, visible := decisions.Seen(model, ref.Table)
	x.Visible, x.OpenToAdministrator = visible, visible && !opened
	for _, r := range policies {
		x.Policies = append(x.Policies, r.explain(p))
	}
	x.Rows = "false"
	if visible {
		x.Rows = Text(decision.Rows)
	}
	for _, c := range table.Columns {
		at := slices.IndexFunc(decision.Columns, func(seen Column) bool { return seen.Name == c.Name })
		mask := oriel.MaskHidden
		if visible && at >= 0 {
			mask = decision.Columns[at].Mask
		}
		x.Columns = append(x.Columns, ColumnExplanation{c.Name, mask})
	}
	return x, nil
}

func (r readPolicy) explain(p oriel.Principal) PolicyExplanation {
	x := PolicyExplanation{Policy: r.Policy, Rows: "true"}
	for _, g := range r.Exempt {
		if p.In(g) {
			x.ExemptBy = append(x.ExemptBy, g)
		}
	}
	x.Holds = len(x.ExemptBy) == 0
	if r.Policy.Rows == "" {
		return x
	}
	for _, read := range r.condition.root.reads() {
		if read.operand.read == nil || slices.ContainsFunc(x.Values, func(v ValueExplanation) bool { return v.Name == read.operand.name }) {
			continue
		}
		values, _, _ := read.operand.read(p)
		_, ok := read.operand.scalars(p, read.as, read.list)
		x.Values = append(x.Values, ValueExplanation{Name: read.operand.name, Values: values, From: comesFrom(p.User(), read.operand), Lacking: !ok})
	}
	x.Rows = "false"
	if predicate, ok := r.condition.resolve(p); ok {
		x.Rows = Text(predicate)
	}
	return x
}

// comesFrom is where an operand's value comes from.
func comesFrom(u oriel.User, o operand) string {
	switch {
	case o.tenant != "":
		return "tenant"
	case o.attribute == "":
		return "user"
	}
	for _, set := range []struct {
		from  string
		holds oriel.Attributes
	}{{"administrator", u.AttributesFrom.Administrator}, {"sign_in", u.AttributesFrom.SignIn}, {"tenant", u.AttributesFrom.Tenant}} {
		if _, found := set.holds[o.attribute]; found {
			return set.from
		}
	}
	return ""
}

// reading is an operand with how its node reads it.
type reading struct {
	operand operand
	as      oriel.ColumnType
	list    bool
}

func readings(as oriel.ColumnType, list bool, operands ...operand) []reading {
	out := make([]reading, len(operands))
	for i, o := range operands {
		out[i] = reading{o, as, list}
	}
	return out
}

func readsOf(nodes []node) []reading {
	var all []reading
	for _, n := range nodes {
		all = append(all, n.reads()...)
	}
	return all
}

func (n allNode) reads() []reading     { return readsOf(n) }
func (n anyNode) reads() []reading     { return readsOf(n) }
func (n notNode) reads() []reading     { return n.part.reads() }
func (n compareNode) reads() []reading { return readings(n.as, false, n.left, n.right) }
func (n betweenNode) reads() []reading { return readings(n.as, false, n.left, n.low, n.high) }
func (n startsNode) reads() []reading  { return readings(n.as, false, n.prefix) }
func (n isNullNode) reads() []reading  { return nil }

func (n membershipNode) reads() []reading {
	return append(readings(n.as, false, n.left), readings(n.as, true, n.right...)...)
}

func (n lookupNode) reads() []reading {
	if n.where == nil {
		return nil
	}
	return n.where.reads()
}
