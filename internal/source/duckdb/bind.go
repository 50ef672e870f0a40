package duckdb

import (
	"fmt"
	"math"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// bindValue gives the driver a value with its type, so that the engine guesses
// nothing.
func bindValue(s oriel.Scalar) (any, error) {
	switch v := s.Value.(type) {
	case string:
		if s.Type == oriel.TypeText || s.Type == oriel.TypeDecimal { // cast to a decimal where it stands
			return driver.Typed(v, driver.TYPE_VARCHAR), nil
		}
	case int64:
		if s.Type == oriel.TypeInteger || s.Type == oriel.TypeInteger64 {
			return driver.Typed(v, driver.TYPE_BIGINT), nil
		}
	case float64:
		if s.Type == oriel.TypeNumber && !math.IsNaN(v) && !math.IsInf(v, 0) {
			return driver.Typed(v, driver.TYPE_DOUBLE), nil
		}
	case bool:
		if s.Type == oriel.TypeBoolean {
			return driver.Typed(v, driver.TYPE_BOOLEAN), nil
		}
	case time.Time:
		switch s.Type {
		case oriel.TypeDate:
			return driver.Typed(v.UTC(), driver.TYPE_DATE), nil
		case oriel.TypeTimestamp:
			return driver.Typed(v.UTC(), driver.TYPE_TIMESTAMP), nil
		}
	}
	return nil, fmt.Errorf("a value of the type %s can't be bound as %T", s.Type, s.Value)
}

// columnTypes are the engine's types for values in a policy's table.
var columnTypes = map[oriel.ColumnType]string{
	oriel.TypeText:      "VARCHAR",
	oriel.TypeInteger:   "BIGINT",
	oriel.TypeInteger64: "BIGINT",
	oriel.TypeNumber:    "DOUBLE",
	oriel.TypeDecimal:   "DECIMAL(38, 10)", // what access lets a condition hold
	oriel.TypeBoolean:   "BOOLEAN",
	oriel.TypeDate:      "DATE",
	oriel.TypeTimestamp: "TIMESTAMP",
}
