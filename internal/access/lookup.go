package access

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// lookupNode is COLUMN [not] in (lookup TABLE.COLUMN where …).
type lookupNode struct {
	column oriel.SourceColumn
	table  string
	key    oriel.SourceColumn
	where  node // nil: every row
	negate bool
}

func (n lookupNode) resolve(p oriel.Principal) (Predicate, bool) {
	l := Lookup{Column: n.column, Table: n.table, Key: n.key, Where: True{}, Negate: n.negate}
	if n.where == nil {
		return l, true
	}
	where, ok := n.where.resolve(p)
	l.Where = where
	return l, ok
}

// lookup reads what follows "in (lookup". Its condition is about the columns of
// the table that is looked up; nothing of the policy's own table can be named.
func (p *parser) lookup(left operand) (node, error) {
	at := p.peek().at
	switch {
	case p.inLookup:
		return nil, mistake(at, "a lookup can't hold another lookup")
	case left.column == nil:
		return nil, mistake(left.at, "a lookup is for columns")
	}
	table, key, err := p.lookedUp()
	if err != nil {
		return nil, err
	}
	outer := p.table
	p.table, p.inLookup = table, true
	defer func() { p.table, p.inLookup = outer, false }()
	n := lookupNode{column: *left.column, table: table.Name}
	if n.key, err = p.column(key); err != nil {
		return nil, err
	}
	if !sameKind(left.column.Type, n.key.Type) {
		return nil, mistake(key.at, "the column %q is of the type %s and is looked up among values of the type %s", left.column.Name, left.column.Type, n.key.Type)
	}
	if p.accept("where") {
		if n.where, err = p.condition(1); err != nil {
			return nil, err
		}
	}
	return n, p.expect(")")
}

// lookedUp reads TABLE.COLUMN; either may stand in double quotes.
func (p *parser) lookedUp() (oriel.SourceTable, token, error) {
	first := p.take()
	name, rest := first.text, ""
	if first.kind == tokenWord {
		if dot := strings.LastIndexByte(first.text, '.'); dot >= 0 {
			name, rest = first.text[:dot], first.text[dot+1:]
		}
	}
	key := token{kind: tokenWord, text: rest, at: first.at}
	if rest == "" && (first.kind == tokenQuoted || first.kind == tokenWord) {
		if first.kind == tokenQuoted || !strings.HasSuffix(first.text, ".") {
			if err := p.expect("."); err != nil {
				return oriel.SourceTable{}, key, err
			}
		}
		key = p.take()
	}
	if first.kind != tokenWord && first.kind != tokenQuoted || key.kind != tokenWord && key.kind != tokenQuoted {
		return oriel.SourceTable{}, key, mistake(first.at, "after lookup a column is expected, as TABLE.COLUMN, not %s", first)
	}
	table, found := p.source.Table(name)
	if !found {
		return oriel.SourceTable{}, key, mistake(first.at, "there is no table %q to look up in the data source %s", name, p.source.Key)
	}
	return table, key, nil
}

// sameKind tells whether two columns compare without anything being coerced.
func sameKind(a, b oriel.ColumnType) bool {
	whole := func(t oriel.ColumnType) bool { return t == oriel.TypeInteger || t == oriel.TypeInteger64 }
	return a == b || whole(a) && whole(b)
}
