package main

import (
	"context"
	"crypto/x509"
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
	Rotate samlKeyRotateCommand `cmd:"" help:"Make the next key. It signs from now on; those before it still decrypt."`
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
	Signs   bool      `json:"signs"`
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
		for i, key := range stored {
			certificate, err := x509.ParseCertificate(key.Certificate)
			if err != nil {
				return fmt.Errorf("read the certificate of SAML key %d: %w", key.Serial, err)
			}
			one := wireSAMLKey{Serial: key.Serial, Created: key.Created, Ends: certificate.NotAfter, Signs: i == 0}
			all = append(all, one)
			lines = append(lines, []string{strconv.FormatInt(one.Serial, 10), one.Created.Format(time.RFC3339), one.Ends.Format(time.RFC3339), strconv.FormatBool(one.Signs)})
		}
		return c.print(p, map[string]any{"keys": all}, lines...)
	})
}

type samlKeyRotateCommand struct {
	config.StoreFlags
	outputFlag
}

// Run makes the next key.
func (c samlKeyRotateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		made, err := saml.NewOwnKey(p.clock())
		if err != nil {
			return err
		}
		changes, err := kept.AddSAMLKey(ctx, oriel.Operator().Who(), made, false)
		if err != nil {
			return err
		}
		return c.printChanges(p, changes)
	})
}

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
