package oriel_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const site = "https://bi.example.com"

func mustParse(t *testing.T, entry string, opts oriel.OriginOptions) oriel.Origin {
	t.Helper()
	o, err := oriel.ParseOrigin(entry, opts)
	if err != nil {
		t.Fatalf("ParseOrigin(%q): %v", entry, err)
	}
	return o
}

// C1.
func TestOrigin_matchesWhatItsEntrySays(t *testing.T) {
	tests := []struct {
		entry, normal string
		match, refuse []string
	}{
		{
			"https://app.example.com", "https://app.example.com",
			[]string{"https://app.example.com", "https://app.example.com:443", "HTTPS://App.Example.Com"},
			[]string{
				"http://app.example.com", "https://app.example.com:8443", "https://example.com",
				"https://x.app.example.com", "https://app.example.com.evil.io", "https://app.example.com.",
				"https://app.example.com/", "https://app.example.com?", "https://app.example.com#",
				"https://user@app.example.com", "https://app.example.com@evil.io", " https://app.example.com",
				"https://app.example.com ", "https://app.example.com\x00", "https://app.example.com:", "https://app.example.com:0443",
				"https://app.example.com:*", "app.example.com", "//app.example.com", "https:app.example.com",
				"https://app.example.com, https://app.example.com", "https://app.example.com https://evil.io",
			},
		},
		{"https://app.example.com:443", "https://app.example.com", []string{"https://app.example.com"}, []string{"https://app.example.com:80"}},
		{"http://app.example.com:80", "http://app.example.com", []string{"http://app.example.com"}, []string{"http://app.example.com:443"}},
		{"http://app.example.com:443", "http://app.example.com:443", []string{"http://app.example.com:443"}, []string{"http://app.example.com", "https://app.example.com"}},
		{
			"https://*.example.com", "https://*.example.com",
			[]string{"https://a.example.com", "https://a.b.c.example.com", "https://a.example.com:443", "https://A.Example.COM", "https://xn--bcher-kva.example.com"},
			[]string{
				"https://example.com", "https://example.com:443", "https://EXAMPLE.com", "https://evilexample.com", "https://example.com.evil.io", "https://a.example.com.evil.io", "https://.example.com",
				"https://*.example.com", "https://a..example.com", "https://a.example.com:8443", "http://a.example.com",
				"https://a`.example.com", "https://{.example.com", "https://%60.example.com", "https://a\x00.example.com",
				"https://evil.io\\.example.com", "https://evil.io/.example.com", "https://evil.io?.example.com",
				"https://evil.io#.example.com", "https://evil.io:80.example.com", "https://evil.io@a.example.com",
				"https://-.example.com", "https://é.example.com", "https://a b.example.com", "https://[::1].example.com",
			},
		},
		{
			"https://example.com:*", "https://example.com:*",
			[]string{"https://example.com", "https://example.com:1", "https://example.com:65535"},
			[]string{"http://example.com", "https://example.com:65536", "https://example.com:0", "https://example.com:-1", "https://example.com:+1", "https://example.com:*"},
		},
		{"https://*.example.com:*", "https://*.example.com:*", []string{"https://a.example.com:8443", "https://a.example.com"}, []string{"https://example.com:8443", "https://evilexample.com:8443", "https://a.example.com.evil.io:8443", "http://a.example.com:8443"}},
		{"HTTPS://*.EXAMPLE.com:443", "https://*.example.com", []string{"https://a.example.com"}, []string{"https://a.example.com:444", "https://example.com"}},
		{"https://[2001:DB8::1]:443", "https://[2001:db8::1]", []string{"https://[2001:db8::1]", "https://[2001:DB8:0::1]:443"}, []string{"https://[2001:db8::2]", "http://[2001:db8::1]"}},
		{"https://[2001:db8::1]:*", "https://[2001:db8::1]:*", []string{"https://[2001:db8::1]", "https://[2001:db8::1]:8443"}, []string{"https://[2001:db8::2]:8443"}},
		{"https://*.XN--BCHER-KVA.example", "https://*.xn--bcher-kva.example", []string{"https://a.xn--bcher-kva.example"}, []string{"https://xn--bcher-kva.example", "https://a.bücher.example"}},
		{"HTTPS://App.EXAMPLE.com", "https://app.example.com", []string{"https://app.example.com"}, nil},
		{"https://xn--bcher-kva.example", "https://xn--bcher-kva.example", []string{"https://xn--bcher-kva.example"}, []string{"https://bücher.example"}},
		{"https://[2001:DB8:0:0::1]:8443", "https://[2001:db8::1]:8443", []string{"https://[2001:db8::1]:8443"}, []string{"https://[2001:db8::1]", "https://2001:db8::1:8443", "https://[2001:db8::1%25eth0]:8443"}},
		{"http://192.0.2.7", "http://192.0.2.7", []string{"http://192.0.2.7"}, []string{"http://192.0.2.07", "http://3221225991", "http://0xc0000207", "http://192.0.519"}},
	}
	for _, tt := range tests {
		t.Run(tt.entry, func(t *testing.T) {
			o := mustParse(t, tt.entry, oriel.OriginOptions{SiteURL: site})
			if o.String() != tt.normal {
				t.Errorf("String() = %q, want %q", o, tt.normal)
			}
			for _, origin := range tt.match {
				if !o.Matches(origin) {
					t.Errorf("does not match %q", origin)
				}
			}
			for _, origin := range append(tt.refuse, "", "null", "NULL", "*", "file://", "https://", "http://http://", "garbage", strings.Repeat("a", 4096)) {
				if o.Matches(origin) {
					t.Errorf("matches %q", origin)
				}
			}
		})
	}
}

// C2.
func TestOrigin_invalidEntryIsRefusedWithTheReason(t *testing.T) {
	tests := []struct{ entry, reason string }{
		{"", "begin with http"},
		{"null", "without an origin"},
		{"*", "every web page"},
		{"example.com", "begin with http"},
		{"ftp://example.com", "begin with http"},
		{"javascript://example.com", "begin with http"},
		{"*://example.com", "begin with http"},
		{" https://example.com", "begin with http"},
		{"https://example.com/", "without a path"},
		{"https://example.com/x", "without a path"},
		{"https://example.com?x", "without a path"},
		{"https://example.com#x", "without a path"},
		{`https://example.com\x`, "without a path"},
		{"https://user@example.com", "name a user"},
		{"https://example.com:", "port"},
		{"https://example.com:0", "port"},
		{"https://example.com:65536", "port"},
		{"https://example.com:044", "port"},
		{"https://example.com:4*", "port"},
		{"https://", "host"},
		{"https://*", "first part"},
		{"https://*:*", "first part"},
		{"https://*.*", "first part"},
		{"https://a.*.example.com", "first part"},
		{"https://a*.example.com", "first part"},
		{"https://*.com", "top-level"},
		{"https://*.192.0.2.7", "subdomains"},
		{"https://*.[2001:db8::1]", "subdomains"},
		{"https://example.com.", "host"},
		{"https://.example.com", "host"},
		{"https://a..b.example", "host"},
		{"https://-a.example", "host"},
		{"https://a_b.example", "host"},
		{"https://bücher.example", "punycode"},
		{"https://a`.example", "host"},
		{"https://{a}.example", "host"},
		{"https://%60.example", "host"},
		{"https://a\x00.example", "host"},
		{"https://\u212Aelvin.example", "host"}, // KELVIN SIGN is no k
		{"https://1.2.3", "host"},
		{"https://0x7f.0.0.0x1", "host"},
		{"https://[::1", "host"},
		{"https://[fe80::1%25eth0]", "host"},
		{"https://[127.0.0.1]", "host"},
		{"https://" + strings.Repeat("a", 64) + ".example", "host"},
		{"https://" + strings.Repeat("a.", 200) + "example", "longer"},
	}
	for _, tt := range tests {
		o, err := oriel.ParseOrigin(tt.entry, oriel.OriginOptions{SiteURL: site})
		if oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("ParseOrigin(%q) = %q, %v; want a reason with %q", tt.entry, o, err, tt.reason)
		}
	}
}

func TestOrigin_anyIsValidOnlyBySetting(t *testing.T) {
	o := mustParse(t, "*", oriel.OriginOptions{SiteURL: site, DangerouslyAllowAny: true})
	if !o.Matches("https://anything.example:99") {
		t.Error("* does not match an origin")
	}
	for _, origin := range []string{"", "null", "garbage", "https://a`.example", "file://x"} {
		if o.Matches(origin) {
			t.Errorf("* matches %q", origin)
		}
	}
}

// C3.
func TestOrigin_loopbackEntryNeedsALoopbackSite(t *testing.T) {
	loopback := []string{"http://localhost:5173", "http://LOCALHOST", "http://app.localhost:*", "https://*.localhost", "http://127.0.0.1:*", "http://127.9.9.9", "http://[::1]:7430", "http://[::ffff:127.0.0.1]", "http://[::ffff:0.0.0.0]", "http://0.0.0.0"}
	for _, entry := range loopback {
		for _, siteURL := range []string{site, "", "https://localhost.example.com", "://"} {
			if _, err := oriel.ParseOrigin(entry, oriel.OriginOptions{SiteURL: siteURL}); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
				t.Errorf("ParseOrigin(%q) with the site %q: %v, want a refusal", entry, siteURL, err)
			}
		}
		for _, siteURL := range []string{"http://127.0.0.1:7420", "http://localhost:7420", "http://[::1]:7420"} {
			mustParse(t, entry, oriel.OriginOptions{SiteURL: siteURL})
		}
	}
}

// C3.
func TestIsLoopbackOrigin_knowsThreeHostsAndNoOther(t *testing.T) {
	for _, origin := range []string{
		"http://localhost", "http://localhost:5173", "https://localhost:8443", "HTTP://LocalHost:5173", "http://127.0.0.1",
		"http://127.0.0.1:1", "https://127.0.0.1:65535", "http://[::1]", "http://[::1]:3000", "https://[0:0:0:0:0:0:0:1]:443",
	} {
		if !oriel.IsLoopbackOrigin(origin) {
			t.Errorf("%q is none", origin)
		}
	}
	for _, origin := range []string{
		"", "null", "NULL", "*", "localhost", "localhost:5173", "//localhost", "file://localhost", "ftp://localhost", "ws://localhost",
		"http://localhost.evil.com", "http://evil.com.localhost", "http://app.localhost:5173", "http://localhost.", "http://evillocalhost",
		"http://localhost@evil.io", "http://evil.io#localhost", "http://evil.io/localhost", "http://evil.io?localhost", "http://evil.io\\localhost",
		"http://localhost/", "http://localhost:5173/x", "http://user@localhost", "http://localhost:", "http://localhost:0", "http://localhost:*",
		"http://localhost:65536", "http://localhost:80:80", " http://localhost", "http://localhost ", "http://localhost\x00", "http://localhost, http://evil.io",
		"http://127.0.0.1.evil.io", "http://127.0.0.1.nip.io", "http://127.1", "http://127.0.1", "http://2130706433", "http://0x7f000001", "http://0177.0.0.1",
		"http://127.0.0.01", "http://127.0.0.2", "http://127.9.9.9", "http://0.0.0.0", "http://0", "http://[::]", "http://[::2]", "http://[::1", "http://::1",
		"http://[::1%25lo]", "http://[::ffff:127.0.0.1]", "http://[::1].evil.io", "http://evil.io:[::1]", "http://10.0.0.1", "https://bi.example.com",
		"http://\uff4cocalhost", "http://%6cocalhost", "http://local\u212Aost", "http://localhost" + strings.Repeat("0", 300),
	} {
		if oriel.IsLoopbackOrigin(origin) {
			t.Errorf("%q is one", origin)
		}
	}
}

func TestOrigin_zeroMatchesNothing(t *testing.T) {
	var o oriel.Origin
	for _, origin := range []string{"", "null", "://", "https://example.com"} {
		if o.Matches(origin) {
			t.Errorf("the zero origin matches %q", origin)
		}
	}
}

func TestOrigin_isAStringInJSON(t *testing.T) {
	want := []oriel.Origin{
		mustParse(t, "https://*.Example.com:*", oriel.OriginOptions{SiteURL: site}),
		mustParse(t, "*", oriel.OriginOptions{DangerouslyAllowAny: true}),
	}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `["https://*.example.com:*","*"]` {
		t.Fatalf("Marshal = %s, %v", text, err)
	}
	var got []oriel.Origin
	if err := json.Unmarshal(text, &got); err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("Unmarshal = %v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`["https://a.example/x"]`), &got); err == nil {
		t.Error("an invalid entry was read from JSON")
	}
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{"https://*.example.com:*", "http://[::1]:80", "null", "*", "https://%60.example.com", "https://a\x00b"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, entry, origin string) {
		o, err := oriel.ParseOrigin(entry, oriel.OriginOptions{SiteURL: "http://localhost", DangerouslyAllowAny: true})
		if err != nil {
			return
		}
		again, err := oriel.ParseOrigin(o.String(), oriel.OriginOptions{SiteURL: "http://localhost", DangerouslyAllowAny: true})
		if err != nil || again != o {
			t.Fatalf("%q became %q, which reads as %v, %v", entry, o, again, err)
		}
		if o.Is(origin) && !o.Matches(origin) {
			t.Fatalf("%q is %q and does not match it", o, origin)
		}
		if o.Matches(origin) && strings.ContainsAny(origin, "\x00`{}%@\\?# \t\r\n,;'\"<>*") {
			t.Fatalf("%q matches %q", o, origin)
		}
	})
}
