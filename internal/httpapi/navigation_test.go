package httpapi

import (
	"net/http/httptest"
	"testing"
)

func TestIsNavigation(t *testing.T) {
	const (
		page  = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		mode  = "Sec-Fetch-Mode"
		dest  = "Sec-Fetch-Dest"
		sends = "Accept"
	)
	for name, c := range map[string]struct {
		method string
		header []string
		want   bool
	}{
		"a tab":                       {"GET", []string{mode, "navigate", dest, "document", sends, page}, true},
		"a frame":                     {"GET", []string{mode, "navigate", dest, "iframe", sends, page}, true},
		"a tab that accepts anything": {"GET", []string{mode, "navigate", dest, "document", sends, "*/*"}, true},
		"an old browser":              {"GET", []string{sends, page}, true},
		"an old browser, spelled out": {"GET", []string{sends, "*/*;q=0.1", sends, "Text/HTML ; charset=utf-8"}, true},
		"a back end":                  {"GET", []string{sends, "*/*"}, false},
		"a back end without Accept":   {"GET", nil, false},
		"a back end for JSON":         {"GET", []string{sends, "application/json"}, false},
		"anything but HTML":           {"GET", []string{sends, "text/html;q=0, */*"}, false},
		"HTML of no weight":           {"GET", []string{sends, "text/html;q=0.000"}, false},
		"a weight that is none":       {"GET", []string{sends, "text/html;q=high"}, false},
		"all texts":                   {"GET", []string{sends, "text/*"}, false},
		"K7 a fetch for HTML":         {"GET", []string{mode, "cors", dest, "empty", sends, "text/html"}, false},
		"K7 a fetch without CORS":     {"GET", []string{mode, "no-cors", dest, "empty", sends, "text/html"}, false},
		"K7 a fetch of its own":       {"GET", []string{mode, "same-origin", dest, "empty", sends, "text/html"}, false},
		"K7 an image":                 {"GET", []string{mode, "no-cors", dest, "image", sends, page}, false},
		"K7 an image, without Dest":   {"GET", []string{mode, "no-cors", sends, page}, false},
		"K7 an object":                {"GET", []string{mode, "navigate", dest, "object", sends, page}, false},
		"K7 an embed":                 {"GET", []string{mode, "navigate", dest, "embed", sends, page}, false},
		"K7 no destination":           {"GET", []string{mode, "navigate", sends, page}, false},
		"K7 an empty mode":            {"GET", []string{mode, "", sends, page}, false},
		"K7 two modes":                {"GET", []string{mode, "navigate", mode, "cors", dest, "document", sends, page}, false},
		"K7 two destinations":         {"GET", []string{mode, "navigate", dest, "document", dest, "image"}, false},
		"K7 HEAD":                     {"HEAD", []string{mode, "navigate", dest, "document", sends, page}, false},
		"K7 HEAD of an old browser":   {"HEAD", []string{sends, page}, false},
		"POST":                        {"POST", []string{mode, "navigate", dest, "document", sends, page}, false},
		"K7 a prefetch":               {"GET", []string{mode, "navigate", dest, "document", "Sec-Purpose", "prefetch", sends, page}, false},
		"K7 a prerender":              {"GET", []string{mode, "navigate", dest, "document", "Sec-Purpose", "prefetch;prerender", sends, page}, false},
		"K7 an older prefetch":        {"GET", []string{mode, "navigate", dest, "document", "Purpose", "prefetch", sends, page}, false},
		"K7 a preview":                {"GET", []string{sends, page, "X-Purpose", "preview"}, false},
		"K7 Mozilla's prefetch":       {"GET", []string{sends, page, "X-Moz", "prefetch"}, false},
	} {
		r := httptest.NewRequest(c.method, "/auth/sso?jwt=x", nil)
		for i := 0; i < len(c.header); i += 2 {
			r.Header.Add(c.header[i], c.header[i+1])
		}
		if got := isNavigation(r); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
