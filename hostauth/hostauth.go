package hostauth

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrSignedOut is what [Options.Identify] returns when the request comes from
// nobody who is signed in to the product.
var ErrSignedOut = errors.New("nobody is signed in")

// minSecret is 256 bits, the least that Oriel accepts.
const minSecret = 32

// Options say who vouches, to which Oriel, and for whom.
type Options struct {
	// Issuer is the issuer of the provider in Oriel, by custom the URL of the
	// host's backend.
	Issuer string
	// OrielURL is Oriel's site URL.
	OrielURL string
	// Key signs with EdDSA. Exactly one of Key and Secret is set; Key is
	// better, since Oriel then holds nothing that could sign.
	Key ed25519.PrivateKey
	// Secret signs with HS256: at least 32 random bytes.
	Secret []byte
	// KeyID is the id that the key has in Oriel. It may be empty while the
	// provider has one key.
	KeyID string
	// Identify tells who sent the request. It returns [ErrSignedOut] when it
	// was nobody; any other error is logged and answered with status 500.
	Identify func(*http.Request) (Identity, error)
	// AllowedOrigins are the origins of the product's pages, when they are
	// others than this endpoint's own: "https://app.example.com". There are no
	// wildcards, since the answer signs in whoever reads it.
	AllowedOrigins []string
	// Log gets the failures; nil is [slog.Default].
	Log *slog.Logger
}

// Handler is the host's sign-in endpoint. It is safe for concurrent use.
type Handler struct {
	issuer, orielURL string
	signer           jose.Signer
	identify         func(*http.Request) (Identity, error)
	origins          map[string]bool
	log              *slog.Logger
	now              func() time.Time
	random           io.Reader
}

// New makes the endpoint, or tells which option is wrong.
func New(o Options) (*Handler, error) {
	if o.Issuer == "" {
		return nil, errors.New("hostauth: Issuer is empty; set the issuer of the provider in Oriel")
	}
	if o.Identify == nil {
		return nil, errors.New("hostauth: Identify is nil; it tells who sent a request")
	}
	site, err := parseSite(o.OrielURL)
	if err != nil {
		return nil, err
	}
	signer, err := newSigner(o)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		issuer: o.Issuer, orielURL: site, signer: signer, identify: o.Identify,
		origins: map[string]bool{}, log: o.Log, now: time.Now, random: rand.Reader,
	}
	if h.log == nil {
		h.log = slog.Default()
	}
	for _, origin := range o.AllowedOrigins {
		if err := checkOrigin(origin); err != nil {
			return nil, err
		}
		h.origins[origin] = true
	}
	return h, nil
}

// parseSite gives the site URL without a slash at its end.
func parseSite(text string) (string, error) {
	site := strings.TrimSuffix(text, "/")
	u, err := url.Parse(site)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("hostauth: OrielURL %q is not a URL like https://bi.example.com", text)
	}
	return site, nil
}

// checkOrigin holds an entry to the spelling that browsers send (RFC 6454 §6.2).
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Contains(u.Host, "*") ||
		origin != strings.ToLower(u.Scheme+"://"+u.Host) {
		return fmt.Errorf("hostauth: AllowedOrigins has %q, which is not an origin like https://app.example.com", origin)
	}
	if port := u.Port(); strings.HasSuffix(u.Host, ":") || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return fmt.Errorf("hostauth: AllowedOrigins has %q; leave the default port out, as browsers do", origin)
	}
	return nil
}

func newSigner(o Options) (jose.Signer, error) {
	var signing jose.SigningKey
	switch {
	case len(o.Key) > 0 && len(o.Secret) > 0:
		return nil, errors.New("hostauth: both Key and Secret are set; set one")
	case len(o.Key) == 0 && len(o.Secret) == 0:
		return nil, errors.New("hostauth: neither Key nor Secret is set; make a key with GenerateKey")
	case len(o.Key) > 0 && len(o.Key) != ed25519.PrivateKeySize:
		return nil, fmt.Errorf("hostauth: Key has %d bytes, not the %d of an Ed25519 key", len(o.Key), ed25519.PrivateKeySize)
	case len(o.Key) > 0:
		signing = jose.SigningKey{Algorithm: jose.EdDSA, Key: o.Key}
	case len(o.Secret) < minSecret:
		return nil, fmt.Errorf("hostauth: Secret has %d bytes; it needs at least %d random ones", len(o.Secret), minSecret)
	default:
		signing = jose.SigningKey{Algorithm: jose.HS256, Key: o.Secret}
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	if o.KeyID != "" {
		options.WithHeader("kid", o.KeyID)
	}
	signer, err := jose.NewSigner(signing, options)
	if err != nil {
		return nil, fmt.Errorf("hostauth: use the key: %w", err)
	}
	return signer, nil
}
