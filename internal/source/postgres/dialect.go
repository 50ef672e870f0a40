package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Dialect writes PostgreSQL's SQL. Schema is that of the base tables: nothing
// is found without one where questions run.
type Dialect struct{ Schema string }

var _ source.Dialect = Dialect{}

// Identifier quotes a name.
func (Dialect) Identifier(name string) string { return quoteName(name) }

// Table is a base table of the source.
func (d Dialect) Table(name string) string { return quoteName(d.Schema) + "." + quoteName(name) }

// Base is the column; whatever is a text to Oriel is one to the engine, too,
// and compared byte for byte.
func (Dialect) Base(name string, column oriel.SourceColumn) string {
	if column.Type == oriel.TypeText {
		return "CAST(" + name + ` AS text) COLLATE "C"`
	}
	return name
}

// plainTexts are the engine's types of which equal bytes are equal values under
// every collation, so that an index on the column finds all of them.
var plainTexts = []string{"text", "varchar"}

// Indexed is the column as it is: an index is under the column's own collation.
func (Dialect) Indexed(name string, column oriel.SourceColumn) string {
	if column.Type == oriel.TypeText && slices.Contains(plainTexts, column.Native) {
		return name
	}
	return ""
}

// Placeholder is the n-th bound value, cast to the type.
func (Dialect) Placeholder(n int, t oriel.ColumnType) string {
	return "CAST($" + strconv.Itoa(n) + " AS " + columnTypes[t] + ")"
}

// columnTypes are the engine's types for bound values.
var columnTypes = map[oriel.ColumnType]string{
	oriel.TypeText:      "text",
	oriel.TypeInteger:   "bigint",
	oriel.TypeInteger64: "bigint",
	oriel.TypeNumber:    "double precision",
	oriel.TypeDecimal:   "numeric",
	oriel.TypeBoolean:   "boolean",
	oriel.TypeDate:      "date",
	oriel.TypeTimestamp: "timestamp",
}

// parts are the engine's fields for parts of a time.
var parts = map[oriel.Unit]string{
	oriel.UnitMinuteOfHour: "minute", oriel.UnitHourOfDay: "hour", oriel.UnitDayOfWeek: "isodow", oriel.UnitDayOfMonth: "day",
	oriel.UnitDayOfYear: "doy", oriel.UnitWeekOfYear: "week", oriel.UnitMonthOfYear: "month", oriel.UnitQuarterOfYear: "quarter",
}

// Unit cuts a date or timestamp, or reads a part of it; one with a zone is read
// as UTC.
func (Dialect) Unit(expression string, unit oriel.Unit) string {
	wall := "CAST(" + expression + " AS timestamp)"
	if !unit.Span() {
		return "CAST(extract(" + parts[unit] + " FROM " + wall + ") AS integer)"
	}
	kind := "date"
	if unit.OfDay() {
		kind = "timestamp"
	}
	return "CAST(date_trunc('" + string(unit) + "', " + wall + ") AS " + kind + ")"
}

// Bin computes with whole numbers that no column's value goes beyond.
func (Dialect) Bin(expression string, t oriel.ColumnType, width source.Width) string {
	if t != oriel.TypeDecimal {
		return "CAST(" + source.BelowMultiple("CAST("+expression+" AS numeric)", width.Units) + " AS bigint)"
	}
	edge := source.BelowMultiple("floor("+expression+" * "+strconv.FormatInt(width.Scale(), 10)+")", width.Units)
	if width.Digits > 0 {
		edge += " * CAST('0." + strings.Repeat("0", width.Digits-1) + "1' AS numeric)"
	}
	return "CAST(" + edge + " AS numeric(38, " + strconv.Itoa(width.Digits) + "))"
}

// Element reads a constant list.
func (Dialect) Element(list []int, n string) string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		texts = append(texts, strconv.Itoa(v))
	}
	return "(" + "CAST('{" + strings.Join(texts, ",") + "}' AS integer[])" + ")[" + n + "]"
}

// Day is the date of a timestamp.
func (Dialect) Day(expression string) string { return "CAST(" + expression + " AS date)" }

// StartsWith compares byte for byte.
func (Dialect) StartsWith(expression, prefix string) string {
	return "starts_with(" + expression + ", " + prefix + ")"
}

// Sum adds; the engine's own sum of bigints is a numeric, and that of reals a
// real.
func (Dialect) Sum(expression string, t oriel.ColumnType, over string) string {
	switch t {
	case oriel.TypeInteger, oriel.TypeInteger64:
		return "CAST(sum(" + expression + ")" + over + " AS bigint)"
	case oriel.TypeNumber:
		return "sum(CAST(" + expression + " AS double precision))" + over
	}
	return "sum(" + expression + ")" + over
}

// Average divides the exact sum once, but of numbers, of which nothing is exact.
func (Dialect) Average(expression string, t oriel.ColumnType) string {
	if t == oriel.TypeNumber {
		return "avg(CAST(" + expression + " AS double precision))"
	}
	return "CAST(sum(" + expression + ") AS double precision) / NULLIF(count(" + expression + "), 0)"
}

// Extreme takes booleans, too, which the engine's own min and max don't.
func (Dialect) Extreme(function, expression string, t oriel.ColumnType) string {
	if t == oriel.TypeBoolean {
		function = map[string]string{"min": "bool_and", "max": "bool_or"}[function]
	}
	return function + "(" + expression + ")"
}

// Sorted is an array.
func (Dialect) Sorted(expression string) string {
	return "(array_agg(" + expression + " ORDER BY " + expression + ") FILTER (WHERE " + expression + " IS NOT NULL))"
}

// Float makes a number of an integer.
func (Dialect) Float(expression string) string { return "CAST(" + expression + " AS double precision)" }

// Hash nests SHA-256 as HMAC does; the engine has no HMAC of its own.
func (Dialect) Hash(expression, inner, outer string) string {
	return "encode(sha256(decode(" + outer + ", 'hex') || sha256(decode(" + inner + ", 'hex') || convert_to(CAST(" + expression + ` AS text), 'UTF8'))), 'hex') COLLATE "C"`
}

// Last4 is the end of a text that has more than that.
func (Dialect) Last4(expression string) string {
	text := "CAST(" + expression + ` AS text) COLLATE "C"`
	return "CASE WHEN length(" + text + ") > 4 THEN right(" + text + ", 4) END"
}
