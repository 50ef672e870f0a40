package postgres

import (
	"regexp"
	"strings"
)

// A short text of a few steps, each of which puts the one before it together
// many times, is gigabytes of memory that no setting of the server bounds.
const (
	maxReplaced = 100  // how many times longer all replacements of a text together make a value
	maxLonger   = 1000 // and its longest value with what is put together beside
)

// How many times longer than what it is made of a value may get: a row as a
// text has all of its columns, and quotes doubled; of a letter of a format
// come a few of a date.
const (
	rowLonger    = 100
	quotedLonger = 2
	formatLonger = 10
)

// replacing are the functions that put a text in place of others; the third
// operand is what is put.
var replacing = set(`replace regexp_replace`)

// joining are the functions that make one text of several, and measuring those
// whose answer is as short as a number.
var (
	joining   = set(`concat concat_ws overlay format`)
	measuring = set(`count length char_length character_length octet_length position strpos ascii num_nulls num_nonnulls starts_with
		regexp_like regexp_count regexp_instr row_number rank dense_rank percent_rank cume_dist ntile`)
)

// replacement refuses one whose length is not in the text, as it may be what
// another one made, and more growth than all of them may have.
func (w *walker) replacement(name string, n *node) error {
	args := n.list("args")
	if !replacing[name] || len(args) < 3 {
		return nil
	}
	put, isText := constantText(args[2])
	if !isText {
		return w.refuse(n, "the replacement of %s must be a text in quotes", name)
	}
	factor := len(put) + 1 // it may stand at every place
	if from, isText := constantText(args[1]); isText && from != "" && name == "replace" {
		factor = (len(put) + len(from) - 1) / len(from)
	}
	if factor > 1 {
		w.growth = max(w.growth, 1) * min(factor, maxReplaced+1)
	}
	if w.growth > maxReplaced {
		return w.refuse(n, "the replacements can make a text more than %d times longer", maxReplaced)
	}
	return nil
}

// maxPadded bounds how long lpad and rpad make a text.
const maxPadded = 100

// formats are those that say nothing of a width.
var formats = regexp.MustCompile(`^([^%]|%%|%s)*$`)

// width refuses what could make a long text by a number, or by a format that
// somebody else chooses.
func (w *walker) width(name string, n *node) error {
	args := n.list("args")
	switch name {
	case "lpad", "rpad":
		if len(args) > 1 && args[1].kind == "AConst" && args[1].node("integer") != nil && args[1].node("integer").number("number") <= maxPadded {
			return nil
		}
		return w.refuse(n, "the length of %s must be a number up to %d", name, maxPadded)
	case "format":
		if len(args) > 0 {
			if text, isText := constantText(args[0]); isText && formats.MatchString(text) {
				return nil
			}
		}
		return w.refuse(n, "the format must be a text in quotes with %%s alone")
	}
	return nil
}

// constantText reads an operand that is a text in quotes.
func constantText(n *node) (string, bool) {
	if n.kind != "AConst" || n.node("string") == nil {
		return "", false
	}
	return n.node("string").text("text"), true
}

// longer finds how many times longer than what it reads the longest value of a
// tree may get, by what is put together from step to step.
type longer struct {
	rows map[string]bool // names that may mean a whole row
	most int
}

// length is what WITH defines around a node, innermost first.
type length struct {
	name  string
	times int
	outer *length
}

func longest(tree *node) int {
	l := longer{rows: map[string]bool{}}
	l.name(tree)
	l.of(tree, nil)
	return l.most
}

func (l *longer) name(n *node) {
	switch n.kind {
	case "RangeVar", "Alias":
		l.rows[n.text("name")] = true
	}
	for _, child := range n.children() {
		l.name(child)
	}
}

// of gives by how many times; it is at least 1.
func (l *longer) of(n *node, in *length) int {
	if n == nil {
		return 1
	}
	times := l.made(n, in)
	l.most = max(l.most, times)
	return min(times, maxLonger+1) // enough to be refused, and no overflow of what multiplies
}

func (l *longer) made(n *node, in *length) int {
	switch n.kind {
	case "SelectStmt":
		return l.query(n, in)
	case "RangeVar":
		for ; in != nil && n.text("schema") == ""; in = in.outer {
			if in.name == n.text("name") {
				return in.times
			}
		}
		return 1
	case "ColumnRef":
		if names := n.names("names"); len(names) == 1 && l.rows[names[0]] || len(names) == 2 && names[1] == "*" {
			return rowLonger
		}
		return 1
	case "RowExpr":
		return quotedLonger * l.sum(n.list("args"), in)
	case "AExpr":
		if names := n.names("operator"); len(names) == 1 && names[0] == "||" {
			return l.sum([]*node{n.node("left"), n.node("right")}, in)
		}
	case "JoinExpr":
		l.of(n.node("on"), in)
		return l.from([]*node{n.node("left"), n.node("right")}, in)
	case "FuncCall":
		return l.function(n, in)
	}
	return l.highest(n.children(), in)
}

func (l *longer) function(n *node, in *length) int {
	names := n.names("names")
	highest, sum, first := 1, 0, 1
	args := n.list("args")
	for i, arg := range args {
		times := l.of(arg, in)
		highest, sum = max(highest, times), sum+times
		if i == 0 {
			first = times
		}
	}
	for name, part := range n.parts {
		if other, isNode := part.(*node); isNode {
			l.of(other, in)
		} else if list, isList := part.([]*node); isList && name != "args" {
			l.highest(list, in)
		}
	}
	switch name := names[len(names)-1]; {
	case measuring[name]:
		return 1
	case name == "concat_ws":
		return sum + len(args)*first
	case name == "lpad" || name == "rpad":
		return max(highest, maxPadded)
	case joining[name]:
		return sum
	case strings.HasPrefix(name, "to_") && len(args) > 1:
		if _, isText := constantText(args[1]); !isText {
			return formatLonger * highest
		}
	}
	return highest
}

// query multiplies what a query makes with what was made of what it reads.
func (l *longer) query(n *node, in *length) int {
	if with := n.node("with"); with != nil {
		for _, cte := range with.list("ctes") {
			in = &length{name: cte.text("name"), times: l.of(cte.node("query"), in), outer: in}
		}
	}
	read, most, made := l.from(n.list("from"), in), l.most, 1
	l.most = 1
	for name, part := range n.parts {
		var list []*node
		switch v := part.(type) {
		case *node:
			list = []*node{v}
		case []*node:
			list = v
		}
		for _, item := range list {
			switch name {
			case "with", "from":
			case "targets", "values", "left", "right":
				if value := item.node("value"); value == nil || !starOnly(value) { // else columns as they are
					made = max(made, l.of(item, in))
				}
			default:
				l.of(item, in)
			}
		}
	}
	l.most = max(most, read*l.most)
	return read * made
}

// from multiplies where one item can be made of the one before it.
func (l *longer) from(items []*node, in *length) int {
	read := 1
	for _, item := range items {
		times := l.of(item, in)
		if item.number("lateral") != 0 {
			read = min(read*times, maxLonger+1)
		} else {
			read = max(read, times)
		}
	}
	return read
}

func starOnly(n *node) bool {
	names := n.names("names")
	return n.kind == "ColumnRef" && len(names) > 0 && names[len(names)-1] == "*"
}

func (l *longer) highest(list []*node, in *length) int {
	most := 1
	for _, n := range list {
		most = max(most, l.of(n, in))
	}
	return most
}

func (l *longer) sum(list []*node, in *length) int {
	total := 0
	for _, n := range list {
		total += l.of(n, in)
	}
	return max(total, 1)
}
