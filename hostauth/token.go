package hostauth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// lifetime of a token: time for one request, with a slow clock beside it.
	lifetime = 60 * time.Second
	// maxToken is the size above which Oriel reads no token.
	maxToken = 8 << 10
)

// Identity is the person whom the product vouches for.
type Identity struct {
	// Subject is the product's own stable id of the person; required. Two
	// people must never share one.
	Subject string
	// Email is required; it may change.
	Email string
	// FirstName and LastName are left as they are in Oriel when empty.
	FirstName, LastName string
	// Groups are the names of the groups that the person is in. Nil changes
	// nothing in Oriel; an empty list ends every membership that it manages.
	Groups []string
	// Tenant is the slug of the product's customer, for providers with tenants.
	Tenant string
	// Attributes are what row policies read: texts, numbers, booleans and
	// lists of them.
	Attributes map[string]any
	// SessionID names the product's own session, at most 128 bytes. Never the
	// secret in its cookie.
	SessionID string
}

// Token vouches for the person: a signed token that Oriel accepts once, within
// a minute. The endpoint calls it; call it where another way leads to the page.
func (h *Handler) Token(person Identity) (string, error) {
	claims, err := h.claims(person)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("hostauth: write the claims: %w", err)
	}
	signed, err := h.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("hostauth: sign the token: %w", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("hostauth: write the token: %w", err)
	}
	if len(token) > maxToken {
		return "", fmt.Errorf("hostauth: the token has %d bytes, over the %d that Oriel reads; vouch for less", len(token), maxToken)
	}
	return token, nil
}

func (h *Handler) claims(person Identity) (map[string]any, error) {
	switch {
	case person.Subject == "":
		return nil, errors.New("hostauth: the identity has no Subject")
	case person.Email == "":
		return nil, errors.New("hostauth: the identity has no Email")
	case len(person.SessionID) > 128:
		return nil, errors.New("hostauth: the identity's SessionID is longer than 128 bytes")
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(h.random, id); err != nil {
		return nil, fmt.Errorf("hostauth: make the token's id: %w", err)
	}
	claims := map[string]any{}
	for name, value := range person.Attributes {
		if err := checkAttribute(name, value); err != nil {
			return nil, err
		}
		claims[name] = value
	}
	issued := h.now().Unix()
	claims["iss"] = h.issuer
	claims["aud"] = h.orielURL
	claims["sub"] = person.Subject
	claims["jti"] = base64.RawURLEncoding.EncodeToString(id)
	claims["iat"] = issued
	claims["exp"] = issued + int64(lifetime/time.Second)
	claims["email"] = person.Email
	for name, value := range map[string]string{
		"first_name": person.FirstName, "last_name": person.LastName, "tenant": person.Tenant, "sid": person.SessionID,
	} {
		if value != "" {
			claims[name] = value
		}
	}
	if person.Groups != nil {
		claims["groups"] = person.Groups
	}
	return claims, nil
}

// checkAttribute refuses what Oriel would read as something else or drop.
func checkAttribute(name string, value any) error {
	taken := []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid",
		"email", "first_name", "last_name", "groups", "tenant",
	}
	if name == "" || strings.HasPrefix(name, "@") || slices.Contains(taken, name) {
		return fmt.Errorf("hostauth: an attribute cannot have the name %q", name)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("hostauth: the attribute %q is not JSON: %w", name, err)
	}
	scalars := []json.RawMessage{text}
	if text[0] == '[' {
		if err := json.Unmarshal(text, &scalars); err != nil {
			return fmt.Errorf("hostauth: read the attribute %q: %w", name, err)
		}
	}
	for _, scalar := range scalars {
		if strings.IndexByte("[{n", scalar[0]) >= 0 {
			return fmt.Errorf("hostauth: the attribute %q is not a text, number, boolean or list of them", name)
		}
	}
	return nil
}
