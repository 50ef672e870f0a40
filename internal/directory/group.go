package directory

import (
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Memberships are who is in which group; the built-in groups of everybody are not
// stored.
type Memberships interface {
	AddToGroup(user oriel.UserID, group oriel.GroupKey) error
	RemoveFromGroup(user oriel.UserID, group oriel.GroupKey) error
}

// Synced is what a group claim did.
type Synced struct {
	Groups []oriel.GroupKey // all of the user's, with the built-in ones, sorted
	// Ignored are the names in the claim that no claim may grant.
	Ignored []string
}

// SyncGroups changes a user's groups, which are those that [Found] has, as the provider's group claim says: the
// groups that the provider manages, and no other. It fails, and so the sign-in
// does, when a group that it must grant is gone.
func (d *Directory) SyncGroups(tx Tx, p oriel.Provider, user oriel.User, identity oriel.Identity) (Synced, error) {
	current := slices.Clone(user.Groups)
	if !identity.GroupsSent || p.Groups.Mode == oriel.GroupsOff || p.Groups.Mode == "" {
		return Synced{Groups: oriel.WithBuiltInGroups(current, user.Tenant)}, nil
	}
	managed, wanted, ignored := d.claimed(p, identity.Groups)
	for _, group := range managed {
		is, want := slices.Contains(current, group), slices.Contains(wanted, group)
		switch {
		case want && !is:
			if err := tx.AddToGroup(user.ID, group); err != nil {
				return Synced{}, err
			}
			if err := d.changed(tx, p, "created", "membership", string(user.ID), string(group)); err != nil {
				return Synced{}, err
			}
			current = append(current, group)
		case is && !want:
			if err := tx.RemoveFromGroup(user.ID, group); err != nil {
				return Synced{}, err
			}
			if err := d.changed(tx, p, "deleted", "membership", string(user.ID), string(group)); err != nil {
				return Synced{}, err
			}
			current = slices.DeleteFunc(current, func(g oriel.GroupKey) bool { return g == group })
		}
	}
	return Synced{Groups: oriel.WithBuiltInGroups(current, user.Tenant), Ignored: ignored}, nil
}

// claimed tells which groups the provider manages, which of them the claim
// wants, and which names in the claim are never granted. Both lists are sorted.
func (d *Directory) claimed(p oriel.Provider, names []string) (managed, wanted []oriel.GroupKey, ignored []string) {
	match := d.byName
	switch p.Groups.Mode {
	case oriel.GroupsMapped:
		match = func(p oriel.Provider, name string) []oriel.GroupKey { return p.Groups.Mapping[name] }
		for _, groups := range p.Groups.Mapping {
			managed = append(managed, groups...)
		}
	case oriel.GroupsByName:
		managed = slices.Clone(p.Groups.Opened)
	default:
		return nil, nil, nil
	}
	for _, name := range names {
		groups := match(p, name)
		if slices.ContainsFunc(groups, builtIn) || (len(groups) == 0 && builtIn(oriel.GroupKey(name))) {
			ignored = append(ignored, name)
		}
		wanted = append(wanted, groups...)
	}
	return grantable(managed), grantable(wanted), ignored
}

// byName finds the opened group that a claim names: by its key, or by its name
// when that is nobody's key.
func (d *Directory) byName(p oriel.Provider, name string) []oriel.GroupKey {
	if slices.Contains(p.Groups.Opened, oriel.GroupKey(name)) {
		return []oriel.GroupKey{oriel.GroupKey(name)}
	}
	groups := d.options.Declared().Groups
	if slices.ContainsFunc(groups, func(g oriel.Group) bool { return string(g.Key) == name }) {
		return nil
	}
	var matching []oriel.GroupKey
	for _, g := range groups {
		if g.Name == name && slices.Contains(p.Groups.Opened, g.Key) {
			matching = append(matching, g.Key)
		}
	}
	return matching
}

// builtIn groups are never granted by a claim: administrators because a host
// must not make them, the others because everybody is in them anyway.
func builtIn(group oriel.GroupKey) bool {
	return group == oriel.GroupAdministrators || group == oriel.GroupAllUsers || group == oriel.GroupAllTenantUsers
}

func grantable(groups []oriel.GroupKey) []oriel.GroupKey {
	kept := slices.DeleteFunc(slices.Clone(groups), builtIn)
	slices.Sort(kept)
	return slices.Compact(kept)
}
