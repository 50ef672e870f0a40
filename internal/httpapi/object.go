package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxDepth bounds nesting in a body; the API's own bodies need four.
const maxDepth = 16

// parseObject reads a JSON object strictly: UTF-8, one object and nothing after
// it, no name twice in any object, and no member that is not among the names;
// [anyName] lets all stand.
// encoding/json by itself takes the last of two members, ignores case and drops
// what it does not know. Errors: invalid_request with the fields.
func parseObject(data []byte, names ...string) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The body is not UTF-8.")
	}
	if err := checkStructure(data); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The body is not a JSON object.")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(names, name) && !slices.Contains(names, anyName) {
			return nil, fieldError(shorten(name), "There is no such field.")
		}
	}
	return members, nil
}

// checkStructure walks the tokens for names that stand twice, depth, and
// trailing bytes.
func checkStructure(data []byte) error {
	notJSON := oriel.E(oriel.CodeInvalidRequest, "The body is not valid JSON.")
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var open []*level
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return notJSON
			}
			return nil
		}
		if err != nil {
			return notJSON
		}
		var inside *level
		if len(open) > 0 {
			inside = open[len(open)-1]
		}
		if delimiter, ok := token.(json.Delim); ok && (delimiter == '}' || delimiter == ']') {
			open = open[:len(open)-1]
			continue
		}
		if name, ok := token.(string); ok && inside != nil && inside.expectsName {
			if inside.names[name] {
				return fieldError(shorten(name), "The field stands twice.")
			}
			inside.names[name] = true
			inside.expectsName = false
			continue
		}
		if inside != nil && inside.names != nil {
			inside.expectsName = true // after this value
		}
		if delimiter, ok := token.(json.Delim); ok {
			if len(open) == maxDepth {
				return oriel.E(oriel.CodeInvalidRequest, "The body is nested too deeply.")
			}
			next := &level{}
			if delimiter == '{' {
				next = &level{names: map[string]bool{}, expectsName: true}
			}
			open = append(open, next)
		}
	}
}

// level is an object or array that is open; names is nil for an array.
type level struct {
	names       map[string]bool
	expectsName bool
}

// parseText reads a member that must be a string.
func parseText(members map[string]json.RawMessage, name string) (value string, found bool, err error) {
	raw, found := members[name]
	if !found {
		return "", false, nil
	}
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &value) != nil {
		return "", true, fieldError(name, "This must be a string.")
	}
	return value, true, nil
}

func fieldError(field, what string) *oriel.Error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: "Something in the request is not as the API describes it.", Fields: map[string]string{field: what}}
}

// shorten keeps a name that a client chose from filling the answer.
func shorten(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	cut := most
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…"
}
