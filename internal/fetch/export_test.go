package fetch

import (
	"crypto/x509"
	"net"
	"net/netip"
)

// NewIn is New with a resolver and a trust store of the test's.
func NewIn(o Options, names *net.Resolver, roots *x509.CertPool) *Fetcher {
	return in(o, world{names: names, roots: roots})
}

// Dialled tells whether a Fetcher would dial the address for an https one.
func Dialled(o Options, addr netip.Addr) bool {
	return reach{public: true, private: o.AllowPrivate, loopback: o.DevMode}.check(addr) == nil
}
