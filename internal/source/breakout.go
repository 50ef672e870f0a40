package source

import "github.com/oriel-bi/oriel/internal/oriel"

// breakout writes what a question groups by.
func (c *compiler) breakout(b oriel.Breakout) (string, error) {
	column, err := c.column(b.Column)
	if err != nil {
		return "", err
	}
	name := c.dialect.Identifier(column.Name)
	if b.Bin != nil {
		if b.Unit != "" {
			return "", refuse("the breakout of %q has a unit and a bin: keep one of the two", column.Name)
		}
		return c.bin(column, *b.Bin)
	}
	if b.Unit == "" {
		return name, nil
	}
	switch {
	case !b.Unit.Known():
		return "", refuse("there is no unit %q", b.Unit)
	case column.Type == oriel.TypeDate && b.Unit.OfDay():
		return "", refuse("the column %q is a date, which has no time of day: break it out by day or more, not by %s", column.Name, b.Unit)
	case column.Type != oriel.TypeDate && column.Type != oriel.TypeTimestamp:
		return "", refuse("the column %q is of the type %s, and only dates and timestamps can be broken out by %s", column.Name, column.Type, b.Unit)
	}
	return c.dialect.Unit(name, b.Unit), nil
}
