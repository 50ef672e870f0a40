package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// testTime is how long a try to reach a source may take.
const testTime = 20 * time.Second

// Test tries to reach a source of the settings before they are saved. Those of
// a known key may leave out the url, which stays what it is, as in
// [Sources.Update]. Nothing is kept, and what it says holds no password. Errors:
// not_authenticated; scope_denied; invalid_request, which says what a
// declaration would be told; ctx's own.
func (s *Sources) Test(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (oriel.SourceTest, error) {
	if err := s.require(p); err != nil {
		return oriel.SourceTest{}, err
	}
	current, err := find(s.options.Declared(), key)
	if err != nil {
		current = oriel.Source{}
	}
	src, err := s.read(p, key, settings, current)
	if err != nil {
		return oriel.SourceTest{}, err
	}
	limited, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	tried := s.options.Engines.Test(limited, src)
	return tried, ctx.Err()
}

// TestStored is [Sources.Test] with the settings that are stored. Errors:
// not_authenticated, scope_denied, not_found, ctx's own.
func (s *Sources) TestStored(ctx context.Context, p oriel.Principal, key string) (oriel.SourceTest, error) {
	if err := s.require(p); err != nil {
		return oriel.SourceTest{}, err
	}
	src, err := find(s.options.Declared(), key)
	if err != nil {
		return oriel.SourceTest{}, err
	}
	limited, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	tried := s.options.Engines.Test(limited, src)
	return tried, ctx.Err()
}

// Create adds a source. It has no tables before it is synchronised. Errors:
// not_authenticated; scope_denied; invalid_request; conflict when the key is
// taken.
func (s *Sources) Create(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (SourceAsSet, error) {
	if err := s.require(p); err != nil {
		return SourceAsSet{}, err
	}
	src, err := s.read(p, key, settings, oriel.Source{})
	if err != nil {
		return SourceAsSet{}, err
	}
	if err := s.options.Store.CreateSource(ctx, p.Who(), src); err != nil {
		return SourceAsSet{}, err
	}
	return s.Source(ctx, p, key)
}

// Update replaces a source's settings; without a url it keeps the one that it
// has, unless what its login is used for changes, which is for those alone who
// know it or may do everything (see [reaimed]). Its tables stay while
// it is the same database, and otherwise it has none before it is synchronised.
// Errors: not_authenticated; scope_denied; invalid_request; not_found; conflict
// while it is being synchronised.
func (s *Sources) Update(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (SourceAsSet, error) {
	if err := s.require(p); err != nil {
		return SourceAsSet{}, err
	}
	current, err := find(s.options.Declared(), key)
	if err != nil {
		return SourceAsSet{}, err
	}
	next, err := s.read(p, key, settings, current)
	if err != nil {
		return SourceAsSet{}, err
	}
	if next.Kind != current.Kind {
		return SourceAsSet{}, wrong("kind", "The kind of a source does not change: make another source.")
	}
	if s.sameData(current, next) {
		next.Tables, next.Revision, next.Database = current.Tables, current.Revision, current.Database
		if len(next.Only) > 0 { // what is taken off the list is gone at once
			next.Tables = slices.DeleteFunc(slices.Clone(next.Tables), func(t oriel.SourceTable) bool { return !slices.Contains(next.Only, t.Name) })
		}
	}
	if err := s.options.Store.UpdateSource(ctx, p.Who(), next); err != nil {
		return SourceAsSet{}, err
	}
	return s.Source(ctx, p, key)
}

// sameData tells whether two sources are the same database, whoever reads it.
// What was imported of files stays what it was until the next sync.
func (s *Sources) sameData(a, b oriel.Source) bool {
	if a.Kind == oriel.SourceDuckDB {
		return true
	}
	was, err := s.options.Engines.Address(a)
	if err != nil {
		return false
	}
	is, err := s.options.Engines.Address(b)
	return err == nil && slices.Equal(was.Hosts, is.Hosts) && was.Database == is.Database && a.Schema == b.Schema
}

// Delete takes a source away with what groups may do on it; its database stays
// with its owner. Errors: not_authenticated; scope_denied; not_found; conflict
// while something is on it or it is being synchronised.
func (s *Sources) Delete(ctx context.Context, p oriel.Principal, key string) error {
	if err := s.require(p); err != nil {
		return err
	}
	return s.options.Store.DeleteSource(ctx, p.Who(), key)
}

// read reads settings by the rules of a declaration and those of this server.
func (s *Sources) read(p oriel.Principal, key string, settings map[string]any, current oriel.Source) (oriel.Source, error) {
	src, err := s.options.ReadSource(key, settings, current)
	if err != nil {
		return oriel.Source{}, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: oriel.MessageOf(err)}
	}
	if src.Kind == oriel.SourceDuckDB && current.Kind == oriel.SourceDuckDB && !current.InFolder && slices.Equal(src.Files, current.Files) {
		src.InFolder = false // they stay those beside the declaration
		return src, nil
	}
	if src.URL != "" && src.URL == current.URL {
		if _, given := settings["url"]; !given && reaimed(current, src) && !p.Holds(oriel.ScopeAdmin) {
			return oriel.Source{}, wrong("url", "The schema, the role or native_security changes, and with it what the stored login is used for: give the url again, or let somebody do it who may do everything.")
		}
		return src, nil // whoever saved it was asked
	}
	if err := s.options.Engines.Permit(src); err != nil {
		field := "url"
		if src.Kind == oriel.SourceDuckDB {
			field = "files"
		}
		return oriel.Source{}, wrong(field, oriel.MessageOf(err))
	}
	return src, nil
}

// reaimed tells whether the same login is used for something else: it reads as
// another role or in another schema, or tells its server of who asks, or no
// longer does. Whoever stored it did so for what it was used for, and another
// role of the same login may read what nobody here was to see.
func reaimed(a, b oriel.Source) bool {
	return a.Schema != b.Schema || a.Role != b.Role || a.NativeSecurity != b.NativeSecurity
}

func wrong(field, what string) error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: what, Fields: map[string]string{field: what}}
}
