package duckdb

import (
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/source"
)

// expressions visits a list of expressions.
func (w *walker) expressions(o object, name string, in *scope) error {
	list, err := o.list(name)
	if err != nil {
		return refuse("%v", err)
	}
	for _, v := range list {
		if err := w.expression(v, in); err != nil {
			return err
		}
	}
	return nil
}

// optional visits an expression that need not be there.
func (w *walker) optional(o object, name string, in *scope) error {
	v := o.take(name)
	if v == nil {
		return nil
	}
	return w.expression(v, in)
}

// expression visits one expression and all that is in it.
func (w *walker) expression(v any, in *scope) error {
	o, ok := asObject(v)
	if !ok {
		return refuse("an expression of the query can't be read")
	}
	if err := w.enter(o.at); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	o.take("alias")
	class, kind := o.text("class"), o.text("type")
	if !slices.Contains(expressionTypes[class], kind) {
		return refuseAt(w.text, o.at, "an expression of the kind %s is not allowed", strings.ToLower(kind))
	}
	var err error
	switch class {
	case "COLUMN_REF":
		err = w.columnRef(o)
	case "CONSTANT":
		err = w.constant(o)
	case "PARAMETER":
		err = w.parameter(o)
	case "STAR":
		err = w.star(o, in)
	case "FUNCTION":
		err = w.function(o, in)
	case "WINDOW":
		err = w.window(o, in)
	case "CAST":
		err = w.cast(o, in)
	case "CASE":
		err = w.caseOf(o, in)
	case "SUBQUERY":
		o.take("subquery_type")
		o.take("comparison_type")
		if err = w.optional(o, "child", in); err == nil {
			err = w.subquery(o.take("subquery"), in)
		}
	default: // COMPARISON, CONJUNCTION, OPERATOR, BETWEEN: operands only
		err = w.expressions(o, "children", in)
		for _, name := range []string{"left", "right", "input", "lower", "upper"} {
			if err == nil {
				err = w.optional(o, name, in)
			}
		}
	}
	if err != nil {
		return err
	}
	return w.done(o, "an expression of the kind "+strings.ToLower(class))
}

// columnRef refuses the bare names that DuckDB turns into function calls when
// no column bears them.
func (w *walker) columnRef(o object) error {
	names, err := o.list("column_names")
	if err != nil {
		return refuse("%v", err)
	}
	if len(names) != 1 {
		return nil
	}
	name, _ := names[0].(string)
	if functionNames[foldName(name)] {
		return refuseAt(w.text, o.at, "%q is not allowed; if it is a column, write TABLE.%s", name, name)
	}
	return nil
}

func (w *walker) constant(o object) error {
	value, ok := asObject(o.take("value"))
	if !ok {
		return refuseAt(w.text, o.at, "a constant of the query can't be read")
	}
	value.take("is_null")
	value.take("value")
	if err := w.typeOf(value.take("type"), o.at); err != nil {
		return err
	}
	return w.done(value, "a constant")
}

func (w *walker) star(o object, in *scope) error {
	o.take("columns") // COLUMNS(*) and ORDER BY ALL; a pattern or lambda in it is not taken
	o.take("relation_name")
	o.take("exclude_list")
	o.take("qualified_exclude_list")
	o.take("rename_list")
	list, err := o.list("replace_list")
	if err != nil {
		return refuse("%v", err)
	}
	for _, v := range list {
		pair, ok := asObject(v)
		if !ok {
			return refuseAt(w.text, o.at, "REPLACE can't be read")
		}
		pair.take("key")
		if err := w.optional(pair, "value", in); err != nil {
			return err
		}
		if err := w.done(pair, "REPLACE"); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) function(o object, in *scope) error {
	name := foldName(o.text("function_name"))
	schema := o.text("schema")
	if !functions[name] && !aggregates[name] {
		if windowFunctions[name] {
			return refuseAt(w.text, o.at, "%s needs OVER: write %s() over (order by …)", name, name)
		}
		return refuseAt(w.text, o.at, "%s", source.NoFunction(name, functions, aggregates))
	}
	// The parser itself puts main before functions that stand for syntax.
	bySyntax := schema == "main" && syntaxFunctions[name]
	if schema != "" && !bySyntax {
		return refuseAt(w.text, o.at, "name the function %s without a schema", name)
	}
	if patternFunctions[name] {
		if err := w.pattern(o); err != nil {
			return err
		}
	}
	if replacing[name] {
		if err := w.replacement(name, o); err != nil {
			return err
		}
	}
	if err := w.width(name, o); err != nil {
		return err
	}
	o.take("is_operator")
	o.take("distinct")
	if by, ok := asObject(o.take("order_bys")); ok {
		by.take("type")
		if err := w.orders(by, "orders", in); err != nil {
			return err
		}
		if err := w.done(by, "ORDER BY"); err != nil {
			return err
		}
	}
	if err := w.optional(o, "filter", in); err != nil {
		return err
	}
	return w.expressions(o, "children", in)
}

func (w *walker) window(o object, in *scope) error {
	name := foldName(o.text("function_name"))
	if !aggregates[name] && !windowFunctions[name] {
		return refuseAt(w.text, o.at, "%s", source.NoFunction(name, aggregates, windowFunctions))
	}
	for _, frame := range []string{"start", "end", "exclude_clause", "ignore_nulls", "distinct"} {
		o.take(frame)
	}
	for _, list := range []string{"children", "partitions"} {
		if err := w.expressions(o, list, in); err != nil {
			return err
		}
	}
	for _, list := range []string{"orders", "arg_orders"} {
		if err := w.orders(o, list, in); err != nil {
			return err
		}
	}
	for _, part := range []string{"start_expr", "end_expr", "offset_expr", "default_expr", "filter_expr"} {
		if err := w.optional(o, part, in); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) cast(o object, in *scope) error {
	o.take("try_cast")
	if err := w.typeOf(o.take("cast_type"), o.at); err != nil {
		return err
	}
	return w.optional(o, "child", in)
}

func (w *walker) caseOf(o object, in *scope) error {
	checks, err := o.list("case_checks")
	if err != nil {
		return refuse("%v", err)
	}
	for _, v := range checks {
		check, ok := asObject(v)
		if !ok {
			return refuseAt(w.text, o.at, "CASE can't be read")
		}
		for _, part := range []string{"when_expr", "then_expr"} {
			if err := w.optional(check, part, in); err != nil {
				return err
			}
		}
		if err := w.done(check, "CASE"); err != nil {
			return err
		}
	}
	return w.optional(o, "else_expr", in)
}

// typeOf checks the type of a cast or a constant.
func (w *walker) typeOf(v any, at int) error {
	o, ok := asObject(v)
	if !ok {
		return refuseAt(w.text, at, "a type of the query can't be read")
	}
	id := o.text("id")
	if info, ok := asObject(o.take("type_info")); ok {
		if info.text("type") != "DECIMAL_TYPE_INFO" || id != "DECIMAL" {
			return refuseAt(w.text, at, "the type %s is not allowed", typeName(id, info))
		}
		info.take("width")
		info.take("scale")
		if err := w.done(info, "a type"); err != nil {
			return err
		}
	}
	if !types[id] {
		return refuseAt(w.text, at, "the type %s is not allowed", id)
	}
	return w.done(o, "a type")
}

// typeName is how the query named a type.
func typeName(id string, info object) string {
	if name := info.text("name"); name != "" {
		return name
	}
	return id
}
