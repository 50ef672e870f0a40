package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// logoutsKept is how long a host's logout is remembered: far longer than any
// token of before could still pass.
const logoutsKept = time.Hour

// EndOwnSession ends the session whose token has the hash, and those that renewals
// made of it. Found is false when there is none; ending one that has ended changes nothing.
func (s *Store) EndOwnSession(ctx context.Context, tokenHash [32]byte, at time.Time) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		ended, err := tx.endSessions(at, `(token_hash = ? OR id IN (`+ofOneSignIn+`(SELECT id FROM sessions WHERE token_hash = ?)))`, tokenHash[:], tokenHash[:])
		found = ended > 0
		return err
	})
	return found && err == nil, err
}

// EndSession ends the session with the id: one of the owner's, or anybody's
// when owner is empty, which keeps an audit entry. Found is false when there
// is none.
func (s *Store) EndSession(ctx context.Context, who, id string, owner oriel.UserID, at time.Time) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		ended, err := tx.endSessions(at, `(id = ? OR id IN (`+ofOneSignIn+`?)) AND (user_id = ? OR ? = '')`, id, id, string(owner), string(owner))
		if found = ended > 0; err != nil || !found || owner != "" {
			return err
		}
		return tx.revoked(who, "session", id, at)
	})
	return found && err == nil, err
}

// EndUserSessions ends all sessions of a user; no token that was issued until
// now makes one after it. It fails with not_found when there is no such user.
func (s *Store) EndUserSessions(ctx context.Context, who string, user oriel.UserID, at time.Time) (ended int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if _, found, err := tx.FindUser(user); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := tx.change("revoke a user's tokens",
			`UPDATE identities SET not_before = max(coalesce(not_before, 0), ?) WHERE user_id = ?`, micros(at), string(user)); err != nil {
			return err
		}
		if ended, err = tx.endSessions(at, `user_id = ?`, string(user)); err != nil {
			return err
		}
		return tx.revoked(who, "user", string(user), at)
	})
	return ended, err
}

// EndTenantSessions ends all sessions of a tenant's users; no token that was
// issued until now makes one after it. It fails with not_found when there is
// no such tenant.
func (s *Store) EndTenantSessions(ctx context.Context, who string, tenant oriel.TenantSlug, at time.Time) (ended int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if _, found, err := tx.FindTenant(tenant); err != nil {
			return err
		} else if !found {
			return &oriel.Error{Code: oriel.CodeNotFound}
		}
		if err := tx.change("revoke a tenant's tokens",
			`UPDATE tenants SET not_before = max(coalesce(not_before, 0), ?) WHERE slug = ?`, micros(at), string(tenant)); err != nil {
			return err
		}
		if ended, err = tx.endSessions(at, `user_id IN (SELECT id FROM users WHERE tenant = ?)`, string(tenant)); err != nil {
			return err
		}
		return tx.revoked(who, "tenant", string(tenant), at)
	})
	return ended, err
}

// EndKeySessions ends all sessions that a key vouched for; no token of that
// key that was issued until now makes one after it. It fails with not_found
// when there is no such provider or key.
func (s *Store) EndKeySessions(ctx context.Context, who, slug, kid string, at time.Time) (ended int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		serial, err := tx.keySerial(slug, kid)
		if err != nil {
			return err
		}
		if err := tx.change("revoke a key's tokens",
			`UPDATE provider_keys SET not_before = max(coalesce(not_before, 0), ?) WHERE serial = ?`, micros(at), serial); err != nil {
			return err
		}
		if ended, err = tx.endSessions(at, `key_serial = ?`, serial); err != nil {
			return err
		}
		return tx.revoked(who, "key", slug+"/"+kid, at)
	})
	return ended, err
}

// EndHostSessions does what a host's logout says (§3.5): it ends the sessions
// of the provider's subject or host session, and no token that was issued
// until the logout's own iat makes one after it, whoever it is for.
func (tx *Tx) EndHostSessions(l oriel.Logout, now time.Time) (ended int, err error) {
	for _, one := range []struct{ kind, value, where string }{
		{"sub", l.Subject, `provider_id = ? AND user_id IN (SELECT user_id FROM identities WHERE provider_id = ? AND subject = ?)`},
		{"sid", l.HostSID, `provider_id = ? AND host_sid <> '' AND provider_id = ? AND host_sid = ?`},
	} {
		if one.value == "" {
			continue
		}
		if err := tx.keepLogout(l.Provider, one.kind, one.value, l.IssuedAt, now); err != nil {
			return ended, err
		}
		n, err := tx.endSessions(now, one.where+` AND created <= ?`, l.Provider, l.Provider, one.value, micros(now))
		if err != nil {
			return ended, err
		}
		ended += n
	}
	return ended, nil
}

// keepLogout keeps that what a provider signed until issued makes no session for a
// subject or a session of its own.
func (tx *Tx) keepLogout(provider, kind, value string, issued, now time.Time) error {
	return tx.change("keep a host's logout",
		`INSERT INTO host_logouts (provider_id, kind, value, not_before, until) VALUES (?, ?, ?, ?, ?)
		 ON CONFLICT (provider_id, kind, value) DO UPDATE SET not_before = max(not_before, excluded.not_before), until = max(until, excluded.until)`,
		provider, kind, value, micros(issued), micros(now.Add(logoutsKept)))
}

// RevokedUntil is the latest moment until which tokens of the kind were
// revoked: by the host for its subject or host session, by a SAML identity provider
// for the name (nil: it is none's), or by an administrator for the tenant or the
// key. Zero when none was.
func (tx *Tx) RevokedUntil(provider, subject, hostSID string, name *oriel.NameID, tenant oriel.TenantSlug, keySerial int64) (time.Time, error) {
	var latest sql.NullInt64
	called := ""
	if name != nil {
		called = hex.EncodeToString(nameHash(*name))
	}
	_, err := tx.find("find a revocation", `
		SELECT max(not_before) FROM (
		  SELECT not_before FROM host_logouts WHERE provider_id = ?1 AND kind = 'sub' AND value = ?2
		  UNION ALL SELECT not_before FROM host_logouts WHERE provider_id = ?1 AND kind = 'sid' AND value = ?3 AND ?3 <> ''
		  UNION ALL SELECT not_before FROM tenants WHERE slug = ?4
		  UNION ALL SELECT not_before FROM provider_keys WHERE serial = ?5
		  UNION ALL SELECT not_before FROM host_logouts WHERE provider_id = ?1 AND kind = 'name' AND value = ?6)`,
		[]any{provider, subject, hostSID, string(tenant), keySerial, called}, &latest)
	return moment(latest), err
}

// endSessions ends the live sessions that a condition names, with a notice for
// each, and tells how many there were.
func (tx *Tx) endSessions(at time.Time, where string, args ...any) (int, error) {
	hashes, err := tx.texts("find sessions to end",
		`SELECT lower(hex(token_hash)) FROM sessions WHERE ended IS NULL AND `+where, args...)
	if err != nil {
		return 0, err
	}
	if len(hashes) == 0 {
		return 0, nil
	}
	if err := tx.change("end sessions",
		`UPDATE sessions SET ended = ? WHERE ended IS NULL AND `+where, append([]any{micros(at)}, args...)...); err != nil {
		return 0, err
	}
	if len(hashes) > noticesEach {
		return len(hashes), tx.notify(oriel.Notice{Kind: oriel.NoticeAll})
	}
	for _, hash := range hashes {
		if err := tx.notify(oriel.Notice{Kind: oriel.NoticeSession, Key: hash}); err != nil {
			return 0, err
		}
	}
	return len(hashes), nil
}

// noticesEach is up to how many sessions are named one by one.
const noticesEach = 64

// revoked keeps the audit entry of a revocation.
func (tx *Tx) revoked(who, kind, key string, at time.Time) error {
	return tx.InsertAuditEntry(oriel.AuditEntry{At: at, Who: who, Action: "revoked sessions", Kind: kind, Key: key})
}

// hashText is how a notice names a session.
func hashText(tokenHash [32]byte) string { return hex.EncodeToString(tokenHash[:]) }
