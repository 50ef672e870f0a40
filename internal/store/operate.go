package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateProvider adds a provider with its keys. It fails with conflict when
// there is one with the slug.
func (s *Store) CreateProvider(ctx context.Context, who string, p oriel.Provider) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		if _, found, err := a.findProvider(p.Slug); err != nil {
			return err
		} else if found {
			return oriel.E(oriel.CodeConflict, "there is a provider %q already: choose another slug, or change that one with oriel apply", p.Slug)
		}
		return a.putProviders([]oriel.Provider{p})
	})
}

// UpdateProvider replaces a provider's settings. Its keys stay as they are; those of
// p whose id none of them has are added. It fails with not_found, and with conflict
// when there are more keys than it may have.
func (s *Store) UpdateProvider(ctx context.Context, who string, p oriel.Provider) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		id, err := a.needProvider(p.Slug)
		if err != nil {
			return err
		}
		if _, err := a.putSettings(p); err != nil {
			return err
		}
		has, err := a.tx.keys(id)
		if err != nil {
			return err
		}
		for _, key := range p.Keys {
			if _, found := has[key.ID]; found {
				continue
			}
			if err := a.addKey(id, p.Slug, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteProvider takes a provider and its keys away. It fails with not_found,
// and with conflict when somebody has signed in through it: a user whose
// identity is gone could be taken over through another provider.
func (s *Store) DeleteProvider(ctx context.Context, who string, slug string) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		id, err := a.needProvider(slug)
		if err != nil {
			return err
		}
		var one int
		used, err := a.tx.find("find the provider's identities", `SELECT 1 FROM identities WHERE provider_id = ? LIMIT 1`, []any{id}, &one)
		if err != nil {
			return err
		}
		if used {
			return oriel.E(oriel.CodeConflict, "people have signed in through %q and their users belong to it: switch it off with oriel provider update --disable", slug)
		}
		return a.deleteProvider(id, slug)
	})
}

func (a *applying) deleteProvider(id, slug string) error {
	keys, err := a.tx.keys(id)
	if err != nil {
		return err
	}
	for _, kid := range slices.Sorted(maps.Keys(keys)) {
		if err := a.deleteKey(id, slug, keys[kid]); err != nil {
			return err
		}
	}
	var before string
	if _, err := a.tx.find("read provider", `SELECT document FROM providers WHERE id = ?`, []any{id}, &before); err != nil {
		return err
	}
	if err := a.tx.change("delete provider", `DELETE FROM providers WHERE id = ?`, id); err != nil {
		return err
	}
	return a.changed("provider", slug, before, "")
}

// CreateKey adds a key to a provider. It fails with not_found when there is no
// such provider, and with conflict when it has a key with the id, or as many
// keys as it may have.
func (s *Store) CreateKey(ctx context.Context, who string, slug string, key oriel.ProviderKey) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		id, err := a.needProvider(slug)
		if err != nil {
			return err
		}
		return a.addKey(id, slug, key)
	})
}

// AddFoundCertificate adds a certificate that metadata have, as [Store.CreateKey]
// does. It fails with conflict, too, when an administrator deleted it: then only one
// gives it again.
func (s *Store) AddFoundCertificate(ctx context.Context, who, slug string, key oriel.ProviderKey) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		id, err := a.needProvider(slug)
		if err != nil {
			return err
		}
		var dropped int
		found, err := a.tx.find("find a deleted certificate", `SELECT 1 FROM dropped_certificates WHERE provider_id = ? AND fingerprint = ?`,
			[]any{id, fingerprint(key)}, &dropped)
		switch {
		case err != nil:
			return err
		case found:
			return oriel.E(oriel.CodeConflict, "an administrator deleted this certificate of %q: oriel key create gives it back", slug)
		}
		return a.addKey(id, slug, key)
	})
}

// IsDroppedCertificate tells whether an administrator deleted a certificate of the
// provider with the id, and nobody gave it again.
func (s *Store) IsDroppedCertificate(ctx context.Context, provider string, certificate []byte) (dropped bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM dropped_certificates WHERE provider_id = ? AND fingerprint = ?)`,
		provider, fingerprint(oriel.ProviderKey{Public: certificate})).Scan(&dropped)
	if err != nil {
		return false, failed("find a deleted certificate", err)
	}
	return dropped, nil
}

// addKey fails with conflict when the id is taken, or there are as many as may be.
func (a *applying) addKey(provider, slug string, key oriel.ProviderKey) error {
	keys, err := a.tx.keys(provider)
	if err != nil {
		return err
	}
	if _, found := keys[key.ID]; found {
		return oriel.E(oriel.CodeConflict, "the provider %q has a key %q already: choose another id", slug, key.ID)
	}
	// Counted here, where no other key can come in between.
	if len(keys) >= oriel.MaxProviderKeys {
		return oriel.E(oriel.CodeConflict, "the provider %q has %d keys, and no more are allowed: delete one first", slug, len(keys))
	}
	return a.insertKey(provider, slug, key)
}

// DeleteKey takes a key away; the sessions that it vouched for are refused from
// then on. It fails with not_found.
func (s *Store) DeleteKey(ctx context.Context, who string, slug, kid string) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		id, key, err := a.needKey(slug, kid)
		if err != nil {
			return err
		}
		if err := a.tx.dropCertificate(id, key); err != nil {
			return err
		}
		return a.deleteKey(id, slug, key)
	})
}

// RetireKey gives a key an end: until then, the overlap, it verifies tokens, and
// not after. A key that has an end gets a sooner one, never a later. It fails
// with not_found, and with conflict when the end is not sooner.
func (s *Store) RetireKey(ctx context.Context, who, slug, kid string, ends time.Time) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		_, key, err := a.needKey(slug, kid)
		if err != nil {
			return err
		}
		if !key.Ends.IsZero() && !ends.Before(key.Ends) {
			return oriel.E(oriel.CodeConflict, "the key %q ends already, at %s: it can end sooner, not later", kid, key.Ends.Format(time.RFC3339))
		}
		before, after := key, key
		if after.Retired.IsZero() {
			after.Retired = a.tx.writer.store.options.Clock()
		}
		after.Ends = ends
		if err := a.tx.change("retire key", `UPDATE provider_keys SET retired = ?, ends = ? WHERE serial = ?`,
			micros(after.Retired), micros(after.Ends), key.Serial); err != nil {
			return err
		}
		return a.keyUpdated(slug, before, after)
	})
}

func (a *applying) findProvider(slug string) (id string, found bool, err error) {
	found, err = a.tx.find("find provider", `SELECT id FROM providers WHERE slug = ?`, []any{slug}, &id)
	return id, found, err
}

func (a *applying) needProvider(slug string) (id string, err error) {
	id, found, err := a.findProvider(slug)
	if err == nil && !found {
		return "", oriel.E(oriel.CodeNotFound, "there is no provider %q: see oriel provider list", slug)
	}
	return id, err
}

// needKey gives the key, and the id of its provider.
func (a *applying) needKey(slug, kid string) (provider string, key oriel.ProviderKey, err error) {
	provider, err = a.needProvider(slug)
	if err != nil {
		return "", oriel.ProviderKey{}, err
	}
	keys, err := a.tx.keys(provider)
	if err != nil {
		return "", oriel.ProviderKey{}, err
	}
	key, found := keys[kid]
	if !found {
		return "", oriel.ProviderKey{}, oriel.E(oriel.CodeNotFound, "the provider %q has no key %q: see oriel key list --provider %s", slug, kid, slug)
	}
	return provider, key, nil
}
