package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CodeRequest is a page that comes for what its popup brought.
type CodeRequest struct {
	Code, Verifier, State string
	Origin                string // the Origin header; empty when there was none
	ClientIP, Reference   string
}

// Redeem gives a page the session of the person who signed in in its popup (§5).
// A code is good once, for the origin, the verifier and the state that it was
// made for; whoever comes with another has used it up. Every attempt leaves one
// record. Errors: embedding_disabled, code_invalid, sso_not_configured,
// origin_not_allowed, those of the arrival, rate_limited, store_unavailable.
func (s *SignIn) Redeem(ctx context.Context, r CodeRequest) (Accepted, error) {
	a := s.begin(r.Reference, methodSAML, r.Origin, r.ClientIP)
	accepted, err := s.redeem(ctx, r, a)
	if err != nil {
		return Accepted{}, s.refused(ctx, a, asSAML(err))
	}
	return accepted, nil
}

func (s *SignIn) redeem(ctx context.Context, r CodeRequest, a *attempt) (Accepted, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn(EntranceEmbed)); err != nil {
		return Accepted{}, err
	}
	hash := sha256.Sum256([]byte(r.Code))
	waiting, found, err := s.Waiting.FindSAMLCode(ctx, hash)
	if err != nil {
		return Accepted{}, err
	}
	if !found {
		return Accepted{}, a.failed("code", "one that waits", "none of ours, or one that was used", oriel.CodeCodeInvalid)
	}
	a.record.Checks, a.record.ClockSkew = waiting.Evidence.Checks, waiting.Evidence.ClockSkew
	a.record.Dropped = waiting.Identity.Dropped
	slug := s.Directory.ProviderSlug(waiting.Identity.Provider)
	a.record.Provider = slug
	if wrong := s.wrongWith(r, waiting); wrong != "" {
		if err := s.write(ctx, func(tx Tx) error { return tx.TakeSAMLCode(hash) }); err != nil && oriel.CodeOf(err) != oriel.CodeCodeInvalid {
			return Accepted{}, fmt.Errorf("use a code up: %w", err)
		}
		return Accepted{}, a.failed("code", "one for this page, with its verifier and state, within a minute", wrong, oriel.CodeCodeInvalid)
	}
	p, err := s.Directory.FindProvider(oriel.MethodSAML, slug)
	if err != nil {
		return Accepted{}, a.check("code", "one of a provider that is on", "", err)
	}
	if !s.Directory.OriginAllowedFor(p, r.Origin) {
		return Accepted{}, a.failed("code", "one for an authorized origin", oriel.Quoted(r.Origin), oriel.CodeOriginNotAllowed)
	}
	request := Request{Entrance: EntranceEmbed, Origin: r.Origin, ClientIP: r.ClientIP, Reference: r.Reference}
	return s.arrive(ctx, request, p, waiting.Identity, a, func(tx Tx) (oriel.ProviderKey, error) {
		if err := a.check("code", "one that was not used before", "", tx.TakeSAMLCode(hash)); err != nil {
			return oriel.ProviderKey{}, err
		}
		key, err := s.standing(tx, p, waiting.Identity.KeySerial)
		return key, asSAML(err)
	})
}

// wrongWith says for the record what keeps a code from being redeemed; empty:
// nothing.
func (s *SignIn) wrongWith(r CodeRequest, waiting oriel.SAMLCode) string {
	verified := sha256.Sum256([]byte(r.Verifier))
	challenge := base64.RawURLEncoding.EncodeToString(verified[:])
	switch {
	case !s.Clock().Before(waiting.Expires):
		return "it came after " + codeLife.String()
	case r.Origin != waiting.Popup.Origin:
		return "the page is another: " + oriel.Quoted(r.Origin)
	case subtle.ConstantTimeCompare([]byte(challenge), []byte(waiting.Popup.Challenge)) != 1:
		return "another verifier"
	case subtle.ConstantTimeCompare([]byte(r.State), []byte(waiting.Popup.State)) != 1:
		return "another state"
	}
	return ""
}
