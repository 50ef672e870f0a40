package httpapi

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxReturnTo bounds an address to return to, in bytes.
const maxReturnTo = 2048

// ReturnTo is a place on this site to which a browser may be sent after a
// sign-in (contract §3.6). Only [ParseReturnTo] makes one; the zero ReturnTo
// is the site's first page.
//
// It keeps the parts that were checked, and [ReturnTo.String] writes it from
// them alone: where a browser is sent is what was looked at, whatever another
// reader would have made of the text.
type ReturnTo struct {
	path            string // decoded; begins with one slash; empty is "/"
	query, fragment string // as they were written, without ? and #
}

// ParseReturnTo reads return_to, redirect or the target of a RelayState: a
// path on this site, or siteURL (an origin without a slash at its end) with a
// path. Empty is the first page. The error, redirect_not_allowed, never holds
// the text.
func ParseReturnTo(text, siteURL string) (ReturnTo, error) {
	if text == "" {
		return ReturnTo{}, nil
	}
	if len(text) > maxReturnTo || !isPlain(text) {
		return refuseReturn()
	}
	onSite := text
	// The site's origin has one spelling, so comparing its text is exact: no
	// other port, user or longer host can stand between it and the path.
	if rest, found := strings.CutPrefix(text, siteURL); found && siteURL != "" {
		if onSite = rest; rest == "" || rest[0] == '?' || rest[0] == '#' {
			onSite = "/" + rest
		}
	}
	onSite, fragment, _ := strings.Cut(onSite, "#")
	written, query, _ := strings.Cut(onSite, "?")
	decoded, ok := decodePath(written)
	if !ok || !isTarget(decoded) {
		return refuseReturn()
	}
	return ReturnTo{path: decoded, query: query, fragment: fragment}, nil
}

func refuseReturn() (ReturnTo, error) {
	return ReturnTo{}, &oriel.Error{Code: oriel.CodeRedirectNotAllowed}
}

// isPlain holds a text to the printable ASCII that addresses are written in
// (RFC 3986 §2), without the backslash, which browsers read as a slash. They
// also skip tabs and line breaks wherever these stand (WHATWG URL §4.4).
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// decodePath undoes the one percent-encoding of a path. An encoded slash is
// refused, since not every reader takes it for a slash.
func decodePath(written string) (string, bool) {
	if strings.Contains(strings.ToLower(written), "%2f") {
		return "", false
	}
	decoded, err := url.PathUnescape(written)
	return decoded, err == nil
}

// isTarget tells whether a decoded path is one that a browser may be sent to.
func isTarget(decoded string) bool {
	switch {
	case !strings.HasPrefix(decoded, "/"):
		return false
	// Dot segments and empty ones: /..//evil.io is //evil.io when resolved.
	case path.Clean(decoded) != decoded && path.Clean(decoded)+"/" != decoded:
		return false
	case !utf8.ValidString(decoded) || strings.ContainsFunc(decoded, unicode.IsControl):
		return false
	case strings.ContainsAny(decoded, `\@`):
		return false
	// Encoded twice: whoever decodes once more reads another path.
	case hasEscape(decoded):
		return false
	}
	first, _, _ := strings.Cut(decoded[1:], "/")
	// Some proxies do not tell upper from lower case.
	return !strings.EqualFold(first, "auth") && !strings.EqualFold(first, "api")
}

// hasEscape tells whether a percent sign stands before two hex digits.
func hasEscape(text string) bool {
	for i := 0; i+2 < len(text); i++ {
		if text[i] == '%' && isHex(text[i+1]) && isHex(text[i+2]) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// String is the address from the site's root on, for a Location header. It is
// never empty, begins with exactly one slash and is printable ASCII.
func (t ReturnTo) String() string {
	text := "/"
	if t.path != "" {
		text = (&url.URL{Path: t.path}).EscapedPath()
	}
	if t.query != "" {
		text += "?" + t.query
	}
	if t.fragment != "" {
		text += "#" + t.fragment
	}
	return text
}

// sendTo answers with 302 to a place on this site. Nothing of the request's
// own address, which may hold a host token, goes along as a referrer.
func sendTo(w http.ResponseWriter, to ReturnTo) {
	w.Header().Set("Location", to.String())
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusFound)
}
