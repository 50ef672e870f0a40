package access

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var (
	integerText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	numberText  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`) // RFC 8259 §6
)

// parseScalar reads a text as a type, in exactly one way on every engine: no
// blanks, no other notation, no rounding of whole numbers.
func parseScalar(text string, as oriel.ColumnType) (oriel.Scalar, bool) {
	switch as {
	case oriel.TypeText:
		return oriel.TextScalar(text), true
	case oriel.TypeInteger, oriel.TypeInteger64:
		v, err := strconv.ParseInt(text, 10, 64)
		return oriel.IntegerScalar(v), err == nil && integerText.MatchString(text)
	case oriel.TypeNumber:
		v, err := strconv.ParseFloat(text, 64)
		return oriel.NumberScalar(v), err == nil && !math.IsInf(v, 0) && numberText.MatchString(text)
	case oriel.TypeBoolean:
		return oriel.BooleanScalar(text == "true"), text == "true" || text == "false"
	case oriel.TypeDate:
		v, ok := parseTime(text, "2006-01-02")
		return oriel.DateScalar(v), ok
	case oriel.TypeTimestamp:
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
			if v, ok := parseTime(text, layout); ok {
				return oriel.TimestampScalar(v), true
			}
		}
	}
	return oriel.Scalar{}, false
}

// parseTime reads wall time; writing it again must give the same text, since
// the standard library takes fractions that the layout doesn't name.
func parseTime(text, layout string) (time.Time, bool) {
	v, err := time.Parse(layout, text)
	return v, err == nil && v.Format(layout) == text
}
