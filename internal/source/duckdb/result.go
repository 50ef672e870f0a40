package duckdb

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxExact is the largest integer that JavaScript holds exactly.
const maxExact = 1<<53 - 1

// column gathers one column of a result.
type column struct {
	name   string
	engine string // the engine's type
	kind   oriel.ColumnType
	values []oriel.RawValue
	// beyond is true once an integer was seen that JavaScript can't hold.
	beyond bool
}

// readRows turns at most limit rows into columns of JSON values; one more tells
// that there are more. Errors: query_refused for a column without a type here,
// too_large when the values are more than maxBytes.
func readRows(ctx context.Context, rows sqldriver.Rows, limit, maxBytes int) (oriel.Result, error) {
	columns, err := describe(rows)
	if err != nil {
		return oriel.Result{}, err
	}
	result := oriel.Result{}
	row := make([]sqldriver.Value, len(columns))
	size := 0
	for {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return oriel.Result{}, err
		}
		if result.RowCount == limit {
			result.Truncated = true
			break
		}
		for i := range columns {
			value, err := columns[i].encode(row[i])
			if err != nil {
				return oriel.Result{}, fmt.Errorf("read the column %q: %w", columns[i].name, err)
			}
			columns[i].values = append(columns[i].values, value)
			size += len(value) + 1
		}
		if size > maxBytes {
			return oriel.Result{}, oriel.E(oriel.CodeTooLarge, "The result is larger than %d bytes; ask for fewer rows or columns.", maxBytes)
		}
		if result.RowCount++; result.RowCount%1024 == 0 && ctx.Err() != nil {
			return oriel.Result{}, ctx.Err()
		}
	}
	for i := range columns {
		c := columns[i].finish()
		result.Columns = append(result.Columns, oriel.Column{Name: c.name, Label: c.name, Type: c.kind})
		result.Values = append(result.Values, c.values)
	}
	return result, nil
}

func describe(rows sqldriver.Rows) ([]column, error) {
	types, ok := rows.(sqldriver.RowsColumnTypeDatabaseTypeName)
	if !ok {
		return nil, errors.New("the driver tells no types")
	}
	var columns []column
	for i, name := range rows.Columns() {
		engine := types.ColumnTypeDatabaseTypeName(i)
		kind, ok := resultType(engine)
		if !ok {
			return nil, refuse("the column %q has the type %s, which a result can't hold; cast it to VARCHAR or TIMESTAMP", name, engine)
		}
		columns = append(columns, column{name: name, engine: engine, kind: kind, values: []oriel.RawValue{}})
	}
	return columns, nil
}

// resultType is our type for one of the engine's.
func resultType(engine string) (oriel.ColumnType, bool) {
	switch engine {
	case "VARCHAR", "ENUM", "TIME":
		return oriel.TypeText, true
	case "BOOLEAN":
		return oriel.TypeBoolean, true
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "UHUGEINT":
		return oriel.TypeInteger, true // integer64 once a value asks for it
	case "FLOAT", "DOUBLE":
		return oriel.TypeNumber, true
	case "DATE":
		return oriel.TypeDate, true
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return oriel.TypeTimestamp, true
	case "SQLNULL":
		return oriel.TypeText, true
	}
	if strings.HasPrefix(engine, "DECIMAL(") {
		return oriel.TypeDecimal, true
	}
	return "", false
}

// null is the absent value.
var null = oriel.RawValue("null")

// encode writes one value as JSON.
func (c *column) encode(v any) (oriel.RawValue, error) {
	switch v := v.(type) {
	case nil:
		return null, nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case string:
		return encodeText(v)
	case int8:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case int16:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case int32:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case int64:
		c.beyond = c.beyond || v > maxExact || v < -maxExact
		return strconv.AppendInt(nil, v, 10), nil
	case uint8:
		return strconv.AppendUint(nil, uint64(v), 10), nil
	case uint16:
		return strconv.AppendUint(nil, uint64(v), 10), nil
	case uint32:
		return strconv.AppendUint(nil, uint64(v), 10), nil
	case uint64:
		c.beyond = c.beyond || v > maxExact
		return strconv.AppendUint(nil, v, 10), nil
	case *big.Int:
		c.beyond = c.beyond || !v.IsInt64() || v.Int64() > maxExact || v.Int64() < -maxExact
		return v.Append(nil, 10), nil
	case float32:
		return encodeNumber(float64(v), 32), nil
	case float64:
		return encodeNumber(v, 64), nil
	case driver.Decimal:
		return oriel.RawValue(`"` + decimalText(v) + `"`), nil
	case time.Time:
		return c.encodeTime(v), nil
	}
	return nil, fmt.Errorf("the driver gave a %T", v)
}

func encodeText(v string) (oriel.RawValue, error) {
	text, err := json.Marshal(v)
	return text, err
}

// encodeNumber writes null for what JSON can't hold (RFC 8259 §6).
func encodeNumber(v float64, bits int) oriel.RawValue {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return null
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(nil, v, format, -1, bits)
}

// decimalText is exact: the digits with the point in its place.
func decimalText(d driver.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	scale := int(d.Scale)
	if scale > 0 {
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if d.Value.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// encodeTime writes wall time as the engine holds it; no zone is applied
// anywhere. The engine's infinities are beyond year 9999 and become null.
func (c *column) encodeTime(v time.Time) oriel.RawValue {
	v = v.UTC()
	if v.Year() < 0 || v.Year() > 9999 {
		return null
	}
	layout := "2006-01-02T15:04:05.999999999"
	switch {
	case c.kind == oriel.TypeDate:
		layout = "2006-01-02"
	case c.engine == "TIME":
		layout = "15:04:05.999999999"
	}
	return oriel.RawValue(`"` + v.Format(layout) + `"`)
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
