package access

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestHolds_isThreeValued(t *testing.T) {
	row := map[string]*oriel.Scalar{}
	for column, text := range map[oriel.SourceColumn]string{origin: `"DFW"`, delay: "3", ratio: "0.5", day: `"2001-01-31"`, at: `"2001-01-31T14:05:00.5"`, late: "null", cost: `"12.50"`} {
		v, err := ReadValue([]byte(text), column.Type)
		if err != nil {
			t.Fatal(err)
		}
		row[column.Name] = v
	}
	for condition, want := range map[string]bool{
		"origin = 'DFW'": true, "origin = 'dfw'": false, "origin != 'DFW'": false, "origin starts with 'D'": true, "not origin starts with 'd'": true,
		"delay between 3 and 3": true, "delay < 3": false, "delay <= 3": true, "delay in (1, 3)": true, "delay not in (1, 3)": false,
		"ratio > 0.25": true, "day >= date '2001-01-31'": true, "day > date '2001-01-31'": false, "at > '2001-01-31T14:05:00'": true,
		"cost = 12.5": true, "cost > 12.49": true, "cost > 100": false,
		"late = true": false, "not (late = true)": false, "late != true or delay = 3": true, "late = true and delay = 3": false,
		"not (late = true and delay = 4)": true, "late is null": true, "late is not null": false, "not (late in (true, false))": false,
		"user.attr.airport = 'DFW'": true, "user.attr.airport = 'X'": false, "origin in user.attr.airports": true,
	} {
		c, err := ParseCondition(condition, data, flights)
		if err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
		p, ok := c.Resolve(principal(nil))
		if !ok {
			t.Fatalf("%s: a value lacks", condition)
		}
		if holds, ok := Holds(p, row); holds != want || !ok {
			t.Errorf("%s: %v, %v, want %v", condition, holds, ok, want)
		}
	}
	if _, ok := Holds(Lookup{Column: origin, Table: "tenants", Key: origin, Where: True{}}, row); ok {
		t.Error("a lookup was evaluated")
	}
	if holds, ok := Holds(Compare{delay, Equal, oriel.TextScalar("3")}, row); holds && ok {
		t.Error("values of two types are equal")
	}
}

func TestReadValue_readsWhatIsOnTheWire(t *testing.T) {
	for text, as := range map[string]oriel.ColumnType{`"x"`: oriel.TypeInteger, "1.5": oriel.TypeInteger, "": oriel.TypeText, `"2001-02-30"`: oriel.TypeDate, "[1]": oriel.TypeNumber} {
		if v, err := ReadValue([]byte(text), as); err == nil {
			t.Errorf("%s as %s: %+v", text, as, v)
		}
	}
	if v, err := ReadValue([]byte(`"9007199254740993"`), oriel.TypeInteger64); err != nil || v.Value != int64(9007199254740993) {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := ReadValue([]byte("null"), oriel.TypeDate); err != nil || v != nil {
		t.Errorf("%+v, %v", v, err)
	}
}
