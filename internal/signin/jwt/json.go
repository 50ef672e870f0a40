package jwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep objects and lists may nest, the token's own object
// included. Claims need two; the rest is for what becomes no attribute.
const maxDepth = 8

// object is a JSON object. Values are string, json.Number (the literal as it
// stands), bool, nil, []any and object.
type object map[string]any

// parseObject reads a JSON text that is one object and can be read in one way
// only: encoding/json alone keeps the last of two equal names and replaces
// what is not UTF-8, so that two readers could see two identities.
func parseObject(text []byte) (object, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	if !json.Valid(text) {
		return nil, errors.New("it is not JSON")
	}
	if hasLoneSurrogate(text) {
		return nil, errors.New("it has half of a surrogate pair")
	}
	r := jsonReader{text: string(text)}
	value, err := r.value(1)
	if err != nil {
		return nil, err
	}
	members, isObject := value.(object)
	if !isObject {
		return nil, errors.New("it is not a JSON object")
	}
	return members, nil
}

// jsonReader takes a text apart that json.Valid has vouched for, so that it looks
// at the first byte of everything only. It costs a third of json.Decoder, which
// matters where every sign-in reads two texts.
type jsonReader struct {
	text string
	at   int // the next byte
}

// next goes to the next byte that is no white space.
func (r *jsonReader) next() byte {
	for r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\n' || r.text[r.at] == '\r' {
		r.at++
	}
	return r.text[r.at]
}

func (r *jsonReader) value(depth int) (any, error) {
	switch first := r.next(); first {
	case '"':
		return r.string()
	case '{', '[':
		if depth > maxDepth {
			return nil, fmt.Errorf("it nests deeper than %d", maxDepth)
		}
		r.at++
		if first == '{' {
			return r.members(depth)
		}
		return r.items(depth)
	case 't':
		r.at += len("true")
		return true, nil
	case 'f':
		r.at += len("false")
		return false, nil
	case 'n':
		r.at += len("null")
		return nil, nil
	}
	from := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789Ee", r.text[r.at]) >= 0 {
		r.at++
	}
	return json.Number(r.text[from:r.at]), nil
}

func (r *jsonReader) members(depth int) (object, error) {
	members := object{}
	for r.next() != '}' {
		if r.text[r.at] == ',' {
			r.at++
			r.next()
		}
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a name stands twice in one object")
		}
		r.next()
		r.at++ // the colon
		if members[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	r.at++
	return members, nil
}

func (r *jsonReader) items(depth int) ([]any, error) {
	items := []any{}
	for r.next() != ']' {
		if r.text[r.at] == ',' {
			r.at++
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	r.at++
	return items, nil
}

// string reads a text, whose quote is the next byte. It refuses NUL, at which a
// database or a log may cut a text off.
func (r *jsonReader) string() (string, error) {
	from, escaped := r.at, false
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++ // what it escapes, which may be a quote
		}
	}
	r.at++
	if !escaped {
		return r.text[from+1 : r.at-1], nil
	}
	var text string
	if err := json.Unmarshal([]byte(r.text[from:r.at]), &text); err != nil {
		return "", fmt.Errorf("read JSON: %w", err)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", errors.New("a text holds NUL")
	}
	return text, nil
}

// hasLoneSurrogate looks for \uD800…\uDFFF that is no half of a pair, in valid
// JSON. The decoder would make U+FFFD of each, and one subject of many.
func hasLoneSurrogate(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if text[i+1] != 'u' {
			i++ // the escaped character, which may be a backslash
			continue
		}
		unit, _ := utf16Escape(text[i:])
		i += 5
		if unit < 0xD800 || unit > 0xDFFF {
			continue
		}
		low, isEscape := utf16Escape(text[i+1:])
		if unit >= 0xDC00 || !isEscape || low < 0xDC00 || low > 0xDFFF {
			return true
		}
		i += 6
	}
	return false
}

// utf16Escape reads the escape \uXXXX at the start of text.
func utf16Escape(text []byte) (unit uint32, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		unit <<= 4
		switch {
		case c >= '0' && c <= '9':
			unit |= uint32(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			unit |= uint32(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return unit, true
}
