package config

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
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
	// PreviousSecretKey is the instance key that SecretKey replaces, or nil.
	PreviousSecretKey []byte
	// SiteName is the name that the SDK shows for this site.
	SiteName string
	// TimeZone is that of questions whose user's tenant has none.
	TimeZone oriel.TimeZone
	// SessionLifetime is how long an embed session lives.
	SessionLifetime time.Duration
	// RecordsKept is how long sign-in records stay.
	RecordsKept time.Duration
	// AuditKept is how long audit entries stay.
	AuditKept time.Duration
	// LogLevel is the least severe log line that is written.
	LogLevel slog.Level
	// Embedding lets the SDK sign people in.
	Embedding bool
	// InteractiveEmbedding lets hosts sign browsers in with a cookie.
	InteractiveEmbedding bool
	// TrustedProxies are the networks of the operator's own proxies, whose
	// X-Forwarded-… headers count. IPv4 networks are not in their IPv6 form.
	TrustedProxies []netip.Prefix
	// SignInRate is how many sign-ins a second one provider may make; ten times
	// as many may come at once.
	SignInRate int
	// RefusedRate is how many refused attempts a minute one client network may
	// make.
	RefusedRate int
	// CacheBytes is how much memory results that are kept may take; 0 keeps none.
	CacheBytes int
	// CacheTime is for how long a result is kept where its question does not say.
	CacheTime time.Duration
	// EngineBytes is how much memory the queries of one DuckDB source may take.
	EngineBytes int
	// DownloadRows is the most rows of one download.
	DownloadRows int
	// Downloads is how many may be under way at once.
	Downloads int
	// FetchPrivateAddresses lets settings name addresses in private networks.
	FetchPrivateAddresses bool
	// SourceFolder is the one folder for the files of data sources that are made
	// on this server; "" is none.
	SourceFolder string
	// SourceHosts are the servers that data sources may be on.
	SourceHosts oriel.SourceHosts
	// DangerouslyAllowAnyOrigin accepts "*" among the authorized origins.
	DangerouslyAllowAnyOrigin bool
	// Dev is dev mode; SiteURL and Listen are then loopback addresses.
	Dev bool

	shown []Shown
}

// parse makes the Config of texts, one for each key.
func parse(texts map[string]text) (Config, error) {
	c := Config{SiteName: texts[keySiteName].value, shown: shown(texts)}
	steps := []func() error{
		func() (err error) { c.Listen, err = parseListen(texts[keyListen]); return },
		func() (err error) { c.SiteURL, err = parseSiteURL(texts[keySiteURL], c.Listen); return },
		func() (err error) {
			c.DatabaseURL, c.DataFolder, err = parseDatabaseURL(texts[keyDatabaseURL])
			return
		},
		func() (err error) { c.SecretKey, err = parseSecretKey(texts[keySecretKey], keySecretKey); return },
		func() (err error) {
			c.PreviousSecretKey, err = parseSecretKey(texts[keyPreviousSecretKey], keyPreviousSecretKey)
			return
		},
		func() error { return checkKeysDiffer(c, texts[keyPreviousSecretKey]) },
		func() error { return checkSiteName(texts[keySiteName]) },
		func() (err error) { c.TimeZone, err = parseTimeZone(texts[keyTimeZone]); return },
		func() (err error) { c.SessionLifetime, err = parseLifetime(texts[keySessionLifetime]); return },
		func() (err error) { c.RecordsKept, err = parseKept(texts[keyRecordsKept], keyRecordsKept); return },
		func() (err error) { c.AuditKept, err = parseKept(texts[keyAuditKept], keyAuditKept); return },
		func() (err error) { c.LogLevel, err = parseLevel(texts[keyLogLevel]); return },
		func() (err error) { c.TrustedProxies, err = parseProxies(texts[keyTrustedProxies]); return },
		func() (err error) {
			c.SourceFolder, err = parseSourceFolder(texts[keySourceFolder], c.DataFolder)
			return
		},
		func() (err error) { c.SourceHosts, err = parseSourceHosts(texts[keySourceHosts]); return },
		func() (err error) { c.SignInRate, err = parseRate(texts[keySignInRate], keySignInRate); return },
		func() (err error) { c.RefusedRate, err = parseRate(texts[keyRefusedRate], keyRefusedRate); return },
		func() (err error) {
			c.CacheBytes, err = parseBytes(texts[keyCacheMemory], keyCacheMemory, 0, 64<<30)
			return
		},
		func() (err error) { c.CacheTime, err = parseCacheTime(texts[keyCacheTime]); return },
		func() (err error) {
			c.EngineBytes, err = parseBytes(texts[keyEngineMemory], keyEngineMemory, 64<<20, 1024<<30)
			return
		},
		func() (err error) {
			c.DownloadRows, err = parseCount(texts[keyDownloadRows], keyDownloadRows, 100_000_000)
			return
		},
		func() (err error) { c.Downloads, err = parseCount(texts[keyDownloads], keyDownloads, 64); return },
	}
	for _, flag := range []struct {
		key string
		to  *bool
	}{
		{keyEmbedding, &c.Embedding}, {keyInteractiveEmbedding, &c.InteractiveEmbedding},
		{keyFetchPrivate, &c.FetchPrivateAddresses}, {keyAnyOrigin, &c.DangerouslyAllowAnyOrigin}, {keyDev, &c.Dev},
	} {
		steps = append(steps, func() (err error) { *flag.to, err = parseBool(texts[flag.key], flag.key); return })
	}
	// Last: it looks at what the others made.
	steps = append(steps, func() error { return checkDev(c, texts[keyDev]) })
	for _, step := range steps {
		if err := step(); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// checkKeysDiffer catches a change of the instance key that changes nothing.
func checkKeysDiffer(c Config, previous text) error {
	if c.PreviousSecretKey != nil && bytes.Equal(c.PreviousSecretKey, c.SecretKey) {
		return fmt.Errorf("%s: previous_secret_key is the same as secret_key; set secret_key to a new one, or leave previous_secret_key out", previous.from)
	}
	return nil
}

// checkDev keeps dev mode to this machine: it lets pages in that production
// keeps out (sign-in contract §8).
func checkDev(c Config, dev text) error {
	if !c.Dev {
		return nil
	}
	if host, _, _ := net.SplitHostPort(c.Listen); !loopbackHost(host) {
		return fmt.Errorf("%s: dev mode is for this machine alone, and listen %s can be reached from others; listen on 127.0.0.1, or serve without dev mode", dev.from, c.Listen)
	}
	if site, err := url.Parse(c.SiteURL); err != nil || !loopbackHost(site.Hostname()) {
		return fmt.Errorf("%s: dev mode is for this machine alone, and site_url %s is not a loopback address; set it to http://%s, or serve without dev mode", dev.from, c.SiteURL, c.Listen)
	}
	return nil
}
