package signin

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// LogoutRequest is a host's word that one of its sessions, or all of a person,
// are over.
type LogoutRequest struct {
	Token     string
	Provider  string // slug; empty: the token decides
	Origin    string // empty when there was none
	ClientIP  string
	Reference string
}

// Logout ends what a host's logout token names (§3.5), and tells how many
// sessions were live. No host token that was signed before it makes a session
// after it. Also while embedding is off: ending is always permitted. Every
// attempt leaves one record.
//
// Errors: sso_not_configured, provider_unknown, origin_not_allowed,
// provider_ambiguous, those of the verifier, rate_limited, token_replayed,
// store_unavailable.
func (s *SignIn) Logout(ctx context.Context, r LogoutRequest) (int, error) {
	a := s.begin(r.Reference, methodLogout, r.Origin, r.ClientIP)
	ended, err := s.logout(ctx, r, a)
	if err != nil {
		return 0, s.refused(ctx, a, err)
	}
	return ended, nil
}

func (s *SignIn) logout(ctx context.Context, r LogoutRequest, a *attempt) (int, error) {
	p, err := s.choose(r.Token, r.Provider, a, func() error {
		if r.Origin == "" || s.Directory.OriginAllowed(r.Origin) {
			return nil
		}
		return a.check("origin", "none, or an authorized one", oriel.Quoted(r.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	})
	if err != nil {
		return 0, err
	}
	a.passed("provider", p.Slug)
	if r.Origin != "" && !s.Directory.OriginAllowedFor(p, r.Origin) {
		return 0, a.check("origin", "none, or one of the provider's", oriel.Quoted(r.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	logout, evidence, err := s.Verifier.VerifyLogout(ctx, r.Token, p, s.Clock())
	a.observed(evidence)
	if err != nil {
		return 0, err
	}
	a.counted = true
	if err := s.limits.allow(p, logout.OneUse, r.ClientIP); err != nil {
		return 0, err
	}
	ended := 0
	err = s.write(ctx, func(tx Tx) error {
		_, err := s.spend(tx, p, logout.KeySerial, logout.OneUse, logout.SpentUntil)
		if err := a.check("replay", "a token that was not used before", "", err); err != nil {
			return err
		}
		if ended, err = tx.EndHostSessions(logout, s.Clock()); err != nil {
			return err
		}
		return tx.InsertSignInRecord(a.complete(""))
	})
	if err != nil {
		return 0, fmt.Errorf("end a host's sessions: %w", err)
	}
	return ended, nil
}
