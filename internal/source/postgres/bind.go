package postgres

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The engine's numbers of the types that are bound.
const (
	oidBool, oidInt8, oidText, oidFloat8, oidDate, oidTimestamp, oidNumeric uint32 = 16, 20, 25, 701, 1082, 1114, 1700
)

// bindValue gives a value as a text with its type, so that the engine guesses
// nothing.
func bindValue(s oriel.Scalar) (value []byte, oid uint32, err error) {
	switch v := s.Value.(type) {
	case string:
		switch s.Type {
		case oriel.TypeText:
			return []byte(v), oidText, nil
		case oriel.TypeDecimal:
			return []byte(v), oidNumeric, nil
		}
	case int64:
		if s.Type == oriel.TypeInteger || s.Type == oriel.TypeInteger64 {
			return strconv.AppendInt(nil, v, 10), oidInt8, nil
		}
	case float64:
		if s.Type == oriel.TypeNumber && !math.IsNaN(v) && !math.IsInf(v, 0) {
			return strconv.AppendFloat(nil, v, 'g', -1, 64), oidFloat8, nil
		}
	case bool:
		if s.Type == oriel.TypeBoolean {
			return strconv.AppendBool(nil, v), oidBool, nil
		}
	case time.Time:
		switch s.Type {
		case oriel.TypeDate:
			return v.UTC().AppendFormat(nil, time.DateOnly), oidDate, nil
		case oriel.TypeTimestamp:
			return v.UTC().AppendFormat(nil, "2006-01-02 15:04:05.999999"), oidTimestamp, nil
		}
	}
	return nil, 0, fmt.Errorf("a value of the type %s can't be bound as %T", s.Type, s.Value)
}
