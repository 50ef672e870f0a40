package store

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// putOrigins replaces the instance's list when the declaration has one.
func (a *applying) putOrigins(origins []oriel.Origin) error {
	if origins == nil {
		return nil
	}
	current, err := a.originEntries()
	if err != nil {
		return err
	}
	return a.replaceOrigins(current, entries(origins))
}

// AddOrigin adds an entry to the instance's list; no change when it is there.
func (s *Store) AddOrigin(ctx context.Context, who string, o oriel.Origin) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		current, err := a.originEntries()
		if err != nil || slices.Contains(current, o.String()) {
			return err
		}
		return a.replaceOrigins(current, append(slices.Clone(current), o.String()))
	})
}

// RemoveOrigin takes an entry off the instance's list, also one that is left
// out now. It fails with not_found when the list does not have it.
func (s *Store) RemoveOrigin(ctx context.Context, who string, o oriel.Origin) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		current, err := a.originEntries()
		if err != nil {
			return err
		}
		at := slices.Index(current, o.String())
		if at < 0 {
			return oriel.E(oriel.CodeNotFound, "the list of origins has no entry %q: see oriel origin list", o.String())
		}
		return a.replaceOrigins(current, slices.Delete(slices.Clone(current), at, at+1))
	})
}

func (a *applying) originEntries() ([]string, error) {
	return a.tx.texts("read the origins", `SELECT entry FROM origins ORDER BY position`)
}

func (a *applying) replaceOrigins(current, next []string) error {
	if slices.Equal(current, next) {
		return nil
	}
	if err := a.tx.change("replace the origins", `DELETE FROM origins`); err != nil {
		return err
	}
	for _, entry := range next {
		if err := a.tx.change("replace the origins", `INSERT INTO origins (entry) VALUES (?)`, entry); err != nil {
			return err
		}
	}
	before, after := "", "[]"
	var err error
	if len(current) > 0 {
		if before, err = document(current); err != nil {
			return err
		}
	}
	if len(next) > 0 {
		if after, err = document(next); err != nil {
			return err
		}
	}
	return a.changed("origins", "instance", before, after)
}

// entries writes origins as they are stored: once each, in their order.
func entries(origins []oriel.Origin) []string {
	var list []string
	for _, o := range origins {
		if entry := o.String(); !slices.Contains(list, entry) {
			list = append(list, entry)
		}
	}
	return list
}

func (s *Store) readOrigins(ctx context.Context, tx *sql.Tx) ([]oriel.Origin, error) {
	var list []string
	err := eachRow(ctx, tx, `SELECT entry FROM origins ORDER BY position`, func(rows *sql.Rows) error {
		var entry string
		if err := rows.Scan(&entry); err != nil {
			return err
		}
		list = append(list, entry)
		return nil
	})
	return s.origins(list), err
}

// origins parses stored entries under the settings that hold now. One that no
// longer holds lets nobody in, and the log says so.
func (s *Store) origins(list []string) []oriel.Origin {
	var origins []oriel.Origin
	for _, entry := range list {
		o, err := oriel.ParseOrigin(entry, s.options.Origins)
		if err != nil {
			s.options.Log.Warn("a stored origin is left out", slog.String("origin", entry), slog.Any("error", err))
			continue
		}
		origins = append(origins, o)
	}
	return origins
}

// unchecked are stored entries as they stand, for those who look at them only.
func unchecked(list []string) []oriel.Origin {
	origins := make([]oriel.Origin, 0, len(list))
	for _, entry := range list {
		var o oriel.Origin
		if err := o.UnmarshalText([]byte(entry)); err == nil {
			origins = append(origins, o)
		}
	}
	return origins
}
