package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the addresses of what stands in front of Oriel. Only their word
// is taken for who is behind them: anybody can write the same headers.
type proxies []netip.Prefix

// newProxies takes prefixes of IPv4 in either of its spellings.
func newProxies(trusted []netip.Prefix) proxies {
	list := make(proxies, 0, len(trusted))
	for _, prefix := range trusted {
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		list = append(list, prefix)
	}
	return list
}

func (p proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// peerOf is the other end of the connection; false when it has no address.
func peerOf(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	return plain(peer.Addr()), true
}

// plain is an address without its zone, and IPv4 in its own spelling.
func plain(address netip.Addr) netip.Addr { return address.WithZone("").Unmap() }

// clientIP is the address that a request came from, empty when it has none:
// the peer's, and behind trusted proxies the last address of X-Forwarded-For
// that is not of one of them. What stands left of that address was written by
// whoever has it. At an entry that is no address the search ends with the last
// one that somebody trusted has seen.
func (a *API) clientIP(r *http.Request) string {
	address, ok := peerOf(r)
	if !ok {
		return ""
	}
	entries := listed(r, "X-Forwarded-For")
	for a.proxies.trust(address) && len(entries) > 0 {
		last := len(entries) - 1
		before, ok := parseForwarded(entries[last])
		if !ok {
			break
		}
		address, entries = before, entries[:last]
	}
	return address.String()
}

// listed joins the values of a header that holds lists (RFC 9110 §5.3).
func listed(r *http.Request, name string) []string {
	values := r.Header.Values(name)
	if len(values) == 0 {
		return nil
	}
	return strings.Split(strings.Join(values, ","), ",")
}

// parseForwarded reads an entry of X-Forwarded-For; some proxies add the port.
func parseForwarded(entry string) (netip.Addr, bool) {
	entry = strings.TrimSpace(entry)
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(entry)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return plain(address), address.Zone() == ""
}

// secureRequest tells whether the browser speaks HTTPS: the site's address
// says so, or this connection does, or a trusted proxy. When several proxies
// were passed, every stretch must have been HTTPS.
func (a *API) secureRequest(r *http.Request) bool {
	if a.https || r.TLS != nil {
		return true
	}
	peer, ok := peerOf(r)
	if !ok || !a.proxies.trust(peer) {
		return false
	}
	schemes := listed(r, "X-Forwarded-Proto")
	return len(schemes) > 0 && !slices.ContainsFunc(schemes, func(scheme string) bool {
		return !strings.EqualFold(strings.TrimSpace(scheme), "https")
	})
}
