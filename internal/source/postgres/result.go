package postgres

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxExact is the largest integer that JavaScript holds exactly, as the engine
// writes it.
const maxExact = "9007199254740991"

// column gathers one column of a result.
type column struct {
	name   string
	oid    uint32
	kind   oriel.ColumnType
	values []oriel.RawValue
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
			value, err := columns[i].encode(text)
			if err != nil {
				return oriel.Result{}, fmt.Errorf("read the column %q: %w", columns[i].name, err)
			}
			columns[i].values = append(columns[i].values, value)
			size += len(value) + 1
		}
		if size > maxBytes {
			return oriel.Result{}, oriel.E(oriel.CodeTooLarge, "The result is larger than %d bytes; ask for fewer rows or columns.", maxBytes)
		}
		result.RowCount++
	}
	for i := range columns {
		c := columns[i].finish()
		result.Columns = append(result.Columns, oriel.Column{Name: c.name, Label: c.name, Type: c.kind})
		result.Values = append(result.Values, c.values)
	}
	return result, nil
}

// partRows is how many rows a part of a stream has at most.
const partRows = 1000

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
	rows, total, truncated := 0, 0, false
	send := func() error {
		part := oriel.Result{RowCount: rows, Truncated: truncated}
		for i := range columns {
			c := &columns[i]
			part.Columns = append(part.Columns, oriel.Column{Name: c.name, Label: c.name, Type: c.kind})
			part.Values = append(part.Values, c.values)
			c.values = []oriel.RawValue{}
		}
		rows = 0
		return take(part)
	}
	for reader.NextRow() {
		if total == limit {
			truncated = true
			continue // there is one more at most
		}
		if rows == partRows {
			if err := send(); err != nil {
				return err
			}
		}
		for i, text := range reader.Values() {
			value, err := columns[i].encode(text)
			if err != nil {
				return fmt.Errorf("read the column %q: %w", columns[i].name, err)
			}
			columns[i].values = append(columns[i].values, value)
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
		columns = append(columns, column{name: f.Name, oid: f.DataTypeOID, kind: kind, values: []oriel.RawValue{}})
	}
	return columns, nil
}

// null is the absent value.
var null = oriel.RawValue("null")

// encode writes one value, in the engine's text form, as JSON.
func (c *column) encode(text []byte) (oriel.RawValue, error) {
	if text == nil {
		return null, nil
	}
	switch c.kind {
	case oriel.TypeBoolean:
		return strconv.AppendBool(nil, string(text) == "t"), nil
	case oriel.TypeInteger:
		digits := strings.TrimPrefix(string(text), "-")
		beyond := len(digits) > len(maxExact) || len(digits) == len(maxExact) && digits > maxExact
		if beyond && c.apart {
			return oriel.RawValue(`"` + string(text) + `"`), nil
		}
		c.beyond = c.beyond || beyond
		return oriel.RawValue(string(text)), nil // the engine's buffer is its own
	case oriel.TypeNumber:
		return encodeNumber(string(text), c.oid)
	case oriel.TypeDecimal:
		if strings.ContainsAny(string(text), "Iy N") { // Infinity, NaN
			return null, nil
		}
		return oriel.RawValue(`"` + string(text) + `"`), nil
	case oriel.TypeDate, oriel.TypeTimestamp:
		return encodeTime(string(text)), nil
	}
	return encodeText(string(text))
}

func encodeText(v string) (oriel.RawValue, error) {
	text, err := json.Marshal(v)
	return text, err
}

const oidFloat4 = 700

// encodeNumber writes null for what JSON can't hold (RFC 8259 §6).
func encodeNumber(text string, oid uint32) (oriel.RawValue, error) {
	bits := 64
	if oid == oidFloat4 {
		bits = 32
	}
	v, err := strconv.ParseFloat(text, bits)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return null, nil
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(nil, v, format, -1, bits), nil
}

// encodeTime writes wall time as the engine does, a moment as its wall time in
// UTC, which is every transaction's zone. What is before year 1 or after year
// 9999, or infinite, becomes null.
func encodeTime(text string) oriel.RawValue {
	day, clock, hasClock := strings.Cut(text, " ")
	if len(day) != len("2001-01-31") || strings.HasSuffix(text, " BC") {
		return null
	}
	if !hasClock {
		return oriel.RawValue(`"` + day + `"`)
	}
	return oriel.RawValue(`"` + day + "T" + strings.TrimSuffix(clock, "+00") + `"`)
}

// finish settles whether whole numbers are written as numbers or as texts: the
// same for a whole column.
func (c *column) finish() *column {
	if c.kind != oriel.TypeInteger || !c.beyond {
		return c
	}
	c.kind = oriel.TypeInteger64
	for i, v := range c.values {
		if string(v) != "null" {
			c.values[i] = oriel.RawValue(`"` + string(v) + `"`)
		}
	}
	return c
}
