package httpapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

func embeddingOff(o *signin.Options) { o.EmbeddingOn, o.InteractiveOn = false, true }

// sentTo is where a start sends the browser.
func (r reply) sentTo(t *testing.T) *url.URL {
	t.Helper()
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || r.status != http.StatusFound || to.Host == "" {
		t.Fatalf("the browser is sent nowhere: %d %v %s", r.status, r.header, r.body)
	}
	return to
}

// J2
func TestStart_J2(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	for _, name := range []string{"redirect", "return_to"} {
		r := s.sso(opens, "provider", "host", name, "/dashboards/7?a=1&b=2#c")
		if got, want := r.header.Get("Location"), "http://127.0.0.1:7432/sso?app=bi&return_to=%2Fdashboards%2F7%3Fa%3D1%26b%3D2%23c"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if r.given() != "" {
			t.Errorf("a compat provider got a state: %v", r.header)
		}
	}
	strict := s.sso(opens, "provider", "apron", "redirect", "/dashboards/7").sentTo(t)
	state := strict.Query().Get("state")
	if strict.Host != "127.0.0.1:7431" || strict.Query().Get("return_to") != "/dashboards/7" || len(state) != 43 {
		t.Errorf("sent to %s", strict)
	}
	if bare := s.sso(nil, "provider", "host").sentTo(t); bare.Query().Get("return_to") != "/" {
		t.Errorf("without a target: sent to %s", bare)
	}
	for name, c := range map[string]struct {
		r    reply
		code string
	}{
		"several":            {s.sso(opens), "provider_ambiguous"},
		"unknown":            {s.sso(opens, "provider", "none"), "provider_unknown"},
		"a foreign target":   {s.sso(opens, "provider", "host", "return_to", "//evil.example"), "redirect_not_allowed"},
		"a target of ours":   {s.sso(opens, "provider", "host", "redirect", "/auth/sso"), "redirect_not_allowed"},
		"SAML":               {s.sso(opens, "provider", "host", "preferred_method", "saml"), "auth_method_unavailable"},
		"K7 a prefetch":      {s.sso(with(opens, "Sec-Purpose", "prefetch"), "provider", "apron"), "invalid_request"},
		"K7 an image":        {s.sso([]string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, "provider", "apron"), "invalid_request"},
		"K7 a foreign frame": {s.sso(with(framed, "Referer", foreign+"/"), "provider", "apron"), "origin_not_allowed"},
		"K7 a silent frame":  {s.sso(framed, "provider", "apron"), "origin_not_allowed"},
	} {
		if c.r.code() != c.code || c.r.given() != "" || c.r.header.Get("Location") != "" || strings.Contains(string(c.r.body), "evil") {
			t.Errorf("%s: got %d %v %s", name, c.r.status, c.r.header, c.r.body)
		}
	}
	if r := s.ask("HEAD", "/auth/sso?provider=apron", "", opens...); r.given() != "" || r.status != 400 {
		t.Errorf("HEAD began a sign-in: %d %v", r.status, r.header)
	}
	if r := s.sso(with(framed, "Referer", origin+"/"), "provider", "apron"); r.status != 302 || r.header.Get("Referrer-Policy") != "strict-origin" {
		t.Errorf("in a frame of an authorized page: %d %v", r.status, r.header)
	}
}

// J3, J5
func TestLanding_setsTheCookieAndSendsOn(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	for name, c := range map[string]struct {
		header []string
		query  []string
		to     string
	}{
		"a tab":           {opens, nil, "/"},
		"an old browser":  {[]string{"Accept", "text/html,*/*"}, []string{"return_to", "/dashboards/7"}, "/dashboards/7"},
		"token=true":      {opens, []string{"token", "true", "redirect", siteURL + "/x?y=1"}, "/x?y=1"},
		"an allowed page": {with(framed, "Referer", origin+"/"), nil, "/"},
	} {
		r := s.sso(c.header, append(c.query, "jwt", s.hostToken("dana"))...)
		if r.status != 302 || r.header.Get("Location") != c.to || r.header.Get("Referrer-Policy") != "no-referrer" ||
			r.header.Get("Cache-Control") != "no-store" || s.whose(r.given()) != "dana@host.example" {
			t.Errorf("%s: got %d %v %s", name, r.status, r.header, r.body)
		}
		line := r.header.Values("Set-Cookie")[1]
		if inFrame := strings.Contains(line, "SameSite=None") && strings.Contains(line, "Partitioned"); inFrame != (name == "an allowed page") {
			t.Errorf("%s: the cookie is %q", name, line)
		}
	}
}

// U2 at the landing: a bad target is refused before anything is spent.
func TestLanding_U2(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	token := s.hostToken("dana")
	for _, name := range []string{"return_to", "redirect"} {
		for _, target := range []string{"//evil.io", "https://127.0.0.1:7420/", "http://127.0.0.1:7420@evil.io", `/\evil.io`, "/auth/sso", "/api/v1/session", "javascript:alert(1)"} {
			r := s.sso(opens, "jwt", token, name, target)
			if r.status != 400 || r.code() != "redirect_not_allowed" || r.given() != "" || strings.Contains(string(r.body), "evil") {
				t.Errorf("%s: got %d %s", target, r.status, r.body)
			}
		}
	}
	if r := s.sso(opens, "jwt", token); r.status != 302 {
		t.Errorf("the token is spent: %s", r.body)
	}
}

func TestLanding_interactiveOff(t *testing.T) {
	s := newSite(t)
	s.addHost()
	token, strict := s.hostToken("dana"), s.token("dana", "DFW")
	for _, header := range [][]string{opens, framed, with(framed, "Referer", origin+"/"), {"Accept", "text/html"}} {
		for _, query := range [][]string{{"jwt", token}, {"jwt", token, "token", "true", "return_to", "/"}, {"jwt", strict}, nil} {
			r := s.sso(header, query...)
			if r.status != 403 || r.code() != "embedding_disabled" || r.header.Get("Set-Cookie") != "" || r.header.Get("Location") != "" {
				t.Errorf("%v %v: got %d %v %s", header, query, r.status, r.header, r.body)
			}
		}
	}
	s.post("/auth/sso", token, "Origin", origin).compat(t)
	s.post("/auth/sso", strict, "Origin", origin).compat(t)
}

// strictStart begins at the strict provider and gives the state and its cookie.
func (s *site) strictStart(header []string) (state, cookie string) {
	s.t.Helper()
	r := s.sso(header, "provider", "apron")
	return r.sentTo(s.t).Query().Get("state"), r.given()
}

func TestLanding_K7_strictNeedsTheStateOfItsStart(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	token := s.token("dana", "DFW")
	state, cookie := s.strictStart(opens)
	otherState, otherCookie := s.strictStart(opens)
	planted := strings.Replace(cookie, ".apron", ".host", 1)
	for name, c := range map[string]struct{ state, cookie string }{
		"no start":               {"", ""},
		"a state without cookie": {state, ""},
		"a cookie without state": {"", cookie},
		"another browser's":      {otherState, cookie},
		"and the other way":      {state, otherCookie},
		"another provider's":     {state, planted},
	} {
		query := []string{"jwt", token}
		if c.state != "" {
			query = append(query, "state", c.state)
		}
		r := s.sso(with(opens, "Cookie", c.cookie), query...)
		if r.status != 403 || r.code() != "cross_site_request" || r.given() != "" {
			t.Errorf("%s: got %d %v %s", name, r.status, r.header, r.body)
		}
	}
	r := s.sso(with(opens, "Cookie", cookie), "jwt", token, "state", state)
	if r.status != 302 || s.whose(r.given()) != "dana@example.com" || !strings.Contains(strings.Join(r.header.Values("Set-Cookie"), "\n"), "oriel_state=; Path=/; Max-Age=0") {
		t.Fatalf("got %d %v %s", r.status, r.header, r.body)
	}
	// One use, whatever the browser keeps.
	if r := s.sso(with(opens, "Cookie", cookie), "jwt", s.token("dana", "DFW"), "state", state); r.code() != "cross_site_request" {
		t.Errorf("a second use: got %d %s", r.status, r.body)
	}
	s.sleep(20 * time.Minute)
	if err := s.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := s.sso(with(opens, "Cookie", cookie), "jwt", s.token("dana", "DFW"), "state", state); r.code() != "cross_site_request" {
		t.Errorf("a use long after: got %d %s", r.status, r.body)
	}
	// A state of one provider binds no landing of another.
	live := s.landsAs("ann")
	state, cookie = s.strictStart(opens)
	r = s.sso(with(opens, "Cookie", cookie+"; "+live), "jwt", s.hostToken("bob"), "state", state)
	if r.status != 200 || s.whose(live) != "ann@host.example" {
		t.Errorf("a state of another provider replaced a session: %d %s", r.status, r.body)
	}
}

// Anybody's page can have a browser start, and a host that is somebody else's
// bring it back with a person of its own.
func TestLanding_K7_aStartByAForeignPageAsksToo(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	for site, asks := range map[string]bool{"cross-site": true, "same-site": true, "": true, "none": false, "same-origin": false} {
		start := slices.Clone(opens)
		start[5] = site
		if site == "" {
			start = []string{"Accept", "text/html"}
		}
		live := s.landsAs("ann")
		state, cookie := s.strictStart(with(start, "Cookie", live))
		token := s.token("mallory", "DFW")
		r := s.sso(with(opens, "Cookie", cookie+"; "+live), "jwt", token, "state", state)
		if !asks {
			if r.status != 302 || s.whose(r.given()) != "mallory@example.com" {
				t.Errorf("%q: got %d %s", site, r.status, r.body)
			}
			continue
		}
		if r.status != 200 || s.whose(live) != "ann@host.example" {
			t.Errorf("%q: got %d %v %s", site, r.status, r.header, r.body)
			continue
		}
		// The yes needs the state as much, and uses it up.
		nonce := nonceField.FindSubmatch(r.body)[1]
		if r := s.goOn(live, "nonce="+string(nonce)); r.status != 302 || s.whose(r.given()) != "mallory@example.com" {
			t.Errorf("%q: the yes: %d %s", site, r.status, r.body)
		}
		if r := s.sso(with(opens, "Cookie", cookie), "jwt", s.token("mallory", "DFW"), "state", state); r.code() != "cross_site_request" {
			t.Errorf("%q: the state again: %d %s", site, r.status, r.body)
		}
	}
	// Nor is it shown in a frame of whoever brought the state there.
	live := s.landsAs("ann")
	state, cookie := s.strictStart(opens)
	asked := s.sso(with(framed, "Cookie", cookie+"; "+live, "Referer", foreign+"/"), "jwt", s.token("mallory", "DFW"), "state", state)
	if asked.status != 403 || asked.code() != "origin_not_allowed" {
		t.Errorf("in a frame: %d %v %s", asked.status, asked.header, asked.body)
	}
	// Over one's own session, or none, nobody is asked.
	state, cookie = s.strictStart(opens)
	r := s.sso(with(opens, "Cookie", cookie), "jwt", s.token("dana", "DFW"), "state", state)
	live = r.given()
	state, cookie = s.strictStart(opens)
	if r := s.sso(with(opens, "Cookie", cookie+"; "+live), "jwt", s.token("dana", "DFW"), "state", state); r.status != 302 {
		t.Errorf("the same person: %d %s", r.status, r.body)
	}
}

func TestLanding_K7_aFrameOnAForeignPage(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	token := s.hostToken("mallory")
	for name, referer := range map[string]string{
		"a foreign page": foreign + "/", "no word of it": "", "a lookalike": origin + ".evil.example/", "null": "null", "data": "data:text/html,x",
		"a user in front": "http://127.0.0.1:7430@evil.example/",
	} {
		header := framed
		if referer != "" {
			header = with(framed, "Referer", referer)
		}
		for _, site := range []string{"cross-site", "same-site", "none", ""} {
			header := with(header)
			for i := range header {
				if header[i] == "cross-site" {
					header[i] = site
				}
			}
			r := s.sso(header, "jwt", token)
			if r.status != 403 || r.code() != "origin_not_allowed" || r.given() != "" {
				t.Errorf("%s, %q: got %d %v %s", name, site, r.status, r.header, r.body)
			}
		}
	}
	if r := s.sso(with(framed, "Referer", origin+"/"), "jwt", token); r.status != 302 {
		t.Errorf("the token is spent: %s", r.body)
	}
	// A strict one began on an authorized page; its host may be silent about it.
	state, cookie := s.strictStart(with(framed, "Referer", origin+"/"))
	if r := s.sso(with(framed, "Cookie", cookie), "jwt", s.token("dana", "DFW"), "state", state); r.status != 302 {
		t.Errorf("a strict landing in a frame: %d %s", r.status, r.body)
	}
	// The provider's own list narrows.
	narrowed, err := oriel.ParseOrigin("http://127.0.0.1:7440", oriel.OriginOptions{SiteURL: siteURL})
	if err != nil {
		t.Fatal(err)
	}
	other := newSite(t, interactive)
	other.addHost(func(p *oriel.Provider) { p.Origins = []oriel.Origin{narrowed} })
	if r := other.sso(with(framed, "Referer", origin+"/"), "jwt", other.hostToken("dana")); r.code() != "origin_not_allowed" {
		t.Errorf("a page that the provider does not list: %d %s", r.status, r.body)
	}
}

func TestLanding_replacesTheSamePersonsSession(t *testing.T) {
	s := newSite(t, interactive)
	s.addHost()
	before := s.landsAs("ann")
	r := s.sso(with(opens, "Cookie", before), "jwt", s.hostToken("ann"))
	if r.status != 302 || s.whose(r.given()) != "ann@host.example" || s.whose(before) != "session_revoked" {
		t.Errorf("got %d %s; before: %s", r.status, r.body, s.whose(before))
	}
	// A cookie whose session is over is nobody's.
	if r := s.sso(with(opens, "Cookie", before), "jwt", s.hostToken("bob")); r.status != 302 || s.whose(r.given()) != "bob@host.example" {
		t.Errorf("over an ended session: %d %s", r.status, r.body)
	}
}
