package catalog

import (
	"context"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// CollectionStore keeps collections. who is [oriel.Principal.Who] of the one who
// changes them.
type CollectionStore interface {
	CreateCollection(ctx context.Context, who string, c oriel.Collection) error
	RenameCollection(ctx context.Context, who, key, name string) error
	DeleteCollection(ctx context.Context, who, key string) error
}

// Collections are the folders of content as administrators keep them. Each
// change leaves an audit entry and holds from the next request on.
type Collections struct {
	declared func() *oriel.Declaration
	store    CollectionStore
}

// NewCollections makes Collections over the newest declaration.
func NewCollections(declared func() *oriel.Declaration, store CollectionStore) *Collections {
	return &Collections{declared: declared, store: store}
}

// HeldCollection is a collection and how much it holds.
type HeldCollection struct {
	oriel.Collection
	Questions, Dashboards int
}

func (c *Collections) require(p oriel.Principal) error {
	return access.Require(p, oriel.ScopeAdminContent)
}

// List lists all collections by key. Errors: not_authenticated, scope_denied.
func (c *Collections) List(_ context.Context, p oriel.Principal) ([]HeldCollection, error) {
	if err := c.require(p); err != nil {
		return nil, err
	}
	d := c.declared()
	list := make([]HeldCollection, 0, len(d.Collections))
	for _, one := range d.Collections {
		list = append(list, held(d, one))
	}
	return list, nil
}

func held(d *oriel.Declaration, one oriel.Collection) HeldCollection {
	out := HeldCollection{Collection: one}
	for _, q := range d.Questions {
		if q.Collection == one.Key {
			out.Questions++
		}
	}
	for _, x := range d.Dashboards {
		if x.Collection == one.Key {
			out.Dashboards++
		}
	}
	return out
}

func (c *Collections) find(key string) (HeldCollection, error) {
	d := c.declared()
	for _, one := range d.Collections {
		if one.Key == key {
			return held(d, one), nil
		}
	}
	return HeldCollection{}, &oriel.Error{Code: oriel.CodeNotFound}
}

// Create makes a collection that nobody may view yet. Errors: not_authenticated;
// scope_denied; invalid_request; conflict when the key is taken.
func (c *Collections) Create(ctx context.Context, p oriel.Principal, key, name string) (HeldCollection, error) {
	if err := c.require(p); err != nil {
		return HeldCollection{}, err
	}
	if !oriel.IsKey(key) {
		return HeldCollection{}, oriel.WrongField("key", "A key has small letters, digits, - and _, at most 63 of them, and begins with a letter or a digit.")
	}
	if err := checkName(name); err != nil {
		return HeldCollection{}, err
	}
	if err := c.store.CreateCollection(ctx, p.Who(), oriel.Collection{Key: key, Name: name}); err != nil {
		return HeldCollection{}, err
	}
	return c.find(key)
}

// Rename changes a collection's name; its key stays. Errors: not_authenticated,
// scope_denied, invalid_request, not_found.
func (c *Collections) Rename(ctx context.Context, p oriel.Principal, key, name string) (HeldCollection, error) {
	if err := c.require(p); err != nil {
		return HeldCollection{}, err
	}
	if err := checkName(name); err != nil {
		return HeldCollection{}, err
	}
	if err := c.store.RenameCollection(ctx, p.Who(), key, name); err != nil {
		return HeldCollection{}, err
	}
	return c.find(key)
}

// Delete takes an empty collection away, with what groups may do to it. Errors:
// not_authenticated; scope_denied; not_found; conflict while it holds something.
func (c *Collections) Delete(ctx context.Context, p oriel.Principal, key string) error {
	if err := c.require(p); err != nil {
		return err
	}
	return c.store.DeleteCollection(ctx, p.Who(), key)
}

func checkName(name string) error {
	if !oriel.IsName(name, 1, oriel.MostName) {
		return oriel.WrongField("name", "This is a name without control characters, of 1 to 200 bytes.")
	}
	return nil
}
