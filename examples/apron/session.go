package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	cookieName  = "apron_session"
	sessionLife = 12 * time.Hour
	// maxSessions bounds the memory that signing in again and again takes.
	maxSessions = 10_000
)

type session struct {
	person  person
	expires time.Time
}

// sessions are the product's own, in memory: they end with the process.
type sessions struct {
	now    func() time.Time
	random io.Reader

	mu   sync.Mutex
	byID map[string]session
}

func newSessions(now func() time.Time, random io.Reader) *sessions {
	return &sessions{now: now, random: random, byID: map[string]session{}}
}

// begin makes a session with a new id of 256 random bits.
func (s *sessions) begin(p person) (id string, err error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(s.random, secret); err != nil {
		return "", fmt.Errorf("make a session id: %w", err)
	}
	id = base64.RawURLEncoding.EncodeToString(secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for old, held := range s.byID {
		if !now.Before(held.expires) || len(s.byID) >= maxSessions {
			delete(s.byID, old)
		}
	}
	s.byID[id] = session{person: p, expires: now.Add(sessionLife)}
	return id, nil
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

func (s *sessions) find(id string) (person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, found := s.byID[id]
	if !found || !s.now().Before(held.expires) {
		return person{}, false
	}
	return held.person, true
}

// of tells who sent the request, and by which session.
func (s *sessions) of(r *http.Request) (p person, id string, signedIn bool) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return person{}, "", false
	}
	p, signedIn = s.find(cookie.Value)
	return p, cookie.Value, signedIn
}

// sessionName is what Oriel may know of a session: enough to end its embeds,
// and not the id that the cookie holds.
func sessionName(id string) string {
	hash := sha256.Sum256([]byte(id))
	return hex.EncodeToString(hash[:16])
}
