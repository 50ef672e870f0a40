package query

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// What the sender of a bad value of a column filter reads.
const (
	sayFilterText    = "This is a text or a list of at most 200 texts, each of at most 1,024 bytes."
	sayFilterInteger = `This is a whole number, a list of at most 200, or {"from": 1, "to": 9}, where from is not above to.`
	sayFilterNumber  = `This is a number, a list of at most 200, or {"from": 1.5, "to": 9}, where from is not above to.`
	sayFilterDay     = `This is a date as "2001-01-31", or {"from": "2001-01-01", "to": "2001-01-31"}, where from is not after to.`
	sayFilterGone    = "The column of this filter is not there."
)

// typed gives a dashboard whose column filters have the types of their columns.
func (s snapshot) typed(d oriel.Dashboard) oriel.Dashboard {
	d.Parameters = slices.Clone(d.Parameters)
	for i, p := range d.Parameters {
		if p.Type == oriel.ParameterColumn && p.Values != nil {
			model, _ := s.Model(p.Values.Model)
			column, _ := s.columnOf(model, p.Values.Joins, p.Values.Column)
			d.Parameters[i].ColumnType = column.Type
		}
	}
	return d
}

// parseFilter reads a value of a column filter, typed by the column: what comes
// in is of the column's own type, and the engine has nothing to coerce.
func parseFilter(column oriel.ColumnType, raw json.RawMessage) (source.ParameterValue, bool, string) {
	switch column {
	case oriel.TypeText:
		if bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) {
			raw = listOf(raw)
		}
		value, found, complaint := parseList(raw)
		if complaint != "" {
			complaint = sayFilterText
		}
		return value, found, complaint
	case oriel.TypeInteger, oriel.TypeInteger64:
		return parseNumbers(column, raw, sayFilterInteger)
	case oriel.TypeNumber, oriel.TypeDecimal:
		return parseNumbers(column, raw, sayFilterNumber)
	case oriel.TypeBoolean:
		scalar, complaint := parseScalar(oriel.ParameterBoolean, raw)
		return source.ParameterValue{Scalar: &scalar}, complaint == "", complaint
	case oriel.TypeDate, oriel.TypeTimestamp:
		if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
			value, found, complaint := parseRange(raw)
			if complaint != "" {
				complaint = sayFilterDay
			}
			return value, found, complaint
		}
		scalar, complaint := parseScalar(oriel.ParameterDate, raw)
		if complaint != "" {
			complaint = sayFilterDay
		}
		return source.ParameterValue{Scalar: &scalar}, complaint == "", complaint
	}
	return source.ParameterValue{}, false, sayFilterGone
}

// listOf makes a list of one value.
func listOf(raw json.RawMessage) json.RawMessage {
	return slices.Concat(json.RawMessage("["), raw, json.RawMessage("]"))
}

// parseNumbers reads one number, several, or a range.
func parseNumbers(column oriel.ColumnType, raw json.RawMessage, complaint string) (source.ParameterValue, bool, string) {
	var value source.ParameterValue
	switch bytes.TrimSpace(raw)[0] {
	case '{':
		ends, ok := parseEnds[json.RawMessage](raw)
		if !ok {
			return value, false, complaint
		}
		for name, to := range map[string]**oriel.Scalar{"from": &value.From, "to": &value.To} {
			if ends[name] == nil {
				continue
			}
			if *to, ok = parseNumberOf(column, *ends[name]); !ok {
				return value, false, complaint
			}
		}
		if value.From != nil && value.To != nil && above(*ends["from"], *ends["to"]) {
			return value, false, complaint
		}
		return value, value.From != nil || value.To != nil, ""
	case '[':
		var list []json.RawMessage
		if decode(raw, &list) != nil || len(list) > maxList {
			return value, false, complaint
		}
		seen := map[oriel.Scalar]bool{}
		for _, one := range list {
			scalar, ok := parseNumberOf(column, one)
			if !ok {
				return value, false, complaint
			}
			if !seen[*scalar] {
				value.List = append(value.List, *scalar)
			}
			seen[*scalar] = true
		}
		return value, len(value.List) > 0, ""
	}
	scalar, ok := parseNumberOf(column, raw)
	if !ok {
		return value, false, complaint
	}
	return source.ParameterValue{Scalar: scalar}, true, ""
}

// parseNumberOf reads a number of the column's type. Where JavaScript can't hold
// each exactly, it may come as a text of its digits, as in results.
func parseNumberOf(column oriel.ColumnType, raw json.RawMessage) (*oriel.Scalar, bool) {
	raw = bytes.TrimSpace(raw)
	quoted := bytes.HasPrefix(raw, []byte(`"`))
	exact := column == oriel.TypeInteger64 || column == oriel.TypeDecimal
	isNumber := len(raw) > 0 && len(raw) <= 64 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
	if !isNumber && !(quoted && exact) {
		return nil, false
	}
	if isNumber && column == oriel.TypeNumber {
		scalar, complaint := parseNumber(raw)
		if whole, is := scalar.Value.(int64); is {
			scalar = oriel.NumberScalar(float64(whole))
		}
		return &scalar, complaint == ""
	}
	scalar, err := access.ReadValue(raw, column)
	return scalar, err == nil && scalar != nil
}

// above compares two numbers that were read before.
func above(from, to json.RawMessage) bool {
	low, _ := new(big.Float).SetString(strings.Trim(string(from), `" `))
	high, _ := new(big.Float).SetString(strings.Trim(string(to), `" `))
	return low != nil && high != nil && low.Cmp(high) > 0
}

// fits tells whether a value can be compared with a column of the type without
// the engine coercing one of them.
func fits(column, value oriel.ColumnType) bool {
	number := func(t oriel.ColumnType) bool {
		return t == oriel.TypeInteger || t == oriel.TypeInteger64 || t == oriel.TypeDecimal || t == oriel.TypeNumber
	}
	return column == value || number(column) && number(value) || column == oriel.TypeTimestamp && value == oriel.TypeDate
}

// scalarsOf are all that a value consists of.
func scalarsOf(value source.ParameterValue) []oriel.Scalar {
	all := slices.Clone(value.List)
	for _, s := range []*oriel.Scalar{value.Scalar, value.From, value.To} {
		if s != nil {
			all = append(all, *s)
		}
	}
	return all
}

// condition writes what stands for a column filter: a condition on the column by
// its name in the text, or one that is true when the run brings no value.
// Error: query_refused for a value that doesn't fit the column.
func (w *templateWriter) condition(p placeholder) (string, error) {
	value := w.values[p.name]
	var parts []string
	if value.Scalar != nil {
		parts = append(parts, w.compare(p, "=", *value.Scalar))
	}
	if value.From != nil {
		parts = append(parts, w.compare(p, ">=", *value.From))
	}
	if value.To != nil {
		parts = append(parts, w.compare(p, "<=", *value.To))
	}
	if len(value.List) > 0 {
		parts = append(parts, p.column+" IN ("+w.bind(p.name, value.List...)+")")
	}
	for _, s := range w.scalars(p) {
		if !fits(p.columnType, s.Type) {
			return "", oriel.E(oriel.CodeQueryRefused, "{{%s}} is about the type %s and the run brings the type %s", p.name, p.columnType, s.Type)
		}
	}
	if len(parts) == 0 {
		return "TRUE", nil
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// compare writes one comparison. A day compared with a timestamp is the whole
// day: no later than Monday includes Monday evening.
func (w *templateWriter) compare(p placeholder, op string, value oriel.Scalar) string {
	day, isDay := value.Value.(time.Time)
	if p.columnType != oriel.TypeTimestamp || value.Type != oriel.TypeDate || !isDay {
		return p.column + " " + op + " " + w.bind(p.name+" "+op, value)
	}
	var parts []string
	if op != "<=" {
		parts = append(parts, p.column+" >= "+w.bind(p.name+" >=", oriel.TimestampScalar(day)))
	}
	if op != ">=" {
		parts = append(parts, p.column+" < "+w.bind(p.name+" <", oriel.TimestampScalar(day.AddDate(0, 0, 1))))
	}
	return strings.Join(parts, " AND ")
}

// quoted writes the name of a filter's column so that it stands for nothing else.
func quoted(column oriel.FilteredColumn, kind oriel.SourceKind) string {
	parts := column.As
	if len(parts) == 0 {
		parts = []oriel.Identifier{{Name: column.Name, Quoted: true}}
	}
	names := make([]string, 0, len(parts))
	for _, part := range parts {
		name := part.Name
		if kind == oriel.SourcePostgres && !part.Quoted {
			name = strings.ToLower(name) // as the engine reads it; DuckDB has no regard to case
		}
		names = append(names, `"`+strings.ReplaceAll(name, `"`, `""`)+`"`)
	}
	return strings.Join(names, ".")
}
