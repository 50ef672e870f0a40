package access

import (
	"fmt"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// BenchmarkDecide compares 10 policies with 10,000 and 1,000 groups, of whoever
// asks too: a request pays for the table that it reads.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []struct{ policies, groups int }{{10, 10}, {10_000, 1_000}} {
		b.Run(fmt.Sprintf("%d policies, %d groups", n.policies, n.groups), func(b *testing.B) {
			src, policies, groups := many(n.policies, n.groups)
			read := ReadPolicies([]oriel.Source{src}, nil, policies)
			p := principal(func(u *oriel.User) { u.Groups = groups })
			for b.Loop() {
				if _, err := read.Decide(p, src.Key, []string{"t0"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadPolicies is what each change of a declaration pays once.
func BenchmarkReadPolicies(b *testing.B) {
	src, policies, _ := many(10_000, 1_000)
	for b.Loop() {
		ReadPolicies([]oriel.Source{src}, nil, policies)
	}
}

// many spreads policies over a source's tables, five each.
func many(policies, groups int) (oriel.Source, []oriel.Policy, []oriel.GroupKey) {
	src := oriel.Source{Key: "data", Kind: oriel.SourceDuckDB}
	var all []oriel.Policy
	for i := range policies / 5 {
		name := fmt.Sprintf("t%d", i)
		src.Tables = append(src.Tables, oriel.SourceTable{Name: name, Columns: flights.Columns})
		for j := range 5 {
			exempt := []oriel.GroupKey{oriel.GroupKey(fmt.Sprintf("x%d", j)), oriel.GroupKey(fmt.Sprintf("y%d", i))}
			all = append(all, on(name, []string{"origin = user.attr.airport", "delay < 100", "origin in user.attr.airports or late = true", "not delay = 7", "origin is not null"}[j], exempt...))
		}
	}
	in := make([]oriel.GroupKey, groups)
	for i := range in {
		in[i] = oriel.GroupKey(fmt.Sprintf("g%d", i))
	}
	return src, all, in
}
