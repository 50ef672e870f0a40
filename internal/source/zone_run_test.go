package source_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// oddZones have offsets of 30 and 45 minutes, half an hour of daylight-saving
// time, days of 23 and 25 hours, changes at midnight and one minute after it,
// seconds in local mean time, a day that was left out, and months of fasting
// that no yearly rule tells.
var oddZones = []oriel.TimeZone{
	"America/New_York", "Europe/Berlin", "Europe/Dublin", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe",
	"America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia", "Africa/Casablanca", "Asia/Manila", "America/Juneau", "UTC",
}

func location(t *testing.T, zone oriel.TimeZone) *time.Location {
	t.Helper()
	l, err := zone.Location()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// someMoments are those around many changes, and some of all ages.
func someMoments(t *testing.T) []time.Time {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	list := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 23, 59, 59, 0, time.UTC),
		time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}
	for range 300 {
		list = append(list, time.Unix(random.Int64N(253402300799+62135596800)-62135596800, 0).UTC(), time.Unix(random.Int64N(4e9), 0).UTC())
	}
	for _, zone := range oddZones {
		in := location(t, zone)
		var changes []time.Time
		for at := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2120; {
			_, next := at.In(in).ZoneBounds()
			if next.IsZero() {
				break
			}
			if !next.After(at) {
				next = at.AddDate(0, 0, 1)
			}
			changes, at = append(changes, next.UTC()), next
		}
		random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		for _, change := range changes[:min(len(changes), 60)] {
			list = append(list, change.Add(-time.Second), change, change.Add(time.Hour-time.Microsecond), change.Add(-30*time.Minute), change.Add(14*time.Hour))
		}
	}
	return list
}

// wall is the wall time that Go's own library shows, written as a result is.
func wall(at time.Time, in *time.Location) time.Time {
	if at.Before(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)) || !at.Before(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)) {
		in = time.UTC
	}
	shown := at.In(in)
	return time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), shown.Nanosecond(), time.UTC)
}

func written(at time.Time) string {
	return `"` + at.Format("2006-01-02T15:04:05.999999") + `"`
}

// momentsOf opens the moments in a column that says it holds UTC and, where the
// engine has the type, in one of that.
func momentsOf(t *testing.T, moments []time.Time) map[string]asker {
	t.Helper()
	lines := []string{"id,owner,at,exact"}
	for i, at := range moments {
		text := at.Format("2006-01-02 15:04:05.999999")
		lines = append(lines, fmt.Sprintf("%d,%s,%s,%s+00", i, []string{"a", "b"}[i%7/6], text, text))
	}
	out := map[string]asker{}
	for name, load := range loaders {
		engine, src := load(t, "moments", "id integer, owner text, at timestamp, exact timestamptz", strings.Join(lines, "\n")+"\n")
		t.Cleanup(func() {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		})
		out[name] = asker{engine, src, "at"}
		if name == "PostgreSQL" {
			out[name+", by type"] = asker{engine, src, "exact"}
		}
	}
	return out
}

// asker asks a table moments as somebody who sees the rows of the owner a.
type asker struct {
	engine source.Engine
	src    oriel.Source
	column string
}

func (a asker) ask(t *testing.T, zone oriel.TimeZone, tree oriel.Structured, parameters map[string]source.ParameterValue) (rows []string) {
	t.Helper()
	z, err := source.NewZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := a.src.Table("moments")
	owner, _ := table.Column("owner")
	d := access.NewDecisions(a.src, map[string]access.Decision{"moments": {
		Table: oriel.TableRef{Source: a.src.Key, Table: "moments"}, Columns: access.Visible(table.Columns),
		Rows: access.Compare{Column: owner, Op: access.Equal, Value: oriel.TextScalar("a")},
	}}, nil)
	narrowed, err := a.engine.Narrow(t.Context(), source.Query{Structured: &source.StructuredQuery{
		Tree: tree, Table: "moments", Parameters: parameters, Limit: 100_000, Moments: []string{a.column}, Zone: z,
	}}, d)
	if err != nil {
		t.Fatal(err)
	}
	result, err := a.engine.Run(t.Context(), narrowed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range result.RowCount {
		var cells []string
		for c := range result.Columns {
			cells = append(cells, string(result.Values[c][i]))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}

func TestZone_showsWhatGoShows(t *testing.T) {
	moments := someMoments(t)
	for name, a := range momentsOf(t, moments) {
		for _, zone := range oddZones {
			in, wrong := location(t, zone), 0
			got := a.ask(t, zone, oriel.Structured{Columns: []string{"id", a.column}, Sort: []oriel.Sort{{By: "id"}}}, nil)
			var want []string
			for i, at := range moments {
				if i%7 != 6 {
					want = append(want, fmt.Sprint(i, " ", written(wall(at, in))))
				}
			}
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					if wrong++; wrong < 5 {
						t.Errorf("%s in %s: got %s, want %s", name, zone, got[min(i, len(got)-1)], want[i])
					}
				}
			}
		}
	}
}

// TestZone_showsWhatPostgresShows asks somebody who has never seen our rules, of
// years for which no database of zones changes any more.
func TestZone_showsWhatPostgresShows(t *testing.T) {
	moments := slices.DeleteFunc(someMoments(t), func(at time.Time) bool { return at.Year() < 1971 || at.Year() > 2020 })
	a := momentsOf(t, moments)["PostgreSQL, by type"]
	conn := server.Connect(t, "postgres")
	for _, zone := range []oriel.TimeZone{"America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"} {
		got := a.ask(t, zone, oriel.Structured{Columns: []string{"id", "exact"}, Sort: []oriel.Sort{{By: "id"}}}, nil)
		rows, err := conn.Query(t.Context(), "SELECT id, exact AT TIME ZONE $1 FROM moments WHERE owner = 'a' ORDER BY id", string(zone))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for rows.Next() {
			var id int
			var at time.Time
			if err := rows.Scan(&id, &at); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprint(id, " ", written(at)))
		}
		if rows.Err() != nil || len(want) < 500 || !slices.Equal(got, want) {
			t.Errorf("%s: %d rows of %d differ: %v", zone, len(got), len(want), rows.Err())
		}
	}
}

// TestZone_groupsAndFiltersByWallTime holds days, hours and their ranges to what
// somebody would count who looks at the clock.
func TestZone_groupsAndFiltersByWallTime(t *testing.T) {
	// Every half hour around changes: days of 23, 25 and 24½ hours, one that was left out.
	var moments []time.Time
	for _, day := range []string{"2001-04-01", "2001-10-28", "2018-02-18", "2010-11-07", "2011-12-30", "1999-10-31", "2060-03-28", "1955-06-01"} {
		begin, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		for half := range 48 * 4 {
			moments = append(moments, begin.Add(-24*time.Hour+time.Duration(half)*30*time.Minute+time.Second))
		}
	}
	units := map[oriel.Unit]func(time.Time) string{
		oriel.UnitMinute:    func(at time.Time) string { return written(at.Truncate(time.Minute)) },
		oriel.UnitHour:      func(at time.Time) string { return written(at.Truncate(time.Hour)) },
		oriel.UnitDay:       func(at time.Time) string { return at.Format(`"2006-01-02"`) },
		oriel.UnitMonth:     func(at time.Time) string { return at.Format(`"2006-01-`) + `01"` },
		oriel.UnitHourOfDay: func(at time.Time) string { return fmt.Sprint(at.Hour()) },
		oriel.UnitDayOfWeek: func(at time.Time) string { return fmt.Sprint((int(at.Weekday())+6)%7 + 1) },
		oriel.UnitWeekOfYear: func(at time.Time) string {
			_, week := at.ISOWeek()
			return fmt.Sprint(week)
		},
	}
	day := func(text string) *oriel.Scalar {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		s := oriel.DateScalar(at)
		return &s
	}
	for name, a := range momentsOf(t, moments) {
		for _, zone := range []oriel.TimeZone{"America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns", "Pacific/Apia"} {
			in := location(t, zone)
			count := func(keep func(time.Time) bool, by func(time.Time) string) []string {
				counted := map[string]int{}
				for i, at := range moments {
					if w := wall(at, in); i%7 != 6 && keep(w) {
						counted[by(w)]++
					}
				}
				var rows []string
				for label, n := range counted {
					rows = append(rows, fmt.Sprint(label, " ", n))
				}
				slices.Sort(rows)
				return rows
			}
			check := func(what string, tree oriel.Structured, parameters map[string]source.ParameterValue, want []string) {
				t.Helper()
				got := a.ask(t, zone, tree, parameters)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s in %s, %s:\n got %v\nwant %v", name, zone, what, got, want)
				}
			}
			n := []oriel.Aggregation{{Function: "count", As: "n"}}
			for unit, by := range units {
				check(string(unit), oriel.Structured{Breakouts: []oriel.Breakout{{Column: a.column, Unit: unit, As: "u"}}, Aggregations: n}, nil,
					count(func(time.Time) bool { return true }, by))
			}
			byDay := []oriel.Breakout{{Column: a.column, Unit: oriel.UnitDay, As: "u"}}
			for _, from := range []string{"2001-03-31", "2010-11-06", "2011-12-30"} {
				first, _ := time.Parse(time.DateOnly, from)
				check("the range from "+from, oriel.Structured{Breakouts: byDay, Aggregations: n, Filters: []oriel.Filter{{Column: a.column, Op: "between", Parameter: "date"}}},
					map[string]source.ParameterValue{"date": {From: day(from), To: day(first.AddDate(0, 0, 1).Format(time.DateOnly))}},
					count(func(w time.Time) bool { return !w.Before(first) && w.Before(first.AddDate(0, 0, 2)) }, units[oriel.UnitDay]))
				for op, keep := range map[string]func(time.Time) bool{
					"=": func(w time.Time) bool { return !w.Before(first) && w.Before(first.AddDate(0, 0, 1)) },
					">": func(w time.Time) bool { return !w.Before(first.AddDate(0, 0, 1)) }, "<": func(w time.Time) bool { return w.Before(first) },
					"<=": func(w time.Time) bool { return w.Before(first.AddDate(0, 0, 1)) }, ">=": func(w time.Time) bool { return !w.Before(first) },
				} {
					check(op+" "+from, oriel.Structured{Breakouts: byDay, Aggregations: n, Filters: []oriel.Filter{{Column: a.column, Op: op, Value: from}}}, nil,
						count(keep, units[oriel.UnitDay]))
				}
			}
			at := time.Date(2001, 4, 1, 2, 30, 1, 0, time.UTC) // an hour that New York had not
			check("a time of day", oriel.Structured{Breakouts: byDay, Aggregations: n, Filters: []oriel.Filter{{Column: a.column, Op: ">=", Value: "2001-04-01T02:30:01"}, {Column: a.column, Op: "<", Value: "2001-04-02"}}}, nil,
				count(func(w time.Time) bool { return !w.Before(at) && w.Before(time.Date(2001, 4, 2, 0, 0, 0, 0, time.UTC)) }, units[oriel.UnitDay]))
		}
	}
}
