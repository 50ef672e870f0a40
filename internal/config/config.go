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
)

// Config is a valid configuration. Only [Load] makes one.
type Config struct {
	// SiteURL is the address under which browsers reach Oriel, an origin
	// without a slash at its end: "https://bi.example.com".
	SiteURL string
	// Listen is the address and port to listen on.
	Listen string
	// DatabaseURL is the store: "sqlite://" and an absolute path.
	DatabaseURL string
	// DataFolder holds the store, the instance key and the imported data.
	DataFolder string
	// SecretKey is the instance key, 32 bytes; nil when it is kept in the data
	// folder.
	SecretKey []byte
	// SiteName is the name that the SDK shows for this site.
	SiteName string
	// SessionLifetime is how long an embed session lives.
	SessionLifetime time.Duration
	// LogLevel is the least severe log line that is written.
	LogLevel slog.Level
	// Embedding lets the SDK sign people in.
	Embedding bool
	// DangerouslyAllowAnyOrigin accepts "*" among the authorized origins.
	DangerouslyAllowAnyOrigin bool

	shown []Shown
}

// parse makes the Config of texts, one for each key.
func parse(texts map[string]text) (Config, error) {
	c := Config{SiteName: texts[keySiteName].value, shown: shown(texts)}
	var err error
	if c.Listen, err = parseListen(texts[keyListen]); err != nil {
		return Config{}, err
	}
	if c.SiteURL, err = parseSiteURL(texts[keySiteURL], c.Listen); err != nil {
		return Config{}, err
	}
	if c.DatabaseURL, c.DataFolder, err = parseDatabaseURL(texts[keyDatabaseURL]); err != nil {
		return Config{}, err
	}
	if c.SecretKey, err = parseSecretKey(texts[keySecretKey]); err != nil {
		return Config{}, err
	}
	if err := checkSiteName(texts[keySiteName]); err != nil {
		return Config{}, err
	}
	if c.SessionLifetime, err = parseLifetime(texts[keySessionLifetime]); err != nil {
		return Config{}, err
	}
	if c.LogLevel, err = parseLevel(texts[keyLogLevel]); err != nil {
		return Config{}, err
	}
	if c.Embedding, err = parseBool(texts[keyEmbedding], keyEmbedding); err != nil {
		return Config{}, err
	}
	if c.DangerouslyAllowAnyOrigin, err = parseBool(texts[keyAnyOrigin], keyAnyOrigin); err != nil {
		return Config{}, err
	}
	return c, nil
}

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

func parseSecretKey(t text) ([]byte, error) {
	if t.value == "" && t.from == "default" {
		return nil, nil
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := encoding.Strict().DecodeString(t.value); err == nil && len(key) == 32 {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%s: secret_key is 32 random bytes as base64; make one with: openssl rand -base64 32", t.from)
}

func checkSiteName(t text) error {
	if t.value == "" || utf8.RuneCountInString(t.value) > 100 || strings.ContainsFunc(t.value, unicode.IsControl) {
		return fmt.Errorf("%s: site_name is a name of 1 to 100 characters", t.from)
	}
	return nil
}

func parseLifetime(t text) (time.Duration, error) {
	d, err := time.ParseDuration(t.value)
	if err != nil || d < time.Minute || d > 24*time.Hour || d%time.Second != 0 {
		return 0, fmt.Errorf("%s: session_lifetime is a time from 1m to 24h, as 10m", t.from)
	}
	return d, nil
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
