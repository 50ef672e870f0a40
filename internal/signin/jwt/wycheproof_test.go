package jwt_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// The vectors of Project Wycheproof, whose README says where they come from.
type (
	wycheproof struct {
		NumberOfTests int
		TestGroups    []wycheproofGroup
	}
	wycheproofGroup struct {
		Comment         string
		Private, Public json.RawMessage
		Tests           []wycheproofTest
	}
	wycheproofTest struct {
		TcID    int
		Comment string
		JWS     serialized
		JWE     serialized // of the crypto file's second half
		Result  string
	}
	// serialized is a token, or the text of one in the JSON serialization.
	serialized string
)

func (s *serialized) UnmarshalJSON(text []byte) error {
	var compact string
	if err := json.Unmarshal(text, &compact); err != nil {
		compact = string(text)
	}
	*s = serialized(compact)
	return nil
}

func readWycheproof(t *testing.T, file string) wycheproof {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "tests", "vectors", "wycheproof", file))
	if err != nil {
		t.Fatal(err)
	}
	var vectors wycheproof
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// supported are the algorithms of the contract (§1) by their kind of key.
func supported() map[string]oriel.KeyKind {
	return map[string]oriel.KeyKind{
		"HS256": oriel.KeyHS256, "HS384": oriel.KeyHS384, "HS512": oriel.KeyHS512, "EdDSA": oriel.KeyEdDSA,
		"ES256": oriel.KeyES256, "ES384": oriel.KeyES384,
		"RS256": oriel.KeyRS256, "RS384": oriel.KeyRS384, "RS512": oriel.KeyRS512, "PS256": oriel.KeyPS256,
	}
}

// wycheproofKey makes a provider's key of a JWK, of the kind that its alg
// names. A public key is given as it stands. One that names no algorithm
// becomes one for the token's, which is the likeliest to let the token pass.
func wycheproofKey(t *testing.T, text json.RawMessage, tokenAlgorithm string) oriel.ProviderKey {
	t.Helper()
	var jwk struct{ Kty, Alg, Kid, K string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		t.Fatal(err)
	}
	if jwk.Alg == "" {
		jwk.Alg = tokenAlgorithm
	}
	k := oriel.ProviderKey{ID: jwk.Kid, Kind: supported()[jwk.Alg]}
	if jwk.Kty != "oct" {
		k.Public = text
		return k
	}
	secret, err := base64.RawURLEncoding.DecodeString(jwk.K)
	if err != nil {
		t.Fatal(err)
	}
	k.Secret = secret
	return k
}

// algorithmOf reads leniently, to know what a vector is about.
func algorithmOf(token string) string {
	first, _, _ := strings.Cut(token, ".")
	text, _ := base64.RawURLEncoding.DecodeString(strings.ReplaceAll(first, "?", ""))
	var header struct{ Alg string }
	_ = json.Unmarshal(text, &header)
	return header.Alg
}

// check runs one vector. The public Verify must refuse every one, since none
// has claims; what tells them apart is the gate for the form, the choice of
// the key and the signature.
func (v wycheproofTest) check(t *testing.T, p oriel.Provider, why map[int]string, unused map[int]bool) {
	t.Helper()
	delete(unused, v.TcID)
	token := string(v.JWS)
	err := jwt.CheckSignature(token, p, nil)
	if _, _, whole := jwt.New(site, nil).Verify(t.Context(), token, p, now()); whole == nil {
		t.Errorf("%d %s: Verify takes a token without claims", v.TcID, v.Comment)
	}
	_, known := supported()[algorithmOf(token)]
	want := v.Result == "valid" && known
	if why[v.TcID] != "" {
		if want == (err == nil) {
			t.Errorf("%d %s: it is no exception any more: %s", v.TcID, v.Comment, why[v.TcID])
		}
		return
	}
	if want != (err == nil) {
		t.Errorf("%d %s: %s, but the error is %v", v.TcID, v.Comment, v.Result, err)
	}
}

// checkPublished gives the keys as a JWKS, which lets nothing more through.
func (v wycheproofTest) checkPublished(t *testing.T, set []json.RawMessage, why map[int]string) {
	t.Helper()
	var members []string
	for _, member := range set {
		members = append(members, string(member))
	}
	err := jwt.CheckSignature(string(v.JWS), published(), pageOf(members...))
	if err == nil && (v.Result != "valid" && why[v.TcID] == "" || strings.HasPrefix(algorithmOf(string(v.JWS)), "HS")) {
		t.Errorf("%d %s: %s, and accepted with the keys as a JWKS", v.TcID, v.Comment, v.Result)
	}
}

// Issue 3, the gate: every invalid vector is refused, every valid one whose
// algorithm and key type are of the contract is accepted.
func TestWycheproof_signatures(t *testing.T) {
	const emptyPayload = "a host token has claims, so the gate refuses an empty part"
	why := map[int]string{
		259: emptyPayload, // RS256
		264: emptyPayload, // RS384
		268: emptyPayload, // RS512
		272: emptyPayload, // PS256
		367: "the very bytes of 357, which is valid: the padding that it is about is not in the file",
		370: "the very bytes of 357, which is valid: the padding that it is about is not in the file",
		372: `the header holds a "?": Wycheproof lets decoders skip it, the gate takes the one spelling of RFC 7515 §2`,
		373: `the payload holds a "?": as 372`,
	}
	runWycheproof(t, "json_web_signature_test.json", why)
}

// The key files: sets of keys, each declared for itself as Oriel has them.
func TestWycheproof_keys(t *testing.T) {
	why := map[int]string{
		1: "an HMAC secret beside a public key: Oriel's keys are each for one algorithm under an id of their own, so a set may hold both",
	}
	runWycheproof(t, "json_web_key_test.json", why)
}

// The file of both, whose second half is encrypted: to Oriel no token at all.
func TestWycheproof_crypto(t *testing.T) {
	why := map[int]string{
		47: "an HMAC secret beside a public key: as 1 of the keys",
	}
	runWycheproof(t, "json_web_crypto_test.json", why)
}

func runWycheproof(t *testing.T, file string, why map[int]string) {
	t.Helper()
	vectors := readWycheproof(t, file)
	unused, ran, accepted := exceptions(why), 0, 0
	for _, group := range vectors.TestGroups {
		text := group.Public
		if text == nil {
			text = group.Private
		}
		for _, v := range group.Tests {
			ran++
			if v.JWE != "" {
				v.JWS, v.Result = v.JWE, "encrypted"
			}
			p := strict()
			set := wycheproofSet(t, text)
			for _, member := range set {
				p.Keys = append(p.Keys, wycheproofKey(t, member, algorithmOf(string(v.JWS))))
			}
			v.check(t, p, why, unused)
			if jwt.CheckSignature(string(v.JWS), p, nil) == nil {
				accepted++
			}
			v.checkPublished(t, set, why)
		}
	}
	summary(t, vectors, ran, accepted, unused)
}

// wycheproofSet gives the keys of a set, or the one key.
func wycheproofSet(t *testing.T, text json.RawMessage) []json.RawMessage {
	t.Helper()
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	if set.Keys == nil {
		return []json.RawMessage{text}
	}
	return set.Keys
}

func exceptions(why map[int]string) map[int]bool {
	unused := map[int]bool{}
	for id := range why {
		unused[id] = true
	}
	return unused
}

func summary(t *testing.T, vectors wycheproof, ran, accepted int, unused map[int]bool) {
	t.Helper()
	if ran == 0 || ran != vectors.NumberOfTests {
		t.Errorf("ran %d of %d vectors", ran, vectors.NumberOfTests)
	}
	if accepted == 0 {
		t.Error("not one vector was accepted")
	}
	if len(unused) > 0 {
		t.Errorf("exceptions for vectors that are not there: %v", slices.Sorted(maps.Keys(unused)))
	}
	t.Logf("%d vectors, %d accepted", ran, accepted)
}
