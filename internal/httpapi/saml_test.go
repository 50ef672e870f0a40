package httpapi_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

const (
	corpIdP = "https://idp.example.com/saml"
	acsPath = "/auth/saml/corp/acs"
)

var corpKey = sync.OnceValue(func() samltest.Pair {
	return samltest.NewPair(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
})

var (
	// typed is a person who opens an address, or a page of ours that does.
	typed = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none", "Accept", "text/html"}
	// posted is a form of the identity provider's page, and ownForm one of ours.
	posted  = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "cross-site", "Accept", "text/html", "Origin", "https://idp.example.com", "Content-Type", "application/x-www-form-urlencoded"}
	ownForm = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "same-origin", "Accept", "text/html", "Origin", siteURL, "Content-Type", "application/x-www-form-urlencoded"}
)

// addCorp adds a SAML provider, changed by what is given.
func (s *site) addCorp(change ...func(*oriel.Provider)) {
	s.t.Helper()
	p := oriel.Provider{
		Slug: "corp", Method: oriel.MethodSAML, Enabled: true, Issuer: corpIdP, SignInURI: "https://idp.example.com/sso", Create: true,
		Claims: oriel.DefaultClaimNames(), Keys: []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyX509, Public: []byte(corpKey().Certificate)}},
	}
	for _, c := range change {
		c(&p)
	}
	if _, err := s.store.CreateProvider(s.t.Context(), "operator", p); err != nil {
		s.t.Fatal(err)
	}
}

// samlAway is a browser at the identity provider.
type samlAway struct{ relay, request, cookie string }

func (s *site) samlStart(query string, header []string) samlAway {
	s.t.Helper()
	r := s.ask("GET", "/auth/saml/corp/start?"+query, "", header...)
	to := r.sentTo(s.t)
	var asked struct {
		ID string `xml:",attr"`
	}
	if err := xml.Unmarshal(inflate(s.t, to.Query().Get("SAMLRequest")), &asked); err != nil {
		s.t.Fatal(err)
	}
	return samlAway{relay: to.Query().Get("RelayState"), request: asked.ID, cookie: r.given()}
}

// inflate reads a message of a redirect.
func inflate(t *testing.T, text string) []byte {
	t.Helper()
	deflated, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated)))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// samlForm is what the identity provider has the browser post.
func (s *site) samlForm(away samlAway, change ...func(*samltest.Order)) string {
	s.t.Helper()
	o := samltest.Order{
		Issuer: corpIdP, Audience: siteURL + "/auth/saml/corp/metadata", Destination: siteURL + acsPath, Recipient: siteURL + acsPath,
		Request: away.request, Session: "s-1", Name: "dana-17", Format: samltest.Persistent, Sign: []string{"assertion"},
		Key: corpKey().Private, Certificate: corpKey().Certificate, Attributes: map[string]any{"email": "dana@corp.example"},
	}
	for _, c := range change {
		c(&o)
	}
	return url.Values{"SAMLResponse": {samltest.Respond(s.t, "samlp", o)[0]}, "RelayState": {away.relay}}.Encode()
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// TestSAML_throughTwoSteps: the form comes from the identity provider's page,
// once more from ours, and only then is anything looked at.
func TestSAML_throughTwoSteps(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp()
	away := s.samlStart("return_to=/dashboards/7", typed)
	cookie := s.ask("GET", "/auth/saml/corp/start", "", with(typed, "Cookie", away.cookie)...)
	if got := cookie.given(); got != away.cookie {
		t.Errorf("a second start gave the browser another binding: %q, %q", got, away.cookie)
	}
	if line := strings.Join(cookie.header.Values("Set-Cookie"), "\n"); !strings.Contains(line, "oriel_saml=") || !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=Lax") || !strings.Contains(line, "Max-Age=1800") {
		t.Errorf("the cookie is %q", line)
	}
	form := s.samlForm(away)
	first := s.ask("POST", acsPath, form, with(posted, "Cookie", away.cookie)...)
	policy := first.header.Get("Content-Security-Policy")
	if first.status != 200 || first.given() != "" || first.header.Get("Referrer-Policy") != "same-origin" ||
		!strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "base-uri 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Fatalf("the first step: %d %v %s", first.status, first.header, first.body)
	}
	again := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(string(first.body), -1) {
		again.Set(field[1], strings.NewReplacer("&#43;", "+", "&#34;", `"`, "&amp;", "&").Replace(field[2]))
	}
	if !strings.Contains(string(first.body), `action="`+acsPath+`"`) || again.Get("SAMLResponse") != parsed(t, form).Get("SAMLResponse") || again.Get("RelayState") != away.relay {
		t.Errorf("the page posts %v", again)
	}
	r := s.ask("POST", acsPath, again.Encode(), with(ownForm, "Cookie", away.cookie)...)
	if r.status != 302 || r.header.Get("Location") != "/dashboards/7" || s.whose(r.given()) != "dana@corp.example" {
		t.Fatalf("the second step: %d %v %s", r.status, r.header, r.body)
	}
	if r := s.ask("POST", acsPath, again.Encode(), with(ownForm, "Cookie", away.cookie)...); r.status != 401 || !strings.Contains(string(r.body), "used before") {
		t.Errorf("twice: %d %s", r.status, r.body)
	}
}

func parsed(t *testing.T, form string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestSAML_start: it is opened by a person, in a window, for a place on this site.
func TestSAML_start(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp()
	challenge := strings.Repeat("c", 43)
	popup := "origin=" + url.QueryEscape(origin) + "&state=abc&code_challenge=" + challenge
	asks := func(query string, header []string) reply {
		return s.ask("GET", "/auth/saml/corp/start?"+query, "", header...)
	}
	for name, c := range map[string]struct {
		r    reply
		code string
	}{
		"a frame":              {asks("", framed), "invalid_request"},
		"via without a page":   {asks("via=redirect", typed), "invalid_request"},
		"via another way":      {asks(popup+"&via=carrier", typed), "invalid_request"},
		"a frame of a popup's": {asks(popup, framed), "invalid_request"},
		"an image":             {asks("", []string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}), "invalid_request"},
		"a fetch":              {asks(popup, []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", origin}), "invalid_request"},
		"a prefetch":           {asks("", with(typed, "Sec-Purpose", "prefetch")), "invalid_request"},
		"a foreign target":     {asks("return_to=//evil.example", typed), "redirect_not_allowed"},
		"both targets":         {asks("return_to=/a&redirect=/b", typed), "invalid_request"},
		"twice":                {asks("state=a&state=b", typed), "invalid_request"},
		"a foreign page":       {asks(strings.Replace(popup, "7430", "9999", 1), opens), "origin_not_allowed"},
		"S9 markup":            {asks("state=abc&code_challenge="+challenge+"&origin="+url.QueryEscape(origin+`"></script><script>alert(1)</script>`), opens), "origin_not_allowed"},
		"S9 no challenge":      {asks("state=abc&origin="+url.QueryEscape(origin), opens), "invalid_request"},
		"S9 no state":          {asks("code_challenge="+challenge+"&origin="+url.QueryEscape(origin), opens), "invalid_request"},
		"another way":          {asks(popup+"&via=frame", opens), "invalid_request"},
		"no way back":          {asks(popup+"&via=redirect", opens), "invalid_request"},
		"S9 a state of markup": {asks("state=%3Cscript%3E&code_challenge="+challenge+"&origin="+url.QueryEscape(origin), opens), "invalid_request"},
		"another provider":     {s.ask("GET", "/auth/saml/none/start", "", typed...), "provider_unknown"},
		"a JWT provider":       {s.ask("GET", "/auth/saml/apron/start", "", typed...), "provider_unknown"},
	} {
		text := string(c.r.body)
		// What a person opened is told on a page, a script gets the problem.
		if isPage := strings.HasPrefix(c.r.header.Get("Content-Type"), "text/html"); !isPage && c.r.code() != c.code || isPage && !strings.Contains(s.log.String(), `"code":"`+c.code+`"`) {
			t.Errorf("%s: %d %s", name, c.r.status, text)
		}
		if c.r.status < 400 || c.r.given() != "" || c.r.header.Get("Location") != "" || strings.Contains(text, "evil") || strings.Contains(text, "alert(1)") {
			t.Errorf("%s: %d %v %s", name, c.r.status, c.r.header, text)
		}
	}
	if r := s.ask("HEAD", "/auth/saml/corp/start", "", typed...); r.status < 400 || r.given() != "" {
		t.Errorf("HEAD began a sign-in: %d", r.status)
	}
	// The browser's way in leads here.
	s.addHost()
	if r := s.sso(opens, "return_to", "/dashboards/7"); r.status != 302 || r.header.Get("Location") != siteURL+"/auth/saml/corp/start?return_to=%2Fdashboards%2F7" {
		t.Errorf("with both methods on: %d %v %s", r.status, r.header, r.body)
	}
	if r := s.sso(opens, "preferred_method", "jwt", "provider", "host"); !strings.HasPrefix(r.header.Get("Location"), "http://127.0.0.1:7432/") {
		t.Errorf("JWT preferred: %d %v %s", r.status, r.header, r.body)
	}
}

// TestSAML_whoseFormItIs: the second step is a form of ours, and nothing else.
func TestSAML_whoseFormItIs(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp()
	away := s.samlStart("", typed)
	form := s.samlForm(away)
	old := []string{"Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded"}
	for name, header := range map[string][]string{
		"an old browser":     with(old, "Origin", "https://idp.example.com"),
		"no word of anybody": old,
		"a sandbox":          with(old, "Origin", "null"),
		"the same site":      with(old, "Sec-Fetch-Site", "same-site", "Origin", origin),
	} {
		r := s.ask("POST", acsPath, form, with(header, "Cookie", away.cookie)...)
		if r.status != 200 || r.given() != "" || !strings.Contains(string(r.body), "SAMLResponse") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		// It is not sent round for ever.
		if r := s.ask("POST", acsPath, form+"&again=1", with(header, "Cookie", away.cookie)...); r.status != 403 || r.given() != "" {
			t.Errorf("%s, again: %d %s", name, r.status, r.body)
		}
	}
	for name, body := range map[string]string{
		"no response":  "RelayState=x",
		"two":          form + "&SAMLResponse=x",
		"two relays":   form + "&RelayState=x",
		"a long relay": "SAMLResponse=x&RelayState=" + strings.Repeat("a", 3000),
	} {
		if r := s.ask("POST", acsPath, body, with(ownForm, "Cookie", away.cookie)...); r.status != 400 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := s.ask("POST", acsPath, "SAMLResponse="+strings.Repeat("A", 600<<10), ownForm...); r.status != 413 {
		t.Errorf("enormous: %d", r.status)
	}
	if r := s.ask("POST", acsPath, form, with(old, "Origin", siteURL, "Cookie", away.cookie)...); r.status != 302 {
		t.Errorf("our own page in an old browser: %d %s", r.status, r.body)
	}
}

// TestSAML_liveSession: another person's session stays unless this one began it.
func TestSAML_liveSession(t *testing.T) {
	s := newSite(t, interactive)
	s.addCorp(func(p *oriel.Provider) { p.SAML.IdPInitiated = true })
	s.addHost()
	ann := s.landsAs("ann")
	away := s.samlStart("", with(opens, "Cookie", ann)) // another site's page began
	if r := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", ann+"; "+away.cookie)...); r.status != 403 || r.given() != "" || s.whose(ann) != "ann@host.example" {
		t.Errorf("begun by a foreign page: %d %s", r.status, r.body)
	}
	if r := s.ask("POST", acsPath, s.samlForm(samlAway{}), with(ownForm, "Cookie", ann)...); r.status != 403 || s.whose(ann) != "ann@host.example" {
		t.Errorf("nobody asked: %d %s", r.status, r.body)
	}
	away = s.samlStart("", with(typed, "Cookie", ann))
	r := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", ann+"; "+away.cookie)...)
	if r.status != 302 || s.whose(r.given()) != "dana@corp.example" || s.whose(ann) != "session_revoked" {
		t.Errorf("begun by the person: %d %s; before: %s", r.status, r.body, s.whose(ann))
	}
	// Where an answer goes that nobody asked for is held to this site.
	for relay, want := range map[string]string{"/dashboards/7": "/dashboards/7", siteURL + "/x": "/x", "anything": "/", "": "/"} {
		r := s.ask("POST", acsPath, s.samlForm(samlAway{relay: relay}), ownForm...)
		if r.status != 302 || r.header.Get("Location") != want {
			t.Errorf("%q: %d %v %s", relay, r.status, r.header, r.body)
		}
	}
	for _, relay := range []string{"//evil.example", "https://evil.example/", "/auth/sso", "javascript:alert(1)"} {
		form := s.samlForm(samlAway{relay: relay})
		if r := s.ask("POST", acsPath, form, ownForm...); r.status != 400 || r.given() != "" || strings.Contains(string(r.body), "evil") {
			t.Errorf("%q: %d %v %s", relay, r.status, r.header, r.body)
		}
	}
}

// samlOutcome is what the last page of a popup does.
type samlOutcome struct {
	Origin, Callback string
	Message          struct {
		Type, State, Code, Error string
		RequestID                string `json:"request_id"`
	}
}

var outcomeField = regexp.MustCompile(`(?s)<script type="application/json" id="outcome" nonce="([^"]+)">(.*?)</script>`)

func (r reply) outcome(t *testing.T) (out samlOutcome) {
	t.Helper()
	found := outcomeField.FindSubmatch(r.body)
	if found == nil || json.Unmarshal(found[2], &out) != nil || !strings.Contains(r.header.Get("Content-Security-Policy"), "'nonce-"+string(found[1])+"'") {
		t.Fatalf("no outcome: %d %v %s", r.status, r.header, r.body)
	}
	return out
}

const popupVerifier = "a-verifier-that-only-the-page-has-0123456789"

// popupQuery is that of a page with markup for a state's neighbours.
func popupQuery() string {
	sum := sha256.Sum256([]byte(popupVerifier))
	return url.Values{"origin": {origin}, "state": {"st-1"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}.Encode()
}

func (s *site) redeem(code, state, from string) reply {
	s.t.Helper()
	return s.ask("POST", "/api/v1/session", body(s.t, map[string]string{"code": code, "code_verifier": popupVerifier, "state": state}), "Content-Type", "text/plain", "Origin", from)
}

// TestSAML_S9_popup: the page that opened it gets a session for its code, once.
func TestSAML_S9_popup(t *testing.T) {
	s := newSite(t)
	s.addCorp(func(p *oriel.Provider) { p.SAML.Callbacks = []string{origin + "/oriel-done"} })
	s.addHost()
	if r := s.ask("GET", "/auth/sso?client=sdk", "", "Origin", origin); r.code() != "" || !strings.Contains(string(r.body), `"method":"saml","url":"`+siteURL+`/auth/saml/corp/start"`) {
		t.Errorf("discovery: %d %s", r.status, r.body)
	}
	away := s.samlStart(popupQuery(), opens)
	r := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...)
	out := r.outcome(t)
	if r.status != 200 || r.given() != "" || out.Origin != origin || out.Callback != origin+"/oriel-done" || out.Message.Type != "ORIEL_AUTH" || out.Message.State != "st-1" || len(out.Message.Code) != 43 || out.Message.Error != "" {
		t.Fatalf("%+v %s", out, r.body)
	}
	if strings.Contains(string(r.body), "ors_") || strings.Contains(string(r.body), popupVerifier) {
		t.Error("the page holds a session or the verifier")
	}
	if r := s.redeem(out.Message.Code, "st-1", foreign); r.code() != "code_invalid" {
		t.Errorf("a foreign page: %d %s", r.status, r.body)
	}
	if r := s.redeem(out.Message.Code, "st-1", origin); r.code() != "code_invalid" {
		t.Errorf("the code outlived a foreign page's try: %d %s", r.status, r.body)
	}
	away = s.samlStart(popupQuery(), opens)
	out = s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...).outcome(t)
	session := s.redeem(out.Message.Code, "st-1", origin)
	var made struct {
		Token string
		User  struct{ Email string }
	}
	if err := json.Unmarshal(session.body, &made); err != nil || session.status != 200 || made.User.Email != "dana@corp.example" || session.header.Get("Access-Control-Allow-Origin") != origin {
		t.Fatalf("%d %v %s", session.status, session.header, session.body)
	}
	if r := s.as(made.Token, "GET", "/api/v1/session", ""); r.status != 200 {
		t.Errorf("the session: %d %s", r.status, r.body)
	}
	if r := s.redeem(out.Message.Code, "st-1", origin); r.code() != "code_invalid" || r.status != 401 {
		t.Errorf("twice: %d %s", r.status, r.body)
	}
	for name, text := range map[string]string{
		"no verifier": `{"code":"x","state":"y"}`, "no state": `{"code":"x","code_verifier":"y"}`, "both": `{"code":"x","code_verifier":"y","state":"z","jwt":"w"}`, "numbers": `{"code":1,"code_verifier":"y","state":"z"}`,
	} {
		if r := s.ask("POST", "/api/v1/session", text, "Content-Type", "text/plain", "Origin", origin); r.code() != "invalid_request" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

// A refusal reaches the page that opened the popup, with its reference.
func TestSAML_S9_refusedPopup(t *testing.T) {
	s := newSite(t)
	s.addCorp(func(p *oriel.Provider) { p.Create = false })
	away := s.samlStart(popupQuery(), opens)
	wrong := s.ask("POST", acsPath, s.samlForm(away, func(o *samltest.Order) { o.Audience = "https://elsewhere.example" }), with(ownForm, "Cookie", away.cookie)...)
	out := wrong.outcome(t)
	if wrong.status != 401 || out.Message.Error != "saml_response_invalid" || out.Message.Code != "" || out.Message.State != "st-1" || out.Message.RequestID != wrong.header.Get("X-Request-Id") || out.Origin != origin {
		t.Errorf("%d %+v", wrong.status, out)
	}
	// The account is looked at when the page comes.
	out = s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...).outcome(t)
	if r := s.redeem(out.Message.Code, "st-1", origin); r.code() != "user_not_provisioned" {
		t.Errorf("%d %s", r.status, r.body)
	}
	// An answer without the browser's own start belongs to no popup.
	if r := s.ask("POST", acsPath, s.samlForm(s.samlStart(popupQuery(), opens)), ownForm...); r.status != 401 || strings.Contains(string(r.body), "outcome") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// §3.3: the one SAML provider also answers at the address for whichever it is.
func TestSAML_defaultACS(t *testing.T) {
	s := newSite(t, interactive)
	elsewhere := func(o *samltest.Order) { o.Destination, o.Recipient = siteURL+"/auth/sso", siteURL+"/auth/sso" }
	if r := s.ask("POST", "/auth/sso", "SAMLResponse=x", ownForm...); r.status != 400 {
		t.Errorf("without one: %d %s", r.status, r.body)
	}
	s.addCorp()
	away := s.samlStart("", typed)
	form := s.samlForm(away, elsewhere)
	if first := s.ask("POST", "/auth/sso", form, with(posted, "Cookie", away.cookie)...); first.status != 200 || !strings.Contains(string(first.body), `action="/auth/sso"`) {
		t.Errorf("first step: %d %s", first.status, first.body)
	}
	if r := s.ask("POST", "/auth/sso", form, with(ownForm, "Cookie", away.cookie)...); r.status != 302 || s.whose(r.given()) != "dana@corp.example" {
		t.Errorf("%d %s", r.status, r.body)
	}
	away = s.samlStart("", typed)
	if r := s.ask("POST", acsPath, s.samlForm(away, elsewhere), with(ownForm, "Cookie", away.cookie)...); r.status != 401 {
		t.Errorf("for the other address: %d", r.status)
	}
	s.addCorp(func(p *oriel.Provider) { p.Slug = "other" })
	if r := s.ask("POST", "/auth/sso", form, ownForm...); r.status != 400 {
		t.Errorf("of two: %d", r.status)
	}
}

// Nothing of a sign-in's secrets reaches the log.
func TestSAML_logsNoSecret(t *testing.T) {
	s := newSite(t)
	s.addCorp()
	away := s.samlStart(popupQuery(), opens)
	form := s.samlForm(away)
	out := s.ask("POST", acsPath, form, with(ownForm, "Cookie", away.cookie)...).outcome(t)
	s.redeem(out.Message.Code, "st-1", origin)
	s.redeem(out.Message.Code, "st-1", origin)
	_, binding, _ := strings.Cut(away.cookie, "=")
	secrets := []string{away.relay, binding, out.Message.Code, popupVerifier, parsed(t, form).Get("SAMLResponse")[:60]}
	if found := slices.IndexFunc(secrets, func(secret string) bool { return strings.Contains(s.log.String(), secret) }); found >= 0 {
		t.Errorf("the log holds secret %d", found)
	}
}

// An administrator tries a provider out over the API.
func TestSAML_trial(t *testing.T) {
	s := newSite(t)
	s.addCorp(func(p *oriel.Provider) { p.Enabled = false })
	key := s.admin(oriel.ScopeAdminAuthentication)
	begun := s.with(key, "POST", "/api/v1/providers/corp/trials", "")
	var link struct{ ID, URL string }
	if err := json.Unmarshal(begun.body, &link); err != nil || begun.status != 201 {
		t.Fatalf("%d %s", begun.status, begun.body)
	}
	asked := s.with(key, "GET", "/api/v1/providers/corp/trials/"+link.ID, "")
	if !strings.Contains(string(asked.body), `"state":"waiting"`) {
		t.Errorf("%d %s", asked.status, asked.body)
	}
	_, query, _ := strings.Cut(link.URL, "?")
	away := s.samlStart(query, typed)
	r := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...)
	if r.status != 200 || !strings.Contains(string(r.body), "The test is over") || r.given() != "" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	asked = s.with(key, "GET", "/api/v1/providers/corp/trials/"+link.ID, "")
	check(t, description(t), "GET", "/api/v1/providers/{id}/trials/{trial}", asked)
	for _, want := range []string{`"state":"accepted"`, `"email":"dana@corp.example"`, `"new_user":true`, `"name":"signature","outcome":"passed"`} {
		if !strings.Contains(string(asked.body), want) {
			t.Errorf("without %s: %s", want, asked.body)
		}
	}
}

// A page whose origin is authorized no longer hears nothing, not even why.
func TestSAML_S9_originTakenAwayMeanwhile(t *testing.T) {
	s := newSite(t)
	s.addCorp()
	away := s.samlStart(popupQuery(), opens)
	allowed, err := oriel.ParseOrigin(origin, oriel.OriginOptions{SiteURL: siteURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.RemoveOrigin(t.Context(), "operator", allowed); err != nil {
		t.Fatal(err)
	}
	r := s.ask("POST", acsPath, s.samlForm(away), with(ownForm, "Cookie", away.cookie)...)
	if r.status != 403 || strings.Contains(string(r.body), `id="outcome"`) || strings.Contains(string(r.body), "ORIEL_AUTH") {
		t.Errorf("%d %s", r.status, r.body)
	}
}
