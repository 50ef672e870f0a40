package store

import (
	"context"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateCollection keeps a collection. It fails with conflict when the key is
// taken.
func (s *Store) CreateCollection(ctx context.Context, who string, c oriel.Collection) error {
	_, err := s.declare(ctx, who, func(a *applying) error { return a.create(collectionNoun, c.Key, c) })
	return err
}

// RenameCollection changes a collection's name. It fails with not_found.
func (s *Store) RenameCollection(ctx context.Context, who, key, name string) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		c, err := needDocument[oriel.Collection](a, collectionNoun, key)
		if err != nil {
			return err
		}
		c.Name = name
		return a.put(collectionNoun, key, c)
	})
	return err
}

// DeleteCollection takes a collection away, with what groups may do to it:
// whoever made another one of the key would else inherit that. It fails with
// not_found, and with conflict while it holds something.
func (s *Store) DeleteCollection(ctx context.Context, who, key string) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, err := needDocument[oriel.Collection](a, collectionNoun, key); err != nil {
			return err
		}
		var one int
		holds, err := a.tx.find("find what a collection holds", `
			SELECT 1 FROM questions WHERE document ->> '$.collection' = ?1
			UNION ALL SELECT 1 FROM dashboards WHERE document ->> '$.collection' = ?1 LIMIT 1`, []any{key}, &one)
		if err != nil {
			return err
		}
		if holds {
			return oriel.E(oriel.CodeConflict, "the collection %q holds questions or dashboards: put them elsewhere first", key)
		}
		if err := a.revokeAll(oriel.GroupChange{Collections: map[string]oriel.CollectionGrant{key: ""}}); err != nil {
			return err
		}
		return a.remove(collectionNoun, key)
	})
	return err
}
