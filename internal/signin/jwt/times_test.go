package jwt_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// J14: every limit, one second to either side of it.
func TestVerify_timesAreHeldToTheirLimits(t *testing.T) {
	const ok = oriel.Code("")
	tests := []struct {
		name          string
		compat        bool
		iat, exp, nbf int // seconds from now
		want          oriel.Code
	}{
		{name: "fresh", iat: 0, exp: 60, want: ok},
		{name: "expired within the leeway", iat: -60, exp: -29, want: ok},
		{name: "expired by the leeway", iat: -60, exp: -30, want: oriel.CodeTokenExpired},
		{name: "expired long ago", iat: -7200, exp: -3600, want: oriel.CodeTokenExpired},
		{name: "expired, and before it began", iat: 0, exp: -60, want: oriel.CodeTokenExpired},
		{name: "before it began, within the leeway", iat: 0, exp: -10, want: oriel.CodeTokenLifetime},
		{name: "no time at all", iat: 0, exp: 0, want: ok},
		{name: "issued ahead within the leeway", iat: 30, exp: 90, want: ok},
		{name: "issued ahead", iat: 31, exp: 90, want: oriel.CodeTokenNotYetValid},
		{name: "not before, within the leeway", iat: 0, exp: 60, nbf: 30, want: ok},
		{name: "not before", iat: 0, exp: 60, nbf: 31, want: oriel.CodeTokenNotYetValid},
		{name: "five minutes", iat: 0, exp: 300, want: ok},
		{name: "more than five minutes", iat: 0, exp: 301, want: oriel.CodeTokenLifetime},
		{name: "six minutes", iat: 0, exp: 360, want: oriel.CodeTokenLifetime}, // J15
		{name: "old, and short enough", iat: -299, exp: 1, want: ok},

		{name: "fresh", compat: true, iat: 0, exp: 60, want: ok},
		{name: "a year of validity", compat: true, iat: 0, exp: 31536000, want: ok},
		{name: "old within the leeway", compat: true, iat: -210, exp: 60, want: ok},
		{name: "old", compat: true, iat: -211, exp: 60, want: oriel.CodeTokenTooOld},
		{name: "expired within the leeway", compat: true, iat: -60, exp: -29, want: ok},
		{name: "expired by the leeway", compat: true, iat: -60, exp: -30, want: oriel.CodeTokenExpired},
		{name: "before it began, within the leeway", compat: true, iat: 0, exp: -10, want: oriel.CodeTokenLifetime},
		{name: "issued ahead within the leeway", compat: true, iat: 30, exp: 600, want: ok},
		{name: "issued ahead", compat: true, iat: 31, exp: 600, want: oriel.CodeTokenNotYetValid},
		{name: "not before", compat: true, iat: 0, exp: 600, nbf: 31, want: oriel.CodeTokenNotYetValid},
	}
	for _, tt := range tests {
		profile := "strict "
		signers := []signer{hs256("k"), eddsa("k")}
		if tt.compat {
			profile, signers = "compat ", signers[:1]
		}
		for _, s := range signers {
			t.Run(profile+s.alg+" "+tt.name, func(t *testing.T) {
				change := map[string]any{"iat": now().Unix() + int64(tt.iat), "exp": now().Unix() + int64(tt.exp)}
				if tt.nbf != 0 {
					change["nbf"] = now().Unix() + int64(tt.nbf)
				}
				p := strict(s)
				if tt.compat {
					p = compat(s)
				}
				evidence := wantCode(t, s.token(claims(change)), p, now(), tt.want)
				if want := time.Duration(tt.iat) * time.Second; evidence.ClockSkew != want {
					t.Errorf("measured skew %s, want %s", evidence.ClockSkew, want)
				}
			})
		}
	}
}

// A token whose dates hold now, and which is refused all the same, is told why.
func TestVerify_evidenceTellsHowLongATokenMayLive(t *testing.T) {
	s := hs256("k")
	for want, e := range map[string]oriel.Evidence{
		"for 5 minutes at most": wantCode(t, s.token(claims(map[string]any{"exp": now().Unix() + 301})), strict(s), now(), oriel.CodeTokenLifetime),
		"issued within 180 s":   wantCode(t, s.token(claims(map[string]any{"iat": now().Unix() - 211})), compat(s), now(), oriel.CodeTokenTooOld),
	} {
		if last := e.Checks[len(e.Checks)-1]; last.Name != "time" || !strings.HasSuffix(last.Expected, want) {
			t.Errorf("expected %q, want %q at the end of it", last.Expected, want)
		}
	}
}

// J15.
func TestVerify_dateThatIsNoDateIsMalformed(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		for _, claim := range []string{"exp", "iat", "nbf"} {
			for _, literal := range []string{
				`"1790000060"`, `""`, `NaN`, `Infinity`, `1e400`, `-1e400`, `-1`, `-0`, `-1790000060`, `true`, `null`, `[]`, `{}`,
				`[1790000060]`, `0x10`, `1e20`, `253402300800`, strings.Repeat("9", 400),
			} {
				changed := claims(map[string]any{claim: nil})
				payload := strings.TrimSuffix(jsonOf(changed), "}") + `,"` + claim + `":` + literal + "}"
				t.Run(s.alg+" "+claim+" "+literal[:min(len(literal), 20)], func(t *testing.T) {
					wantCode(t, s.compact(`{"alg":"`+s.alg+`"}`, payload), strict(s), now(), oriel.CodeTokenMalformed)
				})
			}
		}
	}
	s := hs256("k")
	fraction := mustVerify(t, s.token(claims(map[string]any{"iat": json.Number("1789999999.5"), "exp": json.Number("1.79000006e9")})), strict(s), now())
	if want := now().Add(-500 * time.Millisecond); !fraction.IssuedAt.Equal(want) {
		t.Errorf("IssuedAt %s, want %s", fraction.IssuedAt, want)
	}
}

// J16: remembered for longer than the token can pass, for tokens of any dates.
func TestVerify_useIsRememberedUntilTheTokenCannotPass(t *testing.T) {
	s := hs256("k")
	for _, tt := range []struct {
		profile  oriel.Provider
		iat, exp int64
	}{
		{strict(s), 0, 60}, {strict(s), -299, 1}, {strict(s), 30, 330}, {strict(s), 0, 0},
		{compat(s), 0, 60}, {compat(s), 0, 600}, {compat(s), 0, 31536000}, {compat(s), -200, 600},
	} {
		token := s.token(claims(map[string]any{"iat": now().Unix() + tt.iat, "exp": now().Unix() + tt.exp}))
		identity := mustVerify(t, token, tt.profile, now())
		last := now()
		for at := now(); at.Before(now().Add(20 * time.Minute)); at = at.Add(time.Second) {
			if _, _, err := verify(token, tt.profile, at); err == nil {
				last = at
			}
		}
		if kept := identity.SpentUntil.Sub(last); kept < time.Minute || kept > time.Minute+2*time.Second {
			t.Errorf("iat %+d, exp %+d: remembered %s beyond the last moment, want a minute", tt.iat, tt.exp, kept)
		}
	}
}
