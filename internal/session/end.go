package session

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// SignOut ends the session with the token; its next request is refused with
// session_revoked. Errors: not_found; store_unavailable.
func (s *Sessions) SignOut(ctx context.Context, token string) error {
	hash, ok := hashOf(token)
	if !ok {
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	found, err := s.options.Store.EndOwnSession(ctx, hash, s.options.Clock())
	return ended(found, err)
}

// End ends one session: the principal's own, or anybody's for who may
// administer people. An API key has none of its own, whomever it acts as.
// Errors: not_found for one that is not theirs; scope_denied.
func (s *Sessions) End(ctx context.Context, p oriel.Principal, id string) error {
	owner := ownerOf(p)
	if err := access.Require(p, oriel.ScopeAdminPeople); err == nil {
		owner = ""
	} else if owner == "" {
		return err
	}
	found, err := s.options.Store.EndSession(ctx, p.Who(), id, owner, s.options.Clock())
	return ended(found, err)
}

// EndUser ends all sessions of a user, and lets no token in that was issued
// before. It tells how many sessions were live. Errors: scope_denied, not_found.
func (s *Sessions) EndUser(ctx context.Context, p oriel.Principal, user oriel.UserID) (int, error) {
	if err := access.Require(p, oriel.ScopeAdminPeople); err != nil {
		return 0, err
	}
	return s.options.Store.EndUserSessions(ctx, p.Who(), user, s.options.Clock())
}

// EndTenant ends all sessions of a tenant's users, as [Sessions.EndUser] does.
func (s *Sessions) EndTenant(ctx context.Context, p oriel.Principal, tenant oriel.TenantSlug) (int, error) {
	if err := access.Require(p, oriel.ScopeAdminPeople); err != nil {
		return 0, err
	}
	return s.options.Store.EndTenantSessions(ctx, p.Who(), tenant, s.options.Clock())
}

// EndKey ends all sessions that a provider's key vouched for, as
// [Sessions.EndUser] does.
func (s *Sessions) EndKey(ctx context.Context, p oriel.Principal, slug, kid string) (int, error) {
	if err := access.Require(p, oriel.ScopeAdminAuthentication); err != nil {
		return 0, err
	}
	return s.options.Store.EndKeySessions(ctx, p.Who(), slug, kid, s.options.Clock())
}

// List lists up to limit live sessions, newest first, below the one with the
// id after: the principal's own, or those of the filter for who may administer
// people. Errors: scope_denied for a filter that asks for somebody else's.
func (s *Sessions) List(ctx context.Context, p oriel.Principal, f oriel.SessionFilter, after string, limit int) ([]Session, error) {
	if err := access.Require(p, oriel.ScopeAdminPeople); err != nil {
		own := oriel.SessionFilter{User: ownerOf(p)}
		if own.User == "" || f != (oriel.SessionFilter{}) && f != own {
			return nil, err
		}
		f = own
	}
	return s.options.Store.ListSessions(ctx, f, s.options.Clock(), after, limit)
}

// ownerOf is the user whose sessions are the principal's own; empty for none.
// Who views as somebody else has none of theirs.
func ownerOf(p oriel.Principal) oriel.UserID {
	if p.APIKey() != "" || p.Kind() == oriel.SessionViewAs {
		return ""
	}
	return p.User().ID
}

func ended(found bool, err error) error {
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	if !found {
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	return nil
}
