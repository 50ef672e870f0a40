package session

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Authenticate tells who a request acts as: its session token, and the value
// of its Origin header, empty when it had none. It asks the store each time.
//
// Errors: not_authenticated without a token; session_invalid for one that is
// malformed or unknown; session_revoked when it was ended, or its provider is
// off, or the key that vouched for it is gone; session_expired;
// user_deactivated; tenant_deactivated; origin_mismatch for another Origin
// than the session's own, or none; store_unavailable.
func (s *Sessions) Authenticate(ctx context.Context, token, origin string) (oriel.Principal, Session, error) {
	if token == "" {
		return refuse(oriel.CodeNotAuthenticated)
	}
	hash, ok := hashOf(token)
	if !ok {
		return refuse(oriel.CodeSessionInvalid)
	}
	state, found, err := s.options.Store.FindSession(ctx, hash)
	if err != nil {
		return oriel.Principal{}, Session{}, fmt.Errorf("check a session: %w", err)
	}
	if !found {
		return refuse(oriel.CodeSessionInvalid)
	}
	switch {
	case state.Ended, !state.ProviderOn, !state.KeyLive:
		return refuse(oriel.CodeSessionRevoked)
	case !s.options.Clock().Before(state.Session.Expires):
		return refuse(oriel.CodeSessionExpired)
	case !state.User.Active:
		return refuse(oriel.CodeUserDeactivated)
	case !state.TenantActive:
		return refuse(oriel.CodeTenantDeactivated)
	case state.Session.Origin == "" || origin != state.Session.Origin:
		return refuse(oriel.CodeOriginMismatch)
	}
	user := state.User
	user.Attributes = state.Attributes.Effective()
	return oriel.NewPrincipal(user, state.Session.Kind), state.Session, nil
}

func refuse(code oriel.Code) (oriel.Principal, Session, error) {
	return oriel.Principal{}, Session{}, &oriel.Error{Code: code}
}
