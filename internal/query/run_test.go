package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

func message(t *testing.T, err error) string {
	t.Helper()
	var e *oriel.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v carries no code", err)
	}
	return e.Message
}

func TestRunQuestion_whatOneMayNotViewIsNotThere(t *testing.T) {
	s := openSample(t)
	_, _, denied := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "network-comparison", nil)
	_, _, missing := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "no-such-question", nil)
	if oriel.CodeOf(denied) != oriel.CodeNotFound || oriel.CodeOf(missing) != oriel.CodeNotFound {
		t.Fatalf("got %v and %v, want not_found", denied, missing)
	}
	if message(t, denied) != message(t, missing) {
		t.Errorf("%q tells a hidden question from a missing one: %q", denied, missing)
	}
	// Its parameters are not looked at either: an answer about them would tell.
	_, _, probing := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "network-comparison", map[string]json.RawMessage{"x": []byte("1")})
	if oriel.CodeOf(probing) != oriel.CodeNotFound {
		t.Errorf("got %v, want not_found", probing)
	}
}

func TestRun_nobodyGetsNothing(t *testing.T) {
	s := openSample(t)
	var nobody oriel.Principal
	_, _, err := s.queries.RunQuestion(t.Context(), nobody, "departures", nil)
	if oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("question: %v", err)
	}
	if err := s.queries.RunDashboard(t.Context(), nobody, "airport-operations", nil, query.Lines{}); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("dashboard: %v", err)
	}
	if _, err := s.queries.ParameterValues(t.Context(), nobody, "airport-operations", "destination"); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("values: %v", err)
	}
}

func TestRunQuestion_needsTheGrantOnItsSource(t *testing.T) {
	s := openSample(t)
	s.declared.Groups[0].Sources = nil
	_, _, err := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", nil)
	if oriel.CodeOf(err) != oriel.CodeForbidden {
		t.Errorf("got %v, want forbidden", err)
	}
	if _, err := s.queries.ParameterValues(t.Context(), operatorOf("DFW"), "airport-operations", "destination"); oriel.CodeOf(err) != oriel.CodeForbidden {
		t.Errorf("got %v, want forbidden", err)
	}
}

func TestRun_needsTheCollectionsGrant(t *testing.T) {
	s := openSample(t)
	s.declared.Groups[0].Collections = nil // the grant on the source alone opens nothing
	_, _, question := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", nil)
	dashboard := s.queries.RunDashboard(t.Context(), operatorOf("DFW"), "airport-operations", nil, query.Lines{})
	_, values := s.queries.ParameterValues(t.Context(), operatorOf("DFW"), "airport-operations", "destination")
	for _, err := range []error{question, dashboard, values} {
		if oriel.CodeOf(err) != oriel.CodeNotFound {
			t.Errorf("got %v, want not_found", err)
		}
	}
}

func TestRunDashboard_withoutTheAttributeThereAreNoRows(t *testing.T) {
	s := openSample(t)
	results, failures, err := s.cards(t.Context(), operatorOf(""), `{}`)
	if err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	for card, r := range results {
		for _, row := range rowsOf(t, r) {
			for _, v := range row {
				if v != nil && v != 0.0 {
					t.Errorf("%s shows %v", card, row)
				}
			}
		}
	}
}

func TestRunDashboard_cardOfAHiddenQuestionIsNotThere(t *testing.T) {
	s := openSample(t)
	d := &s.declared.Dashboards[0]
	d.Cards = append(slices.Clone(d.Cards), oriel.Card{Key: "hidden", Question: "network-comparison", Y: 30, W: 1, H: 1})
	var shown []string
	err := s.queries.RunDashboard(t.Context(), operatorOf("DFW"), "airport-operations", nil, query.Lines{
		Layout: func(_ oriel.Dashboard, cards []query.DashboardCard) error {
			for _, c := range cards {
				shown = append(shown, c.Card.Key)
			}
			return nil
		},
		Card: func(key string, _ oriel.Result, _ error) error {
			shown = append(shown, key)
			return nil
		},
	})
	if err != nil || slices.Contains(shown, "hidden") || len(shown) != 18 {
		t.Errorf("%v: layout and cards name %v", err, shown)
	}
}

func TestRunDashboard_failingCardFailsAlone(t *testing.T) {
	s := openSample(t)
	at := slices.IndexFunc(s.declared.Questions, func(q oriel.Question) bool { return q.Key == "worst-destinations" })
	s.declared.Questions = slices.Clone(s.declared.Questions)
	s.declared.Questions[at].SQL = "select * from duckdb_tables() where 'secret words' = ''"
	s.declared.Questions[at].Parameters = nil
	results, failures, err := s.cards(t.Context(), operatorOf("DFW"), `{}`)
	if err != nil || len(results) != 8 || len(failures) != 1 {
		t.Fatalf("%v, %d results, failures %v", err, len(results), failures)
	}
	failure := failures["worst-destinations"]
	if oriel.CodeOf(failure) != oriel.CodeQueryRefused {
		t.Errorf("got %v, want query_refused", failure)
	}
	// The engine's words stay in the log.
	if m := message(t, failure); m != "This chart can't be shown." {
		t.Errorf("the principal reads %q", m)
	}
}

// stubEngine does as its functions say; it stands in for an engine that hangs
// or breaks, which a real one can't be asked to.
type stubEngine struct {
	source.Engine
	run func(context.Context) (oriel.Result, error)
}

func (s stubEngine) Run(ctx context.Context, _ source.Narrowed) (oriel.Result, error) {
	return s.run(ctx)
}

func withStub(t *testing.T, run func(context.Context) (oriel.Result, error)) *sample {
	t.Helper()
	s := openSample(t)
	engine := stubEngine{Engine: s.engine, run: run}
	s.queries = query.New(query.Options{
		Declared: func() *oriel.Declaration { return s.declared },
		Engines:  map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: engine},
	})
	return s
}

func TestRunDashboard_panicIsOneCardsFailure(t *testing.T) {
	s := withStub(t, func(context.Context) (oriel.Result, error) { panic("broken") })
	results, failures, err := s.cards(t.Context(), operatorOf("DFW"), `{}`)
	if err != nil || len(results) != 0 || len(failures) != 9 {
		t.Fatalf("%v, %d results, %d failures", err, len(results), len(failures))
	}
	if oriel.CodeOf(failures["departures"]) != oriel.CodeInternal || message(t, failures["departures"]) != "" {
		t.Errorf("got %v", failures["departures"])
	}
}

func TestRunDashboard_goingAwayStopsAllCards(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{}, 20)
	s := withStub(t, func(ctx context.Context) (oriel.Result, error) {
		started <- struct{}{}
		<-ctx.Done()
		return oriel.Result{}, ctx.Err()
	})
	go func() {
		<-started
		cancel()
	}()
	results, failures, err := s.cards(ctx, operatorOf("DFW"), `{}`)
	if !errors.Is(err, context.Canceled) || len(results)+len(failures) > 0 {
		t.Errorf("got %v, %d cards", err, len(results)+len(failures))
	}
}

func TestRunDashboard_failingClientStopsAllCards(t *testing.T) {
	s := openSample(t)
	gone := errors.New("the client is gone")
	calls := 0
	err := s.queries.RunDashboard(t.Context(), operatorOf("DFW"), "airport-operations", nil, query.Lines{
		Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
		Card: func(string, oriel.Result, error) error {
			calls++
			return gone
		},
	})
	if !errors.Is(err, gone) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

func TestRunDashboard_neverMoreThanFourAtOnce(t *testing.T) {
	slots := make(chan struct{}, 4)
	full := make(chan struct{}, 20)
	s := withStub(t, func(context.Context) (oriel.Result, error) {
		select {
		case slots <- struct{}{}:
		default:
			full <- struct{}{}
			return oriel.Result{}, nil
		}
		defer func() { <-slots }()
		time.Sleep(20 * time.Millisecond) // so that they overlap; nothing is measured
		return oriel.Result{}, nil
	})
	if _, _, err := s.cards(t.Context(), operatorOf("DFW"), `{}`); err != nil || len(full) > 0 {
		t.Errorf("%v; a fifth card ran at the same time %d times", err, len(full))
	}
}

func TestRun_badParametersAreNamed(t *testing.T) {
	s := openSample(t)
	for name, run := range map[string]func(map[string]json.RawMessage) error{
		"question": func(p map[string]json.RawMessage) error {
			_, _, err := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", p)
			return err
		},
		"dashboard": func(p map[string]json.RawMessage) error {
			return s.queries.RunDashboard(t.Context(), operatorOf("DFW"), "airport-operations", p, query.Lines{})
		},
	} {
		err := run(map[string]json.RawMessage{"date": []byte(`{"from":"2001-02-30"}`), "airport": []byte(`"ORD"`)})
		var e *oriel.Error
		if !errors.As(err, &e) || e.Code != oriel.CodeInvalidRequest || e.Fields["parameters.date"] == "" || e.Fields["parameters.airport"] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParameterValues_areThePrincipalsOwn(t *testing.T) {
	s := openSample(t)
	for _, airport := range []string{"DFW", "ORD"} {
		want, _ := groupBy(departuresOf(t, airport), func(d departure) string { return d.destination })
		got, err := s.queries.ParameterValues(t.Context(), operatorOf(airport), "airport-operations", "destination")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\n got %v\nwant %v", airport, err, got, want)
		}
	}
	if got, err := s.queries.ParameterValues(t.Context(), operatorOf(""), "airport-operations", "destination"); err != nil || len(got) > 0 || got == nil {
		t.Errorf("without the attribute: %v %v", got, err)
	}
	for dashboard, parameter := range map[string]string{"airport-operations": "no-such", "no-such": "destination"} {
		if _, err := s.queries.ParameterValues(t.Context(), operatorOf("DFW"), dashboard, parameter); oriel.CodeOf(err) != oriel.CodeNotFound {
			t.Errorf("%s %s: %v, want not_found", dashboard, parameter, err)
		}
	}
}

// Who may see no row is not told when others' rows begin.
func TestParameterValues_ofARangeAreTheFirstAndLastDayOfThePrincipalsOwnRows(t *testing.T) {
	s := openSample(t)
	ends := func(airport string) []string {
		got, err := s.queries.ParameterValues(t.Context(), operatorOf(airport), "airport-operations", "date")
		if err != nil || got == nil {
			t.Fatalf("%s: %v %v", airport, got, err)
		}
		return got
	}
	for _, airport := range []string{"DFW", "ORD", "APF"} {
		days, _ := groupBy(departuresOf(t, airport), func(d departure) string { return d.at[:10] })
		want := []string{days[0], days[len(days)-1]}
		if got := ends(airport); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", airport, got, want)
		}
	}
	for _, airport := range []string{"", "XXX"} {
		if got := ends(airport); len(got) > 0 {
			t.Errorf("%q: %v without rows", airport, got)
		}
	}
	d := clone(t, *s.declared)
	d.Dashboards[0].Parameters[0].Values = &oriel.ValuesFrom{Model: "wildlife-strikes", Column: "struck_on"}
	*s.declared = d
	if got := ends("DFW"); len(got) != 2 || got[0] < "1990-01-01" || got[0] >= got[1] || got[1] > "2002-12-31" {
		t.Errorf("of a column of dates: %v", got)
	}
}

func TestRunQuestion_describesItsColumns(t *testing.T) {
	s := openSample(t)
	tests := map[string][]string{
		"average-delay":      {"average_delay|Average delay|number|unit|minute", "average_delay_previous|Average delay, preceding period|number|unit|minute"},
		"latest-departures":  {"departed_at|Departed|timestamp||", "destination|Destination|text||", "destination.city|City|text||", "delay_minutes|Delay|integer|unit|minute"},
		"worst-destinations": {"destination|Destination|text||", "average_delay|Average delay|number|unit|minute", "departures|Departures|integer|number|"},
		"strikes-by-species": {"species|Species|text||", "strikes|Strikes|integer|number|", "cost_usd|Cost|integer|currency|"},
		"departures-per-day": {"day|Day|date||", "departures|Departures|integer|number|"},
		"late-departures":    {"late_share|Late departures|number|percent|", "late_share_previous|Late departures, preceding period|number|percent|"},
	}
	for key, want := range tests {
		_, r, err := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), key, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range r.Columns {
			got = append(got, strings.Join([]string{c.Name, c.Label, string(c.Type), c.Format.Style, c.Format.Unit}, "|"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", key, got, want)
		}
	}
}

func TestCheck_takesTheSampleAndNamesWhatIsWrong(t *testing.T) {
	s := openSample(t)
	if err := s.queries.Check(t.Context(), *s.declared); err != nil {
		t.Fatalf("the sample: %v", err)
	}
	question := func(key string, change func(*oriel.Question)) func(*oriel.Declaration) {
		return func(d *oriel.Declaration) {
			for i := range d.Questions {
				if d.Questions[i].Key == key {
					change(&d.Questions[i])
				}
			}
		}
	}
	tests := []struct {
		name   string
		change func(*oriel.Declaration)
		says   []string
	}{
		{"a column that isn't there", question("worst-destinations", func(q *oriel.Question) { q.SQL, q.Parameters = "select nosuch from flights", nil }), []string{`question "worst-destinations"`}},
		{"a statement that writes", question("worst-destinations", func(q *oriel.Question) { q.SQL, q.Parameters = "delete from flights", nil }), []string{`question "worst-destinations"`}},
		{"a function that reads files", question("worst-destinations", func(q *oriel.Question) { q.SQL, q.Parameters = "select * from read_csv('x')", nil }), []string{`question "worst-destinations"`}},
		{"an unknown parameter", question("worst-destinations", func(q *oriel.Question) { q.SQL = "select 1\n  [[ where {{when}} ]]" }), []string{`question "worst-destinations"`, "line 2, column 12", `"when"`}},
		{"wrong only when parameters are brought", question("worst-destinations", func(q *oriel.Question) {
			q.SQL = "select destination from flights where true [[ and nosuch >= {{date.from}} ]] [[ and destination in {{destination}} ]]"
		}), []string{`question "worst-destinations"`}},
		{"a column of a tree", question("latest-departures", func(q *oriel.Question) {
			q.Structured = &oriel.Structured{Model: "flights", Columns: []string{"nosuch"}}
		}), []string{`question "latest-departures"`, `no column "nosuch"`}},
		{"a joined column", question("latest-departures", func(q *oriel.Question) {
			q.Structured = &oriel.Structured{Model: "flights", Joins: []oriel.Join{{Column: "destination"}}, Columns: []string{"destination.nosuch"}}
		}), []string{`question "latest-departures"`, `the table "airports" has no column "nosuch"`}},
		{"a column of a join that isn't there", question("latest-departures", func(q *oriel.Question) {
			q.Structured = &oriel.Structured{Model: "flights", Columns: []string{"destination.city"}}
		}), []string{`question "latest-departures"`, `no join called "destination"`}},
		{"a join of no foreign key", question("latest-departures", func(q *oriel.Question) {
			q.Structured = &oriel.Structured{Model: "flights", Joins: []oriel.Join{{Column: "departed_at"}}, Columns: []string{"origin"}}
		}), []string{`question "latest-departures"`, `"departed_at" has no foreign key`}},
		{"a foreign key of no column", foreignKey("destination", "nosuch"), []string{`model "flights"`, `the model "airports", whose table airports.airports has no column "nosuch"`}},
		{"a foreign key of another type", foreignKey("delay_minutes", "iata"), []string{`model "flights"`, `"delay_minutes" is of the type integer and "iata" of the model "airports" of the type text`}},
		{"a filter on no joined text", func(d *oriel.Declaration) {
			d.Dashboards[0].Parameters[1].Values = &oriel.ValuesFrom{Model: "flights", Joins: []oriel.Join{{Column: "destination"}}, Column: "destination.latitude"}
		}, []string{`dashboard "airport-operations"`, `"destination.latitude"`}},
		{"a policy's column", func(d *oriel.Declaration) { d.Policies[1].Rows = "nosuch = user.attr.airport" }, []string{"policy on airports."}},
		{"a model's column", func(d *oriel.Declaration) { d.Models[1].Columns = []oriel.ModelColumn{{Name: "nosuch"}} }, []string{`model "flights"`, `"nosuch"`}},
		{"a time column that is none", func(d *oriel.Declaration) { d.Models[1].TimeColumn = "origin" }, []string{`model "flights"`, `"origin"`}},
		{"a filter on no text", func(d *oriel.Declaration) {
			d.Dashboards[0].Parameters[1].Values = &oriel.ValuesFrom{Model: "flights", Column: "delay_minutes"}
		}, []string{`dashboard "airport-operations"`, `"delay_minutes"`}},
		{"a range on no days", func(d *oriel.Declaration) {
			d.Dashboards[0].Parameters[0].Values = &oriel.ValuesFrom{Model: "flights", Column: "destination"}
		}, []string{`dashboard "airport-operations"`, `"destination"`, "no column of dates or timestamps"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := clone(t, *s.declared)
			tt.change(&d)
			err := s.queries.Check(t.Context(), d)
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q doesn't say %q", err, want)
				}
			}
		})
	}
}

// foreignKey makes a column of the flights lead to one of the airports.
func foreignKey(column, key string) func(*oriel.Declaration) {
	return func(d *oriel.Declaration) {
		d.Models[1].Columns = []oriel.ModelColumn{{Name: column, ForeignKey: &oriel.ForeignKey{Model: "airports", Column: key}}}
	}
}

func clone(t *testing.T, d oriel.Declaration) oriel.Declaration {
	t.Helper()
	d.Models, d.Policies, d.Questions, d.Dashboards = slices.Clone(d.Models), slices.Clone(d.Policies), slices.Clone(d.Questions), slices.Clone(d.Dashboards)
	for i := range d.Dashboards {
		d.Dashboards[i].Parameters = slices.Clone(d.Dashboards[i].Parameters)
	}
	return d
}
