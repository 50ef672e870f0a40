package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CreateGroup keeps a group. It fails with conflict when the key is taken.
func (s *Store) CreateGroup(ctx context.Context, who string, g oriel.Group) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		return a.create(groupNoun, string(g.Key), g)
	})
	return err
}

// UpdateGroup changes a group: what it names of the group, nothing else. It
// fails with not_found.
func (s *Store) UpdateGroup(ctx context.Context, who string, key oriel.GroupKey, c oriel.GroupChange) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		g, err := needDocument[oriel.Group](a, groupNoun, string(key))
		if err != nil {
			return err
		}
		if c.Name != nil {
			g.Name = *c.Name
		}
		g.Collections, g.Sources = granted(g.Collections, c.Collections), granted(g.Sources, c.Sources)
		if c.Download != nil {
			g.Download = *c.Download
		}
		if c.Scopes != nil {
			g.Scopes = slices.Sorted(slices.Values(*c.Scopes))
		}
		return a.put(groupNoun, string(key), g)
	})
	return err
}

// granted puts cells into a row of grants; an empty one takes a grant away.
func granted[G ~string](row, cells map[string]G) map[string]G {
	next := maps.Clone(row)
	for key, grant := range cells {
		if next == nil {
			next = map[string]G{}
		}
		next[key] = grant
		if grant == "" {
			delete(next, key)
		}
	}
	if len(next) == 0 {
		return nil
	}
	return next
}

// revokeAll takes cells away from all groups that have them: whoever made
// another thing of the key would else be given what was for the old one.
func (a *applying) revokeAll(cells oriel.GroupChange) error {
	groups, err := a.tx.texts("list the groups", `SELECT key FROM groups ORDER BY key`)
	if err != nil {
		return err
	}
	for _, key := range groups {
		g, err := needDocument[oriel.Group](a, groupNoun, key)
		if err != nil {
			return err
		}
		g.Collections, g.Sources = granted(g.Collections, cells.Collections), granted(g.Sources, cells.Sources)
		if err := a.put(groupNoun, key, g); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGroup takes a group away, with its API keys. It fails with not_found,
// and with conflict while a policy exempts it or a provider's claims may name
// it: whoever made another group of the key would inherit that.
func (s *Store) DeleteGroup(ctx context.Context, who string, key oriel.GroupKey) error {
	_, err := s.declare(ctx, who, func(a *applying) error {
		if _, err := needDocument[oriel.Group](a, groupNoun, string(key)); err != nil {
			return err
		}
		var one int
		named, err := a.tx.find("find what names the group", `
			SELECT 1 FROM policies p, json_tree(p.document) j WHERE j.path LIKE '%exempt' AND j.atom = ?1
			UNION ALL SELECT 1 FROM providers p, json_tree(p.document) j WHERE (j.path = '$.opened' OR j.path LIKE '$.mapping.%') AND j.atom = ?1
			LIMIT 1`, []any{string(key)}, &one)
		if err != nil {
			return err
		}
		if named {
			return oriel.E(oriel.CodeConflict, "a policy exempts the group %q, or a provider opens it to claims: change that first", string(key))
		}
		return a.remove(groupNoun, string(key))
	})
	return err
}

// SetMembership puts a user into a group, or takes them out. It fails with
// not_found when there is no such user or group, and with conflict for the last
// administrator; what is so stays so.
func (s *Store) SetMembership(ctx context.Context, who string, user oriel.UserID, group oriel.GroupKey, in bool, now time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		var is bool
		found, err := tx.find("find a user and a group", `
			SELECT EXISTS (SELECT 1 FROM group_members WHERE user_id = u.id AND group_key = g.key)
			FROM users u, groups g WHERE u.id = ? AND g.key = ?`, []any{string(user), string(group)}, &is)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		case is == in:
			return nil
		}
		e := oriel.AuditEntry{At: now, Who: who, Action: "created", Kind: "membership", Key: string(user), To: string(group)}
		if in {
			err = tx.AddToGroup(user, group)
		} else {
			e.Action, e.From, e.To = "deleted", string(group), ""
			err = tx.keepingAdministrator(who, func() error { return tx.RemoveFromGroup(user, group) })
		}
		if err != nil {
			return err
		}
		return tx.InsertAuditEntry(e)
	})
}
