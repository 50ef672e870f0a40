package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// compiler writes one statement. Arguments are added in the order in which
// their placeholders stand in the text.
type compiler struct {
	dialect  Dialect
	query    StructuredQuery
	decision access.Decision
	joins    []join // those that column finds
	// moments are the columns that are shown as wall time, and whether the engine
	// knows them as moments; raw is what those in filters are called as they are.
	moments   map[string]bool
	raw       map[string]string
	maskKey   []byte
	within    string // qualifies the names of a policy's columns
	taken     int    // placeholders that are somebody else's
	arguments []oriel.Scalar
}

func (c *compiler) statement() (string, error) {
	tree := c.query.Tree
	var body string
	var err error
	switch {
	case len(tree.Columns) > 0:
		body, err = c.plain()
	case tree.Compare != nil:
		body, err = c.compared()
	case len(tree.Having) > 0:
		body, err = c.having()
	default:
		body, err = c.grouped(c.query.Parameters)
	}
	if err != nil {
		return "", err
	}
	order, err := c.order()
	if err != nil {
		return "", err
	}
	return body + order + c.limit(), nil
}

// plain selects rows as they are.
func (c *compiler) plain() (string, error) {
	if len(c.query.Tree.Breakouts)+len(c.query.Tree.Aggregations) > 0 {
		return "", refuse("columns stand beside breakouts or aggregations: keep one of the two")
	}
	items := make([]string, 0, len(c.query.Tree.Columns))
	for _, name := range c.query.Tree.Columns {
		column, err := c.column(name)
		if err != nil {
			return "", err
		}
		items = append(items, c.dialect.Identifier(column.Name))
	}
	return c.from(items, c.query.Parameters)
}

// grouped selects breakouts and aggregations over the rows that the filters,
// with these parameters, keep.
func (c *compiler) grouped(parameters map[string]ParameterValue) (string, error) {
	tree := c.query.Tree
	var items, groups []string
	for i, b := range tree.Breakouts {
		expression, err := c.breakout(b)
		if err != nil {
			return "", err
		}
		items = append(items, expression+" AS "+c.dialect.Identifier(b.ResultColumn()))
		groups = append(groups, strconv.Itoa(i+1))
	}
	for _, a := range tree.Aggregations {
		expression, err := c.aggregation(a)
		if err != nil {
			return "", err
		}
		items = append(items, expression+" AS "+c.dialect.Identifier(a.As))
	}
	if len(items) == 0 {
		return "", refuse("there is nothing to select: add columns, breakouts or aggregations")
	}
	text, err := c.from(items, parameters)
	if err != nil {
		return "", err
	}
	if len(groups) > 0 {
		text += " GROUP BY " + strings.Join(groups, ", ")
	}
	return c.running(text)
}

// having filters groups by their aggregations, around the grouping.
func (c *compiler) having() (string, error) {
	inner, err := c.grouped(c.query.Parameters)
	if err != nil {
		return "", err
	}
	var conditions []string
	for _, f := range c.query.Tree.Having {
		at := slices.IndexFunc(c.query.Tree.Aggregations, func(a oriel.Aggregation) bool { return a.As == f.Column })
		if at < 0 {
			return "", refuse("having names %q, which is no aggregation", f.Column)
		}
		t, err := c.aggregationType(c.query.Tree.Aggregations[at])
		if err != nil {
			return "", err
		}
		condition, err := c.constant(oriel.SourceColumn{Name: f.Column, Type: t}, f)
		if err != nil {
			return "", err
		}
		conditions = append(conditions, condition)
	}
	return "SELECT " + c.names(c.query.Tree.ResultColumns()) + " FROM (" + inner + ") AS " +
		c.dialect.Identifier("grouped") + " WHERE " + strings.Join(conditions, " AND "), nil
}

// from selects the items of the narrowed table, filtered.
func (c *compiler) from(items []string, parameters map[string]ParameterValue) (string, error) {
	narrowed, err := c.narrowed()
	if err != nil {
		return "", err
	}
	text := "SELECT " + strings.Join(items, ", ") + " FROM " + narrowed
	var conditions []string
	for _, f := range c.query.Tree.Filters {
		condition, err := c.filter(f, parameters)
		if err != nil {
			return "", err
		}
		if condition != "" {
			conditions = append(conditions, condition)
		}
	}
	if len(conditions) > 0 {
		text += " WHERE " + strings.Join(conditions, " AND ")
	}
	return text, nil
}

// narrowed is the innermost source, by a name.
func (c *compiler) narrowed() (string, error) {
	text, err := c.visible(c.decision)
	if err == nil && len(c.joins) > 0 {
		text, err = c.joined(text)
	}
	if err != nil {
		return "", err
	}
	return "(" + c.shown(text) + ") AS " + c.dialect.Identifier("source"), nil
}

// visible selects the columns that exist for the principal, of the rows that
// the policies permit.
func (c *compiler) visible(of access.Decision) (string, error) {
	table := of.Table.Table
	items := make([]string, 0, len(of.Columns))
	for _, column := range of.Columns {
		item, err := c.masked(column)
		if err != nil {
			return "", err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return "", refuseTable(table)
	}
	condition, err := c.predicate(of.Rows)
	if err != nil {
		return "", err
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM " + c.dialect.Table(table) + " WHERE " + condition, nil
}

func (c *compiler) names(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, n := range names {
		quoted = append(quoted, c.dialect.Identifier(n))
	}
	return strings.Join(quoted, ", ")
}

// order sorts as the question says, and by everything that could still be
// equal, so that the same question gives the same rows in the same order.
func (c *compiler) order() (string, error) {
	tree := c.query.Tree
	columns := tree.ResultColumns()
	unique := len(tree.Breakouts)
	if len(tree.Columns) > 0 {
		unique = len(columns)
	}
	var terms []string
	used := map[int]bool{}
	for _, s := range tree.Sort {
		at := slices.Index(columns, s.By)
		if at < 0 {
			return "", refuse("sort names %q, which is no column of the result", s.By)
		}
		direction := " ASC"
		if s.Descending {
			direction = " DESC"
		}
		if !used[at] {
			terms = append(terms, strconv.Itoa(at+1)+direction+" NULLS LAST")
		}
		used[at] = true
	}
	for at := range unique {
		if !used[at] {
			terms = append(terms, strconv.Itoa(at+1)+" ASC NULLS LAST")
		}
	}
	if len(terms) == 0 {
		return "", nil
	}
	return " ORDER BY " + strings.Join(terms, ", "), nil
}

// limit lets one row more through than is shown, to know whether it cut; the
// question's own limit cuts without telling.
func (c *compiler) limit() string {
	most := c.query.Limit + 1
	if own := c.query.Tree.Limit; own > 0 && own < most {
		most = own
	}
	return fmt.Sprintf(" LIMIT %d", most)
}

// column finds a column that exists for the principal, in the question's own
// table or in a joined one.
func (c *compiler) column(name string) (oriel.SourceColumn, error) {
	if j, own, found := c.joinOf(name); found {
		return c.joinedColumn(j, own, name)
	}
	for _, column := range c.decision.Columns {
		if column.Name == name {
			return column.SourceColumn, nil
		}
	}
	if before, _, dotted := strings.Cut(name, "."); dotted {
		return oriel.SourceColumn{}, refuse("the table %q has no column %q, and the question no join called %q", c.query.Table, name, before)
	}
	return oriel.SourceColumn{}, refuse("the table %q has no column %q", c.query.Table, name)
}

// bind adds a value and gives its placeholder.
func (c *compiler) bind(v oriel.Scalar) string {
	c.arguments = append(c.arguments, v)
	return c.dialect.Placeholder(c.taken+len(c.arguments), v.Type)
}
