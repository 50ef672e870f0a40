package session

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Held finds the embed session that a page has and that is to be renewed: one
// whose time is over too, since a machine that slept could not renew it in time.
//
// Errors: session_invalid for a token that is malformed, unknown or of another
// kind; session_revoked when it was ended, or its provider is off, or the key that
// vouched for it is gone; user_deactivated; tenant_deactivated; origin_mismatch for
// another origin than its own; store_unavailable.
func (s *Sessions) Held(ctx context.Context, token, origin string) (oriel.SessionState, error) {
	hash, ok := hashOf(token)
	if !ok {
		return oriel.SessionState{}, &oriel.Error{Code: oriel.CodeSessionInvalid}
	}
	state, found, err := s.options.Store.FindSession(ctx, hash)
	if err != nil {
		return oriel.SessionState{}, fmt.Errorf("find the session to renew: %w", err)
	}
	var code oriel.Code
	switch {
	case !found, state.Session.Kind != oriel.SessionEmbed:
		code = oriel.CodeSessionInvalid
	case origin == "", origin != state.Session.Origin:
		code = oriel.CodeOriginMismatch
	case !state.Session.Ended.IsZero(), !state.ProviderOn, !state.KeyLive:
		code = oriel.CodeSessionRevoked
	case !state.Person.User.Active:
		code = oriel.CodeUserDeactivated
	case !state.Person.TenantActive:
		code = oriel.CodeTenantDeactivated
	default:
		return state, nil
	}
	return oriel.SessionState{}, &oriel.Error{Code: code}
}
