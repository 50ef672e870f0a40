package oriel

import "net/netip"

// ClientNetwork is what attempts from an address are counted under (sign-in
// contract §7): an IPv4 address itself, and the /64 of an IPv6 one, since
// whoever has one address there has them all. Text that is no address is
// counted under the empty name.
func ClientNetwork(clientIP string) string {
	address, err := netip.ParseAddr(clientIP)
	if err != nil {
		return ""
	}
	if address = address.Unmap(); address.Is4() {
		return address.String()
	}
	prefix, err := address.WithZone("").Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}
