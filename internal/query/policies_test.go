package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// crowd adds policies on tables that nobody asks for, and groups that everybody
// is in, who may do nothing.
func crowd(s *sample, policies, groups int) []oriel.GroupKey {
	d := *s.declared
	d.Policies = slices.Clone(d.Policies)
	i := slices.IndexFunc(d.Sources, func(s oriel.Source) bool { return s.Key == "airports" })
	d.Sources = slices.Clone(d.Sources)
	flights, _ := d.Sources[i].Table("flights")
	d.Sources[i].Tables = slices.Clone(d.Sources[i].Tables)
	for n := range policies {
		name := fmt.Sprintf("more%d", n/5)
		if n%5 == 0 {
			d.Sources[i].Tables = append(d.Sources[i].Tables, oriel.SourceTable{Name: name, Columns: flights.Columns})
		}
		d.Policies = append(d.Policies, oriel.Policy{Table: oriel.TableRef{Source: "airports", Table: name}, Rows: "origin = user.attr.airport"})
	}
	d.Groups = slices.Clone(d.Groups)
	var in []oriel.GroupKey
	for n := range groups {
		key := oriel.GroupKey(fmt.Sprintf("crowd%d", n))
		d.Groups = append(d.Groups, oriel.Group{Key: key, Name: string(key), Collections: map[string]oriel.CollectionGrant{"nowhere": oriel.GrantView}})
		in = append(in, key)
	}
	s.declared = &d
	return in
}

// BenchmarkRunQuestion asks the same with few and with very many policies and
// groups; access §3 lets the second take half as long again.
func BenchmarkRunQuestion(b *testing.B) {
	for _, n := range []struct{ policies, groups int }{{10, 10}, {10_000, 1_000}} {
		for _, question := range []string{"latest-departures", "worst-destinations"} {
			b.Run(fmt.Sprintf("%s, %d policies, %d groups", question, n.policies, n.groups), func(b *testing.B) {
				s := openSample(b)
				groups := crowd(s, n.policies, n.groups)
				user := operatorOf("DFW").User()
				user.Groups = append(slices.Clone(user.Groups), groups...)
				p := oriel.NewPrincipal(user, oriel.SessionEmbed)
				for b.Loop() {
					if _, _, err := s.queries.RunQuestion(b.Context(), p, question, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// What a model's own policies keep back shows in no question on it and in no
// filter's values either.
func TestRunQuestion_aModelsOwnPoliciesHoldEverywhere(t *testing.T) {
	s := openSample(t)
	seen := func() (departures, destinations string) {
		_, result, err := s.queries.RunQuestion(t.Context(), operatorOf("DFW"), "departures", nil)
		if err != nil {
			t.Fatal(err)
		}
		values, err := s.queries.ParameterValues(t.Context(), operatorOf("DFW"), "airport-operations", "destination")
		if err != nil {
			t.Fatal(err)
		}
		return string(result.Values[0][0]), strings.Join(values, " ")
	}
	all, destinations := seen()
	if !strings.Contains(destinations, "LAX") {
		t.Fatalf("nothing to keep back: %s", destinations)
	}
	d := *s.declared
	d.Policies = append(slices.Clone(d.Policies), oriel.Policy{Model: "flights", Rows: "destination != 'LAX'"})
	s.declared = &d
	if fewer, destinations := seen(); fewer == all || strings.Contains(destinations, "LAX") || destinations == "" {
		t.Errorf("the next request shows what the model's policy keeps back: %s of %s, %s", fewer, all, destinations)
	}
}
