package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// refuseForeignHost answers a request for another host than this machine with
// 421 in dev mode, and tells whether it did. A page whose name was made to
// point here (DNS rebinding) would otherwise be of the same origin as Oriel,
// which in dev mode lets loopback pages in (contract §8).
func (a *API) refuseForeignHost(w http.ResponseWriter, r *http.Request) bool {
	if !a.devMode || isLoopbackHost(r.Host) {
		return false
	}
	err := oriel.E(oriel.CodeInvalidRequest, "In dev mode this server answers under loopback addresses only, as 127.0.0.1 and localhost.")
	a.failWith(w, r, err, http.StatusMisdirectedRequest)
	return true
}

// isLoopbackHost tells whether a Host header names this machine.
func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	// Names under localhost are this machine too (RFC 6761 §6.3).
	name := strings.ToLower(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && plain(address).IsLoopback()
}
