package main

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/store"
)

// samlKeys are our own keys as a service provider, from the store. The first is
// made when it is first needed.
type samlKeys struct {
	store *store.Store
	clock func() time.Time

	mu   sync.Mutex
	read map[int64]tls.Certificate // by serial: reading one takes longer than asking which there are
}

func newProtocol(kept *store.Store, clock func() time.Time) saml.Protocol {
	keys := &samlKeys{store: kept, clock: clock, read: make(map[int64]tls.Certificate)}
	return saml.Protocol{Keys: keys.all, Signing: keys.signing}
}

func (k *samlKeys) all() ([]tls.Certificate, error) {
	all, _, err := k.readAll()
	return all, err
}

func (k *samlKeys) signing() (tls.Certificate, error) {
	all, stored, err := k.readAll()
	if err != nil {
		return tls.Certificate{}, err
	}
	return all[oriel.SigningSAMLKey(stored, k.clock())], nil
}

// readAll gives at least one key, in the order of the store.
func (k *samlKeys) readAll() ([]tls.Certificate, []oriel.SAMLKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ctx := context.Background()
	stored, err := k.store.SAMLKeys(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(stored) == 0 {
		made, err := saml.NewOwnKey(k.clock())
		if err != nil {
			return nil, nil, err
		}
		if _, err := k.store.AddSAMLKey(ctx, oriel.Operator().Who(), made, true); err != nil {
			return nil, nil, err
		}
		if stored, err = k.store.SAMLKeys(ctx); err != nil {
			return nil, nil, err
		}
	}
	all := make([]tls.Certificate, 0, len(stored))
	for _, one := range stored {
		known, found := k.read[one.Serial]
		if !found {
			if known, err = saml.ReadOwnKey(one); err != nil {
				return nil, nil, err
			}
			k.read[one.Serial] = known
		}
		all = append(all, known)
	}
	return all, stored, nil
}
