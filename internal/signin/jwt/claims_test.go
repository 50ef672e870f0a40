package jwt_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

func TestVerify_identityIsWhatTheTokenSays(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		id := mustVerify(t, s.token(claims(nil)), strict(s), now())
		dana, reyes := "Dana", "Reyes"
		want := oriel.Identity{
			Provider: "prv_1", Subject: "dana", Email: "dana@example.com", FirstName: &dana, LastName: &reyes,
			Groups: []string{"operators"}, GroupsSent: true, HostSID: "host-1",
			Attributes: oriel.Attributes{"airport": oriel.Text("DFW")},
			IssuedAt:   now(), SpentUntil: now().Add(150e9), KeyID: "k",
			OneUse: sha256.Sum256([]byte("prv_1\x00one")),
		}
		if !reflect.DeepEqual(id, want) {
			t.Errorf("%s: identity\n%+v, want\n%+v", s.alg, id, want)
		}
	}
}

func TestVerify_evidenceTellsTheChecksInOrder(t *testing.T) {
	s := hs256("k")
	names := func(e oriel.Evidence) string {
		var all []string
		for _, c := range e.Checks {
			all = append(all, c.Name+" "+string(c.Outcome))
		}
		return strings.Join(all, ", ")
	}
	_, evidence, _ := verify(s.token(claims(nil)), strict(s), now())
	if got := names(evidence); got != "key passed, signature passed, time passed, issuer passed, audience passed" {
		t.Error(got)
	}
	_, evidence, _ = verify(s.token(bare(nil)), compat(s), now())
	if got := names(evidence); got != "key passed, signature passed, time passed, issuer skipped, audience skipped" {
		t.Error(got)
	}
	// All is wrong: the first check says so, and nothing after it is told.
	wrong := map[string]any{"exp": now().Unix() - 60, "iss": "x", "aud": "x", "email": nil}
	for _, tt := range []struct {
		token string
		code  oriel.Code
		want  string
	}{
		{hs256("x").token(claims(wrong)), oriel.CodeTokenKeyUnknown, "key failed"},
		{signer{kid: "k", alg: "HS256", sign: hmacOf(nil)}.token(claims(wrong)), oriel.CodeTokenSignature, "key passed, signature failed"},
		{s.token(claims(wrong)), oriel.CodeTokenExpired, "key passed, signature passed, time failed"},
		{s.token(claims(map[string]any{"iss": "x", "aud": "x", "email": nil})), oriel.CodeIssuerMismatch, "key passed, signature passed, time passed, issuer failed"},
		{s.token(claims(map[string]any{"aud": "x", "email": nil})), oriel.CodeAudienceMismatch, "key passed, signature passed, time passed, issuer passed, audience failed"},
		{s.token(claims(map[string]any{"email": nil})), oriel.CodeClaimMissing, "key passed, signature passed, time passed, issuer passed, audience passed, claims failed"},
	} {
		if got := names(wantCode(t, tt.token, strict(s), now(), tt.code)); got != tt.want {
			t.Errorf("checks %q, want %q", got, tt.want)
		}
	}
}

// J15, and the claim's name in the problem.
func TestVerify_missingClaimIsNamed(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		for _, claim := range []string{"exp", "iat", "jti", "iss", "aud", "sub", "email"} {
			_, _, err := verify(s.token(claims(map[string]any{claim: nil})), strict(s), now())
			if oriel.CodeOf(err) != oriel.CodeClaimMissing || !strings.Contains(err.Error(), `"`+claim+`"`) {
				t.Errorf("without %s: %v", claim, err)
			}
		}
	}
	s := hs256("k")
	for _, claim := range []string{"exp", "iat", "email"} {
		_, _, err := verify(s.token(bare(map[string]any{claim: nil})), compat(s), now())
		if oriel.CodeOf(err) != oriel.CodeClaimMissing || !strings.Contains(err.Error(), `"`+claim+`"`) {
			t.Errorf("compat without %s: %v", claim, err)
		}
	}
	p := strict(s)
	p.Claims.Email = "mail"
	if _, _, err := verify(s.token(claims(nil)), p, now()); err == nil || !strings.Contains(err.Error(), `"mail"`) {
		t.Errorf("without the configured e-mail claim: %v", err)
	}
	configured := compat(s)
	configured.Issuer, configured.Audience = "https://apron.example", "oriel"
	wantCode(t, s.token(bare(map[string]any{"aud": "oriel"})), configured, now(), oriel.CodeClaimMissing)
	wantCode(t, s.token(bare(map[string]any{"iss": "https://apron.example"})), configured, now(), oriel.CodeClaimMissing)
	mustVerify(t, s.token(bare(map[string]any{"iss": "https://apron.example", "aud": "oriel"})), configured, now())
}

// J17.
func TestVerify_issuerAndAudienceAreCompared(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		tests := []struct {
			claim string
			value any
			want  oriel.Code
		}{
			{"aud", site, ""},
			{"aud", []string{"https://other.example", site}, ""},
			{"aud", []string{site}, ""},
			{"aud", []string{}, oriel.CodeAudienceMismatch},
			{"aud", "", oriel.CodeAudienceMismatch},
			{"aud", site + "/", oriel.CodeAudienceMismatch},
			{"aud", site + ".evil.io", oriel.CodeAudienceMismatch},
			{"aud", "http://127.0.0.1", oriel.CodeAudienceMismatch},
			{"aud", strings.ToUpper(site), oriel.CodeAudienceMismatch},
			{"aud", []string{"a", "b"}, oriel.CodeAudienceMismatch},
			{"aud", []any{site, 7}, oriel.CodeClaimInvalid},
			{"aud", 7, oriel.CodeClaimInvalid},
			{"aud", map[string]any{site: true}, oriel.CodeClaimInvalid},
			{"iss", "https://apron.example", ""},
			{"iss", "https://apron.example/", oriel.CodeIssuerMismatch},
			{"iss", "", oriel.CodeIssuerMismatch},
			{"iss", []string{"https://apron.example"}, oriel.CodeClaimInvalid},
		}
		for _, tt := range tests {
			wantCode(t, s.token(claims(map[string]any{tt.claim: tt.value})), strict(s), now(), tt.want)
		}
		// The configured audience of a strict provider changes nothing.
		p := strict(s)
		p.Audience = "https://other.example"
		wantCode(t, s.token(claims(map[string]any{"aud": "https://other.example"})), p, now(), oriel.CodeAudienceMismatch)
		p.Issuer = ""
		wantCode(t, s.token(claims(map[string]any{"iss": ""})), p, now(), oriel.CodeIssuerMismatch)
	}
	s := hs256("k")
	p := compat(s)
	mustVerify(t, s.token(bare(map[string]any{"iss": 7, "aud": "elsewhere"})), p, now())
	p.Issuer, p.Audience = "i", "a"
	wantCode(t, s.token(bare(map[string]any{"iss": "x", "aud": "a"})), p, now(), oriel.CodeIssuerMismatch)
	wantCode(t, s.token(bare(map[string]any{"iss": "i", "aud": "x"})), p, now(), oriel.CodeAudienceMismatch)
}

// J8.
func TestVerify_otherClaimsBecomeAttributes(t *testing.T) {
	s := eddsa("k")
	payload := strings.TrimSuffix(jsonOf(claims(nil)), "}") + `,
		"text":"x", "empty":"", "number":42, "decimal":1.50, "exponent":1E+2, "big":12345678901234567890123, "yes":true, "no":false,
		"list":["a",2,2.0,true,""], "nothing":[], "null":null, "object":{"a":1}, "@key":"x", "@":"y", "":"z",
		"holed":["a",null], "nested":[["a"]], "objects":[{"a":1}], "nbf":1, "Email":"other", "name":"Dana Reyes"}`
	id := mustVerify(t, s.compact(`{"alg":"EdDSA"}`, payload), strict(s), now())
	want := oriel.Attributes{
		"airport": oriel.Text("DFW"), "text": oriel.Text("x"), "empty": oriel.Text(""), "number": oriel.Text("42"),
		"decimal": oriel.Text("1.50"), "exponent": oriel.Text("1E+2"), "big": oriel.Text("12345678901234567890123"),
		"yes": oriel.Text("true"), "no": oriel.Text("false"), "list": oriel.TextList("a", "2", "2.0", "true", ""),
		"nothing": {List: true, Values: []string{}}, "Email": oriel.Text("other"), "name": oriel.Text("Dana Reyes"),
	}
	if !reflect.DeepEqual(id.Attributes, want) {
		t.Errorf("attributes\n%v, want\n%v", id.Attributes, want)
	}
	if want := []string{"", "@", "@key", "holed", "nested", "null", "object", "objects"}; !slices.Equal(id.Dropped, want) {
		t.Errorf("dropped %q, want %q", id.Dropped, want)
	}
	for _, registered := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "email", "first_name", "last_name", "groups", "tenant"} {
		if _, is := id.Attributes[registered]; is {
			t.Errorf("the claim %s became an attribute", registered)
		}
	}
}

func TestVerify_emailIsRequiredAndPlausible(t *testing.T) {
	s := hs256("k")
	for _, email := range []any{"", " ", "dana", "@example.com", "dana@", "a@b@c", "da na@example.com", "dana@exam\tple.com", "dana\u200b@example.com", "dana@example.com\nx", "<dana@example.com>\x7f", strings.Repeat("x", 250) + "@example.com", 7, true, []string{"dana@example.com"}} {
		wantCode(t, s.token(claims(map[string]any{"email": email})), strict(s), now(), oriel.CodeClaimInvalid)
		wantCode(t, s.token(bare(map[string]any{"email": email})), compat(s), now(), oriel.CodeClaimInvalid)
	}
	id := mustVerify(t, s.token(bare(nil)), compat(s), now())
	if id.Subject != "dana@example.com" || id.Email != id.Subject {
		t.Errorf("subject %q, e-mail %q", id.Subject, id.Email)
	}
	// The Kelvin sign is no k: two addresses, two identities.
	kelvin := mustVerify(t, s.token(bare(map[string]any{"email": "\u212Aate@example.com"})), compat(s), now())
	if kelvin.Subject == "kate@example.com" {
		t.Error("the Kelvin sign became a k")
	}
}

// J13's claim part.
func TestVerify_tenantIsASlug(t *testing.T) {
	s := hs256("k")
	tests := []struct {
		value any
		want  string // "": refused
	}{
		{"dfw", "dfw"}, {"a", "a"}, {"0", "0"}, {"a_b-c", "a_b-c"}, {42, "42"}, {0, "0"}, {strings.Repeat("a", 63), strings.Repeat("a", 63)},
		{json.Number("12345678901234567890"), "12345678901234567890"},
		{strings.Repeat("a", 64), ""}, {"", ""}, {"DFW", ""}, {"-a", ""}, {"_a", ""}, {"a b", ""}, {"a/b", ""}, {" a", ""}, {"a\n", ""}, {"é", ""},
		{true, ""}, {map[string]any{}, ""}, {[]string{"dfw"}, ""}, {-1, ""}, {1.5, ""}, {json.Number("1e3"), ""}, {json.Number("1.0"), ""},
	}
	for _, tt := range tests {
		token := s.token(claims(map[string]any{"tenant": tt.value}))
		if tt.want == "" {
			wantCode(t, token, strict(s), now(), oriel.CodeClaimInvalid)
			continue
		}
		if id := mustVerify(t, token, strict(s), now()); id.Tenant == nil || string(*id.Tenant) != tt.want {
			t.Errorf("tenant %v became %v, want %q", tt.value, id.Tenant, tt.want)
		}
	}
	if id := mustVerify(t, s.token(claims(nil)), strict(s), now()); id.Tenant != nil {
		t.Errorf("a tenant %q from nowhere", *id.Tenant)
	}
	at := func(more map[string]any) string { return s.token(bare(more)) }
	if id := mustVerify(t, at(map[string]any{"@tenant": "dfw"}), compat(s), now()); id.Tenant == nil || *id.Tenant != "dfw" || len(id.Dropped) > 0 {
		t.Errorf("compat @tenant: %v, dropped %q", id.Tenant, id.Dropped)
	}
	mustVerify(t, at(map[string]any{"@tenant": "dfw", "tenant": "dfw"}), compat(s), now())
	wantCode(t, at(map[string]any{"@tenant": "dfw", "tenant": "ord"}), compat(s), now(), oriel.CodeClaimInvalid)
	wantCode(t, at(map[string]any{"@tenant": true, "tenant": "ord"}), compat(s), now(), oriel.CodeClaimInvalid)
	if id := mustVerify(t, s.token(claims(map[string]any{"@tenant": "dfw"})), strict(s), now()); id.Tenant != nil || !slices.Equal(id.Dropped, []string{"@tenant"}) {
		t.Errorf("strict @tenant: %v, dropped %q", id.Tenant, id.Dropped)
	}
}

func TestVerify_groupsAreAListOfTexts(t *testing.T) {
	s := hs256("k")
	for _, value := range []any{"operators", 7, []any{"a", 7}, []any{nil}, map[string]any{"a": 1}, json.RawMessage("null")} {
		wantCode(t, s.token(claims(map[string]any{"groups": value})), strict(s), now(), oriel.CodeClaimInvalid)
	}
	if id := mustVerify(t, s.token(claims(map[string]any{"groups": nil})), strict(s), now()); id.GroupsSent || id.Groups != nil {
		t.Errorf("absent: %v", id.Groups)
	}
	if id := mustVerify(t, s.token(claims(map[string]any{"groups": []string{}})), strict(s), now()); !id.GroupsSent || id.Groups == nil || len(id.Groups) != 0 {
		t.Errorf("empty: %v", id.Groups)
	}
}

func TestVerify_wrongTypesAreInvalid(t *testing.T) {
	s := hs256("k")
	for claim, values := range map[string][]any{
		"sub":        {7, true, []string{"dana"}, "", strings.Repeat("x", 256)},
		"jti":        {7, true, ""},
		"sid":        {7, strings.Repeat("x", 129)},
		"first_name": {7, []string{"Dana"}},
		"last_name":  {map[string]any{}},
	} {
		for _, value := range values {
			wantCode(t, s.token(claims(map[string]any{claim: value})), strict(s), now(), oriel.CodeClaimInvalid)
		}
	}
	mustVerify(t, s.token(claims(map[string]any{"sid": strings.Repeat("x", 128)})), strict(s), now())
	nameless := mustVerify(t, s.token(claims(map[string]any{"first_name": nil, "last_name": json.RawMessage("null")})), strict(s), now())
	if nameless.FirstName != nil || nameless.LastName != nil {
		t.Error("absent names became names")
	}
	wantCode(t, s.token(bare(map[string]any{"jti": ""})), compat(s), now(), oriel.CodeClaimInvalid)
}

func TestVerify_claimNamesAreTheProviders(t *testing.T) {
	s := hs256("k")
	p := strict(s)
	p.Claims = oriel.ClaimNames{Email: "mail", FirstName: "given", LastName: "family", Groups: "teams", Tenant: "customer"}
	id := mustVerify(t, s.token(claims(map[string]any{"mail": "d@example.com", "given": "D", "family": "R", "teams": []string{"x"}, "customer": "dfw"})), p, now())
	if id.Email != "d@example.com" || *id.FirstName != "D" || *id.LastName != "R" || id.Groups[0] != "x" || *id.Tenant != "dfw" {
		t.Errorf("%+v", id)
	}
	for _, claim := range []string{"mail", "given", "family", "teams", "customer"} {
		if _, is := id.Attributes[claim]; is {
			t.Errorf("the claim %s became an attribute", claim)
		}
	}
	if _, is := id.Attributes["email"]; !is {
		t.Error("a name that this provider does not use is a claim like others")
	}
}

// J16's identity part.
func TestVerify_oneUseIsOfTheProviderAndTheID(t *testing.T) {
	s := hs256("k")
	use := func(token string, p oriel.Provider) [32]byte { return mustVerify(t, token, p, now()).OneUse }
	other := strict(s)
	other.ID = "prv_9"
	if use(s.token(claims(nil)), strict(s)) != use(s.token(claims(map[string]any{"exp": now().Unix() + 61})), strict(s)) {
		t.Error("one jti in two tokens is two uses")
	}
	if use(s.token(claims(nil)), strict(s)) == use(s.token(claims(nil)), other) {
		t.Error("one jti of two providers is one use")
	}
	if use(s.token(claims(nil)), strict(s)) == use(s.token(claims(map[string]any{"jti": "two"})), strict(s)) {
		t.Error("two jti are one use")
	}
	token := s.token(bare(nil))
	hash := sha256.Sum256([]byte(token))
	if use(token, compat(s)) != sha256.Sum256(append([]byte("prv_2\x00"), hash[:]...)) {
		t.Error("without jti the token's hash does not stand for it")
	}
	// Where a header says the same in another way, it is another token.
	if use(token, compat(s)) == use(s.compact(`{"alg":"HS256"}`, jsonOf(bare(nil))), compat(s)) {
		t.Error("two tokens without jti are one use")
	}
}

func TestHints_tellWhatTheTokenClaims(t *testing.T) {
	kid, issuer, err := jwt.Hints(eddsa("k").token(claims(nil)))
	if kid != "k" || issuer != "https://apron.example" || err != nil {
		t.Errorf("Hints = %q, %q, %v", kid, issuer, err)
	}
	s := hs256("k")
	kid, issuer, err = jwt.New(site, nil).Hints(s.compact(`{"alg":"HS256"}`, jsonOf(bare(map[string]any{"iss": 7}))))
	if kid != "" || issuer != "" || err != nil {
		t.Errorf("Hints = %q, %q, %v", kid, issuer, err)
	}
	if _, _, err := jwt.Hints("garbage"); oriel.CodeOf(err) != oriel.CodeTokenMalformed {
		t.Errorf("Hints of garbage: %v", err)
	}
}

// No input panics, and none is accepted but one that a key of the suite signed.
func FuzzVerify(f *testing.F) {
	hs, ed := hs256("k"), eddsa("e")
	accepted := map[string]bool{}
	for _, token := range []string{hs.token(claims(nil)), ed.token(claims(nil)), hs.token(bare(nil))} {
		accepted[token] = true
		f.Add(token)
	}
	keys := []signer{hs, ed}
	for _, s := range newMaterial(f).signers("") {
		s.kid, s.key.ID = s.alg, s.alg
		keys = append(keys, s)
		token := s.token(claims(nil))
		accepted[token] = true
		f.Add(token)
		s.sign = macOf(crypto.SHA256, s.key.Public)
		f.Add(s.token(claims(nil)))
		s.sign = func([]byte) []byte { return make([]byte, 64) }
		f.Add(s.token(claims(nil)))
		s.alg = "HS256"
		f.Add(s.token(claims(nil)))
	}
	f.Add(hs.compact(`{"alg":"none"}`, jsonOf(claims(nil))))
	f.Add(hs.compact(`{"alg":"HS256","kid":"k","crit":["x"]}`, `{"exp":1e400}`))
	f.Add(hs.compact(`{"alg":"HS256"}`, `{"a":{"a":[[[[[[[[]]]]]]]]},"b":"\ud800"}`))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		for _, p := range []oriel.Provider{strict(keys...), compat(keys...)} {
			_, evidence, err := verify(token, p, now())
			if err == nil && !accepted[token] {
				t.Errorf("accepted %q", token)
			}
			if oriel.CodeOf(err) == oriel.CodeInternal || len(evidence.Checks) == 0 {
				t.Errorf("error %v, evidence %+v", err, evidence)
			}
		}
	})
}

// Signed with a good key, but of any content: the reader of claims never panics.
func FuzzVerify_signed(f *testing.F) {
	s := hs256("k")
	f.Add(`{"alg":"HS256","kid":"k"}`, jsonOf(claims(nil)))
	f.Add(`{"alg":"HS256"}`, jsonOf(bare(map[string]any{"@tenant": 7, "x": []any{1, nil}})))
	f.Add(`{"alg":"HS256","typ":"\u004aWT"}`, `{"aud":[[]],"exp":1,"iat":1}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		for _, p := range []oriel.Provider{strict(s), compat(s)} {
			id, _, err := verify(s.compact(header, payload), p, now())
			if err != nil {
				if oriel.CodeOf(err) == oriel.CodeInternal {
					t.Errorf("error %v", err)
				}
				continue
			}
			if id.Subject == "" || id.Email == "" || id.OneUse == [32]byte{} || !id.SpentUntil.After(now()) {
				t.Errorf("identity %+v", id)
			}
		}
	})
}
