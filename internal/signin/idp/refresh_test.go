package idp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/idp"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
)

// kept is what the refresher wrote.
type kept struct {
	keys    []oriel.ProviderKey
	dropped string // PEM
}

func (k *kept) IsDroppedCertificate(_ context.Context, provider string, certificate []byte) (bool, error) {
	return provider == "prv_corp" && k.dropped != "" && saml.SameCertificate(certificate, []byte(k.dropped)), nil
}

func (k *kept) AddFoundCertificate(_ context.Context, _, _ string, key oriel.ProviderKey) ([]oriel.Change, error) {
	k.keys = append(k.keys, key)
	return nil, nil
}

func metadata(t *testing.T, certificates []samltest.Pair, signer *samltest.Pair) []byte {
	t.Helper()
	var keys strings.Builder
	for _, one := range certificates {
		keys.WriteString(`<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(one.DER) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`)
	}
	document := etree.NewDocument()
	if err := document.ReadFromString(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="https://idp.example.com" cacheDuration="PT2H"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		keys.String() + `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`); err != nil {
		t.Fatal(err)
	}
	if signer != nil {
		signing, err := dsig.NewSigningContext(signer.Key, [][]byte{signer.DER})
		if err != nil {
			t.Fatal(err)
		}
		signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
		signed, err := signing.SignEnveloped(document.Root())
		if err != nil {
			t.Fatal(err)
		}
		document.SetRoot(signed)
	}
	text, err := document.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Only what one that is known signed is taken unasked; else an administrator is
// told, and nothing changes.
func TestRefresher_takesWhatAKnownOneSigned(t *testing.T) {
	now := time.Now()
	pair := func(ends time.Duration) samltest.Pair { return samltest.NewPair(now.Add(-time.Hour), now.Add(ends)) }
	known, fresh, other := pair(400*24*time.Hour), pair(800*24*time.Hour), pair(800*24*time.Hour)
	both := []samltest.Pair{known, fresh}
	provider := func(change func(*oriel.Provider)) oriel.Provider {
		p := oriel.Provider{
			ID: "prv_corp", Slug: "corp", Method: oriel.MethodSAML, Enabled: true, Issuer: "https://idp.example.com", SignInURI: "https://idp.example.com/sso",
			Keys: []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyX509, Public: []byte(known.Certificate)}},
			SAML: oriel.SAMLSettings{MetadataURL: "https://idp.example.com/metadata"},
		}
		if change != nil {
			change(&p)
		}
		return p
	}
	for name, c := range map[string]struct {
		change   func(*oriel.Provider)
		document []byte
		failure  error
		added    int
		says     string
		dropped  string
	}{
		"signed by the known one":   {nil, metadata(t, both, &known), nil, 1, "has a new certificate", ""},
		"nothing new":               {nil, metadata(t, both[:1], nil), nil, 0, "", ""},
		"unsigned":                  {nil, metadata(t, both, nil), nil, 0, "no signature of one that is known", ""},
		"signed by itself":          {nil, metadata(t, both, &fresh), nil, 0, "no signature of one that is known", ""},
		"signed by a stranger":      {nil, metadata(t, both, &other), nil, 0, "no signature of one that is known", ""},
		"signed by a retired one":   {func(p *oriel.Provider) { p.Keys[0].Ends = now.Add(-time.Minute) }, metadata(t, both, &known), nil, 0, "no signature of one that is known", ""},
		"signed by the pinned one":  {func(p *oriel.Provider) { p.SAML.MetadataCertificate = other.Certificate }, metadata(t, both, &other), nil, 1, "has a new certificate", ""},
		"pinned, signed by its own": {func(p *oriel.Provider) { p.SAML.MetadataCertificate = other.Certificate }, metadata(t, both, &known), nil, 0, "no signature of one that is known", ""},
		"another provider's":        {func(p *oriel.Provider) { p.Issuer = "https://another.example.com" }, metadata(t, both, &known), nil, 0, "no identity provider", ""},
		"not there":                 {nil, nil, errors.New("it answered with status 500"), 0, "status 500", ""},
		"another address":           {func(p *oriel.Provider) { p.SignInURI = "https://old.example.com/sso" }, metadata(t, both[:1], nil), nil, 0, "another address", ""},
		"it is off":                 {func(p *oriel.Provider) { p.Enabled = false }, metadata(t, both, &known), nil, 0, "", ""},
		"no address":                {func(p *oriel.Provider) { p.SAML.MetadataURL = "" }, metadata(t, both, &known), nil, 0, "", ""},
		"four keys": {func(p *oriel.Provider) {
			for range 3 {
				p.Keys = append(p.Keys, oriel.ProviderKey{ID: "x", Kind: oriel.KeyX509, Public: []byte(other.Certificate)})
			}
		}, metadata(t, both, &known), nil, 0, "delete one that is over", ""},
		"deleted here":             {nil, metadata(t, both, nil), nil, 0, "", fresh.Certificate},
		"deleted here, and signed": {nil, metadata(t, both, &known), nil, 0, "", fresh.Certificate},
		"another one deleted":      {nil, metadata(t, both, &known), nil, 1, "has a new certificate", other.Certificate},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			store, p, at, fetched := &kept{dropped: c.dropped}, provider(c.change), now, 0
			r := idp.New(idp.Options{
				Declared: func() *oriel.Declaration { return &oriel.Declaration{Providers: []oriel.Provider{p}} }, Store: store,
				Fetch: func(context.Context, string) ([]byte, error) { fetched++; return c.document, c.failure },
				Clock: func() time.Time { return at }, Log: slog.New(slog.NewTextHandler(&said, nil)),
			})
			r.Look(t.Context())
			if len(store.keys) != c.added || !strings.Contains(said.String(), c.says) || c.says == "" && said.Len() > 0 {
				t.Errorf("%d keys; %s", len(store.keys), said.String())
			}
			if c.added > 0 && (store.keys[0].ID != "key-2" || !saml.SameCertificate(store.keys[0].Public, []byte(fresh.Certificate))) {
				t.Errorf("%+v", store.keys)
			}
			// Not again before it is due.
			before := fetched
			r.Look(t.Context())
			at = now.Add(25 * time.Hour)
			if r.Look(t.Context()); fetched != 2*before {
				t.Errorf("fetched %d times, first %d", fetched, before)
			}
		})
	}
}

// A certificate that ends soon is warned of, with metadata or without.
func TestRefresher_warnsBeforeTheEnd(t *testing.T) {
	now := time.Now()
	for ends, warned := range map[time.Duration]bool{20 * 24 * time.Hour: true, 40 * 24 * time.Hour: false} {
		var said bytes.Buffer
		p := oriel.Provider{ID: "prv_corp", Slug: "corp", Method: oriel.MethodSAML, Enabled: true, Keys: []oriel.ProviderKey{
			{ID: "key-1", Kind: oriel.KeyX509, Public: []byte(samltest.NewPair(now.Add(-time.Hour), now.Add(ends)).Certificate)},
		}}
		r := idp.New(idp.Options{
			Declared: func() *oriel.Declaration { return &oriel.Declaration{Providers: []oriel.Provider{p}} },
			Clock:    func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&said, nil)),
		})
		r.Look(t.Context())
		if strings.Contains(said.String(), "a certificate of an identity provider ends") != warned {
			t.Errorf("%v: %s", ends, said.String())
		}
	}
}
