package jwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// J18: the header.
func TestVerify_hostileHeaderIsRefused(t *testing.T) {
	tests := []struct {
		name, header string
		want         oriel.Code
	}{
		{"none", `{"alg":"none"}`, oriel.CodeAlgorithmNotAllowed},
		{"None", `{"alg":"None","kid":"k"}`, oriel.CodeAlgorithmNotAllowed},
		{"NONE", `{"alg":"NONE"}`, oriel.CodeAlgorithmNotAllowed},
		{"nOnE", `{"alg":"nOnE"}`, oriel.CodeAlgorithmNotAllowed},
		{"other family", `{"alg":"RS256","kid":"k"}`, oriel.CodeAlgorithmNotAllowed},
		{"longer hash", `{"alg":"HS512","kid":"k"}`, oriel.CodeAlgorithmNotAllowed},
		{"lower case", `{"alg":"hs256","kid":"k"}`, oriel.CodeAlgorithmNotAllowed},
		{"algorithm with a space", `{"alg":"HS256 ","kid":"k"}`, oriel.CodeAlgorithmNotAllowed},
		{"no algorithm", `{"kid":"k"}`, oriel.CodeTokenMalformed},
		{"empty algorithm", `{"alg":"","kid":"k"}`, oriel.CodeTokenMalformed},
		{"algorithm is a list", `{"alg":["HS256"],"kid":"k"}`, oriel.CodeTokenMalformed},
		{"algorithm twice", `{"alg":"HS256","alg":"none"}`, oriel.CodeTokenMalformed},
		{"algorithm in another case too", `{"alg":"ALG","Alg":"none","kid":"k"}`, oriel.CodeTokenMalformed},
		{"algorithm in another case alone", `{"Alg":"none","kid":"k"}`, oriel.CodeTokenMalformed},
		{"empty name", `{"alg":"ALG","kid":"k","":""}`, oriel.CodeTokenMalformed},
		{"algorithm twice, escaped", `{"alg":"HS256","\u0061lg":"HS256"}`, oriel.CodeTokenMalformed},
		{"unknown kid", `{"alg":"ALG","kid":"other"}`, oriel.CodeTokenKeyUnknown},
		{"kid is a path", `{"alg":"ALG","kid":"../../../../dev/null"}`, oriel.CodeTokenKeyUnknown},
		{"kid is SQL", `{"alg":"ALG","kid":"k' OR '1'='1"}`, oriel.CodeTokenKeyUnknown},
		{"kid is empty", `{"alg":"ALG","kid":""}`, oriel.CodeTokenKeyUnknown},
		{"kid in another case", `{"alg":"ALG","kid":"K"}`, oriel.CodeTokenKeyUnknown},
		{"kid is a number", `{"alg":"ALG","kid":7}`, oriel.CodeTokenMalformed},
		{"kid holds NUL", `{"alg":"ALG","kid":"k\u0000"}`, oriel.CodeTokenMalformed},
		{"jwk", `{"alg":"ALG","kid":"k","jwk":{"kty":"oct","k":"AAAA"}}`, oriel.CodeTokenMalformed},
		{"jku", `{"alg":"ALG","kid":"k","jku":"http://127.0.0.1:1/keys"}`, oriel.CodeTokenMalformed},
		{"x5u", `{"alg":"ALG","kid":"k","x5u":"http://127.0.0.1:1/cert"}`, oriel.CodeTokenMalformed},
		{"x5c", `{"alg":"ALG","kid":"k","x5c":["AAAA"]}`, oriel.CodeTokenMalformed},
		{"x5t", `{"alg":"ALG","kid":"k","x5t":"AAAA"}`, oriel.CodeTokenMalformed},
		{"unknown crit", `{"alg":"ALG","kid":"k","crit":["x"],"x":"1"}`, oriel.CodeTokenMalformed},
		{"empty crit", `{"alg":"ALG","kid":"k","crit":[]}`, oriel.CodeTokenMalformed},
		{"unencoded payload", `{"alg":"ALG","kid":"k","b64":false,"crit":["b64"]}`, oriel.CodeTokenMalformed},
		{"zip", `{"alg":"ALG","kid":"k","zip":"DEF"}`, oriel.CodeTokenMalformed},
		{"encrypted", `{"alg":"dir","enc":"A128GCM","kid":"k"}`, oriel.CodeTokenMalformed},
		{"nested", `{"alg":"ALG","kid":"k","cty":"JWT"}`, oriel.CodeTokenMalformed},
		{"logout token", `{"alg":"ALG","kid":"k","typ":"oriel-logout+jwt"}`, oriel.CodeTokenMalformed},
		{"typ in lower case", `{"alg":"ALG","kid":"k","typ":"jwt"}`, oriel.CodeTokenMalformed},
		{"typ is null", `{"alg":"ALG","kid":"k","typ":null}`, oriel.CodeTokenMalformed},
		{"not an object", `["ALG"]`, oriel.CodeTokenMalformed},
		{"null", `null`, oriel.CodeTokenMalformed},
		{"not JSON", `alg=HS256`, oriel.CodeTokenMalformed},
		{"two objects", `{"alg":"ALG","kid":"k"}{}`, oriel.CodeTokenMalformed},
		{"not UTF-8", "{\"alg\":\"ALG\",\"kid\":\"k\xff\"}", oriel.CodeTokenMalformed},
		{"byte order mark", "\ufeff{\"alg\":\"ALG\",\"kid\":\"k\"}", oriel.CodeTokenMalformed},
	}
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		for _, tt := range tests {
			t.Run(s.alg+" "+tt.name, func(t *testing.T) {
				header := strings.ReplaceAll(tt.header, "ALG", s.alg)
				if s.alg == "EdDSA" && tt.name == "algorithm with a space" {
					header = strings.ReplaceAll(header, "HS256", "EdDSA")
				}
				wantCode(t, s.compact(header, jsonOf(claims(nil))), strict(s), now(), tt.want)
			})
		}
		mustVerify(t, s.compact(`{"alg":"`+s.alg+`"}`, jsonOf(claims(nil))), strict(s), now())
	}
}

// J18: an unsigned token in its own form, with an empty last part.
func TestVerify_unsignedTokenIsCalledThat(t *testing.T) {
	s := hs256("k")
	for _, alg := range []string{"none", "None", "NONE", "nonE"} {
		token := encode([]byte(`{"alg":"`+alg+`"}`)) + "." + encode([]byte(jsonOf(claims(nil)))) + "."
		wantCode(t, token, strict(s), now(), oriel.CodeAlgorithmNotAllowed)
		wantCode(t, token, compat(s), now(), oriel.CodeAlgorithmNotAllowed)
		if _, _, err := jwt.Hints(token); oriel.CodeOf(err) != oriel.CodeAlgorithmNotAllowed {
			t.Errorf("Hints: %v", err)
		}
	}
}

// J18: the payload.
func TestVerify_hostilePayloadIsRefused(t *testing.T) {
	whole := jsonOf(claims(nil))
	with := func(more string) string { return strings.TrimSuffix(whole, "}") + "," + more + "}" }
	tests := []struct{ name, payload string }{
		{"claim twice", with(`"sub":"eve"`)},
		{"claim twice, escaped", with(`"\u0073ub":"eve"`)},
		{"unknown claim twice", with(`"x":1,"x":1`)},
		{"nested name twice", with(`"x":{"a":1,"a":2}`)},
		{"name twice in a list", with(`"x":[{"a":1,"a":2}]`)},
		{"too deep", with(`"x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30))},
		{"deep objects", with(`"x":` + strings.Repeat(`{"a":`, 30) + "1" + strings.Repeat("}", 30))},
		{"NUL", with(`"x":"a\u0000b"`)},
		{"NUL in a name", with(`"x\u0000":1`)},
		{"NUL in a list", with(`"x":["\u0000"]`)},
		{"not UTF-8", with("\"x\":\"\xc3\x28\"")},
		{"lone high surrogate", with(`"x":"\ud800"`)},
		{"lone low surrogate", with(`"x":"\udc00"`)},
		{"high surrogate and a letter", with(`"x":"\ud800\u0041"`)},
		{"surrogates in the wrong order", with(`"x":"\udc00\ud800"`)},
		{"nested token", `"` + hs256("k").token(claims(nil)) + `"`},
		{"nested token, bare", hs256("k").token(claims(nil))},
		{"list", "[" + whole + "]"},
		{"two objects", whole + whole},
		{"trailing bytes", whole + "x"},
		{"cut off", whole[:len(whole)-1]},
		{"comment", strings.Replace(whole, "{", "{/* */", 1)},
		{"trailing comma", strings.TrimSuffix(whole, "}") + ",}"},
		{"NaN", with(`"x":NaN`)},
		{"blank", " "},
		{"null", "null"},
	}
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		for _, tt := range tests {
			t.Run(s.alg+" "+tt.name, func(t *testing.T) {
				token := s.compact(`{"alg":"`+s.alg+`"}`, tt.payload)
				wantCode(t, token, strict(s), now(), oriel.CodeTokenMalformed)
			})
		}
		mustVerify(t, s.compact(`{"alg":"`+s.alg+`"}`, with(`"x":"\ud83d\ude00 \\ud800","y":[[{}]]`)), strict(s), now())
	}
}

// J18: the compact form.
func TestVerify_hostileFormIsRefused(t *testing.T) {
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		good := s.token(claims(nil))
		parts := strings.Split(good, ".")
		head, payload, signature := parts[0], parts[1], parts[2]
		tests := []struct {
			name, token string
			want        oriel.Code
		}{
			{"empty", "", oriel.CodeTokenMalformed},
			{"empty signature", head + "." + payload + ".", oriel.CodeTokenMalformed},
			{"no signature", head + "." + payload, oriel.CodeTokenMalformed},
			{"empty payload", head + ".." + signature, oriel.CodeTokenMalformed},
			{"four parts", good + "." + signature, oriel.CodeTokenMalformed},
			{"five parts", good + "." + head + "." + head, oriel.CodeTokenMalformed},
			{"trailing dot", good + ".", oriel.CodeTokenMalformed},
			{"trailing line break", good + "\n", oriel.CodeTokenMalformed},
			{"leading space", " " + good, oriel.CodeTokenMalformed},
			{"line break inside", head + "\n." + payload + "." + signature, oriel.CodeTokenMalformed},
			{"trailing NUL", good + "\x00", oriel.CodeTokenMalformed},
			{"trailing bytes", good + "AAAA", oriel.CodeTokenSignature},
			{"padded", head + "." + payload + "." + signature + "==", oriel.CodeTokenMalformed},
			{"standard base64", head + "." + payload + "." + base64.StdEncoding.EncodeToString([]byte("\xfb\xff\xfe")), oriel.CodeTokenMalformed},
			{"stray bits", head + "." + payload + "." + strayBits(signature), oriel.CodeTokenMalformed},
			{"JSON form", `{"protected":"` + head + `","payload":"` + payload + `","signature":"` + signature + `"}`, oriel.CodeTokenMalformed},
			{"Bearer", "Bearer " + good, oriel.CodeTokenMalformed},
			{"signature of another token", head + "." + encode([]byte(jsonOf(claims(map[string]any{"airport": "ORD"})))) + "." + signature, oriel.CodeTokenSignature},
			{"short signature", head + "." + payload + "." + encode([]byte("x")), oriel.CodeTokenSignature},
			{"zero signature", head + "." + payload + "." + encode(make([]byte, 64)), oriel.CodeTokenSignature},
		}
		for _, tt := range tests {
			t.Run(s.alg+" "+tt.name, func(t *testing.T) {
				wantCode(t, tt.token, strict(s), now(), tt.want)
				if s.alg == "HS256" {
					wantCode(t, tt.token, compat(s), now(), tt.want)
				}
			})
		}
	}
}

// strayBits changes the bits of the last character that encode nothing.
func strayBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, signature[len(signature)-1])
	return signature[:len(signature)-1] + string(alphabet[last|1])
}

// J18: 9 KiB are refused, 8 KiB are not.
func TestVerify_bigTokenIsRefused(t *testing.T) {
	s := hs256("k")
	pad := func(size int) string {
		for n := size/4*3 - 400; ; n++ {
			if token := s.token(claims(map[string]any{"pad": strings.Repeat("x", n)})); len(token) >= size {
				return token
			}
		}
	}
	mustVerify(t, pad(jwt.MaxToken-4), strict(s), now())
	wantCode(t, pad(9<<10), strict(s), now(), oriel.CodeTokenMalformed)
	wantCode(t, strings.Repeat("A", 9<<20)+"."+strings.Repeat("A", 9<<20)+".AAAA", strict(s), now(), oriel.CodeTokenMalformed)
	wantCode(t, strings.Repeat(".", 9<<20), strict(s), now(), oriel.CodeTokenMalformed)
}

// J18: a key is never used for another family.
func TestVerify_keyOfAnotherFamilyIsRefused(t *testing.T) {
	ed, hs := eddsa("k"), hs256("k")
	block, _ := pem.Decode(ed.key.Public)
	for name, secret := range map[string][]byte{
		"PEM": ed.key.Public, "PEM without the last line break": ed.key.Public[:len(ed.key.Public)-1],
		"DER": block.Bytes, "raw": block.Bytes[len(block.Bytes)-32:],
	} {
		forged := signer{kid: "k", alg: "HS256", sign: hmacOf(secret)}
		t.Run(name, func(t *testing.T) {
			wantCode(t, forged.token(claims(nil)), strict(ed), now(), oriel.CodeAlgorithmNotAllowed)
			wantCode(t, forged.token(claims(nil)), compat(ed), now(), oriel.CodeAlgorithmNotAllowed)
			// Under the other header it is a bad signature, and no more.
			forged.alg = "EdDSA"
			wantCode(t, forged.token(claims(nil)), strict(ed), now(), oriel.CodeTokenSignature)
		})
	}
	wantCode(t, ed.token(claims(nil)), strict(hs), now(), oriel.CodeAlgorithmNotAllowed)
	// Both kinds live under different ids: the kid fixes the key, the key the algorithm.
	both := strict(hs256("secret"), eddsa("public"))
	crossed := signer{kid: "public", alg: "HS256", sign: hs256("secret").sign}
	wantCode(t, crossed.token(claims(nil)), both, now(), oriel.CodeAlgorithmNotAllowed)
	mustVerify(t, hs256("secret").token(claims(nil)), both, now())
	mustVerify(t, eddsa("public").token(claims(nil)), both, now())
}

// J18: RSA's confusions, with the public key in each form as the HMAC secret.
func TestVerify_rsaKeyNeverVerifiesHMAC(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for name, secret := range map[string][]byte{"PEM": text, "DER": der, "modulus": private.N.Bytes()} {
		t.Run(name, func(t *testing.T) {
			forged := signer{kid: "k", alg: "HS256", sign: hmacOf(secret)}
			wantCode(t, forged.token(claims(nil)), strict(hs256("k")), now(), oriel.CodeTokenSignature)
			wantCode(t, forged.token(claims(nil)), strict(eddsa("k")), now(), oriel.CodeAlgorithmNotAllowed)
		})
	}
	published := oriel.ProviderKey{ID: "k", Kind: oriel.KeyHS256, Secret: text}
	if jwt.CheckKey(published) == nil {
		t.Error("a public key's PEM is taken as a secret")
	}
	if jwt.CheckKey(oriel.ProviderKey{ID: "k", Kind: oriel.KeyEdDSA, Public: text}) == nil {
		t.Error("an RSA key is taken as an Ed25519 key")
	}
}

// J18: an empty or short secret.
func TestVerify_weakSecretIsRefused(t *testing.T) {
	empty := signer{kid: "k", alg: "HS256", sign: hmacOf(nil)}
	wantCode(t, empty.token(claims(nil)), strict(hs256("k")), now(), oriel.CodeTokenSignature)
	for size := range 32 {
		secret := seed("short")[:size]
		s := signer{kid: "k", alg: "HS256", sign: hmacOf(secret), key: oriel.ProviderKey{ID: "k", Kind: oriel.KeyHS256, Secret: secret}}
		if jwt.CheckKey(s.key) == nil {
			t.Errorf("a secret of %d bytes is taken", size)
		}
		wantCode(t, s.token(claims(nil)), strict(s), now(), oriel.CodeSSONotConfigured)
		wantCode(t, s.token(bare(nil)), compat(s), now(), oriel.CodeSSONotConfigured)
	}
	wantCode(t, hs256("k").token(claims(nil)), strict(), now(), oriel.CodeTokenKeyUnknown)
}

func TestCheckKey_saysWhatIsWrongAndNotTheKey(t *testing.T) {
	secret := seed("canary")
	good := eddsa("k").key.Public
	for name, k := range map[string]oriel.ProviderKey{
		"unknown kind":         {Kind: "rot13", Secret: secret},
		"no kind":              {Secret: secret},
		"secret for a public":  {Kind: oriel.KeyEdDSA, Secret: secret},
		"both":                 {Kind: oriel.KeyEdDSA, Secret: secret, Public: good},
		"public for a secret":  {Kind: oriel.KeyHS256, Public: good},
		"both, hs256":          {Kind: oriel.KeyHS256, Secret: secret, Public: good},
		"not PEM":              {Kind: oriel.KeyEdDSA, Public: []byte("key")},
		"empty":                {Kind: oriel.KeyEdDSA},
		"two blocks":           {Kind: oriel.KeyEdDSA, Public: append(append([]byte{}, good...), good...)},
		"private key":          {Kind: oriel.KeyEdDSA, Public: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})},
		"garbage in the block": {Kind: oriel.KeyEdDSA, Public: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: secret})},
	} {
		err := jwt.CheckKey(k)
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), string(secret[:8])) {
			t.Errorf("%s: the error tells the key", name)
		}
	}
	for _, s := range []signer{hs256("k"), eddsa("k")} {
		if err := jwt.CheckKey(s.key); err != nil {
			t.Error(err)
		}
	}
}

// §1: kid, by profile.
func TestVerify_kidChoosesTheKey(t *testing.T) {
	a, b := hs256("a"), hs256("b")
	nameless := func(s signer, c map[string]any) string { return s.compact(`{"alg":"`+s.alg+`"}`, jsonOf(c)) }

	wantCode(t, nameless(a, claims(nil)), strict(a, b), now(), oriel.CodeTokenKeyUnknown)
	mustVerify(t, nameless(a, claims(nil)), strict(a), now())
	mustVerify(t, a.token(claims(nil)), strict(a, b), now())
	if id := mustVerify(t, b.token(claims(nil)), strict(a, b), now()); id.KeyID != "b" {
		t.Errorf("KeyID %q", id.KeyID)
	}
	// Signed by b under the name of a.
	wantCode(t, signer{kid: "a", alg: "HS256", sign: b.sign}.token(claims(nil)), strict(a, b), now(), oriel.CodeTokenSignature)

	if id := mustVerify(t, nameless(b, bare(nil)), compat(a, b), now()); id.KeyID != "b" {
		t.Errorf("KeyID %q", id.KeyID)
	}
	wantCode(t, hs256("c").token(bare(nil)), compat(a, b), now(), oriel.CodeTokenKeyUnknown)
	wantCode(t, nameless(hs256("c"), bare(nil)), compat(a, b), now(), oriel.CodeTokenSignature)
	wantCode(t, signer{kid: "a", alg: "HS256", sign: b.sign}.token(bare(nil)), compat(a, b), now(), oriel.CodeTokenSignature)
	// The profile knows HS256 alone.
	wantCode(t, eddsa("e").token(bare(nil)), compat(eddsa("e")), now(), oriel.CodeAlgorithmNotAllowed)

	var five []signer
	for i := range 5 {
		five = append(five, hs256(fmt.Sprint("k", i)))
	}
	mustVerify(t, nameless(five[3], bare(nil)), compat(five...), now())
	wantCode(t, nameless(five[4], bare(nil)), compat(five...), now(), oriel.CodeTokenSignature)
	mustVerify(t, five[4].token(bare(nil)), compat(five...), now())
}

// J24, for this step: what the record gets holds no piece of a token or secret.
func TestVerify_evidenceHoldsNoTokenAndNoSecret(t *testing.T) {
	s := hs256("k")
	tokens := []string{
		s.token(claims(nil)),
		s.token(claims(map[string]any{"exp": now().Unix() - 3600})),
		s.token(claims(map[string]any{"jti": nil})),
		hs256("x").token(claims(nil)),
		s.token(claims(nil))[:200],
		s.token(claims(nil)) + "AAAA",
		s.compact(`{"alg":"HS256","jku":"https://evil.example"}`, jsonOf(claims(nil))),
	}
	for i, token := range tokens {
		_, evidence, err := verify(token, strict(s), now())
		said := jsonOf(evidence) + fmt.Sprint(err)
		for at := 0; at+16 <= len(token); at++ {
			if strings.Contains(said, token[at:at+16]) {
				t.Fatalf("token %d: its piece %q is told: %s", i, token[at:at+16], said)
			}
		}
		sum := sha256.Sum256([]byte(token))
		for _, secret := range []string{string(s.key.Secret), encode(s.key.Secret), fmt.Sprintf("%x", s.key.Secret), fmt.Sprintf("%x", sum)} {
			if strings.Contains(said, secret) {
				t.Fatalf("token %d: a secret is told", i)
			}
		}
	}
}

func TestVerify_evidenceIsOneShortLineEach(t *testing.T) {
	s := hs256("k")
	token := s.token(claims(map[string]any{"iss": "https://evil.example/\n\u202e" + strings.Repeat("x", 2000)}))
	evidence := wantCode(t, token, strict(s), now(), oriel.CodeIssuerMismatch)
	last := evidence.Checks[len(evidence.Checks)-1]
	if len(last.Received) > 200 || strings.ContainsAny(last.Received, "\n\u202e") {
		t.Errorf("received %q", last.Received)
	}
}
