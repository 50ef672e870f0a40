package sourcetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// randomQuery gives a question and how to name it in an error.
func randomQuery(random *rand.Rand) (source.Query, string) {
	if random.IntN(2) == 0 {
		tree := randomTree(random)
		table := []string{"t", "u"}[random.IntN(2)]
		return source.Query{Structured: &source.StructuredQuery{Tree: tree, Table: table, Limit: 1000}}, fmt.Sprintf("%s: %+v", table, tree)
	}
	text := randomText(random)
	return source.Query{SQL: &source.SQLQuery{Text: text, Limit: 1000}}, text
}

// randomText is a question in the SQL that the engines share.
func randomText(random *rand.Rand) string {
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	table := pick("t", "u")
	where := pick("1 = 1", "n > 0", "place = 'A' or place is null", "not (n < 2)", "x <> 0.25", "place like 'A%'",
		"n in (select n from u)", "exists (select 1 from u where u.n = n)", "id > (select min(id) from t)",
		"case when place = 'B' then true else 1 / (n - 1) > 0 end", "cast(n as varchar) = '1'")
	switch random.IntN(9) {
	case 0:
		return "select * from " + table + " where " + where
	case 1:
		return "select count(*) as c, count(n) as cn, min(n) as a, max(d) as b, sum(n) as s, sum(x) as sx, avg(x) as ax from " + table + " where " + where
	case 2:
		return "select place, count(*) as c, sum(n) as s from " + table + " where " + where + " group by place having count(*) > 1"
	case 3:
		return "select a.id as a, b.id as b from t a " + pick("join", "left join", "full join") + " u b on a.n = b.n and a.place = b.place"
	case 4:
		return "select id, row_number() over (partition by place order by id) as r, sum(n) over (order by id) as s from " + table
	case 5:
		return "select place from t " + pick("union", "union all", "except", "intersect") + " select place from u"
	case 6:
		return "with c as (select * from " + table + " where " + where + "), e as (select n, count(*) as k from c group by n) select c.id, e.k from c join e on c.n = e.n"
	case 7:
		return "select id, (select count(*) from u where u.n = t.n) as k from t where id not in (select id from u where n is not null)"
	}
	return "select id from (select id, place from " + table + " where " + where + " order by id desc limit 5) as q order by id"
}

// randomTree is a structured question.
func randomTree(random *rand.Rand) oriel.Structured {
	var tree oriel.Structured
	filters := []oriel.Filter{
		{Column: "place", Op: "=", Value: "A"}, {Column: "place", Op: "!=", Value: "B"}, {Column: "n", Op: ">", Value: 0.0},
		{Column: "n", Op: "is_null"}, {Column: "place", Op: "in", Value: []any{"A", "C"}}, {Column: "x", Op: "<=", Value: 0.5},
		{Column: "d", Op: ">=", Value: "2001-01-02"},
	}
	for range random.IntN(3) {
		tree.Filters = append(tree.Filters, filters[random.IntN(len(filters))])
	}
	if random.IntN(3) == 0 {
		tree.Columns = []string{"id", "place", "d"}
		return tree
	}
	if random.IntN(2) == 0 {
		tree.Breakouts = []oriel.Breakout{{Column: "place"}}
	}
	tree.Aggregations = []oriel.Aggregation{
		{Function: "count", As: "c"},
		{Function: []string{"sum", "min", "max", "avg"}[random.IntN(4)], Column: []string{"n", "x"}[random.IntN(2)], As: "v"},
		{Function: "distinct", Column: "n", As: "k"},
	}
	return tree
}
