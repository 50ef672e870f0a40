package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
)

// signed is how a token is made; the zero value is a token of the strict
// provider that is fine.
type signed struct {
	compat bool
	key    []byte
	header map[string]any // added; nil removes
	claims map[string]any // added; nil removes
	raw    string         // a payload as it stands, instead of claims
}

// sign makes a token with HS256, without any library.
func (h *caseHouse) sign(s signed) string {
	h.Helper()
	now := h.clock().Unix()
	header := map[string]any{"alg": "HS256", "typ": "JWT", "kid": "k1"}
	claims := map[string]any{
		"iss": caseIssuer, "aud": h.site, "sub": "dana", "jti": rand.Text(), "iat": now, "exp": now + 60,
		"email": "dana@example.com", "first_name": "Dana", "last_name": "Reyes",
	}
	key := h.strict
	if s.compat {
		header["kid"] = "c1"
		key = h.compat
		for _, name := range []string{"iss", "aud", "sub", "jti"} {
			delete(claims, name)
		}
		claims["email"] = "dana@compat.example"
		claims["nonce"] = rand.Text() // two tokens of one second are two
	}
	if s.key != nil {
		key = s.key
	}
	amend(header, s.header)
	amend(claims, s.claims)
	payload, err := json.Marshal(claims)
	if err != nil {
		h.Fatal(err)
	}
	if s.raw != "" {
		payload = []byte(s.raw)
	}
	head, err := json.Marshal(header)
	if err != nil {
		h.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return h.canary(text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

func amend(members, by map[string]any) {
	for name, value := range by {
		if value == nil {
			delete(members, name)
		} else {
			members[name] = value
		}
	}
}

func claims(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func with(m map[string]any, pairs ...any) map[string]any {
	next := maps.Clone(m)
	maps.Copy(next, claims(pairs...))
	return next
}
