package httpapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
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
	if !json.Valid(data) {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The body is not valid JSON.")
	}
	r := objectReader{text: data}
	if r.next() != '{' {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The body is not a JSON object.")
	}
	members, err := r.object(1)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(names, name) && !slices.Contains(names, anyName) {
			return nil, fieldError(shorten(name), "There is no such field.")
		}
	}
	return members, nil
}

// objectReader takes a text apart that json.Valid has vouched for, so that it
// looks at the first byte of everything only. json.Decoder costs four times as
// much, for each sign-in.
type objectReader struct {
	text []byte
	at   int // the next byte
}

// next goes to the next byte that is no white space.
func (r *objectReader) next() byte {
	for r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\n' || r.text[r.at] == '\r' {
		r.at++
	}
	return r.text[r.at]
}

// object reads the members of an object, whose brace is the next byte, so deep
// within others.
func (r *objectReader) object(depth int) (map[string]json.RawMessage, error) {
	members := make(map[string]json.RawMessage)
	for r.at++; r.next() != '}'; {
		if r.text[r.at] == ',' {
			r.at++
			r.next()
		}
		name, err := r.name()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, fieldError(shorten(name), "The field stands twice.")
		}
		r.next()
		r.at++ // the colon
		r.next()
		from := r.at
		if err := r.value(depth + 1); err != nil {
			return nil, err
		}
		members[name] = r.text[from:r.at]
	}
	r.at++
	return members, nil
}

// value goes behind a value, which begins with the next byte.
func (r *objectReader) value(depth int) error {
	first := r.text[r.at]
	if depth > maxDepth && (first == '{' || first == '[') {
		return oriel.E(oriel.CodeInvalidRequest, "The body is nested too deeply.")
	}
	switch first {
	case '{':
		_, err := r.object(depth)
		return err
	case '[':
		for r.at++; r.next() != ']'; {
			if r.text[r.at] == ',' {
				r.at++
				r.next()
			}
			if err := r.value(depth + 1); err != nil {
				return err
			}
		}
		r.at++
	case '"':
		r.string()
	default: // a number, true, false or null
		for r.at < len(r.text) && strings.IndexByte("+-.0123456789Eaeflnrstu", r.text[r.at]) >= 0 {
			r.at++
		}
	}
	return nil
}

// name reads the name of a member, in which characters may be escaped.
func (r *objectReader) name() (string, error) {
	raw, escaped := r.string()
	if !escaped {
		return string(raw[1 : len(raw)-1]), nil
	}
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return "", oriel.E(oriel.CodeInvalidRequest, "The body is not valid JSON.")
	}
	return name, nil
}

// string goes behind a text, whose quote is the next byte.
func (r *objectReader) string() (raw []byte, escaped bool) {
	from := r.at
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++ // what it escapes, which may be a quote
		}
	}
	r.at++
	return r.text[from:r.at], escaped
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
