package httpapi_test

import (
	"crypto/tls"
	"html"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

const logoutPath = "/auth/saml/corp/logout"

// ownKeys are those of the site as a service provider.
var ownKeys = sync.OnceValues(func() ([]tls.Certificate, error) {
	own := samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return []tls.Certificate{{Certificate: [][]byte{own.DER}, PrivateKey: own.Key}}, nil
})

func withSignOut(p *oriel.Provider) { p.SAML.SignOutURI = "https://idp.example.com/slo" }

// signedInBySAML gives the cookie of a person, in a session of the identity provider.
func (s *site) signedInBySAML(name, index string) string {
	s.t.Helper()
	away := s.samlStart("", typed)
	r := s.ask("POST", acsPath, s.samlForm(away, func(o *samltest.Order) {
		o.Name, o.Session, o.Attributes = name, index, map[string]any{"email": name + "@corp.example"}
	}), with(ownForm, "Cookie", away.cookie)...)
	if r.status != 302 {
		s.t.Fatalf("%d %s", r.status, r.body)
	}
	return r.given()
}

// embeddedBySAML gives the token of a person's page, by a popup.
func (s *site) embeddedBySAML(name, index string) string {
	s.t.Helper()
	away := s.samlStart(popupQuery(), opens)
	out := s.ask("POST", acsPath, s.samlForm(away, func(o *samltest.Order) {
		o.Name, o.Session, o.Attributes = name, index, map[string]any{"email": name + "@corp.example"}
	}), with(ownForm, "Cookie", away.cookie)...).outcome(s.t)
	r := s.redeem(out.Message.Code, "st-1", origin)
	if r.status != 200 {
		s.t.Fatalf("%d %s", r.status, r.body)
	}
	return between(string(r.body), `"token":"`, `"`)
}

func logoutOf(id, name string, sessions ...string) samltest.Logout {
	return samltest.Logout{Issuer: corpIdP, Destination: siteURL + logoutPath, ID: id, Name: name, Sessions: sessions, RelayState: "theirs", Key: corpKey(), At: time.Now()}
}

// TestSAML_S11_theProviderSignsOut: what the identity provider names ends, and
// nothing else; our answer is signed and says what it answers.
func TestSAML_S11_theProviderSignsOut(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut)
	dana1, dana2, gus := s.signedInBySAML("dana", "s-1"), s.signedInBySAML("dana", "s-2"), s.signedInBySAML("gus", "s-1")
	embedded := s.embeddedBySAML("dana", "s-1")
	r := s.ask("GET", logoutPath+"?"+logoutOf("_1", "dana", "s-1").Query(), "", opens...)
	to := r.sentTo(t)
	if to.Host != "idp.example.com" || to.Path != "/slo" || to.Query().Get("RelayState") != "theirs" || to.Query().Get("Signature") == "" {
		t.Errorf("sent to %s", to)
	}
	if answer := string(inflate(t, to.Query().Get("SAMLResponse"))); !strings.Contains(answer, `InResponseTo="_1"`) || !strings.Contains(answer, "status:Success") {
		t.Errorf("answered %s", answer)
	}
	for cookie, want := range map[string]string{dana1: "session_revoked", dana2: "dana@corp.example", gus: "gus@corp.example"} {
		if got := s.whose(cookie); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if r := s.as(embedded, "GET", "/api/v1/session", ""); r.code() != "session_revoked" {
		t.Errorf("the page's: %d %s", r.status, r.body)
	}
	// Without a session, all of the name end.
	if r := s.ask("GET", logoutPath+"?"+logoutOf("_2", "dana").Query(), "", opens...); r.status != 302 || s.whose(dana2) != "session_revoked" || s.whose(gus) != "gus@corp.example" {
		t.Errorf("%d %s: %s, %s", r.status, r.body, s.whose(dana2), s.whose(gus))
	}
}

// TestSAML_S11_anAssertionBeforeASignOut makes no session after it, also not one
// whose code waits for its page.
func TestSAML_S11_anAssertionBeforeASignOut(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut)
	s.signedInBySAML("dana", "s-1")
	away := s.samlStart(popupQuery(), opens)
	dana := func(o *samltest.Order) { o.Name, o.Attributes = "dana", map[string]any{"email": "dana@corp.example"} }
	out := s.ask("POST", acsPath, s.samlForm(away, dana), with(ownForm, "Cookie", away.cookie)...).outcome(t)
	late := s.samlStart("", typed)
	form := s.samlForm(late, dana)
	if r := s.ask("GET", logoutPath+"?"+logoutOf("_1", "dana").Query(), "", opens...); r.status != 302 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.redeem(out.Message.Code, "st-1", origin); r.code() != "saml_response_invalid" {
		t.Errorf("the code: %d %s", r.status, r.body)
	}
	if r := s.ask("POST", acsPath, form, with(ownForm, "Cookie", late.cookie)...); r.status != 401 {
		t.Errorf("the response: %d %s", r.status, r.body)
	}
}

// TestSAML_S11_invalidOnesEndNothing: 403, and the session is kept.
func TestSAML_S11_invalidOnesEndNothing(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut)
	dana := s.signedInBySAML("dana", "s-1")
	good := logoutOf("_1", "dana", "s-1")
	changed := func(change func(*samltest.Logout)) string {
		l := good
		change(&l)
		return l.Query()
	}
	asks := func(query string) reply { return s.ask("GET", logoutPath+"?"+query, "") }
	used := logoutOf("_9", "nobody").Query()
	if r := asks(used); r.status != 302 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	unsigned, _, _ := strings.Cut(good.Query(), "&SigAlg")
	for name, r := range map[string]reply{
		"unsigned":            asks(unsigned),
		"another certificate": asks(changed(func(l *samltest.Logout) { l.Key = samltest.NewPair(time.Now(), time.Now().Add(time.Hour)) })),
		"another issuer":      asks(changed(func(l *samltest.Logout) { l.Issuer = "https://evil.example.org" })),
		"another destination": asks(changed(func(l *samltest.Logout) { l.Destination = siteURL + acsPath })),
		"another state":       asks(strings.Replace(good.Query(), "theirs", "others", 1)),
		"twice":               asks(used),
		"an answer to nobody": asks(changed(func(l *samltest.Logout) { l.InResponseTo = "_x" })),
		"garbage":             asks("SAMLRequest=AAAA&SigAlg=x&Signature=x"),
		"a form of garbage":   s.ask("POST", logoutPath, "SAMLRequest=AAAA", "Content-Type", "application/x-www-form-urlencoded"),
	} {
		if r.status != 403 || r.code() != "logout_request_invalid" || s.whose(dana) != "dana@corp.example" {
			t.Errorf("%s: %d %s, %s", name, r.status, r.body, s.whose(dana))
		}
	}
	for name, r := range map[string]reply{
		"both":                      asks(good.Query() + "&SAMLResponse=x"),
		"ahead":                     s.ask("GET", logoutPath+"?"+good.Query(), "", "Sec-Purpose", "prefetch"),
		"HEAD":                      s.ask("HEAD", logoutPath+"?"+good.Query(), ""),
		"field twice":               asks(good.Query() + "&RelayState=x"),
		"a form with a field twice": s.ask("POST", logoutPath, "SAMLRequest=AAAA&SAMLRequest=BBBB", "Content-Type", "application/x-www-form-urlencoded"),
		"a form that leaves twice":  s.ask("POST", logoutPath, "return_to=/a&return_to=/b", with(ownForm, "Cookie", dana)...),
	} {
		if r.status != 400 || s.whose(dana) != "dana@corp.example" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	// The record says what was wrong.
	records := read[httpapi.SignInList](t, s.with(s.admin(oriel.ScopeAdminAuthentication), "GET", "/api/v1/sign-ins?outcome=logout_request_invalid", ""), 200)
	if text := body(t, records); !strings.Contains(text, "not signed") || strings.Contains(text, `certificate \"\"`) {
		t.Errorf("the records are %s", text)
	}
	// A provider without the setting has no sign-outs.
	s.addCorp(func(p *oriel.Provider) { p.Slug = "quiet" })
	l := good
	l.Destination = siteURL + "/auth/saml/quiet/logout"
	if r := s.ask("GET", "/auth/saml/quiet/logout?"+l.Query(), ""); r.code() != "logout_request_invalid" {
		t.Errorf("without the setting: %d %s", r.status, r.body)
	}
	// What the binding has beside what is signed (SAML Bindings §3.4.4.1).
	if r := asks(logoutOf("_7", "nobody").Query() + "&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE"); r.status != 302 {
		t.Errorf("with its encoding: %d %s", r.status, r.body)
	}
	if r := asks(good.Query()); r.status != 302 || s.whose(dana) != "session_revoked" {
		t.Errorf("the good one: %d %s", r.status, r.body)
	}
}

// TestSAML_S11_weSignOut: the person is asked, signed out here, and sent to the
// identity provider with a signed request; its answer leads back.
func TestSAML_S11_weSignOut(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut)
	dana := s.signedInBySAML("dana", "s-1")
	page := s.ask("GET", logoutPath+"?return_to=/bye", "", with(opens, "Cookie", dana)...)
	if page.status != 200 || !strings.Contains(string(page.body), `value="/bye"`) || s.whose(dana) != "dana@corp.example" ||
		!strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self';") {
		t.Errorf("the page: %d %v %s", page.status, page.header, page.body)
	}
	// Whoever has no session of this browser is told that there is nothing to end.
	if r := s.ask("GET", logoutPath, "", opens...); r.status != 200 || !strings.Contains(string(r.body), "Nobody is signed in here") || strings.Contains(string(r.body), "<form") {
		t.Errorf("nobody: %d %s", r.status, r.body)
	}
	for name, header := range map[string][]string{"a foreign page's form": posted, "no word of anybody": {"Content-Type", "application/x-www-form-urlencoded"}} {
		if r := s.ask("POST", logoutPath, "return_to=/bye", with(header, "Cookie", dana)...); r.status != 403 || s.whose(dana) != "dana@corp.example" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := s.ask("POST", logoutPath, "return_to="+url.QueryEscape("//evil.example"), with(ownForm, "Cookie", dana)...); r.status != 400 {
		t.Errorf("a foreign target: %d %s", r.status, r.body)
	}
	r := s.ask("POST", logoutPath, "return_to=/bye", with(ownForm, "Cookie", dana)...)
	// Not by a redirect: that would be held to our form-action wherever it leads on to.
	to, err := url.Parse(html.UnescapeString(between(string(r.body), `id="go" href="`, `"`)))
	if err != nil || r.status != 200 || !strings.Contains(r.header.Get("Content-Security-Policy"), "form-action 'self';") {
		t.Fatalf("%d %v %s", r.status, r.header, r.body)
	}
	request := string(inflate(t, to.Query().Get("SAMLRequest")))
	if to.Host != "idp.example.com" || to.Query().Get("Signature") == "" || !strings.Contains(request, ">dana</") || !strings.Contains(request, "s-1") || s.whose(dana) != "session_revoked" {
		t.Errorf("sent to %s with %s; %s", to, request, s.whose(dana))
	}
	answer := samltest.Logout{
		Issuer: corpIdP, Destination: siteURL + logoutPath, ID: "_a", InResponseTo: between(request, `ID="`, `"`), RelayState: to.Query().Get("RelayState"), Key: corpKey(), At: time.Now(),
	}
	other := answer
	other.InResponseTo = "_other"
	if r := s.ask("GET", logoutPath+"?"+other.Query(), ""); r.code() != "logout_request_invalid" {
		t.Errorf("another request's answer: %d %s", r.status, r.body)
	}
	if r := s.ask("GET", logoutPath+"?"+answer.Query(), "", opens...); r.status != 302 || r.header.Get("Location") != "/bye" {
		t.Errorf("the answer: %d %v %s", r.status, r.header, r.body)
	}
	if r := s.ask("GET", logoutPath+"?"+answer.Query(), ""); r.code() != "logout_request_invalid" {
		t.Errorf("twice: %d %s", r.status, r.body)
	}
	// Who is not signed in, or not by it, is sent on.
	s.addHost()
	for _, cookie := range []string{"", s.landsAs("ann")} {
		r := s.ask("POST", logoutPath, "return_to=/bye", with(ownForm, "Cookie", cookie)...)
		if r.status != 302 || r.header.Get("Location") != "/bye" {
			t.Errorf("%q: %d %v %s", cookie, r.status, r.header, r.body)
		}
	}
}

// Our answers go where the identity provider wants them.
func TestSAML_signOutAnswerElsewhere(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut, func(p *oriel.Provider) { p.SAML.SignOutAnswerURI = "https://idp.example.com/slo2" })
	to := s.ask("GET", logoutPath+"?"+logoutOf("_1", "nobody").Query(), "", opens...).sentTo(t)
	answer := string(inflate(t, to.Query().Get("SAMLResponse")))
	if to.Path != "/slo2" || !strings.Contains(answer, `Destination="https://idp.example.com/slo2"`) {
		t.Errorf("sent to %s with %s", to, answer)
	}
	dana := s.signedInBySAML("dana", "s-1")
	r := s.ask("POST", logoutPath, "return_to=/bye", with(ownForm, "Cookie", dana)...)
	if !strings.Contains(string(r.body), `href="https://idp.example.com/slo?`) {
		t.Errorf("our own request: %s", r.body)
	}
}

// What the identity provider did not end is said, and stands in the record; here
// the person is signed out whatever it says.
func TestSAML_signedOutMaybeNotEverywhere(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(withSignOut)
	outcomes := func() string {
		return body(t, read[httpapi.SignInList](t, s.with(s.admin(oriel.ScopeAdminAuthentication), "GET", "/api/v1/sign-ins?provider=corp&limit=1", ""), 200))
	}
	for _, status := range []string{"PartialLogout", "Responder"} {
		dana := s.signedInBySAML("dana", "s-1")
		r := s.ask("POST", logoutPath, "return_to=/bye", with(ownForm, "Cookie", dana)...)
		to, err := url.Parse(html.UnescapeString(between(string(r.body), `id="go" href="`, `"`)))
		if err != nil {
			t.Fatal(err)
		}
		answer := logoutOf("_"+status, "")
		answer.InResponseTo = between(string(inflate(t, to.Query().Get("SAMLRequest"))), `ID="`, `"`)
		answer.RelayState, answer.Status = to.Query().Get("RelayState"), status
		r = s.ask("GET", logoutPath+"?"+answer.Query(), "", opens...)
		if page := string(r.body); r.status != 200 || !strings.Contains(page, "Signed out here, maybe not everywhere") || !strings.Contains(page, `<a href="/bye">`) ||
			s.whose(dana) != "session_revoked" {
			t.Errorf("%s: %d %s", status, r.status, page)
		}
		if text := outcomes(); !strings.Contains(text, `"idp_refused"`) || !strings.Contains(text, status) {
			t.Errorf("%s: the record is %s", status, text)
		}
		if r := s.ask("GET", logoutPath+"?"+answer.Query(), ""); r.code() != "logout_request_invalid" {
			t.Errorf("twice: %d %s", r.status, r.body)
		}
	}
}
