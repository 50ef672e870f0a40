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
	column, err := c.column(a.Column)
	if err != nil {
		return "", err
	}
	switch a.Function {
	case "sum":
		return c.dialect.Sum(operand, column.Type), nil
	case "avg":
		return c.dialect.Average(operand, column.Type), nil
	case "median":
		return c.dialect.Median(operand), nil
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
	column, err := c.column(a.Column)
	if err != nil {
		return "", err
	}
	switch a.Function {
	case "distinct":
		return oriel.TypeInteger, nil
	case "min", "max":
		return column.Type, nil
	case "sum", "avg", "median":
		if !isNumeric(column.Type) {
			return "", refuse("%s needs numbers, and the column %q is a %s", a.Function, column.Name, column.Type)
		}
		if a.Function == "sum" {
			return column.Type, nil
		}
		return oriel.TypeNumber, nil
	}
	return "", refuse("there is no function %q", a.Function)
}

func isNumeric(t oriel.ColumnType) bool {
	return isInteger(t) || t == oriel.TypeNumber || t == oriel.TypeDecimal
}

func isInteger(t oriel.ColumnType) bool { return t == oriel.TypeInteger || t == oriel.TypeInteger64 }
