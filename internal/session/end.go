package session

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// End ends one of the principal's own sessions; its next request is refused
// with session_revoked. Errors: not_found for a session that is not theirs;
// store_unavailable.
func (s *Sessions) End(ctx context.Context, p oriel.Principal, id string) error {
	owner := p.User().ID
	if owner == "" {
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	found, err := s.options.Store.EndSession(ctx, id, owner, s.options.Clock())
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	if !found {
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	return nil
}
