package access

import "github.com/oriel-bi/oriel/internal/oriel"

// node is a condition whose values are not in place yet. resolve is not ok
// when a value is missing, empty or of the wrong type; no caller may turn that
// into anything but a policy that lets no row through.
type node interface {
	resolve(p oriel.Principal) (Predicate, bool)
	// reads are the operands, for an explanation.
	reads() []reading
}

type (
	allNode     []node
	anyNode     []node
	notNode     struct{ part node }
	compareNode struct {
		left, right operand
		op          Operator
		as          oriel.ColumnType
	}
	membershipNode struct {
		left   operand
		right  []operand
		as     oriel.ColumnType
		negate bool
	}
	betweenNode struct {
		left, low, high operand
		as              oriel.ColumnType
	}
	startsNode struct {
		column oriel.SourceColumn
		prefix operand
		as     oriel.ColumnType
	}
	isNullNode struct {
		column oriel.SourceColumn
		negate bool
	}
)

// nullNode refuses values: a missing one makes the whole policy false, so the
// test could never be true.
func nullNode(left operand, negate bool) (node, error) {
	if left.column == nil {
		return nil, mistake(left.at, "is null is for columns")
	}
	return isNullNode{*left.column, negate}, nil
}

func resolveParts(nodes []node, p oriel.Principal) ([]Predicate, bool) {
	parts := make([]Predicate, len(nodes))
	for i, n := range nodes {
		part, ok := n.resolve(p)
		if !ok {
			return nil, false
		}
		parts[i] = part
	}
	return parts, true
}

func (n allNode) resolve(p oriel.Principal) (Predicate, bool) {
	if len(n) == 1 {
		return n[0].resolve(p)
	}
	parts, ok := resolveParts(n, p)
	return All{parts}, ok
}

func (n anyNode) resolve(p oriel.Principal) (Predicate, bool) {
	if len(n) == 1 {
		return n[0].resolve(p)
	}
	parts, ok := resolveParts(n, p)
	return Any{parts}, ok
}

func (n notNode) resolve(p oriel.Principal) (Predicate, bool) {
	part, ok := n.part.resolve(p)
	return Not{part}, ok
}

func (n compareNode) resolve(p oriel.Principal) (Predicate, bool) {
	right, ok := n.right.scalars(p, n.as, false)
	if !ok {
		return nil, false
	}
	if n.left.column != nil {
		return Compare{*n.left.column, n.op, right[0]}, true
	}
	left, ok := n.left.scalars(p, n.as, false)
	if !ok {
		return nil, false
	}
	return constant(holds(left[0], n.op, right[0])), true
}

func (n membershipNode) resolve(p oriel.Principal) (Predicate, bool) {
	var values []oriel.Scalar
	for _, o := range n.right {
		more, ok := o.scalars(p, n.as, true)
		if !ok {
			return nil, false
		}
		values = append(values, more...)
	}
	if n.left.column != nil {
		return Membership{Column: *n.left.column, Values: values, Negate: n.negate}, true
	}
	left, ok := n.left.scalars(p, n.as, false)
	if !ok {
		return nil, false
	}
	found := false
	for _, v := range values {
		found = found || holds(left[0], Equal, v)
	}
	return constant(found != n.negate), true
}

func (n betweenNode) resolve(p oriel.Principal) (Predicate, bool) {
	low, okLow := n.low.scalars(p, n.as, false)
	high, okHigh := n.high.scalars(p, n.as, false)
	if !okLow || !okHigh {
		return nil, false
	}
	if n.left.column != nil {
		return Between{*n.left.column, low[0], high[0]}, true
	}
	left, ok := n.left.scalars(p, n.as, false)
	if !ok {
		return nil, false
	}
	return constant(holds(left[0], GreaterOrEqual, low[0]) && holds(left[0], LessOrEqual, high[0])), true
}

func (n startsNode) resolve(p oriel.Principal) (Predicate, bool) {
	prefix, ok := n.prefix.scalars(p, n.as, false)
	if !ok {
		return nil, false
	}
	return StartsWith{n.column, prefix[0]}, true
}

func (n isNullNode) resolve(oriel.Principal) (Predicate, bool) {
	return IsNull{n.column, n.negate}, true
}

func constant(holds bool) Predicate {
	if holds {
		return True{}
	}
	return False{}
}

// holds compares two values beside no column: texts, numbers or booleans.
func holds(left oriel.Scalar, op Operator, right oriel.Scalar) bool {
	n, ok := order(left, right)
	return ok && ordered(n, op)
}
