package jwt

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Verifier verifies host tokens that are meant for one instance.
type Verifier struct {
	siteURL   string
	published KeySet
	parsed    parsedKeys
}

// New makes a Verifier for the instance with the site URL, the audience of
// every token of a strict provider. Published has the keys of providers with a
// JWKS; without it their tokens fail with [oriel.CodeKeysUnavailable].
func New(siteURL string, published KeySet) *Verifier {
	return &Verifier{siteURL: siteURL, published: published}
}

// Hints tells the key id and the issuer that a token of either kind claims, to
// choose its provider by; each is empty when the token has none. Nothing of it has been
// verified. It fails with [oriel.CodeTokenMalformed] or
// [oriel.CodeAlgorithmNotAllowed].
func Hints(token string) (keyID, issuer string, err error) {
	t, err := parse(token)
	if err != nil {
		return "", "", err
	}
	issuer, _ = t.claims["iss"].(string)
	return t.header.keyID, issuer, nil
}

// Hints is the function of the same name, for callers that hold a Verifier.
func (v *Verifier) Hints(token string) (keyID, issuer string, err error) { return Hints(token) }

// Verify tells whom the provider vouches for with the token, at the moment
// now. It does not know whether the token was used before: the caller keeps
// OneUse until SpentUntil.
//
// It fails with one of token_malformed, algorithm_not_allowed,
// token_key_unknown, keys_unavailable, sso_not_configured (the key cannot be
// used), token_signature, token_expired, token_not_yet_valid, token_too_old,
// token_lifetime, issuer_mismatch, audience_mismatch, claim_missing and
// claim_invalid. The evidence tells every check up to the one that failed, and
// holds no token, no secret and no claim but those that were checked.
func (v *Verifier) Verify(ctx context.Context, token string, p oriel.Provider, now time.Time) (oriel.Identity, oriel.Evidence, error) {
	var r record
	t, signer, err := v.vouched(ctx, token, p, now, false, &r)
	if err != nil {
		return oriel.Identity{}, r.evidence, err
	}
	identity, err := identify(t, p)
	if err != nil {
		err = r.failed("claims", "an identity", cause(err), err)
		return oriel.Identity{}, r.evidence, err
	}
	identity.KeyID, identity.KeySerial = signer.id, signer.serial
	return identity, r.evidence, nil
}

// vouched makes every check that tokens of both kinds have in common.
func (v *Verifier) vouched(ctx context.Context, token string, p oriel.Provider, now time.Time, logout bool, r *record) (unverified, Key, error) {
	t, err := parse(token)
	if err == nil && t.header.isLogout != logout {
		err = wrongType(logout)
	}
	if err != nil {
		return unverified{}, Key{}, r.failed("format", expectedForm(logout), cause(err), err)
	}
	keys, err := v.findKeys(ctx, t.header, p, now)
	if err != nil {
		return unverified{}, Key{}, r.failed("key", keyNames(p), keyHint(t.header)+": "+cause(err), err)
	}
	r.passed("key", keyNames(p), keyHint(t.header))

	signer, err := signedBy(keys, t.compact)
	if err != nil {
		return unverified{}, Key{}, r.failed("signature", "made with the provider's key", "not made with it", err)
	}
	r.passed("signature", "made with the provider's key", "key "+oriel.Quoted(signer.id))

	if t.dates.issued != nil {
		r.evidence.ClockSkew = t.dates.issued.Sub(now)
	}
	moment := expectedDates(p.Profile, now)
	if err := t.dates.check(p.Profile, now); err != nil {
		return unverified{}, Key{}, r.failed("time", moment, t.dates.String(), err)
	}
	r.passed("time", moment, t.dates.String())

	if err := checkIssuer(t.claims, p, r); err != nil {
		return unverified{}, Key{}, err
	}
	if err := v.checkAudience(t.claims, p, r); err != nil {
		return unverified{}, Key{}, err
	}
	return t, signer, nil
}

// expectedDates says all that [dates.check] holds dates to.
func expectedDates(profile oriel.Profile, now time.Time) string {
	moment := "valid at " + now.UTC().Format(time.RFC3339) + " ± 30 s"
	if profile == oriel.ProfileCompat {
		return moment + ", issued within 180 s"
	}
	return moment + ", for 5 minutes at most"
}

func expectedForm(logout bool) string {
	if logout {
		return "a signed JSON Web Token whose typ is " + logoutType
	}
	return "a signed JSON Web Token"
}

// wrongType refuses a token of the other kind.
func wrongType(logout bool) error {
	if logout {
		return &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: errors.New("its typ is not " + logoutType)}
	}
	return malformed(errors.New("it ends sessions, by its typ, and signs nobody in"))
}

// checkIssuer compares exactly (RFC 7519 §4.1.1).
func checkIssuer(claims object, p oriel.Provider, r *record) error {
	if p.Profile == oriel.ProfileCompat && p.Issuer == "" {
		r.skipped("issuer")
		return nil
	}
	value, present := claims["iss"]
	if !present {
		return r.failed("issuer", oriel.Quoted(p.Issuer), "", missing("iss"))
	}
	issuer, isText := value.(string)
	if !isText {
		return r.failed("issuer", oriel.Quoted(p.Issuer), "not a text", invalid("iss", "is not a text"))
	}
	// A strict provider without an issuer trusts nobody, not "".
	if issuer != p.Issuer || p.Issuer == "" {
		return r.failed("issuer", oriel.Quoted(p.Issuer), oriel.Quoted(issuer), &oriel.Error{Code: oriel.CodeIssuerMismatch})
	}
	r.passed("issuer", oriel.Quoted(p.Issuer), oriel.Quoted(issuer))
	return nil
}

// checkAudience accepts a text or a list that contains the audience (RFC 7519
// §4.1.3). A strict provider's is this instance, whatever it has configured.
func (v *Verifier) checkAudience(claims object, p oriel.Provider, r *record) error {
	want := v.siteURL
	if p.Profile == oriel.ProfileCompat {
		want = p.Audience
		if want == "" {
			r.skipped("audience")
			return nil
		}
	}
	value, present := claims["aud"]
	if !present {
		return r.failed("audience", oriel.Quoted(want), "", missing("aud"))
	}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	var received []string
	found := false
	for _, value := range values {
		audience, isText := value.(string)
		if !isText {
			return r.failed("audience", oriel.Quoted(want), "not a text", invalid("aud", "is neither a text nor a list of texts"))
		}
		received = append(received, oriel.Quoted(audience))
		found = found || audience == want && want != ""
	}
	if !found {
		return r.failed("audience", oriel.Quoted(want), strings.Join(received[:min(len(received), 4)], ", "),
			&oriel.Error{Code: oriel.CodeAudienceMismatch})
	}
	r.passed("audience", oriel.Quoted(want), oriel.Quoted(want))
	return nil
}

// identify reads the claims of a token that passed every check.
func identify(t unverified, p oriel.Provider) (oriel.Identity, error) {
	claims := newReader(t.claims, p.Profile)
	strict := p.Profile != oriel.ProfileCompat
	var subject string
	if strict {
		var err error
		if subject, err = claims.required("sub", maxSubject); err != nil {
			return oriel.Identity{}, err
		}
	}
	use, err := oneUse(claims, t, p)
	if err != nil {
		return oriel.Identity{}, err
	}
	identity, err := claims.identity(p.Claims)
	if err != nil {
		return oriel.Identity{}, err
	}
	if !strict {
		subject = identity.Email
	}
	identity.Provider = p.ID
	identity.Subject = subject
	identity.IssuedAt = *t.dates.issued
	identity.OneUse = use
	identity.SpentUntil = t.dates.spentUntil(p.Profile)
	return identity, nil
}

// oneUse is what the token can be used for once: SHA-256(provider id, 0x00, jti
// or token hash), §1. An empty jti would be one use for all tokens.
func oneUse(claims *reader, t unverified, p oriel.Provider) ([sha256.Size]byte, error) {
	use, err := claims.required("jti", MaxToken)
	switch {
	case oriel.CodeOf(err) == oriel.CodeClaimMissing && p.Profile == oriel.ProfileCompat:
		hash := sha256.Sum256([]byte(t.compact))
		use = string(hash[:])
	case err != nil:
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256([]byte(p.ID + "\x00" + use)), nil
}

// record gathers the evidence.
type record struct {
	evidence oriel.Evidence
}

func (r *record) passed(check, expected, received string) {
	r.evidence.Checks = append(r.evidence.Checks, oriel.Check{Name: check, Outcome: oriel.CheckPassed, Expected: expected, Received: received})
}

func (r *record) skipped(check string) {
	r.evidence.Checks = append(r.evidence.Checks, oriel.Check{Name: check, Outcome: oriel.CheckSkipped, Expected: "not configured"})
}

// failed notes the check and gives the error back.
func (r *record) failed(check, expected, received string, err error) error {
	r.evidence.Checks = append(r.evidence.Checks, oriel.Check{Name: check, Outcome: oriel.CheckFailed, Expected: expected, Received: received})
	return err
}

// cause is what an error says for the record.
func cause(err error) string {
	var e *oriel.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// keyNames tells which keys the provider has, by id and kind.
func keyNames(p oriel.Provider) string {
	names := make([]string, len(p.Keys))
	for i, k := range p.Keys {
		names[i] = fmt.Sprintf("%s (%s)", oriel.Quoted(k.ID), k.Kind)
	}
	return "one of " + strings.Join(names, ", ")
}

func keyHint(h header) string {
	if !h.hasKeyID {
		return "no kid, alg " + oriel.Quoted(h.algorithm)
	}
	return "kid " + oriel.Quoted(h.keyID) + ", alg " + oriel.Quoted(h.algorithm)
}
