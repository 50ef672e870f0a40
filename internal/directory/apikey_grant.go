package directory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// How long an API key lives, and how long one that is rotated goes on.
const (
	DefaultKeyLifetime = 90 * 24 * time.Hour
	MinKeyLifetime     = time.Minute
	MaxKeyLifetime     = 365 * 24 * time.Hour
	DefaultOverlap     = 24 * time.Hour
	MaxOverlap         = 30 * 24 * time.Hour
)

// mostKeyName is how many bytes the name of an API key has at most.
const mostKeyName = 100

// APIKeyRequest is what somebody wants of a new key.
type APIKeyRequest struct {
	Name   string
	User   oriel.UserID // whom it acts as; or
	Group  oriel.GroupKey
	Scopes []oriel.Scope
	// Lifetime is how long it lives; 0 is [DefaultKeyLifetime].
	Lifetime time.Duration
}

// IssuedAPIKey is a new key with its secret, which is shown this once.
type IssuedAPIKey struct {
	Key    oriel.APIKey
	Secret string
}

// List lists all keys, newest first. Errors: not_authenticated, scope_denied.
func (k *APIKeys) List(ctx context.Context, p oriel.Principal) ([]oriel.APIKey, error) {
	if err := access.Require(p, oriel.ScopeAdminAuthentication); err != nil {
		return nil, err
	}
	return k.options.Store.ListAPIKeys(ctx)
}

// Create makes a key. Without admin:* nobody grants a scope that they don't
// hold, nor binds a key to anybody but whom they act as themselves. Errors:
// not_authenticated; scope_denied; invalid_request with the field.
func (k *APIKeys) Create(ctx context.Context, p oriel.Principal, wanted APIKeyRequest) (IssuedAPIKey, error) {
	if err := access.Require(p, oriel.ScopeAdminAuthentication); err != nil {
		return IssuedAPIKey{}, err
	}
	if wanted.Lifetime == 0 {
		wanted.Lifetime = DefaultKeyLifetime
	}
	if err := wanted.check(); err != nil {
		return IssuedAPIKey{}, err
	}
	now := k.options.Clock()
	key := oriel.APIKey{
		Name: wanted.Name, User: wanted.User, Group: wanted.Group, Scopes: slices.Clone(wanted.Scopes),
		Created: now, Expires: now.Add(wanted.Lifetime),
	}
	if err := mayGrant(p, key); err != nil {
		return IssuedAPIKey{}, err
	}
	if err := k.checkBinding(ctx, key); err != nil {
		return IssuedAPIKey{}, err
	}
	issued, hash, err := k.issue(key)
	if err != nil {
		return IssuedAPIKey{}, err
	}
	err = k.options.Store.CreateAPIKey(ctx, p.Who(), issued.Key, hash)
	if oriel.CodeOf(err) == oriel.CodeNotFound {
		return IssuedAPIKey{}, oriel.WrongField(boundField(key), noSuchBinding)
	}
	if err != nil {
		return IssuedAPIKey{}, err
	}
	return issued, nil
}

// Rotate makes a key in place of another, with its name, binding, scopes and
// lifetime; the other one ends when the overlap does. It gives out what
// [APIKeys.Create] would, under the same conditions. Errors: not_authenticated,
// scope_denied, invalid_request, not_found; conflict for one that is revoked,
// has expired or was rotated.
func (k *APIKeys) Rotate(ctx context.Context, p oriel.Principal, id string, overlap time.Duration) (IssuedAPIKey, error) {
	if err := access.Require(p, oriel.ScopeAdminAuthentication); err != nil {
		return IssuedAPIKey{}, err
	}
	if err := checkOverlap(overlap); err != nil {
		return IssuedAPIKey{}, err
	}
	former, err := k.find(ctx, id)
	if err != nil {
		return IssuedAPIKey{}, err
	}
	// A key's scopes and binding never change: what is checked is what is given.
	if err := mayGrant(p, former); err != nil {
		return IssuedAPIKey{}, err
	}
	lifetime := DefaultKeyLifetime
	if !former.Expires.IsZero() {
		lifetime = former.Expires.Sub(former.Created)
	}
	now := k.options.Clock()
	issued, hash, err := k.issue(oriel.APIKey{Replaces: id, Created: now, Expires: now.Add(lifetime)})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	issued.Key, err = k.options.Store.RotateAPIKey(ctx, p.Who(), issued.Key, hash, now.Add(overlap))
	if err != nil {
		return IssuedAPIKey{}, err
	}
	return issued, nil
}

// Revoke ends a key: its next request is refused, on every node. Errors:
// not_authenticated, scope_denied, not_found.
func (k *APIKeys) Revoke(ctx context.Context, p oriel.Principal, id string) error {
	if err := access.Require(p, oriel.ScopeAdminAuthentication); err != nil {
		return err
	}
	return k.options.Store.RevokeAPIKey(ctx, p.Who(), id, k.options.Clock())
}

func (k *APIKeys) find(ctx context.Context, id string) (oriel.APIKey, error) {
	keys, err := k.options.Store.ListAPIKeys(ctx)
	if err != nil {
		return oriel.APIKey{}, err
	}
	at := slices.IndexFunc(keys, func(key oriel.APIKey) bool { return key.ID == id })
	if at < 0 {
		return oriel.APIKey{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	return keys[at], nil
}

func (k *APIKeys) issue(key oriel.APIKey) (IssuedAPIKey, [32]byte, error) {
	var err error
	if key.ID, err = oriel.NewID(k.options.Random, "key_"); err != nil {
		return IssuedAPIKey{}, [32]byte{}, err
	}
	secret, hash, err := newAPIKeySecret(k.options.Random)
	return IssuedAPIKey{Key: key, Secret: secret}, hash, err
}

// check finds what is wrong with a request by itself.
func (r APIKeyRequest) check() error {
	switch {
	case !oriel.IsName(r.Name, 1, mostKeyName):
		return oriel.WrongField("name", "This is a name of 1 to 100 bytes, to tell the key from others.")
	case (r.User == "") == (r.Group == ""):
		return oriel.WrongField("user", "Name either the user whom the key acts as, or a group whose rights it has.")
	case len(r.Scopes) == 0:
		return oriel.WrongField("scopes", "Name at least one of "+scopeNames()+".")
	case r.Lifetime < MinKeyLifetime || r.Lifetime > MaxKeyLifetime:
		return oriel.WrongField("expires_in", "A key lives for a minute at least, and for 365 days at most.")
	}
	for i, scope := range r.Scopes {
		if !slices.Contains(oriel.Scopes(), scope) {
			return oriel.WrongField("scopes", "There are only "+scopeNames()+".")
		}
		if slices.Contains(r.Scopes[:i], scope) {
			return oriel.WrongField("scopes", "Name each scope once.")
		}
	}
	return nil
}

func scopeNames() string {
	var names []string
	for _, scope := range oriel.Scopes() {
		names = append(names, string(scope))
	}
	return strings.Join(names, ", ")
}

// mayGrant tells whether the principal may give a key out: whoever may do
// everything may; others hold each of its scopes, and it acts as nobody who can
// see or do more than they.
func mayGrant(p oriel.Principal, key oriel.APIKey) error {
	if p.Holds(oriel.ScopeAdmin) {
		return nil
	}
	denied := oriel.E(oriel.CodeScopeDenied, "")
	for _, scope := range key.Scopes {
		if !p.Holds(scope) {
			return denied
		}
	}
	// Whose rows somebody else sees cannot be compared: only oneself is not more.
	own := key.User != "" && key.User == p.User().ID
	if key.User == "" {
		own = p.User().ID == "" && p.In(key.Group)
	}
	if !own {
		return denied
	}
	return nil
}

// checkBinding refuses scopes of administration for who does not hold them:
// such a key would wait for that to change.
func (k *APIKeys) checkBinding(ctx context.Context, key oriel.APIKey) error {
	groups := []oriel.GroupKey{key.Group}
	if key.User != "" {
		person, found, err := k.options.Store.FindPerson(ctx, key.User, "")
		if err != nil {
			return err
		}
		if !found {
			return oriel.WrongField("user", noSuchBinding)
		}
		groups = person.User.Groups
	}
	if slices.Contains(groups, oriel.GroupAdministrators) {
		return nil
	}
	held := access.Scopes(k.options.Declared().Groups, groups)
	for _, scope := range key.Scopes {
		if scope.IsAdmin() && !slices.Contains(held, scope) {
			return oriel.WrongField("scopes", "Scopes of administration are for a key of an administrator, of the group administrators, or of who is in a group that has them.")
		}
	}
	return nil
}

const noSuchBinding = "There is nobody of this name."

func boundField(key oriel.APIKey) string {
	if key.User == "" {
		return "group"
	}
	return "user"
}

func checkOverlap(overlap time.Duration) error {
	if overlap < 0 || overlap > MaxOverlap {
		return oriel.WrongField("overlap_seconds", "This is a number of seconds, at most 30 days.")
	}
	return nil
}
