package jwt_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	golangjwt "github.com/golang-jwt/jwt/v5"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// order is one token that a library of somebody else is to make. Private is
// PKCS #8 as PEM; exactly one of it and Secret is set.
type order struct {
	Algorithm string         `json:"algorithm"`
	KID       string         `json:"kid"`
	Secret    []byte         `json:"secret"`
	Private   string         `json:"private"`
	Claims    map[string]any `json:"claims"`
	provider  oriel.Provider
}

// orders are a strict token of each kind, and compat's without kid.
func orders(t *testing.T, algorithms []string) []order {
	t.Helper()
	m := newMaterial(t)
	iat := time.Now().Unix()
	dates := map[string]any{"iat": iat, "exp": iat + 60}
	var all []order
	for _, algorithm := range algorithms {
		s := m.signer(algorithm)
		o := order{Algorithm: algorithm, KID: "k", Secret: []byte{}, Claims: claims(dates), provider: strict(s)}
		if s.key.Kind.IsSecret() {
			o.Secret = m.secret
		} else {
			o.Private = privatePEM(t, m.private(algorithm))
		}
		all = append(all, o)
		if algorithm == "HS256" {
			o.KID, o.Claims, o.provider = "", bare(dates), compat(s)
			all = append(all, o)
		}
	}
	return all
}

func (m material) private(algorithm string) any {
	switch algorithm {
	case "EdDSA":
		return ed25519.NewKeyFromSeed(seed("eddsa k"))
	case "ES256":
		return m.p256
	case "ES384":
		return m.p384
	}
	return m.rsa
}

func privatePEM(t *testing.T, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// J25: what the libraries of hosts sign is accepted, for every kind of key that
// they can sign with, and nothing of it can be changed.
func TestVerify_acceptsTokensOfOtherLibraries(t *testing.T) {
	all := []string{"HS256", "HS384", "HS512", "EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256"}
	withoutEdDSA := slices.DeleteFunc(slices.Clone(all), func(a string) bool { return a == "EdDSA" })
	for _, tt := range []struct {
		name       string
		algorithms []string
		make       func(*testing.T, []order) []string
	}{
		{"jsonwebtoken", withoutEdDSA, made("node", "jsonwebtoken.mjs")}, // it knows no EdDSA
		{"jose", all, made("node", "jose.mjs")},
		{"PyJWT", all, made("/usr/bin/python3", "pyjwt.py")},
		{"ruby-jwt", withoutEdDSA, made("ruby", "ruby_jwt.rb")}, // it signs EdDSA with libsodium only, which Debian's does without
		{"golang-jwt", all, madeByGolangJWT},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wanted := orders(t, tt.algorithms)
			tokens := tt.make(t, wanted)
			if len(tokens) != len(wanted) {
				t.Fatalf("%d tokens for %d orders", len(tokens), len(wanted))
			}
			for i, o := range wanted {
				id := mustVerify(t, tokens[i], o.provider, time.Now())
				if id.Email != "dana@example.com" || id.KeyID != "k" {
					t.Errorf("%s: identity %+v", o.Algorithm, id)
				}
				parts := strings.Split(tokens[i], ".")
				o.Claims["email"] = "eve@example.com"
				parts[1] = encode([]byte(jsonOf(o.Claims)))
				wantCode(t, strings.Join(parts, "."), o.provider, time.Now(), oriel.CodeTokenSignature)
			}
		})
	}
}

// made runs a program with the library. A missing one is a failure: a promise
// that nobody looked at would read as kept.
func made(program, script string) func(*testing.T, []order) []string {
	return func(t *testing.T, wanted []order) []string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, program, filepath.Join("testdata", "foreign", script))
		command.Stdin = strings.NewReader(jsonOf(wanted))
		var out, said bytes.Buffer
		command.Stdout, command.Stderr = &out, &said
		if err := command.Run(); err != nil {
			t.Fatalf("%s %s made no tokens (%v): run scripts/setup, which installs the program and its library\n%s", program, script, err, said.String())
		}
		var tokens []string
		if err := json.Unmarshal(out.Bytes(), &tokens); err != nil {
			t.Fatalf("%s %s: %v in %q", program, script, err, out.String())
		}
		return tokens
	}
}

func madeByGolangJWT(t *testing.T, wanted []order) []string {
	t.Helper()
	tokens := make([]string, len(wanted))
	for i, o := range wanted {
		var key any = o.Secret
		if o.Private != "" {
			block, _ := pem.Decode([]byte(o.Private))
			var err error
			if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
				t.Fatal(err)
			}
		}
		token := golangjwt.NewWithClaims(golangjwt.GetSigningMethod(o.Algorithm), golangjwt.MapClaims(o.Claims))
		if o.KID != "" {
			token.Header["kid"] = o.KID
		}
		var err error
		if tokens[i], err = token.SignedString(key); err != nil {
			t.Fatal(err)
		}
	}
	return tokens
}
