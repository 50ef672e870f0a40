package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ProviderStore keeps providers.
type ProviderStore interface {
	CreateProvider(ctx context.Context, who string, p oriel.Provider) ([]oriel.Change, error)
	UpdateProvider(ctx context.Context, who string, p oriel.Provider) ([]oriel.Change, error)
	DeleteProvider(ctx context.Context, who string, slug string) ([]oriel.Change, error)
}

// ProviderAsSet is a provider as administrators see it: its settings under the
// names of a declaration, and its keys without what they are made of.
type ProviderAsSet struct {
	ID, Slug string
	State    ProviderState
	Settings map[string]any
	Keys     []KeyInUse
}

// ProviderState is whether a provider can sign anybody in.
type ProviderState string

// The states.
const (
	ProviderOn         ProviderState = "on"
	ProviderOff        ProviderState = "off"
	ProviderNoKey      ProviderState = "no key"
	ProviderIncomplete ProviderState = "incomplete"
)

func stateOf(p oriel.Provider) ProviderState {
	switch {
	case !p.Enabled:
		return ProviderOff
	case len(p.Keys) == 0:
		return ProviderNoKey
	case !p.Configured():
		return ProviderIncomplete
	}
	return ProviderOn
}

// Providers lists the providers, by slug. Errors: not_authenticated,
// scope_denied.
func (s *Settings) Providers(ctx context.Context, p oriel.Principal) ([]ProviderAsSet, error) {
	if err := s.require(p); err != nil {
		return nil, err
	}
	declared := s.options.Declared().Providers
	list := make([]ProviderAsSet, 0, len(declared))
	for _, one := range declared {
		set, err := s.asSet(ctx, one)
		if err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	return list, nil
}

// Provider finds the provider with the slug. Errors: not_authenticated,
// scope_denied, not_found.
func (s *Settings) Provider(ctx context.Context, p oriel.Principal, slug string) (ProviderAsSet, error) {
	if err := s.require(p); err != nil {
		return ProviderAsSet{}, err
	}
	one, err := s.provider(slug)
	if err != nil {
		return ProviderAsSet{}, err
	}
	return s.asSet(ctx, one)
}

func (s *Settings) asSet(ctx context.Context, one oriel.Provider) (ProviderAsSet, error) {
	keys, err := s.keysInUse(ctx, one)
	return ProviderAsSet{ID: one.ID, Slug: one.Slug, State: stateOf(one), Settings: s.options.WriteProvider(one), Keys: keys}, err
}

// CreateProvider adds a provider; its keys come after, but for those of metadata
// (see takeMetadata). Errors: not_authenticated; scope_denied, also when
// its claims would open a group with what the principal does not hold;
// invalid_request, which says what a declaration would be told, or what is wrong
// with the metadata; conflict when the slug is taken.
func (s *Settings) CreateProvider(ctx context.Context, p oriel.Principal, slug string, settings map[string]any) (ProviderAsSet, error) {
	if err := s.require(p); err != nil {
		return ProviderAsSet{}, err
	}
	next, err := s.readWithoutKeys(ctx, slug, settings, oriel.Provider{})
	if err != nil {
		return ProviderAsSet{}, err
	}
	if err := access.OpenToClaims(p, s.options.Declared(), oriel.Provider{}, next); err != nil {
		return ProviderAsSet{}, err
	}
	if _, err := s.options.Store.CreateProvider(ctx, p.Who(), next); err != nil {
		return ProviderAsSet{}, err
	}
	return s.Provider(ctx, p, slug)
}

// UpdateProvider replaces all of a provider's settings; its keys stay, and the
// certificates of metadata that it does not have are added. Errors:
// not_authenticated; scope_denied, as [Settings.CreateProvider] for what was not
// open before; invalid_request; not_found; conflict when it would have more keys
// than it may.
func (s *Settings) UpdateProvider(ctx context.Context, p oriel.Principal, slug string, settings map[string]any) (ProviderAsSet, error) {
	if err := s.require(p); err != nil {
		return ProviderAsSet{}, err
	}
	current, err := s.provider(slug)
	if err != nil {
		return ProviderAsSet{}, err
	}
	next, err := s.readWithoutKeys(ctx, slug, settings, current)
	if err != nil {
		return ProviderAsSet{}, err
	}
	if next.MethodName() != current.MethodName() {
		return ProviderAsSet{}, oriel.WrongField("kind", "A provider keeps its kind: create another.")
	}
	if next.Profile == oriel.ProfileCompat && slices.ContainsFunc(current.Keys, func(k oriel.ProviderKey) bool { return k.Kind != oriel.KeyHS256 }) {
		return ProviderAsSet{}, oriel.WrongField("profile", "The profile compat takes keys of kind hs256 alone: delete the others first.")
	}
	if err := access.OpenToClaims(p, s.options.Declared(), current, next); err != nil {
		return ProviderAsSet{}, err
	}
	if _, err := s.options.Store.UpdateProvider(ctx, p.Who(), next); err != nil {
		return ProviderAsSet{}, err
	}
	return s.Provider(ctx, p, slug)
}

// DeleteProvider takes a provider and its keys away. Errors: not_authenticated;
// scope_denied; not_found; conflict when somebody has signed in through it.
func (s *Settings) DeleteProvider(ctx context.Context, p oriel.Principal, slug string) error {
	if err := s.require(p); err != nil {
		return err
	}
	_, err := s.options.Store.DeleteProvider(ctx, p.Who(), slug)
	return err
}

// takeMetadata takes the member "metadata" out of settings: a document, or the
// address of one, for which the administrator vouches. Issuer, addresses and the
// certificates that the provider does not have now come from it.
func (s *Settings) takeMetadata(ctx context.Context, settings map[string]any, now oriel.Provider) error {
	given, found := settings["metadata"]
	if !found {
		return nil
	}
	delete(settings, "metadata")
	text, is := given.(string)
	if !is || settings["kind"] != string(oriel.MethodSAML) {
		return oriel.WrongField("metadata", "This is a text, and only a provider of kind saml has it: the document of an identity provider, or its address.")
	}
	document, address := []byte(text), ""
	if !strings.HasPrefix(strings.TrimLeft(text, "\ufeff \t\r\n"), "<") {
		var err error
		address = text
		if document, err = s.options.FetchMetadata(ctx, address); err != nil {
			return oriel.WrongField("metadata", "This is no document, and nothing could be fetched from it as an address: "+oriel.MessageOf(err))
		}
	}
	if err := s.options.TakeMetadata(settings, now, document, address); err != nil {
		return oriel.WrongField("metadata", oriel.MessageOf(err))
	}
	return nil
}

// readWithoutKeys refuses keys among the settings: they have their own
// addresses, at which a secret is neither sent back nor replaced unasked. Only
// metadata bring some, of which those that the provider has now are left out.
func (s *Settings) readWithoutKeys(ctx context.Context, slug string, settings map[string]any, now oriel.Provider) (oriel.Provider, error) {
	if _, found := settings["keys"]; found {
		return oriel.Provider{}, oriel.WrongField("keys", "Keys are added and deleted by themselves: leave them out here.")
	}
	if err := s.takeMetadata(ctx, settings, now); err != nil {
		return oriel.Provider{}, err
	}
	return s.read(slug, settings)
}
