package access

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Names and values that run into each other, or into what stands between them,
// if anything could.
var easilyMistaken = rapid.SampledFrom([]string{"", "a", "b", "ab", "s1:a", "1:a", "b1", "a\x00", "T1:", "t", "0", "1", "P2:", "v", "\xff"})

func anyScalar() *rapid.Generator[oriel.Scalar] {
	return rapid.Custom(func(t *rapid.T) oriel.Scalar {
		switch rapid.IntRange(0, 5).Draw(t, "type") {
		case 0:
			return oriel.IntegerScalar(rapid.Int64Range(-1, 1).Draw(t, "integer"))
		case 1:
			return oriel.NumberScalar(rapid.SampledFrom([]float64{0, 1, -1, 0.1, 9007199254740992}).Draw(t, "number"))
		case 2:
			return oriel.BooleanScalar(rapid.Bool().Draw(t, "boolean"))
		case 3:
			return oriel.DateScalar(time.Date(2001, 1, rapid.IntRange(1, 2).Draw(t, "day"), 0, 0, 0, 0, time.UTC))
		case 4:
			return oriel.DecimalScalar(rapid.SampledFrom([]string{"1", "1.5", "-1"}).Draw(t, "decimal"))
		}
		return oriel.TextScalar(easilyMistaken.Draw(t, "text"))
	})
}

func anyColumn() *rapid.Generator[oriel.SourceColumn] {
	return rapid.Custom(func(t *rapid.T) oriel.SourceColumn {
		return oriel.SourceColumn{Name: easilyMistaken.Draw(t, "name"), Type: rapid.SampledFrom([]oriel.ColumnType{"", oriel.TypeText, oriel.TypeInteger}).Draw(t, "type")}
	})
}

func anyPredicate(depth int) *rapid.Generator[Predicate] {
	return rapid.Custom(func(t *rapid.T) Predicate {
		column, scalar := anyColumn(), anyScalar()
		most := 10
		if depth == 0 {
			most = 6
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return True{}
		case 1:
			return False{}
		case 2:
			return Compare{column.Draw(t, "column"), rapid.SampledFrom([]Operator{Equal, Less, LessOrEqual}).Draw(t, "op"), scalar.Draw(t, "value")}
		case 3:
			return Membership{column.Draw(t, "column"), rapid.SliceOfN(scalar, 1, 2).Draw(t, "values"), rapid.Bool().Draw(t, "negate")}
		case 4:
			return Between{column.Draw(t, "column"), scalar.Draw(t, "low"), scalar.Draw(t, "high")}
		case 5:
			return IsNull{column.Draw(t, "column"), rapid.Bool().Draw(t, "negate")}
		case 6:
			return StartsWith{column.Draw(t, "column"), scalar.Draw(t, "prefix")}
		case 7:
			return Lookup{column.Draw(t, "column"), easilyMistaken.Draw(t, "table"), column.Draw(t, "key"), anyPredicate(depth-1).Draw(t, "where"), rapid.Bool().Draw(t, "negate")}
		case 8:
			return All{rapid.SliceOfN(anyPredicate(depth-1), 1, 2).Draw(t, "parts")}
		case 9:
			return Any{rapid.SliceOfN(anyPredicate(depth-1), 1, 2).Draw(t, "parts")}
		}
		return Not{anyPredicate(depth-1).Draw(t, "part")}
	})
}

func anyDecisions() *rapid.Generator[Decisions] {
	return rapid.Custom(func(t *rapid.T) Decisions {
		one := rapid.Custom(func(t *rapid.T) Decision {
			return Decision{
				Table: oriel.TableRef{Source: easilyMistaken.Draw(t, "source"), Table: easilyMistaken.Draw(t, "table")},
				Columns: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Column {
					return Column{anyColumn().Draw(t, "column"), rapid.SampledFrom([]oriel.Mask{"", oriel.MaskHash, oriel.MaskEmpty}).Draw(t, "mask")}
				}), 1, 2).Draw(t, "columns"),
				Rows: anyPredicate(1).Draw(t, "rows"),
			}
		})
		src := oriel.Source{Key: easilyMistaken.Draw(t, "key"), Kind: oriel.SourceKind(easilyMistaken.Draw(t, "kind")), Revision: easilyMistaken.Draw(t, "revision")}
		return NewDecisions(src, rapid.MapOfN(easilyMistaken, one, 0, 2).Draw(t, "tables"), rapid.MapOfN(easilyMistaken, one, 0, 1).Draw(t, "models")).
			For(rapid.Ptr(anyNativeUser(), true).Draw(t, "native"))
	})
}

func anyNativeUser() *rapid.Generator[NativeUser] {
	attributes := rapid.MapOfN(easilyMistaken, rapid.Custom(func(t *rapid.T) oriel.AttributeValue {
		return oriel.AttributeValue{List: rapid.Bool().Draw(t, "is list"), Values: rapid.SliceOfN(easilyMistaken, 1, 2).Draw(t, "values")}
	}), 0, 2)
	return rapid.Custom(func(t *rapid.T) NativeUser {
		n := NativeUser{
			ID: oriel.UserID(easilyMistaken.Draw(t, "id")), Email: easilyMistaken.Draw(t, "email"), Tenant: oriel.TenantSlug(easilyMistaken.Draw(t, "tenant")),
			Attributes: attributes.Draw(t, "attributes"), TenantAttributes: attributes.Draw(t, "tenant's"),
		}
		for _, group := range rapid.SliceOfN(easilyMistaken, 0, 2).Draw(t, "groups") {
			n.Groups = append(n.Groups, oriel.GroupKey(group))
		}
		return n
	})
}

func anySight() *rapid.Generator[Sight] {
	scalar := anyScalar()
	pointer := rapid.Ptr(scalar, true)
	return rapid.Custom(func(t *rapid.T) Sight {
		s := Sight{
			Decisions:        anyDecisions().Draw(t, "decisions"),
			SettingsRevision: easilyMistaken.Draw(t, "settings"), SchemaRevision: easilyMistaken.Draw(t, "schema"),
			Versions: rapid.MapOfN(easilyMistaken, easilyMistaken, 0, 2).Draw(t, "versions"),
			Parameters: rapid.MapOfN(easilyMistaken, rapid.Custom(func(t *rapid.T) ParameterValue {
				v := ParameterValue{Scalar: pointer.Draw(t, "scalar"), From: pointer.Draw(t, "from"), To: pointer.Draw(t, "to")}
				if list := rapid.SliceOfN(scalar, 0, 2).Draw(t, "list"); len(list) > 0 {
					v.List = list
				}
				return v
			}), 0, 2).Draw(t, "parameters"),
			TimeZone: easilyMistaken.Draw(t, "zone"), Locale: easilyMistaken.Draw(t, "locale"), RowLimit: rapid.IntRange(0, 11).Draw(t, "limit"),
		}
		return s
	})
}

func TestSight_differentOnesNeverEncodeEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anySight().Draw(t, "a"), anySight().Draw(t, "b")
		compareEncodings(t, a, b)
		// Far nearer to each other than two at random: one part is the other's.
		for i := range reflect.TypeFor[Sight]().NumField() {
			near := a
			reflect.ValueOf(&near).Elem().Field(i).Set(reflect.ValueOf(b).Field(i))
			compareEncodings(t, a, near)
		}
	})
}

func compareEncodings(t *rapid.T, a, b Sight) {
	// A fingerprint is made of the rest and is no part of the encoding.
	a.Decisions.Fingerprint, b.Decisions.Fingerprint = [32]byte{}, [32]byte{}
	if same := reflect.DeepEqual(a, b); same != bytes.Equal(a.encoded(), b.encoded()) || same != (a.Fingerprint() == b.Fingerprint()) {
		t.Fatalf("equal %v:\n%+v\n%+v\n%q\n%q", same, a, b, a.encoded(), b.encoded())
	}
}

// The values of a list, of a text and of its neighbour can't be moved over to
// each other whatever they are.
func FuzzSight_textsNeverMeet(f *testing.F) {
	f.Add("a", "b", "ab", "")
	f.Add("s1:a", "", "", "s1:a")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		with := func(x, y string) []byte {
			return Sight{
				SettingsRevision: x, SchemaRevision: y, Versions: map[string]string{x: y}, TimeZone: y, Locale: x,
				Parameters: map[string]ParameterValue{x: {List: []oriel.Scalar{oriel.TextScalar(y)}}},
				Decisions: Decisions{Tables: map[string]Decision{x: {Rows: All{[]Predicate{
					Compare{oriel.SourceColumn{Name: x}, Equal, oriel.TextScalar(y)}, Membership{Values: []oriel.Scalar{oriel.TextScalar(x), oriel.TextScalar(y)}},
				}}}}},
			}.encoded()
		}
		if (a == c && b == d) != bytes.Equal(with(a, b), with(c, d)) {
			t.Errorf("%q and %q, %q and %q", a, b, c, d)
		}
	})
}

// Whoever may see another thing has another fingerprint; whoever sees the same
// has the same one, whatever else they are.
func TestDecide_fingerprintsAreSharedByThoseWhoSeeTheSameOnly(t *testing.T) {
	policies := []oriel.Policy{
		on("flights", "origin = user.attr.airport or origin in (lookup tenants.origin where origin = tenant.attr.place)"),
		masking(map[string]oriel.Mask{"origin": oriel.MaskHash}, "exempt"),
	}
	decide := func(src oriel.Source, change func(*oriel.User)) [32]byte {
		t.Helper()
		d, err := Decide(principal(func(u *oriel.User) {
			u.AttributesFrom.Tenant = oriel.Attributes{"place": oriel.Text("X")}
			change(u)
		}), src, policies)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Whole() {
			t.Error("the fingerprint is not that of the decisions")
		}
		return d.Fingerprint
	}
	same := decide(data, func(*oriel.User) {})
	for name, change := range map[string]func(*oriel.User){
		"another user":                   func(u *oriel.User) { u.ID, u.Email = "usr_2", "b@example.com" },
		"an attribute that nobody reads": func(u *oriel.User) { u.Attributes["level"] = oriel.Text("9") },
		"a group that exempts nobody":    func(u *oriel.User) { u.Groups = []oriel.GroupKey{"a", "b", "c"} },
	} {
		if decide(data, change) != same {
			t.Errorf("%s sees the same and has another fingerprint", name)
		}
	}
	keyed := data
	keyed.MaskKey = []byte("another")
	seen := map[[32]byte]string{same: "the first"}
	for name, c := range map[string]struct {
		src    oriel.Source
		change func(*oriel.User)
	}{
		"another attribute":        {data, func(u *oriel.User) { u.Attributes["airport"] = oriel.Text("ORD") }},
		"no attribute":             {data, func(u *oriel.User) { u.Attributes = nil }},
		"another of the tenant":    {data, func(u *oriel.User) { u.AttributesFrom.Tenant = oriel.Attributes{"place": oriel.Text("Y")} }},
		"exempt from the mask":     {data, func(u *oriel.User) { u.Groups = []oriel.GroupKey{"exempt"} }},
		"hashes under another key": {keyed, func(*oriel.User) {}},
	} {
		got := decide(c.src, c.change)
		if other, taken := seen[got]; taken {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[got] = name
	}
}

func TestDecisions_aForgedFingerprintIsNotTheirs(t *testing.T) {
	mine, err := Decide(principal(nil), data, []oriel.Policy{on("flights", "delay = 1")})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Decisions){
		"the fingerprint": func(d *Decisions) { d.Fingerprint[0]++ },
		"a table":         func(d *Decisions) { d.Tables = nil },
		"a model":         func(d *Decisions) { d.Models = map[string]Decision{"m": {Rows: True{}}} },
		"the source":      func(d *Decisions) { d.Source.Revision = "r2" },
	} {
		forged := mine
		change(&forged)
		if forged.Whole() {
			t.Errorf("%s changed and nobody can tell", name)
		}
	}
	if fmt.Sprintf("%x", mine.Fingerprint) == fmt.Sprintf("%x", [32]byte{}) {
		t.Error("there is no fingerprint")
	}
}

// Each change of one thing alone gives another fingerprint.
func TestSight_everyPartCounts(t *testing.T) {
	one, two := oriel.TextScalar("1"), oriel.TextScalar("2")
	sight := func() Sight {
		column := Column{SourceColumn: origin}
		decision := func() Decision {
			return Decision{Table: oriel.TableRef{Source: "data", Table: "flights"}, Columns: []Column{column}, Rows: Lookup{Column: origin, Table: "tenants", Key: origin, Where: Between{delay, one, two}}}
		}
		return Sight{
			Decisions: Decisions{Source: data, Tables: map[string]Decision{"flights": decision()}, Models: map[string]Decision{"m": decision()},
				Native: &NativeUser{ID: "usr_1", Email: "a@example.com", Tenant: "acme", Groups: []oriel.GroupKey{"g"}, Attributes: oriel.Attributes{"a": oriel.Text("1")}, TenantAttributes: oriel.Attributes{"a": oriel.Text("1")}}},
			SettingsRevision: "1", SchemaRevision: "1", Versions: map[string]string{"question a": "1"}, TimeZone: "UTC", Locale: "en", RowLimit: 10,
			Parameters: map[string]ParameterValue{"p": {Scalar: &one}},
		}
	}
	rows := func(p Predicate) func(*Sight) {
		return func(s *Sight) {
			d := s.Decisions.Tables["flights"]
			d.Rows = p
			s.Decisions.Tables["flights"] = d
		}
	}
	seen := map[string]string{}
	for name, change := range map[string]func(*Sight){
		"nothing":   func(*Sight) {},
		"source":    func(s *Sight) { s.Decisions.Source.Key = "other" },
		"data":      func(s *Sight) { s.Decisions.Source.Revision = "r9" },
		"openness":  func(s *Sight) { delete(s.Decisions.Tables, "flights") },
		"a model's": func(s *Sight) { delete(s.Decisions.Models, "m") },
		"a model's rows": func(s *Sight) {
			s.Decisions.Models["m"] = Decision{Table: s.Decisions.Models["m"].Table, Columns: s.Decisions.Models["m"].Columns, Rows: True{}}
		},
		"mask: hash":          func(s *Sight) { s.Decisions.Tables["flights"].Columns[0].Mask = oriel.MaskHash },
		"mask: last4":         func(s *Sight) { s.Decisions.Tables["flights"].Columns[0].Mask = oriel.MaskLast4 },
		"mask: empty":         func(s *Sight) { s.Decisions.Tables["flights"].Columns[0].Mask = oriel.MaskEmpty },
		"a column":            func(s *Sight) { s.Decisions.Tables["flights"].Columns[0].Name = "other" },
		"a column's type":     func(s *Sight) { s.Decisions.Tables["flights"].Columns[0].Type = oriel.TypeDate },
		"rows":                rows(True{}),
		"no rows":             rows(False{}),
		"the lookup's table":  rows(Lookup{Column: origin, Table: "flights", Key: origin, Where: Between{delay, one, two}}),
		"the lookup's key":    rows(Lookup{Column: origin, Table: "tenants", Key: delay, Where: Between{delay, one, two}}),
		"the lookup's where":  rows(Lookup{Column: origin, Table: "tenants", Key: origin, Where: Between{delay, one, one}}),
		"the lookup's not":    rows(Lookup{Column: origin, Table: "tenants", Key: origin, Where: Between{delay, one, two}, Negate: true}),
		"settings":            func(s *Sight) { s.SettingsRevision = "2" },
		"schema":              func(s *Sight) { s.SchemaRevision = "2" },
		"question":            func(s *Sight) { s.Versions["question a"] = "2" },
		"another question":    func(s *Sight) { s.Versions = map[string]string{"question b": "1"} },
		"one question more":   func(s *Sight) { s.Versions["question b"] = "1" },
		"parameter":           func(s *Sight) { s.Parameters["p"] = ParameterValue{Scalar: &two} },
		"another's parameter": func(s *Sight) { s.Parameters = map[string]ParameterValue{"q": {Scalar: &one}} },
		"a parameter's type":  func(s *Sight) { n := oriel.IntegerScalar(1); s.Parameters["p"] = ParameterValue{Scalar: &n} },
		"a range":             func(s *Sight) { s.Parameters["p"] = ParameterValue{From: &one} },
		"a range's end":       func(s *Sight) { s.Parameters["p"] = ParameterValue{To: &one} },
		"a list":              func(s *Sight) { s.Parameters["p"] = ParameterValue{List: []oriel.Scalar{one}} },
		"a longer list":       func(s *Sight) { s.Parameters["p"] = ParameterValue{List: []oriel.Scalar{one, one}} },
		"no parameter":        func(s *Sight) { s.Parameters = nil },
		"zone":                func(s *Sight) { s.TimeZone = "Europe/Berlin" },
		"locale":              func(s *Sight) { s.Locale = "de" },
		"limit":               func(s *Sight) { s.RowLimit = 11 },
		"native user":         func(s *Sight) { s.Decisions.Native.ID = "usr_2" },
		"native e-mail":       func(s *Sight) { s.Decisions.Native.Email = "b@example.com" },
		"native tenant":       func(s *Sight) { s.Decisions.Native.Tenant = "umbrella" },
		"native group":        func(s *Sight) { s.Decisions.Native.Groups = []oriel.GroupKey{"h"} },
		"native groups":       func(s *Sight) { s.Decisions.Native.Groups = []oriel.GroupKey{"g", "h"} },
		"native attribute":    func(s *Sight) { s.Decisions.Native.Attributes["a"] = oriel.Text("2") },
		"native list":         func(s *Sight) { s.Decisions.Native.Attributes["a"] = oriel.TextList("1") },
		"native name":         func(s *Sight) { s.Decisions.Native.Attributes = oriel.Attributes{"b": oriel.Text("1")} },
		"tenant's attribute":  func(s *Sight) { s.Decisions.Native.TenantAttributes["a"] = oriel.Text("2") },
		"no native user":      func(s *Sight) { s.Decisions.Native = nil },
	} {
		s := sight()
		change(&s)
		key := string(s.encoded())
		if other, taken := seen[key]; taken {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		seen[key] = name
		if again := s; again.Fingerprint() != s.Fingerprint() {
			t.Errorf("%s: two of the same differ", name)
		}
	}
}

// What stands in two neighbours can't be moved from one to the other.
func TestSight_neighboursDoNotRunTogether(t *testing.T) {
	one := func(texts ...string) []oriel.Scalar {
		scalars := make([]oriel.Scalar, len(texts))
		for i, text := range texts {
			scalars[i] = oriel.TextScalar(text)
		}
		return scalars
	}
	rows := func(values ...string) Sight {
		return Sight{Decisions: Decisions{Tables: map[string]Decision{"t": {Rows: Membership{Column: origin, Values: one(values...)}}}}}
	}
	told := func(n NativeUser) Sight { return Sight{Decisions: Decisions{Native: &n}} }
	for name, alike := range map[string][]Sight{
		"revisions":  {{SettingsRevision: "ab"}, {SettingsRevision: "a", SchemaRevision: "b"}, {SchemaRevision: "ab"}},
		"versions":   {{Versions: map[string]string{"ab": ""}}, {Versions: map[string]string{"a": "b"}}, {Versions: map[string]string{"": "ab"}}},
		"settings":   {{TimeZone: "ab"}, {TimeZone: "a", Locale: "b"}, {Locale: "ab"}},
		"values":     {rows("ab"), rows("a", "b"), rows("", "ab"), rows("ab", ""), rows("a,b"), rows("a", "", "b")},
		"parameters": {{Parameters: map[string]ParameterValue{"p": {List: one("a", "b")}}}, {Parameters: map[string]ParameterValue{"p": {List: one("ab")}}}, {Parameters: map[string]ParameterValue{"p": {List: one("a")}, "b": {}}}},
		"people": {
			told(NativeUser{ID: "ab"}), told(NativeUser{ID: "a", Attributes: oriel.Attributes{"b": oriel.TextList()}}),
			told(NativeUser{ID: "a", TenantAttributes: oriel.Attributes{"b": oriel.TextList()}}),
			told(NativeUser{ID: "a", Email: "b"}), told(NativeUser{Email: "ab"}), told(NativeUser{Email: "a", Tenant: "b"}), told(NativeUser{Tenant: "a", Groups: []oriel.GroupKey{"b"}}),
			told(NativeUser{Groups: []oriel.GroupKey{"a", "b"}}), told(NativeUser{Groups: []oriel.GroupKey{"ab"}}),
			told(NativeUser{ID: "a", Attributes: oriel.Attributes{"": oriel.TextList("b")}}), told(NativeUser{Attributes: oriel.Attributes{"a": oriel.TextList("b")}}),
			told(NativeUser{Attributes: oriel.Attributes{"": oriel.TextList("a", "b")}}), told(NativeUser{Attributes: oriel.Attributes{"": oriel.TextList("ab")}}),
		},
	} {
		for i, a := range alike {
			for _, b := range alike[:i] {
				if bytes.Equal(a.encoded(), b.encoded()) {
					t.Errorf("%s: %+v and %+v are one", name, a, b)
				}
			}
		}
	}
}
