package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var (
	integerText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	numberText  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`) // RFC 8259 §6
	decimalText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

// The digits of a decimal in a condition: what a DECIMAL(38, 10) holds.
const (
	maxWholeDigits    = 28
	maxFractionDigits = 10
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
		return oriel.NumberScalar(v), err == nil && !math.IsInf(v, 0) && numberText.MatchString(text) && !rounded(text, v)
	case oriel.TypeDecimal:
		return parseDecimal(text)
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

// rounded tells whether a whole number is none that a double holds: near 2⁵³
// and beyond, a neighbour would be compared in its place.
func rounded(text string, v float64) bool {
	return integerText.MatchString(text) && big.NewFloat(v).Text('f', 0) != text
}

// parseDecimal reads a decimal exactly.
func parseDecimal(text string) (oriel.Scalar, bool) {
	if !decimalText.MatchString(text) {
		return oriel.Scalar{}, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	digits := len(strings.TrimPrefix(whole, "-"))
	if whole+fraction == "-0" {
		whole = "0"
	}
	return oriel.DecimalScalar(whole + fraction), digits <= maxWholeDigits && len(fraction) <= 1+maxFractionDigits
}

// parseTime reads wall time; writing it again must give the same text, since
// the standard library takes fractions that the layout doesn't name. There is
// no year 0 on every engine.
func parseTime(text, layout string) (time.Time, bool) {
	v, err := time.Parse(layout, text)
	return v, err == nil && v.Format(layout) == text && v.Year() > 0
}

// ReadValue reads a value of a result, as it is on the wire: nil is null.
func ReadValue(text []byte, as oriel.ColumnType) (*oriel.Scalar, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("a value of the type %s is no JSON", as)
	}
	if value == nil {
		return nil, nil
	}
	if as == oriel.TypeTimestamp { // fractions are no part of a condition's language
		v, err := time.Parse("2006-01-02T15:04:05.999999999", fmt.Sprint(value))
		s := oriel.TimestampScalar(v)
		return &s, err
	}
	s, ok := parseScalar(fmt.Sprint(value), as)
	if !ok {
		return nil, fmt.Errorf("a value is not of the type %s", as)
	}
	return &s, nil
}
