package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateSource keeps a source that has not been synchronised. It fails with
// conflict when the key is taken.
func (s *Store) CreateSource(ctx context.Context, who string, src oriel.Source) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, found, err := a.findSource(src.Key); err != nil {
			return err
		} else if found {
			return oriel.E(oriel.CodeConflict, "There is a source %s already.", src.Key)
		}
		return a.putSources([]oriel.Source{src})
	})
	return err
}

// UpdateSource replaces a source. It fails with not_found, and with conflict
// while a sync of it is under way.
func (s *Store) UpdateSource(ctx context.Context, who string, src oriel.Source) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, found, err := a.findSource(src.Key); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := a.tx.noLiveSync(src.Key); err != nil {
			return err
		}
		return a.putSources([]oriel.Source{src})
	})
	return err
}

// DeleteSource takes away a source, its URL, and what groups may do on it, so
// that another source of the key inherits nothing. It fails with not_found, and
// with conflict while a model, question or policy is on it, or a sync of it is
// under way.
func (s *Store) DeleteSource(ctx context.Context, who string, key string) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, err := needDocument[oriel.Source](a, sourceNoun, key); err != nil {
			return err
		}
		if err := a.tx.noLiveSync(key); err != nil {
			return err
		}
		if err := a.sourceUnused(key); err != nil {
			return err
		}
		if err := a.revokeAll(oriel.GroupChange{Sources: map[string]oriel.SourceGrant{key: ""}}); err != nil {
			return err
		}
		return a.remove(sourceNoun, key)
	})
	return err
}

// sourceUnused fails with conflict while something is on the source.
func (a *applying) sourceUnused(key string) error {
	var what, which string
	used, err := a.tx.find("find what is on a source", `
		SELECT 'model', key FROM models WHERE json_extract(document, '$.table.source') = ?1
		UNION ALL SELECT 'question', key FROM questions WHERE json_extract(document, '$.source') = ?1
		UNION ALL SELECT 'policy on', source || '.' || tbl FROM policies WHERE source = ?1
		LIMIT 1`, []any{key}, &what, &which)
	if err == nil && used {
		err = oriel.E(oriel.CodeConflict, "The %s %s is on the source %s: take away what is on it first.", what, which, key)
	}
	return err
}

// findSource finds a source as it is stored, with its opened URL.
func (a *applying) findSource(key string) (src oriel.Source, found bool, err error) {
	var text string
	found, err = a.tx.find("find a source", sourceNoun.find, []any{key}, &text)
	if err != nil || !found {
		return src, false, err
	}
	if err := json.Unmarshal([]byte(text), &src); err != nil {
		return src, false, fmt.Errorf("read a stored source: %w", err)
	}
	var sealed []byte
	has, err := a.tx.find("read the url", `SELECT url FROM source_urls WHERE source = ?`, []any{key}, &sealed)
	if err != nil || !has {
		return src, err == nil, err
	}
	sealer, err := a.tx.sealer()
	if err != nil {
		return src, false, err
	}
	url, err := sealer.open(sealed, sourceURLPlace(key))
	if err != nil {
		return src, false, fmt.Errorf("read the url of source %s: %w", key, err)
	}
	src.URL = string(url)
	return src, true, nil
}
