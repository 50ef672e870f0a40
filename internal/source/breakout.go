package source

import "github.com/oriel-bi/oriel/internal/oriel"

// breakout writes what a question groups by.
func (c *compiler) breakout(b oriel.Breakout) (string, error) {
	column, err := c.column(b.Column)
	if err != nil {
		return "", err
	}
	name := c.dialect.Identifier(column.Name)
	switch b.Unit {
	case "":
		return name, nil
	case "day", "week", "month", "quarter", "year":
		if column.Type == oriel.TypeDate || column.Type == oriel.TypeTimestamp {
			return c.dialect.Unit(name, b.Unit), nil
		}
	case "hour_of_day":
		if column.Type == oriel.TypeTimestamp {
			return c.dialect.Unit(name, b.Unit), nil
		}
	}
	return "", refuse("the column %q of type %s can't be broken out by %q", column.Name, column.Type, b.Unit)
}
