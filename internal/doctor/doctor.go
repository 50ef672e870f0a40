package doctor

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/store"
)

// Options are the instance, as its settings and its store have it.
type Options struct {
	SiteURL, Version       string
	Embedding, Interactive bool
	DevMode, TrustsProxies bool
	Store                  *store.Store
	Verifier               signin.TokenVerifier
	// CountPublished fetches a JWKS as the server would, and counts the keys in
	// it that verify tokens.
	CountPublished func(ctx context.Context, url string) (int, error)
	Clock          func() time.Time
	Random         io.Reader
}

// Request is what to look at.
type Request struct {
	FromOrigin string      // the origin of the page that embeds; empty: the first that is authorized
	Provider   string      // slug; empty: each that is on
	Header     http.Header // what a signed-in user's browser sends to the host
}

// Doctor looks.
type Doctor struct {
	options  Options
	declared *oriel.Declaration
	asker    asker
}

// New makes a Doctor.
func New(options Options) *Doctor {
	return &Doctor{options: options, declared: options.Store.Declared(), asker: newAsker()}
}

// Examine looks at everything. It fails with not_found when there is no such
// provider.
func (d *Doctor) Examine(ctx context.Context, r Request) (Report, error) {
	providers, err := d.meant(r.Provider)
	if err != nil {
		return Report{}, err
	}
	report := &Report{}
	answers := d.instance(ctx, section{"oriel", report})
	page := d.page(r, section{"page", report})
	for _, p := range providers {
		about := section{"provider " + p.Slug, report}
		usable := d.provider(ctx, p, about)
		if p.IsSAML() {
			// Nothing of ours can sign in there; a person can.
			about.ok("sign-in", "not tried; a person can: oriel provider test "+p.Slug)
			continue
		}
		d.readable(ctx, p, page, answers, section{"oriel for the page", report}, len(providers) > 1 || r.Provider != "")
		d.host(ctx, p, page, r.Header, usable, section{"host of " + p.Slug, report})
	}
	if len(providers) == 0 {
		section{"oriel", report}.finding("providers", "one that is on", "none",
			"Tell Oriel of the host: oriel provider create, then oriel key create.")
	}
	return *report, nil
}

// meant are the providers to look at: the one that is named, or each that is on.
func (d *Doctor) meant(slug string) ([]oriel.Provider, error) {
	if slug == "" {
		return slices.DeleteFunc(slices.Clone(d.declared.Providers), func(p oriel.Provider) bool { return !p.Enabled }), nil
	}
	for _, p := range d.declared.Providers {
		if p.Slug == slug {
			return []oriel.Provider{p}, nil
		}
	}
	return nil, oriel.E(oriel.CodeNotFound, "there is no provider %q: see oriel provider list", slug)
}
