package declaration_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// joinsBase is a declaration with foreign keys of two hops. Each bad one changes
// one line.
const joinsBase = `version: 1
sources:
  s: {kind: duckdb, files: [trips.csv, places.csv, lands.csv]}
  o: {kind: duckdb, files: [others.csv]}
collections:
  c: {name: Things}
models:
  trips:
    name: Trips
    table: s.trips
    columns:
      from: {foreign_key: places.code}
      to: {label: To, foreign_key: places.code}
      via.the.stop: {foreign_key: places.code}
  places: {name: Places, table: s.places, columns: {land: {foreign_key: lands.a.b}}}
  lands: {name: Lands, table: s.lands}
  others: {name: Others, table: o.others}
questions:
  q:
    name: Where to
    collection: c
    structured:
      model: trips
      joins:
        - {column: from}
        - {column: to}
        - {column: to.land}
      breakouts: [{column: to.city}]
      aggregations: [{function: count, as: n}]
      filters: [{column: to.city, op: in, parameter: place}]
      sort: [{by: to.city}]
    parameters: {place: {type: list}}
    columns:
      to.city: {label: City}
    chart: {kind: bar, x: to.city, y: [n]}
dashboards:
  d:
    name: One
    collection: c
    parameters:
      place: {type: list, values: {model: trips, joins: [{column: to, as: p}], column: p.city}}
    cards:
      - {question: q, x: 0, y: 0, w: 12, h: 4, parameters: {place: place}}
`

func TestLoad_joins(t *testing.T) {
	d, err := loadText(t, joinsBase)
	if err != nil {
		t.Fatal(err)
	}
	trips, _ := d.Model("trips")
	to, _ := trips.Column("to")
	if want := (oriel.ModelColumn{Name: "to", Label: "To", ForeignKey: &oriel.ForeignKey{Model: "places", Column: "code"}}); !reflect.DeepEqual(to, want) {
		t.Errorf("%+v", to)
	}
	places, _ := d.Model("places")
	if land, _ := places.Column("land"); land.ForeignKey == nil || *land.ForeignKey != (oriel.ForeignKey{Model: "lands", Column: "a.b"}) {
		t.Errorf("a key with a dot in its name: %+v", land.ForeignKey)
	}
	if got, want := d.Questions[0].Structured.Joins, []oriel.Join{{Column: "from"}, {Column: "to"}, {Column: "to.land"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if values, want := d.Dashboards[0].Parameters[0].Values, (oriel.ValuesFrom{Model: "trips", Column: "p.city", Joins: []oriel.Join{{Column: "to", As: "p"}}}); !reflect.DeepEqual(*values, want) {
		t.Errorf("%+v", *values)
	}
	if d.Questions[0].Source != "s" || d.Questions[0].Structured.Joins[2].Name() != "land" {
		t.Errorf("%+v", d.Questions[0])
	}
}

func TestLoad_tellsWhatIsWrongWithJoins(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"another source", "to: {label: To, foreign_key: places.code}", "to: {label: To, foreign_key: others.code}",
			`13: models.trips.columns.to.foreign_key: the model "others" is of the source "o", and this one of "s": a join stays within one source`},
		{"a name twice", "- {column: to}\n", "- {column: to, as: From}\n", `26: questions.q.structured.joins.1: another join is called "from": give one of them another "as"`},
		{"a name with a dot", "- {column: to}\n", "- {column: to}\n        - {column: via.the.stop}\n", `27: questions.q.structured.joins.2: a join can't be called "the.stop": give it an "as" without dots`},
		{"a second hop before its first", "- {column: from}\n", "- {column: to.land, as: early}\n", `25: questions.q.structured.joins.0.column: the model "trips" has no column "to.land" with a "foreign_key": known are from, to, via.the.stop`},
		{"a second hop of no foreign key", "- {column: to.land}", "- {column: to.lan}", `27: questions.q.structured.joins.2.column: the model "places" has no column "lan" with a "foreign_key": did you mean "land"?`},
		{"a filter's join of no foreign key", "joins: [{column: to, as: p}]", "joins: [{column: ti, as: p}]", `41: dashboards.d.parameters.place.values.joins.0.column: the model "trips" has no column "ti" with a "foreign_key": did you mean "to"?`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(joinsBase, tt.old, tt.new, 1)
			if text == joinsBase {
				t.Fatal("nothing was replaced")
			}
			_, err := loadText(t, text)
			if err == nil || !strings.Contains(err.Error(), "d.yaml:"+tt.want) {
				t.Errorf("\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}
