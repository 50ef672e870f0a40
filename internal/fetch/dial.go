package fetch

import (
	"context"
	"net/netip"
	"slices"
	"syscall"
)

// reach says which addresses are dialled.
type reach struct {
	public, private, loopback bool
}

// control is called by the dialer with the very address that it is about to
// connect to: a name that resolves differently the second time gains nothing.
func (r reach) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return sentence("its address could not be read")
	}
	return r.check(at.Addr())
}

func (r reach) check(addr netip.Addr) error {
	// One address in two notations would need every rule twice.
	addr = addr.Unmap()
	switch {
	case addr.IsLoopback():
		if r.loopback {
			return nil
		}
		return sentence("its name leads to this machine, which is fetched from in dev mode only")
	case isPrivate(addr):
		if r.private {
			return nil
		}
		return sentence("its name leads into a private network: this server's settings have to allow that first")
	case !isPublic(addr):
		return sentence("its name leads to an address that is no server on the internet")
	case !r.public:
		return sentence("its name leads away from this machine, where http is not fetched")
	}
	return nil
}

// isPrivate knows the networks that organisations number for themselves. The
// metadata services of clouds, which hand out credentials to whoever asks from
// the machine, are in none of them here.
func isPrivate(addr netip.Addr) bool {
	return within(addr, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // RFC 1918
		"100.64.0.0/10", // RFC 6598, carriers
		"fc00::/7",      // RFC 4193
	) && !isMetadata(addr)
}

func isMetadata(addr netip.Addr) bool {
	return within(addr, "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::/32", "168.63.129.16/32")
}

// isPublic leaves out the special-purpose registries of IANA (RFC 6890), and
// for IPv6 all that is not global unicast: there NAT64 (RFC 6052, RFC 8215)
// and IPv4 in other clothes are.
func isPublic(addr netip.Addr) bool {
	if isMetadata(addr) || addr.Zone() != "" {
		return false
	}
	if addr.Is4() {
		return !within(addr,
			"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
			"192.0.0.0/24",                                      // protocol assignments
			"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
			"192.88.99.0/24", // 6to4 relays
			"198.18.0.0/15",  // benchmarks
			"224.0.0.0/3",    // multicast, reserved, broadcast
		)
	}
	return within(addr, "2000::/3") && !within(addr,
		"2001::/23",                  // protocol assignments, Teredo, ORCHID
		"2001:db8::/32", "3fff::/20", // documentation
		"2002::/16", // 6to4
	)
}

func within(addr netip.Addr, networks ...string) bool {
	return slices.ContainsFunc(networks, func(network string) bool { return netip.MustParsePrefix(network).Contains(addr) })
}
