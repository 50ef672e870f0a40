package signin_test

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

const (
	corpIdP   = "https://idp.example.com/saml"
	corpSSO   = "https://idp.example.com/sso?tenant=7"
	corpEntry = site + "/auth/saml/corp/acs"
	relay     = "RelayState"
)

var corpKey = sync.OnceValue(func() samltest.Pair {
	return samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
})

// corp is a SAML provider that makes users.
func corp(slug string) oriel.Provider {
	return oriel.Provider{
		Slug: slug, Method: oriel.MethodSAML, Enabled: true, Issuer: corpIdP, SignInURI: corpSSO, Create: true,
		Claims: oriel.DefaultClaimNames(),
		Keys:   []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyX509, Public: []byte(corpKey().Certificate)}},
	}
}

// newCorpHouse has providers whose identity provider goes by the real clock.
func newCorpHouse(t *testing.T, providers ...oriel.Provider) *house {
	t.Helper()
	h := newHouse(t, providers...)
	h.wait(time.Since(h.clock()))
	h.openWith(func(*signin.Options) {})
	return h
}

// begun is a sign-in whose browser is at the identity provider.
type begun struct {
	relay, binding, request string
}

func (h *house) starts(r signin.SAMLStartRequest) begun {
	h.Helper()
	b, err := h.startsOr(r)
	if err != nil {
		h.Fatal(err)
	}
	return b
}

func (h *house) startsOr(r signin.SAMLStartRequest) (begun, error) {
	h.Helper()
	if r.Provider == "" {
		r.Provider = "corp"
	}
	r.ClientIP, r.Reference = "192.0.2.7", h.request("").Reference
	started, err := h.signin.StartSAML(h.Context(), r)
	if err != nil {
		return begun{}, err
	}
	asked, query := h.sent(started.URL)
	if query.Get("tenant") != "7" || query.Get(relay) == "" || len(query.Get(relay)) > 80 {
		h.Errorf("sent to %s", started.URL)
	}
	entity := site + "/auth/saml/" + r.Provider
	if asked.Destination != corpSSO || asked.AssertionConsumerServiceURL != entity+"/acs" || asked.Issuer != entity+"/metadata" {
		h.Errorf("asked %+v", asked)
	}
	return begun{relay: query.Get(relay), binding: started.Binding, request: asked.ID}, nil
}

// message is what an address carries for an identity provider.
type message struct {
	ID                          string `xml:",attr"`
	Destination                 string `xml:",attr"`
	AssertionConsumerServiceURL string `xml:",attr"`
	Issuer                      string
}

// sent reads the address to which a browser is sent.
func (h *house) sent(address string) (asked message, query url.Values) {
	h.Helper()
	u, err := url.Parse(address)
	if err != nil {
		h.Fatal(err)
	}
	deflated, err := base64.StdEncoding.DecodeString(u.Query().Get("SAMLRequest"))
	if err != nil {
		h.Fatal(err)
	}
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated)))
	if err != nil {
		h.Fatal(err)
	}
	if err := xml.Unmarshal(document, &asked); err != nil || asked.ID == "" {
		h.Fatalf("%s: %v", document, err)
	}
	return asked, u.Query()
}

// order is what the identity provider is to answer.
func (b begun) order(change func(*samltest.Order)) samltest.Order {
	o := samltest.Order{
		Issuer: corpIdP, Audience: site + "/auth/saml/corp/metadata", Destination: corpEntry, Recipient: corpEntry, Request: b.request,
		Session: "s-1", Name: "dana-17", Format: samltest.Persistent, Sign: []string{"assertion"},
		Key: corpKey().Private, Certificate: corpKey().Certificate,
		Attributes: map[string]any{"email": "Dana@Example.com", "first_name": "Dana", "last_name": "Ito", "airport": "DFW"},
	}
	if change != nil {
		change(&o)
	}
	return o
}

// response is the answer to what this browser began.
func (h *house) response(b begun, change func(*samltest.Order)) signin.SAMLResponse {
	h.Helper()
	return h.brought(b, samltest.Respond(h, "samlp", b.order(change))[0])
}

func (h *house) brought(b begun, field string) signin.SAMLResponse {
	return signin.SAMLResponse{
		Provider: "corp", Response: field, RelayState: b.relay, At: corpEntry, Binding: b.binding,
		ClientIP: "192.0.2.7", Reference: h.request("").Reference,
	}
}

// arrives takes a response and tells whether it left one record with the code,
// and when it was refused nothing else.
func (h *house) arrives(want oriel.Code, r signin.SAMLResponse) signin.SAMLArrived {
	h.Helper()
	if err := h.records.Flush(h.Context()); err != nil {
		h.Fatal(err)
	}
	before := h.rows()
	out, err := h.signin.TakeSAMLResponse(h.Context(), r)
	if got := oriel.CodeOf(err); got != want {
		h.Fatalf("got %q (%v), want %q", got, err, want)
	}
	if want == "" {
		return out
	}
	h.leftOneRecord(before, want, r.Reference)
	return out
}

func (h *house) leftOneRecord(before map[string]int, code oriel.Code, reference string) {
	h.Helper()
	if err := h.records.Flush(h.Context()); err != nil {
		h.Fatal(err)
	}
	after := h.rows()
	after["sign_in_records"]--
	for table, n := range after {
		if n != before[table] {
			h.Errorf("%s: %d rows more in %s", code, n-before[table], table)
		}
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND outcome = ? AND method = 'saml' AND provider = 'corp'`, reference, string(code)); n != 1 {
		h.Errorf("%s: %d records", code, n)
	}
}

// S1, S12: both makes sign the browser in that began; two answers of one person
// are one account.
func TestSAML_S1_signsIn(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	users := map[oriel.UserID]bool{}
	for make := range samltest.Makes {
		b := h.starts(signin.SAMLStartRequest{ReturnTo: "/d/1"})
		r := h.brought(b, samltest.Respond(t, make, b.order(nil))[0])
		out := h.arrives("", r)
		u := out.Accepted.User
		users[u.ID] = true
		if !out.Requested || out.ReturnTo != "/d/1" || out.Code != "" || u.Email != "dana@example.com" || u.Attributes["airport"].Values[0] != "DFW" {
			t.Errorf("%s: %+v", make, out)
		}
		p, s, err := h.sessions.Authenticate(t.Context(), session.Presented{Token: out.Accepted.Session.Token, Cookie: true})
		if err != nil || s.Kind != oriel.SessionInteractive || p.User().ID != u.ID {
			t.Errorf("%s: %v %+v", make, err, s)
		}
		want := "embedding passed,provider passed,origin skipped,format passed,status passed,signature passed,destination passed," +
			"request passed,time passed,issuer passed,audience passed,replay passed,tenant passed,account passed,groups passed"
		if got := strings.Join(h.checks(r.Reference), ","); got != want {
			t.Errorf("%s: %s", make, got)
		}
	}
	if len(users) != 1 || h.count(`SELECT count(*) FROM identities WHERE subject = ?`, corpIdP+" dana-17") != 1 {
		t.Errorf("%d users", len(users))
	}
}

// S2: what the verifier refuses leaves one record and nothing else.
func TestSAML_S2_refusedLeavesOneRecord(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	other := samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	for name, change := range map[string]func(*samltest.Order){
		"another audience":  func(o *samltest.Order) { o.Audience = "https://elsewhere.example.com" },
		"another recipient": func(o *samltest.Order) { o.Recipient = site + "/auth/saml/other/acs" },
		"another issuer":    func(o *samltest.Order) { o.Issuer = "https://evil.example.com" },
		"another key":       func(o *samltest.Order) { o.Key, o.Certificate = other.Private, other.Certificate },
	} {
		t.Run(name, func(*testing.T) {
			h.arrives(oriel.CodeSAMLResponseInvalid, h.response(h.starts(signin.SAMLStartRequest{}), change))
		})
	}
	h.wait(10 * time.Minute)
	b := h.starts(signin.SAMLStartRequest{})
	h.arrives(oriel.CodeSAMLResponseInvalid, h.response(b, nil)) // its conditions are over
}

// S3, S4: an answer is for the browser and the request that it answers, once.
func TestSAML_S3_S4_oneAnswerToOneRequestOfOneBrowser(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	b, other := h.starts(signin.SAMLStartRequest{}), h.starts(signin.SAMLStartRequest{})
	good := h.response(b, nil)
	again := h.response(b, nil)
	changed := func(change func(*signin.SAMLResponse)) signin.SAMLResponse {
		r := good
		r.Reference = h.request("").Reference
		change(&r)
		return r
	}
	for name, r := range map[string]signin.SAMLResponse{
		"another browser":         changed(func(r *signin.SAMLResponse) { r.Binding = other.binding }),
		"no browser":              changed(func(r *signin.SAMLResponse) { r.Binding = "" }),
		"another request":         changed(func(r *signin.SAMLResponse) { r.RelayState, r.Binding = other.relay, other.binding }),
		"RelayState stripped":     changed(func(r *signin.SAMLResponse) { r.RelayState = "" }),
		"RelayState unknown":      changed(func(r *signin.SAMLResponse) { r.RelayState = strings.Repeat("A", 43) }),
		"nobody asked":            h.response(begun{binding: b.binding}, nil),
		"nobody asked, our relay": h.response(begun{binding: b.binding, relay: b.relay}, nil),
	} {
		t.Run(name, func(*testing.T) { h.arrives(oriel.CodeSAMLNotRequested, r) })
	}
	h.arrives("", good)
	h.arrives(oriel.CodeSAMLReplayed, changed(func(*signin.SAMLResponse) {}))
	// Another answer to the same request was not asked for.
	h.arrives(oriel.CodeSAMLNotRequested, again)
	// On another node too.
	late := h.starts(signin.SAMLStartRequest{})
	r := h.response(late, nil)
	if _, err := h.secondNode().TakeSAMLResponse(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	r.Reference = h.request("").Reference
	h.arrives(oriel.CodeSAMLReplayed, r)
	// The request expires before the answer comes.
	expired := h.starts(signin.SAMLStartRequest{})
	h.wait(signin.SAMLRequestLife)
	r = h.response(expired, nil)
	h.wait(-signin.SAMLRequestLife + time.Minute)
	h.exec(`UPDATE saml_requests SET expires = 1`)
	h.arrives(oriel.CodeSAMLNotRequested, r)
}

// S4: of fifty at once, one wins.
func TestSAML_S4_fiftyAtOnce(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	good := h.response(h.starts(signin.SAMLStartRequest{}), nil)
	outcomes := make(chan error, 50)
	for range cap(outcomes) {
		r := good
		r.Reference = h.request("").Reference
		go func() {
			_, err := h.signin.TakeSAMLResponse(t.Context(), r)
			outcomes <- err
		}()
	}
	won := 0
	for range cap(outcomes) {
		switch err := <-outcomes; oriel.CodeOf(err) {
		case "":
			won++
		case oriel.CodeSAMLReplayed, oriel.CodeRateLimited:
		default:
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

// S3: with the setting on, an answer that nobody asked for is taken once, and
// never over another person's session; one that answers somebody's request is not.
func TestSAML_S3_idpInitiated(t *testing.T) {
	p := corp("corp")
	p.SAML.IdPInitiated = true
	h := newCorpHouse(t, p)
	unasked := h.response(begun{}, nil)
	out := h.arrives("", unasked)
	if out.Requested || out.Accepted.User.Email != "dana@example.com" {
		t.Errorf("%+v", out)
	}
	unasked.Reference = h.request("").Reference
	h.arrives(oriel.CodeSAMLReplayed, unasked)
	b := h.starts(signin.SAMLStartRequest{})
	foreign := h.response(b, nil)
	foreign.Binding = ""
	h.arrives(oriel.CodeSAMLNotRequested, foreign)
	// Stripped of its RelayState an unasked answer still is one.
	h.arrives("", h.response(begun{relay: "unknown"}, func(o *samltest.Order) { o.Session = "s-2" }))

	live := func(change func(*samltest.Order)) signin.SAMLResponse {
		r := h.response(begun{}, change)
		r.Live = signin.Live{Session: "ses_live", User: out.Accepted.User.ID}
		return r
	}
	gus := func(o *samltest.Order) { o.Name, o.Attributes["email"] = "gus-3", "gus@example.com" }
	h.arrives(oriel.CodeCrossSiteRequest, live(gus))
	h.arrives("", live(nil)) // the same person
}

// A request that another site's page had the browser begin replaces nobody; one
// that the person began does.
func TestSAML_replacesASessionOnlyWhenThePersonBegan(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	dana := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{}), nil)).Accepted.User.ID
	gus := func(o *samltest.Order) { o.Name, o.Attributes["email"] = "gus-3", "gus@example.com" }
	for _, foreign := range []bool{true, false} {
		r := h.response(h.starts(signin.SAMLStartRequest{Foreign: foreign}), gus)
		r.Live = signin.Live{Session: "ses_live", User: dana}
		want := oriel.Code("")
		if foreign {
			want = oriel.CodeCrossSiteRequest
		}
		h.arrives(want, r)
	}
}

// S10: what holds of tenants, groups and people holds here too.
func TestSAML_S10_arrival(t *testing.T) {
	p := corp("corp")
	p.Create = false
	p.Tenants.Listed = []oriel.TenantSlug{"acme"}
	p.Groups.Mode, p.Groups.Mapping = oriel.GroupsMapped, map[string][]oriel.GroupKey{"ops": {"operators"}, "night": {"guests"}}
	h := newCorpHouse(t, p)
	h.exec(`INSERT INTO tenants (slug, name, active, attributes, created) VALUES ('acme', 'Acme', 1, '{}', 0)`)
	in := func(want oriel.Code, change func(*samltest.Order)) oriel.User {
		h.Helper()
		return h.arrives(want, h.response(h.starts(signin.SAMLStartRequest{}), change)).Accepted.User
	}
	acme := func(o *samltest.Order) {
		o.Attributes["tenant"], o.Attributes["groups"] = "acme", []string{"ops", "night"}
	}
	in(oriel.CodeUserNotProvisioned, acme)
	p.Create = true
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
	in(oriel.CodeTenantMismatch, func(o *samltest.Order) { o.Attributes["tenant"] = "other" })
	in(oriel.CodeClaimMissing, func(o *samltest.Order) { acme(o); delete(o.Attributes, "email"); o.Format = samltest.Transient })
	u := in("", acme)
	if u.Tenant != "acme" || h.count(`SELECT count(*) FROM group_members WHERE user_id = ?`, string(u.ID)) != 2 {
		t.Errorf("%+v", u)
	}
	in(oriel.CodeTenantRequired, func(o *samltest.Order) { o.Attributes["groups"] = []string{} })
	h.exec(`UPDATE users SET active = 0`)
	in(oriel.CodeUserDeactivated, acme)
	h.exec(`UPDATE users SET active = 1`)
	// An e-mail of somebody else's account.
	in(oriel.CodeAccountNotLinkable, func(o *samltest.Order) { acme(o); o.Name = "eve-1" })
	// Revoked after the assertion was made, which has the real clock's time: the
	// house's stood still since its start.
	late := h.response(h.starts(signin.SAMLStartRequest{}), acme)
	h.wait(time.Since(h.clock()) + 2*time.Second)
	if _, err := h.store.EndUserSessions(t.Context(), "operator", u.ID, h.clock()); err != nil {
		t.Fatal(err)
	}
	h.arrives(oriel.CodeSAMLResponseInvalid, late)
	if n := h.count(`SELECT count(*) FROM sign_in_records, json_each(document, '$.checks') WHERE reference = ?
		AND value ->> 'name' = 'age' AND value ->> 'outcome' = 'failed'`, late.Reference); n != 1 {
		t.Error("the record does not say why")
	}
}

// Whoever has a JWT provider cannot be meant by a SAML address, nor the other way
// round; and what is off is off.
func TestSAML_gates(t *testing.T) {
	off := corp("off")
	off.Enabled = false
	h := newCorpHouse(t, corp("corp"), off, provider("apron"))
	token := h.request(h.token("apron", nil))
	token.Provider = "corp"
	h.requestIsRefused(oriel.CodeProviderUnknown, token)
	for slug, want := range map[string]oriel.Code{"apron": oriel.CodeProviderUnknown, "none": oriel.CodeProviderUnknown, "off": oriel.CodeSSONotConfigured} {
		if _, err := h.startsOr(signin.SAMLStartRequest{Provider: slug}); oriel.CodeOf(err) != want {
			t.Errorf("start at %s: %v", slug, err)
		}
		r := h.brought(begun{}, "AAAA")
		r.Provider = slug
		if _, err := h.signin.TakeSAMLResponse(t.Context(), r); oriel.CodeOf(err) != want {
			t.Errorf("answer to %s: %v", slug, err)
		}
	}
	h.enters("apron", nil) // the token alone still finds its provider
	b := h.starts(signin.SAMLStartRequest{})
	r := h.response(b, nil)
	h.openWith(func(o *signin.Options) { o.InteractiveOn = false })
	h.arrives(oriel.CodeEmbeddingDisabled, r)
	if _, err := h.startsOr(signin.SAMLStartRequest{}); oriel.CodeOf(err) != oriel.CodeEmbeddingDisabled {
		t.Errorf("start: %v", err)
	}
}

// §3.2: with both on, SAML is offered first.
func TestDiscover_samlBeforeJWT(t *testing.T) {
	h := newCorpHouse(t, corp("corp"), provider("apron"))
	for _, c := range []struct {
		preferred, provider, method string
		code                        oriel.Code
	}{
		{"", "", "saml", ""}, {"saml", "", "saml", ""}, {"jwt", "", "jwt", ""}, {"oidc", "", "", oriel.CodeAuthMethodUnavailable},
		{"", "apron", "jwt", ""}, {"", "corp", "saml", ""}, {"jwt", "corp", "", oriel.CodeProviderUnknown}, {"", "none", "", oriel.CodeProviderUnknown},
	} {
		found, err := h.signin.Discover(t.Context(), signin.DiscoverRequest{Provider: c.provider, PreferredMethod: c.preferred, Origin: page})
		if string(found.Method) != c.method || oriel.CodeOf(err) != c.code {
			t.Errorf("%q %q: %+v, %v", c.preferred, c.provider, found, err)
		}
		if c.method == "saml" && found.URL != site+"/auth/saml/corp/start" {
			t.Errorf("%+v", found)
		}
	}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{corp("corp"), corp("other"), provider("apron")}})
	if _, err := h.signin.Discover(t.Context(), signin.DiscoverRequest{Origin: page}); oriel.CodeOf(err) != oriel.CodeProviderAmbiguous {
		t.Errorf("two of them: %v", err)
	}
}

// verifier and challenge of a page that opens popups.
const verifier = "a-verifier-of-the-page-that-nobody-else-has-0"

func popup() *oriel.Popup {
	sum := sha256.Sum256([]byte(verifier))
	return &oriel.Popup{Origin: page, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), State: "the-state"}
}

func (h *house) code(change func(*samltest.Order)) string {
	h.Helper()
	out := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{Popup: popup()}), change))
	if out.Code == "" || out.Popup == nil || *out.Popup != *popup() || out.Accepted.Session.Token != "" {
		h.Fatalf("%+v", out)
	}
	return out.Code
}

func (h *house) redemption(code string) signin.CodeRequest {
	return signin.CodeRequest{Code: code, Verifier: verifier, State: "the-state", Origin: page, ClientIP: "192.0.2.7", Reference: h.request("").Reference}
}

func TestSAML_S9_codeOfAPopup(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	before := h.rows()
	code := h.code(nil)
	// Nothing of the person is there before the page comes.
	for _, table := range []string{"users", "sessions", "identities", "sign_in_records"} {
		if h.rows()[table] != before[table] {
			t.Errorf("the popup left rows in %s", table)
		}
	}
	r := h.redemption(code)
	accepted, err := h.signin.Redeem(t.Context(), r)
	if err != nil || accepted.User.Email != "dana@example.com" {
		t.Fatalf("%+v %v", accepted, err)
	}
	if _, s, err := h.sessions.Authenticate(t.Context(), session.Presented{Token: accepted.Session.Token, Origin: page}); err != nil || s.Kind != oriel.SessionEmbed || s.Origin != page {
		t.Errorf("%+v %v", s, err)
	}
	if got := strings.Join(h.checks(r.Reference), ","); !strings.Contains(got, "signature passed") || !strings.Contains(got, "code passed") || !strings.Contains(got, "account passed") {
		t.Errorf("the record has %s", got)
	}
	refused := func(name, code string, change func(*signin.CodeRequest)) {
		t.Helper()
		r := h.redemption(code)
		change(&r)
		before := h.rows()
		_, err := h.signin.Redeem(t.Context(), r)
		if oriel.CodeOf(err) != oriel.CodeCodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		after := h.rows()
		for _, table := range []string{"users", "sessions", "identities"} {
			if after[table] != before[table] {
				t.Errorf("%s: rows in %s", name, table)
			}
		}
		if err := h.records.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = ? AND outcome = 'code_invalid' AND method = 'saml'`, r.Reference); n != 1 {
			t.Errorf("%s: %d records", name, n)
		}
	}
	refused("twice", code, func(*signin.CodeRequest) {})
	refused("none of ours", strings.Repeat("A", 43), func(*signin.CodeRequest) {})
	for name, change := range map[string]func(*signin.CodeRequest){
		"another verifier": func(r *signin.CodeRequest) { r.Verifier = "another" },
		"another state":    func(r *signin.CodeRequest) { r.State = "another" },
		"another origin":   func(r *signin.CodeRequest) { r.Origin = "https://other.example.com" },
		"no origin":        func(r *signin.CodeRequest) { r.Origin = "" },
		"too late":         func(*signin.CodeRequest) { h.wait(time.Minute) },
	} {
		code := h.code(nil)
		refused(name, code, change)
		if name == "too late" {
			h.wait(-time.Minute)
		}
		refused(name+", then right", code, func(*signin.CodeRequest) {})
	}
}

// S9: of many at once, one page gets the session.
func TestSAML_S9_codeTakenOnce(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	code := h.code(nil)
	outcomes := make(chan error, 20)
	for range cap(outcomes) {
		r := h.redemption(code)
		go func() {
			_, err := h.signin.Redeem(t.Context(), r)
			outcomes <- err
		}()
	}
	won := 0
	for range cap(outcomes) {
		if err := <-outcomes; err == nil {
			won++
		} else if oriel.CodeOf(err) != oriel.CodeCodeInvalid {
			t.Error(err)
		}
	}
	if won != 1 || h.count(`SELECT count(*) FROM sessions`) != 1 {
		t.Errorf("%d won", won)
	}
}

// S9: the page that opens a popup is an authorized one, at the start and at the
// end, and for the provider.
func TestSAML_S9_originOfAPopup(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	for _, origin := range []string{"https://evil.example.org", "null", "", page + ".evil.org", page + `"></script><script>alert(1)</script>`, page + "/"} {
		p := popup()
		p.Origin = origin
		if _, err := h.startsOr(signin.SAMLStartRequest{Popup: p}); oriel.CodeOf(err) != oriel.CodeOriginNotAllowed {
			t.Errorf("%q: %v", origin, err)
		}
	}
	b := h.starts(signin.SAMLStartRequest{Popup: popup()})
	r, code := h.response(b, nil), h.code(nil)
	narrowed := corp("corp")
	elsewhere, err := oriel.ParseOrigin("https://elsewhere.example.com", oriel.OriginOptions{SiteURL: site})
	if err != nil {
		t.Fatal(err)
	}
	narrowed.Origins = []oriel.Origin{elsewhere}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{narrowed}})
	h.arrives(oriel.CodeOriginNotAllowed, r)
	if _, err := h.signin.Redeem(t.Context(), h.redemption(code)); oriel.CodeOf(err) != oriel.CodeOriginNotAllowed {
		t.Errorf("at the end: %v", err)
	}
}

// What changes between the popup's end and the page's coming counts.
func TestSAML_codeOfWhatChangedMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*house)
		want   oriel.Code
	}{
		"the provider is off": {func(h *house) {
			p := corp("corp")
			p.Enabled = false
			h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
		}, oriel.CodeSSONotConfigured},
		"the certificate is gone": {func(h *house) {
			p := corp("corp")
			other := samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
			p.Keys[0].Public = []byte(other.Certificate)
			h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
		}, oriel.CodeSAMLResponseInvalid},
		"embedding is off": {func(h *house) { h.open(false) }, oriel.CodeEmbeddingDisabled},
	} {
		t.Run(name, func(t *testing.T) {
			h := newCorpHouse(t, corp("corp"))
			code := h.code(nil)
			c.change(h)
			if _, err := h.signin.Redeem(t.Context(), h.redemption(code)); oriel.CodeOf(err) != c.want {
				t.Errorf("%v", err)
			}
		})
	}
}

// A callback belongs to exactly the origin that began.
func TestSAML_callbackOfTheOrigin(t *testing.T) {
	p := corp("corp")
	p.SAML.Callbacks = []string{"https://other.example.com/done", page + "/oriel/done"}
	h := newCorpHouse(t, p)
	out := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{Popup: popup()}), nil))
	if out.Callback != page+"/oriel/done" {
		t.Errorf("%+v", out)
	}
}

func (h *house) trial(slug string) (string, oriel.SAMLTrial) {
	h.Helper()
	p, err := h.people.FindSAMLForTrial(slug)
	if err != nil {
		h.Fatal(err)
	}
	begun, err := directory.NewTrial(rand.Reader, p, site, h.clock())
	if err != nil {
		h.Fatal(err)
	}
	if err := h.store.BeginSAMLTrial(h.Context(), begun.Trial); err != nil {
		h.Fatal(err)
	}
	_, secret, _ := strings.Cut(begun.Link, "trial=")
	return secret, begun.Trial
}

// A test sign-in tells what would happen, while the provider is off, and leaves
// nothing but its answer: the assertion is spent.
func TestSAML_trial(t *testing.T) {
	p := corp("corp")
	p.Enabled = false
	p.Groups.Mode, p.Groups.Mapping = oriel.GroupsMapped, map[string][]oriel.GroupKey{"ops": {"operators"}}
	h := newCorpHouse(t, p)
	h.open(false) // embedding may be off too
	tries := func(secret string, change func(*samltest.Order)) (signin.SAMLArrived, signin.SAMLResponse) {
		t.Helper()
		r := h.response(h.starts(signin.SAMLStartRequest{Trial: secret}), change)
		before := h.rows()
		out, err := h.signin.TakeSAMLResponse(t.Context(), r)
		if err != nil || !out.Tried || out.Code != "" || out.Accepted.Session.Token != "" {
			t.Fatalf("%+v %v", out, err)
		}
		after := h.rows()
		for table := range after {
			if table != "spent_tokens" && table != "saml_trials" && after[table] != before[table] {
				t.Errorf("%d rows more in %s", after[table]-before[table], table)
			}
		}
		return out, r
	}
	came := func(trial oriel.SAMLTrial) oriel.SAMLTrial {
		t.Helper()
		found, there, err := h.store.FindSAMLTrial(t.Context(), trial.ID)
		if err != nil || !there || !found.Done {
			t.Fatalf("%+v %v", found, err)
		}
		return found
	}
	secret, trial := h.trial("corp")
	_, r := tries(secret, func(o *samltest.Order) { o.Attributes["groups"] = []string{"ops", "others"} })
	got := came(trial)
	if got.Outcome != "" || !got.NewUser || got.Identity.Email != "dana@example.com" || len(got.Groups) != 2 || got.Identity.Attributes["airport"].Values[0] != "DFW" || len(got.Checks) < 10 {
		t.Errorf("%+v", got)
	}
	if n := h.count(`SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM identities)`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	// The link is good for one answer, and the answer for nothing else.
	if _, err := h.startsOr(signin.SAMLStartRequest{Trial: secret}); oriel.CodeOf(err) != oriel.CodeNotFound {
		t.Errorf("the link again: %v", err)
	}
	p.Enabled = true
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
	h.open(true)
	r.Reference = h.request("").Reference
	if out, err := h.signin.TakeSAMLResponse(t.Context(), r); err == nil || out.Accepted.Session.Token != "" {
		t.Errorf("the answer again: %+v", out)
	}
	// A refused one tells why, and nobody is told more than that.
	secret, trial = h.trial("corp")
	tries(secret, func(o *samltest.Order) { o.Audience = "https://elsewhere.example.com" })
	if got := came(trial); got.Outcome != oriel.CodeSAMLResponseInvalid || got.Identity != nil || got.Checks[len(got.Checks)-1].Outcome == oriel.CheckPassed {
		t.Errorf("%+v", got)
	}
	secret, trial = h.trial("corp")
	tries(secret, func(o *samltest.Order) { o.Attributes["tenant"] = "none" })
	if got := came(trial); got.Outcome != oriel.CodeTenantMismatch || got.Identity == nil {
		t.Errorf("%+v", got)
	}
	for name, bad := range map[string]string{"invented": strings.Repeat("A", 43), "of another provider": func() string {
		h.apply(oriel.Declaration{Providers: []oriel.Provider{p, corp("other")}})
		other, _ := h.trial("other")
		return other
	}()} {
		if _, err := h.startsOr(signin.SAMLStartRequest{Trial: bad}); oriel.CodeOf(err) != oriel.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A person signed in, and the page never came: the record says so.
func TestSAML_abandonedCode(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	code := h.code(nil)
	h.wait(2 * time.Minute)
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var reference string
	if err := h.outside.QueryRowContext(t.Context(), `SELECT reference FROM sign_in_records WHERE outcome = 'code_invalid' AND origin = ? AND provider = 'corp' AND user_id = ''`, page).Scan(&reference); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(h.checks(reference), ","); !strings.Contains(got, "signature passed") || !strings.Contains(got, "code failed") || !strings.Contains(got, "account skipped") {
		t.Errorf("the record has %s", got)
	}
	if _, err := h.signin.Redeem(t.Context(), h.redemption(code)); oriel.CodeOf(err) != oriel.CodeCodeInvalid {
		t.Error(err)
	}
}
