package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ViewAsLifetime is how long one may view as somebody else (access contract §6).
const ViewAsLifetime = 15 * time.Minute

// Viewing tells who views, and who is never viewed as.
type Viewing interface {
	// Viewer is whom the API key with the id acts as now. Errors as those of a
	// request that the key comes with.
	Viewer(ctx context.Context, id string) (oriel.Principal, oriel.APIKey, error)
	// Administers tells whether somebody in the groups may administer anything.
	Administers(groups []oriel.GroupKey) bool
}

// ViewAs makes a session that sees what the user sees, in a session of the
// provider with the id, or of the one through which they came last. It is read
// only, lasts for 15 minutes at most, and ends with the key of the principal.
// Nobody views as somebody who may administer anything. Errors:
// not_authenticated; scope_denied; not_found; forbidden for an administrator,
// and without an API key; user_deactivated; tenant_deactivated.
func (s *Sessions) ViewAs(ctx context.Context, p oriel.Principal, user oriel.UserID, provider string) (Issued, error) {
	if err := access.Require(p, oriel.ScopeAdminViewAs); err != nil {
		return Issued{}, err
	}
	if s.options.Viewing == nil || p.APIKey() == "" {
		return Issued{}, oriel.E(oriel.CodeForbidden, "One views as somebody else with an API key, whose end ends it.")
	}
	_, key, err := s.options.Viewing.Viewer(ctx, p.APIKey())
	if err != nil {
		return Issued{}, err
	}
	detail, found, err := s.options.Store.FindUserDetail(ctx, user)
	switch {
	case err != nil:
		return Issued{}, fmt.Errorf("view as a user: %w", err)
	case !found:
		return Issued{}, &oriel.Error{Code: oriel.CodeNotFound}
	case s.options.Viewing.Administers(detail.User.Groups):
		return Issued{}, notAnAdministrator()
	case !detail.User.Active:
		return Issued{}, &oriel.Error{Code: oriel.CodeUserDeactivated}
	}
	if provider == "" && len(detail.Identities) > 0 {
		provider = slices.MaxFunc(detail.Identities, func(a, b oriel.LinkedIdentity) int {
			return cmp.Or(a.GreatestIssuedAt.Compare(b.GreatestIssuedAt), cmp.Compare(a.Provider, b.Provider))
		}).Provider
	}
	token, hash, err := newToken(s.options.Random)
	if err != nil {
		return Issued{}, err
	}
	now := s.options.Clock()
	session := Session{
		ID: idOf(hash), User: user, Provider: provider, Kind: oriel.SessionViewAs, Viewer: p.APIKey(),
		Created: now, Expires: now.Add(ViewAsLifetime).Truncate(time.Second),
	}
	if !key.Expires.IsZero() && key.Expires.Before(session.Expires) {
		session.Expires = key.Expires.Truncate(time.Second)
	}
	if err := s.options.Store.CreateViewAs(ctx, p.Who(), session, hash); err != nil {
		return Issued{}, err
	}
	return Issued{Token: token, Session: session}, nil
}

func notAnAdministrator() error {
	return oriel.E(oriel.CodeForbidden, "Nobody views as somebody who may administer Oriel.")
}

// viewing holds a session of who views as somebody else to what it ends with:
// the viewer's key and scope, and the user's being no administrator. It is
// asked at each request, and nothing of it is remembered.
func (s *Sessions) viewing(ctx context.Context, state oriel.SessionState) error {
	revoked := &oriel.Error{Code: oriel.CodeSessionRevoked}
	if s.options.Viewing == nil || s.options.Viewing.Administers(state.Person.User.Groups) {
		return revoked
	}
	viewer, _, err := s.options.Viewing.Viewer(ctx, state.Session.Viewer)
	switch code := oriel.CodeOf(err); {
	case code == oriel.CodeStoreUnavailable, code == oriel.CodeInternal:
		return fmt.Errorf("check a viewer's key: %w", err)
	case err != nil:
		revoked.Err = err
		return revoked
	case !viewer.Holds(oriel.ScopeAdminViewAs):
		return revoked
	}
	return nil
}
