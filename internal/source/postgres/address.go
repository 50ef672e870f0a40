package postgres

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Address tells where a source's URL leads, without its password: the hosts are
// those that the driver would dial. Errors: invalid_request, without the URL.
func Address(src oriel.Source) (oriel.SourceAddress, error) {
	config, err := parseURL(src.URL)
	if err != nil {
		return oriel.SourceAddress{}, err
	}
	a := oriel.SourceAddress{Hosts: hostsOf(config), Database: config.ConnConfig.Database, Login: config.ConnConfig.User, SSLMode: defaultSSLMode}
	if u, err := url.Parse(src.URL); err == nil && u.Query().Get("sslmode") != "" {
		a.SSLMode = u.Query().Get("sslmode")
	}
	return a, nil
}

// NamesFiles tells whether a source's URL names files of this machine: the
// folder of a socket, a certificate or a key. One that can't be read does.
func NamesFiles(src oriel.Source) bool {
	config, err := parseURL(src.URL)
	if err != nil {
		return true
	}
	u, err := url.Parse(src.URL)
	if err != nil {
		return true
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		if value := u.Query().Get(name); value != "" && (name != "sslrootcert" || value != "system") {
			return true
		}
	}
	return slices.ContainsFunc(hostsOf(config), isSocket)
}

func isSocket(host string) bool { return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") }

// hostsOf are the servers that are dialled, in their order, as HOST:PORT, or the
// folders of sockets.
func hostsOf(config *pgxpool.Config) []string {
	var hosts []string
	add := func(host string, port uint16) {
		if !isSocket(host) {
			host = net.JoinHostPort(host, strconv.Itoa(int(port)))
		}
		if !slices.Contains(hosts, host) { // again without TLS, say
			hosts = append(hosts, host)
		}
	}
	add(config.ConnConfig.Host, config.ConnConfig.Port)
	for _, other := range config.ConnConfig.Fallbacks {
		add(other.Host, other.Port)
	}
	return hosts
}
