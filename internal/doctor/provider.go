package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// oldKey is the age above which a secret should have been changed: whoever has
// seen it can sign everybody in.
const oldKey = 400 * 24 * time.Hour

// provider looks at its settings, and tells whether it can sign anybody in.
func (d *Doctor) provider(ctx context.Context, p oriel.Provider, s section) (usable bool) {
	if p.Enabled {
		s.ok("switch", "on")
	} else {
		s.finding("switch", "on", "off", "Switch it on: oriel provider update --slug "+p.Slug+" --enable")
	}
	uri, err := url.Parse(p.SignInURI)
	switch {
	case err != nil || uri.Host == "":
		s.finding("sign-in URI", "an absolute address", "none", "Set it: oriel provider update --slug "+p.Slug+" --sign-in-uri URL")
	case uri.Scheme != "https" && !isLoopback(uri.Hostname()):
		s.finding("sign-in URI", "https", place(uri)+", which anybody on the way can read",
			"Serve the host's endpoint over https: its answer signs in whoever reads it.")
	default:
		s.ok("sign-in URI", place(uri))
	}
	return d.keys(ctx, p, s) && p.Enabled
}

func (d *Doctor) keys(ctx context.Context, p oriel.Provider, s section) (live bool) {
	now := d.options.Clock()
	lasting := false
	var soonest time.Time
	for _, key := range p.Keys {
		if !key.Live(now) {
			continue
		}
		live = true
		if key.Ends.IsZero() {
			lasting = true
		} else if key.Ends.After(soonest) {
			soonest = key.Ends
		}
		d.key(ctx, p, key, now, s)
	}
	switch {
	case !live:
		s.finding("keys", "a live key", fmt.Sprintf("none of %d", len(p.Keys)), signin.Fix(oriel.CodeSSONotConfigured))
	case !lasting:
		s.finding("keys", "a key without an end", "the last one ends at "+soonest.Format(time.RFC3339),
			"Make the next one before then: oriel key create --provider "+p.Slug)
	default:
		s.ok("keys", fmt.Sprintf("%d, one of them without an end", len(p.Keys)))
	}
	return live
}

func (d *Doctor) key(ctx context.Context, p oriel.Provider, key oriel.ProviderKey, now time.Time, s section) {
	name := "key " + oriel.Quoted(key.ID)
	age := now.Sub(key.Created)
	switch {
	case key.Kind == oriel.KeyJWKS:
		n, err := d.options.CountPublished(ctx, key.URL)
		switch {
		case err != nil:
			s.finding(name, "a JWKS that the server can fetch", err.Error(), signin.Fix(oriel.CodeKeysUnavailable))
		case n == 0:
			s.finding(name, "a JWKS with a key that verifies tokens", "none in it does",
				"Let the host publish public keys with a kid each, of a kind that Oriel takes (docs/reference/declarations.md).")
		default:
			s.ok(name, fmt.Sprintf("a JWKS with %d keys that verify tokens", n))
		}
	case key.Kind.IsSecret() && age > oldKey:
		s.finding(name, "a secret that is changed once a year", fmt.Sprintf("%d days old", int(age.Hours()/24)),
			"Change it without a gap: oriel key rotate --provider "+p.Slug)
	case key.Kind.IsSecret():
		s.ok(name, fmt.Sprintf("%s, %d bits, %d days old", key.Kind, 8*len(key.Secret), int(age.Hours()/24)))
	case key.Kind == oriel.KeyX509:
		d.certificate(p, key, now, s)
	default:
		s.ok(name, fmt.Sprintf("%s, public, %d days old", key.Kind, int(age.Hours()/24)))
	}
}

// endsSoon is how long before its end a certificate wants a successor.
const endsSoon = 30 * 24 * time.Hour

func (d *Doctor) certificate(p oriel.Provider, key oriel.ProviderKey, now time.Time, s section) {
	name, fix := "key "+oriel.Quoted(key.ID), "Take the identity provider's next certificate: oriel provider update --slug "+p.Slug+" --metadata FILE|URL"
	block, _ := pem.Decode(key.Public)
	if block == nil {
		s.finding(name, "a certificate", "no PEM", fix)
		return
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	switch {
	case err != nil:
		s.finding(name, "a certificate", "one that can't be read", fix)
	case !now.Before(certificate.NotAfter):
		s.finding(name, "a certificate that has not expired", "expired "+certificate.NotAfter.UTC().Format(time.RFC3339), fix)
	case certificate.NotAfter.Before(now.Add(endsSoon)):
		s.finding(name, "a certificate for a month at least", "it expires "+certificate.NotAfter.UTC().Format(time.RFC3339), fix)
	default:
		s.ok(name, fmt.Sprintf("a certificate, %d days left", int(certificate.NotAfter.Sub(now).Hours()/24)))
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// place is an address without query, which may be confidential.
func place(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// hostOf is an origin's host without port.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	host, _, err := net.SplitHostPort(u.Host)
	if err != nil {
		return u.Host
	}
	return host
}
