package sourcetest

import (
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// randomText is a question in the SQL that the engines share. It names columns
// whether or not they exist for whoever asks.
func (s schema) randomText(c chance) string {
	table := pick(c, s.t, s.u)
	column := func(t Table) string { return name(pick(c, t.Columns...).Name) }
	a, b := column(table), column(table)
	where := s.where(c, table)
	switch c.IntN(12) {
	case 0:
		return "select * from " + table.Name + " where " + where
	case 1:
		return "select count(*) as c, count(" + a + ") as cn, min(" + b + ") as a, max(" + b + ") as b, count(distinct " + a + ") as d from " + table.Name + " where " + where
	case 2:
		return "select " + a + ", count(*) as c, min(id) as i from " + table.Name + " where " + where + " group by " + a + " having count(*) >= 1"
	case 3:
		t, u := pick(c, s.t.Columns...), pick(c, s.u.Columns...)
		if same := s.u.of(t.Type); len(same) > 0 {
			u = pick(c, same...)
		}
		return "select a.id as a, b.id as b from t a " + pick(c, "join", "left join", "full join") + " u b on a." + name(t.Name) + " = b." + name(u.Name)
	case 4:
		return "select id, row_number() over (partition by " + a + " order by id) as r, count(" + b + ") over (order by id) as s from " + table.Name
	case 5:
		return "select " + column(s.t) + " as x from t " + pick(c, "union", "union all", "except", "intersect") + " select " + column(s.u) + " from u"
	case 6:
		return "with c as (select * from " + table.Name + " where " + where + "), e as (select " + a + " as k, count(*) as n from c group by " + a + ") select c.id, e.n from c join e on c." + a + " = e.k"
	case 7:
		return "select id, (select count(*) from u where u." + column(s.u) + " = t." + column(s.t) + ") as k from t where id not in (select id from u where " + s.where(c, s.u) + ")"
	case 8:
		return "select id, " + a + " from (select id, " + a + ", " + b + " as other from " + table.Name + " where " + where + " order by id desc limit 5) as q order by id"
	case 9:
		return "select sum(cast(" + a + " as " + pick(c, "integer", "date", "varchar", "boolean") + ")) as s from " + table.Name
	case 10:
		return "select id, case when " + where + " then " + a + " else " + a + " end as x from " + table.Name + " order by " + b + ", id"
	}
	return "select q.* from (select * from " + table.Name + ") as q left join (select " + a + " as k, max(id) as m from " + table.Name + " group by " + a + ") as w on w.m = q.id where w.k is not null or " + "q." + b + " is null"
}

// where is a condition of the question's own; some make a row fail that must
// not be looked at.
func (s schema) where(c chance, table Table) string {
	column := pick(c, table.Columns...)
	n := name(column.Name)
	switch c.IntN(9) {
	case 0:
		return "1 = 1"
	case 1:
		return n + " is " + pick(c, "", "not ") + "null"
	case 2:
		return "id in (select id from u where " + name(pick(c, s.u.Columns...).Name) + " is not null)"
	case 3:
		return "exists (select 1 from u where u.id = " + table.Name + ".id)"
	case 4:
		return "id > (select min(id) from t)"
	case 5:
		return "case when " + n + " is not null then 1 / (id - 1) >= 0 else true end"
	case 6:
		return "cast(" + n + " as varchar) " + pick(c, "= 'A'", "like '%1%'", "> '2'", "<> ''")
	case 7:
		return "cast(cast(" + n + " as varchar) as integer) >= 0"
	}
	value := randomValue(c, column.Type)
	if value == nil {
		return "not (" + n + " is null)"
	}
	text := literal(value, column.Type)
	if column.Type == oriel.TypeDate {
		text = "date " + text
	}
	return n + " " + pick(c, "=", "<>", ">", "<=") + " " + strings.ReplaceAll(text, "T", " ")
}
