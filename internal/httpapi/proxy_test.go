package httpapi

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// behind is an API that trusts a few proxies.
func behind(siteURL string) *API {
	return New(Options{SiteURL: siteURL, TrustedProxies: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48"),
		netip.MustParsePrefix("::ffff:192.0.2.0/120"), netip.MustParsePrefix("fe80::/10"),
	}})
}

// from is a request of a peer; header is NAME, VALUE, …
func from(peer string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = peer
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestClientIP_isTheLastOneThatNoTrustedProxyHas(t *testing.T) {
	const list = "X-Forwarded-For"
	a := behind("https://bi.example.com")
	for name, c := range map[string]struct {
		r    *http.Request
		want string
	}{
		"no proxy":                       {from("203.0.113.7:4000"), "203.0.113.7"},
		"a peer nobody trusts":           {from("203.0.113.7:4000", list, "198.51.100.1"), "203.0.113.7"},
		"other headers":                  {from("10.0.0.1:4000", "X-Real-IP", "198.51.100.1", "Forwarded", "for=198.51.100.1"), "10.0.0.1"},
		"one proxy":                      {from("10.0.0.1:4000", list, "198.51.100.1"), "198.51.100.1"},
		"a client that wrote one":        {from("10.0.0.1:4000", list, "198.51.100.9, 203.0.113.7"), "203.0.113.7"},
		"a client that names a proxy":    {from("10.0.0.1:4000", list, "10.0.0.9, 203.0.113.7"), "203.0.113.7"},
		"two proxies":                    {from("10.0.0.1:4000", list, "198.51.100.9, 203.0.113.7, 10.0.0.2"), "203.0.113.7"},
		"several headers":                {from("10.0.0.1:4000", list, "198.51.100.9", list, "203.0.113.7", list, "10.0.0.2"), "203.0.113.7"},
		"a header of a client first":     {from("10.0.0.1:4000", list, "198.51.100.9", list, "203.0.113.7"), "203.0.113.7"},
		"no address":                     {from("10.0.0.1:4000", list, "198.51.100.9, unknown"), "10.0.0.1"},
		"no address in the middle":       {from("10.0.0.1:4000", list, "198.51.100.9, x, 10.0.0.2"), "10.0.0.2"},
		"an empty entry":                 {from("10.0.0.1:4000", list, "198.51.100.9, "), "10.0.0.1"},
		"an empty header":                {from("10.0.0.1:4000", list, ""), "10.0.0.1"},
		"proxies alone":                  {from("10.0.0.1:4000", list, "10.0.0.3, 10.0.0.2"), "10.0.0.3"},
		"a port":                         {from("10.0.0.1:4000", list, "203.0.113.7:5000"), "203.0.113.7"},
		"IPv6":                           {from("[2001:db8:1::5]:4000", list, "2001:db8:2::9"), "2001:db8:2::9"},
		"IPv6 in brackets":               {from("[2001:db8:1::5]:4000", list, "[2001:db8:2::9]"), "2001:db8:2::9"},
		"IPv6 with a port":               {from("[2001:db8:1::5]:4000", list, "[2001:db8:2::9]:5000"), "2001:db8:2::9"},
		"IPv4 in IPv6, the peer":         {from("[::ffff:10.0.0.1]:4000", list, "203.0.113.7"), "203.0.113.7"},
		"IPv4 in IPv6, the client":       {from("10.0.0.1:4000", list, "::ffff:203.0.113.7"), "203.0.113.7"},
		"IPv4 in IPv6, the entry":        {from("192.0.2.1:4000", list, "203.0.113.7"), "203.0.113.7"},
		"a peer with a zone":             {from("[fe80::1%eth0]:4000", list, "203.0.113.7"), "203.0.113.7"},
		"an entry with a zone":           {from("10.0.0.1:4000", list, "fe80::1%eth0"), "10.0.0.1"},
		"a connection without addresses": {from("@", list, "203.0.113.7"), ""},
	} {
		if got := a.clientIP(c.r); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestClientIP_nobodyIsTrustedUnlessNamed(t *testing.T) {
	a := New(Options{SiteURL: "https://bi.example.com"})
	for _, peer := range []string{"127.0.0.1:4000", "[::1]:4000", "10.0.0.1:4000"} {
		r := from(peer, "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https")
		if got := a.clientIP(r); got == "203.0.113.7" {
			t.Errorf("the word of %s was taken", peer)
		}
	}
}

func TestSecureRequest_K4TrustsTheProxiesWordAlone(t *testing.T) {
	const proto = "X-Forwarded-Proto"
	plain, secure := behind("http://127.0.0.1:7420"), behind("https://bi.example.com")
	for name, c := range map[string]struct {
		a    *API
		r    *http.Request
		want bool
	}{
		"HTTP":                           {plain, from("127.0.0.1:4000"), false},
		"a peer nobody trusts":           {plain, from("127.0.0.1:4000", proto, "https"), false},
		"a trusted proxy":                {plain, from("10.0.0.1:4000", proto, "https"), true},
		"a trusted proxy, upper case":    {plain, from("10.0.0.1:4000", proto, "HTTPS"), true},
		"a trusted proxy on HTTP":        {plain, from("10.0.0.1:4000", proto, "http"), false},
		"a trusted proxy says nothing":   {plain, from("10.0.0.1:4000"), false},
		"an empty header":                {plain, from("10.0.0.1:4000", proto, ""), false},
		"one stretch of two":             {plain, from("10.0.0.1:4000", proto, "https, http"), false},
		"both stretches":                 {plain, from("10.0.0.1:4000", proto, "https", proto, "https"), true},
		"the host's header":              {plain, from("10.0.0.1:4000", "X-Forwarded-Host", "bi.example.com", "X-Forwarded-Port", "443"), false},
		"a site on HTTPS":                {secure, from("203.0.113.7:4000"), true},
		"a site on HTTPS, told it's not": {secure, from("10.0.0.1:4000", proto, "http"), true},
	} {
		if got := c.a.secureRequest(c.r); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	direct := from("203.0.113.7:4000")
	direct.TLS = &tls.ConnectionState{}
	if !plain.secureRequest(direct) {
		t.Error("TLS of our own is not seen")
	}
}
