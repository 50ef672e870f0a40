package duckdb

import (
	"database/sql"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// maxPrepared is how many texts a connection keeps prepared.
const maxPrepared = 16

// connection is one of an instance's with the views of one fingerprint, and with
// the texts that ran on it: the engine takes as long to plan a small question
// as to answer it.
type connection struct {
	*sql.Conn
	prepared map[string]bindings.PreparedStatement
	// shape is that of its views, and valuesName the table that they read.
	shape      shape
	valuesName string
	change     bindings.PreparedStatement // of the values in it; none until it is asked for
}

// statement gives the text prepared. Between two runs it belongs to the
// connection, so that it sees the same views.
func (c *connection) statement(handle bindings.Connection, text string) (bindings.PreparedStatement, error) {
	if known, found := c.prepared[text]; found {
		return known, nil
	}
	var made bindings.PreparedStatement
	if err := prepare(handle, text, &made); err != nil {
		return bindings.PreparedStatement{}, err
	}
	if len(c.prepared) >= maxPrepared {
		c.forget()
	}
	if c.prepared == nil {
		c.prepared = map[string]bindings.PreparedStatement{}
	}
	c.prepared[text] = made
	return made, nil
}

// prepare plans a text; there is nothing to destroy after an error.
func prepare(handle bindings.Connection, text string, made *bindings.PreparedStatement) error {
	if bindings.Prepare(handle, text, made) == bindings.StateError {
		err := engineError(bindings.PrepareError(*made))
		bindings.DestroyPrepare(made)
		return err
	}
	return nil
}

func (c *connection) forget() {
	for text, statement := range c.prepared {
		bindings.DestroyPrepare(&statement)
		delete(c.prepared, text)
	}
}

// close is the end of it: it may be interrupted or broken, and another is cheap.
func (c *connection) close() {
	c.forget()
	bindings.DestroyPrepare(&c.change)
	_ = c.Conn.Close()
}
