package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// samlSkew is how much later than by our clock the identity provider's own session
// may end, as the verifier grants it (contract §5).
const samlSkew = 60 * time.Second

// RenewRequest is a page that has a session and wants the next.
type RenewRequest struct {
	Token string // of the session that it has
	// Attempt is what the page made up for this renewal, and says again when it got
	// no answer; empty: an answer that gets lost is the end of the sign-in.
	Attempt                     RenewAttempt
	Origin, ClientIP, Reference string
}

// RenewAttempt is 22 to 64 characters of base64url, or nothing.
type RenewAttempt string

// ParseRenewAttempt takes only what nobody guesses: 128 bits or more.
func ParseRenewAttempt(text string) (RenewAttempt, error) {
	if !renewAttempt.MatchString(text) {
		return "", errors.New("an attempt is 22 to 64 characters of base64url, made up for this renewal")
	}
	return RenewAttempt(text), nil
}

var renewAttempt = regexp.MustCompile(`^[A-Za-z0-9_-]{22,64}$`)

// of is what the store knows the attempt by, for one session alone.
func (a RenewAttempt) of(session string) []byte {
	if a == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(session + "\x00" + string(a)))
	return sum[:]
}

// Renew gives a page the next session of the person who signed in there by SAML,
// without a window and without the identity provider, while that one's own session
// lasts or the provider's setting renew_for allows it. What the person may do is
// what the last sign-in said.
//
// A session is renewed once. Whoever comes with it again, the page or a thief of its
// token, ends all sessions of the sign-in (as RFC 9700 §4.14.2 does with refresh
// tokens); unless it is the attempt of before, whose answer got lost: then the session
// that nobody heard of counts as used up in its place. Every attempt leaves one record.
//
// Errors: embedding_disabled, those of [session.Sessions.Held], session_expired when
// it can't be renewed or not any more, sso_not_configured, origin_not_allowed,
// tenant_mismatch, rate_limited, session_revoked when it was renewed before, store_unavailable.
func (s *SignIn) Renew(ctx context.Context, r RenewRequest) (Accepted, error) {
	a := s.begin(r.Reference, methodRenewal, r.Origin, r.ClientIP)
	accepted, err := s.renew(ctx, r, a)
	if err != nil {
		return Accepted{}, s.refused(ctx, a, err)
	}
	return accepted, nil
}

func (s *SignIn) renew(ctx context.Context, r RenewRequest, a *attempt) (Accepted, error) {
	if err := a.check("embedding", "on", "", s.embeddingOn(EntranceEmbed)); err != nil {
		return Accepted{}, err
	}
	held, err := s.Sessions.Held(ctx, r.Token, r.Origin)
	if err := a.check("session", "one that this page has", "", err); err != nil {
		return Accepted{}, err
	}
	a.record.User = held.Session.User
	slug := s.Directory.ProviderSlug(held.Session.Provider)
	a.record.Provider = slug
	began, found, err := s.Waiting.FindSAMLSession(ctx, held.Session.ID)
	if err != nil {
		return Accepted{}, err
	}
	p, err := s.Directory.FindProvider(oriel.MethodSAML, slug)
	switch {
	case !found:
		return Accepted{}, a.failed("renewal", "a sign-in by SAML", "another one", oriel.CodeSessionExpired)
	case err != nil:
		return Accepted{}, a.check("provider", "a SAML provider that is on", slug, err)
	}
	a.passed("provider", slug)
	// The provider's setting may be another since the sign-in: the stricter counts.
	if until := renewableUntil(p, began); until.Before(began.RenewableUntil) {
		began.RenewableUntil = until
	}
	if !s.Clock().Before(began.RenewableUntil) {
		return Accepted{}, a.failed("renewal", "a sign-in that may still be renewed", renewableText(began.RenewableUntil), oriel.CodeSessionExpired)
	}
	user := held.Person.Effective()
	if !s.Directory.OriginAllowedFor(p, r.Origin) || !s.Directory.OriginKeptByTenant(user.Tenant, r.Origin) {
		return Accepted{}, a.failed("origin", "an authorized one", oriel.Quoted(r.Origin), oriel.CodeOriginNotAllowed)
	}
	a.passed("origin", oriel.Quoted(r.Origin))
	a.counted = true
	if err := s.limits.allow(p, sha256.Sum256([]byte("renewal of "+held.Session.ID)), r.ClientIP); err != nil {
		return Accepted{}, err
	}
	next := renewing{SignIn: s, provider: p, held: held.Session, began: began, user: user, again: r.Attempt.of(held.Session.ID), attempt: a}
	accepted, err := next.issue(ctx)
	if errors.Is(err, errRenewed) {
		err = errors.Join(s.write(ctx, func(tx Tx) error {
			_, err := tx.EndSAMLSignIn(began.SignIn, s.Clock())
			return err
		}), err)
	}
	if err != nil {
		return Accepted{}, fmt.Errorf("renew a session: %w", err)
	}
	return accepted, nil
}

// EndRenewable ends the sign-in of a session whose time is over, and that its page could
// still renew. Ended is false when there is none such, which is no error: also for
// another origin than the session's own. Error: store_unavailable.
func (s *SignIn) EndRenewable(ctx context.Context, token, origin string) (ended bool, err error) {
	held, err := s.Sessions.Held(ctx, token, origin)
	switch oriel.CodeOf(err) {
	case "":
	case oriel.CodeStoreUnavailable, oriel.CodeInternal:
		return false, err
	default:
		return false, nil // none that this page could renew
	}
	began, found, err := s.Waiting.FindSAMLSession(ctx, held.Session.ID)
	if err != nil || !found || !s.Clock().Before(began.RenewableUntil) {
		return false, err
	}
	err = s.write(ctx, func(tx Tx) error {
		n, err := tx.EndSAMLSignIn(began.SignIn, s.Clock())
		ended = n > 0
		return err
	})
	return ended && err == nil, err
}

// errRenewed tells that somebody has the next session already.
var errRenewed = errors.New("the session was renewed before")

// renewing is a session on its way to the next.
type renewing struct {
	*SignIn
	provider oriel.Provider
	held     oriel.Session
	began    oriel.SAMLSession
	user     oriel.User
	again    []byte // what the page says again when it got no answer
	attempt  *attempt
}

func (n renewing) issue(ctx context.Context) (accepted Accepted, err error) {
	err = n.write(ctx, func(tx Tx) error {
		if _, err := n.standing(tx, n.provider, n.held.KeySerial); err != nil {
			return n.attempt.check("signature", "a certificate that the provider still has", "", asSAML(err))
		}
		if err := n.tenantStands(tx); err != nil {
			return n.attempt.check("tenant", tenantsOf(n.provider), oriel.Quoted(string(n.user.Tenant)), err)
		}
		if err := tx.RenewSAMLSession(n.held.ID, n.again); err != nil {
			if oriel.CodeOf(err) == oriel.CodeSessionRevoked {
				err = errors.Join(err, errRenewed)
			}
			return n.attempt.check("renewal", "a session that was not renewed before, but for this very attempt", "", err)
		}
		grant := EntranceEmbed.grant(n.held.Origin)
		grant.User, grant.Provider, grant.HostSID = n.held.User, n.held.Provider, n.held.HostSID
		grant.KeyID, grant.KeySerial, grant.Until = n.held.KeyID, n.held.KeySerial, n.began.RenewableUntil
		issued, err := n.Sessions.Issue(tx, grant)
		if err != nil {
			return err
		}
		next := n.began
		next.Session, next.Expires, next.Attempt = issued.Session.ID, issued.Session.Expires, n.again
		if err := tx.KeepSAMLSession(next); err != nil {
			return err
		}
		accepted = Accepted{Session: issued, User: n.user, RenewableUntil: next.RenewableUntil}
		n.attempt.passed("renewal", renewableText(next.RenewableUntil))
		return tx.InsertSignInRecord(n.attempt.complete(""))
	})
	return accepted, err
}

// tenantStands refuses a person into whose tenant the provider does not sign any
// more.
func (n renewing) tenantStands(tx Tx) error {
	var claim *oriel.TenantSlug
	if n.user.Tenant != "" {
		claim = &n.user.Tenant
	}
	claim, err := n.Directory.ClaimedTenant(n.provider, claim)
	if err != nil {
		return err
	}
	_, _, err = n.Directory.CheckTenant(tx, n.provider, directory.Found{User: n.user}, claim)
	return err
}

// renewableUntil is until when the sessions of a sign-in are renewed without the
// identity provider, by the provider's settings of now; zero: they are not.
func renewableUntil(p oriel.Provider, began oriel.SAMLSession) time.Time {
	longest := p.SAML.RenewFor
	if longest == 0 {
		if began.IdPEnds.IsZero() {
			return time.Time{}
		}
		longest = session.InteractiveLifetime
	}
	until := began.Began.Add(longest)
	if ends := began.IdPEnds; !ends.IsZero() && ends.Before(until) {
		until = ends
	}
	return until.Truncate(time.Second) // as the page is told
}

func renewableText(until time.Time) string {
	if until.IsZero() {
		return "one that is not renewed without the identity provider"
	}
	return "until " + until.UTC().Format(time.RFC3339)
}
