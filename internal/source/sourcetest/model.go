package sourcetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// header is the columns of every table of the suite.
const header = "id,place,n,x,d,ok"

// row is one row of the model; nil is NULL.
type row struct {
	id    int
	place *string
	n     *int
	x     *float64 // a multiple of a quarter: sums don't depend on their order
	d     *string  // ISO 8601, so that texts compare as dates do
	ok    *bool
}

func (r row) csv() string {
	fields := []string{strconv.Itoa(r.id), "", "", "", "", ""}
	if r.place != nil {
		fields[1] = *r.place
	}
	if r.n != nil {
		fields[2] = strconv.Itoa(*r.n)
	}
	if r.x != nil {
		fields[3] = strconv.FormatFloat(*r.x, 'f', 2, 64)
	}
	if r.d != nil {
		fields[4] = *r.d
	}
	if r.ok != nil {
		fields[5] = strconv.FormatBool(*r.ok)
	}
	return strings.Join(fields, ",")
}

// typed is a first row of which every column tells its type. No policy of the
// suite can hide it, so that full and reduced tables have the same types.
var typed = row{id: 0, place: new("A"), n: new(1), x: new(0.25), d: new("2001-01-01"), ok: new(true)}

func csvFile(rows []row) string {
	lines := []string{header}
	for _, r := range rows {
		lines = append(lines, r.csv())
	}
	return strings.Join(lines, "\n") + "\n"
}

func randomRows(random *rand.Rand) []row {
	rows := []row{typed}
	for id := 1; id <= 25; id++ {
		r := row{id: id}
		if random.IntN(5) > 0 {
			r.place = new([]string{"A", "B", "C", "AB", "a"}[random.IntN(5)])
		}
		if random.IntN(5) > 0 {
			r.n = new(random.IntN(7) - 2)
		}
		if random.IntN(5) > 0 {
			r.x = new(float64(random.IntN(9)-4) / 4)
		}
		if random.IntN(5) > 0 {
			r.d = new(fmt.Sprintf("2001-01-%02d", 1+random.IntN(5)))
		}
		if random.IntN(5) > 0 {
			r.ok = new(random.IntN(2) == 0)
		}
		rows = append(rows, r)
	}
	return rows
}

// truth is SQL's: yes, no, or unknown (which both are false for).
type truth struct{ yes, no bool }

func known(v bool) truth { return truth{v, !v} }

func (t truth) not() truth { return truth{t.no, t.yes} }

func (t truth) and(o truth) truth { return truth{t.yes && o.yes, t.no || o.no} }

// condition is a policy's condition: as text, and as the model understands it.
type condition struct {
	text  string
	holds func(r row, who person) truth
	// reads tells whether all values that the condition reads are there.
	reads func(who person) bool
}

// person is a principal of the model.
type person struct {
	place  string // "" when missing
	places []string
	level  string
	groups []string
}

func (p person) principal() oriel.Principal {
	user := oriel.User{ID: "usr_1", Attributes: oriel.Attributes{}}
	if p.place != "" {
		user.Attributes["place"] = oriel.Text(p.place)
	}
	if p.places != nil {
		user.Attributes["places"] = oriel.TextList(p.places...)
	}
	if p.level != "" {
		user.Attributes["level"] = oriel.Text(p.level)
	}
	for _, g := range p.groups {
		user.Groups = append(user.Groups, oriel.GroupKey(g))
	}
	return oriel.NewPrincipal(user, oriel.SessionEmbed)
}

func randomPerson(random *rand.Rand) person {
	var p person
	if random.IntN(8) > 0 {
		p.place = []string{"A", "B", "C'; --"}[random.IntN(3)]
	}
	if random.IntN(8) > 0 {
		p.places = [][]string{{}, {"A"}, {"B", "AB"}, {"A", "B", "C", "AB", "a"}}[random.IntN(4)]
	}
	if random.IntN(8) > 0 {
		p.level = []string{"0", "2", "1", "two"}[random.IntN(4)]
	}
	p.groups = [][]string{{"g1"}, {"g1", "g2"}}[random.IntN(2)]
	return p
}

func always(person) bool { return true }

func leaf(random *rand.Rand) condition {
	text := func(r row, test func(string) bool) truth {
		if r.place == nil {
			return truth{}
		}
		return known(test(*r.place))
	}
	whole := func(r row, test func(int) bool) truth {
		if r.n == nil {
			return truth{}
		}
		return known(test(*r.n))
	}
	hasPlace := func(p person) bool { return p.place != "" }
	hasPlaces := func(p person) bool { return len(p.places) > 0 }
	hasLevel := func(p person) bool { _, err := strconv.Atoi(p.level); return err == nil }
	level := func(p person) int { n, _ := strconv.Atoi(p.level); return n }
	leaves := []condition{
		{"place = user.attr.place", func(r row, p person) truth { return text(r, func(v string) bool { return v == p.place }) }, hasPlace},
		{"user.attr.place != place", func(r row, p person) truth { return text(r, func(v string) bool { return v != p.place }) }, hasPlace},
		{"place >= user.attr.place", func(r row, p person) truth { return text(r, func(v string) bool { return v >= p.place }) }, hasPlace},
		{"place in user.attr.places", func(r row, p person) truth {
			return text(r, func(v string) bool { return slices.Contains(p.places, v) })
		}, hasPlaces},
		{"place not in (user.attr.places, 'C')", func(r row, p person) truth {
			return text(r, func(v string) bool { return !slices.Contains(p.places, v) && v != "C" })
		}, hasPlaces},
		{"place starts with 'A'", func(r row, _ person) truth { return text(r, func(v string) bool { return strings.HasPrefix(v, "A") }) }, always},
		{"place is null", func(r row, _ person) truth { return known(r.place == nil) }, always},
		{"n < user.attr.level", func(r row, p person) truth { return whole(r, func(v int) bool { return v < level(p) }) }, hasLevel},
		{"n between -1 and user.attr.level", func(r row, p person) truth { return whole(r, func(v int) bool { return v >= -1 && v <= level(p) }) }, hasLevel},
		{"n in (1, 2, 3)", func(r row, _ person) truth { return whole(r, func(v int) bool { return v >= 1 && v <= 3 }) }, always},
		{"n is not null", func(r row, _ person) truth { return known(r.n != nil) }, always},
		{"x <= 0.25", func(r row, _ person) truth {
			if r.x == nil {
				return truth{}
			}
			return known(*r.x <= 0.25)
		}, always},
		{"d > '2001-01-02'", func(r row, _ person) truth {
			if r.d == nil {
				return truth{}
			}
			return known(*r.d > "2001-01-02")
		}, always},
		{"ok = true", func(r row, _ person) truth {
			if r.ok == nil {
				return truth{}
			}
			return known(*r.ok)
		}, always},
		{"'g2' in user.groups", func(_ row, p person) truth { return known(slices.Contains(p.groups, "g2")) },
			func(p person) bool { return len(p.groups) > 0 }},
	}
	return leaves[random.IntN(len(leaves))]
}

func randomCondition(random *rand.Rand, depth int) condition {
	if depth == 0 || random.IntN(3) == 0 {
		return leaf(random)
	}
	a := randomCondition(random, depth-1)
	if random.IntN(3) == 0 {
		return condition{"not (" + a.text + ")", func(r row, p person) truth { return a.holds(r, p).not() }, a.reads}
	}
	b := randomCondition(random, depth-1)
	both := func(p person) bool { return a.reads(p) && b.reads(p) }
	if random.IntN(2) == 0 {
		return condition{"(" + a.text + ") and (" + b.text + ")", func(r row, p person) truth { return a.holds(r, p).and(b.holds(r, p)) }, both}
	}
	return condition{"(" + a.text + ") or (" + b.text + ")", func(r row, p person) truth {
		return a.holds(r, p).not().and(b.holds(r, p).not()).not()
	}, both}
}

// permits tells whether all conditions let the row through.
func permits(conditions []condition, r row, p person) bool {
	for _, c := range conditions {
		if !c.reads(p) || !c.holds(r, p).yes {
			return false
		}
	}
	return true
}
