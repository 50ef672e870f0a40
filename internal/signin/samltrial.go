package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// errTrial ends a test sign-in's arrival: all was tried, and nothing of it is kept.
var errTrial = errors.New("it was a test")

// trialOf is the test sign-in whose link a browser opened. Error: not_found, also
// when it has its answer already or is over.
func (s *SignIn) trialOf(ctx context.Context, secret, provider string) (oriel.SAMLTrial, error) {
	found, there, err := s.Waiting.FindSAMLTrial(ctx, directory.TrialID(secret))
	if err != nil {
		return oriel.SAMLTrial{}, err
	}
	if !there || found.Provider != provider || found.Done || !s.Clock().Before(found.Expires) {
		return oriel.SAMLTrial{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return found, nil
}

// providerFor finds a provider for a sign-in, or for a test of it, which works
// while the provider is off.
func (s *SignIn) providerFor(slug string, trial bool) (oriel.Provider, error) {
	if trial {
		return s.Directory.FindSAMLForTrial(slug)
	}
	return s.Directory.FindProvider(oriel.MethodSAML, slug)
}

// tryOut does all that an answer would do, keeps what came of it for the
// administrator, and nothing else.
func (in answered) tryOut(ctx context.Context, verified error) error {
	trial, there, err := in.Waiting.FindSAMLTrial(ctx, in.request.Trial)
	if err != nil || !there {
		return errors.Join(err, &oriel.Error{Code: oriel.CodeNotFound})
	}
	outcome := verified
	if outcome == nil {
		identity := in.identity
		trial.Identity = &identity
		r := Request{Entrance: EntranceLanding, trial: true}
		var accepted Accepted
		accepted, outcome = in.arrive(ctx, r, in.provider, in.identity, in.attempt, func(Tx) (oriel.ProviderKey, error) {
			key, _ := keyOf(in.provider, in.identity.KeySerial)
			return key, nil
		})
		trial.Groups, trial.NewUser = accepted.User.Groups, accepted.Made
		if errors.Is(outcome, errTrial) {
			outcome = nil
		}
	}
	trial.Done = true
	if outcome != nil {
		trial.Outcome = oriel.CodeOf(asSAML(outcome))
	}
	trial.Checks, trial.ClockSkew = in.attempt.complete(trial.Outcome).Checks, in.attempt.record.ClockSkew
	err = in.write(ctx, func(tx Tx) error {
		// The answer is good for nothing else.
		if verified == nil {
			if err := tx.SpendToken(in.identity.OneUse, in.identity.SpentUntil); err != nil {
				return err
			}
		}
		if err := tx.UseSAMLRequest(in.request.Relay); err != nil {
			return err
		}
		return tx.KeepSAMLTrial(trial)
	})
	if err != nil {
		return fmt.Errorf("keep a test sign-in: %w", err)
	}
	return nil
}
