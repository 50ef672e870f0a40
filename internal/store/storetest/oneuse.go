package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func oneUsePromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"50 at once on one node: one signs in":  func(t *testing.T, d *database) { oneSignsIn(t, d, []*store.Store{d.open(t)}) },
		"50 at once on two nodes: one signs in": func(t *testing.T, d *database) { oneSignsIn(t, d, d.nodes(t)) },
		"a use that failed is no use":           failedUseIsNone,
		"a use outlives the process":            useOutlivesTheProcess,
	}
}

// oneSignsIn races whole sign-ins: whoever loses leaves neither a user nor a
// session nor a record.
func oneSignsIn(t *testing.T, d *database, nodes []*store.Store) {
	must(t, firstApply(t, nodes[0]))
	provider := nodes[0].Declared().Providers[0]
	const tokens = 5
	for n := range tokens {
		oneWins(t, atOnce(manyAtOnce, func(i int) error {
			return nodes[i%len(nodes)].Write(t.Context(), func(tx *store.Tx) error {
				return arrive(tx, provider, n*manyAtOnce+i, fmt.Sprint("token ", n))
			})
		}), oriel.CodeTokenReplayed)
	}
	for _, table := range []string{"users", "identities", "sessions", "sign_in_records", "spent_tokens"} {
		d.wantCount(t, `SELECT count(*) FROM `+table, tokens)
	}
}

// arrive writes what a sign-in writes, the spent token last: that it comes
// first elsewhere is no part of the promise.
func arrive(tx *store.Tx, p oriel.Provider, i int, token string) error {
	u, name := user(i), fmt.Sprint("s", i)
	for _, step := range []func() error{
		func() error { return tx.InsertUser(u, began()) },
		func() error {
			return tx.InsertIdentity(oriel.LinkedIdentity{Provider: p.ID, Subject: name, User: u.ID, GreatestIssuedAt: began()}, began())
		},
		func() error { return tx.AddToGroup(u.ID, "operators") },
		func() error {
			return tx.SetSignInAttributes(u.ID, p.ID, oriel.Attributes{"airport": oriel.Text("DFW")})
		},
		func() error {
			return tx.InsertSession(oriel.Session{
				ID: name, User: u.ID, Provider: p.ID, KeyID: p.Keys[0].ID, KeySerial: p.Keys[0].Serial,
				Kind: oriel.SessionEmbed, Created: began(), Expires: began().Add(10 * time.Minute),
			}, digest(name))
		},
		func() error {
			return tx.InsertSignInRecord(oriel.SignInRecord{Reference: name, At: began(), User: u.ID})
		},
		func() error { return tx.SpendToken(digest(token), began().Add(time.Minute)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func failedUseIsNone(t *testing.T, d *database) {
	s := d.open(t)
	spend := func(then error) error {
		return s.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.SpendToken(digest("token"), began().Add(time.Minute)); err != nil {
				return err
			}
			return then
		})
	}
	wantCode(t, spend(oriel.E(oriel.CodeTenantUnknown, "no")), oriel.CodeTenantUnknown)
	must(t, spend(nil))
	wantCode(t, spend(nil), oriel.CodeTokenReplayed)
}

func useOutlivesTheProcess(t *testing.T, d *database) {
	spend := func(s *store.Store) error {
		return s.Write(t.Context(), func(tx *store.Tx) error { return tx.SpendToken(digest("token"), began().Add(time.Minute)) })
	}
	s := d.open(t)
	must(t, spend(s))
	mustClose(t, s)
	wantCode(t, spend(d.open(t)), oriel.CodeTokenReplayed)
}
