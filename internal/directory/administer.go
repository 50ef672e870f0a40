package directory

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// SettingsStore keeps what an administrator settles about signing in. who is
// [oriel.Principal.Who] of the one who does.
type SettingsStore interface {
	ProviderStore
	ProviderKeyStore
	SAMLTrialStore
	OriginStore
}

// SettingsOptions set up [Settings].
type SettingsOptions struct {
	// Declared is the newest declared settings.
	Declared func() *oriel.Declaration
	Store    SettingsStore
	// ReadProvider reads a provider's settings under the names that they have in
	// a declaration, by the same rules; an error is for who wrote them, and shows
	// no secret. WriteProvider is the way back, without keys.
	ReadProvider  func(slug string, settings map[string]any, groups []oriel.GroupKey) (oriel.Provider, error)
	WriteProvider func(oriel.Provider) map[string]any
	// TakeMetadata puts into the settings of a SAML provider, keys too, what its
	// identity provider's metadata say that it does not have now; FetchMetadata gets
	// them from an address, under the rules for addresses of settings.
	TakeMetadata  func(settings map[string]any, now oriel.Provider, document []byte, address string) error
	FetchMetadata func(ctx context.Context, address string) ([]byte, error)
	// HasCertificate tells whether a provider has it (PEM), as whichever key.
	HasCertificate func(p oriel.Provider, certificate []byte) bool
	// Origins decide which origins may be authorized.
	Origins oriel.OriginOptions
	Clock   func() time.Time
	Random  io.Reader
}

// Settings are what administrators settle about signing in: providers, their
// keys, and origins. Each change is held to what a declaration is held to, and
// leaves an audit entry.
type Settings struct{ options SettingsOptions }

// NewSettings makes Settings.
func NewSettings(options SettingsOptions) *Settings { return &Settings{options: options} }

// require lets nobody in but who administers authentication: they alone learn
// what there is, so that what is missing is no secret from them.
func (s *Settings) require(p oriel.Principal) error {
	return access.Require(p, oriel.ScopeAdminAuthentication)
}

// provider finds a provider whether it can sign anybody in or not.
func (s *Settings) provider(slug string) (oriel.Provider, error) {
	declared := s.options.Declared().Providers
	at := slices.IndexFunc(declared, func(p oriel.Provider) bool { return p.Slug == slug })
	if at < 0 {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return declared[at], nil
}

// read reads settings by the rules of a declaration.
func (s *Settings) read(slug string, settings map[string]any) (oriel.Provider, error) {
	var groups []oriel.GroupKey
	for _, group := range s.options.Declared().Groups {
		groups = append(groups, group.Key)
	}
	p, err := s.options.ReadProvider(slug, settings, groups)
	if err != nil {
		return oriel.Provider{}, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: err.Error()}
	}
	return p, nil
}

// OriginStore keeps the list of origins.
type OriginStore interface {
	AddOrigin(ctx context.Context, who string, o oriel.Origin) ([]oriel.Change, error)
	RemoveOrigin(ctx context.Context, who string, o oriel.Origin) ([]oriel.Change, error)
}

// Origins lists the authorized origins. Errors: not_authenticated, scope_denied.
func (s *Settings) Origins(_ context.Context, p oriel.Principal) ([]oriel.Origin, error) {
	if err := s.require(p); err != nil {
		return nil, err
	}
	return s.options.Declared().Origins, nil
}

// AddOrigin authorizes an origin; one that is authorized stays so. Errors:
// not_authenticated; scope_denied; invalid_request, with the reason.
func (s *Settings) AddOrigin(ctx context.Context, p oriel.Principal, entry string) error {
	if err := s.require(p); err != nil {
		return err
	}
	o, err := oriel.ParseOrigin(entry, s.options.Origins)
	if err != nil {
		return oriel.WrongField("origin", oriel.MessageOf(err))
	}
	_, err = s.options.Store.AddOrigin(ctx, p.Who(), o)
	return err
}

// RemoveOrigin takes an entry off the list, also one that could not be added
// any more. Errors: not_authenticated, scope_denied, invalid_request, not_found.
func (s *Settings) RemoveOrigin(ctx context.Context, p oriel.Principal, entry string) error {
	if err := s.require(p); err != nil {
		return err
	}
	var o oriel.Origin
	if err := o.UnmarshalText([]byte(entry)); err != nil {
		return oriel.WrongField("origin", oriel.MessageOf(err))
	}
	_, err := s.options.Store.RemoveOrigin(ctx, p.Who(), o)
	return err
}
