package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestK4_cookies(t *testing.T) {
	const site = "https://bi.example.com"
	for name, c := range map[string]struct {
		settings []string
		headers  []string
		cookie   string
		secure   bool
		sameSite http.SameSite
		frame    bool
	}{
		"http": {nil, nil, "oriel_session", false, http.SameSiteLaxMode, false},
		"http, a foreign peer says https": {
			nil, []string{"X-Forwarded-Proto", "https"}, "oriel_session", false, http.SameSiteLaxMode, false},
		"http, a trusted proxy says https": {
			[]string{"TRUSTED_PROXIES=127.0.0.1"}, []string{"X-Forwarded-Proto", "https"}, "__Host-oriel_session", true, http.SameSiteLaxMode, false},
		"https":            {[]string{"SITE_URL=" + site}, nil, "__Host-oriel_session", true, http.SameSiteLaxMode, false},
		"https in a frame": {[]string{"SITE_URL=" + site}, nil, "__Host-oriel_session", true, http.SameSiteNoneMode, true},
	} {
		t.Run(name, func(t *testing.T) {
			file := caseFile
			page := casePage
			if strings.Contains(name, "https") && len(c.settings) > 0 && strings.HasPrefix(c.settings[0], "SITE_URL") {
				page = "https://app.example.com"
				file = strings.Replace(file, `origins: ["http://127.0.0.1:7430", "http://127.0.0.1:7440"]`, `origins: ["https://app.example.com"]`, 1)
			}
			h := newCase(t, file, append([]string{"INTERACTIVE_EMBEDDING=true"}, c.settings...)...)
			headers := append([]string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}, c.headers...)
			if c.frame {
				headers = append([]string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site", "Referer", page + "/", "Accept", "text/html"}, c.headers...)
			}
			r := h.ask("GET", "/auth/sso?jwt="+h.sign(signed{compat: true}), "", headers...)
			cookie := r.cookie(c.cookie)
			if cookie == nil {
				t.Fatalf("%d %s %v", r.status, r.body, r.header)
			}
			h.canary(cookie.Value)
			if cookie.Secure != c.secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.SameSite != c.sameSite || cookie.Domain != "" || cookie.Partitioned != c.frame {
				t.Errorf("the cookie is %s", cookie)
			}
		})
	}
}

func TestK4_cookieSessionsOnTheServersSide(t *testing.T) {
	h := newCase(t, caseFile, "INTERACTIVE_EMBEDDING=true")
	land := func() string {
		h.Helper()
		cookie := h.land(h.sign(signed{compat: true}), "").cookie("oriel_session")
		return "oriel_session=" + h.canary(cookie.Value)
	}
	who := func(cookie string, headers ...string) caseReply {
		h.Helper()
		return h.ask("GET", "/api/v1/session", "", append(headers, "Cookie", cookie)...)
	}
	cookie := land()
	for name, c := range map[string]struct {
		method  string
		headers []string
		code    string
	}{
		"same origin":               {"GET", []string{"Sec-Fetch-Site", "same-origin"}, ""},
		"typed":                     {"GET", []string{"Sec-Fetch-Site", "none"}, ""},
		"another site reads":        {"GET", []string{"Sec-Fetch-Site", "cross-site"}, "cross_site_request"},
		"the same site's neighbour": {"GET", []string{"Sec-Fetch-Site", "same-site"}, "cross_site_request"},
		"no word of the browser":    {"GET", nil, "cross_site_request"},
		"another site posts":        {"DELETE", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, "cross_site_request"},
		"an embedding page posts":   {"DELETE", []string{"Sec-Fetch-Site", "cross-site", "Origin", casePage}, "cross_site_request"},
		"a foreign Origin alone":    {"DELETE", []string{"Origin", "https://evil.example"}, "cross_site_request"},
	} {
		r := h.ask(c.method, "/api/v1/session", "", append(c.headers, "Cookie", cookie)...)
		if r.code() != c.code {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if r.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed", name)
		}
	}
	// A cookie's value is no header token, nor the other way round.
	if r := h.ask("GET", "/api/v1/session", "", "Authorization", "Bearer "+strings.TrimPrefix(cookie, "oriel_session=")); r.code() != "session_invalid" {
		t.Errorf("a cookie's value as header: %d %s", r.status, r.body)
	}
	embed := h.enters(signed{})
	if r := who("oriel_session="+embed.Token, "Sec-Fetch-Site", "same-origin"); r.code() != "session_invalid" {
		t.Errorf("an embed's token as cookie: %d %s", r.status, r.body)
	}
	// A header token wins over a cookie.
	var info struct{ User struct{ Email string } }
	h.who(embed.Token, "Cookie", cookie).read(t, &info)
	if info.User.Email != "dana@example.com" {
		t.Errorf("header and cookie: %s", info.User.Email)
	}
	// Idle after 30 min; used, it lives for 12 h and no longer.
	h.wait(31 * time.Minute)
	if r := who(cookie, "Sec-Fetch-Site", "same-origin"); r.code() != "session_expired" {
		t.Errorf("idle: %d %s", r.status, r.body)
	}
	cookie = land()
	for range 28 {
		h.wait(25 * time.Minute)
		if r := who(cookie, "Sec-Fetch-Site", "same-origin"); r.status != 200 {
			t.Fatalf("used every 25 minutes: %d %s", r.status, r.body)
		}
	}
	h.wait(21 * time.Minute)
	if r := who(cookie, "Sec-Fetch-Site", "same-origin"); r.code() != "session_expired" {
		t.Errorf("after 12 h: %d %s", r.status, r.body)
	}
	cookie = land()
	r := h.ask("DELETE", "/api/v1/session", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin", "Origin", h.site)
	if gone := r.cookie("oriel_session"); r.status != 204 || gone == nil || gone.MaxAge >= 0 {
		t.Errorf("sign out: %d %s %v", r.status, r.body, r.header)
	}
	if r := who(cookie, "Sec-Fetch-Site", "same-origin"); r.code() != "session_revoked" {
		t.Errorf("after sign-out: %d %s", r.status, r.body)
	}
}

func TestK7_loginByForce(t *testing.T) {
	h := newCase(t, caseFile, "INTERACTIVE_EMBEDDING=true")
	for name, c := range map[string]struct {
		method  string
		headers []string
	}{
		"prefetch":                        {"GET", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose", "prefetch"}},
		"old prefetch":                    {"GET", []string{"Accept", "text/html", "Purpose", "prefetch"}},
		"fetch that says text/html":       {"GET", []string{"Sec-Fetch-Mode", "cors", "Accept", "text/html", "Origin", "https://evil.example"}},
		"no-cors fetch of text/html":      {"GET", []string{"Sec-Fetch-Mode", "no-cors", "Accept", "text/html"}},
		"image":                           {"GET", []string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}},
		"object":                          {"GET", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "object", "Accept", "text/html"}},
		"HEAD":                            {"HEAD", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}},
		"HEAD without a word":             {"HEAD", []string{"Accept", "text/html"}},
		"frame on a foreign page":         {"GET", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site", "Referer", "https://evil.example/"}},
		"frame that hides where it is":    {"GET", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "cross-site"}},
		"strict without a state":          {"GET", nil},
		"strict with an invented a state": {"GET", nil},
	} {
		before := h.rows()
		token, more := h.sign(signed{compat: true}), ""
		headers := c.headers
		if strings.HasPrefix(name, "strict") {
			token = h.sign(signed{})
			headers = []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html"}
			if strings.Contains(name, "invented") {
				more = "&state=" + b64(make([]byte, 32))
			}
		}
		r := h.ask(c.method, "/auth/sso?jwt="+token+more, "", headers...)
		if len(r.header.Values("Set-Cookie")) > 0 && r.cookie("oriel_session") != nil {
			t.Errorf("%s: a session was planted: %d %v", name, r.status, r.header)
		}
		if after := h.rows(); after != before {
			t.Errorf("%s: %s were written, before %s", name, after, before)
		}
	}
	// Over another user's live session nothing happens unasked.
	mine := h.land(h.sign(signed{compat: true}), "").cookie("oriel_session")
	h.canary(mine.Value)
	other := h.sign(signed{compat: true, claims: claims("email", "mallory@compat.example")})
	before := h.rows()
	r := h.land(other, "", "Cookie", "oriel_session="+mine.Value)
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || r.cookie("oriel_session") != nil {
		t.Errorf("over another's session: %d %s", r.status, r.body)
	}
	if after := h.rows(); after != before {
		t.Errorf("over another's session: %s were written, before %s", after, before)
	}
	if !strings.Contains(r.body, "mallory@compat.example") || !strings.Contains(r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("the page does not ask as it should: %s %v", r.body, r.header)
	}
	// The same user's own session is simply renewed.
	if r := h.land(h.sign(signed{compat: true}), "", "Cookie", "oriel_session="+mine.Value); r.status != http.StatusFound {
		t.Errorf("over one's own session: %d %s", r.status, r.body)
	} else {
		h.canary(r.cookie("oriel_session").Value)
	}
	// A strict provider's landing with the state of its start.
	start := h.ask("GET", "/auth/sso?provider=strict&return_to=/d", "", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Accept", "text/html")
	_, state, _ := strings.Cut(start.header.Get("Location"), "state=")
	state, _, _ = strings.Cut(state, "&")
	var cookies []string
	for _, c := range (&http.Response{Header: start.header}).Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	jar := strings.Join(cookies, "; ")
	if r := h.land(h.sign(signed{}), "&return_to=/d&state="+state); r.status < 400 || r.cookie("oriel_session") != nil {
		t.Errorf("the state in another browser: %d %s", r.status, r.body)
	}
	r = h.land(h.sign(signed{}), "&return_to=/d&state="+state, "Cookie", jar)
	if r.status != http.StatusFound || r.cookie("oriel_session") == nil {
		t.Fatalf("the state in its browser: %d %s", r.status, r.body)
	}
	h.canary(r.cookie("oriel_session").Value)
	if r := h.land(h.sign(signed{}), "&return_to=/d&state="+state, "Cookie", jar); r.status < 400 {
		t.Errorf("the state a second time: %d %s", r.status, r.body)
	}
}
