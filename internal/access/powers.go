package access

import (
	"maps"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Scopes are the parts of administration that the groups have together.
func Scopes(groups []oriel.Group, of []oriel.GroupKey) []oriel.Scope {
	var scopes []oriel.Scope
	for _, g := range groups {
		if slices.Contains(of, g.Key) {
			scopes = append(scopes, g.Scopes...)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// Administers tells whether somebody in the groups may administer anything.
func Administers(groups []oriel.Group, of []oriel.GroupKey) bool {
	return slices.Contains(of, oriel.GroupAdministrators) || len(Scopes(groups, of)) > 0
}

// GiveScopes refuses scopes that the principal does not hold themselves (access
// §2). Error: scope_denied.
func GiveScopes(p oriel.Principal, scopes []oriel.Scope) error {
	for _, scope := range scopes {
		if !p.Holds(scope) {
			return denied("You can't give the scope " + string(scope) + ", which you don't hold yourself.")
		}
	}
	return nil
}

// GiveNative refuses to let others write SQL for a source when the principal
// may not themselves. Error: scope_denied.
func GiveNative(p oriel.Principal, d *oriel.Declaration, source string) error {
	if p.Holds(oriel.ScopeAdmin) || needSource(p, d.Groups, source, oriel.GrantNative) == nil {
		return nil
	}
	return denied("You can't let others write SQL for " + source + ", which you may not yourself.")
}

// GiveExemption refuses an exemption from a policy to who is not exempt from it
// themselves. Error: scope_denied.
func GiveExemption(p oriel.Principal, policy oriel.Policy) error {
	if p.Holds(oriel.ScopeAdmin) || slices.ContainsFunc(policy.Exempt, p.In) {
		return nil
	}
	return denied("You can't exempt others from the policy on " + policy.On() + ", which holds for you.")
}

// ReplacePolicies refuses exemptions that the policies in next, which take the
// place of those in before on one table or model, give and those in before do
// not. An exemption is given only by who has it from every policy there: a
// condition that is written in another way would else be a new policy, and
// whoever is put into a group of theirs would see past the old one. Error:
// scope_denied.
func ReplacePolicies(p oriel.Principal, before, next []oriel.Policy) error {
	for _, policy := range next {
		for _, group := range policy.Exempt {
			if slices.ContainsFunc(before, func(old oriel.Policy) bool {
				return slices.Contains(old.Exempt, group) && sameLimits(old, policy)
			}) {
				continue
			}
			if len(before) == 0 && !p.Holds(oriel.ScopeAdmin) {
				return denied("You can't exempt a group from a policy on " + policy.On() + ", where nothing was open to you.")
			}
			for _, old := range before {
				if err := GiveExemption(p, old); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sameLimits tells whether two policies say the same of rows and columns.
func sameLimits(a, b oriel.Policy) bool {
	return a.On() == b.On() && a.Rows == b.Rows && a.Shared == b.Shared && maps.Equal(a.Columns, b.Columns)
}

// GiveGroup refuses to put people into a group, or to open it to claims, when
// it has a scope, an exemption or native that the principal does not hold
// themselves (access §2). Error: scope_denied.
func GiveGroup(p oriel.Principal, d *oriel.Declaration, group oriel.GroupKey) error {
	if group == oriel.GroupAdministrators && !p.Holds(oriel.ScopeAdmin) {
		return denied("Only who may do everything makes administrators.")
	}
	for _, g := range d.Groups {
		if g.Key != group {
			continue
		}
		if err := GiveScopes(p, g.Scopes); err != nil {
			return err
		}
		for source, grant := range g.Sources {
			if grant != oriel.GrantNative {
				continue
			}
			if err := GiveNative(p, d, source); err != nil {
				return err
			}
		}
	}
	for _, policy := range d.Policies {
		if !slices.Contains(policy.Exempt, group) {
			continue
		}
		if err := GiveExemption(p, policy); err != nil {
			return err
		}
	}
	return nil
}

// ChangePerson refuses to change somebody who may administer what the principal
// may not. Error: scope_denied.
func ChangePerson(p oriel.Principal, d *oriel.Declaration, of []oriel.GroupKey) error {
	if slices.Contains(of, oriel.GroupAdministrators) && !p.Holds(oriel.ScopeAdmin) {
		return denied("Only who may do everything changes administrators.")
	}
	for _, scope := range Scopes(d.Groups, of) {
		if !p.Holds(scope) {
			return denied("This person holds the scope " + string(scope) + ", which you don't.")
		}
	}
	return nil
}

// OpenedToClaims tells whether a provider's claims may put people into a group.
func OpenedToClaims(d *oriel.Declaration, group oriel.GroupKey) bool {
	return slices.ContainsFunc(d.Providers, func(p oriel.Provider) bool {
		return slices.ContainsFunc(Openings(p), func(o Opening) bool { return o.Group == group })
	})
}

// Opening is one way from a claim into a group.
type Opening struct {
	Name  string // what the claim says; empty: the group's own key or name
	Group oriel.GroupKey
}

// Openings are the ways that a provider opens, whether it is on or not.
func Openings(p oriel.Provider) []Opening {
	var all []Opening
	switch p.Groups.Mode {
	case oriel.GroupsByName:
		for _, group := range p.Groups.Opened {
			all = append(all, Opening{Group: group})
		}
	case oriel.GroupsMapped:
		for name, groups := range p.Groups.Mapping {
			for _, group := range groups {
				all = append(all, Opening{Name: name, Group: group})
			}
		}
	case oriel.GroupsOff:
	}
	return all
}

// OpenToClaims refuses a provider that opens to claims what the principal may
// not give: each way that current, the provider as it is, does not have. Error:
// scope_denied.
func OpenToClaims(p oriel.Principal, d *oriel.Declaration, current, next oriel.Provider) error {
	before := Openings(current)
	for _, way := range Openings(next) {
		if slices.Contains(before, way) {
			continue
		}
		if err := GiveGroup(p, d, way.Group); err != nil {
			return err
		}
	}
	return nil
}

func denied(message string) error { return oriel.E(oriel.CodeScopeDenied, "%s", message) }
