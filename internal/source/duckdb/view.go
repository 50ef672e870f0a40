package duckdb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// fence keeps the engine from moving a question's own conditions below a
// policy's, where a cast that fails would tell of hidden rows.
const fence = `limit 9223372036854775807`

// maxPolicyValues bounds the values that the policies of one connection read.
const maxPolicyValues = 1000

// views writes the definitions of one connection's views.
type views struct {
	database   string
	maskKey    []byte
	values     []oriel.Scalar
	valuesName string // of the table that holds them
	// alias is the table whose columns a condition is about: t, or l in a lookup.
	alias string
}

// createViews makes one filtered view per granted table. Views take no
// parameters, so the values go by bound INSERT into a temporary table of a
// name that nobody can guess, and which no question may name anyway. It gives
// that name; none when there are no values.
func createViews(ctx context.Context, conn *sql.Conn, database string, decisions access.Decisions, random io.Reader) (valuesName string, err error) {
	secret := make([]byte, 16)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("name the table of policy values: %w", err)
	}
	v := views{
		database: database, maskKey: decisions.Source.MaskKey,
		valuesName: "oriel_" + hex.EncodeToString(secret), alias: "t",
	}
	definitions, err := v.definitions(decisions)
	if err != nil {
		return "", err
	}
	err = conn.Raw(func(raw any) error {
		// The driver would plan each statement twice.
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		defer interruptible(ctx, handle)()
		if err := v.insert(handle); err != nil {
			return fmt.Errorf("keep the policies' values: %w", err)
		}
		if len(definitions) == 0 {
			return nil
		}
		if err := execute(handle, strings.Join(definitions, ";\n")); err != nil {
			return fmt.Errorf("create the filtered views: %w", err)
		}
		return nil
	})
	if len(v.values) == 0 {
		return "", err
	}
	return v.valuesName, err
}

// definitions are the views' texts, by table; their values are in v then.
func (v *views) definitions(decisions access.Decisions) ([]string, error) {
	var definitions []string
	for _, name := range slices.Sorted(maps.Keys(decisions.Tables)) {
		definition, err := v.definition(name, decisions.Tables[name])
		if err != nil {
			return nil, fmt.Errorf("write the view of %s: %w", name, err)
		}
		definitions = append(definitions, definition)
	}
	return definitions, nil
}

// insert makes the table of values: one row, one column per value.
func (v *views) insert(handle bindings.Connection) error {
	if len(v.values) == 0 {
		return nil
	}
	create, insert := v.valuesTable()
	if err := execute(handle, create); err != nil {
		return err
	}
	var statement bindings.PreparedStatement
	defer bindings.DestroyPrepare(&statement)
	if err := prepare(handle, insert, &statement); err != nil {
		return err
	}
	return setValues(statement, v.values)
}

// valuesTable writes what makes the table of values and what fills it.
func (v *views) valuesTable() (create, insert string) {
	var columns, places []string
	for i, value := range v.values {
		columns = append(columns, fmt.Sprintf("v%d %s", i, columnTypes[value.Type]))
		places = append(places, fmt.Sprintf("$%d", i+1))
	}
	table := "temp.main." + quoteName(v.valuesName)
	create = strings.Join([]string{"create temp table", table, "(", strings.Join(columns, ", "), ")"}, " ")
	insert = strings.Join([]string{"insert into", table, "values (", strings.Join(places, ", "), ")"}, " ")
	return create, insert
}

func (v *views) definition(name string, decision access.Decision) (string, error) {
	if len(decision.Columns) == 0 {
		return "", fmt.Errorf("no column is visible")
	}
	before := len(v.values)
	condition, err := v.condition(decision.Rows)
	if err != nil {
		return "", err
	}
	var columns []string
	for _, c := range decision.Columns {
		column, err := v.masked(c)
		if err != nil {
			return "", err
		}
		columns = append(columns, column+" as "+quoteName(c.Name))
	}
	return "create temp view " + quoteName(name) + " as select " + strings.Join(columns, ", ") +
		" from " + v.from(name, before) + " where " + condition + " " + fence, nil
}

// from is a base table, beside the values if any were added since before.
func (v *views) from(table string, before int) string {
	from := quoteName(v.database) + ".main." + quoteName(table) + " as " + v.alias
	if len(v.values) > before {
		from += ", temp.main." + quoteName(v.valuesName) + " as v"
	}
	return from
}

// masked writes a column as the principal sees it. What it does not know is an
// error, never the value.
func (v *views) masked(column access.Column) (string, error) {
	name := v.own(column.SourceColumn)
	switch column.Mask {
	case oriel.MaskNone:
		return name, nil
	case oriel.MaskEmpty: // a case keeps the engine's own type
		return "case when false then " + name + " end", nil
	case oriel.MaskLast4:
		return Dialect{}.Last4(name), nil
	case oriel.MaskHash:
		inner, outer, err := source.HashBlocks(v.maskKey)
		if err != nil {
			return "", err
		}
		places, err := v.list([]oriel.Scalar{inner, outer})
		if err != nil {
			return "", err
		}
		return Dialect{}.Hash(name, places[0], places[1]), nil
	case oriel.MaskHidden:
	}
	return "", fmt.Errorf("a policy holds the mask %q, which this engine does not know", column.Mask)
}

// own names a column of the table that a condition is about.
func (v *views) own(c oriel.SourceColumn) string { return v.alias + "." + quoteName(c.Name) }

// value remembers a value and gives the column that will hold it.
func (v *views) value(s oriel.Scalar) (string, error) {
	if columnTypes[s.Type] == "" {
		return "", fmt.Errorf("a policy's value has the type %q", s.Type)
	}
	if len(v.values) >= maxPolicyValues {
		return "", fmt.Errorf("the policies read more than %d values", maxPolicyValues)
	}
	v.values = append(v.values, s)
	return fmt.Sprintf("v.v%d", len(v.values)-1), nil
}

func (v *views) list(scalars []oriel.Scalar) ([]string, error) {
	var places []string
	for _, s := range scalars {
		place, err := v.value(s)
		if err != nil {
			return nil, err
		}
		places = append(places, place)
	}
	return places, nil
}

// condition writes a predicate. What it does not know is an error, never true.
func (v *views) condition(p access.Predicate) (string, error) {
	switch p := p.(type) {
	case access.True:
		return "true", nil
	case access.False:
		return "false", nil
	case access.Compare:
		switch p.Op {
		case access.Equal, access.NotEqual, access.Less, access.LessOrEqual, access.Greater, access.GreaterOrEqual:
		default:
			return "", fmt.Errorf("the operator %q is not known", p.Op)
		}
		place, err := v.value(p.Value)
		return v.own(p.Column) + " " + string(p.Op) + " " + place, err
	case access.Membership:
		if len(p.Values) == 0 {
			return "", fmt.Errorf("a list of values is empty")
		}
		places, err := v.list(p.Values)
		in := " in ("
		if p.Negate {
			in = " not in ("
		}
		return v.own(p.Column) + in + strings.Join(places, ", ") + ")", err
	case access.Between:
		low, err := v.value(p.Low)
		if err != nil {
			return "", err
		}
		high, err := v.value(p.High)
		return v.own(p.Column) + " between " + low + " and " + high, err
	case access.IsNull:
		if p.Negate {
			return v.own(p.Column) + " is not null", nil
		}
		return v.own(p.Column) + " is null", nil
	case access.StartsWith:
		place, err := v.value(p.Prefix)
		return "starts_with(" + v.own(p.Column) + ", " + place + ")", err
	case access.Lookup:
		return v.lookup(p)
	case access.All:
		return v.join(p.Parts, " and ")
	case access.Any:
		return v.join(p.Parts, " or ")
	case access.Not:
		part, err := v.condition(p.Part)
		return "(not " + part + ")", err
	}
	return "", fmt.Errorf("a policy holds a %T, which this engine does not know", p)
}

// lookup writes a membership among another table's rows. Its values stand in
// its own FROM, so that it depends on no row outside.
func (v *views) lookup(p access.Lookup) (string, error) {
	if v.alias != "t" {
		return "", fmt.Errorf("a policy holds a lookup in a lookup")
	}
	column := v.own(p.Column)
	in := " in ("
	if p.Negate {
		in = " not in ("
	}
	v.alias = "l"
	defer func() { v.alias = "t" }()
	before := len(v.values)
	where, err := v.condition(p.Where)
	if err != nil {
		return "", err
	}
	return column + in + "select " + v.own(p.Key) + " from " + v.from(p.Table, before) + " where " + where + ")", nil
}

func (v *views) join(parts []access.Predicate, word string) (string, error) {
	if len(parts) == 0 {
		return "", fmt.Errorf("a policy holds an empty%slist", word)
	}
	var texts []string
	for _, part := range parts {
		text, err := v.condition(part)
		if err != nil {
			return "", err
		}
		texts = append(texts, text)
	}
	return "(" + strings.Join(texts, word) + ")", nil
}

// quoteName writes a name so that it stands for nothing else.
func quoteName(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
