package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/store"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make a secret and print it once, or take a public key."`
	List   keyListCommand   `cmd:"" help:"List keys, how much they are used and whether they may be deleted; never what they are made of."`
	Rotate keyRotateCommand `cmd:"" help:"Make the next key, and retire the ones before it."`
	Retire keyRetireCommand `cmd:"" help:"Give a key an end: tokens that it signs are refused from then on."`
	Delete keyDeleteCommand `cmd:"" help:"Delete a key. The sessions that it vouched for end."`
}

type keyCreateCommand struct {
	config.StoreFlags
	outputFlag
	Provider string `required:"" help:"The provider's slug." placeholder:"SLUG"`
	Kind     string `required:"" help:"hs256, hs384 and hs512 make a secret; eddsa, es256, rs256 and the others take a public key; x509 takes the certificate of a SAML identity provider; jwks takes the address of public keys."`
	Public   string `help:"The file of the public key, as PEM or JWK, or of the certificate, as PEM." placeholder:"FILE"`
	URL      string `name:"url" help:"Where the host publishes its public keys, with kind jwks: https, or http on a loopback address." placeholder:"URL"`
	ID       string `name:"id" help:"The kid of the tokens that it signs. Default: the first free of key-1, key-2, …" placeholder:"KID"`
}

// createdKey is the answer of key create. The secret is nowhere else.
type createdKey struct {
	Key    wireKey `json:"key"`
	Secret string  `json:"secret,omitempty"`
}

// Run adds the key, held to what a declaration is held to.
func (c keyCreateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(loaded config.Config, kept *store.Store) error {
		provider, err := findProvider(kept, c.Provider)
		if err != nil {
			return err
		}
		id, secret, err := c.add(ctx, loaded, kept, p, provider)
		if err != nil {
			return err
		}
		return c.printNewKey(p, kept, c.Provider, id, secret, nil)
	})
}

// add makes the key and gives its id, and its secret when it has one.
func (c keyCreateCommand) add(ctx context.Context, loaded config.Config, kept *store.Store, p process, provider oriel.Provider) (id, secret string, err error) {
	id, secret, key, err := c.material(provider, p)
	if err != nil {
		return "", "", err
	}
	read, err := declaration.ReadProvider(provider.Slug, withKey(provider, key), groupsOf(kept), declaration.Options{Origins: origins(loaded)})
	if err != nil {
		return "", "", usage{ofKey(err, len(provider.Keys))}
	}
	made := read.Keys[len(read.Keys)-1]
	if made.Kind == oriel.KeyX509 && saml.HasCertificate(provider, made.Public) {
		return "", "", oriel.E(oriel.CodeConflict, "the provider %q has this certificate already", provider.Slug)
	}
	_, err = kept.CreateKey(ctx, oriel.Operator().Who(), provider.Slug, made)
	return id, secret, err
}

// ofKey says of the key alone, and of its flags, what a declaration would say
// of the place that it has among all of the provider's settings.
func ofKey(err error, place int) error {
	path := fmt.Sprintf("keys.%d", place)
	return errors.New(strings.NewReplacer(path+".", "--", path+": ", "").Replace(err.Error()))
}

// material is the new key under the names of the declaration's format.
func (c keyCreateCommand) material(provider oriel.Provider, p process) (id, secret string, key map[string]any, err error) {
	if id = c.ID; id == "" {
		id = provider.FreeKeyID()
	} else if provider.HasKey(id) {
		return "", "", nil, oriel.E(oriel.CodeConflict, "the provider %q has a key %q already: choose another id", provider.Slug, id)
	}
	key = map[string]any{"id": id, "kind": c.Kind}
	kind := oriel.KeyKind(c.Kind)
	switch isSecret := kind.IsSecret(); {
	case c.URL != "" && c.Kind != string(oriel.KeyJWKS):
		return "", "", nil, usage{errors.New("only keys of kind jwks have an address: leave --url out")}
	case c.Kind == string(oriel.KeyJWKS) && (c.URL == "" || c.Public != ""):
		return "", "", nil, usage{errors.New("a key of kind jwks has an address and nothing else: give it with --url")}
	case c.Kind == string(oriel.KeyJWKS):
		key["url"] = c.URL
	case isSecret && c.Public != "":
		return "", "", nil, usage{fmt.Errorf("a key of kind %s is a secret that is made here: leave --public out", c.Kind)}
	case isSecret:
		if secret, err = directory.MakeSecret(p.random, kind); err != nil {
			return "", "", nil, err
		}
		key["secret"] = secret
	case c.Public != "":
		public, err := os.ReadFile(c.Public)
		if err != nil {
			return "", "", nil, fmt.Errorf("read the public key: %w", err)
		}
		// As a declaration reads a file that it refers to.
		key["public"] = strings.TrimSuffix(strings.TrimSuffix(string(public), "\n"), "\r")
	case !strings.HasPrefix(c.Kind, "hs"):
		return "", "", nil, usage{errors.New("only secrets are made here: give the file of the public key with --public")}
	}
	return id, secret, key, nil
}

// withKey are the settings of a provider that matter to its keys, and all of
// them with the new one at the end.
func withKey(provider oriel.Provider, added map[string]any) map[string]any {
	settings := map[string]any{
		"kind": string(provider.MethodName()), "sign_in_uri": provider.SignInURI, "keys": append(keySettings(provider), added),
	}
	put(settings, "profile", string(provider.Profile))
	put(settings, "issuer", provider.Issuer)
	return settings
}

// keySettings are a provider's keys under the names of the declaration's format.
func keySettings(provider oriel.Provider) []any {
	keys := make([]any, 0, len(provider.Keys)+1)
	for _, key := range provider.Keys {
		one := map[string]any{"id": key.ID, "kind": string(key.Kind)}
		put(one, "secret", string(key.Secret))
		put(one, "public", string(key.Public))
		put(one, "url", key.URL)
		keys = append(keys, one)
	}
	return keys
}

// printNewKey prints a key that was made, and its secret this once. Lines are
// what else there is to say of it.
func (o outputFlag) printNewKey(p process, kept *store.Store, slug, id, secret string, lines [][]string) error {
	provider, err := findProvider(kept, slug)
	if err != nil {
		return err
	}
	answer := createdKey{Secret: secret}
	for _, key := range wireKeysOf(provider, p.clock()) {
		if key.ID == id {
			answer.Key = key
		}
	}
	said := [][]string{{fmt.Sprintf("created key %s of %s (%s)", id, provider.Slug, answer.Key.Kind)}}
	if secret != "" {
		said = append(said, []string{"secret", secret},
			[]string{"Keep it now, it is not shown again. Sign with its text as it stands, not decoded, and name the key in the header: kid " + oriel.Quoted(id) + "."})
	} else if answer.Key.URL == "" {
		said = append(said, []string{"Name it in the header of the tokens that its private half signs: kid " + oriel.Quoted(id) + ". Of a certificate it is a name only."})
	}
	if err := o.print(p, answer, append(said, lines...)...); err != nil {
		return fmt.Errorf("print the new key, which nobody has seen now: %w; delete it with oriel key delete", err)
	}
	return nil
}
