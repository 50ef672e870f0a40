package source

import (
	"math"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// predicate writes a policy. A kind that it doesn't know is refused, never
// left out.
func (c *compiler) predicate(p access.Predicate) (string, error) {
	switch p := p.(type) {
	case access.True:
		return "TRUE", nil
	case access.False:
		return "FALSE", nil
	case access.Compare:
		switch p.Op {
		case access.Equal:
			value := c.bind(p.Value)
			return c.indexed(p.Column, " = "+value) + c.own(p.Column) + " = " + value, nil
		case access.NotEqual, access.Less, access.LessOrEqual, access.Greater, access.GreaterOrEqual:
			return c.own(p.Column) + " " + sqlOperator(string(p.Op)) + " " + c.bind(p.Value), nil
		}
	case access.Membership:
		if len(p.Values) > 0 {
			places := c.membership(p.Values, p.Negate)
			if p.Negate {
				return c.own(p.Column) + places, nil
			}
			return c.indexed(p.Column, places) + c.own(p.Column) + places, nil
		}
	case access.Between:
		return c.own(p.Column) + " BETWEEN " + c.bind(p.Low) + " AND " + c.bind(p.High), nil
	case access.IsNull:
		return c.isNull(c.own(p.Column), p.Negate), nil
	case access.StartsWith:
		return c.dialect.StartsWith(c.own(p.Column), c.bind(p.Prefix)), nil
	case access.Lookup:
		return c.lookup(p)
	case access.All:
		return c.junction(p.Parts, " AND ", "TRUE")
	case access.Any:
		return c.junction(p.Parts, " OR ", "FALSE")
	case access.Not:
		part, err := c.predicate(p.Part)
		return "NOT (" + part + ")", err
	}
	return "", refuse("a policy holds a condition (%T) that can't be compiled", p)
}

// own names a column in a policy's condition.
func (c *compiler) own(column oriel.SourceColumn) string {
	return c.dialect.Base(c.within+c.dialect.Identifier(column.Name), column)
}

// lookup writes a membership among another table's rows. Inside, names are
// qualified, so that a column that was dropped meanwhile is an error and not
// the outer table's of that name.
func (c *compiler) lookup(p access.Lookup) (string, error) {
	if c.within != "" {
		return "", refuse("a policy holds a lookup in a lookup")
	}
	word := " IN ("
	if p.Negate {
		word = " NOT IN ("
	}
	column, table := c.own(p.Column), c.dialect.Identifier("lookup")
	c.within = table + "."
	defer func() { c.within = "" }()
	where, err := c.predicate(p.Where)
	return column + word + "SELECT " + c.own(p.Key) + " FROM " + c.dialect.Table(p.Table) + " AS " + table + " WHERE " + where + ")", err
}

func (c *compiler) junction(parts []access.Predicate, by, empty string) (string, error) {
	if len(parts) == 0 {
		return empty, nil
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		text, err := c.predicate(part)
		if err != nil {
			return "", err
		}
		texts = append(texts, "("+text+")")
	}
	return strings.Join(texts, by), nil
}

// indexed writes the equality that lets the engine use an index, where another
// must decide.
func (c *compiler) indexed(column oriel.SourceColumn, equals string) string {
	if name := c.dialect.Indexed(c.within+c.dialect.Identifier(column.Name), column); name != "" {
		return name + equals + " AND "
	}
	return ""
}

// membership is what follows the column.
func (c *compiler) membership(values []oriel.Scalar, negate bool) string {
	placeholders := make([]string, 0, len(values))
	for _, v := range values {
		placeholders = append(placeholders, c.bind(v))
	}
	word := " IN ("
	if negate {
		word = " NOT IN ("
	}
	return word + strings.Join(placeholders, ", ") + ")"
}

func (c *compiler) isNull(name string, negate bool) string {
	if negate {
		return name + " IS NOT NULL"
	}
	return name + " IS NULL"
}

func sqlOperator(op string) string {
	if op == "!=" {
		return "<>"
	}
	return op
}

// filter writes a question's filter, or "" when its parameter wasn't brought.
func (c *compiler) filter(f oriel.Filter, parameters map[string]ParameterValue) (string, error) {
	column, err := c.column(f.Column)
	if err != nil {
		return "", err
	}
	if f.Parameter == "" {
		condition, err := c.constant(column, f)
		if err != nil {
			return "", err
		}
		return condition + c.near(f, constantOf(column, f)), nil
	}
	value, brought := parameters[f.Parameter]
	var condition string
	switch {
	case !brought:
		return "", nil
	case len(value.List) > 0 && (f.Op == "in" || f.Op == "not_in"):
		return c.list(column, f.Op, value.List)
	case value.Scalar != nil && f.Op != "in" && f.Op != "not_in" && f.Op != "between":
		condition, err = c.compare(column, f.Op, *value.Scalar)
	case (value.From != nil || value.To != nil) && f.Op == "between":
		condition, err = c.rangeOf(column, value.From, value.To)
	default:
		err = refuse("the parameter %q doesn't fit %s on the column %q", f.Parameter, f.Op, f.Column)
	}
	if err != nil {
		return "", err
	}
	return condition + c.near(f, value), nil
}

// constantOf is a constant as a parameter would bring it; nothing of a list.
func constantOf(column oriel.SourceColumn, f oriel.Filter) (value ParameterValue) {
	scalar := func(v any) *oriel.Scalar {
		s, err := scalarFor(column, v)
		if err != nil {
			return nil
		}
		return &s
	}
	if list, is := f.Value.([]any); is && f.Op == "between" && len(list) == 2 {
		value.From, value.To = scalar(list[0]), scalar(list[1])
	} else if !is {
		value.Scalar = scalar(f.Value)
	}
	return value
}

// constant writes a filter whose value stands in the question.
func (c *compiler) constant(column oriel.SourceColumn, f oriel.Filter) (string, error) {
	list, isList := f.Value.([]any)
	switch f.Op {
	case "is_null", "is_not_null":
		return c.isNull(c.dialect.Identifier(column.Name), f.Op == "is_not_null"), nil
	case "in", "not_in", "between":
		if !isList || len(list) == 0 || (f.Op == "between" && len(list) != 2) {
			return "", refuse("%s on the column %q needs a list of values", f.Op, column.Name)
		}
		scalars := make([]oriel.Scalar, 0, len(list))
		for _, v := range list {
			s, err := scalarFor(column, v)
			if err != nil {
				return "", err
			}
			scalars = append(scalars, s)
		}
		if f.Op == "between" {
			return c.rangeOf(column, &scalars[0], &scalars[1])
		}
		return c.list(column, f.Op, scalars)
	}
	value, err := scalarFor(column, f.Value)
	if err != nil {
		return "", err
	}
	return c.compare(column, f.Op, value)
}

func (c *compiler) list(column oriel.SourceColumn, op string, values []oriel.Scalar) (string, error) {
	for _, v := range values {
		if err := fits(column, v); err != nil {
			return "", err
		}
		if column.Type == oriel.TypeTimestamp && v.Type == oriel.TypeDate {
			return "", refuse("%s on the timestamp %q needs times, not days: use between", op, column.Name)
		}
	}
	return c.dialect.Identifier(column.Name) + c.membership(values, op == "not_in"), nil
}

// rangeOf keeps what lies from low to high, both inclusive; on a timestamp a
// day as the end means all of that day.
func (c *compiler) rangeOf(column oriel.SourceColumn, low, high *oriel.Scalar) (string, error) {
	var parts []string
	for _, end := range []struct {
		op    string
		value *oriel.Scalar
	}{{">=", low}, {"<=", high}} {
		if end.value == nil {
			continue
		}
		part, err := c.compare(column, end.op, *end.value)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " AND "), nil
}

// compare writes COLUMN op VALUE. A day compared with a timestamp stands for
// the whole day: no later than Monday includes Monday evening.
func (c *compiler) compare(column oriel.SourceColumn, op string, value oriel.Scalar) (string, error) {
	if err := fits(column, value); err != nil {
		return "", err
	}
	name := c.dialect.Identifier(column.Name)
	if column.Type != oriel.TypeTimestamp || value.Type != oriel.TypeDate {
		switch op {
		case "=", "!=", "<", "<=", ">", ">=":
			return name + " " + sqlOperator(op) + " " + c.bind(value), nil
		}
		return "", refuse("there is no comparison %q", op)
	}
	day, _ := value.Value.(time.Time)
	begin, next := oriel.TimestampScalar(day), oriel.TimestampScalar(day.AddDate(0, 0, 1))
	switch op {
	case "<":
		return name + " < " + c.bind(begin), nil
	case "<=":
		return name + " < " + c.bind(next), nil
	case ">":
		return name + " >= " + c.bind(next), nil
	case ">=":
		return name + " >= " + c.bind(begin), nil
	case "=":
		return "(" + name + " >= " + c.bind(begin) + " AND " + name + " < " + c.bind(next) + ")", nil
	case "!=":
		return "(" + name + " < " + c.bind(begin) + " OR " + name + " >= " + c.bind(next) + ")", nil
	}
	return "", refuse("there is no comparison %q", op)
}

// fits tells whether a value can be compared with a column without the engine
// coercing one of them.
func fits(column oriel.SourceColumn, v oriel.Scalar) error {
	switch {
	case column.Type == v.Type,
		isNumeric(column.Type) && isNumeric(v.Type),
		column.Type == oriel.TypeTimestamp && v.Type == oriel.TypeDate:
		return nil
	}
	return refuse("the column %q is of the type %s and is compared with one of the type %s", column.Name, column.Type, v.Type)
}

// scalarFor types a constant of a question by the column that it meets.
func scalarFor(column oriel.SourceColumn, value any) (oriel.Scalar, error) {
	switch v := value.(type) {
	case string:
		switch column.Type {
		case oriel.TypeText:
			return oriel.TextScalar(v), nil
		case oriel.TypeDate, oriel.TypeTimestamp:
			if t, err := time.Parse(time.DateOnly, v); err == nil {
				return oriel.DateScalar(t), nil
			}
			if t, err := time.Parse("2006-01-02T15:04:05", v); err == nil && column.Type == oriel.TypeTimestamp {
				return oriel.TimestampScalar(t), nil
			}
		}
	case float64:
		if isNumeric(column.Type) {
			if isInteger(column.Type) && v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
				return oriel.IntegerScalar(int64(v)), nil
			}
			return oriel.NumberScalar(v), nil
		}
	case bool:
		if column.Type == oriel.TypeBoolean {
			return oriel.BooleanScalar(v), nil
		}
	}
	return oriel.Scalar{}, refuse("the column %q is of the type %s: write its value as %s", column.Name, column.Type, written(column.Type))
}

// written is how a question writes a value of a type.
func written(t oriel.ColumnType) string {
	switch t {
	case oriel.TypeInteger, oriel.TypeInteger64:
		return "a whole number, without quotes"
	case oriel.TypeNumber, oriel.TypeDecimal:
		return "a number, without quotes"
	case oriel.TypeBoolean:
		return "true or false, without quotes"
	case oriel.TypeDate:
		return `a day, as "2001-01-31"`
	case oriel.TypeTimestamp:
		return `a day, as "2001-01-31", or a time, as "2001-01-31T09:30:00"`
	case oriel.TypeText:
	}
	return "a text, in quotes"
}
