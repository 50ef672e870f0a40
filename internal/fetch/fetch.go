package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The limits of the contract, §1.
const (
	MaxBody = 1 << 20         // bytes
	Within  = 5 * time.Second // from the name's look-up to the body's last byte
)

const (
	maxRedirects = 3
	maxHeader    = 64 << 10 // bytes
)

// Options are the settings of the instance that widen what may be fetched.
type Options struct {
	// AllowPrivate lets settings name addresses of private networks (RFC 1918,
	// RFC 4193, RFC 6598). Loopback, link-local and the metadata services of
	// clouds stay refused.
	AllowPrivate bool
	// DevMode lets settings name this machine, by http as well.
	DevMode bool
}

// Fetcher fetches. It may be used by many at once, and keeps no connection,
// cookie or answer from one fetch to the next.
type Fetcher struct {
	devMode       bool
	plain, secure *http.Client
}

// Document is what was fetched.
type Document struct {
	Body []byte
}

// New makes a Fetcher.
func New(o Options) *Fetcher { return in(o, world{}) }

// world is what the system has: its resolver and its trust store, when nil.
type world struct {
	names *net.Resolver
	roots *x509.CertPool
}

func in(o Options, w world) *Fetcher {
	return &Fetcher{
		devMode: o.DevMode,
		// http to this machine never leaves it, whatever localhost resolves to.
		plain:  client(reach{loopback: o.DevMode}, w),
		secure: client(reach{public: true, private: o.AllowPrivate, loopback: o.DevMode}, w),
	}
}

func client(r reach, w world) *http.Client {
	dialer := &net.Dialer{Resolver: w.names, ControlContext: r.control}
	return &http.Client{
		Timeout:       Within,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:       nil, // a proxy would dial for us, and check nothing
			DialContext: dialer.DialContext,
			// A document is fetched every few minutes: no connection waits for it.
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: w.roots},
		},
	}
}

// Get fetches the document at the address, within [Within]. Its errors are
// sentences for administrators; they name the host and nothing else of the
// address, and nothing of what was fetched.
func (f *Fetcher) Get(ctx context.Context, address string) (Document, error) {
	u, err := oriel.ParseAddress(address)
	if err != nil {
		return Document{}, errors.New(oriel.MessageOf(err))
	}
	sender := f.secure
	if u.Scheme == "http" {
		if !f.devMode {
			return Document{}, errors.New(`the address begins with "http://", which is fetched in dev mode only: use https`)
		}
		sender = f.plain
	}
	body, err := get(ctx, sender, u)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", u.Host, reason(err))
	}
	return Document{Body: body}, nil
}

func get(ctx context.Context, sender *http.Client, u *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "Oriel")
	response, err := sender.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	switch encoding := response.Header.Get("Content-Encoding"); {
	case response.StatusCode != http.StatusOK:
		return nil, sentence(fmt.Sprintf("it answered with status %d, not 200", response.StatusCode))
	// Not asked for, and a few bytes of it can unpack to any size.
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, sentence("it answered with a compressed document, which was not asked for")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxBody {
		return nil, errTooBig
	}
	return body, nil
}

// checkRedirect follows to other pages of the same host: what the setting named
// is what is asked. Each page's address is dialled, and checked, anew.
func checkRedirect(next *http.Request, past []*http.Request) error {
	u, err := oriel.ParseAddress(next.URL.String())
	first := past[0].URL
	switch {
	case err != nil || u.Scheme != first.Scheme || u.Host != first.Host:
		return sentence("it redirects to another host, which is not followed: name the address where the document is")
	case len(past) > maxRedirects:
		return sentence(fmt.Sprintf("it redirects more than %d times", maxRedirects))
	}
	return nil
}
