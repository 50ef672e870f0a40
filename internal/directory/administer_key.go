package directory

import (
	"context"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ProviderKeyStore keeps providers' keys.
type ProviderKeyStore interface {
	KeyUses(ctx context.Context, slug string, now time.Time) (map[int64]oriel.KeyUse, error)
	CreateKey(ctx context.Context, who string, slug string, key oriel.ProviderKey) ([]oriel.Change, error)
	RetireKey(ctx context.Context, who, slug, kid string, ends time.Time) ([]oriel.Change, error)
	DeleteKey(ctx context.Context, who string, slug, kid string) ([]oriel.Change, error)
}

// KeyInUse is a key without what it is made of, and how much it is used.
type KeyInUse struct {
	Key          oriel.ProviderKey
	Use          oriel.KeyUse
	Live         bool
	SafeToDelete bool
}

// KeyRequest is what somebody wants of a new key: of a secret the text, or
// nothing, to have one made; of the others the public key, or where it is.
type KeyRequest struct {
	ID                  string // empty: the first free of key-1, key-2, …
	Kind                oriel.KeyKind
	Secret, Public, URL string
}

// AddedKey is a new key, with its secret when it was made here: it is shown
// this once.
type AddedKey struct {
	Key    KeyInUse
	Secret string
}

// Keys lists a provider's keys. Errors: not_authenticated, scope_denied,
// not_found.
func (s *Settings) Keys(ctx context.Context, p oriel.Principal, slug string) ([]KeyInUse, error) {
	if err := s.require(p); err != nil {
		return nil, err
	}
	one, err := s.provider(slug)
	if err != nil {
		return nil, err
	}
	return s.keysInUse(ctx, one)
}

func (s *Settings) keysInUse(ctx context.Context, one oriel.Provider) ([]KeyInUse, error) {
	now := s.options.Clock()
	uses, err := s.options.Store.KeyUses(ctx, one.Slug, now)
	if err != nil {
		return nil, err
	}
	list := make([]KeyInUse, 0, len(one.Keys))
	for _, key := range one.Keys {
		use := uses[key.Serial]
		// What it is made of goes no further.
		key.Secret, key.Public = nil, nil
		list = append(list, KeyInUse{Key: key, Use: use, Live: key.Live(now), SafeToDelete: key.SafeToDelete(use, now)})
	}
	return list, nil
}

func (s *Settings) key(ctx context.Context, p oriel.Principal, slug, kid string) (KeyInUse, error) {
	keys, err := s.Keys(ctx, p, slug)
	if err != nil {
		return KeyInUse{}, err
	}
	at := slices.IndexFunc(keys, func(k KeyInUse) bool { return k.Key.ID == kid })
	if at < 0 {
		return KeyInUse{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return keys[at], nil
}

// AddKey adds a key to a provider. Errors: not_authenticated; scope_denied;
// not_found; invalid_request, which says what a declaration would be told;
// conflict when the id or the certificate is there already, or the provider has as
// many keys as it may.
func (s *Settings) AddKey(ctx context.Context, p oriel.Principal, slug string, wanted KeyRequest) (AddedKey, error) {
	if err := s.require(p); err != nil {
		return AddedKey{}, err
	}
	provider, err := s.provider(slug)
	if err != nil {
		return AddedKey{}, err
	}
	if wanted.ID == "" {
		wanted.ID = provider.FreeKeyID()
	}
	made := ""
	if wanted.Kind.IsSecret() && wanted.Secret == "" {
		if made, err = MakeSecret(s.options.Random, wanted.Kind); err != nil {
			return AddedKey{}, err
		}
		wanted.Secret = made
	}
	read, err := s.read(slug, keySettings(provider, wanted))
	if err != nil {
		return AddedKey{}, err
	}
	if wanted.Kind == oriel.KeyX509 && s.options.HasCertificate(provider, []byte(wanted.Public)) {
		return AddedKey{}, oriel.E(oriel.CodeConflict, "The provider has this certificate already.")
	}
	if _, err := s.options.Store.CreateKey(ctx, p.Who(), slug, read.Keys[0]); err != nil {
		return AddedKey{}, err
	}
	key, err := s.key(ctx, p, slug, wanted.ID)
	return AddedKey{Key: key, Secret: made}, err
}

// keySettings are the settings of a provider that matter to its keys, with the
// new one. Those that it has were read before.
func keySettings(provider oriel.Provider, wanted KeyRequest) map[string]any {
	key := map[string]any{"id": wanted.ID, "kind": string(wanted.Kind)}
	for name, value := range map[string]string{"secret": wanted.Secret, "public": wanted.Public, "url": wanted.URL} {
		if value != "" {
			key[name] = value
		}
	}
	settings := map[string]any{
		"kind": string(provider.MethodName()), "sign_in_uri": provider.SignInURI, "keys": []any{key},
	}
	if !provider.IsSAML() {
		settings["profile"] = string(provider.Profile)
	}
	if provider.Issuer != "" {
		settings["issuer"] = provider.Issuer
	}
	return settings
}

// RetireKey gives a key an end: until the overlap has passed it verifies
// tokens, and not after. Errors: not_authenticated; scope_denied;
// invalid_request; not_found; conflict when it ends sooner already.
func (s *Settings) RetireKey(ctx context.Context, p oriel.Principal, slug, kid string, overlap time.Duration) (KeyInUse, error) {
	if err := s.require(p); err != nil {
		return KeyInUse{}, err
	}
	if err := checkOverlap(overlap); err != nil {
		return KeyInUse{}, err
	}
	if _, err := s.options.Store.RetireKey(ctx, p.Who(), slug, kid, s.options.Clock().Add(overlap)); err != nil {
		return KeyInUse{}, err
	}
	return s.key(ctx, p, slug, kid)
}

// DeleteKey takes a key away; the sessions that it vouched for end. Errors:
// not_authenticated, scope_denied, not_found.
func (s *Settings) DeleteKey(ctx context.Context, p oriel.Principal, slug, kid string) error {
	if err := s.require(p); err != nil {
		return err
	}
	_, err := s.options.Store.DeleteKey(ctx, p.Who(), slug, kid)
	return err
}
