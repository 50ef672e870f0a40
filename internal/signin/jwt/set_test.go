package jwt_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// page is a host's document, as whatever fetches it hands it on.
type page string

func (p page) Find(_ context.Context, _, kid string) (jwt.Key, error) {
	set, err := jwt.ParseSet([]byte(p))
	if err != nil {
		return jwt.Key{}, &oriel.Error{Code: oriel.CodeKeysUnavailable, Err: err}
	}
	return set.Find(kid)
}

func pageOf(jwks ...string) page { return page(`{"keys":[` + strings.Join(jwks, ",") + `],"other":1}`) }

// published is a provider whose keys are on a page.
func published(others ...signer) oriel.Provider {
	p := strict(others...)
	p.Keys = append(p.Keys, oriel.ProviderKey{ID: "page", Kind: oriel.KeyJWKS, URL: "https://apron.example/keys", Serial: 9})
	return p
}

func verifyWith(page page, s signer, p oriel.Provider) (oriel.Identity, oriel.Evidence, error) {
	return jwt.New(site, page).Verify(context.Background(), s.token(claims(nil)), p, now())
}

// jwks are the public keys of the suite as JWKs, by algorithm; more is put in.
func (m material) jwk(alg, kid, more string) string {
	point := func(public interface{ Bytes() ([]byte, error) }, curve string) string {
		b, err := public.Bytes()
		if err != nil {
			panic(err)
		}
		half := len(b) / 2
		return fmt.Sprintf(`"kty":"EC","crv":%q,"x":%q,"y":%q`, curve, encode(b[1:1+half]), encode(b[1+half:]))
	}
	var body string
	switch alg {
	case "EdDSA":
		body = `"kty":"OKP","crv":"Ed25519","x":"` + encode(ed25519.NewKeyFromSeed(seed("eddsa k")).Public().(ed25519.PublicKey)) + `"`
	case "ES256":
		body = point(&m.p256.PublicKey, "P-256")
	case "ES384":
		body = point(&m.p384.PublicKey, "P-384")
	default:
		body = `"kty":"RSA","e":"AQAB","n":"` + encode(m.rsa.N.Bytes()) + `"`
	}
	return `{` + body + `,"kid":"` + kid + `"` + more + `}`
}

// §1: a JWK is for one algorithm, which it names or its kind of key fixes.
func TestVerify_publishedKeyIsForOneAlgorithm(t *testing.T) {
	m := newMaterial(t)
	public := []string{"EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256"}
	implied := map[string]bool{"EdDSA": true, "ES256": true, "ES384": true, "RS256": true}
	for _, holder := range public {
		for _, s := range m.signers("k") {
			want := oriel.CodeAlgorithmNotAllowed
			if s.alg == holder {
				want = ""
			}
			named := pageOf(m.jwk(holder, "k", `,"use":"sig","alg":"`+holder+`"`))
			if _, _, err := verifyWith(named, s, published()); oriel.CodeOf(err) != want {
				t.Errorf("JWK for %s, token of %s: %v, want %q", holder, s.alg, err, want)
			}
			if !implied[holder] {
				continue
			}
			if _, _, err := verifyWith(pageOf(m.jwk(holder, "k", "")), s, published()); oriel.CodeOf(err) != want {
				t.Errorf("JWK that is for %s unnamed, token of %s: %v, want %q", holder, s.alg, err, want)
			}
		}
	}
}

func TestVerify_publishedKeyVouches(t *testing.T) {
	m := newMaterial(t)
	s := m.signer("ES256")
	keys := pageOf(m.jwk("ES256", "k", ""), m.jwk("RS256", "r", ""))
	identity, evidence, err := verifyWith(keys, s, published(hs256("own")))
	if err != nil || identity.KeyID != "k" || identity.KeySerial != 9 || evidence.Checks[0].Outcome != oriel.CheckPassed {
		t.Errorf("%+v, %+v, %v", identity, evidence, err)
	}
	// The provider's own key has the kid first; the page's name is none.
	own := hs256("k")
	own.key.Serial = 4
	if identity, _, err = verifyWith(keys, own, published(own)); err != nil || identity.KeySerial != 4 {
		t.Errorf("%+v, %v", identity, err)
	}
	s.kid = "page"
	if _, _, err = verifyWith(keys, s, published()); oriel.CodeOf(err) != oriel.CodeTokenKeyUnknown {
		t.Error(err)
	}
	nameless := s.compact(`{"alg":"ES256"}`, jsonOf(claims(nil)))
	if _, _, err = jwt.New(site, keys).Verify(t.Context(), nameless, published(), now()); oriel.CodeOf(err) != oriel.CodeTokenKeyUnknown {
		t.Error(err)
	}
	s.kid = "k"
	if _, _, err = jwt.New(site, nil).Verify(t.Context(), s.token(claims(nil)), published(), now()); oriel.CodeOf(err) != oriel.CodeKeysUnavailable {
		t.Error(err)
	}
}

// J18: what a JWKS holds that must verify nothing.
func TestVerify_hostilePublishedKeyVerifiesNothing(t *testing.T) {
	m := newMaterial(t)
	ed, es, rs, hs := m.signer("EdDSA"), m.signer("ES256"), m.signer("RS256"), m.signer("HS256")
	oct := `{"kty":"oct","kid":"k","k":"` + encode(m.secret) + `"`
	good := m.jwk("EdDSA", "k", "")
	for name, tt := range map[string]struct {
		page page
		s    signer
	}{
		"secret":                     {pageOf(oct + `,"alg":"HS256"}`), hs},
		"secret without algorithm":   {pageOf(oct + `}`), hs},
		"secret under RS256":         {pageOf(oct + `,"alg":"RS256"}`), rs},
		"RSA key under HS256":        {pageOf(m.jwk("RS256", "k", `,"alg":"HS256"`)), rs},
		"for encryption":             {pageOf(m.jwk("RS256", "k", `,"use":"enc"`)), rs},
		"for encryption, by alg":     {pageOf(m.jwk("RS256", "k", `,"alg":"RSA-OAEP"`)), rs},
		"for signing":                {pageOf(m.jwk("EdDSA", "k", `,"key_ops":["sign"]`)), ed},
		"for two things":             {pageOf(m.jwk("EdDSA", "k", `,"key_ops":["verify","encrypt"]`)), ed},
		"use is a list":              {pageOf(m.jwk("EdDSA", "k", `,"use":["sig"]`)), ed},
		"alg is a number":            {pageOf(m.jwk("EdDSA", "k", `,"alg":1`)), ed},
		"alg is null":                {pageOf(m.jwk("EdDSA", "k", `,"alg":null`)), ed},
		"alg is none":                {pageOf(m.jwk("EdDSA", "k", `,"alg":"none"`)), ed},
		"alg of another curve":       {pageOf(m.jwk("ES256", "k", `,"alg":"ES384"`)), es},
		"alg of another kind":        {pageOf(m.jwk("ES256", "k", `,"alg":"EdDSA"`)), es},
		"private key":                {pageOf(m.jwk("EdDSA", "k", `,"d":"`+encode(seed("eddsa k"))+`"`)), ed},
		"private member, empty":      {pageOf(m.jwk("RS256", "k", `,"dp":""`)), rs},
		"unknown kind":               {pageOf(`{"kty":"AKP","kid":"k","alg":"EdDSA"}`), ed},
		"X25519":                     {pageOf(strings.Replace(good, "Ed25519", "X25519", 1)), ed},
		"twice":                      {pageOf(good, good), ed},
		"twice, other kind":          {pageOf(good, m.jwk("RS256", "k", "")), ed},
		"twice, other kind, at last": {pageOf(m.jwk("RS256", "k", ""), good), ed},
		"twice, one for encryption":  {pageOf(m.jwk("RS256", "k", `,"use":"enc"`), good), ed},
		"three times":                {pageOf(good, good, good), ed},
		"no kid":                     {pageOf(strings.Replace(good, `"kid"`, `"kit"`, 1)), ed},
		"kid is a number":            {pageOf(strings.Replace(good, `"kid":"k"`, `"kid":1`, 1)), ed},
		"kid in other case":          {pageOf(strings.Replace(good, `"kid"`, `"KID"`, 1)), ed},
		"not an object":              {pageOf(`"k"`, `null`, `[`+good+`]`), ed},
		"point not on the curve":     {pageOf(strings.Replace(m.jwk("ES256", "k", ""), `"y":"`, `"y":"AAAA`, 1)), es},
		"1024 bits":                  {pageOf(fmt.Sprintf(`{"kty":"RSA","kid":"k","e":"AQAB","n":%q}`, encode(m.rsa.N.Bytes()[:128]))), rs},
		"a byte too long":            {pageOf(strings.Replace(good, `"x":"`, `"x":"A`, 1)), ed},
	} {
		_, evidence, err := verifyWith(tt.page, tt.s, published())
		if code := oriel.CodeOf(err); code != oriel.CodeTokenKeyUnknown && (code != oriel.CodeAlgorithmNotAllowed || tt.s.alg != "HS256") {
			t.Errorf("%s: %v", name, err)
		}
		for _, secret := range []string{encode(m.secret), encode(seed("eddsa k"))} {
			if strings.Contains(jsonOf(evidence)+fmt.Sprint(err), secret) {
				t.Errorf("%s: the secret is told", name)
			}
		}
		// A key beside it works: one bad key is no outage.
		beside := strings.Replace(string(tt.page), `{"keys":[`, `{"keys":[`+m.jwk("ES384", "beside", "")+`,`, 1)
		s := m.signer("ES384")
		s.kid = "beside"
		if _, _, err := verifyWith(page(beside), s, published()); err != nil {
			t.Errorf("%s: the key beside it: %v", name, err)
		}
	}
	if _, _, err := verifyWith(pageOf(good), ed, published()); err != nil {
		t.Error(err)
	}
}

func TestParseSet_boundsTheKeys(t *testing.T) {
	m := newMaterial(t)
	var all []string
	for i := range jwt.MaxSetKeys {
		all = append(all, m.jwk("EdDSA", fmt.Sprint("k", i), ""))
	}
	set, err := jwt.ParseSet([]byte(pageOf(all...)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Find("k99"); err != nil {
		t.Error(err)
	}
	if _, err := jwt.ParseSet([]byte(pageOf(append(all, all[0])...))); err == nil {
		t.Error("101 keys are read")
	}
	if set, err = jwt.ParseSet([]byte(pageOf(m.jwk("EdDSA", "", "")))); err != nil {
		t.Fatal(err)
	}
	if _, err := set.Find(""); err == nil {
		t.Error("an empty kid names a key")
	}
}

// J19: a retired key verifies inside the overlap, and nothing from its end on.
func TestVerify_J19_keyThatEnded(t *testing.T) {
	old, young := hs256("old"), hs256("young")
	old.key.Retired = now().Add(-time.Hour)
	for _, tt := range []struct {
		ends time.Duration
		want oriel.Code
	}{{time.Hour, ""}, {1, ""}, {0, oriel.CodeTokenKeyUnknown}, {-time.Hour, oriel.CodeTokenKeyUnknown}} {
		old.key.Ends = now().Add(tt.ends)
		for _, p := range []oriel.Provider{strict(old), strict(old, young), strict(young, old)} {
			wantCode(t, old.token(claims(nil)), p, now(), tt.want)
		}
		for _, p := range []oriel.Provider{compat(old), compat(old, young), compat(young, old)} {
			wantCode(t, old.token(bare(nil)), p, now(), tt.want)
		}
		nameless := old.compact(`{"alg":"HS256"}`, jsonOf(bare(nil)))
		want := tt.want
		wantCode(t, nameless, compat(old), now(), want)
		if want != "" {
			want = oriel.CodeTokenSignature // young is tried
		}
		wantCode(t, nameless, compat(old, young), now(), want)
		// An ended key is not counted: the one that is left needs no kid.
		nameless = young.compact(`{"alg":"HS256"}`, jsonOf(claims(nil)))
		want = ""
		if tt.want == "" {
			want = oriel.CodeTokenKeyUnknown
		}
		wantCode(t, nameless, strict(old, young), now(), want)
	}
	// Nor does it make a kid ambiguous that its successor took over.
	again := eddsa("old")
	wantCode(t, again.token(claims(nil)), strict(old, again), now(), "")
	// And it is none of the four that a nameless token is tried against.
	five := []signer{old, hs256("a"), hs256("b"), hs256("c"), hs256("d")}
	wantCode(t, five[4].compact(`{"alg":"HS256"}`, jsonOf(bare(nil))), compat(five...), now(), "")
}

func TestCheckKey_jwks(t *testing.T) {
	good := oriel.ProviderKey{ID: "page", Kind: oriel.KeyJWKS, URL: "https://apron.example/keys"}
	for _, url := range []string{good.URL, "http://localhost:3000/keys", "https://10.0.0.1/keys"} {
		good.URL = url
		if err := jwt.CheckKey(good); err != nil {
			t.Error(err)
		}
	}
	for _, url := range []string{"", "http://apron.example/keys", "https://user:pass@apron.example/", "file:///etc/passwd", "https://127.1/"} {
		bad := good
		bad.URL = url
		if jwt.CheckKey(bad) == nil {
			t.Errorf("%q is taken", url)
		}
	}
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		both := good
		both.Secret, both.Public = s.key.Secret, s.key.Public
		if jwt.CheckKey(both) == nil {
			t.Error("an address and a key are taken together")
		}
		s.key.URL = good.URL
		if jwt.CheckKey(s.key) == nil {
			t.Errorf("an address is taken with a key of kind %s", s.key.Kind)
		}
		wantCode(t, s.token(claims(nil)), strict(s), now(), oriel.CodeSSONotConfigured)
	}
}

// A key is parsed once, and a changed one is another at once.
func TestVerify_changedKeyIsAnother(t *testing.T) {
	v := jwt.New(site, nil)
	good, other := hs256("k"), hs256("other")
	check := func(p oriel.Provider, want oriel.Code) {
		t.Helper()
		if _, _, err := v.Verify(t.Context(), good.token(claims(nil)), p, now()); oriel.CodeOf(err) != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	check(strict(good), "")
	changed := good
	changed.key.Secret = other.key.Secret
	check(strict(changed), oriel.CodeTokenSignature)
	// The same bytes under another kind, and behind a kind whose name they end.
	changed = good
	changed.key.Kind = oriel.KeyHS384
	check(strict(changed), oriel.CodeSSONotConfigured)
	changed = good
	changed.key.Kind, changed.key.Secret = oriel.KeyEdDSA, nil
	changed.key.Public = good.key.Secret
	check(strict(changed), oriel.CodeSSONotConfigured)
	// A short one stays refused, as often as it is asked.
	changed = good
	changed.key.Secret = []byte(base64.StdEncoding.EncodeToString(seed("x"))[:31])
	check(strict(changed), oriel.CodeSSONotConfigured)
	check(strict(changed), oriel.CodeSSONotConfigured)
	check(strict(good), "")
	// The same material added again is another key: sessions hang on which.
	renamed := good
	renamed.kid, renamed.key.ID, renamed.key.Serial = "again", "again", 12
	id, _, err := v.Verify(t.Context(), renamed.token(claims(nil)), strict(renamed), now())
	if err != nil || id.KeyID != "again" || id.KeySerial != 12 {
		t.Errorf("%q %d, %v", id.KeyID, id.KeySerial, err)
	}
	// More keys than are kept: each still has its own.
	for i := range 600 {
		s := hs256(fmt.Sprint("k", i%300))
		id, _, err := v.Verify(t.Context(), s.token(claims(nil)), strict(s), now())
		if err != nil || id.KeyID != s.kid {
			t.Fatalf("%d: %q, %v", i, id.KeyID, err)
		}
	}
}
