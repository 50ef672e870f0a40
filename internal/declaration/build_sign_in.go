package declaration

import (
	"net/url"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
)

func (b *builder) buildOrigins(d *document, file wireFile) {
	if file.Origins == nil {
		return
	}
	if b.claim(d, "origins", "") {
		b.out.Origins = b.origins(d, "origins", file.Origins)
	}
}

func (b *builder) origins(d *document, path string, entries []string) []oriel.Origin {
	list := make([]oriel.Origin, 0, len(entries))
	for i, entry := range entries {
		at := join(path, i)
		origin, err := oriel.ParseOrigin(entry, b.options.Origins)
		if err != nil {
			d.at(at, "%s: %s", dotted(at), oriel.MessageOf(err))
			continue
		}
		list = append(list, origin)
	}
	return list
}

func (b *builder) buildProviders(d *document, file wireFile) {
	for _, slug := range file.Providers.Keys {
		if b.claim(d, "providers", slug) {
			b.out.Providers = append(b.out.Providers, b.provider(d, slug, file.Providers.Values[slug]))
		}
	}
}

func (b *builder) provider(d *document, slug string, w wireProvider) oriel.Provider {
	path := join("providers", slug)
	p := oriel.Provider{
		Slug: slug, Enabled: w.Enabled == nil || *w.Enabled, Profile: oriel.ProfileStrict,
		Issuer: w.Issuer, Audience: w.Audience, SignInURI: w.SignInURI,
		Create: w.Provisioning.Create, Reactivate: w.Provisioning.Reactivate,
		Tenants: oriel.ProviderTenants{Any: w.Tenants.Any, Create: w.Tenants.Create},
		Realm:   w.Realm, Claims: claimNames(w.Claims),
	}
	if w.Profile != "" {
		p.Profile = oriel.Profile(w.Profile)
	}
	if p.Profile == oriel.ProfileStrict && w.Issuer == "" {
		d.at(path, `%s needs "issuer" with profile strict: add the iss of the host's tokens`, dotted(path))
	}
	if p.Profile == oriel.ProfileStrict && w.Audience != "" {
		d.at(join(path, "audience"), `%s: with profile strict the audience is always the site URL: remove "audience"`, dotted(path))
	}
	if !isWebAddress(w.SignInURI) {
		d.at(join(path, "sign_in_uri"), "%s.sign_in_uri must be an absolute http or https address of the host's endpoint", dotted(path))
	}
	for _, t := range w.Tenants.Listed {
		p.Tenants.Listed = append(p.Tenants.Listed, oriel.TenantSlug(t))
	}
	if w.Tenants.Any && len(w.Tenants.Listed) > 0 {
		d.at(join(path, "tenants"), `%s.tenants has both "any" and "listed": keep one`, dotted(path))
	}
	if w.Tenants.Create && !w.Tenants.Any && len(w.Tenants.Listed) == 0 {
		d.at(join(path, "tenants", "create"), `%s.tenants.create has no tenant to make: add "any" or "listed"`, dotted(path))
	}
	p.Keys = b.providerKeys(d, path, p.Profile, w.Keys)
	b.claimGroups(d, path, &p, w.Groups)
	if w.Origins != nil {
		p.Origins = b.origins(d, join(path, "origins"), w.Origins)
	}
	return p
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Fragment == ""
}

func claimNames(w wireClaims) oriel.ClaimNames {
	names := oriel.DefaultClaimNames()
	for _, one := range []struct {
		to   *string
		name string
	}{{&names.Email, w.Email}, {&names.FirstName, w.FirstName}, {&names.LastName, w.LastName}, {&names.Groups, w.Groups}, {&names.Tenant, w.Tenant}} {
		if one.name != "" {
			*one.to = one.name
		}
	}
	return names
}

func (b *builder) claimGroups(d *document, path string, p *oriel.Provider, w wireClaimGroups) {
	p.Groups.Mode = oriel.GroupsOff
	if w.Mode != "" {
		p.Groups.Mode = oriel.GroupsMode(w.Mode)
	}
	at := join(path, "groups")
	if (p.Groups.Mode == oriel.GroupsByName) != (w.Opened != nil) {
		d.at(at, `%s: "opened" and mode by-name go together: have both or none`, dotted(at))
	}
	if (p.Groups.Mode == oriel.GroupsMapped) != (w.Mapping != nil) {
		d.at(at, `%s: "mapping" and mode mapped go together: have both or none`, dotted(at))
	}
	for _, key := range w.Opened {
		p.Groups.Opened = append(p.Groups.Opened, oriel.GroupKey(key))
	}
	for external, keys := range w.Mapping {
		if p.Groups.Mapping == nil {
			p.Groups.Mapping = map[string][]oriel.GroupKey{}
		}
		p.Groups.Mapping[external] = []oriel.GroupKey{}
		for _, key := range keys {
			p.Groups.Mapping[external] = append(p.Groups.Mapping[external], oriel.GroupKey(key))
		}
	}
}

func (b *builder) providerKeys(d *document, path string, profile oriel.Profile, list []wireProviderKey) []oriel.ProviderKey {
	keys := make([]oriel.ProviderKey, 0, len(list))
	seen := map[string]bool{}
	for i, w := range list {
		at := join(path, "keys", i)
		key := oriel.ProviderKey{ID: w.ID, Kind: oriel.KeyKind(w.Kind)}
		switch {
		case key.ID == "" && len(list) > 1:
			d.at(at, `%s needs "id": with more than one key it is the kid of the token's header`, dotted(at))
		case key.ID == "":
			key.ID = "key-1"
		case seen[key.ID]:
			d.at(at, "%s has the id of another key of this provider: give each its own", dotted(at))
		}
		seen[key.ID] = true
		if profile == oriel.ProfileCompat && key.Kind != oriel.KeyHS256 {
			d.at(at, "%s: profile compat takes hs256 keys only: change the profile or the key", dotted(at))
		}
		switch secret := key.Kind.IsSecret(); {
		case secret && (w.Secret == "" || w.Public != ""):
			d.at(at, `%s of kind %s needs "secret" and no "public": write secret: "${env:NAME}"`, dotted(at), w.Kind)
		case !secret && (w.Public == "" || w.Secret != ""):
			d.at(at, `%s of kind %s needs "public" and no "secret": write public: "${env:NAME}" or "${file:PATH}"`, dotted(at), w.Kind)
		default:
			if secret && !d.referred[join(at, "secret")] {
				d.at(join(at, "secret"), `%s.secret stands in the file: keep it out and write "${env:NAME}" or "${file:PATH}"`, dotted(at))
			}
			if secret {
				key.Secret = []byte(w.Secret)
			} else {
				key.Public = []byte(w.Public)
			}
			if err := jwt.CheckKey(key); err != nil {
				d.at(at, "%s: %s", dotted(at), err)
			}
		}
		keys = append(keys, key)
	}
	return keys
}
