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
}

// statement gives the text prepared. Between two runs it belongs to the
// connection, so that it sees the same views.
func (c *connection) statement(handle bindings.Connection, text string) (bindings.PreparedStatement, error) {
	if known, found := c.prepared[text]; found {
		return known, nil
	}
	var made bindings.PreparedStatement
	if bindings.Prepare(handle, text, &made) == bindings.StateError {
		err := engineError(bindings.PrepareError(made))
		bindings.DestroyPrepare(&made)
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

func (c *connection) forget() {
	for text, statement := range c.prepared {
		bindings.DestroyPrepare(&statement)
		delete(c.prepared, text)
	}
}

// close is the end of it: it may be interrupted or broken, and another is cheap.
func (c *connection) close() {
	c.forget()
	_ = c.Conn.Close()
}
