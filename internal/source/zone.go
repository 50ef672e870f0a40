package source

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Zone is a time zone as engines are told of it: not by its name, since each has
// a database of zones of its own age, but by the moments at which its clocks
// change. So every engine shows the same moment as the same wall time.
type Zone struct {
	Name oriel.TimeZone
	// years are what happens in the years before first, in each from first on, and
	// from then on in each kind of year, or in every one when kinds is false.
	years    [][]change
	first    int
	until    int // the first year that is told by its kind
	kinds    bool
	min, max int // of all offsets, and 0
}

// change is from when on clocks are ahead of UTC by offset. A year's first is at
// its beginning.
type change struct {
	at     int // seconds since the beginning of the year, in UTC
	offset int // seconds
}

// A year is of one of fourteen kinds, by the weekday on which it begins (0 is
// Sunday) and 7 more when it has a leap day: years of a kind have the same
// calendar, and it is by the calendar that clocks change.
const yearKinds = 14

// Years are told one by one until firstYearly, and longer where they follow no
// rule yet, but not longer than lastYear. The calendar repeats itself after 400
// years.
const (
	firstYearly  = 2038
	lastYear     = 2100
	calendarLong = 400
)

// Moments outside are shown as they are: the calendar's first and last days
// stand for "ever" and "never", and have no neighbours to be moved to.
var (
	firstMoved = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	lastMoved  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

var errIrregularZone = errors.New("its clocks follow no rule that a year's calendar tells")

// NewZone reads the changes of a zone. Errors: a zone that is not in the
// database, or whose clocks never come to follow a yearly rule.
func NewZone(name oriel.TimeZone) (*Zone, error) {
	location, err := name.Location()
	if err != nil {
		return nil, err
	}
	var yearly [yearKinds][]change
	for year := lastYear + calendarLong - 1; year >= lastYear; year-- {
		kind, changes := kindOf(year), changesIn(location, year)
		if yearly[kind] != nil && !slices.Equal(yearly[kind], changes) {
			return nil, fmt.Errorf("read the time zone %s: %w", oriel.Quoted(string(name)), errIrregularZone)
		}
		yearly[kind] = changes
	}
	z := &Zone{Name: name, until: lastYear}
	for z.until > firstYearly && slices.Equal(yearly[kindOf(z.until-1)], changesIn(location, z.until-1)) {
		z.until--
	}
	before := changesIn(location, 1)
	for z.first = 2; z.first < z.until && slices.Equal(changesIn(location, z.first), before); {
		z.first++
	}
	z.years = append(z.years, before)
	for year := z.first; year < z.until; year++ {
		z.years = append(z.years, changesIn(location, year))
	}
	z.kinds = slices.ContainsFunc(yearly[:], func(list []change) bool { return !slices.Equal(list, yearly[0]) })
	if z.kinds {
		z.years = append(z.years, yearly[:]...)
	} else {
		z.years = append(z.years, yearly[0])
	}
	for _, list := range z.years {
		for _, c := range list {
			z.min, z.max = min(z.min, c.offset), max(z.max, c.offset)
		}
	}
	return z, nil
}

func beginOf(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

func kindOf(year int) int {
	begin := beginOf(year)
	if begin.AddDate(0, 0, 59).Day() == 29 { // the day after 28 February
		return int(begin.Weekday()) + 7
	}
	return int(begin.Weekday())
}

// changesIn are those of a year.
func changesIn(location *time.Location, year int) []change {
	begin, end := beginOf(year), beginOf(year+1)
	var list []change
	for t := begin; t.Before(end); {
		_, offset := t.In(location).Zone()
		if len(list) == 0 || list[len(list)-1].offset != offset { // others change the name alone
			list = append(list, change{int(t.Sub(begin) / time.Second), offset})
		}
		_, next := t.In(location).ZoneBounds()
		if next.IsZero() {
			break
		}
		if !next.After(t) { // on the last day of a leap year the library finds no later bound
			next = t.Add(24 * time.Hour)
		}
		t = next
	}
	return list
}

// wall writes the wall time of a moment, which is a quoted column. The offsets
// stand in lists, by the year, so that neither their number nor a row's age
// costs anything.
func (z *Zone) wall(d Dialect, moment string) string {
	utc := "CAST(" + moment + " AS timestamp)"
	if z == nil || z.min == 0 && z.max == 0 {
		return utc
	}
	most := 0
	for _, list := range z.years {
		most = max(most, len(list))
	}
	at := z.index(utc)
	offset := func(n int) string {
		return d.Element(z.list(func(list []change) int { return list[min(n, len(list)-1)].offset }), at)
	}
	shift := offset(most - 1)
	if most > 1 {
		shift = "CASE"
		for n := 1; n < most; n++ {
			begin := d.Element(z.list(func(list []change) int {
				if n < len(list) {
					return list[n].at
				}
				return never
			}), at)
			shift += " WHEN " + utc + " < date_trunc('year', " + utc + ") + INTERVAL '1 second' * " + begin + " THEN " + offset(n-1)
		}
		shift += " ELSE " + offset(most-1) + " END"
	}
	return "CASE WHEN " + utc + " >= " + literal(firstMoved) + " AND " + utc + " < " + literal(lastMoved) +
		" THEN " + utc + " + INTERVAL '1 second' * " + shift + " ELSE " + utc + " END"
}

// never is after the end of every year.
const never = 367 * 24 * 60 * 60

func (z *Zone) list(of func([]change) int) []int {
	all := make([]int, 0, len(z.years))
	for _, list := range z.years {
		all = append(all, of(list))
	}
	return all
}

// index is the place in years, from 1, of the year of a wall time in UTC.
func (z *Zone) index(utc string) string {
	year := "CAST(extract(year FROM " + utc + ") AS integer)"
	text := "CASE WHEN " + year + " < " + strconv.Itoa(z.first) + " THEN 1 WHEN " + year + " < " + strconv.Itoa(z.until) +
		" THEN " + year + " - " + strconv.Itoa(z.first-2) + " ELSE " + strconv.Itoa(z.until-z.first+2)
	if z.kinds {
		begin := "date_trunc('year', " + utc + ")"
		text += " + CAST(extract(dow FROM " + begin + ") AS integer) + CASE WHEN extract(day FROM " + begin + " + INTERVAL '59 days') = 29 THEN 7 ELSE 0 END"
	}
	return text + " END"
}

func literal(at time.Time) string { return "TIMESTAMP '" + at.Format(time.DateTime) + "'" }
