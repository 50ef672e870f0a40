package source

import (
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Width is that of bins: Units tenths, hundredths and so on, by Digits after the
// point. So engines compute with whole numbers, and an edge is no 0.30000000000000004.
type Width struct {
	Units  int64 // above 0
	Digits int
}

// Scale is 10 to the power of the digits.
func (w Width) Scale() int64 {
	scale := int64(1)
	for range w.Digits {
		scale *= 10
	}
	return scale
}

// What a width may be: floats are exact within, and so is what engines make of it.
const (
	maxWidthDigits = 9                 // after the point
	maxWidthUnits  = 1_000_000_000_000 // 10¹²
)

func widthOf(v float64) (Width, error) {
	wrong := refuse("the width of bins is a number above 0 with at most 12 digits, and at most %d of them after the point", maxWidthDigits)
	whole, digits, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	units, err := strconv.ParseInt(whole+digits, 10, 64)
	if err != nil || units <= 0 || units > maxWidthUnits || len(digits) > maxWidthDigits {
		return Width{}, wrong
	}
	return Width{units, len(digits)}, nil
}

// bin writes the lower edge of the bin of a number.
func (c *compiler) bin(column oriel.SourceColumn, bin oriel.Bin) (string, error) {
	width, err := widthOf(bin.Width)
	if err != nil {
		return "", err
	}
	name := c.dialect.Identifier(column.Name)
	switch {
	case !isNumeric(column.Type):
		return "", refuse("the column %q is a %s, and only numbers go into bins", column.Name, column.Type)
	case isInteger(column.Type) && width.Digits > 0:
		return "", refuse("the column %q holds whole numbers: give its bins a whole width", column.Name)
	case column.Type == oriel.TypeNumber:
		scale, units := c.dialect.Float(strconv.FormatInt(width.Scale(), 10)), c.dialect.Float(strconv.FormatInt(width.Units, 10))
		return "floor(" + c.dialect.Float(name) + " * " + scale + " / " + units + ") * " + units + " / " + scale, nil
	}
	return c.dialect.Bin(name, column.Type, width), nil
}

// BelowMultiple is the greatest multiple of units that is not above a whole
// number: mod is negative below 0 in every engine.
func BelowMultiple(whole string, units int64) string {
	n := strconv.FormatInt(units, 10)
	return "(" + whole + " - mod(mod(" + whole + ", " + n + ") + " + n + ", " + n + "))"
}
