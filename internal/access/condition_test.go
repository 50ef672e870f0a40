package access

import (
	"errors"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestParseCondition_tellsWhereAndWhat(t *testing.T) {
	for condition, want := range map[string]string{
		"":                                        "position 1: a column or a value is expected, not the end",
		"nope = 1":                                `position 1: there is no column "nope" in flights, which has origin, delay, ratio`,
		"ORIGIN = 'a'":                            `position 1: there is no column "ORIGIN"`,
		"origin = ":                               "position 10: a column or a value is expected",
		"origin == 'a'":                           "position 9: a column or a value is expected",
		"origin = 'a":                             "position 10: the quote ' is not closed",
		"origin = 'é' x":                          "position 14: \"x\" is not expected here",
		"origin = 3":                              "position 10: \"3\" is not of the type text",
		"delay = '3'":                             "position 9: a text is not of the type integer",
		"delay = 3.5":                             "position 9: \"3.5\" is not of the type integer",
		"delay = 99999999999999999999":            "not of the type integer",
		"day = '2001-02-30'":                      "position 7: a text is not of the type date",
		"late = 1":                                "not of the type boolean",
		"late < true":                             "true and false can be compared with = and != only",
		"late between true and false":             "true and false can be compared with = and != only",
		"origin = destination":                    `there is no column "destination"`,
		"delay = delay":                           "position 9: compare a column with a value, not with another column",
		"delay in (1, delay)":                     "compare a column with a value",
		"delay starts with 1":                     "starts with is for columns of texts",
		"user.attr.a starts with 'x'":             "starts with is for columns of texts",
		"user.attr.a is null":                     "is null is for columns",
		"user.attr. = origin":                     "is not known; there are user.id",
		"user.password = origin":                  "is not known; there are user.id",
		"tenant.attr. = origin":                   "is not known; there are user.id",
		"tenant.name = origin":                    "is not known; there are user.id",
		"cost = '1'":                              "a text is not of the type decimal",
		"cost = 1.12345678901":                    "not of the type decimal",
		"cost = 1e3":                              "not of the type decimal",
		"ratio = 9007199254740993":                "not of the type number",
		"origin in (lookup nowhere.origin)":       `position 19: there is no table "nowhere" to look up in the data source data`,
		"origin in (lookup tenants.nosuch)":       `position 19: there is no column "nosuch" in tenants, which has origin`,
		"delay in (lookup tenants.origin)":        `the column "delay" is of the type integer and is looked up among values of the type text`,
		"origin in (lookup tenants)":              `"." is expected`,
		"origin in (lookup 'tenants'.origin)":     "after lookup a column is expected",
		"origin in (lookup tenants.)":             "after lookup a column is expected",
		"origin in (lookup tenants.origin":        `")" is expected`,
		"origin in (lookup tenants.origin where)": "a column or a value is expected",
		"origin in (lookup tenants.origin where delay = 1)":                         `there is no column "delay" in tenants`,
		"origin in (lookup tenants.origin where origin = flights.origin)":           `there is no column "flights.origin" in tenants`,
		"origin in (lookup tenants.origin where origin = origin)":                   "compare a column with a value",
		"origin in (lookup tenants.origin where 1 = 1) or tenants.origin = 1":       `there is no column "tenants.origin" in flights`,
		"origin in (lookup tenants.origin where origin in (lookup tenants.origin))": "a lookup can't hold another lookup",
		"user.attr.a in (lookup tenants.origin)":                                    "a lookup is for columns",
		"origin in (lookup tenants.origin, 'x')":                                    `")" is expected`,
		"origin = (lookup tenants.origin)":                                          "a column or a value is expected",
		"origin in lookup tenants.origin":                                           `there is no column "lookup"`,
		"origin in (lookup tenants.origin where " + strings.Repeat("(", 40):         "nested deeper than 32",
		"origin in ()":                                   "a column or a value is expected",
		"origin in ('a'":                                 `")" is expected`,
		"origin like 'a%'":                               "a comparison is expected",
		"origin":                                         "a comparison is expected",
		"origin not = 'a'":                               "a comparison is expected",
		"origin = 'a' or":                                "a column or a value is expected, not the end",
		"origin = 'a'; drop table flights":               "the character ';' is not expected",
		"origin = 'a' -- x":                              "the character '-' is not expected",
		"origin = user.attr.a || 'x'":                    "the character '|' is not expected",
		"lower(origin) = 'a'":                            `there is no column "lower"`,
		"origin = (select 1)":                            "a column or a value is expected",
		strings.Repeat("(", 40) + "delay = 1":            "nested deeper than 32",
		strings.Repeat("not ", 40) + "late":              "nested deeper than 32",
		"origin = '" + strings.Repeat("a", 5000) + "'":   "the condition has",
		"origin = '\xff'":                                "not valid UTF-8",
		"delay in (" + strings.Repeat("1, ", 200) + "1)": "a list has at most 100 values",
	} {
		_, err := ParseCondition(condition, data, flights)
		var mistake *oriel.Error
		if !errors.As(err, &mistake) || mistake.Code != oriel.CodeInvalidRequest || !strings.Contains(mistake.Message, want) {
			t.Errorf("%q: %v, want %q", condition, err, want)
		}
	}
}

func TestCondition_theZeroOneLetsNothingThrough(t *testing.T) {
	if got, ok := (Condition{}).resolve(principal(nil)); ok || got != (False{}) {
		t.Errorf("%#v, %v", got, ok)
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{"origin = user.attr.airport", "not (delay in (1, 2) or day between '2001-01-01' and user.attr.x)", "\"", "'", "-1", "a.b.c"} {
		f.Add(seed)
	}
	nobody := oriel.NewPrincipal(oriel.User{ID: "usr_1"}, oriel.SessionEmbed)
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := ParseCondition(text, data, flights)
		if err != nil {
			if oriel.CodeOf(err) != oriel.CodeInvalidRequest {
				t.Errorf("%v", err)
			}
			return
		}
		predicate, ok := condition.resolve(nobody)
		if ok == strings.Contains(text, "user.attr.") && ok && !strings.Contains(text, "'") && !strings.Contains(text, `"`) {
			t.Errorf("a policy that reads an attribute held for somebody without any: %#v", predicate)
		}
	})
}
