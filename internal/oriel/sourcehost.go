package oriel

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// SourceHosts are the servers that data sources may be on. The empty list lets
// all be: customers' databases are inside as a rule.
type SourceHosts struct{ entries []sourceHost }

// sourceHost is one of them: a name, a network, or the folder of a socket; any
// port when it names none.
type sourceHost struct {
	name    string
	network netip.Prefix
	port    string
}

// ParseSourceHosts reads a list of host names, addresses, networks and folders
// of sockets, each but the last two with or without a port. Errors are for who
// wrote it.
func ParseSourceHosts(list []string) (SourceHosts, error) {
	var hosts SourceHosts
	for _, text := range list {
		one, ok := parseSourceHost(text)
		if !ok {
			return SourceHosts{}, fmt.Errorf("%q is not a host as db.example.com, db.example.com:5432, 10.0.0.7, 10.1.0.0/16 or /run/postgresql", text)
		}
		hosts.entries = append(hosts.entries, one)
	}
	return hosts, nil
}

func parseSourceHost(text string) (sourceHost, bool) {
	if strings.HasPrefix(text, "/") {
		return sourceHost{name: text}, true
	}
	if network, err := netip.ParsePrefix(text); err == nil {
		return sourceHost{network: network.Masked()}, network == network.Masked()
	}
	name, port := text, ""
	if _, err := netip.ParseAddr(text); err != nil {
		if host, after, err := net.SplitHostPort(text); err == nil {
			if n, err := strconv.ParseUint(after, 10, 16); err != nil || n == 0 {
				return sourceHost{}, false
			}
			name, port = host, after
		}
	}
	if address, err := netip.ParseAddr(name); err == nil {
		return sourceHost{network: netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), port: port}, address.Zone() == ""
	}
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_')
	}
	return sourceHost{name: strings.ToLower(name), port: port}, name != "" && len(name) <= 253 && !strings.ContainsFunc(name, bad)
}

// Permit tells whether a source may be on all of its hosts, each written as
// HOST:PORT or the folder of a socket. A name counts as what it is: that of a
// listed address is not listed.
func (h SourceHosts) Permit(hosts []string) bool {
	return len(h.entries) == 0 || len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool { return !h.has(host) })
}

func (h SourceHosts) has(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if strings.HasPrefix(host, "/") || err != nil {
		name, port = host, ""
	}
	address, failed := netip.ParseAddr(name)
	return slices.ContainsFunc(h.entries, func(e sourceHost) bool {
		if e.port != "" && e.port != port {
			return false
		}
		if e.network.IsValid() {
			return failed == nil && address.Zone() == "" && e.network.Contains(address.Unmap())
		}
		if strings.HasPrefix(e.name, "/") {
			return e.name == name
		}
		return strings.EqualFold(e.name, strings.TrimSuffix(name, "."))
	})
}
