package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func sweepPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"what has had its time goes and nothing else": sweepTakesWhatHasExpired,
		"records stay as long as the settings say":    recordsStayAsSet,
		"a token is remembered to its last moment":    tokenIsRememberedToTheEnd,
		"a host's logout is remembered for an hour":   logoutIsRemembered,
		"two nodes sweep at once":                     nodesSweepAtOnce,
	}
}

func spend(t *testing.T, s *store.Store, token string, until time.Time) error {
	t.Helper()
	return s.Write(t.Context(), func(tx *store.Tx) error { return tx.SpendToken(digest(token), until) })
}

func sweepTakesWhatHasExpired(t *testing.T, d *database) {
	s := d.open(t)
	now := began()
	insertUser(t, s, user(0))
	mustWrite(t, s, func(tx *store.Tx) error {
		for i := range 700 { // more than one write takes away
			if err := tx.SpendToken(digest(fmt.Sprint("old ", i)), now.Add(-time.Second)); err != nil {
				return err
			}
		}
		return tx.SpendToken(digest("young"), now.Add(time.Hour))
	})
	for id, age := range map[string]time.Duration{"live": -time.Minute, "expired": time.Minute, "long ago": 25 * time.Hour} {
		insertSession(t, s, oriel.Session{ID: id, User: user(0).ID, Created: now.Add(-age), Expires: now.Add(-age)})
	}
	for _, days := range []int{0, 29, 31} {
		keepRecords(t, s, oriel.SignInRecord{Reference: fmt.Sprint(days), At: now.AddDate(0, 0, -days)})
	}
	must(t, s.Sweep(t.Context()))
	d.wantCount(t, `SELECT count(*) FROM spent_tokens`, 1)
	for id, want := range map[string]bool{"live": true, "expired": true, "long ago": false} {
		if _, found, err := s.FindSession(t.Context(), digest(id)); err != nil || found != want {
			t.Errorf("session %q is found %v, %v; want %v", id, found, err, want)
		}
	}
	if got := references(listRecords(t, s, oriel.SignInFilter{}, 10)); got != "29 0" {
		t.Errorf("records %q are left", got)
	}
	wantCode(t, spend(t, s, "young", now.Add(time.Hour)), oriel.CodeTokenReplayed)
}

func recordsStayAsSet(t *testing.T, d *database) {
	options := d.options()
	options.RecordsKept = 24 * time.Hour
	s, err := store.Open(t.Context(), options)
	must(t, err)
	defer mustClose(t, s)
	for _, hours := range []int{23, 25} {
		keepRecords(t, s, oriel.SignInRecord{Reference: fmt.Sprint(hours), At: began().Add(-time.Duration(hours) * time.Hour)})
	}
	must(t, s.Sweep(t.Context()))
	if got := references(listRecords(t, s, oriel.SignInFilter{}, 10)); got != "23" {
		t.Errorf("records %q are left", got)
	}
}

func tokenIsRememberedToTheEnd(t *testing.T, d *database) {
	s := d.open(t)
	until := began().Add(time.Minute)
	must(t, spend(t, s, "token", until))
	for _, moved := range []time.Duration{0, time.Minute} {
		d.clock.move(moved)
		must(t, s.Sweep(t.Context()))
		wantCode(t, spend(t, s, "token", until), oriel.CodeTokenReplayed)
	}
	d.clock.move(time.Microsecond)
	must(t, s.Sweep(t.Context()))
	d.wantCount(t, `SELECT count(*) FROM spent_tokens`, 0)
}

func logoutIsRemembered(t *testing.T, d *database) {
	s := d.open(t)
	apron, _ := crowd(t, s)
	logout(t, s, oriel.Logout{Provider: apron.ID, Subject: "1", IssuedAt: later()})
	d.clock.move(time.Hour)
	must(t, s.Sweep(t.Context()))
	revokedUntil(t, s, apron.ID, "1", "", "", 0, later())
	d.clock.move(time.Hour)
	must(t, s.Sweep(t.Context()))
	d.wantCount(t, `SELECT count(*) FROM host_logouts`, 0)
}

// Sweeping beside sign-ins neither fails them nor takes what they bring.
func nodesSweepAtOnce(t *testing.T, d *database) {
	nodes := d.nodes(t)
	for i := range 20 {
		must(t, spend(t, nodes[0], fmt.Sprint("old ", i), began().Add(-time.Second)))
	}
	for _, err := range atOnce(20, func(i int) error {
		if i%2 == 0 {
			return nodes[i/2%2].Sweep(t.Context())
		}
		return spend(t, nodes[i/2%2], fmt.Sprint("young ", i), began().Add(time.Hour))
	}) {
		must(t, err)
	}
	d.wantCount(t, `SELECT count(*) FROM spent_tokens`, 10)
}
