package httpapi_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// signedInByPopup is what a page gets for the code of its popup, or for its session.
type signedInByPopup struct {
	Token          string
	ServerTime     int64 `json:"server_time"`
	RenewableUntil int64 `json:"renewable_until"`
	User           struct{ Email string }
}

func (s *site) renew(token, from string) reply {
	s.t.Helper()
	return s.ask("POST", "/api/v1/session", body(s.t, map[string]string{"renew": token}), "Content-Type", "text/plain", "Origin", from)
}

func (s *site) byPopup() (made signedInByPopup) {
	s.t.Helper()
	away := s.samlStart(popupQuery(), opens)
	out := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...).outcome(s.t)
	r := s.redeem(out.Message.Code, "st-1", origin)
	if err := json.Unmarshal(r.body, &made); err != nil || r.status != 200 {
		s.t.Fatalf("%d %s", r.status, r.body)
	}
	return made
}

// A page goes on with the session that it has, where the provider allows it.
func TestSAML_renewal(t *testing.T) {
	s := newSite(t)
	s.addCorp(func(p *oriel.Provider) { p.SAML.RenewFor = time.Hour })
	held := s.byPopup()
	if got := held.RenewableUntil - held.ServerTime; got != 3600 {
		t.Errorf("renewable for %d s", got)
	}
	for name, text := range map[string]string{
		"with a token": `{"renew":"x","jwt":"y"}`, "with a code": `{"renew":"x","code":"y"}`, "with a provider": `{"renew":"x","provider":"corp"}`,
		"an attempt alone":        `{"attempt":"0123456789abcdefghijkl"}`,
		"an attempt with a token": `{"jwt":"x","attempt":"0123456789abcdefghijkl"}`, "an attempt that is guessed": `{"renew":"x","attempt":"1"}`,
		"an attempt that is none": `{"renew":"x","attempt":null}`, "a number": `{"renew":1}`, "a list": `{"renew":["x"]}`,
	} {
		if r := s.ask("POST", "/api/v1/session", text, "Content-Type", "text/plain", "Origin", origin); r.code() != "invalid_request" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := s.renew(held.Token, foreign); r.status != 403 || r.code() != "origin_mismatch" {
		t.Errorf("a foreign page: %d %s", r.status, r.body)
	}
	r := s.renew(held.Token, origin)
	var next signedInByPopup
	if err := json.Unmarshal(r.body, &next); err != nil || r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != origin ||
		r.header.Get("Cache-Control") != "no-store" || next.User.Email != "dana@corp.example" || next.RenewableUntil != held.RenewableUntil {
		t.Fatalf("%d %v %s", r.status, r.header, r.body)
	}
	if r := s.as(next.Token, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the next session: %d %s", r.status, r.body)
	}
	if r := s.renew(held.Token, origin); r.status != 401 || r.code() != "session_revoked" {
		t.Errorf("twice: %d %s", r.status, r.body)
	}
	if r := s.as(next.Token, "GET", "/api/v1/session", ""); r.code() != "session_revoked" {
		t.Errorf("after a second renewal the next session lives on: %d %s", r.status, r.body)
	}
	// A page that heard no answer asks again.
	held = s.byPopup()
	for range 2 {
		again := body(t, map[string]string{"renew": held.Token, "attempt": "0123456789abcdefghijkl"})
		r := s.ask("POST", "/api/v1/session", again, "Content-Type", "text/plain", "Origin", origin)
		if err := json.Unmarshal(r.body, &next); err != nil || r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if r := s.as(next.Token, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the session that was heard of: %d %s", r.status, r.body)
	}
	// Whoever signs out signs out of what was renewed too.
	held = s.byPopup()
	if err := json.Unmarshal(s.renew(held.Token, origin).body, &next); err != nil {
		t.Fatal(err)
	}
	if r := s.as(held.Token, "DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.as(next.Token, "GET", "/api/v1/session", ""); r.code() != "session_revoked" {
		t.Errorf("after the sign-out: %d %s", r.status, r.body)
	}
}

// A page that slept signs out with a session whose time is over: nothing of the
// sign-in is left to renew.
func TestSAML_signOutAfterTheTime(t *testing.T) {
	s := newSite(t)
	s.addCorp(func(p *oriel.Provider) { p.SAML.RenewFor = time.Hour })
	held := s.byPopup()
	s.sleep(11 * time.Minute)
	if r := s.as(held.Token, "GET", "/api/v1/session", ""); r.code() != "session_expired" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	// Only the page that has it.
	for name, from := range map[string][]string{"a foreign page": {"Origin", foreign}, "no page": nil} {
		if r := s.ask("DELETE", "/api/v1/session", "", with(from, "Authorization", "Bearer "+held.Token)...); r.code() != "session_expired" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	next := s.renew(held.Token, origin)
	if next.status != 200 {
		t.Fatalf("a foreign page ended it: %d %s", next.status, next.body)
	}
	if err := json.Unmarshal(next.body, &held); err != nil {
		t.Fatal(err)
	}
	s.sleep(11 * time.Minute)
	if r := s.as(held.Token, "DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := s.renew(held.Token, origin); r.code() != "session_revoked" {
		t.Errorf("renewed after the sign-out: %d %s", r.status, r.body)
	}
}

// Without a setting and without the identity provider's word there is nothing to
// renew, and the page isn't told that there is.
func TestSAML_notRenewable(t *testing.T) {
	s := newSite(t)
	s.addCorp()
	held := s.byPopup()
	if held.RenewableUntil != 0 {
		t.Errorf("renewable until %d", held.RenewableUntil)
	}
	if r := s.renew(held.Token, origin); r.status != 401 || r.code() != "session_expired" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := s.as(held.Token, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the session ended by the try: %d %s", r.status, r.body)
	}
}
