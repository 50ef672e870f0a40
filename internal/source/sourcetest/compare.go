package sourcetest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// compared is a table of values that engines disagree on when left to
// themselves; ids are in hundreds by kind.
func compared() Table {
	row := func(id int64, text, n, x, day any) []any { return []any{id, text, n, x, day} }
	t := Table{Name: "t", Columns: []oriel.SourceColumn{
		{Name: "id", Type: oriel.TypeInteger}, {Name: "text", Type: oriel.TypeText}, {Name: "n", Type: oriel.TypeInteger},
		{Name: "x", Type: oriel.TypeNumber}, {Name: "day", Type: oriel.TypeDate},
	}}
	for i, text := range []any{"a", "A", "a ", " a", "ä", "a\u0308", "", nil, "1", "01", "1e3", "٥", "NULL", "b", "ab", "a%", "B"} {
		t.Rows = append(t.Rows, row(int64(1+i), text, nil, nil, nil))
	}
	for i, n := range []int64{0, 5, 1000, 9007199254740992, 9007199254740993, -1} {
		t.Rows = append(t.Rows, row(int64(101+i), nil, n, nil, nil))
	}
	for i, x := range []float64{0, 0.1, 9007199254740992, -0.5} {
		t.Rows = append(t.Rows, row(int64(201+i), nil, nil, x, nil))
	}
	for i, day := range []string{"2001-01-31", "2001-02-01", "1969-12-31"} {
		t.Rows = append(t.Rows, row(int64(301+i), nil, nil, nil, day))
	}
	return t
}

// Compare holds an engine to conditions of which the rows are written down, so
// that every engine lets the same through.
func Compare(t *testing.T, open Opener) {
	t.Helper()
	engine, src := open(t, fullSource, []Table{compared()})
	user := oriel.User{ID: "usr_1", Email: "a", Tenant: "acme", Groups: []oriel.GroupKey{"a", "b"}, Attributes: oriel.Attributes{
		"a": oriel.Text("a"), "blank": oriel.Text("a "), "accent": oriel.Text("ä"), "apart": oriel.Text("a\u0308"), "empty": oriel.Text(""),
		"list": oriel.TextList("a", "B"), "nothing": oriel.TextList(), "big": oriel.Text("9007199254740993"),
		"exponent": oriel.Text("1e3"), "space": oriel.Text(" 5"), "arabic": oriel.Text("٥"), "hex": oriel.Text("0x10"), "nan": oriel.Text("NaN"),
		"tenth": oriel.Text("0.1"), "day": oriel.Text("2001-01-31"), "noday": oriel.Text("2001-02-30"), "one": oriel.Text("1"),
	}}
	user.AttributesFrom.Tenant = oriel.Attributes{"a": oriel.Text("B")}
	rows := map[string]string{
		"text = user.attr.a":                                       "1",
		"text = 'A'":                                               "2",
		"text = user.attr.blank":                                   "3",
		"text = ' a'":                                              "4",
		"text = user.attr.accent":                                  "5",
		"text = user.attr.apart":                                   "6",
		"text = ''":                                                "7",
		"text = user.attr.empty":                                   "",
		"not (text = user.attr.empty)":                             "",
		"text = 'a' or text = user.attr.empty":                     "",
		"text is null and id < 100":                                "8",
		"not (text = 'a') and id < 5":                              "2 3 4",
		"text != 'a' and id between 7 and 9":                       "7 9", // NULL is unknown
		"not (text is null) and id between 7 and 9":                "7 9",
		"text = user.attr.one":                                     "9",
		"text = '01'":                                              "10",
		"text = user.attr.exponent":                                "11",
		"text = user.attr.arabic":                                  "12",
		"text = 'NULL'":                                            "13",
		"text in user.attr.list":                                   "1 17",
		"text not in user.attr.list and id < 4":                    "2 3",
		"text in user.attr.nothing":                                "",
		"text not in user.attr.nothing":                            "",
		"text in user.groups":                                      "1 14",
		"text starts with 'a' and id > 1":                          "3 6 15 16",
		"text starts with 'a%'":                                    "16",
		"text not starts with 'a' and id < 5":                      "2 4",
		"text < 'a' and id in (1, 2, 4, 7, 14, 17)":                "2 4 7 17", // by bytes: capitals, blanks and nothing come first
		"text between 'A' and 'B'":                                 "2 17",
		"text > 'b'":                                               "5 12",
		"text = user.email":                                        "1",
		"text = tenant.attr.a":                                     "17",
		"text = tenant.attr.nope or id = 1":                        "",
		"tenant.slug = 'acme' and id = 1":                          "1",
		"n = user.attr.big":                                        "105",
		"n = 9007199254740992":                                     "104",
		"n > 9007199254740992":                                     "105",
		"n = user.attr.exponent":                                   "",
		"not (n = user.attr.exponent)":                             "",
		"n = user.attr.space":                                      "",
		"n = user.attr.arabic":                                     "",
		"n = user.attr.hex":                                        "",
		"not (n = user.attr.nan)":                                  "",
		"n between -1 and 5":                                       "101 102 106",
		"x = user.attr.tenth":                                      "202",
		"x = user.attr.big":                                        "", // no double is that number
		"x = 9007199254740992":                                     "203",
		"x = user.attr.nan":                                        "",
		"x < 0":                                                    "204",
		"x = user.attr.exponent or x = 0":                          "201",
		"day = user.attr.day":                                      "301",
		"day > user.attr.day":                                      "302",
		"day != user.attr.noday":                                   "",
		"day < date '1970-01-01'":                                  "303",
		"day between date '2001-01-31' and '2001-02-01'":           "301 302",
		"text in (lookup t.text where id = 1)":                     "1",
		"text not in (lookup t.text where id < 9)":                 "", // one of them is NULL
		"text not in (lookup t.text where id < 8) and id < 20":     "9 10 11 12 13 14 15 16 17",
		"text in (lookup t.text where text = user.attr.accent)":    "5",
		"text not in (lookup t.text where id > 1000) and id = 8":   "8", // nothing is in nothing, NULL neither
		"text in (lookup t.text where text = user.attr.empty)":     "",
		"not text in (lookup t.text where text = user.attr.empty)": "",
	}
	for _, condition := range slices.Sorted(maps.Keys(rows)) {
		decisions, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), src, []oriel.Policy{{Table: oriel.TableRef{Source: fullSource, Table: "t"}, Rows: condition}})
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		for how, query := range map[string]source.Query{
			"SQL":        {SQL: &source.SQLQuery{Text: "select id from t order by id", Limit: 100}},
			"structured": {Structured: &source.StructuredQuery{Table: "t", Limit: 100, Tree: oriel.Structured{Columns: []string{"id"}}}},
		} {
			got := answer(engine, query, decisions)
			want := strings.Fields(rows[condition])
			slices.Sort(want)
			if !slices.Equal(got[:len(got)-1], want) || strings.Contains(got[len(got)-1], "run:") || strings.Contains(got[len(got)-1], "narrow:") {
				t.Errorf("%s, %s: %v, want %v", condition, how, got, want)
			}
		}
	}
}
