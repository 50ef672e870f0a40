package jwt_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

// The gate never panics, and what passes is the one spelling of itself, which
// the library behind it reads in the same way.
func FuzzGateToken(f *testing.F) {
	s := hs256("k")
	good := s.token(claims(nil))
	for _, token := range []string{
		"", ".", "..", "...", good, good + ".", good + "=", good + "\n", strings.Replace(good, ".", "..", 1), strayBits(good), s.logoutToken(ending(nil)), s.token(bare(nil)),
		eddsa("k").token(claims(nil)), s.compact(`{"alg":"none"}`, `{}`), s.compact(`{"alg":"HS256","crit":["x"]}`, `{}`),
		s.compact(`{"alg":"HS256","\u0061lg":"none"}`, `{"exp":1e3,"iat":-1}`), s.compact(" {\"alg\" :\t\"HS256\"} ", "\r\n{ }"),
	} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		kid, issuer, err := jwt.Hints(token)
		if err != nil {
			if code := oriel.CodeOf(err); code != oriel.CodeTokenMalformed && code != oriel.CodeAlgorithmNotAllowed {
				t.Fatalf("code %q", code)
			}
			return
		}
		parts := strings.Split(token, ".")
		if len(token) > jwt.MaxToken || len(parts) != 3 {
			t.Fatalf("%d bytes in %d parts passed", len(token), len(parts))
		}
		decoded := make([][]byte, 3)
		for i, part := range parts {
			if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil || part == "" || encode(decoded[i]) != part {
				t.Fatalf("part %d is not the spelling of its bytes: %q", i, part)
			}
		}
		header, payload := standardJSON(t, decoded[0]), standardJSON(t, decoded[1])
		for name, value := range header {
			if _, isText := value.(string); !isText || !slices.Contains([]string{"alg", "kid", "typ"}, name) {
				t.Fatalf("the header's %q passed", name)
			}
		}
		for _, date := range []string{"iat", "nbf", "exp"} {
			if value, found := payload[date]; found {
				number, _ := value.(json.Number)
				if seconds, err := number.Float64(); err != nil || !(seconds >= 0 && seconds < 1e12) {
					t.Fatalf("the date %v passed", value)
				}
			}
		}
		if named, _ := header["kid"].(string); named != kid {
			t.Fatalf("kid %q, want %q", kid, named)
		}
		if named, _ := payload["iss"].(string); named != issuer {
			t.Fatalf("iss %q, want %q", issuer, named)
		}
		algorithm := jose.SignatureAlgorithm(header["alg"].(string))
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
		if err != nil || len(signed.Signatures) != 1 || signed.Signatures[0].Header.KeyID != kid ||
			!bytes.Equal(signed.UnsafePayloadWithoutVerification(), decoded[1]) || !bytes.Equal(signed.Signatures[0].Signature, decoded[2]) {
			t.Fatalf("the library reads another token: %v", err)
		}
	})
}

// standardJSON is what encoding/json makes of a text, numbers as they stand.
func standardJSON(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil || decoder.More() || !utf8.Valid(text) {
		t.Fatalf("%q passed: %v", text, err)
	}
	return members
}

// colons counts the members of all objects in a JSON text.
func colons(text []byte) int {
	count, inText := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			inText = !inText
		case c == ':' && !inText:
			count++
		}
	}
	return count
}

// The gate's reader of JSON reads what the standard library does, or refuses.
func FuzzGateObject(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":1,"b":[true,false,null,-1.5e+3,"x"],"c":{"d":{}}}`, " {\t\"a\"\n:\r[ 1 , 2 ] } ", `{"a":"\u0061\"\\\/\b\f\n\r\t\ud83d\ude00"}`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"":0}`, `{"a":"\ud800"}`, `{"a":"\u0000"}`, "{\"a\":\"\xff\"}", `{"a":[[[[[[[[1]]]]]]]]}`, `{"a":01}`, `[{}]`, `{}{}`, `{"a":"é"}`, `{"a":"\\"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := jwt.ReadObject(text)
		if err != nil {
			return
		}
		if want := standardJSON(t, text); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %v, want %v", text, got, want)
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := jwt.ReadObject(again); err != nil || !reflect.DeepEqual(twice, got) {
			t.Fatalf("%q, written again, is %v, %v", again, twice, err)
		}
		// Of two equal names one would be lost.
		if colons(again) != colons(text) {
			t.Fatalf("%q has %d members, of which %d are read", text, colons(text), colons(again))
		}
	})
}

// Of what is signed rightly and accepted, the library and the standard reader
// of JSON say the same; changed in any bit, it is refused.
func FuzzGateSigned(f *testing.F) {
	for _, header := range []string{`{"alg":"HS256"}`, `{"alg":"HS256","kid":"k","typ":"JWT"}`, `{"kid":"k", "alg" : "HS256"}`, `{"alg":"HS256","kid":"k","zip":"DEF"}`} {
		f.Add([]byte(header), []byte(jsonOf(claims(nil))), uint16(3), true)
		f.Add([]byte(header), []byte(jsonOf(bare(nil))), uint16(900), false)
	}
	f.Add([]byte(`{"alg":"HS256"}`), []byte(`{"sub":"eve","SUB":"dana","email":"e@x","iat":1790000000.5,"exp":1.79e9,"@tenant":7}`), uint16(0), false)
	f.Fuzz(func(t *testing.T, header, payload []byte, bit uint16, isStrict bool) {
		s := hs256("k")
		p := compat(s)
		if isStrict {
			p = strict(s)
		}
		token := s.compact(string(header), string(payload))
		id, _, err := jwt.New(site, nil).Verify(context.Background(), token, p, now())
		if err != nil {
			return
		}
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256})
		if err != nil {
			t.Fatalf("the library refuses it: %v", err)
		}
		verified, err := signed.Verify(s.key.Secret)
		if err != nil || !bytes.Equal(verified, payload) {
			t.Fatalf("the library refuses it: %v", err)
		}
		read := standardJSON(t, verified)
		if isStrict && (read["sub"] != id.Subject || read["iss"] != p.Issuer) || !isStrict && id.Subject != id.Email {
			t.Fatalf("the subject is %q in %q", id.Subject, verified)
		}
		changed := []byte(token)
		changed[int(bit/8)%len(changed)] ^= 1 << (bit % 8)
		if _, _, err := jwt.New(site, nil).Verify(context.Background(), string(changed), p, now()); err == nil {
			t.Fatalf("changed to %q it is accepted", changed)
		}
	})
}

// No JWKS makes the reader panic, and none holds a key that anybody could sign with.
func FuzzGateSet(f *testing.F) {
	m := newMaterial(f)
	secret := encode(m.secret)
	for _, text := range []string{
		`{"keys":[]}`, string(pageOf(m.jwk("EdDSA", "k", ""), m.jwk("RS256", "r", `,"use":"enc"`))), string(pageOf(m.jwk("ES256", "k", `,"alg":"ES256"`), m.jwk("ES384", "k", ""))),
		`{"keys":[{"kty":"oct","kid":"k","k":"` + secret + `","alg":"HS256"}]}`, `{"keys":[null,1,{"kid":7}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := jwt.ParseSet(text)
		if err != nil {
			return
		}
		var standard struct {
			Keys []struct{ Kid, Kty string }
		}
		_ = json.Unmarshal(text, &standard)
		for _, k := range standard.Keys {
			if _, err := set.Find(k.Kid); err == nil && k.Kty == "oct" && strings.Count(string(text), "kid") == 1 {
				t.Fatalf("the secret %q verifies tokens", k.Kid)
			}
		}
	})
}
