package postgres

import (
	"slices"
	"strings"
)

// statement is what a valid text reads.
type statement struct {
	query      string
	tree       *node
	tables     []tableUse // base tables, each name once
	ctes       []string   // names that WITH defines
	parameters int        // highest $n; every one from $1 on occurs
}

// tableUse is a table as it was named, and where.
type tableUse struct {
	schema string // empty when it was named without
	name   string
	at     int
}

// validate walks a whole tree against the lists. It also writes functions and
// types with the schema that they are of, so that nothing that somebody else
// makes stands before them. Errors: query_refused.
func validate(query string, tree *node) (statement, error) {
	w := walker{query: query, parameters: map[int]bool{}}
	if err := w.query1(tree, nil); err != nil {
		return statement{}, err
	}
	for i := range len(w.parameters) {
		if !w.parameters[i+1] {
			return statement{}, refuse("the parameters of the query are not numbered from $1 on without a gap")
		}
	}
	if max(w.growth, 1)*longest(tree) > maxLonger {
		return statement{}, refuse("the query puts texts together, from step to step, that can get more than %d times longer", maxLonger)
	}
	return statement{query: query, tree: tree, tables: w.tables, ctes: w.ctes, parameters: len(w.parameters)}, nil
}

// walker visits every node of a tree once.
type walker struct {
	query      string
	tables     []tableUse
	ctes       []string
	parameters map[int]bool
	joins      int
	reads      int // tables, joins and set operations, with each WITH query put in wherever it is named
	growth     int // by how many times replacements can lengthen a text
	depth      int
	at         int   // the last place that was known
	escape     *node // the pattern of the last LIKE
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
		if s.name == name {
			return s
		}
	}
	return nil
}

func (w *walker) refuse(n *node, format string, args ...any) error {
	if n.at >= 0 {
		return refuseAt(w.query, n.at, format, args...)
	}
	return refuseAt(w.query, w.at, format, args...)
}

// enter is asked of every node before anything else of it.
func (w *walker) enter(n *node) error {
	if n.at >= 0 {
		w.at = n.at
	}
	if what, has := n.parts[unknownPart].(string); has {
		return w.refuse(n, "%s is not allowed", what)
	}
	if w.depth++; w.depth > maxDepth {
		return w.refuse(n, "the query is nested deeper than %d", maxDepth)
	}
	return nil
}

func (w *walker) join(n *node) error {
	if w.joins++; w.joins > maxJoins {
		return w.refuse(n, "the query has more than %d joins and set operations", maxJoins)
	}
	return w.read(n, 1)
}

// read counts what the planner will see: queries that WITH names double at each
// step when each is named twice.
func (w *walker) read(n *node, times int) error {
	if w.reads += times; w.reads > maxReads {
		return w.refuse(n, "the query reads tables more than %d times, counting each use of a WITH query", maxReads)
	}
	return nil
}

// query1 visits one SELECT, VALUES or set operation.
func (w *walker) query1(n *node, outer *scope) error {
	if n == nil || n.kind != "SelectStmt" {
		return refuseAt(w.query, w.at, "only SELECT may stand in a query")
	}
	if err := w.enter(n); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	inner, err := w.with(n.node("with"), outer)
	if err != nil {
		return err
	}
	if n.number("op") != setNone {
		if err := w.join(n); err != nil {
			return err
		}
		for _, side := range []string{"left", "right"} {
			if err := w.query1(n.node(side), inner); err != nil {
				return err
			}
		}
	} else if len(n.list("targets"))+len(n.list("values")) == 0 {
		return w.refuse(n, "the query selects nothing")
	}
	for i, item := range n.list("from") {
		if i > 0 {
			if err := w.join(item); err != nil {
				return err
			}
		}
		if err := w.from(item, inner); err != nil {
			return err
		}
	}
	for _, part := range []string{"targets", "distinct", "group", "windows", "values", "sort"} {
		if err := w.all(n.list(part), inner); err != nil {
			return err
		}
	}
	for _, part := range []string{"where", "having", "offset", "limit"} {
		if err := w.expression(n.node(part), inner); err != nil {
			return err
		}
	}
	return w.groupSets(n)
}

// groupSets bounds in how many ways a query groups.
func (w *walker) groupSets(n *node) error {
	ways := 1
	for _, g := range n.list("group") {
		if ways *= waysOf(g); ways > maxGroupSets {
			return w.refuse(g, "the query groups in more than %d ways", maxGroupSets)
		}
	}
	return nil
}

func waysOf(n *node) int {
	if n.kind != "GroupingSet" {
		return 1
	}
	content := n.list("content")
	switch n.number("kind") {
	case groupRollup:
		return len(content) + 1
	case groupCube:
		return 1 << min(len(content), 20)
	case groupSets:
		ways := 0
		for _, c := range content {
			ways += waysOf(c)
		}
		return ways
	}
	return 1
}

// with visits the queries that WITH names. Each sees those before it.
func (w *walker) with(n *node, outer *scope) (*scope, error) {
	if n == nil {
		return outer, nil
	}
	if err := w.enter(n); err != nil {
		return nil, err
	}
	defer func() { w.depth-- }()
	for _, cte := range n.list("ctes") {
		if cte.kind != "CommonTableExpr" {
			return nil, w.refuse(n, "the query's WITH can't be read")
		}
		if err := w.enter(cte); err != nil {
			return nil, err
		}
		name := cte.text("name")
		w.ctes = append(w.ctes, name)
		before := w.reads
		err := w.query1(cte.node("query"), outer)
		w.depth--
		if err != nil {
			return nil, err
		}
		outer = &scope{name: name, reads: max(w.reads-before, 1), outer: outer}
	}
	return outer, nil
}

// from visits what stands in FROM.
func (w *walker) from(n *node, in *scope) error {
	if err := w.enter(n); err != nil {
		return err
	}
	defer func() { w.depth-- }()
	for _, alias := range []string{"alias", "usingAlias"} {
		if a := n.node(alias); a != nil {
			if err := w.enter(a); err != nil {
				return err
			}
			w.depth--
		}
	}
	switch n.kind {
	case "RangeVar":
		return w.table(n, in)
	case "RangeSubselect":
		return w.query1(n.node("query"), in)
	case "JoinExpr":
		if err := w.join(n); err != nil {
			return err
		}
		if kind := n.number("type"); kind < joinInner || kind > joinRight {
			return w.refuse(n, "a join of this kind is not allowed")
		}
		for _, side := range []string{"left", "right"} {
			if err := w.from(n.node(side), in); err != nil {
				return err
			}
		}
		return w.expression(n.node("on"), in)
	}
	return w.refuse(n, "%s in FROM is not allowed", n.kind)
}

func (w *walker) table(n *node, in *scope) error {
	name, schema := n.text("name"), n.text("schema")
	if n.text("catalog") != "" {
		return w.refuse(n, "name the table %q without a database", name)
	}
	if n.number("inherit") == 0 {
		return w.refuse(n, "ONLY is not allowed")
	}
	if schema == "" {
		if defined := in.find(name); defined != nil {
			return w.read(n, defined.reads)
		}
	}
	if err := w.read(n, 1); err != nil {
		return err
	}
	use := tableUse{schema: schema, name: name, at: n.at}
	if !slices.ContainsFunc(w.tables, func(t tableUse) bool { return t.schema == schema && t.name == name }) {
		w.tables = append(w.tables, use)
	}
	return nil
}

// all visits a list of expressions.
func (w *walker) all(list []*node, in *scope) error {
	for _, n := range list {
		if err := w.expression(n, in); err != nil {
			return err
		}
	}
	return nil
}

// reservedName tells the names that the engine or we give to tables.
func reservedName(name string) bool {
	folded := strings.ToLower(name)
	for _, prefix := range []string{"oriel_", "pg_", "information_schema"} {
		if strings.HasPrefix(folded, prefix) {
			return true
		}
	}
	return false
}
