package session

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

const (
	tokenPrefix = "ors_"
	tokenBytes  = 32 // 256 random bits
)

// newToken makes a token and the hash under which it is stored.
func newToken(random io.Reader) (token string, hash [32]byte, err error) {
	bits := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", hash, fmt.Errorf("make a session token: %w", err)
	}
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(bits)
	return token, sha256.Sum256([]byte(token)), nil
}

// hashOf is the hash of a token that looks like one of ours. The store is
// searched by hash alone, so that the time of a search tells nothing about
// any token.
func hashOf(token string) (hash [32]byte, ok bool) {
	encoded, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(encoded) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return hash, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(encoded); err != nil || strings.ContainsAny(encoded, "\r\n") {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}

// idOf is the id under which a session is listed. It follows from the hash of
// the token, and tells neither.
func idOf(hash [32]byte) string {
	sum := sha256.Sum256(append([]byte("session id\x00"), hash[:]...))
	return "ses_" + userEncoding.EncodeToString(sum[:16])
}
