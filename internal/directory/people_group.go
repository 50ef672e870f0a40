package directory

import (
	"context"
	"slices"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// GroupStore keeps groups.
type GroupStore interface {
	CreateGroup(ctx context.Context, who string, g oriel.Group) error
	UpdateGroup(ctx context.Context, who string, key oriel.GroupKey, c oriel.GroupChange) error
	DeleteGroup(ctx context.Context, who string, key oriel.GroupKey) error
}

// Groups lists all groups with what they may do, by key. Errors:
// not_authenticated; scope_denied without people and access.
func (d *People) Groups(_ context.Context, p oriel.Principal) ([]oriel.Group, error) {
	if err := requireAny(p, oriel.ScopeAdminPeople, oriel.ScopeAdminAccess); err != nil {
		return nil, err
	}
	return d.options.Declared().Groups, nil
}

func requireAny(p oriel.Principal, first, second oriel.Scope) error {
	if access.Require(p, first) == nil {
		return nil
	}
	return access.Require(p, second)
}

func (d *People) group(key oriel.GroupKey) (oriel.Group, error) {
	groups := d.options.Declared().Groups
	at := slices.IndexFunc(groups, func(g oriel.Group) bool { return g.Key == key })
	if at < 0 {
		return oriel.Group{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return groups[at], nil
}

// CreateGroup makes a group that may do nothing yet. Errors: not_authenticated;
// scope_denied; invalid_request; conflict when the key is taken.
func (d *People) CreateGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey, name string) (oriel.Group, error) {
	if err := d.require(p); err != nil {
		return oriel.Group{}, err
	}
	if !oriel.IsKey(string(key)) {
		return oriel.Group{}, oriel.WrongField("key", "A key has small letters, digits, - and _, at most 63 of them, and begins with a letter or a digit.")
	}
	if name == "" {
		name = string(key)
	}
	if err := checkName("name", name, 1, oriel.MostName); err != nil {
		return oriel.Group{}, err
	}
	if err := d.options.Store.CreateGroup(ctx, p.Who(), oriel.Group{Key: key, Name: name}); err != nil {
		return oriel.Group{}, err
	}
	return d.group(key)
}

// RenameGroup changes a group's name; its key stays. Errors: not_authenticated;
// scope_denied, also for a group that claims may name and the principal may not
// give, since a claim may say its name; invalid_request, also for a group that
// is built in; not_found.
func (d *People) RenameGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey, name string) (oriel.Group, error) {
	if err := d.require(p); err != nil {
		return oriel.Group{}, err
	}
	if key.BuiltIn() {
		return oriel.Group{}, oriel.WrongField("id", builtInStays)
	}
	if err := checkName("name", name, 1, oriel.MostName); err != nil {
		return oriel.Group{}, err
	}
	if access.OpenedToClaims(d.options.Declared(), key) {
		if err := access.GiveGroup(p, d.options.Declared(), key); err != nil {
			return oriel.Group{}, err
		}
	}
	if err := d.options.Store.UpdateGroup(ctx, p.Who(), key, oriel.GroupChange{Name: &name}); err != nil {
		return oriel.Group{}, err
	}
	return d.group(key)
}

// DeleteGroup takes a group away, with the API keys that are bound to it.
// Errors: not_authenticated; scope_denied; invalid_request for one that is
// built in; not_found; conflict while a policy or a provider names it.
func (d *People) DeleteGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey) error {
	if err := d.require(p); err != nil {
		return err
	}
	if key.BuiltIn() {
		return oriel.WrongField("id", builtInStays)
	}
	return d.options.Store.DeleteGroup(ctx, p.Who(), key)
}

const builtInStays = "This group is built in: it keeps its name and is never deleted."
