package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const redirectSite = "https://bi.example.com"

func TestReturnTo_U1PlacesOnThisSiteAreKept(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "/",
		"/":                                 "/",
		"/x?y=1#z":                          "/x?y=1#z",
		redirectSite:                        "/",
		redirectSite + "/":                  "/",
		redirectSite + "/x":                 "/x",
		redirectSite + "?tab=1":             "/?tab=1",
		redirectSite + "#top":               "/#top",
		"/dashboards/7/":                    "/dashboards/7/",
		"/a%20b?c=d%20e":                    "/a%20b?c=d%20e",
		"/caf%C3%A9":                        "/caf%C3%A9",
		"/100%25":                           "/100%25",
		"/x?next=//evil.io/%2f..&m=a@b.com": "/x?next=//evil.io/%2f..&m=a@b.com",
		"/x?q=%zz#//evil.io":                "/x?q=%zz#//evil.io",
		"/authors":                          "/authors",
		"/apiary/api/auth":                  "/apiary/api/auth",
		"/javascript:alert(1)":              "/javascript:alert%281%29",
	} {
		got, err := ParseReturnTo(text, redirectSite)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	if got := (ReturnTo{}).String(); got != "/" {
		t.Errorf("the zero value leads to %q", got)
	}
}

func TestReturnTo_U2EverythingElseIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"another scheme":           "http://bi.example.com/",
		"another port":             "https://bi.example.com:8443/",
		"a longer host":            "https://bi.example.com.evil.io",
		"a user":                   "https://bi.example.com@evil.io",
		"a user and a path":        "https://bi.example.com/@evil.io",
		"no scheme":                "//evil.io",
		"a backslash":              `/\evil.io`,
		"a backslash first":        `\\evil.io`,
		"a backslash later":        `/x/\evil.io`,
		"a backslash in the query": `/x?y=\evil.io`,
		"an empty host":            "https:///evil.io",
		"no slashes":               "https:evil.io",
		"a script":                 "javascript:alert(1)",
		"data":                     "data:text/html,x",
		"a tab":                    "\t//evil.io",
		"a tab within":             "/\t/evil.io",
		"a line break":             "/x\r\nSet-Cookie: a=b",
		"an encoded tab":           "/%09/evil.io",
		"an encoded line break":    "/x%0d%0aSet-Cookie:%20a=b",
		"an encoded NUL":           "/x%00",
		"an encoded DEL":           "/x%7f",
		"an encoded C1 control":    "/x%c2%85",
		"encoded slashes":          "%2f%2fevil.io",
		"an encoded second slash":  "/%2fevil.io",
		"an encoded second, upper": "/%2Fevil.io",
		"an encoded slash later":   "/x%2fy",
		"an encoded backslash":     "/%5cevil.io",
		"encoded twice":            "/%252fevil.io",
		"encoded twice, backslash": "/%255cevil.io",
		"dots":                     "/..//evil.io",
		"encoded dots":             "/%2e%2e//evil.io",
		"dots out of the way":      "/x/../auth/sso",
		"encoded dots within":      "/x/%2e%2e/api/v1/x",
		"one dot":                  "/./auth/sso",
		"two slashes within":       "/x//evil.io",
		"three slashes":            "///evil.io",
		"too long":                 "/" + strings.Repeat("x", 3<<10),
		"too long by one":          "/" + strings.Repeat("x", maxReturnTo),
		"signing in":               "/auth/sso",
		"signing in, encoded":      "/%61uth/sso",
		"signing in, twice":        "/%2561uth/sso",
		"signing in, upper case":   "/AUTH/sso",
		"signing in, nothing more": "/auth",
		"signing in, with a query": "/auth?x=1",
		"signing in, by address":   redirectSite + "/auth/sso",
		"the API":                  "/api/v1/x",
		"the API, encoded":         "/ap%69/v1/x",
		"the API, upper case":      "/Api/v1/x",
		"the API, nothing more":    "/api",
		"a raw space":              "/a b",
		"a space first":            " /x",
		"a space last":             "/x ",
		"letters beyond ASCII":     "/café",
		"bytes that are no text":   "/x%ff",
		"a broken escape":          "/x%2",
		"a percent sign alone":     "/%zz",
		"a relative path":          "x",
		"dots first":               "../x",
		"a query alone":            "?x=1",
		"a fragment alone":         "#x",
		"the site in upper case":   "HTTPS://bi.example.com/",
		"the site with a dot":      "https://bi.example.com./",
		"the default port":         "https://bi.example.com:443/",
	} {
		got, err := ParseReturnTo(text, redirectSite)
		if oriel.CodeOf(err) != oriel.CodeRedirectNotAllowed {
			t.Errorf("%s, %q: got %q, %v", name, text, got, err)
			continue
		}
		if got != (ReturnTo{}) {
			t.Errorf("%s: a refused value leads to %q", name, got)
		}
		if len(text) > 2 && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error tells the value", name)
		}
		if p := problemOf(err, "", time.Unix(1790000000, 0)); p.Status != 400 || len(text) > 2 && strings.Contains(p.Detail, text) || p.Fields != nil {
			t.Errorf("%s: the answer is %+v", name, p)
		}
	}
}

func TestReturnTo_withoutASiteURLAddressesAreRefused(t *testing.T) {
	for _, text := range []string{"https://evil.io/", "//evil.io", "evil.io", "?x=1"} {
		if got, err := ParseReturnTo(text, ""); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestSendTo_tellsNoReferrer(t *testing.T) {
	to, err := ParseReturnTo(redirectSite+"/x?y=1", redirectSite)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	sendTo(w, to)
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/x?y=1" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

// leavesSite is where a browser that reads addresses leniently (WHATWG URL
// §4.4) would go: why it is not a page of the site, or empty.
func leavesSite(target string) string {
	lenient := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(strings.Trim(target, " \x00"))
	site, err := url.Parse(redirectSite)
	if err != nil {
		return err.Error()
	}
	for _, text := range []string{target, lenient} {
		// A fragment is the page's own, and browsers let any stand there.
		withoutFragment, _, _ := strings.Cut(text, "#")
		reference, err := url.Parse(withoutFragment)
		if err != nil {
			return "it cannot be read"
		}
		to := site.ResolveReference(reference)
		if to.Scheme != site.Scheme || to.Host != site.Host || to.User != nil || to.Opaque != "" {
			return "it is of another origin"
		}
		decoded := to.Path
		for range 4 { // however often somebody decodes it
			clean := strings.ToLower(path.Clean("/" + strings.ReplaceAll(decoded, `\`, "/")))
			for _, closed := range []string{"/auth", "/api"} {
				if clean == closed || strings.HasPrefix(clean, closed+"/") {
					return "it is under " + closed
				}
			}
			if strings.HasPrefix(decoded, "//") {
				return "its path begins with two slashes"
			}
			next, err := url.PathUnescape(decoded)
			if err != nil {
				break
			}
			decoded = next
		}
	}
	return ""
}

func FuzzParseReturnTo(f *testing.F) {
	for _, text := range []string{
		"", "/", "/x?y=1#z", redirectSite + "/x", "//evil.io", `/\evil.io`, "/%09/evil.io", "/..//evil.io", "/%2561uth", "/x%2f..%2fauth",
		"/a%20b", "/100%25", "https:evil.io", redirectSite + "@evil.io", redirectSite + ".evil.io", "/;/x", "/%3b/auth", "/x?%0a#%0d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		to, err := ParseReturnTo(text, redirectSite)
		if err != nil {
			if oriel.CodeOf(err) != oriel.CodeRedirectNotAllowed {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		out := to.String()
		if !strings.HasPrefix(out, "/") || !isPlain(out) {
			t.Fatalf("%q is written as %q", text, out)
		}
		if why := leavesSite(out); why != "" {
			t.Fatalf("%q leads to %q: %s", text, out, why)
		}
		if again, err := ParseReturnTo(out, redirectSite); err != nil && len(out) <= maxReturnTo || err == nil && again.String() != out {
			t.Fatalf("%q is written as %q, which reads as %q, %v", text, out, again, err)
		}
	})
}
