package jwt

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// KeySet finds the public keys that hosts publish; signin/jwks has it.
type KeySet interface {
	// Find gives the key that the document at the URL has under the kid. It
	// fails with [oriel.CodeTokenKeyUnknown], or with [oriel.CodeKeysUnavailable]
	// when whether there is one could not be found out.
	Find(ctx context.Context, url, kid string) (Key, error)
}

// findKeys gives the keys that the token may be verified with: one, or in the
// compat profile without kid up to four. A key that has ended is none.
func (v *Verifier) findKeys(ctx context.Context, h header, p oriel.Provider, now time.Time) ([]Key, error) {
	live := make([]oriel.ProviderKey, 0, len(p.Keys))
	for _, k := range p.Keys {
		if k.Live(now) {
			live = append(live, k)
		}
	}
	switch {
	case len(live) == 0 && len(p.Keys) > 0:
		return nil, unknownKey("every key of the provider has ended")
	case h.hasKeyID:
		named := func(k oriel.ProviderKey) bool { return k.Kind != oriel.KeyJWKS && k.ID == h.keyID }
		at := slices.IndexFunc(live, named)
		if at < 0 {
			return v.findPublished(ctx, h, p.Profile, live)
		}
		if slices.ContainsFunc(live[at+1:], named) {
			return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: errors.New("two of the provider's keys have the token's kid")}
		}
		live = live[at : at+1]
	case p.Profile != oriel.ProfileCompat && len(live) > 1:
		return nil, unknownKey("the token has no kid, and more than one key is live")
	// How many keys there are is for the host to change at any time.
	case p.Profile != oriel.ProfileCompat && len(live) == 1 && live[0].Kind == oriel.KeyJWKS:
		return nil, unknownKey("the token has no kid, without which no key of a JWKS is found")
	}
	return v.fitting(h, p.Profile, live)
}

// fitting are those of the keys that verify the token's algorithm.
func (v *Verifier) fitting(h header, profile oriel.Profile, candidates []oriel.ProviderKey) ([]Key, error) {
	var fitting []Key
	var unusable error
	usable := 0
	for _, candidate := range candidates {
		k, err := v.parsed.get(candidate)
		if err != nil {
			unusable = fmt.Errorf("key %q: %w", candidate.ID, err)
			continue
		}
		usable++
		if k.verifies(h.algorithm, profile) {
			fitting = append(fitting, k)
		}
	}
	switch {
	case usable == 0 && unusable != nil:
		return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: unusable}
	case usable == 0:
		return nil, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: errors.New("the provider has no key")}
	case len(fitting) == 0:
		return nil, wrongAlgorithm()
	}
	return fitting[:min(len(fitting), oriel.MaxProviderKeys)], nil
}

// findPublished looks for the token's kid where the host publishes its keys.
// Nothing is fetched for a token that no published key could verify.
func (v *Verifier) findPublished(ctx context.Context, h header, profile oriel.Profile, live []oriel.ProviderKey) ([]Key, error) {
	unknown := unknownKey("the provider has no live key with the token's kid")
	if profile == oriel.ProfileCompat || h.keyID == "" {
		return nil, unknown
	}
	for _, set := range live {
		if set.Kind != oriel.KeyJWKS {
			continue
		}
		if _, isPublic := publicAlgorithm(jose.SignatureAlgorithm(h.algorithm)); !isPublic {
			return nil, wrongAlgorithm()
		}
		if v.published == nil {
			return nil, &oriel.Error{Code: oriel.CodeKeysUnavailable, Err: errors.New("nothing is fetched here")}
		}
		k, err := v.published.Find(ctx, set.URL, h.keyID)
		switch {
		case err == nil && !k.verifies(h.algorithm, profile):
			return nil, wrongAlgorithm()
		case err == nil:
			k.serial = set.Serial
			return []Key{k}, nil
		// Another set may have the key; if none has, this one might have had it.
		case oriel.CodeOf(unknown) != oriel.CodeKeysUnavailable:
			unknown = err
		}
	}
	return nil, unknown
}

func unknownKey(why string) error {
	return &oriel.Error{Code: oriel.CodeTokenKeyUnknown, Err: errors.New(why)}
}

func wrongAlgorithm() error {
	return &oriel.Error{Code: oriel.CodeAlgorithmNotAllowed, Err: errors.New("the token's algorithm is not the key's")}
}

// maxParsed bounds the keys that are kept parsed, far above what providers have.
const maxParsed = 256

// parsedKeys keeps what was made of the providers' keys, since every token
// needs one: by what the key is made of, so that a changed key is another.
type parsedKeys struct {
	mutex sync.RWMutex
	keys  map[[sha256.Size]byte]Key
}

func (c *parsedKeys) get(k oriel.ProviderKey) (Key, error) {
	if k.Kind == oriel.KeyJWKS || len(k.Secret) > 0 && len(k.Public) > 0 || k.URL != "" {
		return parseKey(k) // refused
	}
	made := make([]byte, 0, 512)
	made = append(append(append(append(made, k.Kind...), 0), k.Secret...), k.Public...)
	name := sha256.Sum256(made)
	c.mutex.RLock()
	parsed, found := c.keys[name]
	c.mutex.RUnlock()
	if !found {
		var err error
		if parsed, err = parseKey(k); err != nil {
			return Key{}, err
		}
		c.mutex.Lock()
		if c.keys == nil || len(c.keys) >= maxParsed {
			c.keys = map[[sha256.Size]byte]Key{}
		}
		c.keys[name] = parsed
		c.mutex.Unlock()
	}
	parsed.id, parsed.serial = k.ID, k.Serial
	return parsed, nil
}
