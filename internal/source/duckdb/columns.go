package duckdb

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// What a table may have. Names that are longer than maxName bytes are left out.
const (
	maxColumns = 1000
	maxName    = 255
)

// stored is a column of a table that is made.
type stored struct {
	name   string
	engine string // the type that it is created with
	// read is the expression that gives its values, of the column that they are
	// copied from.
	read   string
	native string
}

// storedAs tells how a column of a file is kept, by the engine's name for its
// type; false for one that is left out. The types are written down anew, so that
// nothing hangs on them: a collation would make policies take one text for
// another.
func storedAs(name, engine string) (stored, bool) {
	column := quoteName(name)
	switch {
	case engine == "TIMESTAMP WITH TIME ZONE":
		// A moment is kept in UTC, which is the import's own time zone.
		return stored{name, "TIMESTAMP", "cast(" + column + " as timestamp)", source.NativeMoment}, true
	case engine == "UUID", engine == "TIME", strings.HasPrefix(engine, "ENUM("):
		return stored{name, "VARCHAR", "cast(" + column + " as varchar)", ""}, true
	}
	if _, ok := columnType(engine); !ok {
		return stored{}, false
	}
	return stored{name, engine, column, ""}, true
}

// plainName tells whether a column's name can be served.
func plainName(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// given is a column as a file has it.
type given struct{ name, engine string }

// choose gives the columns that are kept, and a sentence for each other. Errors:
// invalid_request for names that differ in case alone, which SQL can't tell apart.
func choose(file string, columns []given) (kept []stored, warnings []string, err error) {
	if len(columns) > maxColumns {
		return nil, nil, oriel.E(oriel.CodeInvalidRequest, "%s: it has %d columns; a table may have %d", file, len(columns), maxColumns)
	}
	seen := map[string]string{}
	for _, column := range columns {
		if other, found := seen[foldName(column.name)]; found {
			return nil, nil, oriel.E(oriel.CodeInvalidRequest, "%s: the columns %s and %s have the same name: SQL tells no capitals from small letters",
				file, oriel.Quoted(other), oriel.Quoted(column.name))
		}
		seen[foldName(column.name)] = column.name
		if !plainName(column.name) {
			warnings = append(warnings, fmt.Sprintf("%s: the column %s is left out: a name has 1 to %d bytes that can all be printed", file, oriel.Quoted(column.name), maxName))
			continue
		}
		one, ok := storedAs(column.name, column.engine)
		if !ok {
			warnings = append(warnings, fmt.Sprintf("%s: the column %s is left out: Oriel doesn't read the type %s", file, oriel.Quoted(column.name), kindOf(column.engine)))
			continue
		}
		kept = append(kept, one)
	}
	if len(kept) == 0 {
		return nil, nil, oriel.E(oriel.CodeInvalidRequest, "%s: it has no column that Oriel reads: texts, numbers, booleans, dates and timestamps", file)
	}
	return kept, warnings, nil
}

// kindOf names a type without what is inside it, which can be long.
func kindOf(engine string) string {
	switch {
	case strings.HasSuffix(engine, "]"):
		return "LIST"
	case strings.Contains(engine, "("):
		kind, _, _ := strings.Cut(engine, "(")
		return kind
	case len(engine) > 40:
		return engine[:40]
	}
	return engine
}

// definition is what creates the table.
func definition(table string, columns []stored) string {
	items := make([]string, len(columns))
	for i, column := range columns {
		items[i] = quoteName(column.name) + " " + column.engine
	}
	return "create table main." + quoteName(table) + " (" + strings.Join(items, ", ") + ")"
}

// filling is what fills it, from something that has the columns.
func filling(table, from string, columns []stored) string {
	items := make([]string, len(columns))
	for i, column := range columns {
		items[i] = column.read
	}
	return "insert into main." + quoteName(table) + " select " + strings.Join(items, ", ") + " from " + from
}
