package sourcetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// truth is SQL's: yes, no, or unknown (which both are false for).
type truth struct{ yes, no bool }

func known(v bool) truth { return truth{v, !v} }

func (t truth) not() truth { return truth{t.no, t.yes} }

func (t truth) and(o truth) truth { return truth{t.yes && o.yes, t.no || o.no} }

func (t truth) or(o truth) truth { return t.not().and(o.not()).not() }

// condition is a policy's condition: as text, and as the model understands it.
type condition struct {
	text  string
	holds func(row []any, who person) truth
	// reads tells whether all values that the condition reads are there.
	reads func(who person) bool
}

func always(person) bool { return true }

// operand is a value beside a column: a constant, or one of the person.
type operand struct {
	text string
	// values are typed; not ok when one is missing, empty or mistyped.
	values func(who person) ([]any, bool)
}

func constant(c chance, kind oriel.ColumnType) operand {
	value := randomValue(c, kind)
	for value == nil {
		value = randomValue(c, kind)
	}
	return operand{literal(value, kind), func(person) ([]any, bool) { return []any{value}, true }}
}

func literal(value any, kind oriel.ColumnType) string {
	switch v := value.(type) {
	case string:
		if kind == oriel.TypeTimestamp {
			return "timestamp " + quoted(v)
		}
		return quoted(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func name(column string) string { return `"` + strings.ReplaceAll(column, `"`, `""`) + `"` }

// ofPerson is a value of the person; list tells that a list is taken too.
func ofPerson(c chance, kind oriel.ColumnType, list bool) operand {
	var fitting, others []string
	names := attributeNames()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if others = append(others, name); names[name] == kind && name != "list" {
			fitting = append(fitting, name)
		}
	}
	from := pick(c, "user.attr.", "tenant.attr.") + pick(c, fitting...)
	switch {
	case c.oneIn(16):
		from = pick(c, "user.attr.", "tenant.attr.") + pick(c, append(others, "none")...)
	case kind == oriel.TypeText && list && c.oneIn(2):
		from = pick(c, "user.attr.list", "tenant.attr.list", "user.groups")
	case kind == oriel.TypeText && c.oneIn(3):
		from = pick(c, "user.id", "tenant.slug")
	}
	return operand{from, func(who person) ([]any, bool) {
		texts, isList, ok := who.read(from)
		if !ok || isList && !list {
			return nil, false
		}
		var values []any
		for _, text := range texts {
			value, ok := typed(text, kind)
			if !ok {
				return nil, false
			}
			values = append(values, value)
		}
		return values, true
	}}
}

func someOperand(c chance, kind oriel.ColumnType, list bool) operand {
	if c.IntN(3) > 0 {
		return constant(c, kind)
	}
	return ofPerson(c, kind, list)
}

// order compares two values of one type.
func order(a, b any) int {
	switch v := a.(type) {
	case string:
		return strings.Compare(v, b.(string))
	case int64:
		return cmp.Compare(v, b.(int64))
	case float64:
		return cmp.Compare(v, b.(float64))
	}
	if a == b {
		return 0
	}
	return 1
}

// there combines operands: all must be.
func there(operands ...operand) func(person) bool {
	return func(who person) bool {
		for _, o := range operands {
			if _, ok := o.values(who); !ok {
				return false
			}
		}
		return true
	}
}

// generator makes conditions on one table; l is nil inside of a lookup.
type generator struct {
	chance
	table Table
	l     *Table
}

func (g generator) condition(depth int) condition {
	if depth == 0 || g.oneIn(3) {
		return g.leaf()
	}
	a := g.condition(depth - 1)
	if g.oneIn(3) {
		return condition{"not (" + a.text + ")", func(row []any, who person) truth { return a.holds(row, who).not() }, a.reads}
	}
	b := g.condition(depth - 1)
	both := func(who person) bool { return a.reads(who) && b.reads(who) }
	if g.oneIn(2) {
		return condition{"(" + a.text + ") and (" + b.text + ")", func(row []any, who person) truth { return a.holds(row, who).and(b.holds(row, who)) }, both}
	}
	return condition{"(" + a.text + ") or (" + b.text + ")", func(row []any, who person) truth { return a.holds(row, who).or(b.holds(row, who)) }, both}
}

func (g generator) leaf() condition {
	column := pick(g.chance, g.table.Columns[1:]...)
	on := func(test func(value any, who person) bool) func([]any, person) truth {
		at := g.table.at(column.Name)
		return func(row []any, who person) truth {
			if row[at] == nil {
				return truth{}
			}
			return known(test(row[at], who))
		}
	}
	not, negate := "", g.oneIn(2)
	if negate {
		not = "not "
	}
	switch g.IntN(8) {
	case 0:
		return g.null(column, not, negate)
	case 1, 2:
		return g.membership(column, not, negate, on)
	case 3:
		if column.Type == oriel.TypeText {
			prefix := someOperand(g.chance, column.Type, false)
			return condition{name(column.Name) + " " + not + "starts with " + prefix.text, on(func(v any, who person) bool {
				p, _ := prefix.values(who)
				return strings.HasPrefix(v.(string), p[0].(string)) != negate
			}), there(prefix)}
		}
	case 4:
		if column.Type != oriel.TypeBoolean {
			low, high := someOperand(g.chance, column.Type, false), someOperand(g.chance, column.Type, false)
			return condition{name(column.Name) + " " + not + "between " + low.text + " and " + high.text, on(func(v any, who person) bool {
				a, _ := low.values(who)
				b, _ := high.values(who)
				return (order(v, a[0]) >= 0 && order(v, b[0]) <= 0) != negate
			}), there(low, high)}
		}
	case 5:
		if g.l != nil {
			return g.lookup(column, not, negate)
		}
	case 6:
		group := pick(g.chance, "g1", "g2")
		return condition{quoted(group) + " " + not + "in user.groups", func(_ []any, who person) truth {
			found := false
			for _, in := range who.groups {
				found = found || in == group
			}
			return known(found != negate)
		}, always}
	}
	return g.comparison(column, on)
}

func (g generator) null(column oriel.SourceColumn, not string, negate bool) condition {
	at := g.table.at(column.Name)
	return condition{name(column.Name) + " is " + not + "null", func(row []any, _ person) truth { return known((row[at] == nil) != negate) }, always}
}

func (g generator) membership(column oriel.SourceColumn, not string, negate bool, on func(func(any, person) bool) func([]any, person) truth) condition {
	var operands []operand
	var texts []string
	for range 1 + g.IntN(3) {
		o := someOperand(g.chance, column.Type, true)
		operands, texts = append(operands, o), append(texts, o.text)
	}
	return condition{name(column.Name) + " " + not + "in (" + strings.Join(texts, ", ") + ")", on(func(v any, who person) bool {
		found := false
		for _, o := range operands {
			values, _ := o.values(who)
			for _, value := range values {
				found = found || order(v, value) == 0
			}
		}
		return found != negate
	}), there(operands...)}
}

func (g generator) comparison(column oriel.SourceColumn, on func(func(any, person) bool) func([]any, person) truth) condition {
	o := someOperand(g.chance, column.Type, false)
	op := pick(g.chance, "=", "!=")
	if column.Type != oriel.TypeBoolean {
		op = pick(g.chance, "=", "!=", "<", "<=", ">", ">=")
	}
	return condition{name(column.Name) + " " + op + " " + o.text, on(func(v any, who person) bool {
		values, _ := o.values(who)
		n := order(v, values[0])
		switch op {
		case "=":
			return n == 0
		case "!=":
			return n != 0
		case "<":
			return n < 0
		case "<=":
			return n <= 0
		case ">":
			return n > 0
		}
		return n >= 0
	}), there(o)}
}

// lookup is in (lookup l.COLUMN where …).
func (g generator) lookup(column oriel.SourceColumn, not string, negate bool) condition {
	keys := g.l.of(column.Type)
	if len(keys) == 0 {
		return g.null(column, "", false)
	}
	key := pick(g.chance, keys...)
	where := condition{"", func([]any, person) truth { return known(true) }, always}
	text := ""
	if !g.oneIn(4) {
		where = generator{g.chance, *g.l, nil}.condition(1)
		text = " where " + where.text
	}
	l, at, keyAt := *g.l, g.table.at(column.Name), g.l.at(key.Name)
	return condition{name(column.Name) + " " + not + "in (lookup l." + name(key.Name) + text + ")", func(row []any, who person) truth {
		answer := known(false)
		for _, other := range l.Rows {
			if !where.holds(other, who).yes {
				continue
			}
			same := truth{}
			if row[at] != nil && other[keyAt] != nil {
				same = known(order(row[at], other[keyAt]) == 0)
			}
			answer = answer.or(same)
		}
		if negate {
			return answer.not()
		}
		return answer
	}, where.reads}
}
