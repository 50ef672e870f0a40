package storetest

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// crowd is who is signed in when something is revoked or listed: users of two
// tenants and of none, through two providers and several keys. A session's name
// ends in its provider's number; the later name is the later session.
//
//	a1 b1  usr_acme    of acme    apron, key one   host sessions h1 and h2
//	c2     usr_acme    of acme    other, key one   host session h1
//	d1     usr_globex  of globex  apron, key one   no host session
//	e1     usr_globex  of globex  apron, key two   host session h2
//	f2 g2  usr_none    of none    other, key one   no host session; f2 has an idle end
func crowd(t *testing.T, s *store.Store) (apron, other oriel.Provider) {
	t.Helper()
	must(t, firstApply(t, s))
	second := bareProvider("other")
	second.Keys = []oriel.ProviderKey{secretKey("one")}
	_, err := s.CreateProvider(t.Context(), "operator", second)
	must(t, err)
	for _, p := range s.Declared().Providers {
		if p.Slug == "apron" {
			apron = p
		} else {
			other = p
		}
	}
	mustWrite(t, s, func(tx *store.Tx) error {
		for _, slug := range []oriel.TenantSlug{"acme", "globex"} {
			if err := tx.InsertTenant(oriel.Tenant{Slug: slug, Name: string(slug), Active: true}, began()); err != nil {
				return err
			}
		}
		for _, one := range []struct {
			name   string
			tenant oriel.TenantSlug
			via    []oriel.Provider
		}{{"acme", "acme", []oriel.Provider{apron, other}}, {"globex", "globex", []oriel.Provider{apron}}, {"none", "", []oriel.Provider{other}}} {
			u := oriel.User{ID: oriel.UserID("usr_" + one.name), Email: one.name + "@example.com", Tenant: one.tenant, Active: true}
			if err := tx.InsertUser(u, began()); err != nil {
				return err
			}
			for _, p := range one.via {
				// The same subject means another person at each provider.
				subject := map[string]string{"acme": "1", "globex": "2", "none": "1"}[one.name]
				if one.name == "acme" && p.ID == other.ID {
					subject = "2"
				}
				if err := tx.InsertIdentity(oriel.LinkedIdentity{Provider: p.ID, Subject: subject, User: u.ID, GreatestIssuedAt: began()}, began()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for i, one := range []struct {
		id, user, sid string
		p             oriel.Provider
		key           int
		idle          time.Duration
	}{
		{"a1", "usr_acme", "h1", apron, 0, 0}, {"b1", "usr_acme", "h2", apron, 0, 0}, {"c2", "usr_acme", "h1", other, 0, 0},
		{"d1", "usr_globex", "", apron, 0, 0}, {"e1", "usr_globex", "h2", apron, 1, 0},
		{"f2", "usr_none", "", other, 0, 4 * time.Minute}, {"g2", "usr_none", "", other, 0, 0},
	} {
		session := oriel.Session{
			ID: one.id, User: oriel.UserID(one.user), Provider: one.p.ID, KeyID: one.p.Keys[one.key].ID, KeySerial: one.p.Keys[one.key].Serial,
			HostSID: one.sid, Kind: oriel.SessionEmbed, Created: began().Add(time.Duration(i) * time.Second), Expires: began().Add(10 * time.Minute),
		}
		if one.idle > 0 {
			session.IdleEnds = began().Add(one.idle)
		}
		insertSession(t, s, session)
	}
	return apron, other
}
