package sourcetest

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// analystText is a text of fifty lines over the sample's tables that every engine
// reads. Its number is another in each text that was never seen.
const analystText = `with late as (
  select
    f.destination,
    f.departed_at,
    f.delay_minutes,
    f.distance_miles,
    case
      when f.distance_miles < 500 then 'short'
      when f.distance_miles < 1500 then 'middle'
      else 'long'
    end as reach
  from flights as f
  where f.delay_minutes > 15
    and f.departed_at >= timestamp '2001-01-01 00:00:00'
    and f.departed_at < timestamp '2001-04-01 00:00:00'
),
strikes as (
  select
    s.airport,
    count(*) as strikes,
    sum(s.cost_usd) as cost
  from wildlife_strikes as s
  where s.struck_on >= date '1995-01-01'
    and s.species like 'G%'
  group by s.airport
),
ranked as (
  select
    l.destination,
    l.reach,
    count(*) as departures,
    avg(l.delay_minutes) as average_delay,
    max(l.delay_minutes) as worst_delay,
    row_number() over (partition by l.reach order by count(*) desc) as place
  from late as l
  group by l.destination, l.reach
)
select
  r.reach,
  a.name,
  a.state,
  r.departures,
  round(r.average_delay, 1) as average_delay,
  r.worst_delay,
  coalesce(s.strikes, 0) as strikes,
  coalesce(s.cost, 0) as cost
from ranked as r join airports as a on a.iata = r.destination
left join strikes as s on s.airport = r.destination
where r.place <= 10 and r.departures > $1 and r.departures < 987654321
order by r.reach, r.place`

// analystPolicies are twenty, which hold for whoever has the attributes of
// analyst.
func analystPolicies(key string) []oriel.Policy {
	rows := map[string][]string{
		"flights": {
			"origin = user.attr.airport", "departed_at >= user.attr.since", "not distance_miles > user.attr.reach", "delay_minutes between -100 and 5000",
			"destination != user.attr.not_to", "destination in (lookup airports.iata where state in user.attr.states)", "origin is not null", "not destination starts with user.attr.hidden",
		},
		"wildlife_strikes": {
			"airport = user.attr.airport", "struck_on >= date '1991-01-01'", "cost_usd >= 0", "operator != user.attr.not_by",
			"species is not null or airport = user.attr.airport", "wildlife_size in ('Small', 'Medium', 'Large')",
		},
		"airports": {
			"state in user.attr.states", "latitude between -90 and 90", "longitude between -180 and 180", "iata is not null", "not city = user.attr.not_in", "not name starts with user.attr.hidden",
		},
	}
	var all []oriel.Policy
	for _, table := range []string{"flights", "wildlife_strikes", "airports"} {
		for _, condition := range rows[table] {
			all = append(all, oriel.Policy{Table: oriel.TableRef{Source: key, Table: table}, Rows: condition})
		}
	}
	return all
}

// analyst is one of many who have the same attributes with other values.
func analyst(number int) oriel.Principal {
	n := strconv.Itoa(number)
	return oriel.NewPrincipal(oriel.User{ID: oriel.UserID("usr_" + n), Attributes: oriel.Attributes{
		"airport": oriel.Text("A" + n), "since": oriel.Text("2001-01-01T00:00:00"), "reach": oriel.Text(n), "not_to": oriel.Text("B" + n),
		"states": {List: true, Values: []string{"TX", "S" + n}}, "not_by": oriel.Text("C" + n), "not_in": oriel.Text("D" + n), "hidden": oriel.Text("E" + n),
	}}, oriel.SessionEmbed)
}

// Constrain measures what it takes to constrain a text of fifty lines under
// twenty policies: which tables it reads, what is decided of them, and the
// narrowing, for somebody and a text that the engine knows, for somebody else,
// and for a text that it never saw. ready, when it is set, does what the engine
// still has to do once for a principal before the text can run.
func Constrain(b *testing.B, engine source.Engine, src oriel.Source, ready func(source.Narrowed) error) {
	read := access.ReadPolicies([]oriel.Source{src}, nil, analystPolicies(src.Key))
	constrain := func(b *testing.B, text string, who oriel.Principal) {
		b.Helper()
		ctx := context.Background()
		query := source.Query{SQL: &source.SQLQuery{Text: text, Arguments: []oriel.Scalar{oriel.IntegerScalar(1)}, Limit: 2000}}
		tables, err := engine.Tables(ctx, query, src)
		if err != nil {
			b.Fatal(err)
		}
		decisions, err := read.Decide(who, src.Key, tables)
		if err != nil {
			b.Fatal(err)
		}
		narrowed, err := engine.Narrow(ctx, query, decisions)
		if err != nil {
			b.Fatal(err)
		}
		if ready != nil {
			if err := ready(narrowed); err != nil {
				b.Fatal(err)
			}
		}
	}
	number := 0
	for _, c := range []struct {
		name      string
		text, who bool // whether each is another every time
	}{{"known", false, false}, {"somebody-else", false, true}, {"new-text", true, false}, {"new-text-for-somebody-else", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			constrain(b, analystText, analyst(0))
			before := processorTime(b)
			for b.Loop() {
				number++
				text, who := analystText, analyst(0)
				if c.text {
					text = strings.Replace(text, "987654321", strconv.Itoa(1_000_000+number), 1)
				}
				if c.who {
					who = analyst(number)
				}
				constrain(b, text, who)
			}
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// processorTime is what this process has taken so far, on a machine that may be
// doing other things.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
