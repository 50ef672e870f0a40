package oriel

import "time"

// Scalar is one typed value that is bound to a query. The Go type of Value
// follows Type: text string, integer int64, number float64, boolean bool,
// date and timestamp time.Time in UTC, read as wall time, decimal string with no
// zeros that say nothing. It is never null.
type Scalar struct {
	Type  ColumnType
	Value any
}

// TextScalar makes a text.
func TextScalar(v string) Scalar { return Scalar{Type: TypeText, Value: v} }

// IntegerScalar makes an integer.
func IntegerScalar(v int64) Scalar { return Scalar{Type: TypeInteger, Value: v} }

// NumberScalar makes a number; v is finite.
func NumberScalar(v float64) Scalar { return Scalar{Type: TypeNumber, Value: v} }

// DecimalScalar makes a decimal from its plain notation, as "-12.5".
func DecimalScalar(v string) Scalar { return Scalar{Type: TypeDecimal, Value: v} }

// BooleanScalar makes a boolean.
func BooleanScalar(v bool) Scalar { return Scalar{Type: TypeBoolean, Value: v} }

// DateScalar makes a date from the day that v shows in UTC.
func DateScalar(v time.Time) Scalar {
	y, m, d := v.UTC().Date()
	return Scalar{Type: TypeDate, Value: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// TimestampScalar makes a wall time from what v shows in UTC.
func TimestampScalar(v time.Time) Scalar { return Scalar{Type: TypeTimestamp, Value: v.UTC()} }
