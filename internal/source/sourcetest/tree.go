package sourcetest

import (
	"github.com/oriel-bi/oriel/internal/oriel"
)

// randomTree is a structured question on a table.
func randomTree(c chance, table Table, model string) oriel.Structured {
	tree := oriel.Structured{Model: model}
	for range c.IntN(3) {
		tree.Filters = append(tree.Filters, randomFilter(c, table))
	}
	if c.oneIn(3) {
		for _, column := range table.Columns {
			if column.Name == "id" || c.oneIn(3) {
				tree.Columns = append(tree.Columns, column.Name)
			}
		}
		tree.Sort = []oriel.Sort{{By: "id", Descending: c.oneIn(2)}}
		if c.oneIn(3) {
			tree.Limit = 3
		}
		return tree
	}
	if c.oneIn(2) {
		column := pick(c, table.Columns...)
		breakout := oriel.Breakout{Column: column.Name, As: "b"}
		switch column.Type {
		case oriel.TypeInteger, oriel.TypeNumber:
			if c.oneIn(2) {
				breakout.Bin = &oriel.Bin{Width: pick(c, 2.0, 10)}
			}
		case oriel.TypeDate:
			breakout.Unit = pick(c, "", oriel.UnitDay, oriel.UnitWeek, oriel.UnitMonth, oriel.UnitDayOfWeek, oriel.UnitWeekOfYear)
		case oriel.TypeTimestamp:
			breakout.Unit = pick(c, "", oriel.UnitMinute, oriel.UnitHour, oriel.UnitDay, oriel.UnitQuarter, oriel.UnitHourOfDay, oriel.UnitDayOfYear)
		}
		tree.Breakouts = []oriel.Breakout{breakout}
	}
	column := pick(c, table.Columns...)
	function := pick(c, "min", "max", "distinct")
	if column.Type == oriel.TypeInteger || column.Type == oriel.TypeNumber {
		function = pick(c, "min", "max", "distinct", "sum", "avg", "median", "percentile")
	}
	tree.Aggregations = []oriel.Aggregation{
		{Function: "count", As: "c"},
		{Function: function, Column: column.Name, As: "v"},
		{Function: "share", Where: []oriel.Filter{randomFilter(c, table)}, As: "s"},
	}
	if function == "percentile" {
		tree.Aggregations[1].At = 0.75
	}
	if len(tree.Breakouts) == 1 && c.oneIn(3) {
		tree.Aggregations = append(tree.Aggregations, oriel.Aggregation{Function: "running_total", As: "r"})
	}
	if c.oneIn(4) {
		tree.Having = []oriel.Filter{{Column: "c", Op: ">=", Value: 2.0}}
	}
	return tree
}

func randomFilter(c chance, table Table) oriel.Filter {
	column := pick(c, table.Columns...)
	value := randomValue(c, column.Type)
	switch v := value.(type) {
	case nil:
		return oriel.Filter{Column: column.Name, Op: pick(c, "is_null", "is_not_null")}
	case int64:
		value = float64(v % 100000)
	case bool:
		return oriel.Filter{Column: column.Name, Op: pick(c, "=", "!="), Value: v}
	}
	if c.oneIn(4) {
		return oriel.Filter{Column: column.Name, Op: pick(c, "in", "not_in"), Value: []any{value, value}}
	}
	return oriel.Filter{Column: column.Name, Op: pick(c, "=", "!=", "<", ">="), Value: value}
}
