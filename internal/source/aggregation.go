package source

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// aggregation writes one figure. Its where is a CASE inside, which every
// engine has; rows for which it is not true are NULL and so not counted.
func (c *compiler) aggregation(a oriel.Aggregation) (string, error) {
	if _, err := c.aggregationType(a); err != nil {
		return "", err
	}
	var conditions []string
	for _, f := range a.Where {
		column, err := c.column(f.Column)
		if err != nil {
			return "", err
		}
		condition, err := c.constant(column, f)
		if err != nil {
			return "", err
		}
		conditions = append(conditions, condition)
	}
	where := strings.Join(conditions, " AND ")
	counted := "count(*)"
	if where != "" {
		counted = "count(CASE WHEN " + where + " THEN 1 END)"
	}
	operand := c.dialect.Identifier(a.Column)
	if where != "" {
		operand = "CASE WHEN " + where + " THEN " + operand + " END"
	}
	switch a.Function {
	case "count":
		return counted, nil
	case "share":
		if where == "" {
			return "", refuse("share needs where: the rows whose part is told")
		}
		return c.dialect.Float(counted) + " / NULLIF(count(*), 0)", nil
	case "distinct":
		return "count(DISTINCT " + operand + ")", nil
	}
	if a.Function == runningTotal && a.Column == "" {
		return counted, nil
	}
	column, err := c.column(a.Column)
	if err != nil {
		return "", err
	}
	switch a.Function {
	case "sum", runningTotal:
		return c.dialect.Sum(operand, column.Type, ""), nil
	case "avg":
		return c.dialect.Average(operand, column.Type), nil
	case "median":
		return c.percentile(operand, 0.5), nil
	case "percentile":
		return c.percentile(operand, a.At), nil
	}
	return c.dialect.Extreme(a.Function, operand, column.Type), nil // min, max: aggregationType took no other
}

// aggregationType is the type of an aggregation's result; it also tells
// whether the function is known and fits its column.
func (c *compiler) aggregationType(a oriel.Aggregation) (oriel.ColumnType, error) {
	if a.Function == "count" || a.Function == "share" {
		if a.Column != "" {
			return "", refuse("%s counts rows: leave its column out", a.Function)
		}
		if a.Function == "count" {
			return oriel.TypeInteger, nil
		}
		return oriel.TypeNumber, nil
	}
	if a.Function == runningTotal && a.Column == "" {
		return oriel.TypeInteger, nil
	}
	if a.Function == "percentile" && (a.At <= 0 || a.At >= 1) {
		return "", refuse("percentile needs at: a number between 0 and 1, as 0.9")
	}
	column, err := c.column(a.Column)
	if err != nil {
		return "", err
	}
	switch a.Function {
	case "distinct":
		return oriel.TypeInteger, nil
	case "min", "max":
		return column.Type, nil
	case "sum", "avg", "median", "percentile", runningTotal:
		if !isNumeric(column.Type) {
			return "", refuse("%s needs numbers, and the column %q is a %s", a.Function, column.Name, column.Type)
		}
		if a.Function == "sum" || a.Function == runningTotal {
			return column.Type, nil
		}
		return oriel.TypeNumber, nil
	}
	return "", refuse("there is no function %q", a.Function)
}

// percentile is the value that lies so far between the least and the greatest,
// between two of them in proportion. Engines interpolate each in their own way;
// so that all give the same, it is written out.
func (c *compiler) percentile(operand string, at float64) string {
	sorted := c.dialect.Sorted(c.dialect.Float(operand))
	place := c.bind(oriel.NumberScalar(at)) + " * (count(" + operand + ") - 1)"
	nth := func(round string) string { return sorted + "[CAST(" + round + "(" + place + ") AS integer) + 1]" }
	return nth("floor") + " + (" + nth("ceil") + " - " + nth("floor") + ") * (" + place + " - floor(" + place + "))"
}

func isNumeric(t oriel.ColumnType) bool {
	return isInteger(t) || t == oriel.TypeNumber || t == oriel.TypeDecimal
}

func isInteger(t oriel.ColumnType) bool { return t == oriel.TypeInteger || t == oriel.TypeInteger64 }
