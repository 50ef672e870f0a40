package httpapi

import (
	"context"
	"net/http"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Collections are the folders of content, as administrators keep them.
type Collections interface {
	List(ctx context.Context, p oriel.Principal) ([]catalog.HeldCollection, error)
	Create(ctx context.Context, p oriel.Principal, key, name string) (catalog.HeldCollection, error)
	Rename(ctx context.Context, p oriel.Principal, key, name string) (catalog.HeldCollection, error)
	Delete(ctx context.Context, p oriel.Principal, key string) error
}

// ListCollections answers GET /api/v1/collections.
func (a *API) ListCollections(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminContent, func(p oriel.Principal) error {
		all, err := a.collections.List(r.Context(), p)
		if err != nil {
			return err
		}
		list := CollectionList{Items: make([]Collection, 0, len(all))}
		for _, one := range all {
			list.Items = append(list.Items, wireCollection(one))
		}
		a.answer(w, r, list)
		return nil
	})
}

// CreateCollection answers POST /api/v1/collections.
func (a *API) CreateCollection(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminContent, func(p oriel.Principal) error {
		key, name, err := readKeyAndName(w, r)
		if err != nil {
			return err
		}
		one, err := a.collections.Create(r.Context(), p, key, name)
		if err != nil {
			return err
		}
		a.created(w, r, wireCollection(one))
		return nil
	})
}

// RenameCollection answers PATCH /api/v1/collections/{id}; the id is the key.
func (a *API) RenameCollection(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminContent, func(p oriel.Principal) error {
		name, err := readName(w, r)
		if err != nil {
			return err
		}
		one, err := a.collections.Rename(r.Context(), p, id, name)
		if err != nil {
			return err
		}
		a.answer(w, r, wireCollection(one))
		return nil
	})
}

// DeleteCollection answers DELETE /api/v1/collections/{id}.
func (a *API) DeleteCollection(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminContent, func(p oriel.Principal) error {
		if err := a.collections.Delete(r.Context(), p, id); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func wireCollection(c catalog.HeldCollection) Collection {
	return Collection{Key: c.Key, Name: c.Name, Questions: c.Questions, Dashboards: c.Dashboards}
}
