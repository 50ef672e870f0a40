package storetest

import (
	"bytes"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func samlPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"a request waits, and is used once":                  samlRequestIsUsedOnce,
		"a code is taken once":                               samlCodeIsTakenOnce,
		"what nobody came for goes":                          samlWaitingGoes,
		"a sign-out ends what it names":                      samlLogoutEndsWhatItNames,
		"our keys are sealed, and the last one stays":        samlKeysAreKept,
		"a provider keeps its kind, and all of its settings": samlProviderIsKept,
		"a session is renewed once, and ends whole":          samlSessionIsRenewedOnce,
		"a renewal whose answer got lost is tried again":     samlRenewalIsTriedAgain,
		"a deleted certificate comes back by hand alone":     samlDeletedCertificateStaysAway,
		"an erased user's names are gone":                    samlNamesAreErased,
	}
}

// samlProvider is one in the store, with its id.
func samlProvider(t *testing.T, s *store.Store) oriel.Provider {
	t.Helper()
	p := bareProvider("corp")
	p.Method, p.Profile = oriel.MethodSAML, ""
	p.SAML = oriel.SAMLSettings{
		IdPInitiated: true, SignRequests: true, WantEncrypted: true, SignOutURI: "https://h.example/slo", SignOutAnswerURI: "https://h.example/slo2", Callbacks: []string{"https://a.example/done"},
		MetadataURL: "https://h.example/metadata", MetadataCertificate: "PEM", RenewFor: 8 * time.Hour,
	}
	if _, err := s.CreateProvider(t.Context(), "operator", p); err != nil {
		t.Fatal(err)
	}
	return s.Declared().Providers[0]
}

func samlRequestIsUsedOnce(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	want := oriel.SAMLRequest{
		Relay: digest("relay"), Provider: p.ID, ID: "_1", Browser: digest("browser"), Foreign: true, ReturnTo: "/x",
		Popup: &oriel.Popup{Origin: "https://a.example", Challenge: "c", State: "s"}, Trial: "trl_1", SignOut: true, Expires: began().Add(time.Minute),
	}
	mustWrite(t, s, func(tx *store.Tx) error { return tx.KeepSAMLRequest(want) })
	for _, used := range []bool{false, true} { // one that was used is still known
		got, found, err := d.open(t).FindSAMLRequest(t.Context(), want.Relay)
		must(t, err)
		if popup := got.Popup; !found || popup == nil || *popup != *want.Popup {
			t.Errorf("used %v: %+v", used, got)
		}
		if got.Popup = want.Popup; got != want {
			t.Errorf("used %v: %+v, want %+v", used, got, want)
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error { return tx.UseSAMLRequest(want.Relay) })
		if used {
			wantCode(t, err, oriel.CodeSAMLNotRequested)
		} else {
			must(t, err)
		}
	}
	if _, found, err := s.FindSAMLRequest(t.Context(), digest("another")); found || err != nil {
		t.Errorf("another: %v %v", found, err)
	}
}

func samlCodeIsTakenOnce(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	first, tenant := "Dana", oriel.TenantSlug("acme")
	want := oriel.SAMLCode{
		Hash: digest("code"), Popup: oriel.Popup{Origin: "https://a.example", Challenge: "c", State: "s"}, Expires: began().Add(time.Minute),
		Identity: oriel.Identity{
			Provider: p.ID, Subject: "i dana", Email: "dana@example.com", FirstName: &first, Groups: []string{"ops"}, GroupsSent: true, Tenant: &tenant,
			Attributes: oriel.Attributes{"airport": oriel.Text("DFW")}, HostSID: "s-1", IssuedAt: began(), OneUse: digest("use"), KeySerial: 3, Name: &oriel.NameID{Value: "dana"},
		},
		Evidence: oriel.Evidence{Checks: []oriel.Check{{Name: "signature", Outcome: oriel.CheckPassed}}},
	}
	mustWrite(t, s, func(tx *store.Tx) error { return tx.KeepSAMLCode(want) })
	got, found, err := d.open(t).FindSAMLCode(t.Context(), want.Hash)
	must(t, err)
	i, w := got.Identity, want.Identity
	if !found || got.Popup != want.Popup || !got.Expires.Equal(want.Expires) || i.Subject != w.Subject || *i.FirstName != first || *i.Tenant != tenant ||
		!i.GroupsSent || i.OneUse != w.OneUse || i.KeySerial != 3 || *i.Name != *w.Name || !i.IssuedAt.Equal(w.IssuedAt) || len(got.Evidence.Checks) != 1 {
		t.Errorf("%+v", got)
	}
	take := func() error {
		return s.Write(t.Context(), func(tx *store.Tx) error { return tx.TakeSAMLCode(want.Hash) })
	}
	must(t, take())
	wantCode(t, take(), oriel.CodeCodeInvalid)
	if _, found, _ := s.FindSAMLCode(t.Context(), want.Hash); found {
		t.Error("it is still there")
	}
}

func samlWaitingGoes(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	mustWrite(t, s, func(tx *store.Tx) error {
		for name, ends := range map[string]time.Time{"old": began().Add(-time.Second), "young": began().Add(time.Hour)} {
			for _, err := range []error{
				tx.KeepSAMLRequest(oriel.SAMLRequest{Relay: digest(name), Provider: p.ID, Expires: ends}),
				tx.KeepSAMLCode(oriel.SAMLCode{
					Hash: digest(name), Identity: oriel.Identity{Provider: p.ID}, Expires: ends,
					Abandoned: oriel.SignInRecord{Reference: name, At: began(), Method: "saml", Outcome: oriel.CodeCodeInvalid},
				}),
				tx.KeepSAMLTrial(oriel.SAMLTrial{ID: name, Provider: p.ID, Expires: ends}),
				tx.KeepSAMLSession(oriel.SAMLSession{Session: name, Provider: p.ID, Expires: ends}),
			} {
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	must(t, s.Sweep(t.Context()))
	for _, table := range []string{"saml_requests", "saml_codes", "saml_trials", "saml_sessions"} {
		d.wantCount(t, `SELECT count(*) FROM `+table, 1)
	}
	// Of a sign-in that nobody came for there is a record, once.
	must(t, s.Sweep(t.Context()))
	d.wantCount(t, `SELECT count(*) FROM sign_in_records WHERE reference = 'old' AND outcome = 'code_invalid'`, 1)
	d.wantCount(t, `SELECT count(*) FROM sign_in_records`, 1)
}

func samlLogoutEndsWhatItNames(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	insertUser(t, s, user(0))
	for id, named := range map[string][2]string{"a": {"dana", "s-1"}, "b": {"dana", "s-2"}, "c": {"gus", "s-1"}} {
		insertSession(t, s, oriel.Session{ID: id, User: user(0).ID, Provider: p.ID, Created: began(), Expires: began().Add(time.Hour)})
		mustWrite(t, s, func(tx *store.Tx) error {
			return tx.KeepSAMLSession(oriel.SAMLSession{
				Session: id, Provider: p.ID, Subject: "subject of " + named[0], Name: oriel.NameID{Value: named[0], Format: "f"}, Index: named[1], Expires: began().Add(time.Hour),
			})
		})
	}
	ends := func(l oriel.SAMLLogout) (n int) {
		t.Helper()
		l.Provider, l.IssuedAt = p.ID, began()
		mustWrite(t, s, func(tx *store.Tx) (err error) { n, err = tx.EndSAMLSessions(l, began()); return err })
		return n
	}
	live := func(want ...string) {
		t.Helper()
		got, err := s.ListSessions(t.Context(), oriel.SessionFilter{}, began(), "", 10)
		must(t, err)
		ids := make([]string, 0, len(got))
		for _, one := range got {
			ids = append(ids, one.ID)
		}
		slices.Sort(ids)
		if !slices.Equal(ids, want) {
			t.Errorf("live are %v, want %v", ids, want)
		}
	}
	// Of the same name at another provider, and one that began after the sign-out.
	other := bareProvider("other")
	other.Method, other.Profile = oriel.MethodSAML, ""
	_, err := s.CreateProvider(t.Context(), "operator", other)
	must(t, err)
	for id, one := range map[string]oriel.Session{
		"d": {Provider: s.Declared().Providers[1].ID, Created: began()}, "e": {Provider: p.ID, Created: began().Add(time.Minute)},
	} {
		one.ID, one.User, one.Expires = id, user(0).ID, began().Add(time.Hour)
		insertSession(t, s, one)
		mustWrite(t, s, func(tx *store.Tx) error {
			return tx.KeepSAMLSession(oriel.SAMLSession{Session: id, Provider: one.Provider, Name: oriel.NameID{Value: "dana"}, Index: "s-1", Expires: one.Expires})
		})
	}
	live("a", "b", "c", "d", "e")
	if n := ends(oriel.SAMLLogout{Name: oriel.NameID{Value: "nobody"}, Subject: "none"}); n != 0 {
		t.Errorf("%d of nobody", n)
	}
	// Another format of the name is the same person.
	if n := ends(oriel.SAMLLogout{Name: oriel.NameID{Value: "dana"}, Indexes: []string{"s-1", "s-9"}}); n != 1 {
		t.Errorf("%d of one session", n)
	}
	live("b", "c", "d", "e")
	found, ok, err := s.FindSAMLSession(t.Context(), "b")
	must(t, err)
	if !ok || found.Provider != p.ID || found.Index != "s-2" || found.Name.Format != "f" || found.Subject != "subject of dana" {
		t.Errorf("%+v", found)
	}
	if n := ends(oriel.SAMLLogout{Name: oriel.NameID{Value: "dana"}}); n != 1 {
		t.Errorf("%d of all", n)
	}
	live("c", "d", "e")
	for subject, over := range map[string]bool{"subject of dana": true, "subject of gus": false, "none": true} {
		mustWrite(t, s, func(tx *store.Tx) error {
			until, err := tx.RevokedUntil(p.ID, subject, "", nil, "", 0)
			if until.IsZero() == over {
				t.Errorf("%s: over until %v", subject, until)
			}
			return err
		})
	}
}

func samlKeysAreKept(t *testing.T, d *database) {
	s := d.open(t)
	add := func(secret string, onlyFirst bool) {
		t.Helper()
		_, err := s.AddSAMLKey(t.Context(), "operator", oriel.SAMLKey{Certificate: []byte("certificate"), Secret: []byte(secret), Created: began(), SignsFrom: began().Add(time.Hour)}, onlyFirst)
		must(t, err)
	}
	add("the-first-secret-of-ours", true)
	add("one-that-came-too-late", true)
	_, err := s.DeleteSAMLKey(t.Context(), "operator", 1)
	wantCode(t, err, oriel.CodeConflict)
	add("the-second-secret-of-ours", false)
	got, err := d.open(t).SAMLKeys(t.Context())
	must(t, err)
	if len(got) != 2 || string(got[0].Secret) != "the-second-secret-of-ours" || string(got[1].Secret) != "the-first-secret-of-ours" || string(got[1].Certificate) != "certificate" || !got[0].SignsFrom.Equal(began().Add(time.Hour)) {
		t.Errorf("%d keys", len(got))
	}
	if bytes.Contains(d.Dump(t), []byte("secret-of-ours")) {
		t.Error("a secret stands in the file")
	}
	_, err = s.DeleteSAMLKey(t.Context(), "operator", 1)
	must(t, err)
	_, err = s.DeleteSAMLKey(t.Context(), "operator", 1)
	wantCode(t, err, oriel.CodeNotFound)
	d.wantCount(t, auditEntries+` WHERE kind = 'saml key'`, 3)
}

func samlProviderIsKept(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	got := d.open(t).Declared().Providers[0]
	if !got.IsSAML() || got.SAML.SignOutURI != p.SAML.SignOutURI || !got.SAML.IdPInitiated || !got.SAML.SignRequests || !got.SAML.WantEncrypted ||
		len(got.SAML.Callbacks) != 1 || got.SAML.MetadataURL == "" || got.SAML.MetadataCertificate != "PEM" || got.SAML.RenewFor != 8*time.Hour || got.SAML.SignOutAnswerURI != p.SAML.SignOutAnswerURI {
		t.Errorf("%+v", got)
	}
	other := bareProvider("corp")
	_, err := s.UpdateProvider(t.Context(), "operator", other)
	wantCode(t, err, oriel.CodeConflict)
	_, err = s.Apply(t.Context(), oriel.Declaration{Providers: []oriel.Provider{other}})
	wantCode(t, err, oriel.CodeConflict)
}

func samlNamesAreErased(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	insertUser(t, s, user(0))
	insertSession(t, s, oriel.Session{ID: "a", User: user(0).ID, Provider: p.ID, Created: began(), Expires: began().Add(time.Hour)})
	mustWrite(t, s, func(tx *store.Tx) error {
		return tx.KeepSAMLSession(oriel.SAMLSession{Session: "a", Provider: p.ID, Name: oriel.NameID{Value: "dana"}, Expires: began().Add(time.Hour)})
	})
	must(t, s.EraseUser(t.Context(), "operator", user(0).ID, began()))
	d.wantCount(t, `SELECT count(*) FROM saml_sessions`, 0)
}

// samlSessionIsRenewedOnce, and only while it has not ended; who ends one session of
// a sign-in ends all of them, and none of another.
func samlSessionIsRenewedOnce(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	insertUser(t, s, user(0))
	until := began().Add(3 * time.Hour)
	keep := func(id, signIn string) {
		t.Helper()
		insertSession(t, s, oriel.Session{ID: id, User: user(0).ID, Provider: p.ID, Created: began(), Expires: began().Add(time.Minute)})
		mustWrite(t, s, func(tx *store.Tx) error {
			return tx.KeepSAMLSession(oriel.SAMLSession{
				Session: id, Provider: p.ID, Name: oriel.NameID{Value: "dana"}, Expires: began().Add(time.Minute), SignIn: signIn, RenewableUntil: until,
			})
		})
	}
	renew := func(id string) error {
		return s.Write(t.Context(), func(tx *store.Tx) error { return tx.RenewSAMLSession(id, nil) })
	}
	keep("a1", "")
	keep("b1", "")
	must(t, renew("a1"))
	keep("a2", "a1")
	must(t, renew("a2"))
	keep("a3", "a1")
	wantCode(t, renew("a1"), oriel.CodeSessionRevoked)
	wantCode(t, renew("none"), oriel.CodeSessionRevoked)
	found, ok, err := d.open(t).FindSAMLSession(t.Context(), "a3")
	must(t, err)
	if !ok || found.SignIn != "a1" || !found.RenewableUntil.Equal(until) {
		t.Errorf("%+v", found)
	}
	if _, err := s.EndSession(t.Context(), "", "a2", user(0).ID, began()); err != nil {
		t.Fatal(err)
	}
	d.wantCount(t, `SELECT count(*) FROM sessions WHERE ended IS NOT NULL AND id LIKE 'a%'`, 3)
	d.wantCount(t, `SELECT count(*) FROM sessions WHERE ended IS NULL AND id = 'b1'`, 1)
	wantCode(t, renew("a3"), oriel.CodeSessionRevoked)
	mustWrite(t, s, func(tx *store.Tx) error { _, err := tx.EndSAMLSignIn("b1", began()); return err })
	wantCode(t, renew("b1"), oriel.CodeSessionRevoked)
	// What can be renewed is known longer than the session lasts.
	d.wantCount(t, `SELECT count(*) FROM saml_sessions WHERE expires = (SELECT max(renewable) FROM saml_sessions)`, 4)
}

// samlDeletedCertificateStaysAway from what metadata bring, however its PEM is written;
// who gives it again has it, and then it is as any other.
func samlDeletedCertificateStaysAway(t *testing.T, d *database) {
	s, ctx := d.open(t), t.Context()
	p := samlProvider(t, s)
	cert := func(id, text string) oriel.ProviderKey {
		return oriel.ProviderKey{ID: id, Kind: oriel.KeyX509, Public: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(text)})}
	}
	found := func(key oriel.ProviderKey) error {
		_, err := s.AddFoundCertificate(ctx, "metadata", "corp", key)
		return err
	}
	must(t, found(cert("a", "one")))
	_, err := s.DeleteKey(ctx, "operator", "corp", "a")
	must(t, err)
	again := cert("b", "one")
	again.Public = append([]byte("as it came\n"), again.Public...)
	wantCode(t, found(cert("a", "one")), oriel.CodeConflict)
	wantCode(t, found(again), oriel.CodeConflict)
	must(t, found(cert("a", "another")))
	for text, want := range map[string]bool{"one": true, "another": false} {
		dropped, err := s.IsDroppedCertificate(ctx, p.ID, cert("", text).Public)
		must(t, err)
		if dropped != want {
			t.Errorf("%q counts as deleted: %v", text, dropped)
		}
	}
	_, err = s.CreateKey(ctx, "operator", "corp", cert("b", "one"))
	must(t, err)
	d.wantCount(t, `SELECT count(*) FROM dropped_certificates`, 0)
	_, err = s.AddFoundCertificate(ctx, "metadata", "nobody", cert("c", "two"))
	wantCode(t, err, oriel.CodeNotFound)
}

// samlRenewalIsTriedAgain: the attempt that made a session may be made again, as long as
// that session was not renewed itself; no other attempt may.
func samlRenewalIsTriedAgain(t *testing.T, d *database) {
	s := d.open(t)
	p := samlProvider(t, s)
	insertUser(t, s, user(0))
	one, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	keep := func(id, signIn string, attempt []byte) {
		t.Helper()
		insertSession(t, s, oriel.Session{ID: id, User: user(0).ID, Provider: p.ID, Created: began(), Expires: began().Add(time.Hour)})
		mustWrite(t, s, func(tx *store.Tx) error {
			return tx.KeepSAMLSession(oriel.SAMLSession{
				Session: id, Provider: p.ID, Expires: began().Add(time.Hour), SignIn: signIn, RenewableUntil: began().Add(time.Hour), Attempt: attempt,
			})
		})
	}
	renew := func(id string, attempt []byte) error {
		return s.Write(t.Context(), func(tx *store.Tx) error { return tx.RenewSAMLSession(id, attempt) })
	}
	keep("a1", "", nil)
	// A session of another sign-in, of the same attempt, is nobody's successor here.
	keep("b1", "", one)
	must(t, renew("a1", one))
	wantCode(t, renew("a1", one), oriel.CodeSessionRevoked) // it made nothing
	keep("a2", "a1", one)
	wantCode(t, renew("a1", other), oriel.CodeSessionRevoked)
	wantCode(t, renew("a1", nil), oriel.CodeSessionRevoked)
	must(t, renew("a1", one))
	keep("a3", "a1", one)
	// Nobody heard of a2: whoever comes with it is a second one.
	wantCode(t, renew("a2", other), oriel.CodeSessionRevoked)
	wantCode(t, renew("a2", nil), oriel.CodeSessionRevoked)
	must(t, renew("a3", other))
	keep("a4", "a1", other)
	wantCode(t, renew("a1", one), oriel.CodeSessionRevoked) // a3 was heard of
	must(t, renew("a3", other))
	must(t, renew("b1", nil))
	// The end of one is the end of all.
	keep("a5", "a1", other)
	if _, err := s.EndSession(t.Context(), "", "a5", user(0).ID, began()); err != nil {
		t.Fatal(err)
	}
	wantCode(t, renew("a3", other), oriel.CodeSessionRevoked)
}
