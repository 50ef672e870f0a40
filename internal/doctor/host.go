package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// host asks the sign-in endpoint as the SDK of a page does: with GET and
// response=json, the user's cookies, and the headers of a browser.
func (d *Doctor) host(ctx context.Context, p oriel.Provider, origin string, given http.Header, usable bool, s section) {
	uri, err := url.Parse(p.SignInURI)
	if err != nil || uri.Host == "" {
		s.skipped("endpoint", "it has no sign-in URI")
		return
	}
	if uri.Scheme != "https" && !isLoopback(uri.Hostname()) && len(given) > 0 {
		s.skipped("endpoint", "what --header gave is not sent over http, where anybody on the way could read it")
		return
	}
	address, header := asSDK(uri, origin, given)
	first, err := d.asker.ask(ctx, http.MethodGet, address, header)
	if err != nil {
		s.finding("endpoint", place(uri)+" answers", err.Error(),
			"Start the host's backend, correct sign_in_uri (oriel provider update --sign-in-uri), or run oriel doctor where browsers could run; a slow endpoint keeps every chart waiting.")
		return
	}
	s.ok("endpoint", place(uri)+" answers")
	same := uri.Scheme+"://"+uri.Host == origin
	shared(first, origin, same, s)
	token, ok := tokenOf(first, len(given) > 0, s)
	if !ok {
		return
	}
	kept(first, s)
	if !usable {
		s.skipped("token", "the provider cannot sign anybody in")
		return
	}
	if !d.tryToken(ctx, p, origin, token, s) {
		return
	}
	second, err := d.asker.ask(ctx, http.MethodGet, address, header)
	if err != nil {
		s.finding("second token", "an answer to the next request", err.Error(), "Let the endpoint answer each request.")
		return
	}
	again, ok := tokenOf(second, len(given) > 0, section{s.about, &Report{}})
	compare(token, again, ok, p, s)
}

// asSDK is the request of packages/core/src/host.ts, and what a browser adds.
func asSDK(uri *url.URL, origin string, given http.Header) (address string, header http.Header) {
	asked := *uri
	query := asked.Query()
	query.Set("response", "json")
	asked.RawQuery = query.Encode()
	header = given.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Accept", "application/json")
	header.Set("Cache-Control", "no-cache") // of fetch's cache: "no-store"
	header.Set("Pragma", "no-cache")
	header.Set("Sec-Fetch-Mode", "cors")
	header.Set("Sec-Fetch-Dest", "empty")
	header.Set("User-Agent", "Mozilla/5.0 (oriel doctor)")
	switch {
	case origin == "" || uri.Scheme+"://"+uri.Host == origin:
		header.Set("Sec-Fetch-Site", "same-origin") // a browser sends no Origin with it
		return asked.String(), header
	case hostOf(origin) == uri.Hostname():
		header.Set("Sec-Fetch-Site", "same-site")
	default:
		header.Set("Sec-Fetch-Site", "cross-site")
	}
	header.Set("Origin", origin)
	return asked.String(), header
}

// shared looks at whether the page could read the answer (Fetch §3.2.3).
func shared(a answer, origin string, same bool, s section) {
	credentials := a.header.Get("Access-Control-Allow-Credentials")
	switch {
	case same || origin == "":
		s.skipped("CORS", "the endpoint is of the page's own origin")
	case a.header.Get("Access-Control-Allow-Origin") != origin:
		s.finding("CORS", "Access-Control-Allow-Origin: "+origin, allowOrigin(a),
			"Let the endpoint name the page's origin, on failures too (hostauth: AllowedOrigins). * is not enough, for cookies are sent.")
	case credentials != "true":
		s.finding("CORS", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: "+cut(credentials),
			"Let the endpoint send Access-Control-Allow-Credentials: true, or the page gets no answer to a request with cookies.")
	default:
		s.ok("CORS", "the page may read the answer")
	}
}

// tokenOf finds the token in an answer of exactly the right shape.
func tokenOf(a answer, given bool, s section) (token string, ok bool) {
	switch {
	case a.status >= 300 && a.status < 400:
		redirected(a, s)
		return "", false
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		fix := `Give the session of somebody who is signed in to the host: --header "Cookie: …", as the browser's developer tools show it.`
		if given {
			fix = "The host does not take what --header gave for a signed-in user's session: it may have ended, or be bound to more headers."
		}
		why := "nobody is signed in at the host"
		if a.status == http.StatusForbidden {
			why += ", or it refuses the page's origin"
		}
		s.finding("status", "200", fmt.Sprintf("%d: %s", a.status, why), fix)
		return "", false
	case a.status != http.StatusOK:
		s.finding("status", "200", described(a), "The endpoint fails: the host's log says why. It answers 200 with the token, or 401 when nobody is signed in.")
		return "", false
	}
	s.ok("status", "200")
	const shape = `{"jwt": "…"} as application/json`
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	var body map[string]any
	broken := json.Unmarshal(a.body, &body)
	token, isText := body["jwt"].(string)
	switch {
	case kind == "text/html":
		s.finding("shape", shape, "HTML, as of a login page", "Let the endpoint answer JSON when response=json is asked for, and 401 when nobody is signed in, in place of a login page.")
	case broken != nil || !isText:
		s.finding("shape", shape, keysOf(body, broken), "Let the endpoint answer with one JSON object whose jwt is the token.")
	case strings.Count(token, ".") != 2:
		s.finding("shape", shape, "a jwt that is no JWT: three parts with dots between", "Answer with the compact form that the library's sign function gives.")
	case err != nil || kind != "application/json":
		s.finding("shape", shape, "Content-Type "+cut(a.header.Get("Content-Type")), "Send Content-Type: application/json.")
		return token, true
	default:
		s.ok("shape", `{"jwt": "…"}`)
		return token, true
	}
	return "", false
}

// redirected tells a login page from an endpoint that ignores response=json,
// which puts the token where logs and histories keep it.
func redirected(a answer, s section) {
	target, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		target = &url.URL{}
	}
	if target.Query().Has("jwt") {
		s.finding("status", "200", fmt.Sprintf("%d, with the token in the address", a.status),
			"The endpoint ignores response=json: with it, answer with JSON. A token in an address is kept by logs and histories.")
		return
	}
	s.finding("status", "200", fmt.Sprintf("%d, a redirect to %s", a.status, cut(place(target))),
		"Answer 401 as JSON when nobody is signed in: the SDK follows to a login page and gets HTML. If somebody is signed in, give their session with --header.")
}

// kept looks at whether anything may keep the answer.
func kept(a answer, s section) {
	control := a.header.Get("Cache-Control")
	if !strings.Contains(strings.ToLower(control), "no-store") {
		s.finding("cache", "Cache-Control: no-store", "Cache-Control: "+cut(control),
			"Send Cache-Control: no-store: a token that a cache hands out again is refused, or signs in somebody else.")
		return
	}
	s.ok("cache", "no-store")
}

// described is an answer by status and type.
func described(a answer) string {
	kind := a.header.Get("Content-Type")
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Sprintf("status %d, %s", a.status, cut(kind))
}

// keysOf are the type and the keys of a body; never its values.
func keysOf(body map[string]any, broken error) string {
	if broken != nil {
		return "something else than a JSON object"
	}
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(body)) {
		keys = append(keys, fmt.Sprintf("%s: %s", cut(key), kindOf(body[key])))
	}
	if len(keys) == 0 {
		return "an object without keys"
	}
	return "an object with the keys {" + strings.Join(keys[:min(len(keys), 10)], ", ") + "}"
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// cut is foreign text in a report.
func cut(text string) string {
	const most = 80
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.Trim(oriel.Quoted(text), `"`)
}
