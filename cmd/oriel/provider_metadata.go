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

// put changes settings to what the metadata say, and gives the certificates. From
// an address they are looked at again later.
func (f metadataFlag) put(ctx context.Context, loaded config.Config, p process, settings map[string]any) ([]string, error) {
	if f.Metadata == "" {
		return nil, nil
	}
	fromAddress := strings.Contains(f.Metadata, "://")
	document, err := f.read(ctx, loaded, fromAddress)
	if err != nil {
		return nil, err
	}
	address := ""
	if fromAddress {
		address = f.Metadata
	}
	certificates, err := declaration.TakeMetadata(settings, document, address, strings.HasPrefix(loaded.SiteURL, "http:"), p.clock())
	if err != nil {
		return nil, fmt.Errorf("%s: %s", f.Metadata, oriel.MessageOf(err))
	}
	return certificates, nil
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

// certificateKeys are certificates under the names of the declaration's format.
func certificateKeys(certificates []string) []any {
	var keys []any
	for i, text := range certificates {
		keys = append(keys, map[string]any{"id": fmt.Sprintf("key-%d", i+1), "kind": "x509", "public": text})
	}
	return keys
}
