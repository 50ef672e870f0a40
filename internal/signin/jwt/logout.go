package jwt

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// VerifyLogout tells whose sessions the provider ends with the token, at the
// moment now (contract §3.5). The caller keeps OneUse until SpentUntil, in the
// table of the sign-ins.
//
// It fails as [Verifier.Verify] does, and with logout_request_invalid when the
// token is one of a sign-in, or names neither a host session nor a person.
func (v *Verifier) VerifyLogout(ctx context.Context, token string, p oriel.Provider, now time.Time) (oriel.Logout, oriel.Evidence, error) {
	var r record
	t, signer, err := v.vouched(ctx, token, p, now, true, &r)
	if err != nil {
		return oriel.Logout{}, r.evidence, err
	}
	logout, err := readLogout(t, p)
	if err != nil {
		err = r.failed("claims", "a host session or a person", cause(err), err)
		return oriel.Logout{}, r.evidence, err
	}
	logout.KeyID, logout.KeySerial = signer.id, signer.serial
	return logout, r.evidence, nil
}

// readLogout reads the claims of a token that passed every check. An empty sid
// or subject would end the sessions of all who came without one.
func readLogout(t unverified, p oriel.Provider) (oriel.Logout, error) {
	claims := newReader(t.claims, p.Profile)
	use, err := oneUse(claims, t, p)
	if err != nil {
		return oriel.Logout{}, err
	}
	sid, err := optional("sid", func(claim string) (string, error) { return claims.required(claim, maxSID) })
	if err != nil {
		return oriel.Logout{}, err
	}
	var subject string
	if p.Profile == oriel.ProfileCompat {
		subject, err = optional(cmp.Or(p.Claims.Email, oriel.DefaultClaimNames().Email), claims.email)
	} else {
		subject, err = optional("sub", func(claim string) (string, error) { return claims.required(claim, maxSubject) })
	}
	switch {
	case err != nil:
		return oriel.Logout{}, err
	case sid == "" && subject == "":
		return oriel.Logout{}, &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: errors.New("it names neither a host session (sid) nor a person")}
	}
	return oriel.Logout{
		Provider: p.ID, Subject: subject, HostSID: sid, IssuedAt: *t.dates.issued,
		OneUse: use, SpentUntil: t.dates.spentUntil(p.Profile),
	}, nil
}

// optional is empty when the claim is absent or null; read refuses an empty one.
func optional(claim string, read func(claim string) (string, error)) (string, error) {
	value, err := read(claim)
	if oriel.CodeOf(err) == oriel.CodeClaimMissing {
		return "", nil
	}
	return value, err
}
