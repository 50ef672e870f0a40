package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// metadataFlag takes a SAML provider's settings from its metadata.
type metadataFlag struct {
	Metadata string `help:"The metadata of a SAML identity provider, a file or an https address: issuer, sign-in URI, sign-out URI and certificates come from it. You vouch for them." placeholder:"FILE|URL"`
}

// put changes settings, with keys, to what the metadata say that the provider does
// not have now. From an address they are looked at again later.
func (f metadataFlag) put(ctx context.Context, loaded config.Config, p process, settings map[string]any, now oriel.Provider) error {
	if f.Metadata == "" {
		return nil
	}
	address := ""
	if strings.Contains(f.Metadata, "://") {
		address = f.Metadata
	}
	document, err := f.read(ctx, loaded, address != "")
	if err != nil {
		return err
	}
	if err := declaration.TakeMetadata(settings, now, document, address, strings.HasPrefix(loaded.SiteURL, "http:"), p.clock()); err != nil {
		return fmt.Errorf("%s: %s", f.Metadata, oriel.MessageOf(err))
	}
	return nil
}

func (f metadataFlag) read(ctx context.Context, loaded config.Config, fromAddress bool) ([]byte, error) {
	if !fromAddress {
		document, err := os.ReadFile(f.Metadata)
		if err != nil {
			return nil, fmt.Errorf("read the metadata: %w", err)
		}
		return document, nil
	}
	document, err := fetchMetadata(loaded)(ctx, f.Metadata)
	if err != nil {
		return nil, fmt.Errorf("fetch the metadata: %w", err)
	}
	return document, nil
}

// fetchMetadata gets what is at an address that a setting names.
func fetchMetadata(c config.Config) func(ctx context.Context, address string) ([]byte, error) {
	fetcher := fetch.New(fetch.Options{AllowPrivate: c.FetchPrivateAddresses, DevMode: c.Dev})
	return func(ctx context.Context, address string) ([]byte, error) {
		document, err := fetcher.Get(ctx, address)
		return document.Body, err
	}
}
