package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func masking(masks map[string]oriel.Mask, exempt ...oriel.GroupKey) oriel.Policy {
	p := on("flights", "", exempt...)
	p.Columns = masks
	return p
}

// columns is what is seen of each column of flights, "" for all of it.
func columns(d Decision) map[string]oriel.Mask {
	seen := map[string]oriel.Mask{}
	for _, c := range d.Columns {
		seen[c.Name] = c.Mask
	}
	return seen
}

func TestDecide_masksAddUpToWhatEachLetsThrough(t *testing.T) {
	const none, hash, last4, empty, hidden = oriel.MaskNone, oriel.MaskHash, oriel.MaskLast4, oriel.MaskEmpty, oriel.MaskHidden
	for _, c := range []struct{ a, b, want oriel.Mask }{
		{none, none, none}, {none, hash, hash}, {none, last4, last4}, {none, empty, empty}, {none, hidden, hidden},
		{hash, hash, hash}, {hash, last4, empty}, {hash, empty, empty}, {hash, hidden, hidden},
		{last4, last4, last4}, {last4, empty, empty}, {last4, hidden, hidden}, {empty, empty, empty}, {empty, hidden, hidden}, {hidden, hidden, hidden},
	} {
		if got, back := c.a.And(c.b), c.b.And(c.a); got != c.want || back != c.want {
			t.Errorf("%q and %q: %q and %q, want %q", c.a, c.b, got, back, c.want)
		}
	}
	policies := []oriel.Policy{
		on("flights", "delay = 1"),
		masking(map[string]oriel.Mask{"origin": hash, "delay": last4, "day": empty}, "first"),
		masking(map[string]oriel.Mask{"origin": last4, "day": hidden}, "second"),
	}
	for name, c := range map[string]struct {
		groups []oriel.GroupKey
		want   map[string]oriel.Mask
	}{
		"both hold":     {[]oriel.GroupKey{"a"}, map[string]oriel.Mask{"origin": empty, "delay": last4}},
		"the second":    {[]oriel.GroupKey{"first"}, map[string]oriel.Mask{"origin": last4, "delay": none}},
		"the first":     {[]oriel.GroupKey{"second"}, map[string]oriel.Mask{"origin": hash, "delay": last4, "day": empty}},
		"none":          {[]oriel.GroupKey{"first", "second"}, map[string]oriel.Mask{"origin": none, "delay": none, "day": none}},
		"administrator": {[]oriel.GroupKey{oriel.GroupAdministrators}, map[string]oriel.Mask{"origin": empty, "delay": last4}},
	} {
		d, err := Decide(principal(func(u *oriel.User) { u.Groups = c.groups }), data, policies)
		if err != nil {
			t.Fatal(err)
		}
		got := columns(d.Tables["flights"])
		for _, column := range []string{"origin", "delay", "day"} {
			want, exists := c.want[column]
			if mask, found := got[column]; found != exists || mask != want {
				t.Errorf("%s: %s is %q, %v; want %q, %v", name, column, mask, found, want, exists)
			}
		}
		for _, seen := range d.Tables["flights"].Columns {
			text := seen.Mask == hash || seen.Mask == last4
			if table, _ := flights.Column(seen.Name); text && seen.Type != oriel.TypeText || !text && seen.Type != table.Type {
				t.Errorf("%s: %s is a %s", name, seen.Name, seen.Type)
			}
		}
	}
}

func TestDecide_columnsAloneOpenNothing(t *testing.T) {
	d, err := Decide(principal(nil), data, []oriel.Policy{masking(map[string]oriel.Mask{"origin": oriel.MaskEmpty}), masking(map[string]oriel.Mask{"delay": oriel.MaskEmpty}, "a")})
	if err != nil || len(d.Tables) != 0 {
		t.Errorf("%v, %v", d.Tables, err)
	}
}

func TestDecide_aTableOfHiddenColumnsDoesNotExist(t *testing.T) {
	all := map[string]oriel.Mask{}
	for _, c := range flights.Columns {
		all[c.Name] = oriel.MaskHidden
	}
	d, err := Decide(principal(nil), data, []oriel.Policy{on("flights", "delay = 1"), masking(all)})
	if err != nil || len(d.Tables) != 0 {
		t.Errorf("%v, %v", d.Tables, err)
	}
}

func TestDecide_closedTablesAreForAdministratorsInTheirOwnSession(t *testing.T) {
	admin := func(u *oriel.User) { u.Groups = []oriel.GroupKey{oriel.GroupAdministrators} }
	user := principal(admin).User()
	for name, c := range map[string]struct {
		p    oriel.Principal
		want int
	}{
		"an administrator's own":      {oriel.NewPrincipal(user, oriel.SessionAdmin), 2},
		"whoever runs the command":    {oriel.Operator(), 2},
		"an administrator who embeds": {oriel.NewPrincipal(user, oriel.SessionEmbed), 0},
		"an administrator's key":      {oriel.NewKeyPrincipal(user, oriel.APIKey{ID: "key_1", Scopes: []oriel.Scope{oriel.ScopeAdmin}}, false), 0},
		"somebody's in that kind":     {oriel.NewPrincipal(principal(nil).User(), oriel.SessionAdmin), 0},
	} {
		d, err := Decide(c.p, data, nil)
		if err != nil || len(d.Tables) != c.want {
			t.Errorf("%s: %d tables, %v, want %d", name, len(d.Tables), err, c.want)
		}
	}
	// A policy that is there holds for them as for everybody.
	d, err := Decide(oriel.NewPrincipal(user, oriel.SessionAdmin), data, []oriel.Policy{on("flights", "delay = 1"), masking(map[string]oriel.Mask{"origin": oriel.MaskHidden})})
	if err != nil || columns(d.Tables["flights"])["origin"] != "" || len(d.Tables["flights"].Columns) != len(flights.Columns)-1 || d.Tables["flights"].Rows == (True{}) {
		t.Errorf("%+v, %v", d.Tables["flights"], err)
	}
}

func TestDecide_aModelAddsToWhatHoldsOnItsTable(t *testing.T) {
	model := func(key string, p oriel.Policy) oriel.Policy {
		p.Table, p.Model = oriel.TableRef{}, key
		return p
	}
	models := []oriel.Model{{Key: "late", Table: oriel.TableRef{Source: "data", Table: "flights"}}, {Key: "plain", Table: oriel.TableRef{Source: "data", Table: "flights"}}}
	own := []oriel.Policy{
		model("late", on("", "late = true", "second")),
		model("late", masking(map[string]oriel.Mask{"origin": oriel.MaskEmpty, "cost": oriel.MaskHidden}, "second")),
	}
	base := []oriel.Policy{on("flights", "delay = 1", "first"), masking(map[string]oriel.Mask{"origin": oriel.MaskHash, "day": oriel.MaskHidden}, "first")}
	decide := func(t *testing.T, policies []oriel.Policy, groups ...oriel.GroupKey) Decisions {
		t.Helper()
		d, err := ReadPolicies([]oriel.Source{data}, models, policies).Decide(principal(func(u *oriel.User) { u.Groups = groups }), "data", []string{"flights"})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	delayed, late := Compare{delay, Equal, oriel.IntegerScalar(1)}, Compare{late, Equal, oriel.BooleanScalar(true)}
	d := decide(t, append(own, base...))
	inside, found := d.Seen("late", "flights")
	if diff := cmp.Diff(Predicate(All{[]Predicate{delayed, late}}), inside.Rows); diff != "" || !found {
		t.Errorf("the model: %v, %s", found, diff)
	}
	if got := columns(inside); got["origin"] != oriel.MaskEmpty || len(inside.Columns) != len(flights.Columns)-2 {
		t.Errorf("the model's columns: %v", got)
	}
	for name, seen := range map[string]string{"the table": "", "another model": "plain", "an unknown model": "nosuch"} {
		if got, found := d.Seen(seen, "flights"); !found || got.Rows != Predicate(delayed) || columns(got)["origin"] != oriel.MaskHash {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, _ := decide(t, append(own, base...), "second").Seen("late", "flights"); got.Rows != Predicate(delayed) || columns(got)["origin"] != oriel.MaskHash {
		t.Errorf("exempt from the model's: %+v", got)
	}
	if got, _ := decide(t, append(own, base...), "first").Seen("late", "flights"); got.Rows != Predicate(late) || columns(got)["origin"] != oriel.MaskEmpty {
		t.Errorf("exempt from the table's: %+v", got)
	}
	if got, found := decide(t, own).Seen("late", "flights"); found {
		t.Errorf("a model's policy opened its table: %+v", got)
	}
	if _, found := d.Seen("late", "tenants"); found {
		t.Error("the model is on another table")
	}
}

func TestCheckPolicy_holdsMasksToTheirColumns(t *testing.T) {
	for name, c := range map[string]struct {
		masks map[string]oriel.Mask
		ok    bool
	}{
		"every mask of texts":        {map[string]oriel.Mask{"origin": oriel.MaskHash}, true},
		"whole numbers":              {map[string]oriel.Mask{"delay": oriel.MaskLast4}, true},
		"anything empty":             {map[string]oriel.Mask{"at": oriel.MaskEmpty, "late": oriel.MaskHidden}, true},
		"a hash of numbers":          {map[string]oriel.Mask{"ratio": oriel.MaskHash}, false},
		"a hash of dates":            {map[string]oriel.Mask{"day": oriel.MaskHash}, false},
		"an end of decimals":         {map[string]oriel.Mask{"cost": oriel.MaskLast4}, false},
		"a mask that is not known":   {map[string]oriel.Mask{"origin": "rot13"}, false},
		"no mask":                    {map[string]oriel.Mask{"origin": ""}, false},
		"a column that is not there": {map[string]oriel.Mask{"nosuch": oriel.MaskHidden}, false},
		"one in another case":        {map[string]oriel.Mask{"Origin": oriel.MaskHidden}, false},
	} {
		_, err := CheckPolicy(masking(c.masks), data, flights)
		if (err == nil) != c.ok || err != nil && oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Decide(principal(nil), data, []oriel.Policy{masking(c.masks, "a")}); (err == nil) != c.ok || err != nil && oriel.CodeOf(err) != oriel.CodeInternal {
			t.Errorf("%s, stored: %v", name, err)
		}
	}
}

// Adding a policy never shows more, whatever it is.
func TestDecide_onePolicyMoreNeverShowsMore(t *testing.T) {
	rank := map[oriel.Mask]int{oriel.MaskNone: 0, oriel.MaskHash: 1, oriel.MaskLast4: 1, oriel.MaskEmpty: 2, oriel.MaskHidden: 3}
	masks := rapid.SampledFrom([]oriel.Mask{oriel.MaskHash, oriel.MaskLast4, oriel.MaskEmpty, oriel.MaskHidden})
	one := rapid.Custom(func(t *rapid.T) oriel.Policy {
		p := on("flights", rapid.SampledFrom([]string{"", "delay = 1", "origin = user.attr.airport", "origin = user.attr.nope"}).Draw(t, "rows"),
			rapid.SliceOfN(rapid.SampledFrom([]oriel.GroupKey{"a", "c"}), 0, 2).Draw(t, "exempt")...)
		p.Columns = rapid.MapOfN(rapid.SampledFrom([]string{"origin", "delay"}), masks, 0, 2).Draw(t, "columns")
		if p.Rows == "" && len(p.Columns) == 0 {
			p.Shared = true
		}
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		policies := append(rapid.SliceOfN(one, 0, 4).Draw(t, "policies"), on("flights", "delay != 7"))
		more := append(policies[:len(policies):len(policies)], one.Draw(t, "one more"))
		before, err := Decide(principal(nil), data, policies)
		if err != nil {
			t.Fatal(err)
		}
		after, err := Decide(principal(nil), data, more)
		if err != nil {
			t.Fatal(err)
		}
		was, is := columns(before.Tables["flights"]), columns(after.Tables["flights"])
		for _, c := range flights.Columns {
			mask, seen := is[c.Name]
			old, existed := was[c.Name]
			if seen && (!existed || rank[mask] < rank[old] || mask != old && rank[mask] == rank[old]) {
				t.Fatalf("%s was %q (%v) and is %q", c.Name, old, existed, mask)
			}
		}
		if kept, n := conjuncts(after.Tables["flights"].Rows), conjuncts(before.Tables["flights"].Rows); len(kept) < len(n) || !cmp.Equal(kept[:len(n)], n) {
			t.Fatalf("%v became %v", n, kept)
		}
	})
}

func conjuncts(p Predicate) []Predicate {
	if all, is := p.(All); is {
		return all.Parts
	}
	return []Predicate{p}
}
