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

// InsertSession keeps a session under the SHA-256 of its token.
func (tx *Tx) InsertSession(s oriel.Session, tokenHash [32]byte) error {
	return tx.change("create a session",
		`INSERT INTO sessions (token_hash, id, user_id, provider_id, kid, key_serial, kind, origin, host_sid, created, expires)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tokenHash[:], s.ID, string(s.User), s.Provider, s.KeyID, s.KeySerial, string(s.Kind), s.Origin, s.HostSID,
		micros(s.Created), micros(s.Expires))
}

// findSessionSQL reads all that decides about one request in one statement,
// and so at one moment.
const findSessionSQL = `
SELECT s.id, s.user_id, s.provider_id, s.kid, s.key_serial, s.kind, s.origin, s.host_sid, s.created, s.expires,
       s.ended IS NOT NULL,
       coalesce(p.enabled, 0), k.serial IS NOT NULL,
       u.email, u.first_name, u.last_name, coalesce(u.tenant, ''), u.active,
       CASE WHEN u.tenant IS NULL THEN 1 ELSE coalesce(t.active, 0) END, coalesce(t.attributes, ''),
       coalesce((SELECT attributes FROM user_attributes WHERE user_id = u.id AND set_by = 'administrator'), ''),
       coalesce((SELECT attributes FROM user_attributes WHERE user_id = u.id AND set_by = s.provider_id), ''),
       (SELECT json_group_array(group_key) FROM group_members WHERE user_id = u.id)
FROM sessions s
JOIN users u ON u.id = s.user_id
LEFT JOIN tenants t ON t.slug = u.tenant
LEFT JOIN providers p ON p.id = s.provider_id
LEFT JOIN provider_keys k ON k.serial = s.key_serial AND k.provider_id = s.provider_id
WHERE s.token_hash = ?`

// FindSession finds a session by the SHA-256 of its token, with what decides
// whether it may still be used. The user's groups include the built-in ones.
func (s *Store) FindSession(ctx context.Context, tokenHash [32]byte) (oriel.SessionState, bool, error) {
	var state oriel.SessionState
	var created, expires sql.NullInt64
	var tenant, administrator, signIn, groups string
	session, user := &state.Session, &state.User
	err := s.findSession.QueryRowContext(ctx, tokenHash[:]).Scan(
		&session.ID, &session.User, &session.Provider, &session.KeyID, &session.KeySerial, &session.Kind, &session.Origin,
		&session.HostSID, &created, &expires, &state.Ended, &state.ProviderOn, &state.KeyLive,
		&user.Email, &user.FirstName, &user.LastName, &user.Tenant, &user.Active,
		&state.TenantActive, &tenant, &administrator, &signIn, &groups)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SessionState{}, false, nil
	}
	if err != nil {
		return oriel.SessionState{}, false, failed("find a session", err)
	}
	user.ID = session.User
	session.Created, session.Expires = moment(created), moment(expires)
	var stored []oriel.GroupKey
	if err := json.Unmarshal([]byte(groups), &stored); err != nil {
		return oriel.SessionState{}, false, fmt.Errorf("read stored groups: %w", err)
	}
	user.Groups = oriel.WithBuiltInGroups(stored, user.Tenant)
	for _, set := range []struct {
		to   *oriel.Attributes
		text string
	}{{&state.Attributes.Tenant, tenant}, {&state.Attributes.Administrator, administrator}, {&state.Attributes.SignIn, signIn}} {
		if *set.to, err = readAttributes(set.text); err != nil {
			return oriel.SessionState{}, false, err
		}
	}
	return state, true, nil
}

// EndSession ends a session of the user's own. Found is false when the user
// has no such session; ending one that has ended changes nothing.
func (s *Store) EndSession(ctx context.Context, id string, owner oriel.UserID, at time.Time) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		result, err := tx.exec(`UPDATE sessions SET ended = coalesce(ended, ?) WHERE id = ? AND user_id = ?`,
			micros(at), id, string(owner))
		if err != nil {
			return failed("end a session", err)
		}
		rows, err := result.RowsAffected()
		found = rows == 1
		return failed("end a session", err)
	})
	return found && err == nil, err
}
