package duckdb

import (
	"errors"
	"reflect"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driver "github.com/duckdb/duckdb-go/v2"
)

// handleOf is the engine's own connection within one of the driver's. The
// driver keeps it to itself and hands out whole results only, while the engine
// gives rows as they come; the version is pinned, and a test holds this to it.
func handleOf(raw any) (bindings.Connection, error) {
	c, ok := raw.(*driver.Conn)
	if !ok {
		return bindings.Connection{}, errNoHandle
	}
	field := reflect.ValueOf(c).Elem().FieldByName("conn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[bindings.Connection]() {
		return bindings.Connection{}, errNoHandle
	}
	handle := bindings.Connection{Ptr: field.FieldByName("Ptr").UnsafePointer()}
	if handle.Ptr == nil {
		return bindings.Connection{}, errNoHandle
	}
	return handle, nil
}

var errNoHandle = errors.New("the driver's connection is not of the kind that this was written for")
