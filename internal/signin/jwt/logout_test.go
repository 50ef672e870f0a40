package jwt_test

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// logoutToken is signed as a logout, with the claims of a sign-in's but what is
// changed.
func (s signer) logoutToken(claims map[string]any) string {
	return s.compact(`{"alg":"`+s.alg+`","kid":"`+s.kid+`","typ":"oriel-logout+jwt"}`, jsonOf(claims))
}

func logout(token string, p oriel.Provider, at time.Time) (oriel.Logout, oriel.Evidence, error) {
	return jwt.New(site, nil).VerifyLogout(context.Background(), token, p, at)
}

func wantLogoutCode(t *testing.T, name, token string, p oriel.Provider, want oriel.Code) {
	t.Helper()
	got, evidence, err := logout(token, p, now())
	if oriel.CodeOf(err) != want {
		t.Errorf("%s: code %q (%v), want %q", name, oriel.CodeOf(err), err, want)
	}
	if err != nil && got != (oriel.Logout{}) {
		t.Errorf("%s: a refused token gave %+v", name, got)
	}
	if want != "" && (len(evidence.Checks) == 0 || evidence.Checks[len(evidence.Checks)-1].Outcome != oriel.CheckFailed) {
		t.Errorf("%s: the evidence does not end in the check that failed: %+v", name, evidence.Checks)
	}
}

// ending are the claims of a strict logout.
func ending(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": "https://apron.example", "aud": site, "sub": "dana", "sid": "host-1", "jti": "one",
		"iat": now().Unix(), "exp": now().Unix() + 60,
	}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func TestVerifyLogout_tellsWhoseSessionsEnd(t *testing.T) {
	s := eddsa("k")
	s.key.Serial = 5
	want := oriel.Logout{
		Provider: "prv_1", Subject: "dana", HostSID: "host-1", IssuedAt: now(), KeyID: "k", KeySerial: 5,
		OneUse: sha256.Sum256([]byte("prv_1\x00one")), SpentUntil: now().Add(150 * time.Second),
	}
	got, evidence, err := logout(s.logoutToken(ending(nil)), strict(s), now())
	if err != nil || got != want || len(evidence.Checks) != 5 {
		t.Errorf("%+v, %v, %v; want %+v", got, evidence, err, want)
	}
	want.Subject = ""
	if got, _, err = logout(s.logoutToken(ending(map[string]any{"sub": nil})), strict(s), now()); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	want.Subject, want.HostSID = "dana", ""
	if got, _, err = logout(s.logoutToken(ending(map[string]any{"sid": nil})), strict(s), now()); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}

	// compat: the e-mail claim, in the spelling of the sign-in's subject.
	h := hs256("k")
	signedIn := mustVerify(t, h.token(bare(nil)), compat(h), now())
	out, _, err := logout(h.logoutToken(bare(map[string]any{"sub": "no subject here"})), compat(h), now())
	if err != nil || out.Subject != signedIn.Subject || out.Subject != "dana@example.com" || out.HostSID != "" || out.Provider != "prv_2" {
		t.Errorf("%+v, %v", out, err)
	}
	named := compat(h)
	named.Claims.Email = "mail"
	out, _, err = logout(h.logoutToken(map[string]any{"mail": " Eve@Example.com", "email": "x@y", "sid": "h", "iat": now().Unix(), "exp": now().Unix() + 9}), named, now())
	if err != nil || out.Subject != "eve@example.com" || out.HostSID != "h" {
		t.Errorf("%+v, %v", out, err)
	}
}

// §3.5: a token is for one of the two, which its typ says exactly.
func TestVerifyLogout_typTellsTheKinds(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		all := claims(nil) // fit for both
		for _, header := range []string{`{"alg":"ALG"}`, `{"alg":"ALG","typ":"JWT"}`, `{"alg":"ALG","kid":"k","typ":"JWT"}`} {
			token := s.compact(strings.ReplaceAll(header, "ALG", s.alg), jsonOf(all))
			wantLogoutCode(t, header, token, strict(s), oriel.CodeLogoutRequestInvalid)
			mustVerify(t, token, strict(s), now())
		}
		token := s.logoutToken(all)
		wantLogoutCode(t, "logout", token, strict(s), "")
		wantCode(t, token, strict(s), now(), oriel.CodeTokenMalformed)
		// Its typ is seen before its key: the same for a key that is unknown.
		wantLogoutCode(t, "unknown key", eddsa("x").token(all), strict(s), oriel.CodeLogoutRequestInvalid)
		wantCode(t, eddsa("x").logoutToken(all), strict(s), now(), oriel.CodeTokenMalformed)
		for _, typ := range []string{"logout+jwt", "ORIEL-LOGOUT+JWT", "Oriel-Logout+jwt", "application/oriel-logout+jwt", "oriel-logout+jwt ", "oriel-logout", "jwt", ""} {
			header := `{"alg":"` + s.alg + `","typ":"` + typ + `"}`
			wantLogoutCode(t, typ, s.compact(header, jsonOf(all)), strict(s), oriel.CodeTokenMalformed)
		}
		if kid, issuer, err := jwt.Hints(token); err != nil || kid != "k" || issuer != "https://apron.example" {
			t.Errorf("Hints: %q %q %v", kid, issuer, err)
		}
	}
}

// The checks of a sign-in, each with its own code.
func TestVerifyLogout_checksAreThoseOfSignIns(t *testing.T) {
	s := eddsa("k")
	ended := strict(s)
	ended.Keys[0].Ends = now()
	forged := s
	forged.sign = eddsa("eve").sign
	for name, tt := range map[string]struct {
		token string
		p     oriel.Provider
		want  oriel.Code
	}{
		"garbage":       {"x.y.z", strict(s), oriel.CodeTokenMalformed},
		"unsigned":      {encode([]byte(`{"alg":"none","typ":"oriel-logout+jwt"}`)) + "." + encode([]byte(jsonOf(ending(nil)))) + ".", strict(s), oriel.CodeAlgorithmNotAllowed},
		"signature":     {forged.logoutToken(ending(nil)), strict(s), oriel.CodeTokenSignature},
		"kid":           {eddsa("x").logoutToken(ending(nil)), strict(s), oriel.CodeTokenKeyUnknown},
		"ended key":     {s.logoutToken(ending(nil)), ended, oriel.CodeTokenKeyUnknown},
		"algorithm":     {s.logoutToken(ending(nil)), strict(hs256("k")), oriel.CodeAlgorithmNotAllowed},
		"expired":       {s.logoutToken(ending(map[string]any{"iat": now().Unix() - 90, "exp": now().Unix() - 30})), strict(s), oriel.CodeTokenExpired},
		"ahead":         {s.logoutToken(ending(map[string]any{"iat": now().Unix() + 31, "exp": now().Unix() + 60})), strict(s), oriel.CodeTokenNotYetValid},
		"long":          {s.logoutToken(ending(map[string]any{"exp": now().Unix() + 301})), strict(s), oriel.CodeTokenLifetime},
		"no exp":        {s.logoutToken(ending(map[string]any{"exp": nil})), strict(s), oriel.CodeClaimMissing},
		"no iat":        {s.logoutToken(ending(map[string]any{"iat": nil})), strict(s), oriel.CodeClaimMissing},
		"no jti":        {s.logoutToken(ending(map[string]any{"jti": nil})), strict(s), oriel.CodeClaimMissing},
		"no iss":        {s.logoutToken(ending(map[string]any{"iss": nil})), strict(s), oriel.CodeClaimMissing},
		"no aud":        {s.logoutToken(ending(map[string]any{"aud": nil})), strict(s), oriel.CodeClaimMissing},
		"issuer":        {s.logoutToken(ending(map[string]any{"iss": "https://eve.example"})), strict(s), oriel.CodeIssuerMismatch},
		"audience":      {s.logoutToken(ending(map[string]any{"aud": "https://eve.example"})), strict(s), oriel.CodeAudienceMismatch},
		"nobody":        {s.logoutToken(ending(map[string]any{"sub": nil, "sid": nil})), strict(s), oriel.CodeLogoutRequestInvalid},
		"e-mail only":   {s.logoutToken(ending(map[string]any{"sub": nil, "sid": nil, "email": "dana@example.com"})), strict(s), oriel.CodeLogoutRequestInvalid},
		"null":          {s.logoutToken(map[string]any{"iss": "https://apron.example", "aud": site, "jti": "1", "iat": now().Unix(), "exp": now().Unix(), "sub": nil, "sid": nil}), strict(s), oriel.CodeLogoutRequestInvalid},
		"empty sid":     {s.logoutToken(ending(map[string]any{"sid": ""})), strict(s), oriel.CodeClaimInvalid},
		"empty sub":     {s.logoutToken(ending(map[string]any{"sub": ""})), strict(s), oriel.CodeClaimInvalid},
		"long sid":      {s.logoutToken(ending(map[string]any{"sid": strings.Repeat("x", 129)})), strict(s), oriel.CodeClaimInvalid},
		"long sub":      {s.logoutToken(ending(map[string]any{"sub": strings.Repeat("x", 256)})), strict(s), oriel.CodeClaimInvalid},
		"sid is a list": {s.logoutToken(ending(map[string]any{"sid": []string{"host-1"}})), strict(s), oriel.CodeClaimInvalid},
		"sub is 7":      {s.logoutToken(ending(map[string]any{"sub": 7})), strict(s), oriel.CodeClaimInvalid},
		"empty jti":     {s.logoutToken(ending(map[string]any{"jti": ""})), strict(s), oriel.CodeClaimInvalid},
	} {
		wantLogoutCode(t, name, tt.token, tt.p, tt.want)
	}
	h := hs256("k")
	for name, tt := range map[string]struct {
		changes map[string]any
		want    oriel.Code
	}{
		"nobody":      {map[string]any{"email": nil}, oriel.CodeLogoutRequestInvalid},
		"sub only":    {map[string]any{"email": nil, "sub": "dana"}, oriel.CodeLogoutRequestInvalid},
		"sid only":    {map[string]any{"email": nil, "sid": "host-1"}, ""},
		"no address":  {map[string]any{"email": "dana"}, oriel.CodeClaimInvalid},
		"old":         {map[string]any{"iat": now().Unix() - 211}, oriel.CodeTokenTooOld},
		"empty email": {map[string]any{"email": "", "sid": "host-1"}, oriel.CodeClaimInvalid},
	} {
		wantLogoutCode(t, "compat, "+name, h.logoutToken(bare(tt.changes)), compat(h), tt.want)
	}
}

// One table for both kinds: what one jti was used for, it is used up for.
func TestVerifyLogout_oneUseIsThatOfSignIns(t *testing.T) {
	s, h := eddsa("k"), hs256("k")
	in := mustVerify(t, s.token(claims(nil)), strict(s), now())
	out, _, err := logout(s.logoutToken(ending(nil)), strict(s), now())
	if err != nil || out.OneUse != in.OneUse || out.SpentUntil != in.SpentUntil {
		t.Errorf("%v, %x %v, want %x %v", err, out.OneUse, out.SpentUntil, in.OneUse, in.SpentUntil)
	}
	// Without jti the token's hash stands for it (compat): another each.
	token := h.logoutToken(bare(nil))
	hash := sha256.Sum256([]byte(token))
	if out, _, err = logout(token, compat(h), now()); err != nil || out.OneUse != sha256.Sum256(append([]byte("prv_2\x00"), hash[:]...)) {
		t.Errorf("%v, %x", err, out.OneUse)
	}
}
