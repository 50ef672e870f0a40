package jwt

import (
	"bytes"
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
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := parseValue(decoder, 1)
	if err != nil {
		return nil, err
	}
	members, isObject := value.(object)
	if !isObject {
		return nil, errors.New("it is not a JSON object")
	}
	return members, nil
}

func parseValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch token := token.(type) {
	case string:
		return token, checkText(token)
	case json.Delim:
		if depth > maxDepth {
			return nil, fmt.Errorf("it nests deeper than %d", maxDepth)
		}
		if token == '{' {
			return parseMembers(decoder, depth)
		}
		return parseItems(decoder, depth)
	}
	return token, nil
}

func parseMembers(decoder *json.Decoder, depth int) (object, error) {
	members := object{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		name, isText := token.(string)
		if !isText {
			return nil, errors.New("a name is not a text")
		}
		if err := checkText(name); err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a name stands twice in one object")
		}
		if members[name], err = parseValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return members, err
}

func parseItems(decoder *json.Decoder, depth int) ([]any, error) {
	items := []any{}
	for decoder.More() {
		item, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := decoder.Token()
	return items, err
}

// checkText refuses NUL, at which a database or a log may cut a text off.
func checkText(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return errors.New("a text holds NUL")
	}
	return nil
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
