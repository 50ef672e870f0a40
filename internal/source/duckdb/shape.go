package duckdb

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// shape is all that the views of some decisions say, without the values that
// their policies read: each table with its columns, masks and conditions, and the
// types of the values. Two decisions of one shape differ in values alone.
type shape [sha256.Size]byte

// shapeOf gives the shape of decisions, and their values in the order in which
// the views read them.
func shapeOf(decisions access.Decisions) (shape, []oriel.Scalar, error) {
	v := views{maskKey: decisions.Source.MaskKey, valuesName: "oriel_values", alias: "t"}
	definitions, err := v.definitions(decisions)
	if err != nil {
		return shape{}, nil, err
	}
	create, _ := v.valuesTable()
	// Each is a statement in which every name is quoted, so that none can end
	// where another begins.
	return sha256.Sum256([]byte(strings.Join(append(definitions, create), ";\x00"))), v.values, nil
}

// become makes the connection of somebody the connection of somebody else who
// sees by the same shape: their values take the place of the others', in one
// statement. After an error it is nobody's: close it.
func (c *connection) become(ctx context.Context, values []oriel.Scalar) error {
	// What was planned may rest on what the values were.
	c.forget()
	if len(values) == 0 {
		return nil
	}
	return c.Raw(func(raw any) error {
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		defer interruptible(ctx, handle)()
		if c.change.Ptr == nil {
			if err := prepare(handle, changeText(c.valuesName, len(values)), &c.change); err != nil {
				return fmt.Errorf("change the policies' values: %w", err)
			}
		}
		if err := setValues(c.change, values); err != nil {
			return fmt.Errorf("change the policies' values: %w", err)
		}
		return nil
	})
}

// changeText writes what puts other values in the place of those in a table.
func changeText(valuesName string, count int) string {
	sets := make([]string, count)
	for i := range sets {
		sets[i] = fmt.Sprintf("v%d = $%d", i, i+1)
	}
	return strings.Join([]string{"update temp.main." + quoteName(valuesName), "set", strings.Join(sets, ", ")}, " ")
}

// setValues runs what writes the one row of a table of values.
func setValues(statement bindings.PreparedStatement, values []oriel.Scalar) error {
	if err := bindAll(statement, values); err != nil {
		return err
	}
	var result bindings.Result
	defer bindings.DestroyResult(&result)
	if bindings.ExecutePrepared(statement, &result) == bindings.StateError {
		return engineError(bindings.ResultError(&result))
	}
	if rows := bindings.RowsChanged(&result); rows != 1 {
		return fmt.Errorf("%d rows were written instead of one", rows)
	}
	return nil
}
