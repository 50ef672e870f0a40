package duckdb

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// object is one object of a tree. Each member is taken by its name; a member
// that nobody took is something that the walker does not know, so the query is
// refused: a newer parser can't bring in what was never looked at.
type object struct {
	members map[string]any
	at      int // offset in the text, -1 when unknown
}

// asObject reads a value as an object.
func asObject(v any) (object, bool) {
	members, ok := v.(map[string]any)
	if !ok {
		return object{}, false
	}
	o := object{members: maps.Clone(members), at: -1}
	if n, ok := o.take("query_location").(json.Number); ok {
		if at, err := n.Int64(); err == nil {
			o.at = int(at)
		}
	}
	return o, true
}

// take removes a member; nil when there is none.
func (o object) take(name string) any {
	v := o.members[name]
	delete(o.members, name)
	return v
}

// text removes a text; empty when there is none.
func (o object) text(name string) string {
	v, _ := o.take(name).(string)
	return v
}

// list removes a list; empty when there is none.
func (o object) list(name string) ([]any, error) {
	v := o.take(name)
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s is not a list", name)
	}
	return list, nil
}

// rest names what was not taken.
func (o object) rest() []string {
	return slices.Sorted(maps.Keys(o.members))
}
