package duckdb

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/source"
)

// shapeOfText is what a JSON text can be read as. As in CSV files, a column
// whose texts are all dates or times is one of those.
type shapeOfText int

const (
	plainText shapeOfText = iota
	dateText
	wallText
	momentText
)

// The forms of times: the engine keeps microseconds, so that a text that has
// more digits stays a text.
var (
	wallForms   = []string{"2006-01-02T15:04:05.999999", "2006-01-02 15:04:05.999999"}
	momentForms = []string{"2006-01-02T15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07:00"}
)

// timeOf reads a date or a time of the years 1 to 9999.
func timeOf(text string) (time.Time, shapeOfText) {
	if len(text) < len(time.DateOnly) || len(text) > len("2006-01-02T15:04:05.999999+07:00") || text[4] != '-' {
		return time.Time{}, plainText
	}
	try := func(forms []string, shape shapeOfText) (time.Time, shapeOfText) {
		for _, form := range forms {
			if at, err := time.Parse(form, text); err == nil && at.Nanosecond()%1000 == 0 {
				if at = at.UTC(); at.Year() >= 1 && at.Year() <= 9999 {
					return at, shape
				}
			}
		}
		return time.Time{}, plainText
	}
	if len(text) == len(time.DateOnly) {
		return try([]string{time.DateOnly}, dateText)
	}
	if at, shape := try(wallForms, wallText); shape != plainText {
		return at, shape
	}
	return try(momentForms, momentText)
}

// jsonColumn is what was seen of a name's values so far.
type jsonColumn struct {
	name                     string
	booleans, numbers, texts bool
	nested                   bool
	shapes                   [momentText + 1]bool // of the texts
	fractions                bool                 // a number that is not written as an integer
	inexact                  bool                 // one that a DOUBLE does not hold as it is written
	whole, scale             int                  // most digits before and after the point
	small                    bool                 // an integer that needs a HUGEINT was not seen
}

func newJSONColumn(name string) *jsonColumn { return &jsonColumn{name: name, small: true} }

// see takes one value, as it is written.
func (c *jsonColumn) see(raw []byte) error {
	switch raw[0] {
	case 'n':
	case 't', 'f':
		c.booleans = true
	case '{', '[':
		c.nested = true
	case '"':
		text, err := textOf(raw)
		if err != nil {
			return err
		}
		_, shape := timeOf(text)
		c.texts, c.shapes[shape] = true, true
	default:
		c.seeNumber(string(raw))
	}
	return nil
}

func (c *jsonColumn) seeNumber(text string) {
	c.numbers = true
	digits, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		digits = text[:i]
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n < -1000 || n > 1000 {
			n = 1000 // beyond every type
		}
		exponent = n
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	if strings.ContainsAny(text, ".eE") {
		c.fractions = true
	} else if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		c.small = false
	}
	c.whole = max(c.whole, len(whole)+max(exponent, 0))
	c.scale = max(c.scale, len(fraction)+max(-exponent, 0))
	if !c.inexact && !exactDouble(text) {
		c.inexact = true
	}
}

// exactDouble tells whether a DOUBLE shows a number as it is written.
func exactDouble(text string) bool {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	if v == math.Trunc(v) && math.Abs(v) > 1<<53 {
		return false
	}
	return sameNumber(text, strconv.FormatFloat(v, 'e', -1, 64))
}

// sameNumber compares the digits of two numbers as they are written.
func sameNumber(a, b string) bool {
	x, n := significant(a)
	y, m := significant(b)
	return x == y && (n == m || x == "")
}

// significant gives a number's digits without leading and closing zeros, and
// the exponent of the point before them.
func significant(text string) (digits string, exponent int) {
	text = strings.TrimPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(text[i+1:]) // ParseFloat has read it
		text = text[:i]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	exponent += len(whole)
	digits = whole + fraction
	trimmed := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(trimmed)
	return strings.TrimRight(trimmed, "0"), exponent
}

// most digits of the engine's widest numbers.
const mostDigits = 38

// engine is the type for all that was seen, with its Native; "" when values are
// lists or objects.
func (c *jsonColumn) engine() (engine, native string) {
	switch kinds := count(c.booleans, c.numbers, c.texts); {
	case c.nested:
		return "", ""
	case kinds != 1:
		return "VARCHAR", "" // nothing, or all as it is written
	case c.booleans:
		return "BOOLEAN", ""
	case c.numbers:
		return c.numberType(), ""
	}
	switch {
	case c.shapes[plainText]:
	case count(c.shapes[dateText], c.shapes[momentText]) == 2, count(c.shapes[wallText], c.shapes[momentText]) == 2:
	case c.shapes[momentText]:
		return "TIMESTAMP", source.NativeMoment
	case c.shapes[wallText]:
		return "TIMESTAMP", ""
	case c.shapes[dateText]:
		return "DATE", ""
	}
	return "VARCHAR", ""
}

func (c *jsonColumn) numberType() string {
	switch {
	case !c.fractions && c.small:
		return "BIGINT"
	case !c.fractions && c.whole <= mostDigits:
		return "HUGEINT"
	case c.fractions && !c.inexact:
		return "DOUBLE"
	case c.fractions && c.whole+c.scale <= mostDigits:
		return "DECIMAL(" + strconv.Itoa(mostDigits) + "," + strconv.Itoa(c.scale) + ")"
	}
	return "VARCHAR"
}

func count(all ...bool) int {
	n := 0
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}

// value is a value of a column of a type that was made for it.
func (c *jsonColumn) value(raw []byte, engine string) (any, error) {
	if raw[0] == 'n' {
		return nil, nil
	}
	text := string(raw)
	if raw[0] == '"' {
		var err error
		if text, err = textOf(raw); err != nil {
			return nil, err
		}
	}
	switch engine {
	case "BOOLEAN":
		return raw[0] == 't', nil
	case "BIGINT":
		return strconv.ParseInt(text, 10, 64)
	case "HUGEINT":
		v, _ := new(big.Int).SetString(text, 10)
		return v, nil
	case "DOUBLE":
		return strconv.ParseFloat(text, 64)
	case "DATE", "TIMESTAMP":
		at, _ := timeOf(text)
		return at, nil
	case "VARCHAR":
		return text, nil
	}
	return decimalOf(text, c.scale)
}

// decimalOf is a number with so many digits after the point.
func decimalOf(text string, scale int) (driver.Decimal, error) {
	if scale < 0 || scale > mostDigits {
		return driver.Decimal{}, fmt.Errorf("a decimal of %d digits after the point", scale)
	}
	digits, exponent := significant(text)
	v := new(big.Int)
	if digits != "" {
		digits += strings.Repeat("0", scale+exponent-len(digits))
		v.SetString(digits, 10)
	}
	if bytes.HasPrefix([]byte(text), []byte("-")) {
		v.Neg(v)
	}
	return driver.Decimal{Width: mostDigits, Scale: uint8(scale), Value: v}, nil
}
