package httpapi

import (
	"mime"
	"net/http"
	"strconv"
)

// navigates tells whether the browser says that it opens a page with the
// answer, in a tab or a frame: not an image, a script or a fetch, whatever
// they accept.
func navigates(r *http.Request) bool {
	destination := only(r, "Sec-Fetch-Dest")
	return only(r, "Sec-Fetch-Mode") == "navigate" && (destination == "document" || destination == "iframe")
}

// only is the value of a header that stands once; else it says nothing.
func only(r *http.Request, name string) string {
	if values := r.Header.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// isNavigation tells whether a person opens a page with this request, which
// may then be signed in by it (contract §3.2). What the browser says decides;
// Accept does only in one that says nothing. Asking ahead is no opening: a
// HEAD, or a page that is fetched before somebody wants it.
func isNavigation(r *http.Request) bool {
	if r.Method != http.MethodGet || isAhead(r) {
		return false
	}
	if len(r.Header.Values("Sec-Fetch-Mode")) > 0 {
		return navigates(r)
	}
	return acceptsHTML(r)
}

// isAhead tells whether a page is fetched or drawn before it is wanted: the
// standard's header, and what browsers sent before there was one.
func isAhead(r *http.Request) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// acceptsHTML tells whether Accept names text/html itself (RFC 9110 §12.5.1):
// every program that asks for data accepts anything.
func acceptsHTML(r *http.Request) bool {
	for _, entry := range listed(r, "Accept") {
		kind, parameters, err := mime.ParseMediaType(entry)
		if err != nil || kind != "text/html" {
			continue
		}
		weight, err := strconv.ParseFloat(parameters["q"], 64)
		if parameters["q"] == "" || err == nil && weight > 0 {
			return true
		}
	}
	return false
}
