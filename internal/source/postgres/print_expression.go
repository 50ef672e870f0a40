package postgres

import (
	"strconv"
	"strings"
)

// expression writes one expression that binds to nothing around it.
func (p *printer) expression(n *node) {
	if n == nil {
		p.put("NULL")
		p.fail(&node{kind: "missing part"})
		return
	}
	switch n.kind {
	case "ColumnRef":
		p.column(n)
	case "AConst":
		p.constant(n)
	case "ParamRef":
		p.put("$", strconv.Itoa(n.number("number")))
	case "AExpr":
		p.put("(")
		p.operation(n)
		p.put(")")
	case "BoolExpr":
		p.conjunction(n)
	case "NullTest":
		p.put("(")
		p.expression(n.node("arg"))
		p.put(map[bool]string{true: " IS NULL)", false: " IS NOT NULL)"}[n.number("type") == isNull])
	case "BooleanTest":
		p.put("(")
		p.expression(n.node("arg"))
		p.put([]string{"", " IS TRUE)", " IS NOT TRUE)", " IS FALSE)", " IS NOT FALSE)", " IS UNKNOWN)", " IS NOT UNKNOWN)"}[n.number("type")%7])
	case "CaseExpr":
		p.choice(n)
	case "CoalesceExpr":
		p.call("COALESCE", n.list("args"))
	case "MinMaxExpr":
		p.call(map[bool]string{true: "GREATEST", false: "LEAST"}[n.number("op") == isGreatest], n.list("args"))
	case "GroupingFunc":
		p.call("GROUPING", n.list("args"))
	case "SubLink":
		p.subLink(n)
	case "FuncCall":
		p.function(n)
	case "TypeCast":
		p.put("CAST(")
		p.expression(n.node("arg"))
		p.put(" AS ")
		p.typeName(n.node("type"))
		p.put(")")
	case "CollateClause":
		p.put("(")
		p.expression(n.node("arg"))
		p.put(" COLLATE ", qualified(n.names("collation")), ")")
	case "RowExpr":
		word := "ROW"
		if n.number("format") == rowImplicit {
			word = ""
		}
		p.call(word, n.list("args"))
	case "AArrayExpr":
		p.put("ARRAY[")
		p.each(n.list("elements"), p.expression)
		p.put("]")
	case "SqlvalueFunction":
		p.put(valueWords[n.number("op")])
	case "SortBy":
		p.sortBy(n)
	case "GroupingSet":
		p.groupingSet(n)
	default:
		p.fail(n)
	}
}

func (p *printer) column(n *node) {
	for i, name := range n.names("names") {
		if i > 0 {
			p.put(".")
		}
		if n.list("names")[i].kind == "AStar" {
			p.put("*")
		} else {
			p.put(quoteName(name))
		}
	}
}

func (p *printer) constant(n *node) {
	switch {
	case n.number("null") != 0:
		p.put("NULL")
	case n.node("integer") != nil:
		p.put(digits(n.node("integer").number("number")))
	case n.node("float") != nil:
		text := n.node("float").text("text")
		if strings.HasPrefix(text, "-") {
			text = "(" + text + ")"
		}
		p.put(text)
	case n.node("boolean") != nil:
		p.put(map[bool]string{true: "TRUE", false: "FALSE"}[n.node("boolean").number("true") != 0])
	case n.node("string") != nil:
		p.put(quoteText(n.node("string").text("text")))
	default:
		p.fail(n)
	}
}

// not is the word before a negated comparison.
func not(negated bool) string {
	if negated {
		return " NOT"
	}
	return ""
}

func (p *printer) operation(n *node) {
	name := strings.Join(n.names("operator"), " ")
	left, right := n.node("left"), n.node("right")
	if n.number("kind") == exprNullIf {
		p.call("NULLIF", []*node{left, right})
		return
	}
	if left != nil {
		p.expression(left)
	}
	negated := strings.HasPrefix(name, "!") || name == "<>"
	switch kind := n.number("kind"); kind {
	case exprOperator:
		p.put(" ", name, " ")
		p.expression(right)
	case exprAny, exprAll:
		p.put(" ", name, map[bool]string{true: " ANY (", false: " ALL ("}[kind == exprAny])
		p.expression(right)
		p.put(")")
	case exprDistinct:
		p.put(" IS DISTINCT FROM ")
		p.expression(right)
	case exprNotDistinct:
		p.put(" IS NOT DISTINCT FROM ")
		p.expression(right)
	case exprIn:
		p.put(not(negated), " IN (")
		p.each(right.list("items"), p.expression)
		p.put(")")
	case exprLike, exprILike, exprSimilar:
		p.put(not(negated), map[int]string{exprLike: " LIKE ", exprILike: " ILIKE ", exprSimilar: " SIMILAR TO "}[kind])
		p.pattern(right)
	default:
		if kind < exprBetween || len(right.list("items")) != 2 {
			p.fail(n)
			return
		}
		p.put(" ", name, " ")
		p.expression(right.list("items")[0])
		p.put(" AND ")
		p.expression(right.list("items")[1])
	}
}

// pattern writes the pattern of a LIKE with its ESCAPE.
func (p *printer) pattern(n *node) {
	names, args := n.names("names"), n.list("args")
	if n.kind != "FuncCall" || !escapeFunctions[names[len(names)-1]] || len(args) == 0 {
		p.expression(n)
		return
	}
	p.expression(args[0])
	if len(args) > 1 {
		p.put(" ESCAPE ")
		p.expression(args[1])
	}
}

func (p *printer) conjunction(n *node) {
	p.put("(")
	if n.number("op") == boolNot {
		p.put("NOT ")
	}
	for i, arg := range n.list("args") {
		if i > 0 {
			p.put(map[bool]string{true: " AND ", false: " OR "}[n.number("op") == boolAnd])
		}
		p.expression(arg)
	}
	p.put(")")
}

func (p *printer) choice(n *node) {
	p.put("CASE")
	p.after(" ", n.node("arg"))
	for _, when := range n.list("whens") {
		p.after(" WHEN ", when.node("when"))
		p.after(" THEN ", when.node("then"))
	}
	p.after(" ELSE ", n.node("else"))
	p.put(" END")
}

// call writes a word and its arguments.
func (p *printer) call(word string, args []*node) {
	p.put(word, "(")
	p.each(args, p.expression)
	p.put(")")
}

func (p *printer) subLink(n *node) {
	p.put("(")
	if test := n.node("test"); test != nil {
		p.expression(test)
	}
	name := strings.Join(n.names("operator"), " ")
	switch n.number("type") {
	case linkExists:
		p.put("EXISTS ")
	case linkAny:
		if name == "" {
			p.put(" IN ")
		} else {
			p.put(" ", name, " ANY ")
		}
	case linkAll:
		p.put(" ", name, " ALL ")
	}
	p.put("(")
	p.query(n.node("query"))
	p.put("))")
}

func (p *printer) function(n *node) {
	p.put(qualified(n.names("names")), "(")
	if n.number("distinct") != 0 {
		p.put("DISTINCT ")
	}
	if n.number("star") != 0 {
		p.put("*")
	}
	p.each(n.list("args"), p.expression)
	if n.number("withinGroup") == 0 {
		p.clause(" ORDER BY ", n.list("order"), p.expression)
	}
	p.put(")")
	if n.number("withinGroup") != 0 {
		p.clause(" WITHIN GROUP (ORDER BY ", n.list("order"), p.expression)
		p.put(")")
	}
	if filter := n.node("filter"); filter != nil {
		p.after(" FILTER (WHERE ", filter)
		p.put(")")
	}
	if over := n.node("over"); over != nil {
		p.put(" OVER ")
		if name := over.text("name"); name != "" {
			p.put(quoteName(name))
		} else {
			p.window(over)
		}
	}
}

func qualified(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, quoteName(name))
	}
	return strings.Join(quoted, ".")
}

func (p *printer) typeName(n *node) {
	p.put(qualified(n.names("names")))
	if modifiers := n.list("modifiers"); len(modifiers) > 0 {
		p.put("(")
		p.each(modifiers, p.expression)
		p.put(")")
	}
}

func (p *printer) sortBy(n *node) {
	p.expression(n.node("value"))
	p.put(map[int]string{sortAscending: " ASC", sortDescending: " DESC"}[n.number("direction")],
		map[int]string{nullsFirst: " NULLS FIRST", nullsLast: " NULLS LAST"}[n.number("nulls")])
}

func (p *printer) groupingSet(n *node) {
	switch n.number("kind") {
	case groupEmpty:
		p.put("()")
	case groupRollup:
		p.call("ROLLUP ", n.list("content"))
	case groupCube:
		p.call("CUBE ", n.list("content"))
	case groupSets:
		p.call("GROUPING SETS ", n.list("content"))
	default:
		p.fail(n)
	}
}
