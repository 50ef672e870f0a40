package directory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// EffectiveAttributes are the values that policies read of a user, and where
// each comes from, by name. A tenant's value is there as long as some session
// of the user would read it.
func EffectiveAttributes(d oriel.UserDetail) []EffectiveAttribute {
	var list []EffectiveAttribute
	for name, value := range d.Administrator {
		list = append(list, EffectiveAttribute{Name: name, Value: value, From: FromAdministrator})
	}
	everywhere := map[string]int{}
	for _, provider := range slices.Sorted(maps.Keys(d.SignIn)) {
		for name, value := range d.SignIn[provider] {
			everywhere[name]++
			if _, set := d.Administrator[name]; !set {
				list = append(list, EffectiveAttribute{Name: name, Value: value, From: FromSignIn, Provider: provider})
			}
		}
	}
	for name, value := range d.Tenant {
		_, set := d.Administrator[name]
		if !set && (len(d.SignIn) == 0 || everywhere[name] < len(d.SignIn)) {
			list = append(list, EffectiveAttribute{Name: name, Value: value, From: FromTenant})
		}
	}
	slices.SortStableFunc(list, func(a, b EffectiveAttribute) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Provider, b.Provider))
	})
	return list
}
