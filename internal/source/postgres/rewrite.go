package postgres

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How many printed texts are remembered, and how many trees of permitted rows: a
// tree takes many times the memory of its text, so a text with a long list of
// values is parsed each time.
const (
	maxPrinted     = 1024
	maxSelects     = 256
	maxSelectBytes = 8 << 10
)

// narrow puts the selects in the place of the tables, bounds the rows, prints
// the tree and confirms that what is printed is what was meant. Values are
// bound, so the answer depends on the texts alone and is remembered.
func (t *texts) narrow(statement statement, selects map[string]string, limit int) (string, error) {
	key := strconv.Itoa(limit) + "\x00" + statement.query
	for _, name := range slices.Sorted(maps.Keys(selects)) {
		key += "\x00" + name + "\x00" + selects[name]
	}
	if final, found := known(t, t.prints, key); found {
		return final, nil
	}
	visible := map[string]*node{}
	for name, text := range selects {
		tree, err := t.permitted(text)
		if err != nil {
			return "", unconfirmed(err)
		}
		visible[name] = tree
	}
	tree := bounded(replaced(statement.tree, nil, visible), limit)
	final, err := printed(tree)
	if err != nil {
		return "", unconfirmed(err)
	}
	again, err := t.tree(final)
	if err != nil {
		return "", unconfirmed(err)
	}
	if err := confirm(tree, again, visible, statement.ctes); err != nil {
		return "", unconfirmed(err)
	}
	remember(t, t.prints, key, final, maxPrinted)
	return final, nil
}

// permitted gives the tree of a select of permitted rows, which many questions
// share. Its text was written here, of names and placeholders.
func (t *texts) permitted(text string) (*node, error) {
	if tree, found := known(t, t.selects, text); found {
		return tree, nil
	}
	tree, err := t.tree(text)
	if err != nil {
		return nil, err
	}
	if len(text) <= maxSelectBytes {
		remember(t, t.selects, text, tree, maxSelects)
	}
	return tree, nil
}

// replaced copies a tree with the selects in the place of its tables. WITH is
// resolved as validate does it.
func replaced(n *node, outer *scope, visible map[string]*node) *node {
	return n.copied(func(n *node) *node {
		switch n.kind {
		case "SelectStmt":
			return replacedQuery(n, outer, visible)
		case "RangeVar":
			return replacedTable(n, outer, visible)
		}
		return nil
	})
}

func replacedQuery(n *node, outer *scope, visible map[string]*node) *node {
	same := &node{kind: n.kind, at: n.at, parts: maps.Clone(n.parts)}
	inner := outer
	if with := n.node("with"); with != nil {
		clauses := &node{kind: with.kind, at: with.at, parts: maps.Clone(with.parts)}
		var ctes []*node
		for _, cte := range with.list("ctes") {
			ctes = append(ctes, replaced(cte, inner, visible))
			inner = &scope{name: cte.text("name"), outer: inner}
		}
		clauses.parts["ctes"] = ctes
		same.parts["with"] = clauses
	}
	for name, part := range same.parts {
		switch v := part.(type) {
		case *node:
			if name != "with" {
				same.parts[name] = replaced(v, inner, visible)
			}
		case []*node:
			list := make([]*node, len(v))
			for i := range v {
				list[i] = replaced(v[i], inner, visible)
			}
			same.parts[name] = list
		}
	}
	return same
}

func replacedTable(n *node, in *scope, visible map[string]*node) *node {
	name := n.text("name")
	if n.text("schema") == "" && in.find(name) != nil {
		return nil
	}
	alias := n.node("alias")
	if alias == nil {
		alias = &node{kind: "Alias", at: -1, parts: map[string]any{"name": name}}
	}
	return &node{kind: "RangeSubselect", at: -1, parts: map[string]any{"query": visible[name], "alias": alias}}
}

// bounded selects all of a query, at most so many rows: one more than is shown
// tells that the result was cut.
func bounded(query *node, limit int) *node {
	star := &node{kind: "ColumnRef", at: -1, parts: map[string]any{"names": []*node{{kind: "AStar", at: -1}}}}
	return &node{kind: "SelectStmt", at: -1, parts: map[string]any{
		"op":      int64(setNone),
		"targets": []*node{{kind: "ResTarget", at: -1, parts: map[string]any{"value": star}}},
		"from": []*node{{kind: "RangeSubselect", at: -1, parts: map[string]any{
			"query": query,
			"alias": &node{kind: "Alias", at: -1, parts: map[string]any{"name": "oriel_question"}},
		}}},
		"limit": &node{kind: "AConst", at: -1, parts: map[string]any{
			"integer": &node{kind: "Integer", at: -1, parts: map[string]any{"number": int64(limit)}},
		}},
		"limitOption": int64(limitCount),
	}}
}

// confirm is the second check, of the text that will run: it must have the tree
// that was meant, and outside the selects of the permitted rows it may name
// nothing but what its own WITH defines.
func confirm(meant, found *node, visible map[string]*node, ctes []string) error {
	if !meant.equal(found) {
		return fmt.Errorf("what was printed is read as something else")
	}
	return named(found, visible, ctes)
}

func named(n *node, visible map[string]*node, ctes []string) error {
	if n.kind == "SelectStmt" {
		for _, permitted := range visible {
			if n.equal(permitted) {
				return nil
			}
		}
	}
	if n.kind == "RangeVar" && (n.text("schema") != "" || n.text("catalog") != "" || !slices.Contains(ctes, n.text("name"))) {
		return fmt.Errorf("the table %s is named outside its permitted rows", strings.Join([]string{n.text("schema"), n.text("name")}, "."))
	}
	for _, child := range n.children() {
		if err := named(child, visible, ctes); err != nil {
			return err
		}
	}
	return nil
}

func unconfirmed(err error) error {
	return &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query can't be written anew with the permitted rows in it.", Err: err}
}
