package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// A person who opens the server's address is told what it is, by a page that
// can run nothing and load nothing.
func TestFrontPage_saysWhatThisIsAndRunsNothing(t *testing.T) {
	s := newSite(t)
	r := s.ask("GET", "/", "")
	page := string(r.body)
	if r.status != 200 || r.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d %s", r.status, r.header.Get("Content-Type"))
	}
	for _, said := range []string{"<h1>Test</h1>", "version 0.0.0", "oriel apply", "declarations.md", "sdk.md", "width=device-width", "prefers-color-scheme: dark"} {
		if !strings.Contains(page, said) {
			t.Errorf("the page lacks %q", said)
		}
	}
	for _, active := range []string{"<script", "<iframe", "<img", "<form", "<link", "style=", "javascript:"} {
		if strings.Contains(page, active) {
			t.Errorf("the page holds %s", active)
		}
	}
	if on := regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`).FindString(page); on != "" {
		t.Errorf("the page holds the handler %s", on)
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
	if style == nil {
		t.Fatal("the page has no style")
	}
	hash := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if got := r.header.Get("Content-Security-Policy"); got != want {
		t.Errorf("the policy is %s, want %s", got, want)
	}
	if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Access-Control-Allow-Origin") != "" || r.header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", r.header)
	}
}

// The site's name is the operator's; it is text on the page, whatever it holds.
func TestFrontPage_theNameIsText(t *testing.T) {
	s := newSite(t, func(p *parts) { p.siteName = `</h1><script>alert(1)</script><style>` })
	page := string(s.ask("GET", "/", "").body)
	if strings.Contains(page, "<script") || strings.Count(page, "<style>") != 1 || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("the name became markup: %s", page)
	}
}
