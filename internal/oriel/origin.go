package oriel

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxOrigin bounds what is read of an Origin header or an entry: scheme, the
// 253 bytes of a host, "*." and a port.
const maxOrigin = 300

// Origin is one entry of a list of authorized origins: scheme://host[:port],
// where the host may begin with "*." and the port may be "*" (sign-in
// contract §6). Only [ParseOrigin] makes one; the zero Origin matches nothing.
type Origin struct {
	scheme, host, port string // port "" is the scheme's default, "*" any
	anySubdomain       bool
	anyOrigin          bool
	exact              string // its normal form; empty with a wildcard
}

// OriginOptions are the settings of the instance that decide which entries
// may be saved.
type OriginOptions struct {
	// SiteURL is this instance's own; a loopback entry needs a loopback one.
	SiteURL string
	// DangerouslyAllowAny accepts the entry "*".
	DangerouslyAllowAny bool
}

// ParseOrigin reads an entry, or fails with [CodeInvalidRequest] and the
// reason. Upper case becomes lower case and a scheme's default port is left out.
func ParseOrigin(entry string, opts OriginOptions) (Origin, error) {
	o, err := readEntry(entry)
	if err != nil {
		return Origin{}, err
	}
	if o.anyOrigin && !opts.DangerouslyAllowAny {
		return Origin{}, E(CodeInvalidRequest, `the origin "*" would let every web page in: name the origins, or set ORIEL_DANGEROUSLY_ALLOW_ANY_ORIGIN=true`)
	}
	if isLoopbackHost(o.host) {
		site, err := url.Parse(opts.SiteURL)
		if err != nil || !isLoopbackHost(lowerASCII(site.Hostname())) {
			return Origin{}, E(CodeInvalidRequest, "the origin %q is this machine's own: it is valid only while the site URL is a loopback address too", entry)
		}
	}
	return o, nil
}

// Matches tells whether the value of an Origin header is covered. "null", the
// empty text and whatever is not a plain http(s) origin never are.
func (o Origin) Matches(origin string) bool {
	scheme, host, port, ok := readOriginHeader(origin)
	switch {
	case !ok:
		return false
	case o.anyOrigin:
		return true
	case o.scheme == "" || scheme != o.scheme:
		return false
	case o.port != "*" && port != o.port:
		return false
	case o.anySubdomain:
		// The dot keeps the apex and evilexample.com out.
		return strings.HasSuffix(host, "."+o.host)
	}
	return host == o.host
}

// Is tells whether the value of an Origin header is the entry itself, in its
// normal form, as browsers send it. Then it is covered; it may be when it is not.
func (o Origin) Is(origin string) bool { return o.exact != "" && o.exact == origin }

// IsLoopbackOrigin tells whether the value of an Origin header is that of a
// page on this machine: localhost, 127.0.0.1 or [::1], any port (sign-in
// contract §6). Other spellings and addresses of it are not.
func IsLoopbackOrigin(origin string) bool {
	_, host, _, ok := readOriginHeader(origin)
	return ok && (host == "localhost" || host == "127.0.0.1" || host == "[::1]")
}

// String is the entry in its normal form, which is also a source expression
// of a Content-Security-Policy.
func (o Origin) String() string {
	if o.anyOrigin {
		return "*"
	}
	if o.scheme == "" {
		return ""
	}
	text := o.scheme + "://"
	if o.anySubdomain {
		text += "*."
	}
	text += o.host
	if o.port != "" {
		text += ":" + o.port
	}
	return text
}

// MarshalText writes the entry's normal form, so that it is a JSON string.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what [Origin.MarshalText] wrote. It holds entries to the
// grammar alone: whether one may be saved was decided by [ParseOrigin] before.
func (o *Origin) UnmarshalText(text []byte) error {
	read, err := readEntry(string(text))
	if err != nil {
		return err
	}
	*o = read
	return nil
}

func readEntry(entry string) (Origin, error) {
	refuse := func(reason string) (Origin, error) {
		return Origin{}, E(CodeInvalidRequest, "the origin %q is not valid: %s", entry, reason)
	}
	if entry == "*" {
		return Origin{anyOrigin: true}, nil
	}
	if entry == "null" {
		return refuse("pages without an origin are never allowed")
	}
	if len(entry) > maxOrigin {
		return Origin{}, E(CodeInvalidRequest, "an origin is longer than %d bytes", maxOrigin)
	}
	scheme, authority, found := strings.Cut(entry, "://")
	scheme = lowerASCII(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return refuse("it must begin with http:// or https://")
	}
	if strings.ContainsAny(authority, `/\?#`) {
		return refuse("write scheme, host and port only, without a path or a slash at the end")
	}
	if strings.Contains(authority, "@") {
		return refuse("it must not name a user")
	}
	hostText, port, ok := splitPort(authority, scheme, true)
	if !ok {
		return refuse("the port must be a number from 1 to 65535, or *")
	}
	bare, anySubdomain := strings.CutPrefix(hostText, "*.")
	if strings.Contains(bare, "*") {
		return refuse("a * may only stand for the first part of the host (*.example.com) or for the port")
	}
	host := canonicalHost(bare)
	if host == "" {
		return refuse("the host must be a DNS name in ASCII (punycode), an IPv4 address or an IPv6 address in brackets")
	}
	if anySubdomain {
		if isAddress(host) {
			return refuse("an address has no subdomains")
		}
		if !strings.Contains(host, ".") && host != "localhost" {
			return refuse("a * must not stand for everything under a top-level domain")
		}
	}
	o := Origin{scheme: scheme, host: host, port: port, anySubdomain: anySubdomain}
	if !anySubdomain && port != "*" {
		o.exact = o.String()
	}
	return o, nil
}

// readOriginHeader takes an Origin header apart (RFC 6454 §7). The host is
// canonical, the port empty when it is the scheme's default.
func readOriginHeader(origin string) (scheme, host, port string, ok bool) {
	if len(origin) > maxOrigin {
		return "", "", "", false
	}
	scheme, authority, found := strings.Cut(origin, "://")
	scheme = lowerASCII(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return "", "", "", false
	}
	hostText, port, ok := splitPort(authority, scheme, false)
	if !ok {
		return "", "", "", false
	}
	host = canonicalHost(hostText)
	return scheme, host, port, host != ""
}

func splitPort(authority, scheme string, anyPort bool) (host, port string, ok bool) {
	at := strings.LastIndexByte(authority, ':')
	if at < 0 || strings.HasSuffix(authority, "]") {
		return authority, "", true
	}
	host, port = authority[:at], authority[at+1:]
	if port == "*" {
		return host, port, anyPort
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "", "", false
	}
	if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
		port = ""
	}
	return host, port, true
}

// canonicalHost is the host in one spelling, or empty when it is none.
func canonicalHost(text string) string {
	if inner, found := strings.CutPrefix(text, "["); found {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !closed || err != nil || !addr.Is6() || addr.Zone() != "" {
			return ""
		}
		return "[" + addr.String() + "]"
	}
	host := lowerASCII(text)
	if len(host) == 0 || len(host) > 253 {
		return ""
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return ""
		}
	}
	// Browsers read a host whose last part is a number as an IPv4 address in
	// one of several spellings (WHATWG URL, "ends in a number"); only the plain
	// one is a host here.
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is4() {
			return ""
		}
	}
	return host
}

// isLabel holds a part of a DNS name to letters, digits and inner hyphens
// (RFC 1123 §2.1): no backtick, brace, percent sign or NUL.
func isLabel(label string) bool {
	if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// isLoopbackHost takes a canonical host. Browsers resolve localhost and all
// under it to this machine, and an unspecified address reaches it as well.
func isLoopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsUnspecified()
}

// lowerASCII leaves other letters alone: Unicode's folding would make an
// ASCII letter of some that are none (the Kelvin sign).
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
