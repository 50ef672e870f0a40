package duckdb

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// maxExact is the largest integer that JavaScript holds exactly.
const maxExact = 1<<53 - 1

func appendBoolean(to []byte, v bool) []byte { return strconv.AppendBool(to, v) }

// integer writes a whole number.
func (c *column) integer(to []byte, v int64) []byte {
	if v > maxExact || v < -maxExact {
		return c.exactly(to, strconv.AppendInt(nil, v, 10))
	}
	return strconv.AppendInt(to, v, 10)
}

func (c *column) unsigned(to []byte, v uint64) []byte {
	if v > maxExact {
		return c.exactly(to, strconv.AppendUint(nil, v, 10))
	}
	return strconv.AppendUint(to, v, 10)
}

func (c *column) huge(to []byte, w wide, signed bool) []byte {
	if w.high == 0 && w.low <= maxExact {
		return strconv.AppendUint(to, w.low, 10)
	}
	if signed && w.high == math.MaxUint64 && -w.low <= maxExact {
		return strconv.AppendUint(append(to, '-'), -w.low, 10) // two's complement
	}
	v := w.big(signed)
	if v.IsInt64() {
		return c.integer(to, v.Int64())
	}
	return c.exactly(to, v.Append(nil, 10))
}

// exactly writes an integer that JavaScript can't hold.
func (c *column) exactly(to, digits []byte) []byte {
	if c.apart {
		return append(append(append(to, '"'), digits...), '"')
	}
	c.beyond = true
	return append(to, digits...)
}

// appendNumber writes null for what JSON can't hold (RFC 8259 §6).
func appendNumber(to []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(to, "null"...)
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(to, v, format, -1, bits)
}

// appendDecimal is exact: the digits with the point in its place.
func appendDecimal(to []byte, v int64, scale int) []byte {
	if v == math.MinInt64 {
		return appendDigits(to, "-9223372036854775808", scale)
	}
	to = append(to, '"')
	if v < 0 {
		to, v = append(to, '-'), -v
	}
	unit := int64(1)
	for range scale { // at most 18
		unit *= 10
	}
	to = strconv.AppendInt(to, v/unit, 10)
	if scale > 0 {
		to = append(to, '.')
		rest := v % unit
		for unit /= 10; unit > 0; unit /= 10 {
			to = append(to, byte('0'+rest/unit%10))
		}
	}
	return append(to, '"')
}

// appendDigits is [appendDecimal] for more digits than an int64 has.
func appendDigits(to []byte, digits string, scale int) []byte {
	to = append(to, '"')
	if digits[0] == '-' {
		to, digits = append(to, '-'), digits[1:]
	}
	point := len(digits) - scale
	if point <= 0 {
		to = append(to, '0')
	} else {
		to = append(to, digits[:point]...)
	}
	if scale > 0 {
		to = append(to, '.')
		for ; point < 0; point++ {
			to = append(to, '0')
		}
		to = append(to, digits[point:]...)
	}
	return append(to, '"')
}

// infinite tells the engine's infinities, and what it keeps beside them.
func infinite(v int64) bool { return v == math.MaxInt64 || v <= -math.MaxInt64 }

// appendDate writes a day; one before year 1 or beyond year 9999, where the
// engine's infinities are, becomes null.
func appendDate(to []byte, days int32) []byte {
	year, month, day := time.Unix(int64(days)*24*60*60, 0).UTC().Date()
	if year < 1 || year > 9999 {
		return append(to, "null"...)
	}
	return append(appendDay(append(to, '"'), year, int(month), day), '"')
}

// appendTimestamp writes wall time as the engine holds it; no zone is applied
// anywhere.
func appendTimestamp(to []byte, v time.Time) []byte {
	year, month, day := v.Date()
	if year < 1 || year > 9999 {
		return append(to, "null"...)
	}
	to = append(appendDay(append(to, '"'), year, int(month), day), 'T')
	hour, minute, second := v.Clock()
	return append(appendTime(to, hour, minute, second, v.Nanosecond()), '"')
}

// appendClock writes a time of day from its microseconds.
func appendClock(to []byte, micros int64) []byte {
	seconds := int(micros / 1e6)
	return append(appendTime(append(to, '"'), seconds/3600, seconds/60%60, seconds%60, int(micros%1e6)*1000), '"')
}

func appendDay(to []byte, year, month, day int) []byte {
	to = append(appendTwo(appendTwo(to, year/100), year%100), '-')
	return appendTwo(append(appendTwo(to, month), '-'), day)
}

func appendTime(to []byte, hour, minute, second, nanos int) []byte {
	to = append(appendTwo(to, hour), ':')
	to = appendTwo(append(appendTwo(to, minute), ':'), second)
	if nanos == 0 {
		return to
	}
	to = append(to, '.')
	for unit := 100_000_000; nanos > 0; unit /= 10 {
		to = append(to, hexDigits[nanos/unit])
		nanos %= unit
	}
	return to
}

func appendTwo(to []byte, v int) []byte { return append(to, hexDigits[v/10], hexDigits[v%10]) }

const hexDigits = "0123456789abcdef"

// asItIs tells the bytes that stand in a JSON text as they are. < > and & are
// written as escapes, so that a result may stand in a page.
var asItIs = func() (set [utf8.RuneSelf]bool) {
	for b := range set {
		set[b] = b >= ' ' && b != '"' && b != '\\' && b != '<' && b != '>' && b != '&'
	}
	return set
}()

// appendText writes a JSON text (RFC 8259 §7).
func appendText(to, v []byte) []byte {
	to = append(to, '"')
	from := 0
	for i := 0; i < len(v); {
		b := v[i]
		if b < utf8.RuneSelf {
			if asItIs[b] {
				i++
				continue
			}
			to = append(to, v[from:i]...)
			switch b {
			case '"', '\\':
				to = append(to, '\\', b)
			case '\n':
				to = append(to, '\\', 'n')
			case '\r':
				to = append(to, '\\', 'r')
			case '\t':
				to = append(to, '\\', 't')
			default:
				to = append(to, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
			}
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRune(v[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			to = append(append(to, v[from:i]...), `\ufffd`...)
			from = i + size
		case r == '\u2028' || r == '\u2029': // ends a line in older JavaScript
			to = append(append(to, v[from:i]...), `\u202`...)
			to = append(to, hexDigits[r&15])
			from = i + size
		}
		i += size
	}
	return append(append(to, v[from:]...), '"')
}
