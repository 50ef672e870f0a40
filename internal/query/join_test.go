package query_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var airportsTable = oriel.TableRef{Source: "airports", Table: "airports"}

// joining changes the question latest-departures to one with joins.
func (s *sample) joining(t *testing.T, tree oriel.Structured) {
	t.Helper()
	tree.Model = "flights"
	s.change(t, func(d *oriel.Declaration) {
		at := slices.IndexFunc(d.Questions, func(q oriel.Question) bool { return q.Key == "latest-departures" })
		d.Questions[at].Structured, d.Questions[at].Parameters, d.Questions[at].Columns = &tree, nil, nil
	})
}

// change declares something else, as an apply does.
func (s *sample) change(t *testing.T, change func(*oriel.Declaration)) {
	t.Helper()
	d := clone(t, *s.declared)
	change(&d)
	s.declared = &d
}

func (s *sample) latest(t *testing.T, p oriel.Principal) (oriel.Result, error) {
	t.Helper()
	_, r, err := s.queries.RunQuestion(t.Context(), p, "latest-departures", nil)
	return r, err
}

var bothEnds = oriel.Structured{
	Joins:   []oriel.Join{{Column: "origin"}, {Column: "destination", As: "to"}},
	Columns: []string{"origin.city", "to.city", "to.latitude"}, Sort: []oriel.Sort{{By: "to.city", Descending: true}}, Limit: 1,
}

func TestRunQuestion_joinsTwiceToOneModelAndTellsThemApart(t *testing.T) {
	s := openSample(t)
	s.joining(t, bothEnds)
	r, err := s.latest(t, operatorOf("DFW"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, c := range r.Columns {
		got = append(got, c.Name+"|"+c.Label+"|"+string(r.Values[i][0]))
	}
	want := []string{`origin.city|Origin: City|"Dallas-Fort Worth"`, `to.city|To: City|"Windsor Locks"`, "to.latitude|To: Latitude|41.93887417"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// A joined table that is closed to somebody is one that isn't there, and so is
// what leads to it.
func TestRunQuestion_aClosedJoinedTableIsNotThere(t *testing.T) {
	s := openSample(t)
	s.joining(t, bothEnds)
	s.change(t, func(d *oriel.Declaration) {
		d.Policies = slices.DeleteFunc(d.Policies, func(p oriel.Policy) bool { return p.Table == airportsTable })
	})
	_, closed := s.latest(t, operatorOf("DFW"))
	s.change(t, func(d *oriel.Declaration) {
		at := slices.IndexFunc(d.Models, func(m oriel.Model) bool { return m.Key == "airports" })
		d.Models[at].Table.Table = "nosuch"
	})
	_, missing := s.latest(t, operatorOf("DFW"))
	if oriel.CodeOf(closed) != oriel.CodeQueryRefused || oriel.CodeOf(missing) != oriel.CodeQueryRefused || message(t, closed) != message(t, missing) {
		t.Errorf("%v, and of no table %v", closed, missing)
	}
}

// A table of another source that bears the same name is not what a foreign key
// leads to.
func TestRunQuestion_joinsWithinOneSource(t *testing.T) {
	s := openSample(t)
	s.joining(t, bothEnds)
	s.change(t, func(d *oriel.Declaration) {
		other := d.Sources[0]
		other.Key = "other"
		d.Sources = append(slices.Clone(d.Sources), other)
		at := slices.IndexFunc(d.Models, func(m oriel.Model) bool { return m.Key == "airports" })
		d.Models[at].Table.Source = "other"
	})
	if r, err := s.latest(t, operatorOf("DFW")); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("%v: %v", r.Values, err)
	}
}

// What a joined table shows of its rows tells apart who may share a result, and
// a change of it holds for the next request.
func TestCache_joinedTablesAreInTheKey(t *testing.T) {
	k := openKeeping(t, 1<<20)
	k.joining(t, oriel.Structured{
		Joins: []oriel.Join{{Column: "destination", As: "to"}}, Breakouts: []oriel.Breakout{{Column: "to.state"}}, Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}},
	})
	k.change(t, func(d *oriel.Declaration) {
		d.Policies = append(slices.DeleteFunc(d.Policies, func(p oriel.Policy) bool { return p.Table == airportsTable }),
			oriel.Policy{Table: airportsTable, Rows: "state = user.attr.state"})
	})
	of := func(state string) oriel.Principal {
		user := operatorOf("DFW").User()
		user.Attributes = oriel.Attributes{"airport": oriel.Text("DFW"), "state": oriel.Text(state)}
		return oriel.NewPrincipal(user, oriel.SessionEmbed)
	}
	states := func(p oriel.Principal) string {
		r, err := k.latest(t, p)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, v := range r.Values[0] {
			texts = append(texts, string(v))
		}
		return strings.Join(texts, " ")
	}
	for _, step := range []struct {
		state, want string
		reached     int32
	}{{"CA", `"CA" null`, 1}, {"CA", `"CA" null`, 1}, {"NY", `"NY" null`, 2}} {
		if got := states(of(step.state)); got != step.want {
			t.Errorf("who sees airports of %s sees %s", step.state, got)
		}
		k.reached(t, step.reached)
	}
	at := slices.IndexFunc(k.declared.Models, func(m oriel.Model) bool { return m.Key == "airports" })
	k.change(t, func(d *oriel.Declaration) { d.Models[at].Name = "Aerodromes" })
	states(of("CA"))
	k.reached(t, 3)
	k.change(t, func(d *oriel.Declaration) {
		d.Policies = append(slices.Clone(d.Policies), oriel.Policy{Model: "airports", Rows: "state != 'CA'"})
	})
	if got := states(of("CA")); got != "null" {
		t.Errorf("the next request shows %s", got)
	}
	k.reached(t, 4)
}

// A filter's values come from joined columns as well, of one's own rows alone.
func TestParameterValues_ofAJoinedColumn(t *testing.T) {
	s := openSample(t)
	s.change(t, func(d *oriel.Declaration) {
		d.Dashboards[0].Parameters[1].Values = &oriel.ValuesFrom{Model: "flights", Joins: []oriel.Join{{Column: "destination"}}, Column: "destination.city"}
	})
	if err := s.queries.Check(t.Context(), *s.declared); err != nil {
		t.Fatal(err)
	}
	for _, airport := range []string{"DFW", "ORD", "APF"} {
		want, _ := groupBy(departuresOf(t, airport), func(d departure) string { return d.city })
		got, err := s.queries.ParameterValues(t.Context(), operatorOf(airport), "airport-operations", "destination")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\n got %v\nwant %v", airport, err, got, want)
		}
	}
}

// A policy test of a question looks through its joins as the question does.
func TestTestPolicies_lookThroughJoins(t *testing.T) {
	s := openSample(t)
	s.joining(t, oriel.Structured{Joins: []oriel.Join{{Column: "destination"}}, Columns: []string{"destination.state"}, Filters: []oriel.Filter{{Column: "destination.state", Op: "is_not_null"}}})
	s.change(t, func(d *oriel.Declaration) {
		d.Policies = append(slices.Clone(d.Policies), oriel.Policy{Table: airportsTable, Rows: "state in ('CA', 'NY')"})
	})
	test := oriel.PolicyTest{
		Name: "coasts", As: operatorOf("DFW").User(), Question: "latest-departures",
		Only: `"destination.state" in ('CA', 'NY')`, Columns: []string{"destination.state"}, Parameters: map[string]json.RawMessage{},
	}
	narrower := test
	narrower.Name, narrower.Only = "one coast", `"destination.state" = 'CA'`
	results, err := s.queries.TestPolicies(t.Context(), s.declared, []oriel.PolicyTest{test, narrower}, nil)
	if err != nil || len(results) != 2 || len(results[0].Wrong) > 0 || len(results[1].Wrong) != 1 {
		t.Errorf("%+v %v", results, err)
	}
}
