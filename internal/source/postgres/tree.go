package postgres

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// node is one node of a parser's tree. A part is a text, an int64, a *node or a
// []*node; what is absent is zero.
type node struct {
	kind  string
	at    int // offset in the text, -1 when unknown
	parts map[string]any
}

// unknownPart is the name of a part that is none of ours; its text says what.
const unknownPart = "?"

func (n *node) text(name string) string {
	v, _ := n.parts[name].(string)
	return v
}

func (n *node) number(name string) int {
	v, _ := n.parts[name].(int64)
	return int(v)
}

func (n *node) node(name string) *node {
	v, _ := n.parts[name].(*node)
	return v
}

func (n *node) list(name string) []*node {
	v, _ := n.parts[name].([]*node)
	return v
}

// names are the texts of a list of Strings; a star is "*".
func (n *node) names(name string) []string {
	var names []string
	for _, part := range n.list(name) {
		if part.kind == "AStar" {
			names = append(names, "*")
		} else {
			names = append(names, part.text("text"))
		}
	}
	return names
}

// children are the nodes right below, in the order of the parts' names.
func (n *node) children() []*node {
	var all []*node
	for _, name := range slices.Sorted(maps.Keys(n.parts)) {
		switch v := n.parts[name].(type) {
		case *node:
			all = append(all, v)
		case []*node:
			all = append(all, v...)
		}
	}
	return all
}

// copied is the whole tree again, in which replace may put another node in the
// place of one.
func (n *node) copied(replace func(*node) *node) *node {
	if other := replace(n); other != nil {
		return other
	}
	same := &node{kind: n.kind, at: n.at, parts: make(map[string]any, len(n.parts))}
	for name, part := range n.parts {
		switch v := part.(type) {
		case *node:
			same.parts[name] = v.copied(replace)
		case []*node:
			list := make([]*node, len(v))
			for i := range v {
				list[i] = v[i].copied(replace)
			}
			same.parts[name] = list
		default:
			same.parts[name] = part
		}
	}
	return same
}

// equal compares trees but for places, and for whether a function was called
// by name or by syntax of its own.
func (n *node) equal(o *node) bool {
	if n == nil || o == nil {
		return n == o
	}
	if n.kind != o.kind {
		return false
	}
	counted := func(name string) bool {
		return name != "at" && name != "length" && (n.kind != "FuncCall" || name != "format")
	}
	for name, part := range n.parts {
		if counted(name) && !equalPart(part, o.parts[name]) {
			return false
		}
	}
	for name, part := range o.parts {
		if _, compared := n.parts[name]; counted(name) && !compared && !isEmpty(part) {
			return false
		}
	}
	return true
}

// isEmpty tells parts that say no more than their absence.
func isEmpty(part any) bool {
	switch v := part.(type) {
	case *node:
		return v == nil
	case []*node:
		return len(v) == 0
	}
	return part == "" || part == int64(0)
}

func equalPart(a, b any) bool {
	switch a := a.(type) {
	case *node:
		b, _ := b.(*node)
		return a.equal(b)
	case []*node:
		b, _ := b.([]*node)
		return slices.EqualFunc(a, b, (*node).equal)
	}
	return a == b || isEmpty(a) && b == nil
}

// maxWireDepth bounds what is decoded; the parser gives no deeper tree of a
// text that was let through.
const maxWireDepth = 4000

// decode reads a message of a kind.
func decode(kind string, data []byte, depth int) (*node, error) {
	fields, known := messages[kind]
	if !known || depth > maxWireDepth {
		return nil, fmt.Errorf("a %s of the tree can't be read", kind)
	}
	n := &node{kind: kind, at: -1, parts: map[string]any{}}
	for len(data) > 0 {
		num, wire, size := protowire.ConsumeTag(data)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		data = data[size:]
		f, known := fields[int(num)]
		if !known {
			size = protowire.ConsumeFieldValue(num, wire, data)
			n.unknown(int(num))
		} else if wire == protowire.VarintType && f.kind == number {
			var v uint64
			v, size = protowire.ConsumeVarint(data)
			n.parts[f.name] = signed(v)
			if f.name == "at" {
				n.at = n.number("at")
			}
		} else if wire == protowire.BytesType && f.kind != number {
			var v []byte
			v, size = protowire.ConsumeBytes(data)
			if size >= 0 {
				if err := n.take(f, v, depth); err != nil {
					return nil, err
				}
			}
		} else {
			return nil, fmt.Errorf("%s of a %s has the type %d", f.name, kind, wire)
		}
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		data = data[size:]
	}
	return n, nil
}

// signed reads an int32, which is sent as the low bits of its two's complement.
func signed(v uint64) int64 {
	low := int64(v & math.MaxInt32)
	if v&(1<<31) != 0 {
		low -= 1 << 31
	}
	return low
}

// take reads a field's bytes into a part.
func (n *node) take(f field, data []byte, depth int) error {
	switch f.kind {
	case text:
		n.parts[f.name] = string(data)
		return nil
	case message:
		child, err := decode(f.of, data, depth+1)
		if err == nil && f.name == "stmts" {
			n.parts[f.name] = append(n.list(f.name), child)
			return nil
		}
		n.parts[f.name] = child
		return err
	}
	child, err := decodeAny(data, depth+1)
	if err != nil {
		return err
	}
	if f.kind == many {
		n.parts[f.name] = append(n.list(f.name), child)
	} else {
		n.parts[f.name] = child
	}
	return nil
}

// decodeAny reads a Node: a message whose one field tells its kind. One of no
// kind of ours is a node of the kind unknownPart.
func decodeAny(data []byte, depth int) (*node, error) {
	if len(data) == 0 {
		return &node{kind: "Nothing", at: -1}, nil // as in DISTINCT without ON
	}
	num, wire, size := protowire.ConsumeTag(data)
	if size < 0 || wire != protowire.BytesType {
		return nil, fmt.Errorf("a node of the tree can't be read")
	}
	value, rest := protowire.ConsumeBytes(data[size:])
	if rest < 0 || size+rest != len(data) {
		return nil, fmt.Errorf("a node of the tree can't be read")
	}
	kind, known := nodeKinds[int(num)]
	if !known {
		what, named := unknownNodes[int(num)]
		if !named {
			what = fmt.Sprintf("what the parser calls node %d", num)
		}
		return &node{kind: unknownPart, at: -1, parts: map[string]any{unknownPart: what}}, nil
	}
	return decode(kind, value, depth)
}

// unknown notes a field that is none of ours.
func (n *node) unknown(num int) {
	what, named := unknownFields[n.kind][num]
	if !named {
		what = fmt.Sprintf("%s with field %d", strings.ToLower(n.kind), num)
	}
	n.parts[unknownPart] = what
}
