package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/store"
)

type samlKeyCommand struct {
	List   samlKeyListCommand   `cmd:"" help:"List our own keys as a SAML service provider, without what they are made of."`
	Rotate samlKeyRotateCommand `cmd:"" help:"Make the next key. It signs from now on, or after a time; those before it still decrypt."`
	Delete samlKeyDeleteCommand `cmd:"" help:"Delete a key that no identity provider encrypts for any more."`
}

type samlKeyListCommand struct {
	config.StoreFlags
	outputFlag
}

// wireSAMLKey is a key of ours as the commands print it.
type wireSAMLKey struct {
	Serial  int64     `json:"serial"`
	Created time.Time `json:"created"`
	Ends    time.Time `json:"ends"`
	// SignsFrom is when it takes over, and Signs tells whether it does now.
	SignsFrom time.Time `json:"signs_from"`
	Signs     bool      `json:"signs"`
}

// Run lists the keys, the newest first.
func (c samlKeyListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		stored, err := kept.SAMLKeys(ctx)
		if err != nil {
			return err
		}
		all := []wireSAMLKey{}
		lines := [][]string{{"SERIAL", "CREATED", "ENDS", "SIGNS"}}
		signing := oriel.SigningSAMLKey(stored, p.clock())
		for i, key := range stored {
			certificate, err := x509.ParseCertificate(key.Certificate)
			if err != nil {
				return fmt.Errorf("read the certificate of SAML key %d: %w", key.Serial, err)
			}
			one := wireSAMLKey{Serial: key.Serial, Created: key.Created, Ends: certificate.NotAfter, SignsFrom: key.SignsFrom, Signs: i == signing}
			all = append(all, one)
			signs := strconv.FormatBool(one.Signs)
			if i < signing {
				signs = "from " + one.SignsFrom.Format(time.RFC3339)
			}
			lines = append(lines, []string{strconv.FormatInt(one.Serial, 10), one.Created.Format(time.RFC3339), one.Ends.Format(time.RFC3339), signs})
		}
		return c.print(p, map[string]any{"keys": all}, lines...)
	})
}

type samlKeyRotateCommand struct {
	config.StoreFlags
	outputFlag
	SignAfter time.Duration `help:"How long the key before it still signs, as 72h: until then identity providers can take the new one from our metadata." placeholder:"DURATION"`
}

// Run makes the next key.
func (c samlKeyRotateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		if c.SignAfter < 0 || c.SignAfter > longestSignAfter {
			return usage{errors.New("--sign-after is a time from 0 to 720h, as 72h")}
		}
		made, err := saml.NewOwnKey(p.clock())
		if err != nil {
			return err
		}
		made.SignsFrom = made.SignsFrom.Add(c.SignAfter)
		changes, err := kept.AddSAMLKey(ctx, oriel.Operator().Who(), made, false)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}

// longestSignAfter is a month: who waits longer forgets.
const longestSignAfter = 30 * 24 * time.Hour

type samlKeyDeleteCommand struct {
	config.StoreFlags
	outputFlag
	Serial int64 `required:"" help:"Which key: see oriel saml-key list."`
}

// Run deletes the key.
func (c samlKeyDeleteCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		changes, err := kept.DeleteSAMLKey(ctx, oriel.Operator().Who(), c.Serial)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}
