package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// InsertSession keeps a session under the SHA-256 of its token.
func (tx *Tx) InsertSession(s oriel.Session, tokenHash [32]byte) error {
	return tx.change("create a session",
		`INSERT INTO sessions (token_hash, id, user_id, provider_id, kid, key_serial, kind, origin, bindable, host_sid, created, expires, idle_ends, viewer)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tokenHash[:], s.ID, string(s.User), s.Provider, s.KeyID, s.KeySerial, string(s.Kind), s.Origin, s.Bindable, s.HostSID,
		micros(s.Created), micros(s.Expires), microsOrNull(s.IdleEnds), s.Viewer)
}

// findSessionSQL reads all that decides about one request in one statement,
// and so at one moment.
const findSessionSQL = `
SELECT s.id, s.user_id, s.provider_id, s.kid, s.key_serial, s.kind, s.origin, s.bindable, s.host_sid, s.created, s.expires,
       s.idle_ends, s.ended, s.viewer,
       coalesce(p.enabled, 0), k.serial IS NOT NULL,
       ` + personSQL + `
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
	var created, expires, idleEnds, ended sql.NullInt64
	var p personColumns
	session := &state.Session
	err := s.findSession.QueryRowContext(ctx, tokenHash[:]).Scan(
		append([]any{
			&session.ID, &session.User, &session.Provider, &session.KeyID, &session.KeySerial, &session.Kind, &session.Origin,
			&session.Bindable, &session.HostSID, &created, &expires, &idleEnds, &ended, &session.Viewer, &state.ProviderOn, &state.KeyLive,
		}, p.into(&state.Person)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SessionState{}, false, nil
	}
	if err != nil {
		return oriel.SessionState{}, false, failed("find a session", err)
	}
	session.Created, session.Expires = moment(created), moment(expires)
	session.IdleEnds, session.Ended = moment(idleEnds), moment(ended)
	state.Person.User.ID = session.User
	if err := p.settle(&state.Person); err != nil {
		return oriel.SessionState{}, false, err
	}
	return state, true, nil
}
