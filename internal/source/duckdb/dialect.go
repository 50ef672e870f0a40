package duckdb

import (
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Dialect writes DuckDB's SQL. Catalog and Schema qualify base tables, so that
// no temporary view of the same name stands before them; empty parts are left
// out.
type Dialect struct{ Catalog, Schema string }

var _ source.Dialect = Dialect{}

// Identifier quotes a name.
func (Dialect) Identifier(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Table is a base table of the source.
func (d Dialect) Table(name string) string {
	text := ""
	for _, part := range []string{d.Catalog, d.Schema} {
		if part != "" {
			text += d.Identifier(part) + "."
		}
	}
	return text + d.Identifier(name)
}

// Base is the column: DuckDB compares texts byte for byte.
func (Dialect) Base(name string, _ oriel.SourceColumn) string { return name }

// Indexed is empty: an index knows the column as it is.
func (Dialect) Indexed(string, oriel.SourceColumn) string { return "" }

// Placeholder is the n-th bound value, cast to the type.
func (Dialect) Placeholder(n int, t oriel.ColumnType) string {
	return "CAST($" + strconv.Itoa(n) + " AS " + columnTypes[t] + ")"
}

// parts are the engine's functions for parts of a time.
var parts = map[oriel.Unit]string{
	oriel.UnitMinuteOfHour: "minute", oriel.UnitHourOfDay: "hour", oriel.UnitDayOfWeek: "isodow", oriel.UnitDayOfMonth: "day",
	oriel.UnitDayOfYear: "dayofyear", oriel.UnitWeekOfYear: "week", oriel.UnitMonthOfYear: "month", oriel.UnitQuarterOfYear: "quarter",
}

// Unit cuts a date or timestamp, or reads a part of it.
func (Dialect) Unit(expression string, unit oriel.Unit) string {
	if !unit.Span() {
		return parts[unit] + "(" + expression + ")"
	}
	kind := "DATE"
	if unit.OfDay() {
		kind = "TIMESTAMP"
	}
	return "CAST(date_trunc('" + string(unit) + "', " + expression + ") AS " + kind + ")"
}

// Bin computes with whole numbers that no column's value goes beyond.
func (Dialect) Bin(expression string, t oriel.ColumnType, width source.Width) string {
	if t != oriel.TypeDecimal {
		edge := source.BelowMultiple("CAST("+expression+" AS HUGEINT)", width.Units)
		if t == oriel.TypeInteger {
			return "CAST(" + edge + " AS BIGINT)"
		}
		return edge
	}
	scale := strconv.FormatInt(width.Scale(), 10)
	edge := "CAST(" + source.BelowMultiple("CAST(floor("+expression+" * "+scale+") AS HUGEINT)", width.Units) + " AS DECIMAL(38, 0))"
	if width.Digits == 0 {
		return edge
	}
	digits := strconv.Itoa(width.Digits)
	return edge + " * CAST('0." + strings.Repeat("0", width.Digits-1) + "1' AS DECIMAL(" + strconv.Itoa(width.Digits+1) + ", " + digits + "))"
}

// Element reads a constant list.
func (Dialect) Element(list []int, n string) string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		texts = append(texts, strconv.Itoa(v))
	}
	return "(" + "CAST('[" + strings.Join(texts, ",") + "]' AS INTEGER[])" + ")[" + n + "]"
}

// Day is the date of a timestamp.
func (Dialect) Day(expression string) string { return "CAST(" + expression + " AS DATE)" }

// StartsWith compares byte for byte.
func (Dialect) StartsWith(expression, prefix string) string {
	return "starts_with(" + expression + ", " + prefix + ")"
}

// Sum adds; DuckDB's own sum of integers is a HUGEINT.
func (Dialect) Sum(expression string, t oriel.ColumnType, over string) string {
	if t == oriel.TypeInteger || t == oriel.TypeInteger64 {
		return "CAST(sum(" + expression + ")" + over + " AS BIGINT)"
	}
	return "sum(" + expression + ")" + over
}

// Average divides the exact sum once, but of numbers, of which nothing is exact.
func (Dialect) Average(expression string, t oriel.ColumnType) string {
	if t == oriel.TypeNumber {
		return "avg(" + expression + ")"
	}
	return "CAST(sum(" + expression + ") AS DOUBLE) / NULLIF(count(" + expression + "), 0)"
}

// Extreme takes every type.
func (Dialect) Extreme(function, expression string, _ oriel.ColumnType) string {
	return function + "(" + expression + ")"
}

// Sorted is a list.
func (Dialect) Sorted(expression string) string {
	return "list_sort(list(" + expression + ") FILTER (WHERE " + expression + " IS NOT NULL))"
}

// Float makes a number of an integer.
func (Dialect) Float(expression string) string { return "CAST(" + expression + " AS DOUBLE)" }

// Hash nests SHA-256 as HMAC does; the engine has no HMAC of its own.
func (Dialect) Hash(expression, inner, outer string) string {
	return "sha256(unhex(" + outer + ") || unhex(sha256(unhex(" + inner + ") || encode(CAST(" + expression + " AS VARCHAR)))))"
}

// Last4 is the end of a text that has more than that.
func (Dialect) Last4(expression string) string {
	text := "CAST(" + expression + " AS VARCHAR)"
	return "CASE WHEN length(" + text + ") > 4 THEN right(" + text + ", 4) END"
}
