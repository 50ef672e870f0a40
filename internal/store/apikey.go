package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const listKeysSQL = `SELECT id, name, coalesce(user_id, ''), coalesce(group_key, ''), scopes, created, expires, last_used, revoked, replaces FROM api_keys`

// CreateAPIKey keeps a key under the SHA-256 of its secret. It fails with
// not_found when its user or group does not exist.
func (s *Store) CreateAPIKey(ctx context.Context, who string, key oriel.APIKey, hash [32]byte) error {
	return s.Write(ctx, func(tx *Tx) error { return tx.insertAPIKey(who, key, hash) })
}

// RotateAPIKey keeps the next key in place of the one with its Replaces, which
// ends when the overlap does, or when it was to end anyway. The next one's
// name, binding and scopes are those of the former. It fails with not_found,
// and with conflict when the former is revoked or expired, or was rotated.
func (s *Store) RotateAPIKey(ctx context.Context, who string, next oriel.APIKey, hash [32]byte, overlapEnds time.Time) (oriel.APIKey, error) {
	err := s.Write(ctx, func(tx *Tx) error {
		former, found, err := tx.findAPIKey(next.Replaces)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		case !former.Revoked.IsZero(), !former.Expires.IsZero() && !former.Expires.After(next.Created):
			return oriel.E(oriel.CodeConflict, "the key is revoked or has expired: create a new one")
		}
		var successor string
		if rotated, err := tx.find("find a key's successor", `SELECT id FROM api_keys WHERE replaces = ?`, []any{former.ID}, &successor); err != nil {
			return err
		} else if rotated {
			return oriel.E(oriel.CodeConflict, "the key was rotated already: %s took its place", successor)
		}
		next.Name, next.User, next.Group, next.Scopes = former.Name, former.User, former.Group, former.Scopes
		if former.Expires.IsZero() || overlapEnds.Before(former.Expires) {
			if err := tx.change("end a key", `UPDATE api_keys SET expires = ? WHERE id = ?`, micros(overlapEnds), former.ID); err != nil {
				return err
			}
		}
		return tx.insertAPIKey(who, next, hash)
	})
	return next, err
}

// RevokeAPIKey ends a key at once. It fails with not_found; revoking again
// changes nothing.
func (s *Store) RevokeAPIKey(ctx context.Context, who, id string, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		key, found, err := tx.findAPIKey(id)
		switch {
		case err != nil:
			return err
		case !found:
			return &oriel.Error{Code: oriel.CodeNotFound}
		case !key.Revoked.IsZero():
			return nil
		}
		if err := tx.change("revoke a key", `UPDATE api_keys SET revoked = ? WHERE id = ?`, micros(at), id); err != nil {
			return err
		}
		return tx.InsertAuditEntry(oriel.AuditEntry{At: at, Who: who, Action: "revoked", Kind: "api key", Key: id})
	})
}

// TouchAPIKey keeps when a key was last used.
func (s *Store) TouchAPIKey(ctx context.Context, id string, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		return tx.change("keep a key's last use", `UPDATE api_keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?`, micros(at), id)
	})
}

// ListAPIKeys lists all keys, newest first.
func (s *Store) ListAPIKeys(ctx context.Context) ([]oriel.APIKey, error) {
	rows, err := s.read.QueryContext(ctx, listKeysSQL+` ORDER BY created DESC, id`)
	if err != nil {
		return nil, failed("list the API keys", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.APIKey
	for rows.Next() {
		var key oriel.APIKey
		if err := scanAPIKey(rows.Scan, &key); err != nil {
			return nil, err
		}
		list = append(list, key)
	}
	return list, failed("list the API keys", rows.Err())
}

// FindAPIKey finds a key by the SHA-256 of its secret, with what decides
// whether it may be used. One that is bound to a group has a person without a
// user id, who is in that group and is active.
func (s *Store) FindAPIKey(ctx context.Context, hash [32]byte) (oriel.APIKeyState, bool, error) {
	return s.findAPIKeyState(ctx, listKeysSQL+` WHERE hash = ?`, hash[:])
}

// FindAPIKeyByID is FindAPIKey for who knows the id only.
func (s *Store) FindAPIKeyByID(ctx context.Context, id string) (oriel.APIKeyState, bool, error) {
	return s.findAPIKeyState(ctx, listKeysSQL+` WHERE id = ?`, id)
}

func (s *Store) findAPIKeyState(ctx context.Context, text string, key any) (oriel.APIKeyState, bool, error) {
	var state oriel.APIKeyState
	err := scanAPIKey(s.read.QueryRowContext(ctx, text, key).Scan, &state.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.APIKeyState{}, false, nil
	}
	if err != nil {
		return oriel.APIKeyState{}, false, err
	}
	if state.Key.User == "" {
		state.Person = oriel.Person{
			User:         oriel.User{Active: true, Groups: oriel.WithBuiltInGroups([]oriel.GroupKey{state.Key.Group}, "")},
			TenantActive: true,
		}
		return state, true, nil
	}
	var found bool
	state.Person, found, err = s.FindPerson(ctx, state.Key.User, "")
	return state, found, err
}

func (tx *Tx) findAPIKey(id string) (key oriel.APIKey, found bool, err error) {
	scan := func(dest ...any) error {
		found, err = tx.find("find an API key", listKeysSQL+` WHERE id = ?`, []any{id}, dest...)
		if err == nil && !found {
			return sql.ErrNoRows
		}
		return err
	}
	if err := scanAPIKey(scan, &key); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return key, false, err
	}
	return key, found, nil
}

func (tx *Tx) insertAPIKey(who string, key oriel.APIKey, hash [32]byte) error {
	var one int
	where, bound := `SELECT 1 FROM users WHERE id = ?`, string(key.User)
	if key.User == "" {
		where, bound = `SELECT 1 FROM groups WHERE key = ?`, string(key.Group)
	}
	if found, err := tx.find("find whom a key is bound to", where, []any{bound}, &one); err != nil {
		return err
	} else if !found {
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	scopes, err := document(key.Scopes)
	if err != nil {
		return err
	}
	if err := tx.change("create an API key",
		`INSERT INTO api_keys (hash, id, name, user_id, group_key, scopes, created, expires, replaces) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		hash[:], key.ID, key.Name, orNull(string(key.User)), orNull(string(key.Group)), scopes, micros(key.Created),
		microsOrNull(key.Expires), key.Replaces); err != nil {
		return err
	}
	about, err := document(map[string]any{"user": key.User, "group": key.Group, "scopes": key.Scopes, "replaces": key.Replaces})
	if err != nil {
		return err
	}
	return tx.InsertAuditEntry(oriel.AuditEntry{At: key.Created, Who: who, Action: "created", Kind: "api key", Key: key.ID, To: about})
}

func scanAPIKey(scan func(...any) error, key *oriel.APIKey) error {
	var scopes string
	var created, expires, lastUsed, revoked sql.NullInt64
	err := scan(&key.ID, &key.Name, &key.User, &key.Group, &scopes, &created, &expires, &lastUsed, &revoked, &key.Replaces)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil {
		return failed("read an API key", err)
	}
	key.Created, key.Expires, key.LastUsed, key.Revoked = moment(created), moment(expires), moment(lastUsed), moment(revoked)
	if err := json.Unmarshal([]byte(scopes), &key.Scopes); err != nil {
		return fmt.Errorf("read an API key's scopes: %w", err)
	}
	return nil
}
