package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxExact is the largest integer that JavaScript holds exactly, as the engine
// writes it.
const maxExact = "9007199254740991"

// column writes one column of a result as JSON text: all values of a part in
// one piece, each ending where ends says, so that a million values are not a
// million pieces of memory.
type column struct {
	name string
	oid  uint32
	kind oriel.ColumnType
	text []byte
	ends []int
	// beyond is true once an integer was seen that JavaScript can't hold.
	beyond bool
	// apart writes such an integer as a text at once, since nobody waits for
	// the rest.
	apart bool
}

// resultTypes are our types for the engine's, by their numbers. Intervals,
// arrays, rows and bytes have none.
var resultTypes = map[uint32]oriel.ColumnType{
	16: oriel.TypeBoolean,
	20: oriel.TypeInteger, 21: oriel.TypeInteger, 23: oriel.TypeInteger,
	700: oriel.TypeNumber, 701: oriel.TypeNumber, 1700: oriel.TypeDecimal,
	25: oriel.TypeText, 1043: oriel.TypeText, 1042: oriel.TypeText, 705: oriel.TypeText, 1083: oriel.TypeText,
	1082: oriel.TypeDate, 1114: oriel.TypeTimestamp, 1184: oriel.TypeTimestamp,
}

// readRows turns at most limit rows into columns of JSON values; one more tells
// that there are more. Errors: query_refused for a column without a type here,
// too_large when the values are more than maxBytes.
func readRows(reader *pgconn.ResultReader, limit, maxBytes int) (oriel.Result, error) {
	columns, err := describe(reader.FieldDescriptions())
	if err != nil {
		return oriel.Result{}, err
	}
	result := oriel.Result{}
	size := 0
	for reader.NextRow() {
		if result.RowCount == limit {
			result.Truncated = true
			continue // there is one more at most
		}
		for i, text := range reader.Values() {
			written, err := columns[i].take(text)
			if err != nil {
				return oriel.Result{}, fmt.Errorf("read the column %q: %w", columns[i].name, err)
			}
			size += written + 1
		}
		if size > maxBytes {
			return oriel.Result{}, oriel.E(oriel.CodeTooLarge, "The result is larger than %d bytes; ask for fewer rows or columns.", maxBytes)
		}
		result.RowCount++
	}
	for i := range columns {
		c := &columns[i]
		result.Values = append(result.Values, c.finish())
		result.Columns = append(result.Columns, oriel.Column{Name: c.name, Label: c.name, Type: c.kind})
	}
	return result, nil
}

// How much a part of a stream has at most: so many rows, and no further one once
// there are so many bytes, since a row may have a text of many megabytes.
const (
	partRows  = 1000
	partBytes = 1 << 20
)

// readParts gives at most limit rows in parts, the last of which tells whether
// there are more. Errors: query_refused for a column without a type here; what
// take says.
func readParts(reader *pgconn.ResultReader, limit int, take func(oriel.Result) error) error {
	columns, err := describe(reader.FieldDescriptions())
	if err != nil {
		return err
	}
	for i := range columns {
		columns[i].apart = true
	}
	rows, size, total, truncated := 0, 0, 0, false
	send := func() error {
		part := oriel.Result{RowCount: rows, Truncated: truncated}
		for i := range columns {
			c := &columns[i]
			part.Columns = append(part.Columns, oriel.Column{Name: c.name, Label: c.name, Type: c.kind})
			part.Values = append(part.Values, c.values())
		}
		rows, size = 0, 0
		return take(part)
	}
	for reader.NextRow() {
		if total == limit {
			truncated = true
			continue // there is one more at most
		}
		if rows == partRows || size >= partBytes {
			if err := send(); err != nil {
				return err
			}
		}
		for i, text := range reader.Values() {
			taken, err := columns[i].take(text)
			if err != nil {
				return fmt.Errorf("read the column %q: %w", columns[i].name, err)
			}
			size += taken
		}
		rows++
		total++
	}
	if _, err := reader.Close(); err != nil {
		return err // what came may not be all
	}
	return send()
}

func describe(fields []pgconn.FieldDescription) ([]column, error) {
	columns := make([]column, 0, len(fields))
	for _, f := range fields {
		kind, known := resultTypes[f.DataTypeOID]
		if !known {
			return nil, refuse("the column %q has a type which a result can't hold; cast it to text or timestamp", f.Name)
		}
		columns = append(columns, column{name: f.Name, oid: f.DataTypeOID, kind: kind})
	}
	return columns, nil
}

// take writes one value, in the engine's text form, as JSON, and tells how many
// bytes it is then.
func (c *column) take(text []byte) (written int, err error) {
	before := len(c.text)
	if c.text, err = c.append(c.text, text); err != nil {
		return 0, err
	}
	c.ends = append(c.ends, len(c.text))
	return len(c.text) - before, nil
}

// values gives what was taken, and begins anew.
func (c *column) values() []oriel.RawValue {
	values := make([]oriel.RawValue, len(c.ends))
	from := 0
	for i, end := range c.ends {
		values[i] = c.text[from:end:end]
		from = end
	}
	c.text, c.ends = make([]byte, 0, len(c.text)), c.ends[:0]
	return values
}

// finish is [column.values] of a whole result: whole numbers are numbers or
// texts, the same for the whole column.
func (c *column) finish() []oriel.RawValue {
	values := c.values()
	if c.kind != oriel.TypeInteger || !c.beyond {
		return values
	}
	c.kind = oriel.TypeInteger64
	for i, v := range values {
		if string(v) != "null" {
			values[i] = quoted(nil, v)
		}
	}
	return values
}

func (c *column) append(to, text []byte) ([]byte, error) {
	if text == nil {
		return append(to, "null"...), nil
	}
	switch c.kind {
	case oriel.TypeBoolean:
		return strconv.AppendBool(to, string(text) == "t"), nil
	case oriel.TypeInteger:
		digits := bytes.TrimPrefix(text, []byte("-"))
		beyond := len(digits) > len(maxExact) || len(digits) == len(maxExact) && string(digits) > maxExact
		if beyond && c.apart {
			return quoted(to, text), nil
		}
		c.beyond = c.beyond || beyond
		return append(to, text...), nil
	case oriel.TypeNumber:
		return appendNumber(to, text, c.oid)
	case oriel.TypeDecimal:
		if bytes.ContainsAny(text, "Iy N") { // Infinity, NaN
			return append(to, "null"...), nil
		}
		return quoted(to, text), nil
	case oriel.TypeDate, oriel.TypeTimestamp:
		return appendTime(to, text), nil
	}
	return appendText(to, text)
}

func quoted(to, text []byte) []byte { return append(append(append(to, '"'), text...), '"') }

// appendText writes a text as encoding/json does, which most need no help of.
func appendText(to, text []byte) ([]byte, error) {
	for _, b := range text {
		if b < ' ' || b > '~' || b == '"' || b == '\\' || b == '<' || b == '>' || b == '&' {
			escaped, err := json.Marshal(string(text))
			return append(to, escaped...), err
		}
	}
	return quoted(to, text), nil
}

const oidFloat4 = 700

// appendNumber writes null for what JSON can't hold (RFC 8259 §6). The engine
// writes as few digits as tell a number from all others, as we do.
func appendNumber(to, text []byte, oid uint32) ([]byte, error) {
	if isPlain(text) {
		return append(to, text...), nil
	}
	bits := 64
	if oid == oidFloat4 {
		bits = 32
	}
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(to, "null"...), nil
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(to, v, format, -1, bits), nil
}

// isPlain tells a number that is digits alone, with a point between some of them
// and perhaps a minus before.
func isPlain(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	whole, part, pointed := bytes.Cut(digits, []byte("."))
	return isDigits(whole) && (!pointed || isDigits(part)) && (len(whole) == 1 || whole[0] != '0')
}

func isDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) > 0
}

// appendTime writes wall time as the engine does, a moment as its wall time in
// UTC, which is every transaction's zone. What is before year 1 or after year
// 9999, or infinite, becomes null.
func appendTime(to, text []byte) []byte {
	day, clock, hasClock := bytes.Cut(text, []byte(" "))
	if len(day) != len("2001-01-31") || bytes.HasSuffix(text, []byte(" BC")) {
		return append(to, "null"...)
	}
	if !hasClock {
		return quoted(to, day)
	}
	to = append(append(append(to, '"'), day...), 'T')
	return append(append(to, bytes.TrimSuffix(clock, []byte("+00"))...), '"')
}
