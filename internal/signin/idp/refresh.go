package idp

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

const (
	// pause is between two looks at which providers are due.
	pause = time.Minute
	// seldom and often bound how long metadata are kept, whatever they say of it.
	seldom = 24 * time.Hour
	often  = time.Hour
	// soon is how long before its end a certificate is warned of.
	soon = 30 * 24 * time.Hour

	who = "metadata"
)

// Store keeps providers' keys.
type Store interface {
	// AddFoundCertificate fails with conflict when it is there, or an administrator
	// deleted it.
	AddFoundCertificate(ctx context.Context, who, slug string, key oriel.ProviderKey) ([]oriel.Change, error)
	// IsDroppedCertificate tells whether an administrator deleted it.
	IsDroppedCertificate(ctx context.Context, provider string, certificate []byte) (bool, error)
}

// Options set up a [Refresher].
type Options struct {
	Declared func() *oriel.Declaration
	Store    Store
	// Fetch gets what is at an address, under the rules for settings' addresses.
	Fetch func(ctx context.Context, address string) ([]byte, error)
	// Loopback takes http addresses of this machine in metadata.
	Loopback bool
	Clock    func() time.Time
	Log      *slog.Logger
}

// Refresher looks at metadata again and again.
type Refresher struct {
	options Options

	mu  sync.Mutex
	due map[string]time.Time // by provider id
}

// New makes a Refresher.
func New(options Options) *Refresher {
	return &Refresher{options: options, due: make(map[string]time.Time)}
}

// Run looks at each provider when it is due, until ctx ends.
func (r *Refresher) Run(ctx context.Context) {
	again := time.NewTicker(pause)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			r.Look(ctx)
		}
	}
}

// Look looks at the providers that are due.
func (r *Refresher) Look(ctx context.Context) {
	for _, p := range r.options.Declared().Providers {
		if !p.IsSAML() || !p.Enabled || !r.isDue(p.ID) {
			continue
		}
		r.warn(p)
		next := seldom
		if p.SAML.MetadataURL != "" {
			kept, err := r.refresh(ctx, p)
			if err != nil {
				// The known certificates go on working; an hour later it may be there again.
				kept = often
				r.options.Log.Warn("the metadata of an identity provider were not taken", "provider", p.Slug, "error", err)
			}
			next = kept
		}
		r.mu.Lock()
		r.due[p.ID] = r.options.Clock().Add(next)
		r.mu.Unlock()
	}
}

func (r *Refresher) isDue(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, known := r.due[id]
	return !known || !r.options.Clock().Before(at)
}

// warn says which certificates end soon, and of which nothing else can take over.
func (r *Refresher) warn(p oriel.Provider) {
	now := r.options.Clock()
	for _, key := range p.Keys {
		certificate, err := saml.ParseCertificate(key.Public)
		if err != nil || !key.Live(now) || certificate.NotAfter.After(now.Add(soon)) {
			continue
		}
		r.options.Log.Warn("a certificate of an identity provider ends: add the next one with oriel provider update --metadata",
			"provider", p.Slug, "key", key.ID, "ends", certificate.NotAfter.UTC().Format(time.RFC3339))
	}
}

// refresh takes new certificates that one which is known signed, and tells how
// long the metadata are good for.
func (r *Refresher) refresh(ctx context.Context, p oriel.Provider) (time.Duration, error) {
	document, err := r.options.Fetch(ctx, p.SAML.MetadataURL)
	if err != nil {
		return 0, err
	}
	now, wanted := r.options.Clock(), saml.Wanted{EntityID: p.Issuer, Loopback: r.options.Loopback}
	found, err := saml.ReadMetadata(document, wanted, now)
	if err != nil {
		return 0, err
	}
	fresh, err := r.unknown(ctx, p, found)
	if err != nil {
		return 0, err
	}
	if len(fresh) > 0 {
		signed, err := saml.ReadSignedMetadata(document, wanted, known(p, now), now)
		if err != nil {
			return 0, fmt.Errorf("they have %d new certificates and no signature of one that is known: if they are right, run oriel provider update --slug %s --metadata %s", len(fresh), p.Slug, p.SAML.MetadataURL)
		}
		if fresh, err = r.unknown(ctx, p, signed); err != nil {
			return 0, err
		}
		if err := r.add(ctx, p, fresh); err != nil {
			return 0, err
		}
		found = signed
	}
	if found.SignInURL != p.SignInURI {
		r.options.Log.Warn("an identity provider has another address for sign-ins: if that is right, run oriel provider update --metadata", "provider", p.Slug, "address", found.SignInURL)
	}
	if found.CacheFor == 0 {
		return seldom, nil
	}
	return min(max(found.CacheFor, often), seldom), nil
}

// unknown are the certificates that the provider does not have, and that no
// administrator deleted: those stay away, and nobody is told of them each hour.
func (r *Refresher) unknown(ctx context.Context, p oriel.Provider, found saml.IdP) (fresh [][]byte, err error) {
	for _, one := range found.Certificates {
		if saml.HasCertificate(p, one) {
			continue
		}
		dropped, err := r.options.Store.IsDroppedCertificate(ctx, p.ID, one)
		if err != nil {
			return nil, err
		}
		if !dropped {
			fresh = append(fresh, one)
		}
	}
	return fresh, nil
}

// known are those that metadata may be signed with: the provider's own that are
// live, and the one that an administrator pinned for it.
func known(p oriel.Provider, now time.Time) [][]byte {
	var all [][]byte
	if p.SAML.MetadataCertificate != "" {
		return [][]byte{[]byte(p.SAML.MetadataCertificate)}
	}
	for _, key := range p.Keys {
		if key.Live(now) {
			all = append(all, key.Public)
		}
	}
	return all
}

func (r *Refresher) add(ctx context.Context, p oriel.Provider, certificates [][]byte) error {
	for _, one := range certificates {
		if len(p.Keys) >= oriel.MaxProviderKeys {
			return fmt.Errorf("it has a new certificate, and the provider has %d keys already: delete one that is over", len(p.Keys))
		}
		key := oriel.ProviderKey{ID: p.FreeKeyID(), Kind: oriel.KeyX509, Public: one}
		p.Keys = append(slices.Clone(p.Keys), key)
		if _, err := r.options.Store.AddFoundCertificate(ctx, who, p.Slug, key); err != nil {
			if oriel.CodeOf(err) == oriel.CodeConflict {
				continue // another node was quicker, or an administrator deleted it
			}
			return err
		}
		r.options.Log.Info("an identity provider has a new certificate", "provider", p.Slug, "key", key.ID)
	}
	return nil
}
