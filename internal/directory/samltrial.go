package directory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SAMLTrialStore keeps test sign-ins.
type SAMLTrialStore interface {
	BeginSAMLTrial(ctx context.Context, t oriel.SAMLTrial) error
	FindSAMLTrial(ctx context.Context, id string) (oriel.SAMLTrial, bool, error)
}

// SAMLTrialLife is how long an administrator has for a test sign-in, and may read
// what came of it.
const SAMLTrialLife = 30 * time.Minute

// BegunTrial is a test sign-in with the secret of its link, which is shown this once.
type BegunTrial struct {
	Trial oriel.SAMLTrial
	Link  string
}

// TrialID is the id of the test sign-in whose link has the secret.
func TrialID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "trl_" + hex.EncodeToString(sum[:])
}

// NewTrial makes a test sign-in of a SAML provider, whether it is on or not. Error:
// invalid_request when it is no SAML provider or has no certificate.
func NewTrial(random io.Reader, p oriel.Provider, siteURL string, now time.Time) (BegunTrial, error) {
	if !p.IsSAML() || len(p.Keys) == 0 {
		return BegunTrial{}, oriel.E(oriel.CodeInvalidRequest, "A test sign-in is for a SAML provider that has a certificate.")
	}
	bits := make([]byte, 32)
	if _, err := io.ReadFull(random, bits); err != nil {
		return BegunTrial{}, fmt.Errorf("make a test sign-in: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(bits)
	return BegunTrial{
		Trial: oriel.SAMLTrial{ID: TrialID(secret), Provider: p.ID, Expires: now.Add(SAMLTrialLife)},
		Link:  siteURL + p.SAMLPath() + "/start?trial=" + secret,
	}, nil
}

// BeginTrial makes a test sign-in, whose link the administrator opens. Errors:
// not_authenticated, scope_denied, not_found, invalid_request.
func (s *Settings) BeginTrial(ctx context.Context, p oriel.Principal, slug string) (BegunTrial, error) {
	if err := s.require(p); err != nil {
		return BegunTrial{}, err
	}
	provider, err := s.provider(slug)
	if err != nil {
		return BegunTrial{}, err
	}
	begun, err := NewTrial(s.options.Random, provider, s.options.Origins.SiteURL, s.options.Clock())
	if err != nil {
		return BegunTrial{}, err
	}
	return begun, s.options.Store.BeginSAMLTrial(ctx, begun.Trial)
}

// Trial is what came of a test sign-in so far. Errors: not_authenticated,
// scope_denied, not_found.
func (s *Settings) Trial(ctx context.Context, p oriel.Principal, slug, id string) (oriel.SAMLTrial, error) {
	if err := s.require(p); err != nil {
		return oriel.SAMLTrial{}, err
	}
	provider, err := s.provider(slug)
	if err != nil {
		return oriel.SAMLTrial{}, err
	}
	found, there, err := s.options.Store.FindSAMLTrial(ctx, id)
	if err != nil {
		return oriel.SAMLTrial{}, err
	}
	if !there || found.Provider != provider.ID || !s.options.Clock().Before(found.Expires) {
		return oriel.SAMLTrial{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return found, nil
}

// FindSAMLForTrial finds a SAML provider whether it is on or not. Error:
// provider_unknown.
func (d *Directory) FindSAMLForTrial(slug string) (oriel.Provider, error) {
	for _, p := range d.options.Declared().Providers {
		if p.Slug == slug && p.IsSAML() {
			return p, nil
		}
	}
	return oriel.Provider{}, &oriel.Error{Code: oriel.CodeProviderUnknown}
}
