package directory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// APIKeyPrefix is how every API key begins.
const APIKeyPrefix = "ork_"

const apiKeyBytes = 32 // 256 random bits

// APIKeyStore keeps API keys; those of others are found by the hash alone.
type APIKeyStore interface {
	FindAPIKey(ctx context.Context, hash [32]byte) (oriel.APIKeyState, bool, error)
	FindAPIKeyByID(ctx context.Context, id string) (oriel.APIKeyState, bool, error)
	TouchAPIKey(ctx context.Context, id string, at time.Time) error

	ListAPIKeys(ctx context.Context) ([]oriel.APIKey, error)
	CreateAPIKey(ctx context.Context, who string, key oriel.APIKey, hash [32]byte) error
	RotateAPIKey(ctx context.Context, who string, next oriel.APIKey, hash [32]byte, overlapEnds time.Time) (oriel.APIKey, error)
	RevokeAPIKey(ctx context.Context, who, id string, at time.Time) error
	// FindPerson finds whom a key is to be bound to.
	FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error)
}

// APIKeyOptions set up API keys.
type APIKeyOptions struct {
	Store APIKeyStore
	// Declared is the newest declared settings: what groups may administer.
	Declared func() *oriel.Declaration
	// DevMode lets keys embed on pages that this machine serves.
	DevMode bool
	Clock   func() time.Time
	Random  io.Reader
}

// APIKeys makes, checks and ends the secrets of servers (sign-in contract §8).
// A key is looked up at each request, so that a revocation needs no notice.
type APIKeys struct {
	options APIKeyOptions

	mu     sync.Mutex
	minute time.Time
	used   map[string]bool // keys whose use in this minute is kept
}

// NewAPIKeys makes APIKeys.
func NewAPIKeys(options APIKeyOptions) *APIKeys {
	return &APIKeys{options: options, used: make(map[string]bool)}
}

// Authenticate tells who a request with a key acts as. What that is good for
// is for [access.Require] and [access.ReadContent] to say.
//
// Errors: api_key_not_for_production for a key that a page sent, which has an
// Origin, outside of dev mode or from a page of another machine;
// api_key_invalid for one that is malformed, unknown or revoked;
// api_key_expired; user_deactivated; tenant_deactivated; store_unavailable.
func (k *APIKeys) Authenticate(ctx context.Context, secret, origin string) (oriel.Principal, oriel.APIKey, error) {
	devPage := k.options.DevMode && oriel.IsLoopbackOrigin(origin)
	// Before anything else: no page finds out whether a key is good.
	if origin != "" && !devPage {
		return refuseKey(oriel.CodeAPIKeyNotForProduction)
	}
	hash, ok := apiKeyHash(secret)
	if !ok {
		return refuseKey(oriel.CodeAPIKeyInvalid)
	}
	state, found, err := k.options.Store.FindAPIKey(ctx, hash)
	if err != nil {
		return oriel.Principal{}, oriel.APIKey{}, fmt.Errorf("check an API key: %w", err)
	}
	now := k.options.Clock()
	if err := standing(state, found, now); err != nil {
		return oriel.Principal{}, oriel.APIKey{}, err
	}
	if err := k.touch(ctx, state.Key, now); err != nil {
		return oriel.Principal{}, oriel.APIKey{}, fmt.Errorf("keep an API key's last use: %w", err)
	}
	return k.principal(state.Person, state.Key, devPage), state.Key, nil
}

// standing tells whether a key that was looked up may be used.
func standing(state oriel.APIKeyState, found bool, now time.Time) error {
	code := oriel.Code("")
	switch key, person := state.Key, state.Person; {
	case !found, !key.Revoked.IsZero():
		code = oriel.CodeAPIKeyInvalid
	case !key.Expires.IsZero() && !now.Before(key.Expires):
		code = oriel.CodeAPIKeyExpired
	case !person.User.Active:
		code = oriel.CodeUserDeactivated
	case !person.TenantActive:
		code = oriel.CodeTenantDeactivated
	default:
		return nil
	}
	return &oriel.Error{Code: code}
}

// Viewer is whom the key with the id acts as now: what a request with it that
// came from a server would. Errors as [APIKeys.Authenticate].
func (k *APIKeys) Viewer(ctx context.Context, id string) (oriel.Principal, oriel.APIKey, error) {
	state, found, err := k.options.Store.FindAPIKeyByID(ctx, id)
	if err != nil {
		return oriel.Principal{}, oriel.APIKey{}, fmt.Errorf("find a viewer's key: %w", err)
	}
	if err := standing(state, found, k.options.Clock()); err != nil {
		return oriel.Principal{}, oriel.APIKey{}, err
	}
	return k.principal(state.Person, state.Key, false), state.Key, nil
}

// Administers tells whether somebody in the groups may administer anything.
func (k *APIKeys) Administers(groups []oriel.GroupKey) bool {
	return access.Administers(k.options.Declared().Groups, groups)
}

func (k *APIKeys) principal(person oriel.Person, key oriel.APIKey, devPage bool) oriel.Principal {
	return oriel.NewKeyPrincipal(person.Effective(), key, devPage).Granted(access.Scopes(k.options.Declared().Groups, person.User.Groups))
}

// touch keeps the minute in which a key was used, once.
func (k *APIKeys) touch(ctx context.Context, key oriel.APIKey, now time.Time) error {
	minute := now.Truncate(time.Minute)
	if !key.LastUsed.Before(minute) || !k.firstUse(key.ID, minute) {
		return nil
	}
	err := k.options.Store.TouchAPIKey(ctx, key.ID, minute)
	if err != nil {
		k.mu.Lock()
		delete(k.used, key.ID)
		k.mu.Unlock()
	}
	return err
}

// firstUse tells whether nothing has kept the key's use in this minute yet.
func (k *APIKeys) firstUse(id string, minute time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.minute.Equal(minute) {
		k.minute = minute
		clear(k.used)
	}
	first := !k.used[id]
	k.used[id] = true
	return first
}

// newAPIKeySecret makes a key and the hash under which it is stored.
func newAPIKeySecret(random io.Reader) (secret string, hash [32]byte, err error) {
	bits := make([]byte, apiKeyBytes)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", hash, fmt.Errorf("make an API key: %w", err)
	}
	secret = APIKeyPrefix + base64.RawURLEncoding.EncodeToString(bits)
	return secret, sha256.Sum256([]byte(secret)), nil
}

// apiKeyHash is the hash of a text that looks like a key. The store is searched
// by hash alone, so that the time of a search tells nothing about any key.
func apiKeyHash(secret string) (hash [32]byte, ok bool) {
	encoded, ok := strings.CutPrefix(secret, APIKeyPrefix)
	if !ok || len(encoded) != base64.RawURLEncoding.EncodedLen(apiKeyBytes) || strings.ContainsAny(encoded, "\r\n") {
		return hash, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(encoded); err != nil {
		return hash, false
	}
	return sha256.Sum256([]byte(secret)), true
}

func refuseKey(code oriel.Code) (oriel.Principal, oriel.APIKey, error) {
	return oriel.Principal{}, oriel.APIKey{}, &oriel.Error{Code: code}
}
