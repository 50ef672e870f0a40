package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestExplain_tellsPoliciesExemptionsAndWhereValuesComeFrom(t *testing.T) {
	policies := []oriel.Policy{
		on("flights", "origin in user.attr.airports and not (delay > user.attr.level) and origin != tenant.attr.place", "leads"),
		on("flights", "'a' in user.groups or origin = user.email", "b", "x"),
		masking(map[string]oriel.Mask{"origin": oriel.MaskHash, "cost": oriel.MaskHidden}),
		{Model: "m", Rows: "origin in (lookup tenants.origin where origin starts with user.attr.airport)"},
	}
	ref := oriel.TableRef{Source: "data", Table: "flights"}
	read := ReadPolicies([]oriel.Source{data}, []oriel.Model{{Key: "m", Table: ref}}, policies)
	p := principal(func(u *oriel.User) {
		u.AttributesFrom = oriel.AttributeSets{
			Administrator: oriel.Attributes{"level": oriel.Text("3")},
			SignIn:        oriel.Attributes{"level": oriel.Text("9"), "airport": oriel.Text("D'W")},
			Tenant:        oriel.Attributes{"airports": oriel.TextList("DFW", "ORD"), "place": oriel.Text("X")},
		}
		u.Attributes = u.AttributesFrom.Effective()
	})
	x, err := read.Explain(p, ref, "m")
	if err != nil {
		t.Fatal(err)
	}
	want := []PolicyExplanation{
		{
			Policy: policies[0], Holds: true, Rows: `("origin" in ('DFW', 'ORD')) and (not ("delay" > 3)) and ("origin" != 'X')`,
			Values: []ValueExplanation{
				{Name: "user.attr.airports", Values: []string{"DFW", "ORD"}, From: "tenant"},
				{Name: "user.attr.level", Values: []string{"3"}, From: "administrator"},
				{Name: "tenant.attr.place", Values: []string{"X"}, From: "tenant"},
			},
		},
		{
			Policy: policies[1], ExemptBy: []oriel.GroupKey{"b"}, Rows: `(true) or ("origin" = 'jo@example.com')`,
			Values: []ValueExplanation{{Name: "user.groups", Values: []string{"a", "b"}, From: "user"}, {Name: "user.email", Values: []string{"jo@example.com"}, From: "user"}},
		},
		{Policy: policies[2], Holds: true, Rows: "true"},
		{
			Policy: policies[3], Holds: true, Rows: `"origin" in (lookup "tenants"."origin" where "origin" starts with 'D''W')`,
			Values: []ValueExplanation{{Name: "user.attr.airport", Values: []string{"D'W"}, From: "sign_in"}},
		},
	}
	if diff := cmp.Diff(want, x.Policies); diff != "" {
		t.Error(diff)
	}
	if !x.Visible || x.OpenToAdministrator || x.Rows != "("+want[0].Rows+") and ("+want[3].Rows+")" {
		t.Errorf("%+v", x)
	}
	if x.Rows != "" && x.Columns[0] != (ColumnExplanation{"origin", oriel.MaskHash}) || x.Columns[6] != (ColumnExplanation{"cost", oriel.MaskHidden}) || x.Columns[1].Mask != oriel.MaskNone {
		t.Errorf("%+v", x.Columns)
	}
}

func TestExplain_tellsWhatLacksAndWhatIsClosed(t *testing.T) {
	ref := oriel.TableRef{Source: "data", Table: "flights"}
	read := ReadPolicies([]oriel.Source{data}, nil, []oriel.Policy{on("flights", "delay = user.attr.airport or origin = 'x'"), on("flights", "origin = user.attr.nope")})
	x, err := read.Explain(principal(nil), ref, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range x.Policies {
		if p.Rows != "false" || !p.Values[0].Lacking {
			t.Errorf("%+v", p)
		}
	}
	if x.Rows != "(false) and (false)" {
		t.Error(x.Rows)
	}
	closed := ReadPolicies([]oriel.Source{data}, nil, nil)
	if x, err := closed.Explain(principal(nil), ref, ""); err != nil || x.Visible || x.Rows != "false" || x.Columns[0].Mask != oriel.MaskHidden {
		t.Errorf("%+v, %v", x, err)
	}
	if x, err := closed.Explain(oriel.Operator(), ref, ""); err != nil || !x.Visible || !x.OpenToAdministrator || x.Rows != "true" {
		t.Errorf("%+v, %v", x, err)
	}
	if _, err := closed.Explain(principal(nil), oriel.TableRef{Source: "data", Table: "nosuch"}, ""); oriel.CodeOf(err) != oriel.CodeNotFound {
		t.Errorf("%v", err)
	}
	if _, err := closed.Explain(oriel.Principal{}, ref, ""); oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
		t.Errorf("%v", err)
	}
}

// What is explained is what is decided.
func TestExplain_saysWhatDecideDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]oriel.GroupKey{"a", "b", "c"}), 0, 2)
		policies := []oriel.Policy{
			on("flights", rapid.SampledFrom([]string{"delay = 1", "origin = user.attr.nope", "origin = user.attr.airport"}).Draw(t, "rows"), names.Draw(t, "exempt")...),
			masking(map[string]oriel.Mask{"origin": rapid.SampledFrom([]oriel.Mask{oriel.MaskHash, oriel.MaskHidden}).Draw(t, "mask")}, names.Draw(t, "exempt too")...),
		}
		read := ReadPolicies([]oriel.Source{data}, nil, policies)
		p := principal(func(u *oriel.User) { u.Groups = names.Draw(t, "groups") })
		d, err := read.Decide(p, "data", []string{"flights"})
		if err != nil {
			t.Fatal(err)
		}
		x, err := read.Explain(p, oriel.TableRef{Source: "data", Table: "flights"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if x.Rows != Text(d.Tables["flights"].Rows) || (x.Columns[0].Mask == oriel.MaskHidden) != (columns(d.Tables["flights"])["origin"] == "" && len(d.Tables["flights"].Columns) < len(flights.Columns)) {
			t.Fatalf("%+v\n%+v", x, d)
		}
	})
}
