package duckdb

import (
	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// column writes one column of a result as JSON text: all values of a part in
// one piece, each ending where ends says, so that a million values are not a
// million pieces of memory.
type column struct {
	name  string
	at    bindings.IdxT // its place in the result
	kind  oriel.ColumnType
	write writer
	text  []byte
	ends  []int
	// beyond is true once an integer was seen that JavaScript can't hold.
	beyond bool
	// apart writes such integers as texts at once, since the rest of the column
	// goes out before anybody knows.
	apart bool
}

// describe gives the columns of a result. Errors: query_refused for one whose
// type has no place here.
func describe(result *bindings.Result, apart bool) ([]*column, error) {
	columns := make([]*column, bindings.ColumnCount(result))
	var at bindings.IdxT
	for i := range columns {
		c := &column{name: bindings.ColumnName(result, at), at: at, apart: apart}
		logical := bindings.ColumnLogicalType(result, at)
		at++
		err := c.writerFor(logical)
		bindings.DestroyLogicalType(&logical)
		if err != nil {
			return nil, err
		}
		columns[i] = c
	}
	return columns, nil
}

func (c *column) refused(engine string) error {
	return refuse("the column %q has the type %s, which a result can't hold; cast it to VARCHAR or TIMESTAMP", c.name, engine)
}

// take writes the first rows of a chunk's column, and tells how many bytes they
// are.
func (c *column) take(chunk bindings.DataChunk, rows int) (size int) {
	v := vectorOf(chunk, c.at)
	before := len(c.text)
	for row := range rows {
		if v.null(row) {
			c.text = append(c.text, "null"...)
		} else {
			c.text = c.write(c.text, v.data, row)
		}
		c.ends = append(c.ends, len(c.text))
	}
	return len(c.text) - before + rows
}

// values are what was taken since the last call.
func (c *column) values() []oriel.RawValue {
	values := make([]oriel.RawValue, len(c.ends))
	from := 0
	for i, end := range c.ends {
		values[i] = c.text[from:end:end]
		from = end
	}
	c.text, c.ends = nil, c.ends[:0]
	return values
}

// finish is [column.values] of a whole result: integers are numbers or texts,
// the same for the whole column.
func (c *column) finish() []oriel.RawValue {
	if !c.beyond {
		return c.values()
	}
	c.kind = oriel.TypeInteger64
	quoted := make([]byte, 0, len(c.text)+2*len(c.ends))
	from := 0
	for i, end := range c.ends {
		if value := c.text[from:end]; string(value) == "null" {
			quoted = append(quoted, value...)
		} else {
			quoted = append(append(append(quoted, '"'), value...), '"')
		}
		from, c.ends[i] = end, len(quoted)
	}
	c.text = quoted
	return c.values()
}

func describedAs(columns []*column) []oriel.Column {
	out := make([]oriel.Column, len(columns))
	for i, c := range columns {
		out[i] = oriel.Column{Name: c.name, Label: c.name, Type: c.kind}
	}
	return out
}
