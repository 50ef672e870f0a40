package access

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// parser reads a condition by recursive descent: or binds loosest, then and,
// then not.
type parser struct {
	tokens []token
	next   int
	source oriel.Source
	table  oriel.SourceTable // whose columns are meant here
	// inLookup is set inside of one: a lookup holds no other.
	inLookup bool
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// accept takes the next words if they are these.
func (p *parser) accept(words ...string) bool {
	for i, word := range words {
		if p.next+i >= len(p.tokens) || !p.tokens[p.next+i].is(word) {
			return false
		}
	}
	p.next += len(words)
	return true
}

func (p *parser) expect(word string) error {
	if p.accept(word) {
		return nil
	}
	return mistake(p.peek().at, "%q is expected, not %s", word, p.peek())
}

func (p *parser) condition(depth int) (node, error) {
	parts, err := p.parts("or", func() (node, error) {
		parts, err := p.parts("and", func() (node, error) { return p.negation(depth) })
		return allNode(parts), err
	})
	return anyNode(parts), err
}

func (p *parser) parts(word string, part func() (node, error)) ([]node, error) {
	var parts []node
	for {
		n, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		if !p.accept(word) {
			return parts, nil
		}
	}
}

func (p *parser) negation(depth int) (node, error) {
	if depth > maxConditionDepth {
		return nil, mistake(p.peek().at, "the condition is nested deeper than %d", maxConditionDepth)
	}
	if p.accept("not") {
		part, err := p.negation(depth + 1)
		return notNode{part}, err
	}
	if p.accept("(") {
		part, err := p.condition(depth + 1)
		if err != nil {
			return nil, err
		}
		return part, p.expect(")")
	}
	return p.comparison()
}

func (p *parser) comparison() (node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if p.accept("is", "not", "null") {
		return nullNode(left, true)
	}
	if p.accept("is", "null") {
		return nullNode(left, false)
	}
	at := p.peek()
	negate := p.accept("not")
	var n node
	switch {
	case p.accept("in"):
		n, err = p.membership(left)
	case p.accept("between"):
		n, err = p.between(left)
	case p.accept("starts", "with"):
		n, err = p.startsWith(left)
	case !negate && at.kind == tokenMark:
		return p.compare(left)
	default:
		return nil, mistake(p.peek().at, "a comparison is expected (= != < <= > >= in, between, is null, starts with), not %s", p.peek())
	}
	if err != nil {
		return nil, err
	}
	switch m := n.(type) {
	case membershipNode:
		m.negate = negate
		return m, nil
	case lookupNode:
		m.negate = negate
		return m, nil
	}
	if negate {
		return notNode{n}, nil
	}
	return n, nil
}

func (p *parser) compare(left operand) (node, error) {
	mark := p.take()
	op := Operator(mark.text)
	switch op {
	case Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual:
	default:
		return nil, mistake(mark.at, "a comparison is expected, not %s", mark)
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.column == nil && right.column != nil {
		left, right, op = right, left, mirrored(op)
	}
	as, err := settle(left, right)
	if err != nil {
		return nil, err
	}
	if as == oriel.TypeBoolean && op != Equal && op != NotEqual {
		return nil, mistake(mark.at, "true and false can be compared with = and != only")
	}
	return compareNode{left: left, right: right, op: op, as: as}, nil
}

// mirrored is the operator with its sides swapped.
func mirrored(op Operator) Operator {
	switch op {
	case Less:
		return Greater
	case LessOrEqual:
		return GreaterOrEqual
	case Greater:
		return Less
	case GreaterOrEqual:
		return LessOrEqual
	}
	return op
}

func (p *parser) membership(left operand) (node, error) {
	if p.accept("(", "lookup") {
		return p.lookup(left)
	}
	var right []operand
	if !p.accept("(") {
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		right = append(right, o)
	} else {
		for {
			o, err := p.operand()
			if err != nil {
				return nil, err
			}
			if right = append(right, o); len(right) > maxListOperands {
				return nil, mistake(o.at, "a list has at most %d values", maxListOperands)
			}
			if !p.accept(",") {
				break
			}
		}
		if err := p.expect(")"); err != nil {
			return nil, err
		}
	}
	as, err := settle(left, right...)
	return membershipNode{left: left, right: right, as: as}, err
}

func (p *parser) between(left operand) (node, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("and"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	if err != nil {
		return nil, err
	}
	as, err := settle(left, low, high)
	if err == nil && as == oriel.TypeBoolean {
		err = mistake(left.at, "true and false can be compared with = and != only")
	}
	return betweenNode{left: left, low: low, high: high, as: as}, err
}

func (p *parser) startsWith(left operand) (node, error) {
	prefix, err := p.operand()
	if err != nil {
		return nil, err
	}
	if left.column == nil || left.column.Type != oriel.TypeText {
		return nil, mistake(left.at, "starts with is for columns of texts")
	}
	as, err := settle(left, prefix)
	return startsNode{column: *left.column, prefix: prefix, as: as}, err
}

// settle gives the type in which operands are compared: that of the left one
// if it is a column, else that of the constants.
func settle(left operand, right ...operand) (oriel.ColumnType, error) {
	for _, o := range right {
		if o.column != nil {
			return "", mistake(o.at, "compare a column with a value, not with another column")
		}
	}
	var as oriel.ColumnType
	if left.column != nil {
		as = left.column.Type
	} else {
		as = left.kind()
		for _, o := range right {
			if as == "" {
				as = o.kind()
			}
		}
		if as == "" {
			as = oriel.TypeText
		}
		if err := left.fits(as); err != nil {
			return "", err
		}
	}
	for _, o := range right {
		if err := o.fits(as); err != nil {
			return "", err
		}
	}
	return as, nil
}

func (p *parser) operand() (operand, error) {
	t := p.take()
	switch {
	case t.kind == tokenText || t.kind == tokenNumber:
		return operand{at: t.at, constant: t}, nil
	case t.is("true") || t.is("false"):
		t.text = strings.ToLower(t.text)
		return operand{at: t.at, constant: t}, nil
	case t.is("date") || t.is("timestamp"):
		if next := p.peek(); next.kind == tokenText {
			p.take()
			return operand{at: next.at, constant: next}, nil
		}
	case t.kind == tokenWord && (strings.HasPrefix(t.text, "user.") || strings.HasPrefix(t.text, "tenant.")):
		return principalOperand(t)
	case t.kind != tokenWord && t.kind != tokenQuoted:
		return operand{}, mistake(t.at, "a column or a value is expected, not %s", t)
	}
	column, err := p.column(t)
	return operand{at: t.at, column: &column}, err
}

// column finds the column that a word names in the table that is meant here.
func (p *parser) column(t token) (oriel.SourceColumn, error) {
	column, found := p.table.Column(t.text)
	if found {
		return column, nil
	}
	names := make([]string, len(p.table.Columns))
	for i, c := range p.table.Columns {
		names[i] = c.Name
	}
	return column, mistake(t.at, "there is no column %q in %s, which has %s", t.text, p.table.Name, strings.Join(names, ", "))
}

func principalOperand(t token) (operand, error) {
	o := operand{at: t.at, name: t.text}
	ofUser, isUsers := strings.CutPrefix(t.text, "user.attr.")
	ofTenant, isTenants := strings.CutPrefix(t.text, "tenant.attr.")
	switch {
	case isUsers && ofUser != "":
		o.attribute = ofUser
		o.read = attribute(ofUser, func(u oriel.User) oriel.Attributes { return u.Attributes })
	case isTenants && ofTenant != "":
		o.tenant = ofTenant
		o.read = attribute(ofTenant, func(u oriel.User) oriel.Attributes { return u.AttributesFrom.Tenant })
	case t.text == "user.id":
		o.read = one(func(u oriel.User) string { return string(u.ID) })
	case t.text == "user.email":
		o.read = one(func(u oriel.User) string { return u.Email })
	case t.text == "user.groups":
		o.read = userGroups
	case t.text == "tenant.slug":
		o.read = one(func(u oriel.User) string { return string(u.Tenant) })
	default:
		return o, mistake(t.at, "%s is not known; there are user.id, user.email, user.attr.NAME, user.groups, tenant.slug and tenant.attr.NAME", t)
	}
	return o, nil
}
