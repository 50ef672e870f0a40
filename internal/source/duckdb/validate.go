package duckdb

import (
	"slices"
	"strconv"
	"strings"
)

// statement is what a valid text reads.
type statement struct {
	tables     []tableUse // base tables, each name once
	ctes       []tableUse // names that WITH defines
	parameters int        // highest $n; every one from $1 on occurs
}

// tableUse is a name as it was written, and where.
type tableUse struct {
	name string
	at   int
}

// validate walks a whole tree against the lists. Errors: query_refused.
func validate(text string, tree any) (statement, error) {
	w := walker{text: text, parameters: map[int]bool{}}
	root, ok := asObject(tree)
	if !ok {
		return statement{}, refuse("the query's tree can't be read")
	}
	root.take("named_param_map") // counted by its nodes instead
	if err := w.node(root.take("node"), nil); err != nil {
		return statement{}, err
	}
	if rest := root.rest(); len(rest) > 0 {
		return statement{}, refuse("the query uses %s, which is not allowed", rest[0])
	}
	for i := range len(w.parameters) {
		if !w.parameters[i+1] {
			return statement{}, refuse("the parameters of the query are not numbered from $1 on without a gap")
		}
	}
	if max(w.growth, 1)*longest(tree) > maxLonger {
		return statement{}, refuse("the query puts texts together, from step to step, that can get more than %d times longer", maxLonger)
	}
	return statement{tables: w.tables, ctes: w.ctes, parameters: len(w.parameters)}, nil
}

// walker visits every node of a tree once.
type walker struct {
	text       string
	tables     []tableUse
	ctes       []tableUse
	parameters map[int]bool
	joins      int
	// reads counts tables, joins and set operations as the engine plans them:
	// with each WITH query put in wherever it is named.
	reads  int
	growth int // by how many times replacements can lengthen a text
	depth  int
}

// scope is the names that WITH defines around a node, innermost first.
type scope struct {
	name  string
	reads int // of one use
	outer *scope
}

// find gives the innermost definition of the name; nil when there is none.
func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.outer {
		if foldName(s.name) == foldName(name) {
			return s
		}
	}
	return nil
}

// foldName is how DuckDB compares names: without regard to ASCII case.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// sameName compares names as DuckDB does. Most differ in length: a source may
// have thousands.
func sameName(a, b string) bool { return len(a) == len(b) && foldName(a) == foldName(b) }

// done refuses an object of which something was not taken.
func (w *walker) done(o object, what string) error {
	if rest := o.rest(); len(rest) > 0 {
		return refuseAt(w.text, o.at, "%s with %s is not allowed", what, rest[0])
	}
	return nil
}

func (w *walker) enter(at int) error {
	if w.depth++; w.depth > maxDepth {
		return refuseAt(w.text, at, "the query is nested deeper than %d", maxDepth)
	}
	return nil
}

func (w *walker) join(at int) error {
	if w.joins++; w.joins > maxJoins {
		return refuseAt(w.text, at, "the query has more than %d joins and set operations", maxJoins)
	}
	return w.read(at, 1)
}

// read counts what the planner will see: queries that WITH names double at each
// step when each is named twice, and planning can't be interrupted.
func (w *walker) read(at, times int) error {
	if w.reads += times; w.reads > maxReads {
		return refuseAt(w.text, at, "the query reads tables more than %d times, counting each use of a WITH query", maxReads)
	}
	return nil
}

// node visits a select or a set operation.
func (w *walker) node(v any, outer *scope) error {
	o, ok := asObject(v)
	if !ok {
		return refuse("the query's tree can't be read")
	}
	if err := w.enter(o.at); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	inner, err := w.with(o.take("cte_map"), outer)
	if err != nil {
		return err
	}
	modifiers, err := o.list("modifiers")
	if err != nil {
		return refuse("%v", err)
	}
	for _, m := range modifiers {
		if err := w.modifier(m, inner); err != nil {
			return err
		}
	}
	switch kind := o.text("type"); kind {
	case "SELECT_NODE":
		return w.selectNode(o, inner)
	case "SET_OPERATION_NODE":
		return w.setOperation(o, inner)
	case "RECURSIVE_CTE_NODE":
		return refuse("WITH RECURSIVE is not allowed")
	default:
		return refuse("a query of the kind %s is not allowed", kind)
	}
}

func (w *walker) selectNode(o object, inner *scope) error {
	if err := w.tableRef(o.take("from_table"), inner); err != nil {
		return err
	}
	for _, name := range []string{"select_list", "group_expressions"} {
		if err := w.expressions(o, name, inner); err != nil {
			return err
		}
	}
	for _, name := range []string{"where_clause", "having", "qualify"} {
		if err := w.optional(o, name, inner); err != nil {
			return err
		}
	}
	sets, err := o.list("group_sets")
	if err != nil || len(sets) > maxGroupSets {
		return refuse("the query groups in more than %d ways", maxGroupSets)
	}
	switch handling := o.text("aggregate_handling"); handling {
	case "", "STANDARD_HANDLING", "FORCE_AGGREGATES", "NO_AGGREGATES_ALLOWED":
	default:
		return refuse("grouping by %s is not allowed", handling)
	}
	return w.done(o, "a SELECT")
}

func (w *walker) setOperation(o object, inner *scope) error {
	kind := o.text("setop_type")
	if !slices.Contains([]string{"UNION", "EXCEPT", "INTERSECT", "UNION_BY_NAME"}, kind) {
		return refuse("the set operation %s is not allowed", kind)
	}
	o.take("setop_all")
	sides, err := o.list("children")
	if err != nil {
		return refuse("%v", err)
	}
	for _, name := range []string{"left", "right"} {
		if side := o.take(name); side != nil {
			sides = append(sides, side)
		}
	}
	for i, side := range sides {
		if i > 0 {
			if err := w.join(o.at); err != nil {
				return err
			}
		}
		if err := w.node(side, inner); err != nil {
			return err
		}
	}
	return w.done(o, "a set operation")
}

// with visits the queries that WITH names. Each sees those before it.
func (w *walker) with(v any, outer *scope) (*scope, error) {
	if v == nil {
		return outer, nil
	}
	o, ok := asObject(v)
	if !ok {
		return nil, refuse("the query's tree can't be read")
	}
	entries, err := o.list("map")
	if err != nil {
		return nil, refuse("%v", err)
	}
	for _, entry := range entries {
		pair, _ := asObject(entry)
		name := pair.text("key")
		value, ok := asObject(pair.take("value"))
		if !ok || name == "" {
			return nil, refuse("the query's WITH can't be read")
		}
		w.ctes = append(w.ctes, tableUse{name: name, at: -1})
		value.take("aliases")
		switch m := value.text("materialized"); m {
		case "", "CTE_MATERIALIZE_DEFAULT", "CTE_MATERIALIZE_ALWAYS", "CTE_MATERIALIZE_NEVER":
		default:
			return nil, refuse("WITH … AS %s is not allowed", m)
		}
		before := w.reads
		if err := w.subquery(value.take("query"), outer); err != nil {
			return nil, err
		}
		if err := w.done(value, "WITH"); err != nil {
			return nil, err
		}
		outer = &scope{name: name, reads: max(w.reads-before, 1), outer: outer}
	}
	return outer, w.done(o, "WITH")
}

// subquery visits a nested SELECT statement.
func (w *walker) subquery(v any, outer *scope) error {
	o, ok := asObject(v)
	if !ok {
		return refuse("a query in the query can't be read")
	}
	o.take("named_param_map")
	if err := w.node(o.take("node"), outer); err != nil {
		return err
	}
	return w.done(o, "a query in the query")
}

func (w *walker) modifier(v any, in *scope) error {
	o, ok := asObject(v)
	if !ok {
		return refuse("the query's order can't be read")
	}
	switch kind := o.text("type"); kind {
	case "ORDER_MODIFIER":
		if err := w.orders(o, "orders", in); err != nil {
			return err
		}
	case "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER":
		for _, name := range []string{"limit", "offset"} {
			if err := w.optional(o, name, in); err != nil {
				return err
			}
		}
	case "DISTINCT_MODIFIER":
		if err := w.expressions(o, "distinct_on_targets", in); err != nil {
			return err
		}
	default:
		return refuse("%s is not allowed", kind)
	}
	return w.done(o, "an order or limit")
}

// orders visits a list of ORDER BY entries.
func (w *walker) orders(o object, name string, in *scope) error {
	list, err := o.list(name)
	if err != nil {
		return refuse("%v", err)
	}
	for _, v := range list {
		order, ok := asObject(v)
		if !ok {
			return refuse("the query's order can't be read")
		}
		order.take("type")
		order.take("null_order")
		if err := w.optional(order, "expression", in); err != nil {
			return err
		}
		if err := w.done(order, "ORDER BY"); err != nil {
			return err
		}
	}
	return nil
}

// tableRef visits what stands in FROM.
func (w *walker) tableRef(v any, in *scope) error {
	if v == nil {
		return nil
	}
	o, ok := asObject(v)
	if !ok {
		return refuse("the query's FROM can't be read")
	}
	if err := w.enter(o.at); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	o.take("alias")
	o.take("column_name_alias")
	var err error
	switch kind := o.text("type"); kind {
	case "EMPTY":
	case "BASE_TABLE":
		err = w.baseTable(o, in)
	case "SUBQUERY":
		err = w.subquery(o.take("subquery"), in)
	case "JOIN":
		err = w.joinRef(o, in)
	case "EXPRESSION_LIST":
		err = w.valuesList(o, in)
	case "TABLE_FUNCTION":
		f, _ := asObject(o.take("function"))
		return refuseAt(w.text, o.at, "the table function %s is not allowed; name a table", f.text("function_name"))
	case "SHOW_REF":
		return refuseAt(w.text, o.at, "DESCRIBE, SHOW and SUMMARIZE are not allowed")
	default:
		return refuseAt(w.text, o.at, "%s in FROM is not allowed", kind)
	}
	if err != nil {
		return err
	}
	return w.done(o, "FROM")
}

func (w *walker) baseTable(o object, in *scope) error {
	name := o.text("table_name")
	if o.take("schema_name") != nil || o.take("catalog_name") != nil {
		return refuseAt(w.text, o.at, "name the table %q without a schema or database", name)
	}
	if name == "" {
		return refuseAt(w.text, o.at, "a table without a name is not allowed")
	}
	if defined := in.find(name); defined != nil {
		return w.read(o.at, defined.reads)
	}
	if err := w.read(o.at, 1); err != nil {
		return err
	}
	if !slices.ContainsFunc(w.tables, func(t tableUse) bool { return t.name == name }) {
		w.tables = append(w.tables, tableUse{name: name, at: o.at})
	}
	return nil
}

func (w *walker) joinRef(o object, in *scope) error {
	if err := w.join(o.at); err != nil {
		return err
	}
	if kind := o.text("join_type"); !joinTypes[kind] {
		return refuseAt(w.text, o.at, "a join of the kind %s is not allowed", kind)
	}
	if kind := o.text("ref_type"); !joinRefs[kind] {
		return refuseAt(w.text, o.at, "a join of the kind %s is not allowed", kind)
	}
	o.take("using_columns")
	for _, side := range []string{"left", "right"} {
		if err := w.tableRef(o.take(side), in); err != nil {
			return err
		}
	}
	return w.optional(o, "condition", in)
}

func (w *walker) valuesList(o object, in *scope) error {
	rows, err := o.list("values")
	if err != nil {
		return refuse("%v", err)
	}
	for _, row := range rows {
		values, ok := row.([]any)
		if !ok {
			return refuse("the query's VALUES can't be read")
		}
		for _, v := range values {
			if err := w.expression(v, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// parameter counts $1, $2, …
func (w *walker) parameter(o object) error {
	name := o.text("identifier")
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || strconv.Itoa(n) != name {
		return refuse("the parameter $%s is not allowed; write {{name}}", name)
	}
	w.parameters[n] = true
	return nil
}
