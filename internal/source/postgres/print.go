package postgres

import (
	"fmt"
	"strconv"
	"strings"
)

// printer writes a tree as SQL. Everything that could bind to its neighbour
// stands in brackets, and every name in quotes. What it writes is parsed again
// and compared, so a mistake here is a refusal and nothing worse.
type printer struct {
	strings.Builder
	err error
}

// printed is the text of a SELECT.
func printed(n *node) (string, error) {
	p := &printer{}
	p.query(n)
	return p.String(), p.err
}

func (p *printer) fail(n *node) {
	if p.err == nil {
		p.err = fmt.Errorf("a %s can't be written", n.kind)
	}
}

func (p *printer) put(texts ...string) {
	for _, t := range texts {
		p.WriteString(t)
	}
}

// each writes a list with commas between.
func (p *printer) each(list []*node, one func(*node)) {
	for i, n := range list {
		if i > 0 {
			p.put(", ")
		}
		one(n)
	}
}

// names writes a list of names with commas between.
func (p *printer) names(list []*node) {
	p.each(list, func(n *node) { p.put(quoteName(n.text("text"))) })
}

func (p *printer) query(n *node) {
	if n == nil || n.kind != "SelectStmt" {
		p.err = fmt.Errorf("a query can't be written")
		return
	}
	p.with(n.node("with"))
	switch {
	case n.number("op") != setNone:
		p.put("(")
		p.query(n.node("left"))
		p.put(")", map[int]string{setUnion: " UNION ", setIntersect: " INTERSECT ", setExcept: " EXCEPT "}[n.number("op")])
		if n.number("all") != 0 {
			p.put("ALL ")
		}
		p.put("(")
		p.query(n.node("right"))
		p.put(")")
	case len(n.list("values")) > 0:
		p.put("VALUES ")
		p.each(n.list("values"), func(row *node) {
			p.put("(")
			p.each(row.list("items"), p.expression)
			p.put(")")
		})
	default:
		p.selectList(n)
	}
	p.clause(" ORDER BY ", n.list("sort"), p.expression)
	if limit := n.node("limit"); limit != nil && n.number("limitOption") == limitWithTies {
		p.put(" FETCH FIRST (")
		p.expression(limit)
		p.put(") ROWS WITH TIES")
	} else if limit != nil {
		p.put(" LIMIT ")
		p.expression(limit)
	}
	p.after(" OFFSET ", n.node("offset"))
}

func (p *printer) with(n *node) {
	if n == nil {
		return
	}
	p.put("WITH ")
	p.each(n.list("ctes"), func(cte *node) {
		p.put(quoteName(cte.text("name")))
		p.columns(cte.list("columns"))
		p.put(map[int]string{withAlways: " AS MATERIALIZED (", withNever: " AS NOT MATERIALIZED ("}[cte.number("materialized")])
		if m := cte.number("materialized"); m != withAlways && m != withNever {
			p.put(" AS (")
		}
		p.query(cte.node("query"))
		p.put(")")
	})
	p.put(" ")
}

func (p *printer) selectList(n *node) {
	p.put("SELECT ")
	if distinct := n.list("distinct"); len(distinct) > 0 {
		p.put("DISTINCT ")
		if distinct[0].kind != "Nothing" {
			p.put("ON (")
			p.each(distinct, p.expression)
			p.put(") ")
		}
	}
	p.each(n.list("targets"), func(target *node) {
		p.expression(target.node("value"))
		if name := target.text("name"); name != "" {
			p.put(" AS ", quoteName(name))
		}
	})
	p.clause(" FROM ", n.list("from"), p.from)
	p.after(" WHERE ", n.node("where"))
	group := " GROUP BY "
	if n.number("groupDistinct") != 0 {
		group = " GROUP BY DISTINCT "
	}
	p.clause(group, n.list("group"), p.expression)
	p.after(" HAVING ", n.node("having"))
	p.clause(" WINDOW ", n.list("windows"), func(w *node) {
		p.put(quoteName(w.text("name")), " AS ")
		p.window(w)
	})
}

// clause writes a word and a list, if there is one.
func (p *printer) clause(word string, list []*node, one func(*node)) {
	if len(list) > 0 {
		p.put(word)
		p.each(list, one)
	}
}

// after writes a word and an expression, if there is one.
func (p *printer) after(word string, n *node) {
	if n != nil {
		p.put(word)
		p.expression(n)
	}
}

func (p *printer) columns(names []*node) {
	if len(names) > 0 {
		p.put(" (")
		p.names(names)
		p.put(")")
	}
}

func (p *printer) alias(n *node) {
	if n != nil {
		p.put(" AS ", quoteName(n.text("name")))
		p.columns(n.list("columns"))
	}
}

func (p *printer) from(n *node) {
	switch n.kind {
	case "RangeVar":
		if schema := n.text("schema"); schema != "" {
			p.put(quoteName(schema), ".")
		}
		p.put(quoteName(n.text("name")))
		p.alias(n.node("alias"))
	case "RangeSubselect":
		if n.number("lateral") != 0 {
			p.put("LATERAL ")
		}
		p.put("(")
		p.query(n.node("query"))
		p.put(")")
		p.alias(n.node("alias"))
	case "JoinExpr":
		p.joined(n)
	default:
		p.fail(n)
	}
}

func (p *printer) joined(n *node) {
	p.put("(")
	p.from(n.node("left"))
	using, on := n.list("using"), n.node("on")
	switch {
	case n.number("natural") != 0:
		p.put(" NATURAL")
	case len(using) == 0 && on == nil:
		p.put(" CROSS")
	}
	if n.number("natural") != 0 || len(using) > 0 || on != nil {
		p.put(map[int]string{joinInner: " INNER", joinLeft: " LEFT", joinFull: " FULL", joinRight: " RIGHT"}[n.number("type")])
	}
	p.put(" JOIN ")
	p.from(n.node("right"))
	if len(using) > 0 {
		p.put(" USING")
		p.columns(using)
		if alias := n.node("usingAlias"); alias != nil {
			p.put(" AS ", quoteName(alias.text("name")))
		}
	}
	p.after(" ON ", on)
	p.put(")")
	p.alias(n.node("alias"))
}

// window writes what stands after OVER or in WINDOW.
func (p *printer) window(n *node) {
	p.put("(")
	if refers := n.text("refers"); refers != "" {
		p.put(quoteName(refers))
	}
	p.clause(" PARTITION BY ", n.list("partition"), p.expression)
	p.clause(" ORDER BY ", n.list("order"), p.expression)
	p.frame(n)
	p.put(")")
}

// The parser's options of a window's frame, as bits.
const (
	frameGiven, frameRange, frameRows, frameGroups, frameBetween = 0x1, 0x2, 0x4, 0x8, 0x10
	frameExcludeCurrent, frameExcludeGroup, frameExcludeTies     = 0x8000, 0x10000, 0x20000
)

func (p *printer) frame(n *node) {
	bits := n.number("frame")
	if bits&frameGiven == 0 {
		return
	}
	for bit, word := range map[int]string{frameRange: " RANGE ", frameRows: " ROWS ", frameGroups: " GROUPS "} {
		if bits&bit != 0 {
			p.put(word)
		}
	}
	// Each end has its bit; those of the start come first.
	end := func(shift int, offset *node) {
		switch {
		case bits&(0x20<<shift) != 0:
			p.put("UNBOUNDED PRECEDING")
		case bits&(0x80<<shift) != 0:
			p.put("UNBOUNDED FOLLOWING")
		case bits&(0x200<<shift) != 0:
			p.put("CURRENT ROW")
		case bits&(0x800<<shift) != 0 && offset != nil:
			p.expression(offset)
			p.put(" PRECEDING")
		case bits&(0x2000<<shift) != 0 && offset != nil:
			p.expression(offset)
			p.put(" FOLLOWING")
		default:
			p.fail(n)
		}
	}
	if bits&frameBetween != 0 {
		p.put("BETWEEN ")
		end(0, n.node("start"))
		p.put(" AND ")
		end(1, n.node("end"))
	} else {
		end(0, n.node("start"))
	}
	for bit, word := range map[int]string{frameExcludeCurrent: "CURRENT ROW", frameExcludeGroup: "GROUP", frameExcludeTies: "TIES"} {
		if bits&bit != 0 {
			p.put(" EXCLUDE ", word)
		}
	}
}

// quoteName writes a name so that it stands for nothing else.
func quoteName(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// quoteText writes a text; standard_conforming_strings is on wherever it runs.
func quoteText(v string) string { return `'` + strings.ReplaceAll(v, `'`, `''`) + `'` }

func digits(n int) string {
	if n < 0 {
		return "(" + strconv.Itoa(n) + ")"
	}
	return strconv.Itoa(n)
}
