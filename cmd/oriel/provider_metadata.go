package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/fetch"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
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
	entityID, _ := settings["issuer"].(string)
	found, err := saml.ReadMetadata(document, saml.Wanted{EntityID: entityID, Loopback: strings.HasPrefix(loaded.SiteURL, "http:")}, p.clock())
	if err != nil {
		return nil, fmt.Errorf("%s: %s", f.Metadata, oriel.MessageOf(err))
	}
	settings["issuer"], settings["sign_in_uri"] = found.EntityID, found.SignInURL
	own := below(settings, "saml")
	if found.SignOutURL != "" {
		own["sign_out_uri"] = found.SignOutURL
	}
	if found.WantsSignedRequests {
		own["sign_requests"] = true
	}
	if fromAddress {
		own["metadata_url"] = f.Metadata
	}
	certificates := make([]string, 0, len(found.Certificates))
	for _, one := range found.Certificates {
		certificates = append(certificates, strings.TrimSuffix(string(one), "\n"))
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
	fetcher := fetch.New(fetch.Options{AllowPrivate: loaded.FetchPrivateAddresses, DevMode: loaded.Dev})
	document, err := fetcher.Get(ctx, f.Metadata)
	if err != nil {
		return nil, fmt.Errorf("fetch the metadata: %w", err)
	}
	return document.Body, nil
}

// certificateKeys are certificates under the names of the declaration's format.
func certificateKeys(certificates []string) []any {
	var keys []any
	for i, text := range certificates {
		keys = append(keys, map[string]any{"id": fmt.Sprintf("key-%d", i+1), "kind": "x509", "public": text})
	}
	return keys
}
