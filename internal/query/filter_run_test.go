package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// things have a column of each type, and one that nobody sees.
var things = []table{{
	"things", `id bigint, owner text, name text, "Odd""Name" text, n integer, x double precision, ok boolean, day date, at timestamp, secret text`,
	`1,a,one,p,10,1.5,true,2001-01-01,2001-01-01 10:00:00,red
2,a,two,q,20,2.5,false,2001-01-02,2001-01-02 23:59:59,blue
3,a,' or true --,p,30,3.5,true,2001-01-03,2001-01-03 00:00:00,red
4,b,four,p,10,1.5,true,2001-01-01,2001-01-01 10:00:00,red
5,b,one,q,99,9.5,false,2001-02-01,2001-02-01 10:00:00,blue
`}}

var thingsPolicies = []oriel.Policy{{
	Table: oriel.TableRef{Source: "s", Table: "things"}, Rows: "owner = user.attr.owner", Columns: map[string]oriel.Mask{"secret": oriel.MaskHidden},
}}

func byColumn(name, column, as string) oriel.Parameter {
	p := oriel.Parameter{Name: name, Type: oriel.ParameterColumn, Column: &oriel.FilteredColumn{Table: "things", Name: column}}
	if as != "" {
		var err error
		if p.Column.As, err = oriel.ParseIdentifiers(as); err != nil {
			panic(err)
		}
	}
	return p
}

// ids runs a question with one column and tells its values, or the code.
func ids(t *testing.T, s *sample, p oriel.Principal, key, parameters string) string {
	t.Helper()
	_, result, err := s.queries.RunQuestion(t.Context(), p, key, given(t, parameters))
	if err != nil {
		return string(oriel.CodeOf(err))
	}
	var values []string
	for _, v := range result.Values[0] {
		values = append(values, string(v))
	}
	return strings.Join(values, " ")
}

func TestColumnFilter_isACondition(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		s.declared.Policies = thingsPolicies
		for column, as := range map[string]string{
			"name": "T.NAME", `Odd"Name`: `t."Odd""Name"`, "n": "t.n", "x": `"t"."x"`, "ok": "", "day": "Day", "at": "t.at", "id": "id",
		} {
			s.declared.Questions = append(s.declared.Questions, oriel.Question{
				Key: column, Collection: "c", Source: "s", SQL: "select id from things as t where {{f}} order by id", Parameters: []oriel.Parameter{byColumn("f", column, as)},
			})
		}
		if err := s.queries.Check(t.Context(), *s.declared); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ column, value, want string }{
			{"name", `null`, "1 2 3"}, {"name", `[]`, "1 2 3"}, {"name", `"one"`, "1"}, {"name", `["one","two","four"]`, "1 2"}, {"name", `"' or true --"`, "3"}, {"name", `""`, ""},
			{"name", `1`, "invalid_request"}, {"name", `{"from":"a"}`, "invalid_request"}, {"name", `[1]`, "invalid_request"},
			{`Odd"Name`, `["p"]`, "1 3"},
			{"n", `10`, "1"}, {"n", `[10,30,99]`, "1 3"}, {"n", `{"from":11}`, "2 3"}, {"n", `{"to":20}`, "1 2"}, {"n", `{"from":20,"to":20}`, "2"}, {"n", `{}`, "1 2 3"}, {"n", `{"from":null,"to":10}`, "1"},
			{"n", `10.5`, "invalid_request"}, {"n", `"10"`, "invalid_request"}, {"n", `{"from":30,"to":20}`, "invalid_request"}, {"n", `{"From":1}`, "invalid_request"}, {"n", `true`, "invalid_request"}, {"n", `{"from":"1 or true"}`, "invalid_request"}, {"n", `[null]`, "invalid_request"},
			{"x", `1.5`, "1"}, {"x", `{"from":2,"to":3.5}`, "2 3"}, {"x", `[1.5, 3.5]`, "1 3"}, {"x", `"1.5"`, "invalid_request"}, {"x", `1e999`, "invalid_request"},
			{"ok", `true`, "1 3"}, {"ok", `false`, "2"}, {"ok", `"true"`, "invalid_request"},
			{"day", `"2001-01-02"`, "2"}, {"day", `{"from":"2001-01-02"}`, "2 3"}, {"day", `{"to":"2001-01-02"}`, "1 2"}, {"day", `{"from":"2001-01-03","to":"2001-01-01"}`, "invalid_request"}, {"day", `"now()"`, "invalid_request"},
			{"at", `"2001-01-02"`, "2"}, {"at", `{"from":"2001-01-02","to":"2001-01-02"}`, "2"}, {"at", `{"to":"2001-01-02"}`, "1 2"}, {"at", `{"from":"2001-01-03"}`, "3"},
			{"id", `{"from":3}`, "3"}, {"id", `4`, ""},
		} {
			if got := ids(t, s, reader("a"), c.column, `{"f":`+c.value+`}`); got != c.want {
				t.Errorf("%s %s: %q, want %q", c.column, c.value, got, c.want)
			}
		}
		if got := ids(t, s, reader(""), "n", `{"f":10}`); got != "" {
			t.Errorf("who may see nothing sees %s", got)
		}
	})
}

// Whoever may not see a column can't find its values by a filter: no value of it
// tells one table from another that differs in the hidden column alone.
func TestColumnFilter_ofAHiddenColumnTellsNothing(t *testing.T) {
	const gone = "The column of this filter is not there."
	other := []table{things[0]}
	other[0].rows = strings.NewReplacer("red", "green", "blue", "red").Replace(other[0].rows)
	answers := map[string][]string{}
	test := func(t *testing.T, tables []table) {
		onBoth(t, tables, func(t *testing.T, s *sample) {
			s.declared.Policies = thingsPolicies
			s.declared.Questions = []oriel.Question{{
				Key: "q", Collection: "c", Source: "s", SQL: "select id from things where {{f}} order by id", Parameters: []oriel.Parameter{byColumn("f", "secret", "")},
			}}
			s.declared.Models = []oriel.Model{{Key: "m", Table: oriel.TableRef{Source: "s", Table: "things"}}}
			s.declared.Dashboards = []oriel.Dashboard{{
				Key: "d", Collection: "c", Parameters: []oriel.Parameter{{Name: "f", Type: oriel.ParameterColumn, Values: &oriel.ValuesFrom{Model: "m", Column: "secret"}}},
				Cards: []oriel.Card{{Key: "k", Question: "q", Parameters: map[string]string{"f": "f"}}},
			}}
			if err := s.queries.Check(t.Context(), *s.declared); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, value := range []string{"{}", `{"f":"red"}`, `{"f":["green","blue"]}`, `{"f":"nothing"}`} {
				_, result, err := s.queries.RunQuestion(t.Context(), reader("a"), "q", given(t, value))
				got = append(got, told(result, err))
				err = s.queries.RunDashboard(t.Context(), reader("a"), "d", given(t, value), query.Lines{
					Layout: func(d oriel.Dashboard, cards []query.DashboardCard) error {
						if d.Parameters[0].ColumnType != "" || cards[0].Question.Parameters[0].ColumnType != "" {
							t.Errorf("the hidden column has the types %q and %q", d.Parameters[0].ColumnType, cards[0].Question.Parameters[0].ColumnType)
						}
						return nil
					},
					Card: func(_ string, r oriel.Result, err error) error { got = append(got, told(r, err)); return nil },
				})
				if value == "{}" && err != nil {
					t.Error(err)
				}
				if err != nil {
					got = append(got, told(oriel.Result{}, err))
				}
			}
			values, err := s.queries.ParameterValues(t.Context(), reader("a"), "d", "f")
			got = append(got, fmt.Sprint(values), told(oriel.Result{}, err))
			answers[string(s.declared.Sources[0].Kind)] = append(answers[string(s.declared.Sources[0].Kind)], strings.Join(got, "\n"))
			for i, want := range []string{"1 2 3", "1 2 3", gone, gone, gone, gone, gone, gone, "[]", "query"} {
				if !strings.Contains(got[i], want) {
					t.Errorf("%d: %s, want %s", i, got[i], want)
				}
			}
			if asked, _, err := s.queries.Question(t.Context(), reader("a"), "q"); err != nil || asked.Parameters[0].ColumnType != "" {
				t.Errorf("the hidden column has the type %q, %v", asked.Parameters[0].ColumnType, err)
			}
			// The same for somebody from whom it is not hidden, or this proves nothing.
			open := *s.declared
			open.Policies = []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "things"}, Shared: true}}
			s.declared = &open
			if asked, _, err := s.queries.Question(t.Context(), reader("a"), "q"); err != nil || asked.Parameters[0].ColumnType != oriel.TypeText {
				t.Errorf("the column has the type %q, %v", asked.Parameters[0].ColumnType, err)
			}
			if one, two := ids(t, s, reader("a"), "q", `{"f":"red"}`), ids(t, s, reader("a"), "q", `{"f":["green","blue"]}`); one == two || one == "" || two == "" {
				t.Errorf("the filter finds %q and %q", one, two)
			}
		})
	}
	t.Run("one", func(t *testing.T) { test(t, things) })
	t.Run("other", func(t *testing.T) { test(t, other) })
	for kind, both := range answers {
		if len(both) != 2 || both[0] != both[1] {
			t.Errorf("%s: %q", kind, both)
		}
	}
}

// told is all that somebody can tell about a run's end.
func told(result oriel.Result, err error) string {
	var e *oriel.Error
	if errors.As(err, &e) {
		return fmt.Sprint(e.Code, " ", e.Message, " ", e.Fields)
	}
	if err != nil {
		return err.Error()
	}
	var values []string
	for _, column := range result.Values {
		for _, v := range column {
			values = append(values, string(v))
		}
	}
	return strings.Join(values, " ")
}

func TestColumnFilter_ofADashboardOffersWhatItsViewerSees(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		s.declared.Policies = thingsPolicies
		s.declared.Models = []oriel.Model{{Key: "m", Table: oriel.TableRef{Source: "s", Table: "things"}}}
		columns := []string{"name", "n", "x", "ok", "day", "at"}
		d := oriel.Dashboard{Key: "d", Collection: "c"}
		for _, column := range columns {
			s.declared.Questions = append(s.declared.Questions, oriel.Question{
				Key: column, Collection: "c", Source: "s", SQL: "select id from things t where {{f}} order by id", Parameters: []oriel.Parameter{byColumn("f", column, "t."+column)},
			})
			d.Parameters = append(d.Parameters, oriel.Parameter{Name: column, Type: oriel.ParameterColumn, Values: &oriel.ValuesFrom{Model: "m", Column: column}})
			d.Cards = append(d.Cards, oriel.Card{Key: column, Question: column, Parameters: map[string]string{column: "f"}})
		}
		s.declared.Dashboards = []oriel.Dashboard{d}
		if err := s.queries.Check(t.Context(), *s.declared); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"name": "[' or true -- one two]", "n": "[10 30]", "x": "[1.5 3.5]", "ok": "[false true]", "day": "[2001-01-01 2001-01-03]", "at": "[2001-01-01 2001-01-03]"}
		for _, column := range columns {
			values, err := s.queries.ParameterValues(t.Context(), reader("a"), "d", column)
			if err != nil || fmt.Sprint(values) != want[column] {
				t.Errorf("%s: %v, %v", column, values, err)
			}
		}
		got := map[string]string{}
		err := s.queries.RunDashboard(t.Context(), reader("a"), "d", given(t, `{"name":["one","two"],"n":{"from":20},"x":1.5,"ok":true,"day":{"to":"2001-01-01"},"at":"2001-01-03"}`), query.Lines{
			Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
			Card:   func(key string, r oriel.Result, err error) error { got[key] = told(r, err); return nil },
		})
		if err != nil || fmt.Sprint(got) != "map[at:3 day:1 n:2 3 name:1 2 ok:1 3 x:1]" {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestParameters_haveTheirDefaultsEverywhere(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		s.declared.Policies = thingsPolicies
		s.declared.Models = []oriel.Model{{Key: "m", Table: oriel.TableRef{Source: "s", Table: "things"}}}
		by := func(text string) json.RawMessage { return json.RawMessage(text) }
		n := byColumn("n", "n", "")
		n.Default = by(`{"from":20}`)
		s.declared.Questions = []oriel.Question{
			{Key: "sql", Collection: "c", Source: "s", SQL: "select id from things where x >= {{least}} and day between {{days.from}} and {{days.to}} and {{n}} order by id", Parameters: []oriel.Parameter{
				{Name: "least", Type: oriel.ParameterNumber, Default: by("1.5")}, {Name: "days", Type: oriel.ParameterDateRange, Default: by(`{"from":"2001-01-01","to":"2001-01-31"}`)}, n,
			}},
			{Key: "structured", Collection: "c", Source: "s", Parameters: []oriel.Parameter{{Name: "names", Type: oriel.ParameterList, Default: by(`["one"]`)}}, Structured: &oriel.Structured{
				Model: "m", Columns: []string{"id"}, Filters: []oriel.Filter{{Column: "name", Op: "in", Parameter: "names"}}, Sort: []oriel.Sort{{By: "id"}},
			}},
		}
		s.declared.Dashboards = []oriel.Dashboard{{
			Key: "d", Collection: "c", Parameters: []oriel.Parameter{{Name: "names", Type: oriel.ParameterList, Default: by(`["two"]`)}},
			Cards: []oriel.Card{{Key: "mapped", Question: "structured", Parameters: map[string]string{"names": "names"}}, {Key: "own", Question: "structured"}, {Key: "sql", Question: "sql"}},
		}}
		if err := s.queries.Check(t.Context(), *s.declared); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ key, parameters, want string }{
			{"sql", `{}`, "2 3"}, {"sql", `{"n":null}`, "2 3"}, {"sql", `{"n":10}`, "1"}, {"sql", `{"least":3.5}`, "3"}, {"sql", `{"days":{"from":"2001-01-02","to":"2001-01-02"}}`, "2"},
			{"sql", `{"days":{"from":"2001-01-02"}}`, "invalid_request"},
			{"structured", `{}`, "1"}, {"structured", `{"names":["two"]}`, "2"},
		} {
			if got := ids(t, s, reader("a"), c.key, c.parameters); got != c.want {
				t.Errorf("%s %s: %q, want %q", c.key, c.parameters, got, c.want)
			}
		}
		got := map[string]string{}
		err := s.queries.RunDashboard(t.Context(), reader("a"), "d", nil, query.Lines{
			Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
			Card:   func(key string, r oriel.Result, err error) error { got[key] = told(r, err); return nil },
		})
		if err != nil || fmt.Sprint(got) != "map[mapped:2 own:1 sql:2 3]" {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestCheck_findsFiltersAndDefaultsThatCannotWork(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		s.declared.Models = []oriel.Model{{Key: "m", Table: oriel.TableRef{Source: "s", Table: "things"}}}
		ask := func(key string, sql string, parameters ...oriel.Parameter) {
			s.declared.Questions = append(s.declared.Questions, oriel.Question{Key: key, Collection: "c", Source: "s", SQL: sql, Parameters: parameters})
		}
		elsewhere := byColumn("f", "n", "")
		elsewhere.Column.Table = "thing"
		bad := byColumn("f", "n", "")
		bad.Default = json.RawMessage(`"ten"`)
		ask("no-column", "select 1 as a from things where {{f}}", byColumn("f", "N2", ""))
		ask("no-table", "select 1 as a from things where {{f}}", elsewhere)
		ask("bad-default", "select 1 as a from things where {{f}}", bad)
		ask("bad-alias", "select 1 as a from things where {{f}}", byColumn("f", "n", "g.n"))
		ask("wrong-alias", "select 1 as a from things where {{f}}", byColumn("f", "n", "name"))
		ask("an-end", "select 1 as a from things where {{f.from}}", byColumn("f", "n", ""))
		ask("fine", "select 1 as a from things where {{f}}", byColumn("f", "n", ""))
		s.declared.Dashboards = []oriel.Dashboard{{
			Key: "d", Parameters: []oriel.Parameter{
				{Name: "texts", Type: oriel.ParameterList}, {Name: "days", Type: oriel.ParameterDate, Default: json.RawMessage(`"yesterday"`)}, {Name: "number", Type: oriel.ParameterNumber},
				{Name: "gone", Type: oriel.ParameterColumn, Values: &oriel.ValuesFrom{Model: "m", Column: "nothing"}},
			},
			Cards: []oriel.Card{
				{Key: "1", Question: "fine", Parameters: map[string]string{"texts": "f"}}, {Key: "2", Question: "fine", Parameters: map[string]string{"number": "f"}},
				{Key: "3", Question: "fine", Parameters: map[string]string{"days": "f"}},
			},
		}}
		err := s.queries.Check(t.Context(), *s.declared)
		if oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Fatal(err)
		}
		for _, want := range []string{
			`question "no-column": the parameter "f" filters by the column "N2", which the table s.things doesn't have`,
			`question "no-table": the parameter "f" filters by a column of s.thing, and the source has no such table`,
			`question "bad-default": the default of the parameter "f" can't be taken: This is a whole number`,
			`question "bad-alias": `, `question "wrong-alias": `, `question "an-end": line 1, column 33: "f" is a column, which has no .from`,
			`dashboard "d": the default of its filter "days" can't be taken`, `dashboard "d": its filter "gone" takes values from "nothing"`,
			`dashboard "d": its filter "texts" is a list, which fits no column of the type integer, as "f" of the question "fine" is`,
			`dashboard "d": its filter "days" is a date, which fits no column of the type integer`,
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("nothing says %s in\n%v", want, err)
			}
		}
		if strings.Contains(err.Error(), `"number"`) || strings.Contains(err.Error(), `question "fine":`) {
			t.Errorf("something that is right is refused:\n%v", err)
		}
	})
}
