package query_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The figures of every card, computed from the CSV files by plain loops: no
// SQL, and none of the code under test.

type departure struct {
	at              string // "2001-01-01T12:00:00"
	destination     string
	city, place     string // of the destination; the place with its state
	distance, delay int
}

type strike struct {
	species string
	cost    int
}

func readCSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "sample", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows))
	for _, row := range rows[1:] {
		record := map[string]string{}
		for i, name := range rows[0] {
			record[name] = row[i]
		}
		out = append(out, record)
	}
	return out
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	v, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func departuresOf(t *testing.T, airport string) []departure {
	t.Helper()
	cities, states := map[string]string{}, map[string]string{}
	for _, r := range readCSV(t, "airports.csv") {
		cities[r["iata"]], states[r["iata"]] = r["city"], r["state"]
	}
	var out []departure
	for _, r := range readCSV(t, "flights.csv") {
		if r["origin"] == airport {
			out = append(out, departure{strings.Replace(r["departed_at"], " ", "T", 1), r["destination"], cities[r["destination"]], cities[r["destination"]] + ", " + states[r["destination"]], atoi(t, r["distance_miles"]), atoi(t, r["delay_minutes"])})
		}
	}
	return out
}

func strikesOf(t *testing.T, airport string) []strike {
	t.Helper()
	var out []strike
	for _, r := range readCSV(t, "wildlife_strikes.csv") {
		if r["airport"] == airport {
			out = append(out, strike{r["species"], atoi(t, r["cost_usd"])})
		}
	}
	return out
}

type filter struct {
	from, to     string // days, or ""
	destinations []string
}

func (f filter) keep(all []departure) []departure {
	var out []departure
	for _, d := range all {
		day := d.at[:10]
		if (f.from == "" || day >= f.from) && (f.to == "" || day <= f.to) && (len(f.destinations) == 0 || slices.Contains(f.destinations, d.destination)) {
			out = append(out, d)
		}
	}
	return out
}

// before is the filter of the preceding period of equal length; ok is false
// when there is none, or when it begins before the airport's first day.
func (f filter) before(t *testing.T, all []departure) (filter, bool) {
	t.Helper()
	if f.from == "" || f.to == "" {
		return filter{}, false
	}
	from, err1 := time.Parse(time.DateOnly, f.from)
	to, err2 := time.Parse(time.DateOnly, f.to)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	days := 1
	for d := from; d.Before(to); d = d.AddDate(0, 0, 1) {
		days++
	}
	first := all[0].at[:10]
	for _, d := range all {
		first = min(first, d.at[:10])
	}
	g := filter{from.AddDate(0, 0, -days).Format(time.DateOnly), from.AddDate(0, 0, -1).Format(time.DateOnly), f.destinations}
	return g, g.from >= first
}

func (f filter) json() string {
	parameters := map[string]any{}
	ends := map[string]string{}
	if f.from != "" {
		ends["from"] = f.from
	}
	if f.to != "" {
		ends["to"] = f.to
	}
	if len(ends) > 0 {
		parameters["date"] = ends
	}
	if len(f.destinations) > 0 {
		parameters["destination"] = f.destinations
	}
	text, _ := json.Marshal(parameters)
	return string(text)
}

func mean(list []departure) any {
	if len(list) == 0 {
		return nil
	}
	sum := 0
	for _, d := range list {
		sum += d.delay
	}
	return float64(sum) / float64(len(list))
}

func lateShare(list []departure) any {
	if len(list) == 0 {
		return nil
	}
	late := 0
	for _, d := range list {
		if d.delay > 15 {
			late++
		}
	}
	return float64(late) / float64(len(list))
}

func groupBy[K cmp.Ordered](list []departure, key func(departure) K) ([]K, map[K][]departure) {
	groups := map[K][]departure{}
	for _, d := range list {
		groups[key(d)] = append(groups[key(d)], d)
	}
	keys := make([]K, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, groups
}

// expected are the rows of every card.
func expected(t *testing.T, all []departure, strikes []strike, f filter) map[string][][]any {
	t.Helper()
	kept := f.keep(all)
	out := map[string][][]any{}
	previous, ok := f.before(t, all)
	trend := func(figure func([]departure) any) [][]any {
		if !ok {
			return [][]any{{figure(kept), nil}}
		}
		return [][]any{{figure(kept), figure(previous.keep(all))}}
	}
	out["departures"] = trend(func(l []departure) any { return float64(len(l)) })
	out["average-delay"] = trend(mean)
	out["late-departures"] = trend(lateShare)

	days, byDay := groupBy(kept, func(d departure) string { return d.at[:10] })
	for _, day := range days {
		out["departures-per-day"] = append(out["departures-per-day"], []any{day, float64(len(byDay[day]))})
	}
	hours, byHour := groupBy(kept, func(d departure) int { return atoi(t, d.at[11:13]) })
	for _, hour := range hours {
		out["average-delay-by-hour"] = append(out["average-delay-by-hour"], []any{float64(hour), mean(byHour[hour])})
	}

	places, byPlace := groupBy(kept, func(d departure) string { return d.place })
	places = slices.DeleteFunc(places, func(p string) bool { return len(byPlace[p]) < 5 })
	slices.SortStableFunc(places, func(a, b string) int {
		x, _ := mean(byPlace[a]).(float64)
		y, _ := mean(byPlace[b]).(float64)
		return cmp.Compare(y, x)
	})
	for _, p := range places[:min(10, len(places))] {
		out["worst-destinations"] = append(out["worst-destinations"], []any{p, mean(byPlace[p]), float64(len(byPlace[p]))})
	}

	byTime := slices.Clone(kept)
	slices.SortFunc(byTime, func(a, b departure) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.destination, b.destination), cmp.Compare(a.distance, b.distance), cmp.Compare(a.delay, b.delay))
	})
	for _, d := range byTime {
		out["distance-against-delay"] = append(out["distance-against-delay"], []any{float64(d.distance), float64(d.delay), d.destination})
	}
	slices.SortFunc(byTime, func(a, b departure) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.destination, b.destination), cmp.Compare(a.delay, b.delay))
	})
	for _, d := range byTime[:min(50, len(byTime))] {
		out["latest-departures"] = append(out["latest-departures"], []any{d.at, d.destination, d.city, float64(d.delay)})
	}

	count, cost := map[string]int{}, map[string]int{}
	for _, s := range strikes {
		count[s.species]++
		cost[s.species] += s.cost
	}
	var species []string
	for s := range count {
		species = append(species, s)
	}
	slices.SortFunc(species, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	for _, s := range species[:min(10, len(species))] {
		out["strikes-by-species"] = append(out["strikes-by-species"], []any{s, float64(count[s]), float64(cost[s])})
	}
	return out
}

// rowsOf turns a columnar result into rows of decoded JSON.
func rowsOf(t *testing.T, r oriel.Result) [][]any {
	t.Helper()
	var rows [][]any
	for i := range r.RowCount {
		row := make([]any, len(r.Values))
		for c := range r.Values {
			if err := json.Unmarshal(r.Values[c][i], &row[c]); err != nil {
				t.Fatalf("value %q: %v", r.Values[c][i], err)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// near compares rows; a mean may differ in its last digit by the order of adding.
func near(a, b [][]any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j := range a[i] {
			x, xIs := a[i][j].(float64)
			y, yIs := b[i][j].(float64)
			if xIs && yIs {
				if math.Abs(x-y) > 1e-9*math.Max(1, math.Abs(x)) {
					return false
				}
				continue
			}
			if !reflect.DeepEqual(a[i][j], b[i][j]) {
				return false
			}
		}
	}
	return true
}

func TestRunDashboard_everyFigureIsThatOfTheFiles(t *testing.T) {
	s := openSample(t)
	filters := map[string]filter{
		"unfiltered":                       {},
		"February, with a period before":   {from: "2001-02-01", to: "2001-02-28"},
		"January, before which is nothing": {from: "2001-01-01", to: "2001-01-31"},
		"preceding period from day one":    {from: "2001-02-15", to: "2001-03-31"},
		"one day":                          {from: "2001-03-15", to: "2001-03-15"},
		"the last day":                     {from: "2001-03-31", to: "2001-03-31"},
		"open at the end":                  {from: "2001-03-01"},
		"open at the beginning":            {to: "2001-01-20"},
		"one destination":                  {destinations: []string{"LAX"}},
		"date and destinations":            {from: "2001-02-10", to: "2001-03-10", destinations: []string{"LAX", "SFO", "LGA"}},
		"a destination that is none":       {destinations: []string{"' or 1=1 --"}},
		"years without data":               {from: "2010-01-01", to: "2010-12-31"},
	}
	for _, airport := range []string{"DFW", "ORD"} {
		all, strikes := departuresOf(t, airport), strikesOf(t, airport)
		for name, f := range filters {
			t.Run(airport+" "+name, func(t *testing.T) {
				results, failures, err := s.cards(t.Context(), operatorOf(airport), f.json())
				if err != nil || len(failures) > 0 {
					t.Fatal(err, failures)
				}
				want := expected(t, all, strikes, f)
				if len(results) != 9 {
					t.Fatalf("%d cards came", len(results))
				}
				for card, r := range results {
					if got := rowsOf(t, r); !near(got, want[card]) {
						t.Errorf("%s:\n got %s\nwant %s", card, brief(got), brief(want[card]))
					}
					if r.Truncated {
						t.Errorf("%s is truncated", card)
					}
				}
				if len(f.destinations) == 0 && f.from == "" && f.to == "" {
					for card, rows := range want {
						if len(rows) == 0 {
							t.Errorf("%s has no rows unfiltered", card)
						}
					}
				}
			})
		}
	}
}

func brief(rows [][]any) string {
	text := fmt.Sprint(rows)
	if len(text) > 600 {
		return fmt.Sprintf("%d rows: %s…", len(rows), text[:600])
	}
	return text
}

// The examples of docs/reference/exploring.md run as they stand.
func TestUnsaved_theDocumentationsExamplesRun(t *testing.T) {
	s := openSample(t)
	changed := *s.declared
	changed.Groups = append(slices.Clone(changed.Groups), oriel.Group{Key: "analysts", Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantNative}})
	s.declared = &changed
	p := oriel.NewPrincipal(oriel.User{
		ID: "usr_1", Active: true, Attributes: oriel.Attributes{"airport": oriel.Text("DFW")}, Groups: []oriel.GroupKey{"analysts"},
	}, oriel.SessionInteractive)
	page, err := os.ReadFile(filepath.FromSlash("../../docs/reference/exploring.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) != 2 {
		t.Fatalf("the page has %d examples", len(blocks))
	}
	for _, block := range blocks {
		var body struct {
			Question, Chart map[string]any
			Parameters      map[string]json.RawMessage
		}
		if err := json.Unmarshal(block[1], &body); err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		if body.Chart != nil {
			body.Question["chart"] = body.Chart
		}
		_, result, err := s.queries.RunUnsaved(t.Context(), p, body.Question, body.Parameters)
		if err != nil || result.RowCount == 0 {
			t.Errorf("%s: %d rows, %v", block[1], result.RowCount, err)
		}
	}
}
