package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Bounds on the values of one parameter.
const (
	maxList = 200
	maxText = 1 << 10 // bytes
)

// parseParameters types the values that a request brought. A value that is
// null, an empty list or a range without ends counts as not brought, and what is
// not brought has its default. Errors: invalid_request with every bad field by
// its name, "parameters.date"; query_refused for a default that is none.
func parseParameters(declared []oriel.Parameter, brought map[string]json.RawMessage) (map[string]source.ParameterValue, error) {
	values := map[string]source.ParameterValue{}
	fields := map[string]string{}
	for name := range brought {
		if !slices.ContainsFunc(declared, func(p oriel.Parameter) bool { return p.Name == name }) {
			fields["parameters."+clip(name)] = "There is no such parameter here."
		}
	}
	for _, p := range declared {
		value, found, complaint := parseValue(p, brought[p.Name])
		switch {
		case complaint != "":
			fields["parameters."+p.Name] = complaint
		case p.Required && !found:
			fields["parameters."+p.Name] = "This is needed."
		case found && p.Type == oriel.ParameterDateRange && p.Certain() && (value.From == nil || value.To == nil):
			fields["parameters."+p.Name] = "Both ends are needed."
		case found:
			values[p.Name] = value
		}
	}
	if len(fields) > 0 {
		return nil, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: "Some parameters can't be taken; fields says which and why.", Fields: fields}
	}
	return values, withDefaults(declared, values)
}

// withDefaults adds the defaults of parameters for which nothing was brought.
// Error: query_refused for one that is none, which is nobody's fault who asks.
func withDefaults(declared []oriel.Parameter, values map[string]source.ParameterValue) error {
	for _, p := range declared {
		if _, brought := values[p.Name]; brought {
			continue
		}
		value, found, complaint := parseValue(p, p.Default)
		if complaint != "" {
			return oriel.E(oriel.CodeQueryRefused, "the default of the parameter %q can't be taken: %s", p.Name, complaint)
		}
		if found {
			values[p.Name] = value
		}
	}
	return nil
}

// clip keeps a name from a request short enough to answer with.
func clip(name string) string {
	name = strings.ToValidUTF8(name, "?")
	if runes := []rune(name); len(runes) > 64 {
		return string(runes[:64]) + "…"
	}
	return name
}

// What a bad field's sender reads.
const (
	sayText    = "This is a text of at most 1,024 bytes."
	sayNumber  = "This is a number."
	sayBoolean = "This is true or false."
	sayDate    = `This is a date as "2001-01-31".`
	sayRange   = `This is {"from": "2001-01-01", "to": "2001-01-31"}, where from is not after to.`
	sayList    = "This is a list of at most 200 texts, each of at most 1,024 bytes."
)

// parseValue reads one value; complaint is empty when it could.
func parseValue(p oriel.Parameter, raw json.RawMessage) (value source.ParameterValue, found bool, complaint string) {
	if len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return source.ParameterValue{}, false, ""
	}
	switch p.Type {
	case oriel.ParameterDateRange:
		return parseRange(raw)
	case oriel.ParameterList:
		return parseList(raw)
	case oriel.ParameterColumn:
		return parseFilter(p.ColumnType, raw)
	}
	scalar, complaint := parseScalar(p.Type, raw)
	return source.ParameterValue{Scalar: &scalar}, complaint == "", complaint
}

func parseScalar(t oriel.ParameterType, raw json.RawMessage) (oriel.Scalar, string) {
	switch t {
	case oriel.ParameterText:
		var v string
		if decode(raw, &v) != nil || !isText(v) {
			return oriel.Scalar{}, sayText
		}
		return oriel.TextScalar(v), ""
	case oriel.ParameterNumber:
		return parseNumber(raw)
	case oriel.ParameterBoolean:
		var v bool
		if decode(raw, &v) != nil {
			return oriel.Scalar{}, sayBoolean
		}
		return oriel.BooleanScalar(v), ""
	case oriel.ParameterDate:
		var v string
		if decode(raw, &v) == nil {
			if day, ok := parseDay(v); ok {
				return oriel.DateScalar(day), ""
			}
		}
		return oriel.Scalar{}, sayDate
	}
	return oriel.Scalar{}, "This parameter has a type that is not known here."
}

// parseNumber keeps whole numbers whole: no engine sees 3 as 3.0.
func parseNumber(raw json.RawMessage) (oriel.Scalar, string) {
	var n json.Number
	// Into a json.Number the decoder would take a text that looks like one.
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) || decode(raw, &n) != nil {
		return oriel.Scalar{}, sayNumber
	}
	if whole, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return oriel.IntegerScalar(whole), ""
	}
	v, err := n.Float64()
	if err != nil || math.IsInf(v, 0) {
		return oriel.Scalar{}, sayNumber
	}
	return oriel.NumberScalar(v), ""
}

// parseEnds reads {"from", "to"}, of which either may be missing. By exact
// names: a struct would take "FROM" as well, and the last of two.
func parseEnds[T any](raw json.RawMessage) (map[string]*T, bool) {
	var ends map[string]*T
	if decode(raw, &ends) != nil {
		return nil, false
	}
	for name := range ends {
		if name != "from" && name != "to" {
			return nil, false
		}
	}
	return ends, true
}

func parseRange(raw json.RawMessage) (source.ParameterValue, bool, string) {
	ends, ok := parseEnds[string](raw)
	if !ok {
		return source.ParameterValue{}, false, sayRange
	}
	var value source.ParameterValue
	for _, end := range []struct {
		text *string
		to   **oriel.Scalar
	}{{ends["from"], &value.From}, {ends["to"], &value.To}} {
		if end.text == nil {
			continue
		}
		day, ok := parseDay(*end.text)
		if !ok {
			return source.ParameterValue{}, false, sayRange
		}
		scalar := oriel.DateScalar(day)
		*end.to = &scalar
	}
	if value.From != nil && value.To != nil && *ends["from"] > *ends["to"] { // ISO dates sort as texts
		return source.ParameterValue{}, false, sayRange
	}
	return value, value.From != nil || value.To != nil, ""
}

func parseList(raw json.RawMessage) (source.ParameterValue, bool, string) {
	var texts []*string
	if decode(raw, &texts) != nil || len(texts) > maxList {
		return source.ParameterValue{}, false, sayList
	}
	var value source.ParameterValue
	seen := map[string]bool{}
	for _, text := range texts {
		if text == nil || !isText(*text) {
			return source.ParameterValue{}, false, sayList
		}
		if !seen[*text] {
			value.List = append(value.List, oriel.TextScalar(*text))
		}
		seen[*text] = true
	}
	return value, len(value.List) > 0, ""
}

// isText refuses NUL too, which some engines end a text at.
func isText(v string) bool {
	return len(v) <= maxText && utf8.ValidString(v) && !strings.ContainsRune(v, 0)
}

// parseDay reads a date of the years 1 to 9999 in one way only.
func parseDay(text string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil && day.Year() >= 1 && day.Format(time.DateOnly) == text
}

var errTrailing = errors.New("more than one value")

// decode reads exactly one JSON value with no members but the known ones.
func decode(raw json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}
