package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func sourceURLPlace(source string) place {
	return place{table: "source_urls", row: source, column: "url"}
}

// putSources keeps each source, and apart from its document, sealed, how its
// server is reached.
func (a *applying) putSources(sources []oriel.Source) error {
	if err := putAll(a, sourceNoun, sources, func(x oriel.Source) string { return x.Key }); err != nil {
		return err
	}
	for _, src := range sources {
		if err := a.putSourceURL(src); err != nil {
			return fmt.Errorf("apply the url of source %s: %w", src.Key, err)
		}
	}
	return nil
}

func (a *applying) putSourceURL(src oriel.Source) error {
	const sayNothing = `{"url":"sealed"}` // all that an audit entry tells of it
	var sealed []byte
	found, err := a.tx.find("read the url", `SELECT url FROM source_urls WHERE source = ?`, []any{src.Key}, &sealed)
	if err != nil {
		return err
	}
	if src.URL == "" {
		if !found {
			return nil
		}
		if err := a.tx.change("forget the url", `DELETE FROM source_urls WHERE source = ?`, src.Key); err != nil {
			return err
		}
		return a.changed("source_url", src.Key, sayNothing, "")
	}
	before := ""
	if found {
		sealer, err := a.tx.sealer()
		if err != nil {
			return err
		}
		known, err := sealer.open(sealed, sourceURLPlace(src.Key))
		if err != nil {
			return err
		}
		if string(known) == src.URL {
			return nil
		}
		before = sayNothing
	}
	next, err := a.tx.seal([]byte(src.URL), sourceURLPlace(src.Key))
	if err != nil {
		return err
	}
	err = a.tx.change("keep the url", `INSERT INTO source_urls (source, url) VALUES (?, ?)
		ON CONFLICT (source) DO UPDATE SET url = excluded.url`, src.Key, next)
	if err != nil {
		return err
	}
	return a.changed("source_url", src.Key, before, sayNothing)
}

// readSources reads every source, with how its server is reached and the key
// of its masks.
func (s *Store) readSources(ctx context.Context, tx *sql.Tx) ([]oriel.Source, error) {
	all, err := readDocuments[oriel.Source](ctx, tx, sourceNoun)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].MaskKey = s.MaskKey(all[i].Key)
		var sealed []byte
		err := tx.QueryRowContext(ctx, `SELECT url FROM source_urls WHERE source = ?`, all[i].Key).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, failed("read the url of a source", err)
		}
		url, err := s.seal.open(sealed, sourceURLPlace(all[i].Key))
		if err != nil {
			return nil, fmt.Errorf("read the url of source %s: %w", all[i].Key, err)
		}
		all[i].URL = string(url)
	}
	return all, nil
}
