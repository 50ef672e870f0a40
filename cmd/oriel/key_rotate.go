package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type keyRotateCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `required:"" help:"The provider's slug." placeholder:"SLUG"`
	ID       string `name:"id" help:"The next key's id. Default: the first free of key-1, key-2, …" placeholder:"KID"`
	Public   string `help:"The file of the next public key, as PEM or JWK, when the keys are public." placeholder:"FILE"`
	Overlap  span   `help:"How long the former keys still verify tokens, as 24h or 7d; 0s ends them now. Default: 24h." default:"24h" placeholder:"TIME"`
}

// Run makes a key of the newest one's kind, then retires those before it. When
// it is cut off between the two, no key is lost: the former ones stay.
func (c keyRotateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		provider, err := findProvider(kept, c.Provider)
		if err != nil {
			return err
		}
		var former []oriel.ProviderKey
		for _, key := range provider.Keys {
			if key.Ends.IsZero() {
				former = append(former, key)
			}
		}
		if len(former) == 0 {
			return oriel.E(oriel.CodeConflict, "the provider %q has no key that could be followed: make one with oriel key create", provider.Slug)
		}
		kind := former[len(former)-1].Kind
		switch {
		case kind == oriel.KeyJWKS:
			return usage{errors.New("the host publishes its keys itself: rotate them there, what it publishes is heeded")}
		case !kind.IsSecret() && c.Public == "":
			return usage{fmt.Errorf("the keys of %q are public: make the next pair on the host, and give its public half with --public FILE", provider.Slug)}
		}
		if err := c.refuseUnnamed(ctx, kept, provider); err != nil {
			return err
		}
		create := keyCreateCommand{Provider: c.Provider, Kind: string(kind), Public: c.Public, ID: c.ID}
		id, secret, err := create.add(ctx, loaded, kept, p, provider)
		if err != nil {
			return err
		}
		ends := p.clock().Add(time.Duration(c.Overlap))
		for _, key := range former {
			if _, err := kept.RetireKey(ctx, oriel.Operator().Who(), provider.Slug, key.ID, ends); err != nil {
				// Nobody would see the secret again.
				return errors.Join(c.printNewKey(p, kept, provider.Slug, id, secret, nil), fmt.Errorf("retire the key %q: %w", key.ID, err))
			}
		}
		return c.printNewKey(p, kept, provider.Slug, id, secret, c.advice(provider, former, ends))
	})
}

// refuseUnnamed keeps a host that names no key from being locked out: with two
// live keys, tokens of a strict provider need a kid.
func (c keyRotateCommand) refuseUnnamed(ctx context.Context, kept *store.Store, provider oriel.Provider) error {
	if provider.Profile != oriel.ProfileStrict || c.Overlap == 0 {
		return nil
	}
	const looked = 20
	records, err := kept.ListSignIns(ctx, oriel.SignInFilter{Provider: provider.Slug, Outcome: oriel.OutcomeAccepted}, looked)
	if err != nil {
		return err
	}
	for _, record := range records {
		for _, check := range record.Checks {
			if check.Name == "key" && strings.HasPrefix(check.Received, "no kid") {
				return usage{fmt.Errorf("tokens of %q came without a kid lately, and would be refused while two keys are live: let the host name its key in the header first, or end the former key at once with --overlap 0s", provider.Slug)}
			}
		}
	}
	return nil
}

// advice is what to do until the former keys end.
func (c keyRotateCommand) advice(provider oriel.Provider, former []oriel.ProviderKey, ends time.Time) [][]string {
	var lines [][]string
	for _, key := range former {
		lines = append(lines, []string{fmt.Sprintf("key %s ends at %s: let the host sign with the new one before then", key.ID, ends.Format(time.RFC3339))})
	}
	if provider.Profile == oriel.ProfileStrict {
		lines = append(lines, []string{"Until then tokens without a kid are refused, since two keys could be meant."})
	}
	return lines
}
