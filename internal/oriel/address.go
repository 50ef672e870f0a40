package oriel

import (
	"net/netip"
	"net/url"
	"strings"
)

// maxAddress bounds the text of an address that a setting names.
const maxAddress = 2048

// ParseAddress reads an address that a setting names and that the server will
// fetch (sign-in contract §1): https, or http to this machine, which only a
// server in dev mode fetches. It fails with [CodeInvalidRequest] and the
// reason. Host and port come back in their one spelling.
func ParseAddress(text string) (*url.URL, error) {
	if len(text) > maxAddress || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' || c == '\\' }) {
		return nil, E(CodeInvalidRequest, "the address has a space, a backslash or a character that is not ASCII, or is longer than %d bytes", maxAddress)
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, E(CodeInvalidRequest, `the address does not begin with "https://", or is damaged`)
	}
	// What stands in an address is seen in settings, logs and proxies.
	if u.User != nil {
		return nil, E(CodeInvalidRequest, "the address holds a user name or a password: what is fetched has to be public")
	}
	if strings.Contains(text, "#") {
		return nil, E(CodeInvalidRequest, `the address has a fragment ("#"), which is never sent: leave it out`)
	}
	hostText, port, ok := splitPort(u.Host, u.Scheme, false)
	host := canonicalHost(hostText)
	if !ok || host == "" {
		return nil, E(CodeInvalidRequest, "the address's host or port is not written in the usual way")
	}
	if u.Scheme == "http" && !isThisMachine(host) {
		return nil, E(CodeInvalidRequest, `the address begins with "http://", where anybody on the way can change what is fetched: use https`)
	}
	u.Host = host
	if port != "" {
		u.Host += ":" + port
	}
	return u, nil
}

// isThisMachine is isLoopbackHost without the unspecified addresses, which are
// for listening.
func isThisMachine(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return isLoopbackHost(host) && (err != nil || addr.IsLoopback())
}
