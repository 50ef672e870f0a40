package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How long a server is waited for: to take a connection, and to end a query
// that nobody wants any more before the connection is dropped.
const (
	connectTimeout = 10 * time.Second
	cancelPatience = 5 * time.Second
)

// maxURLBytes bounds a data source's URL.
const maxURLBytes = 4 << 10

// parseURL reads a data source's URL; TLS is as it says (sslmode). It must name
// the host: what the process's environment or files name for others is not
// asked. Errors: invalid_request, without the URL, which holds a password.
func parseURL(text string) (*pgxpool.Config, error) {
	refused := func(why string) error {
		return oriel.E(oriel.CodeInvalidRequest, "its url %s: write it as postgres://LOGIN:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full", why)
	}
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURLBytes:
		return nil, refused("is too long")
	case err != nil:
		return nil, refused("is no URL (a % / @ or : in the password is written as %25 %2F %40 or %3A)")
	case u.Scheme != "postgres" && u.Scheme != "postgresql":
		return nil, refused("does not begin with postgres://")
	case u.User == nil || u.User.Username() == "":
		return nil, refused("names no login")
	case u.Host == "" && u.Query().Get("host") == "":
		return nil, refused("names no host")
	case strings.Trim(u.Path, "/") == "":
		return nil, refused("names no database")
	}
	for name := range u.Query() {
		if !urlSettings[name] {
			return nil, refused(fmt.Sprintf("sets %q, which is not taken there", name))
		}
	}
	config, err := pgxpool.ParseConfig(alone(u))
	if err != nil {
		return nil, refused("is not taken: check its port and sslmode")
	}
	// Whoever may name a host must not have the process's own password sent there.
	config.ConnConfig.Password, _ = u.User.Password()
	config.ConnConfig.RuntimeParams = map[string]string{}
	return config, nil
}

// alone is the URL with all that the driver would otherwise take from the
// process's environment or from files of whoever runs it.
func alone(u *url.URL) string {
	settings := u.Query()
	for name, value := range map[string]string{
		"sslmode": defaultSSLMode, "sslrootcert": "", "sslcert": "", "sslkey": "", "sslpassword": "", "passfile": "", "options": "",
		"target_session_attrs": "any",
	} {
		if !settings.Has(name) {
			settings.Set(name, value)
		}
	}
	if u.Port() == "" && !settings.Has("port") && settings.Get("host") == "" && !strings.Contains(u.Host, ",") {
		settings.Set("port", defaultPort)
	}
	own := *u
	own.RawQuery = settings.Encode()
	return own.String()
}

// What holds where a URL says nothing.
const (
	defaultSSLMode = "prefer"
	defaultPort    = "5432"
)

// urlSettings may stand in a URL; what a query runs under is not up to it.
var urlSettings = map[string]bool{
	"host": true, "port": true, "sslmode": true, "sslrootcert": true, "sslcert": true, "sslkey": true, "sslsni": true,
	"target_session_attrs": true, "connect_timeout": true, "channel_binding": true,
}

// openPool prepares connections to a source; none is made yet.
func openPool(src oriel.Source, connections int) (*pgxpool.Pool, error) {
	config, err := parseURL(src.URL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(min(max(connections, 1), 1000))
	config.MinConns = 0
	config.MaxConnIdleTime = 5 * time.Minute
	config.MaxConnLifetime = time.Hour
	config.ConnConfig.RuntimeParams["application_name"] = "oriel"
	config.ConnConfig.RuntimeParams["client_encoding"] = "UTF8"
	if config.ConnConfig.ConnectTimeout == 0 || config.ConnConfig.ConnectTimeout > connectTimeout {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	// A query ends in the engine when its request does; the connection lives on.
	config.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: 0, DeadlineDelay: cancelPatience}
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, errors.New("its url is not taken")
	}
	return pool, nil
}

// passwordIn finds what a driver's words might quote of a URL.
var passwordIn = regexp.MustCompile(`(?i)(password=|://[^@\s]*:)[^@\s]*`)

// cause is why a server can't be reached, in the driver's own words, without
// the password, for whoever runs oriel.
func cause(src oriel.Source, err error) string {
	words := err.Error()
	var engine *pgconn.PgError
	if errors.As(err, &engine) {
		words = engine.Message + " (" + engine.Code + ")"
	}
	if config, parsed := parseURL(src.URL); parsed == nil {
		words = withoutPassword(words, config.ConnConfig)
	}
	return passwordIn.ReplaceAllString(words, "$1…")
}

func withoutPassword(words string, config *pgx.ConnConfig) string {
	if config.Password == "" {
		return words
	}
	for _, form := range []string{config.Password, url.QueryEscape(config.Password), url.PathEscape(config.Password), url.UserPassword("", config.Password).String()} {
		words = strings.ReplaceAll(words, strings.TrimPrefix(form, ":"), "…")
	}
	return words
}
