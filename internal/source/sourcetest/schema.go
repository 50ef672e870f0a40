package sourcetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Table is a table to load. A value is nil (NULL) or what its column's type
// says: text string, integer int64, number float64, boolean bool, date and
// timestamp string ("2001-01-31", "2001-01-31T14:05:00"), so that the model
// compares them as texts.
type Table struct {
	Name    string
	Columns []oriel.SourceColumn
	Rows    [][]any
}

// at is the place of a column; every column that the suite names is there.
func (t Table) at(name string) int {
	for i, c := range t.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// of gives the columns of the types, all without any.
func (t Table) of(types ...oriel.ColumnType) []oriel.SourceColumn {
	var found []oriel.SourceColumn
	for _, c := range t.Columns {
		for _, wanted := range types {
			if c.Type == wanted {
				found = append(found, c)
			}
		}
	}
	return found
}

// chance is where the suite's choices come from.
type chance struct{ *rand.Rand }

func pick[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

func (c chance) oneIn(n int) bool { return c.IntN(n) == 0 }

// columnNames differ when case is ignored too. Some are words of SQL, some end
// a quoted name.
func columnNames() []string {
	return []string{"place", "Order", "select", "two words", `q"uote`, "Ünï", "n", "lookup", "where", "id_", "oriel_v0", "v0", "user"}
}

// schema is the tables of one round: t and u are asked for, l is only looked
// into, by policies.
type schema struct{ t, u, l Table }

func (s schema) tables() []Table { return []Table{s.t, s.u, s.l} }

func randomSchema(c chance) schema {
	return schema{randomTable(c, "t"), randomTable(c, "u"), randomTable(c, "l")}
}

// randomTable has an id, a column of each kind that policies like to compare,
// and more.
func randomTable(c chance, name string) Table {
	names := columnNames()
	c.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	kinds := []oriel.ColumnType{oriel.TypeText, oriel.TypeInteger}
	for range 1 + c.IntN(4) {
		kinds = append(kinds, pick(c, oriel.TypeText, oriel.TypeInteger, oriel.TypeNumber, oriel.TypeBoolean, oriel.TypeDate, oriel.TypeTimestamp))
	}
	table := Table{Name: name, Columns: []oriel.SourceColumn{{Name: "id", Type: oriel.TypeInteger}}}
	for i, kind := range kinds {
		table.Columns = append(table.Columns, oriel.SourceColumn{Name: names[i], Type: kind})
	}
	for id := range 3 + c.IntN(12) {
		row := []any{int64(id)}
		for _, column := range table.Columns[1:] {
			row = append(row, randomValue(c, column.Type))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func randomValue(c chance, kind oriel.ColumnType) any {
	if c.oneIn(5) {
		return nil
	}
	switch kind {
	case oriel.TypeText:
		return pick(c, texts()...)
	case oriel.TypeInteger:
		return pick(c, int64(-1), 0, 1, 2, 3, 1000, 12345, 9007199254740992, 9007199254740993, -9007199254740993)
	case oriel.TypeNumber: // multiples of a quarter: sums don't depend on their order
		return float64(c.IntN(9)-4) / 4
	case oriel.TypeBoolean:
		return c.oneIn(2)
	case oriel.TypeDate:
		return fmt.Sprintf("2001-01-%02d", 1+c.IntN(4))
	}
	return fmt.Sprintf("2001-01-%02dT%02d:30:00", 1+c.IntN(3), 12*c.IntN(2))
}

// texts are taken for one another by who trims, folds, normalises or converts.
func texts() []string {
	return []string{"A", "a", "A ", " A", "AB", "Ä", "A\u0308", "é", "e\u0301", "", "0", "00", "1", "1.0", "1e3", "0x10", "٥", "NaN", "NULL", "true",
		"%", "_", `\`, "'; --", `"`, "{{x}}", "$1", "ß", "ss", "A\tB", "🚀🚀🚀🚀🚀", "4111-1111", "abcd", "abcde"}
}
