package postgres

import (
	"math"
	"strings"

	"github.com/oriel-bi/oriel/internal/source"
)

// expression visits one expression, or a part of one, and all that is in it.
// There may be none.
func (w *walker) expression(n *node, in *scope) error {
	if n == nil {
		return nil
	}
	if err := w.enter(n); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	var err error
	switch n.kind {
	case "SelectStmt":
		return w.query1(n, in)
	case "RangeVar", "RangeSubselect", "JoinExpr", "CommonTableExpr", "WithClause", "CollateClause":
		return w.refuse(n, "%s is not allowed here", clauseWord(n.kind))
	case "ColumnRef":
		err = w.columnRef(n)
	case "AConst":
		err = w.constant(n)
	case "ParamRef":
		number := n.number("number")
		if number < 1 {
			return w.refuse(n, "the parameter $%d is not allowed; write {{name}}", number)
		}
		w.parameters[number] = true
	case "AExpr":
		err = w.operator(n)
	case "FuncCall":
		err = w.function(n)
	case "TypeName":
		err = w.typeName(n)
	case "SubLink":
		err = w.subLink(n)
	case "SqlvalueFunction":
		if valueWords[n.number("op")] == "" {
			return w.refuse(n, "of the words that are functions only CURRENT_DATE, CURRENT_TIMESTAMP and LOCALTIMESTAMP are allowed")
		}
	}
	if err != nil {
		return err
	}
	return w.all(n.children(), in)
}

func clauseWord(kind string) string {
	if kind == "CollateClause" {
		return "COLLATE"
	}
	return "a table"
}

// columnRef refuses what TABLE.NAME may mean beside a column.
func (w *walker) columnRef(n *node) error {
	names := n.names("names")
	if len(names) > 2 {
		return w.refuse(n, "name the column %q by its table's name or alias alone", names[len(names)-1])
	}
	last := names[len(names)-1]
	if len(names) == 2 && rowFunctions[last] {
		return w.refuse(n, "%q after a table's name is not allowed: it might be a function; if it is a column, write it alone", last)
	}
	return nil
}

func (w *walker) constant(n *node) error {
	if f := n.node("float"); f != nil {
		digits := f.text("text")
		if mantissa, exponent, found := strings.Cut(strings.ToLower(digits), "e"); found && len(strings.TrimLeft(exponent, "+-0")) > 3 || len(mantissa) > maxDigits {
			return w.refuse(n, "a number has more than %d digits, or too great an exponent", maxDigits)
		}
	}
	return nil
}

func (w *walker) operator(n *node) error {
	names := n.names("operator")
	if len(names) != 1 {
		return w.refuse(n, "write an operator without a schema")
	}
	name, allowed := names[0], false
	switch kind := n.number("kind"); kind {
	case exprOperator, exprAny, exprAll, exprDistinct, exprNotDistinct, exprNullIf:
		allowed = operators[name]
	case exprIn, exprLike, exprILike, exprSimilar:
		allowed = likeOperators[name]
		w.escape = n.node("right") // may be what the parser makes of ESCAPE
	default:
		allowed = kind >= exprBetween && kind <= exprNotBetweenSymmetric
	}
	if !allowed {
		return w.refuse(n, "the operator %s is not allowed", name)
	}
	if name == "^" && n.number("kind") != exprOperator {
		return w.refuse(n, "the operator ^ is not allowed here")
	}
	if name == "^" {
		n.parts["left"], n.parts["right"] = float(n.node("left")), float(n.node("right"))
	}
	return nil
}

// float casts an operand to a number with a floating point.
func float(n *node) *node {
	if n == nil {
		return nil
	}
	return &node{kind: "TypeCast", at: -1, parts: map[string]any{"arg": n, "type": catalogType("float8")}}
}

func catalogType(name string) *node {
	return &node{kind: "TypeName", at: -1, parts: map[string]any{"names": catalogName(name), "modifier": int64(-1)}}
}

func catalogName(name string) []*node { return []*node{textNode("pg_catalog"), textNode(name)} }

func textNode(v string) *node {
	return &node{kind: "String", at: -1, parts: map[string]any{"text": v}}
}

func (w *walker) function(n *node) error {
	names := n.names("names")
	name := names[len(names)-1]
	bySyntax := len(names) == 2 && names[0] == "pg_catalog" &&
		(n.number("format") == callSyntax && syntaxFunctions[name] || n == w.escape && escapeFunctions[name])
	if len(names) != 1 && !bySyntax {
		return w.refuse(n, "name the function %s without a schema", name)
	}
	known := functions[name] || aggregates[name] || bySyntax
	if n.node("over") != nil || n.number("withinGroup") != 0 {
		known = aggregates[name] || windowFunctions[name]
	}
	if !known && windowFunctions[name] {
		return w.refuse(n, "%s needs OVER: write %s() over (order by …)", name, name)
	}
	if !known {
		return w.refuse(n, "%s", source.NoFunction(name, functions, aggregates))
	}
	args := n.list("args")
	if floatFunctions[name] {
		if len(args) > 1 && strings.HasPrefix(name, "log") {
			return w.refuse(n, "log takes one argument here; write ln(x) / ln(base)")
		}
		for i := range args {
			args[i] = float(args[i])
		}
	}
	if err := w.replacement(name, n); err != nil {
		return err
	}
	if err := w.width(name, n); err != nil {
		return err
	}
	n.parts["names"] = catalogName(name)
	return nil
}

// typeName checks the type of a cast or a constant.
func (w *walker) typeName(n *node) error {
	names := n.names("names")
	name := names[len(names)-1]
	if len(names) > 2 || len(names) == 2 && names[0] != "pg_catalog" || !types[name] {
		return w.refuse(n, "the type %s is not allowed", strings.Join(names, "."))
	}
	for _, modifier := range n.list("modifiers") {
		if modifier.kind != "AConst" || modifier.node("integer") == nil || modifier.node("integer").number("number") > math.MaxInt16 {
			return w.refuse(n, "the type %s takes whole numbers in its brackets", name)
		}
	}
	n.parts["names"] = catalogName(name)
	return nil
}

func (w *walker) subLink(n *node) error {
	switch n.number("type") {
	case linkExists, linkAll, linkAny, linkExpression:
	default:
		return w.refuse(n, "a query in the query of this kind is not allowed")
	}
	for _, name := range n.names("operator") {
		if !operators[name] && !likeOperators[name] {
			return w.refuse(n, "the operator %s is not allowed", name)
		}
	}
	if len(n.list("operator")) > 1 {
		return w.refuse(n, "write an operator without a schema")
	}
	return nil
}
