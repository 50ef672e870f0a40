package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// slowClock is from where on the host's clock is a finding: half of the leeway
// (sign-in contract §1).
const slowClock = 15 * time.Second

// tryToken walks through the checks of a sign-in, and tells whether the token
// itself is good.
func (d *Doctor) tryToken(ctx context.Context, p oriel.Provider, origin, token string, s section) (good bool) {
	r, err := d.rehearse(ctx, p, origin, token)
	if err != nil && oriel.CodeOf(err) == oriel.CodeInternal {
		s.finding("token", "checks to be made", "they could not be: "+err.Error(), "Try again; if it stays so, it is a fault of Oriel.")
		return false
	}
	fix := signin.Fix(oriel.CodeOf(err))
	if oriel.CodeOf(err) == oriel.CodeClaimMissing {
		fix = oriel.MessageOf(err) + " " + fix
	}
	for _, check := range r.Checks {
		switch check.Name {
		case "embedding", "provider", "origin":
			continue // looked at before
		// The first check that needs all of the token.
		case "replay":
			good = check.Outcome != oriel.CheckSkipped
		}
		s.took(check, fix)
	}
	d.clock(r, s)
	return good
}

// clock tells what the token's iat says of the host's clock.
func (d *Doctor) clock(r oriel.SignInRecord, s section) {
	read := false
	for _, check := range r.Checks {
		read = read || check.Name == "signature" && check.Outcome == oriel.CheckPassed
	}
	if !read {
		s.skipped("clock", "nothing of the token is believed")
		return
	}
	skew := fmt.Sprintf("%+.1f s against this machine's, by iat", r.ClockSkew.Seconds())
	if r.ClockSkew.Abs() > slowClock {
		s.finding("clock", "within 15 s of this machine's", skew, "Set the host's clock right, or this machine's: use NTP on both.")
		return
	}
	s.ok("clock", skew)
}

// compare looks at whether each request gets a token of its own.
func compare(first, second string, ok bool, p oriel.Provider, s section) {
	const name = "second token"
	const fix = "Sign a token for each request, with a random jti of its own, and keep none: the second sign-in with it is refused as a replay."
	switch {
	case !ok:
		s.finding(name, "another token", "none", "Let the endpoint answer the second request as it did the first.")
	case first == second:
		s.finding(name, "another token", "the same one", fix)
	case jti(first) != "" && jti(first) == jti(second):
		s.finding(name, "another jti", "the same jti in another token", fix)
	case jti(first) == "" && p.Profile == oriel.ProfileCompat:
		s.ok(name, "another one; without jti the whole token stands for it")
	default:
		s.ok(name, "another one, with a jti of its own")
	}
}

// jti reads the claim of a token that was verified before; empty without one.
func jti(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		ID string `json:"jti"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.ID
}
