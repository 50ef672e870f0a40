package duckdb

import (
	"fmt"
	"math"
	"strconv"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// bindAll gives the first value to $1, the next to $2, and so on.
func bindAll(statement bindings.PreparedStatement, values []oriel.Scalar) error {
	for i, value := range values {
		if err := bind(statement, strconv.Itoa(i+1), value); err != nil {
			return err
		}
	}
	return nil
}

// bind gives a value with its type, so that the engine guesses nothing, to the
// place of its name, so that $2 before $1 gets its own.
func bind(statement bindings.PreparedStatement, name string, value oriel.Scalar) error {
	var at bindings.IdxT
	if bindings.BindParameterIndex(statement, &at, name) == bindings.StateError {
		return fmt.Errorf("the query has no place $%s", name)
	}
	state := bindings.StateError
	switch v := value.Value.(type) {
	case string:
		if value.Type == oriel.TypeText || value.Type == oriel.TypeDecimal { // cast to a decimal where it stands
			state = bindings.BindVarcharLength(statement, at, v, bindings.IdxT(len(v)))
		}
	case int64:
		if value.Type == oriel.TypeInteger || value.Type == oriel.TypeInteger64 {
			state = bindings.BindInt64(statement, at, v)
		}
	case float64:
		if value.Type == oriel.TypeNumber && !math.IsNaN(v) && !math.IsInf(v, 0) {
			state = bindings.BindDouble(statement, at, v)
		}
	case bool:
		if value.Type == oriel.TypeBoolean {
			state = bindings.BindBoolean(statement, at, v)
		}
	case time.Time:
		switch value.Type {
		case oriel.TypeDate:
			state = bindings.BindDate(statement, at, bindings.NewDate(days(v)))
		case oriel.TypeTimestamp:
			state = bindings.BindTimestamp(statement, at, bindings.NewTimestamp(v.UTC().UnixMicro()))
		}
	}
	if state == bindings.StateError {
		return fmt.Errorf("a value of the type %s can't be bound as %T", value.Type, value.Value)
	}
	return nil
}

// days since 1970 of the day that v shows in UTC.
func days(v time.Time) int32 {
	v = v.UTC()
	count := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	return int32(max(math.MinInt32, min(math.MaxInt32, count)))
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
