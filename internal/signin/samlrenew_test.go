package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
	"github.com/oriel-bi/oriel/internal/store"
)

// redeems signs a page in by popup.
func (h *house) redeems(code string) signin.Accepted {
	h.Helper()
	accepted, err := h.signin.Redeem(h.Context(), h.redemption(code))
	if err != nil {
		h.Fatal(err)
	}
	return accepted
}

// renews has a page renew its session; a refused attempt leaves one record with
// the code, and no session.
func (h *house) renews(want oriel.Code, token string, change func(*signin.RenewRequest)) signin.Accepted {
	h.Helper()
	r := signin.RenewRequest{Token: token, Origin: page, ClientIP: "192.0.2.7", Reference: h.request("").Reference}
	if change != nil {
		change(&r)
	}
	before := h.rows()["sessions"]
	accepted, err := h.signin.Renew(h.Context(), r)
	if got := oriel.CodeOf(err); got != want {
		h.Fatalf("got %q (%v), want %q", got, err, want)
	}
	if err := h.records.Flush(h.Context()); err != nil {
		h.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND method = 'renewal' AND outcome = ?`, r.Reference, string(want)); n != 1 {
		h.Errorf("%d records", n)
	}
	if made := h.rows()["sessions"] - before; made > 1 || (made == 1) != (want == "") {
		h.Errorf("%d sessions were made", made)
	}
	return accepted
}

func (h *house) isLive(want oriel.Code, token string) {
	h.Helper()
	if _, _, err := h.sessions.Authenticate(h.Context(), session.Presented{Token: token, Origin: page}); oriel.CodeOf(err) != want {
		h.Errorf("the session: got %v, want %q", err, want)
	}
}

func renewable() oriel.Provider {
	p := corp("corp")
	p.SAML.RenewFor = time.Hour
	return p
}

// While the provider allows it, a page goes on without a window: the same person,
// a session as long as any other, and no longer than was allowed.
func TestSAML_renewal(t *testing.T) {
	h := newCorpHouse(t, renewable())
	first := h.redeems(h.code(nil))
	if got := first.RenewableUntil.Sub(h.clock().Truncate(time.Second)); got != time.Hour {
		t.Errorf("renewable for %s", got)
	}
	h.wait(8 * time.Minute)
	second := h.renews("", first.Session.Token, nil)
	if second.User.ID != first.User.ID || second.Session.Session.Expires.Sub(h.clock().Truncate(time.Second)) != session.DefaultLifetime ||
		!second.RenewableUntil.Equal(first.RenewableUntil) || second.Session.Token == first.Session.Token {
		t.Errorf("%+v after %+v", second, first)
	}
	// What the page had in flight still comes through.
	h.isLive("", first.Session.Token)
	h.isLive("", second.Session.Token)
	// A machine that slept: the session is over, the sign-in isn't.
	h.wait(40 * time.Minute)
	h.isLive(oriel.CodeSessionExpired, second.Session.Token)
	third := h.renews("", second.Session.Token, nil)
	h.wait(9 * time.Minute)
	fourth := h.renews("", third.Session.Token, nil)
	if left := first.RenewableUntil.Sub(fourth.Session.Session.Expires); left < 0 || left >= time.Second {
		t.Errorf("the last session ends %s, the sign-in %s", fourth.Session.Session.Expires, first.RenewableUntil)
	}
	h.wait(4 * time.Minute)
	h.renews(oriel.CodeSessionExpired, fourth.Session.Token, nil)
	h.isLive(oriel.CodeSessionExpired, fourth.Session.Token)
}

// The identity provider's word on its own session bounds all: renewal without a
// setting, with a longer one, and each session itself.
func TestSAML_renewalWhileTheIdPsSessionLasts(t *testing.T) {
	usual, longer := corp("corp"), renewable()
	usual.Realm, longer.Realm = "corp", "corp"
	longer.Slug, longer.SAML.RenewFor = "longer", 24*time.Hour
	h := newCorpHouse(t, usual, longer)
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	signIn := func(slug string, ends string, popup *oriel.Popup) signin.SAMLArrived {
		t.Helper()
		b := h.starts(signin.SAMLStartRequest{Provider: slug, Popup: popup})
		entry := strings.Replace(corpEntry, "corp", slug, 1)
		o := b.order(func(o *samltest.Order) {
			o.SessionEnds, o.Destination, o.Recipient = ends, entry, entry
			o.Audience = strings.Replace(o.Audience, "corp", slug, 1)
		})
		r := h.brought(b, samltest.Respond(t, "pysaml2", o)[0])
		r.Provider, r.At = slug, entry
		return h.arrives("", r)
	}
	for slug, ends := range map[string]time.Duration{"corp": 30 * time.Minute, "longer": 2 * time.Hour} {
		first := h.redeems(signIn(slug, at(ends), popup()).Code)
		if got := first.RenewableUntil.Sub(h.clock()); got > ends+time.Minute || got < ends-time.Minute {
			t.Errorf("%s: renewable for %s, told %s", slug, got, ends)
		}
		h.renews("", first.Session.Token, nil)
	}
	// Half a day is enough without a setting.
	if got := h.redeems(signIn("corp", at(48*time.Hour), popup()).Code).RenewableUntil.Sub(h.clock().Truncate(time.Second)); got != session.InteractiveLifetime {
		t.Errorf("renewable for %s", got)
	}
	// No word and no setting: no renewal.
	none := h.redeems(h.code(nil))
	if !none.RenewableUntil.IsZero() {
		t.Errorf("renewable until %s", none.RenewableUntil)
	}
	h.renews(oriel.CodeSessionExpired, none.Session.Token, nil)
	// Each session ends with it, also a browser's own, which is not renewed.
	for _, popup := range []*oriel.Popup{popup(), nil} {
		out := signIn("corp", at(3*time.Minute), popup)
		accepted := out.Accepted
		if popup != nil {
			accepted = h.redeems(out.Code)
		} else if !accepted.RenewableUntil.IsZero() {
			t.Error("a browser's own session is renewable")
		}
		if got := accepted.Session.Session.Expires.Sub(h.clock()); got > 5*time.Minute || got < 2*time.Minute {
			t.Errorf("%s: lasts %s", accepted.Session.Session.Kind, got)
		}
	}
}

// A session that is renewed twice was copied: everything of the sign-in ends.
func TestSAML_renewedTwiceEndsTheSignIn(t *testing.T) {
	h := newCorpHouse(t, renewable())
	other := h.redeems(h.code(nil))
	first := h.redeems(h.code(nil))
	second := h.renews("", first.Session.Token, nil)
	third := h.renews("", second.Session.Token, nil)
	h.renews(oriel.CodeSessionRevoked, first.Session.Token, nil)
	for _, token := range []string{first.Session.Token, second.Session.Token, third.Session.Token} {
		h.isLive(oriel.CodeSessionRevoked, token)
		h.renews(oriel.CodeSessionRevoked, token, nil)
	}
	h.isLive("", other.Session.Token) // another window's sign-in
	h.renews("", other.Session.Token, nil)
}

// An answer that gets lost is asked for again by who asked before, and by nobody else.
func TestSAML_renewalWhoseAnswerGotLost(t *testing.T) {
	h := newCorpHouse(t, renewable())
	by := func(attempt signin.RenewAttempt) func(*signin.RenewRequest) {
		return func(r *signin.RenewRequest) { r.Attempt = attempt }
	}
	const mine, theirs = signin.RenewAttempt("mine-0123456789abcdefghij"), signin.RenewAttempt("theirs-123456789abcdefghij")
	begins := func() (first, lost signin.Accepted) {
		first = h.redeems(h.code(nil))
		return first, h.renews("", first.Session.Token, by(mine))
	}
	first, lost := begins()
	h.renews("", first.Session.Token, by(mine))
	heard := h.renews("", first.Session.Token, by(mine))
	if heard.Session.Token == lost.Session.Token || !heard.RenewableUntil.Equal(first.RenewableUntil) {
		t.Errorf("%+v after %+v", heard, lost)
	}
	h.renews("", heard.Session.Token, by(theirs))

	for name, second := range map[string]func(first, lost signin.Accepted) string{
		"another attempt": func(first, _ signin.Accepted) string {
			h.renews(oriel.CodeSessionRevoked, first.Session.Token, by(theirs))
			return first.Session.Token
		},
		"no attempt": func(first, _ signin.Accepted) string {
			h.renews(oriel.CodeSessionRevoked, first.Session.Token, nil)
			return first.Session.Token
		},
		"whoever holds what nobody heard of": func(first, lost signin.Accepted) string {
			heard := h.renews("", first.Session.Token, by(mine))
			h.isLive("", heard.Session.Token)
			h.renews(oriel.CodeSessionRevoked, lost.Session.Token, by(theirs))
			return heard.Session.Token
		},
		"after the answer was heard": func(first, heard signin.Accepted) string {
			next := h.renews("", heard.Session.Token, by(theirs))
			h.renews(oriel.CodeSessionRevoked, first.Session.Token, by(mine))
			return next.Session.Token
		},
		"the attempt of another session": func(first, lost signin.Accepted) string {
			h.renews("", lost.Session.Token, by(theirs))
			h.renews(oriel.CodeSessionRevoked, first.Session.Token, by(theirs))
			return lost.Session.Token
		},
	} {
		h.wait(time.Second)
		token := second(begins())
		t.Log(name)
		h.isLive(oriel.CodeSessionRevoked, token)
	}

	for _, text := range []string{"", "short", strings.Repeat("a", 21), strings.Repeat("a", 65), strings.Repeat("a", 21) + "+", strings.Repeat("a", 22) + "\n"} {
		if attempt, err := signin.ParseRenewAttempt(text); err == nil || attempt != "" {
			t.Errorf("%q is taken", text)
		}
	}
}

// Of many at once one gets the next session, and loses it again.
func TestSAML_renewedByManyAtOnce(t *testing.T) {
	h := newCorpHouse(t, renewable())
	token := h.redeems(h.code(nil)).Session.Token
	outcomes := make(chan error, 20)
	tokens := make(chan string, cap(outcomes))
	for range cap(outcomes) {
		r := signin.RenewRequest{Token: token, Origin: page, ClientIP: "192.0.2.7", Reference: h.request("").Reference}
		go func() {
			accepted, err := h.signin.Renew(t.Context(), r)
			if err == nil {
				tokens <- accepted.Session.Token
			}
			outcomes <- err
		}()
	}
	for range cap(outcomes) {
		if err := <-outcomes; err != nil && oriel.CodeOf(err) != oriel.CodeSessionRevoked && oriel.CodeOf(err) != oriel.CodeRateLimited {
			t.Error(err)
		}
	}
	if len(tokens) != 1 {
		t.Fatalf("%d renewed it", len(tokens))
	}
	h.isLive(oriel.CodeSessionRevoked, <-tokens)
}

// Whoever signs out, or is signed out, has nothing left that could be renewed.
func TestSAML_renewalAfterTheEnd(t *testing.T) {
	var h *house
	ends := map[string]struct {
		end  func(signin.Accepted)
		want oriel.Code
	}{
		"the page signs out": {func(a signin.Accepted) {
			if err := h.sessions.SignOut(t.Context(), a.Session.Token); err != nil {
				t.Error(err)
			}
		}, oriel.CodeSessionRevoked},
		"an administrator ends the session": {func(a signin.Accepted) {
			if found, err := h.store.EndSession(t.Context(), "operator", a.Session.Session.ID, "", h.clock()); err != nil || !found {
				t.Error(found, err)
			}
		}, oriel.CodeSessionRevoked},
		"the person ends it elsewhere": {func(a signin.Accepted) {
			if found, err := h.store.EndSession(t.Context(), "", a.Session.Session.ID, a.User.ID, h.clock()); err != nil || !found {
				t.Error(found, err)
			}
		}, oriel.CodeSessionRevoked},
		"an administrator ends the user's": {func(a signin.Accepted) {
			if _, err := h.store.EndUserSessions(t.Context(), "operator", a.User.ID, h.clock()); err != nil {
				t.Error(err)
			}
		}, oriel.CodeSessionRevoked},
		"the identity provider signs them out": {func(a signin.Accepted) {
			err := h.store.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.EndSAMLSessions(oriel.SAMLLogout{
					Provider: a.Session.Session.Provider, Name: oriel.NameID{Value: "dana-17"}, Indexes: []string{"s-1"}, IssuedAt: h.clock().Add(-time.Hour),
				}, h.clock())
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}, oriel.CodeSessionRevoked},
		"the user is deactivated": {func(signin.Accepted) { h.exec(`UPDATE users SET active = 0`) }, oriel.CodeUserDeactivated},
	}
	for name, one := range ends {
		h = newCorpHouse(t, renewable())
		first := h.redeems(h.code(nil))
		second := h.renews("", first.Session.Token, nil)
		h.wait(11 * time.Minute) // the first one's time is over
		third := h.renews("", second.Session.Token, nil)
		one.end(third)
		for i, token := range []string{first.Session.Token, second.Session.Token, third.Session.Token} {
			if i < 2 && one.want == oriel.CodeSessionRevoked {
				if n := h.count(`SELECT count(*) FROM sessions WHERE ended IS NULL AND user_id = ?`, string(first.User.ID)); n != 0 {
					t.Errorf("%s: %d sessions live on", name, n)
				}
			}
			h.renews(one.want, token, nil)
		}
	}
}

// What a sign-in is held to, a renewal is too.
func TestSAML_renewalGates(t *testing.T) {
	p := renewable()
	h := newCorpHouse(t, p, provider("apron"))
	held := h.redeems(h.code(nil)).Session.Token
	h.renews(oriel.CodeSessionInvalid, "", nil)
	h.renews(oriel.CodeSessionInvalid, "ors_"+strings.Repeat("A", 43), nil)
	h.renews(oriel.CodeOriginMismatch, held, func(r *signin.RenewRequest) { r.Origin = "" })
	h.renews(oriel.CodeOriginMismatch, held, func(r *signin.RenewRequest) { r.Origin = "https://other.example.com" })
	// A session of a host's token, and a browser's own.
	h.renews(oriel.CodeSessionExpired, h.enters("apron", map[string]any{"sub": "ann", "email": "ann@example.com"}).Session.Token, nil)
	browser := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{}), nil)).Accepted.Session.Token
	h.renews(oriel.CodeSessionInvalid, browser, nil)
	change := func(change func(*oriel.Provider)) {
		q := p
		change(&q)
		h.apply(oriel.Declaration{Providers: []oriel.Provider{q, provider("apron")}})
	}
	elsewhere, err := oriel.ParseOrigin("https://elsewhere.example.com", oriel.OriginOptions{SiteURL: site})
	if err != nil {
		t.Fatal(err)
	}
	change(func(q *oriel.Provider) { q.Origins = []oriel.Origin{elsewhere} })
	h.renews(oriel.CodeOriginNotAllowed, held, nil)
	// A setting that was shortened counts at once, one that was made longer from the
	// next sign-in on.
	h.wait(2 * time.Minute)
	change(func(q *oriel.Provider) { q.SAML.RenewFor = time.Minute })
	h.renews(oriel.CodeSessionExpired, held, nil)
	change(func(q *oriel.Provider) { q.SAML.RenewFor = 0 })
	h.renews(oriel.CodeSessionExpired, held, nil)
	change(func(q *oriel.Provider) { q.SAML.RenewFor = 24 * time.Hour })
	h.wait(time.Hour - 2*time.Minute)
	h.renews(oriel.CodeSessionExpired, held, nil)
	h.wait(-time.Hour)
	change(func(*oriel.Provider) {})
	held = h.renews("", held, nil).Session.Token
	// The certificate that vouched is gone.
	gone := h.redeems(h.code(nil)).Session
	h.exec(`UPDATE sessions SET key_serial = 999 WHERE id = ?`, gone.Session.ID)
	h.renews(oriel.CodeSessionRevoked, gone.Token, nil)
	change(func(q *oriel.Provider) { q.Enabled = false })
	h.renews(oriel.CodeSessionRevoked, held, nil)
}

// A tenant's own origins, and a switch that lets nobody in.
func TestSAML_renewalOfATenantsOrigins(t *testing.T) {
	elsewhere, err := oriel.ParseOrigin("https://elsewhere.example.com", oriel.OriginOptions{SiteURL: site})
	if err != nil {
		t.Fatal(err)
	}
	p := renewable()
	p.Tenants = oriel.ProviderTenants{Own: "acme"}
	h := newCorpHouse(t, p)
	acme := oriel.Tenant{Slug: "acme", Name: "Acme", Active: true}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}, Tenants: []oriel.Tenant{acme}})
	held := h.redeems(h.code(nil)).Session.Token
	acme.Origins = []oriel.Origin{elsewhere}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}, Tenants: []oriel.Tenant{acme}})
	h.renews(oriel.CodeOriginNotAllowed, held, nil)
	acme.Origins = nil
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}, Tenants: []oriel.Tenant{acme}})
	other := p
	other.Tenants = oriel.ProviderTenants{Listed: []oriel.TenantSlug{"other"}}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{other}, Tenants: []oriel.Tenant{acme}})
	h.renews(oriel.CodeTenantMismatch, held, nil)
	other.Tenants = oriel.ProviderTenants{Own: "other"}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{other}, Tenants: []oriel.Tenant{acme}})
	h.renews(oriel.CodeTenantMismatch, held, nil)
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}, Tenants: []oriel.Tenant{acme}})
	h.exec(`UPDATE tenants SET active = 0`)
	h.renews(oriel.CodeTenantDeactivated, held, nil)
	h.exec(`UPDATE tenants SET active = 1`)
	h.open(false)
	h.renews(oriel.CodeEmbeddingDisabled, held, nil)
	h.open(true)
	h.renews("", held, nil)
}

// Renewals count as sign-ins of the provider do, and one that comes again as a
// refused attempt of its network.
func TestSAML_renewalIsCounted(t *testing.T) {
	h := newCorpHouse(t, renewable())
	h.openWith(func(o *signin.Options) { o.SignInRate = 1 })
	held := h.redeems(h.code(nil)).Session.Token
	refused := 0
	for range 20 {
		accepted, err := h.signin.Renew(t.Context(), signin.RenewRequest{Token: held, Origin: page, ClientIP: "192.0.2.7", Reference: h.request("").Reference})
		switch oriel.CodeOf(err) {
		case "":
			held = accepted.Session.Token
		case oriel.CodeRateLimited:
			refused++
		default:
			t.Fatal(err)
		}
	}
	if refused == 0 {
		t.Error("nobody was told to wait")
	}
}
