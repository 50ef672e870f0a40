package config

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func parseListen(t text) (string, error) {
	host, port, err := net.SplitHostPort(t.value)
	if err != nil {
		return "", fmt.Errorf("%s: listen is HOST:PORT, as 127.0.0.1:7420", t.from)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", fmt.Errorf("%s: the port of listen is a number from 0 to 65535", t.from)
	}
	return net.JoinHostPort(host, port), nil
}

func parseSiteURL(t text, listen string) (string, error) {
	if t.value == "" {
		host, port, _ := net.SplitHostPort(listen)
		if !loopbackHost(host) || port == "0" {
			return "", fmt.Errorf("site_url is not set, and cannot be told from listen %s; set ORIEL_SITE_URL to the address that browsers use", listen)
		}
		return "http://" + listen, nil
	}
	u, err := url.Parse(t.value)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("%s: site_url is an address as https://bi.example.com", t.from)
	}
	if u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(t.value, "#") {
		return "", fmt.Errorf("%s: site_url is scheme, host and port alone; leave out user, path, query and fragment", t.from)
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return "", fmt.Errorf("%s: site_url must be https; http is for loopback addresses (127.0.0.1, localhost) only", t.from)
	}
	host := strings.ToLower(u.Hostname())
	for _, r := range host {
		if r > unicode.MaxASCII || !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-:", r)) {
			return "", fmt.Errorf("%s: the host of site_url holds a character that no host name has; write international names in punycode", t.from)
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if strings.HasSuffix(u.Host, ":") || port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", fmt.Errorf("%s: the port of site_url is a number from 1 to 65535", t.from)
		}
	}
	// Tokens name the site URL as their audience, so it has one spelling.
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		return u.Scheme + "://" + host, nil
	}
	return u.Scheme + "://" + host + ":" + port, nil
}

func parseDatabaseURL(t text) (databaseURL, folder string, err error) {
	path := filepath.Join("oriel-data", "oriel.db")
	if t.value != "" {
		scheme, rest, found := strings.Cut(t.value, "://")
		if !found || scheme != "sqlite" {
			return "", "", fmt.Errorf("%s: database_url begins with sqlite:// (the only store of this release), as sqlite:///var/lib/oriel/oriel.db", t.from)
		}
		if !strings.HasPrefix(rest, "/") || strings.ContainsAny(rest, "?#%") || strings.HasSuffix(rest, "/") {
			return "", "", fmt.Errorf("%s: database_url names a file by its absolute path, as sqlite:///var/lib/oriel/oriel.db", t.from)
		}
		path = rest
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", "", fmt.Errorf("%s: find the working directory: %w", t.from, err)
	}
	return "sqlite://" + absolute, filepath.Dir(absolute), nil
}

func parseSecretKey(t text, name string) ([]byte, error) {
	if t.value == "" && t.from == "default" {
		return nil, nil
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := encoding.Strict().DecodeString(t.value); err == nil && len(key) == 32 {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%s: %s is 32 random bytes as base64; make one with: openssl rand -base64 32", t.from, name)
}

func checkSiteName(t text) error {
	if t.value == "" || utf8.RuneCountInString(t.value) > 100 || strings.ContainsFunc(t.value, unicode.IsControl) {
		return fmt.Errorf("%s: site_name is a name of 1 to 100 characters", t.from)
	}
	return nil
}

func parseTimeZone(t text) (oriel.TimeZone, error) {
	zone, err := oriel.ParseTimeZone(t.value)
	if err != nil {
		return "", fmt.Errorf("%s: time_zone: %s", t.from, oriel.MessageOf(err))
	}
	return zone, nil
}

func parseLifetime(t text) (time.Duration, error) {
	d, err := time.ParseDuration(t.value)
	if err != nil || d < time.Minute || d > 24*time.Hour || d%time.Second != 0 {
		return 0, fmt.Errorf("%s: session_lifetime is a time from 1m to 24h, as 10m", t.from)
	}
	return d, nil
}

func parseKept(t text, key string) (time.Duration, error) {
	d, err := time.ParseDuration(t.value)
	if err != nil || d < time.Hour || d > 87600*time.Hour {
		return 0, fmt.Errorf("%s: %s is a time from 1h to 87600h, as 720h for 30 days", t.from, key)
	}
	return d, nil
}

func parseRate(t text, key string) (int, error) { return parseCount(t, key, 1_000_000) }

func parseCount(t text, key string, most uint64) (int, error) {
	n, err := strconv.ParseUint(t.value, 10, 32)
	if err != nil || n == 0 || n > most || strconv.FormatUint(n, 10) != t.value {
		return 0, fmt.Errorf("%s: %s is a whole number from 1 to %d; it cannot be switched off", t.from, key, most)
	}
	return int(n), nil
}

func parseCacheTime(t text) (time.Duration, error) {
	d, err := time.ParseDuration(t.value)
	if err != nil || d < 0 || d > 24*time.Hour || d%time.Second != 0 {
		return 0, fmt.Errorf("%s: cache_time is a time from 0s, which keeps nothing, to 24h, in whole seconds, as 1m", t.from)
	}
	return d, nil
}

// parseBytes reads a size with its unit: a bare number would be taken for
// megabytes by some and for bytes by others. 0 needs none.
func parseBytes(t text, key string, least, most int) (int, error) {
	digits, unit := t.value, 1
	for suffix, bytes := range map[string]int{"MiB": 1 << 20, "GiB": 1 << 30} {
		if before, found := strings.CutSuffix(t.value, suffix); found {
			digits, unit = before, bytes
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(n) != digits || unit == 1 && n != 0 || n < 0 || n > most/unit || n*unit < least {
		return 0, fmt.Errorf("%s: %s is a size from %s to %s, as 256MiB or 2GiB", t.from, key, size(least), size(most))
	}
	return n * unit, nil
}

func size(bytes int) string {
	switch {
	case bytes == 0:
		return "0"
	case bytes%(1<<30) == 0:
		return strconv.Itoa(bytes>>30) + "GiB"
	}
	return strconv.Itoa(bytes>>20) + "MiB"
}

// The widest networks that may be trusted: 10.0.0.0/8 and fc00::/7 are the
// widest that are somebody's own.
const (
	widestIPv4 = 8
	widestIPv6 = 7
)

// parseProxies reads addresses and networks. Whoever is trusted may say that a
// request is anybody's, so a network must be written as what it is.
func parseProxies(t text) ([]netip.Prefix, error) {
	if t.value == "" {
		return nil, nil
	}
	var all []netip.Prefix
	for one := range strings.SplitSeq(t.value, ",") {
		one = strings.TrimSpace(one)
		network, err := parseNetwork(one)
		if err != nil {
			return nil, fmt.Errorf("%s: trusted_proxies: %w", t.from, err)
		}
		all = append(all, network)
	}
	return all, nil
}

func parseNetwork(one string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(one)
	if address, failure := netip.ParseAddr(one); failure == nil && address.Zone() == "" {
		network, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an address or network as 10.0.0.7 or 10.1.0.0/16", one)
	}
	if network.Addr().Is4In6() {
		// A connection's address is compared in its IPv4 form.
		network = netip.PrefixFrom(network.Addr().Unmap(), max(network.Bits()-96, 0))
	}
	widest := widestIPv6
	if network.Addr().Is4() {
		widest = widestIPv4
	}
	if network.Bits() < widest {
		return netip.Prefix{}, fmt.Errorf("%q covers more than a network of your own, and whoever is in it could claim any client address; name your proxies' addresses", one)
	}
	if network != network.Masked() {
		return netip.Prefix{}, fmt.Errorf("%q is an address and a network at once; write %s for the network, or %s for the address alone", one, network.Masked(), network.Addr())
	}
	return network, nil
}

func parseLevel(t text) (slog.Level, error) {
	switch t.value {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("%s: log_level is debug, info, warn or error", t.from)
}

func parseBool(t text, key string) (bool, error) {
	switch t.value {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s: %s is true or false", t.from, key)
}

func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
