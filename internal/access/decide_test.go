package access

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var (
	origin = oriel.SourceColumn{Name: "origin", Type: oriel.TypeText}
	delay  = oriel.SourceColumn{Name: "delay", Type: oriel.TypeInteger}
	ratio  = oriel.SourceColumn{Name: "ratio", Type: oriel.TypeNumber}
	day    = oriel.SourceColumn{Name: "day", Type: oriel.TypeDate}
	at     = oriel.SourceColumn{Name: "at", Type: oriel.TypeTimestamp}
	late   = oriel.SourceColumn{Name: "late", Type: oriel.TypeBoolean}
	cost   = oriel.SourceColumn{Name: "cost", Type: oriel.TypeDecimal}

	flights = oriel.SourceTable{Name: "flights", Columns: []oriel.SourceColumn{origin, delay, ratio, day, at, late, cost}}
	tenants = oriel.SourceTable{Name: "tenants", Columns: []oriel.SourceColumn{origin}}
	data    = oriel.Source{Key: "data", Kind: oriel.SourceDuckDB, Revision: "r1", Tables: []oriel.SourceTable{flights, tenants}}
)

func on(table, rows string, exempt ...oriel.GroupKey) oriel.Policy {
	return oriel.Policy{Table: oriel.TableRef{Source: "data", Table: table}, Rows: rows, Exempt: exempt}
}

func principal(change func(*oriel.User)) oriel.Principal {
	user := oriel.User{ID: "usr_1", Email: "jo@example.com", Tenant: "acme", Groups: []oriel.GroupKey{"a", "b"},
		Attributes: oriel.Attributes{
			"airport": oriel.Text("DFW"), "airports": oriel.TextList("DFW", "ORD"), "level": oriel.Text("3"),
			"ratio": oriel.Text("0.5"), "day": oriel.Text("2001-01-31"), "yes": oriel.Text("true"),
		}, AttributesFrom: oriel.AttributeSets{Tenant: oriel.Attributes{"place": oriel.Text("X")}}}
	if change != nil {
		change(&user)
	}
	return oriel.NewPrincipal(user, oriel.SessionEmbed)
}

// rows is what the condition lets through for the principal.
func rows(t *testing.T, p oriel.Principal, condition string) Predicate {
	t.Helper()
	decisions, err := Decide(p, data, []oriel.Policy{on("flights", condition)})
	if err != nil {
		t.Fatalf("%s: %v", condition, err)
	}
	return decisions.Tables["flights"].Rows
}

func TestDecide_putsTheValuesInPlace(t *testing.T) {
	dfw, ord := oriel.TextScalar("DFW"), oriel.TextScalar("ORD")
	date, _ := parseScalar("2001-01-31", oriel.TypeDate)
	moment, _ := parseScalar("2001-01-31T14:05:00", oriel.TypeTimestamp)
	for condition, want := range map[string]Predicate{
		"origin = user.attr.airport":        Compare{origin, Equal, dfw},
		"user.attr.airport = origin":        Compare{origin, Equal, dfw},
		"3 > delay":                         Compare{delay, Less, oriel.IntegerScalar(3)},
		"delay != -3":                       Compare{delay, NotEqual, oriel.IntegerScalar(-3)},
		"delay < user.attr.level":           Compare{delay, Less, oriel.IntegerScalar(3)},
		"delay <= 3":                        Compare{delay, LessOrEqual, oriel.IntegerScalar(3)},
		"delay > 3":                         Compare{delay, Greater, oriel.IntegerScalar(3)},
		"delay >= 3":                        Compare{delay, GreaterOrEqual, oriel.IntegerScalar(3)},
		"ratio = user.attr.ratio":           Compare{ratio, Equal, oriel.NumberScalar(0.5)},
		"day = user.attr.day":               Compare{day, Equal, date},
		"day = date '2001-01-31'":           Compare{day, Equal, date},
		"at >= '2001-01-31 14:05:00'":       Compare{at, GreaterOrEqual, moment},
		"late = user.attr.yes":              Compare{late, Equal, oriel.BooleanScalar(true)},
		"late = FALSE":                      Compare{late, Equal, oriel.BooleanScalar(false)},
		"origin = user.id":                  Compare{origin, Equal, oriel.TextScalar("usr_1")},
		"origin = user.email":               Compare{origin, Equal, oriel.TextScalar("jo@example.com")},
		"origin = tenant.slug":              Compare{origin, Equal, oriel.TextScalar("acme")},
		"origin = tenant.attr.place":        Compare{origin, Equal, oriel.TextScalar("X")},
		"cost = 12.50":                      Compare{cost, Equal, oriel.DecimalScalar("12.5")},
		"cost >= user.attr.level":           Compare{cost, GreaterOrEqual, oriel.DecimalScalar("3")},
		"cost in (-0, 1.0, 0.10)":           Membership{Column: cost, Values: []oriel.Scalar{oriel.DecimalScalar("0"), oriel.DecimalScalar("1"), oriel.DecimalScalar("0.1")}},
		"origin in (lookup tenants.origin)": Lookup{Column: origin, Table: "tenants", Key: origin, Where: True{}},
		"origin not in (LOOKUP \"tenants\".\"origin\" WHERE origin = user.attr.airport)": Lookup{Column: origin, Table: "tenants", Key: origin, Where: Compare{origin, Equal, dfw}, Negate: true},
		"not (origin in (lookup tenants.\"origin\"))":                                    Not{Lookup{Column: origin, Table: "tenants", Key: origin, Where: True{}}},
		"origin = 'it''s'":                               Compare{origin, Equal, oriel.TextScalar("it's")},
		"\"origin\" = 'DFW'":                             Compare{origin, Equal, dfw},
		"origin in user.attr.airports":                   Membership{Column: origin, Values: []oriel.Scalar{dfw, ord}},
		"origin in user.attr.airport":                    Membership{Column: origin, Values: []oriel.Scalar{dfw}},
		"origin not in (user.attr.airports, 'X')":        Membership{origin, []oriel.Scalar{dfw, ord, oriel.TextScalar("X")}, true},
		"origin in user.groups":                          Membership{Column: origin, Values: []oriel.Scalar{oriel.TextScalar("a"), oriel.TextScalar("b")}},
		"delay in (1, 2)":                                Membership{Column: delay, Values: []oriel.Scalar{oriel.IntegerScalar(1), oriel.IntegerScalar(2)}},
		"delay between 1 and user.attr.level":            Between{delay, oriel.IntegerScalar(1), oriel.IntegerScalar(3)},
		"delay not between 1 and 3":                      Not{Between{delay, oriel.IntegerScalar(1), oriel.IntegerScalar(3)}},
		"origin is null":                                 IsNull{Column: origin},
		"origin is not null":                             IsNull{origin, true},
		"origin starts with 'D'":                         StartsWith{origin, oriel.TextScalar("D")},
		"origin not starts with user.attr.airport":       Not{StartsWith{origin, dfw}},
		"not origin = 'DFW'":                             Not{Compare{origin, Equal, dfw}},
		"origin = 'DFW' or late = true and delay = 3":    Any{[]Predicate{Compare{origin, Equal, dfw}, All{[]Predicate{Compare{late, Equal, oriel.BooleanScalar(true)}, Compare{delay, Equal, oriel.IntegerScalar(3)}}}}},
		"(origin = 'DFW' or late = true) AND delay = 3":  All{[]Predicate{Any{[]Predicate{Compare{origin, Equal, dfw}, Compare{late, Equal, oriel.BooleanScalar(true)}}}, Compare{delay, Equal, oriel.IntegerScalar(3)}}},
		"'a' in user.groups":                             True{},
		"'c' in user.groups":                             False{},
		"'c' not in user.groups":                         True{},
		"user.attr.level >= 3":                           True{},
		"user.attr.level between 4 and 5":                False{},
		"user.attr.airport = 'DFW' and origin = 'ORD'":   All{[]Predicate{True{}, Compare{origin, Equal, ord}}},
		"\torigin=user.attr.airport\n and(delay<1)":      All{[]Predicate{Compare{origin, Equal, dfw}, Compare{delay, Less, oriel.IntegerScalar(1)}}},
		"user.attr.airport != user.email or delay = 12 ": Any{[]Predicate{True{}, Compare{delay, Equal, oriel.IntegerScalar(12)}}},
	} {
		if diff := cmp.Diff(want, rows(t, principal(nil), condition)); diff != "" {
			t.Errorf("%s: %s", condition, diff)
		}
	}
}

// lacking are the ways in which a value is not there for a policy.
var lacking = map[string]func(*oriel.User){
	"missing":        func(u *oriel.User) { delete(u.Attributes, "airport") },
	"empty":          func(u *oriel.User) { u.Attributes["airport"] = oriel.Text("") },
	"empty list":     func(u *oriel.User) { u.Attributes["airport"] = oriel.TextList() },
	"list of blanks": func(u *oriel.User) { u.Attributes["airport"] = oriel.TextList("DFW", "") },
	"not a value":    func(u *oriel.User) { u.Attributes["airport"] = oriel.AttributeValue{} },
	"two values":     func(u *oriel.User) { u.Attributes["airport"] = oriel.AttributeValue{Values: []string{"DFW", "ORD"}} },
	"NUL":            func(u *oriel.User) { u.Attributes["airport"] = oriel.Text("DFW\x00") },
	"not UTF-8":      func(u *oriel.User) { u.Attributes["airport"] = oriel.Text("\xff") },
	"no attributes":  func(u *oriel.User) { u.Attributes = nil },
}

func TestDecide_aLackingAttributeMakesTheWholePolicyFalse(t *testing.T) {
	for name, change := range lacking {
		for _, condition := range []string{
			"origin = user.attr.airport",
			"not origin = user.attr.airport",
			"not (not (origin != user.attr.airport))",
			"origin not in (user.attr.airport)",
			"origin not in ('X', user.attr.airport)",
			"origin = 'ORD' or origin = user.attr.airport",
			"delay = 1 or (late = true or not origin starts with user.attr.airport)",
			"origin not between user.attr.airport and 'Z'",
			"'DFW' != user.attr.airport",
			"'X' not in user.attr.airport",
			"'a' in user.groups or origin = user.attr.airport",
			"origin in (lookup tenants.origin where origin = user.attr.airport)",
			"origin not in (lookup tenants.origin where not (origin = user.attr.airport))",
			"delay = 1 or not (origin in (lookup tenants.origin where origin = 'X' or origin = user.attr.airport))",
		} {
			if got := rows(t, principal(change), condition); got != (False{}) {
				t.Errorf("%s, %s: %#v, want no row", name, condition, got)
			}
		}
	}
}

// The tenant's attribute is the tenant's own: a user's of that name is another,
// whoever set it.
func TestDecide_aTenantsAttributeIsNoUsers(t *testing.T) {
	for name, change := range map[string]func(*oriel.User){
		"the tenant has none": func(u *oriel.User) { u.AttributesFrom.Tenant = nil },
		"only the user has it": func(u *oriel.User) {
			u.AttributesFrom = oriel.AttributeSets{SignIn: oriel.Attributes{"place": oriel.Text("X")}}
		},
		"the tenant's is empty":  func(u *oriel.User) { u.AttributesFrom.Tenant["place"] = oriel.Text("") },
		"the tenant's is a list": func(u *oriel.User) { u.AttributesFrom.Tenant["place"] = oriel.TextList("X") },
		"an administrator's only": func(u *oriel.User) {
			u.AttributesFrom = oriel.AttributeSets{Administrator: oriel.Attributes{"place": oriel.Text("X")}}
		},
	} {
		p := principal(func(u *oriel.User) {
			u.Attributes["place"] = oriel.Text("X")
			change(u)
		})
		for _, condition := range []string{"origin = tenant.attr.place", "not origin = tenant.attr.place", "delay = 1 or origin != tenant.attr.place"} {
			if got := rows(t, p, condition); got != (False{}) {
				t.Errorf("%s, %s: %#v, want no row", name, condition, got)
			}
		}
	}
	both := principal(func(u *oriel.User) { u.Attributes["place"] = oriel.Text("Y") })
	if got := rows(t, both, "origin = tenant.attr.place"); got != Predicate(Compare{origin, Equal, oriel.TextScalar("X")}) {
		t.Errorf("%#v", got)
	}
}

func TestDecide_aValueOfTheWrongTypeMakesTheWholePolicyFalse(t *testing.T) {
	for condition, values := range map[string][]string{
		"not delay = user.attr.x": {"3.0", "3 ", " 3", "+3", "03", "0x3", "1e3", "three", "9223372036854775808", "٣"},
		"not cost = user.attr.x":  {"1,5", "1e3", "+1", " 1", "1.", ".5", "NaN", "٣", "12345678901234567890123456789", "0.12345678901"},
		"not ratio = user.attr.x": {"9007199254740993", "1,5", "NaN", "inf", "1e999", ".5", "5.", "0x1p2", "1_000"},
		"not day = user.attr.x":   {"0000-01-01", "2001-1-31", "2001-02-30", "31.01.2001", "2001-01-31T00:00:00", "2001-01-31 "},
		"not at = user.attr.x":    {"2001-01-31T14:05:00Z", "2001-01-31T14:05:00+01:00", "2001-01-31T25:00:00", "2001-01-31T14:05:00.5"},
		"not late = user.attr.x":  {"TRUE", "1", "yes", "t"},
		"3 != user.attr.x":        {"three"},
	} {
		for _, value := range values {
			p := principal(func(u *oriel.User) { u.Attributes["x"] = oriel.Text(value) })
			if got := rows(t, p, condition); got != (False{}) {
				t.Errorf("%s with %q: %#v, want no row", condition, value, got)
			}
		}
		list := principal(func(u *oriel.User) { u.Attributes["x"] = oriel.TextList("1") })
		if got := rows(t, list, condition); got != (False{}) {
			t.Errorf("%s with a list: %#v, want no row", condition, got)
		}
	}
}

func TestDecide_isClosedUnlessAPolicyOpens(t *testing.T) {
	shared := oriel.Policy{Table: oriel.TableRef{Source: "data", Table: "tenants"}, Shared: true}
	elsewhere := oriel.Policy{Table: oriel.TableRef{Source: "other", Table: "flights"}, Shared: true}
	for name, c := range map[string]struct {
		policies []oriel.Policy
		want     []string
	}{
		"no policy":                     {nil, nil},
		"a policy of another source":    {[]oriel.Policy{elsewhere}, nil},
		"a shared table":                {[]oriel.Policy{shared}, []string{"tenants"}},
		"a policy on one, one shared":   {[]oriel.Policy{on("flights", "delay = 1"), shared}, []string{"flights", "tenants"}},
		"a policy that nobody fulfils":  {[]oriel.Policy{on("flights", "origin = user.attr.nope")}, []string{"flights"}},
		"a policy on an unknown table":  {[]oriel.Policy{on("nowhere", "delay = 1")}, nil},
		"a policy on another's name":    {[]oriel.Policy{on("FLIGHTS", "delay = 1")}, nil},
		"a shared one with a condition": {[]oriel.Policy{{Table: shared.Table, Shared: true, Rows: "origin = 'x'"}}, []string{"tenants"}},
	} {
		decisions, err := Decide(principal(nil), data, c.policies)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, table := range data.Tables {
			if _, found := decisions.Tables[table.Name]; found {
				got = append(got, table.Name)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecide_sharingAddsNothingToAPolicy(t *testing.T) {
	shared := oriel.Policy{Table: oriel.TableRef{Source: "data", Table: "flights"}, Shared: true}
	decisions, err := Decide(principal(nil), data, []oriel.Policy{shared, on("flights", "delay = 1")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Predicate(Compare{delay, Equal, oriel.IntegerScalar(1)}), decisions.Tables["flights"].Rows); diff != "" {
		t.Error(diff)
	}
}

func TestDecide_exemptsOnlyTheGroupsThatThePolicyNames(t *testing.T) {
	one, two := Compare{delay, Equal, oriel.IntegerScalar(1)}, Compare{delay, Equal, oriel.IntegerScalar(2)}
	for name, c := range map[string]struct {
		groups []oriel.GroupKey
		want   Predicate
	}{
		"no group":             {nil, All{[]Predicate{one, two}}},
		"another group":        {[]oriel.GroupKey{"other"}, All{[]Predicate{one, two}}},
		"administrators":       {[]oriel.GroupKey{oriel.GroupAdministrators}, All{[]Predicate{one, two}}},
		"exempt from one":      {[]oriel.GroupKey{"first"}, two},
		"exempt from both":     {[]oriel.GroupKey{"second", "first"}, True{}},
		"a group in uppercase": {[]oriel.GroupKey{"FIRST"}, All{[]Predicate{one, two}}},
	} {
		p := principal(func(u *oriel.User) { u.Groups = c.groups })
		decisions, err := Decide(p, data, []oriel.Policy{on("flights", "delay = 1", "first"), on("flights", "delay = 2", "second")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, decisions.Tables["flights"].Rows); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecide_nobodyIsRefused(t *testing.T) {
	_, err := Decide(oriel.Principal{}, data, []oriel.Policy{on("flights", "delay = 1")})
	if oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("%v", err)
	}
}

func TestDecide_theOperatorHasNoAttributes(t *testing.T) {
	if got := rows(t, oriel.Operator(), "origin = user.attr.airport or origin != user.id"); got != (False{}) {
		t.Errorf("%#v, want no row", got)
	}
}

func TestDecide_aPolicyThatNoLongerFitsIsAnErrorForEveryone(t *testing.T) {
	for _, groups := range [][]oriel.GroupKey{nil, {"exempt"}} {
		p := principal(func(u *oriel.User) { u.Groups = groups })
		for _, condition := range []string{"gone = 1", "", "delay = 1 or"} {
			if _, err := Decide(p, data, []oriel.Policy{on("flights", condition, "exempt")}); oriel.CodeOf(err) != oriel.CodeInternal {
				t.Errorf("%q: %v", condition, err)
			}
		}
	}
}

func TestDecide_fingerprintsDifferWheneverWhatIsSeenDiffers(t *testing.T) {
	newer := data
	newer.Revision = "r2"
	renamed := data
	renamed.Key = "data2"
	seen := map[[32]byte]string{}
	add := func(name string, p oriel.Principal, src oriel.Source, policies ...oriel.Policy) {
		for i := range policies {
			policies[i].Table.Source = src.Key
		}
		d, err := Decide(p, src, policies)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other, found := seen[d.Fingerprint]; found {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[d.Fingerprint] = name
	}
	add("nothing", principal(nil), data)
	add("another revision", principal(nil), newer)
	add("another source", principal(nil), renamed)
	for _, condition := range []string{
		"origin = 'a'", "origin = 'b'", "origin != 'a'", "not origin = 'a'", "origin in ('a')", "origin not in ('a')",
		"origin in ('a', 'b')", "origin in ('ab')", "origin in ('a,b')", "origin starts with 'a'", "origin is null", "origin is not null",
		"origin between 'a' and 'b'", "origin = 'a' and origin = 'b'", "origin = 'a' or origin = 'b'",
		"origin = '1'", "delay = 1", "ratio = 1", "late = true", "late = false", "day = '2001-01-01'", "at = '2001-01-01'",
		"origin = user.attr.nope", "(origin = 'a' or origin = 'b') and delay = 1", "origin = 'a' or (origin = 'b' and delay = 1)",
	} {
		add(condition, principal(nil), data, on("flights", condition))
	}
	add("shared", principal(nil), data, oriel.Policy{Table: oriel.TableRef{Table: "flights"}, Shared: true})
	add("other shared", principal(nil), data, oriel.Policy{Table: oriel.TableRef{Table: "tenants"}, Shared: true})
}

func TestDecide_equalSightHasEqualFingerprints(t *testing.T) {
	policies := []oriel.Policy{on("flights", "origin = user.attr.airport"), on("tenants", "origin in user.groups")}
	a, err := Decide(principal(nil), data, policies)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Decide(principal(func(u *oriel.User) { u.ID, u.Email, u.Attributes["level"] = "usr_2", "x@example.com", oriel.Text("9") }), data, policies)
	if err != nil {
		t.Fatal(err)
	}
	if a.Fingerprint != b.Fingerprint {
		t.Error("two users who see the same have different fingerprints")
	}
}

func TestDecide_anotherGroupNeverChangesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]oriel.GroupKey{"g1", "g2", "g3", "administrators", "all-users"}), 0, 4)
		groups := names.Draw(t, "groups")
		exempt := names.Draw(t, "exempt")
		policies := []oriel.Policy{on("flights", "delay = 1", exempt...), on("flights", "origin = user.attr.airport")}
		before, err := Decide(principal(func(u *oriel.User) { u.Groups = groups }), data, policies)
		if err != nil {
			t.Fatal(err)
		}
		more := append([]oriel.GroupKey{oriel.GroupKey(fmt.Sprintf("new%d", rapid.Int().Draw(t, "n")))}, groups...)
		after, err := Decide(principal(func(u *oriel.User) { u.Groups = more }), data, policies)
		if err != nil {
			t.Fatal(err)
		}
		if before.Fingerprint != after.Fingerprint {
			t.Error("a group that no policy names changed what is seen")
		}
	})
}
