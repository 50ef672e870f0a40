package declaration

import (
	"net/url"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/jwt"
	"github.com/oriel-bi/oriel/internal/signin/saml"
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
		Slug: slug, Method: oriel.Method(w.Kind), Enabled: w.Enabled == nil || *w.Enabled,
		Issuer: w.Issuer, Audience: w.Audience, SignInURI: w.SignInURI,
		Create: w.Provisioning.Create, Reactivate: w.Provisioning.Reactivate,
		Realm: w.Realm, Claims: claimNames(w.Claims), BackendSessions: w.Backend, LegacyExchange: w.Legacy, Native: w.Native,
	}
	if p.IsSAML() {
		b.samlOnly(d, path, &p, w)
	} else {
		jwtOnly(d, path, &p, w)
	}
	p.Tenants = tenants(d, path, w.Tenants)
	p.Keys = b.providerKeys(d, path, p, w.Keys)
	b.claimGroups(d, path, &p, w.Groups)
	if w.Origins != nil {
		p.Origins = b.origins(d, join(path, "origins"), w.Origins)
	}
	return p
}

// jwtOnly reads what a host that signs tokens has.
func jwtOnly(d *document, path string, p *oriel.Provider, w wireProvider) {
	p.Profile = oriel.ProfileStrict
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
	if w.Legacy && p.Profile != oriel.ProfileCompat {
		d.at(join(path, "legacy_exchange"), "%s.legacy_exchange is for hosts of profile compat: remove it, or change the profile", dotted(path))
	}
	if w.SAML != nil {
		d.at(join(path, "saml"), `%s.saml is for providers of kind saml: remove it, or change the kind`, dotted(path))
	}
}

func tenants(d *document, path string, w wireTenants) oriel.ProviderTenants {
	t := oriel.ProviderTenants{Any: w.Any, Own: oriel.TenantSlug(w.Own), Create: w.Create}
	for _, slug := range w.Listed {
		t.Listed = append(t.Listed, oriel.TenantSlug(slug))
	}
	at := join(path, "tenants")
	if w.Any && len(w.Listed) > 0 {
		d.at(at, `%s has both "any" and "listed": keep one`, dotted(at))
	}
	if w.Own != "" && (w.Any || len(w.Listed) > 0) {
		d.at(at, `%s has "own" beside "any" or "listed": a tenant's own provider signs into that tenant only`, dotted(at))
	}
	if w.Create && !w.Any && len(w.Listed) == 0 && w.Own == "" {
		d.at(join(at, "create"), `%s.create has no tenant to make: add "any", "listed" or "own"`, dotted(at))
	}
	return t
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

func (b *builder) providerKeys(d *document, path string, p oriel.Provider, list []wireProviderKey) []oriel.ProviderKey {
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
		switch {
		case p.IsSAML() != (key.Kind == oriel.KeyX509):
			d.at(at, "%s: certificates (kind x509) are for providers of kind saml, which have no other keys", dotted(at))
		case p.Profile == oriel.ProfileCompat && key.Kind != oriel.KeyHS256:
			d.at(at, "%s: profile compat takes hs256 keys only: change the profile or the key", dotted(at))
		}
		if b.material(d, at, w, &key) {
			if err := checkKey(key); err != nil {
				d.at(at, "%s: %s", dotted(at), err)
			}
		}
		keys = append(keys, key)
	}
	return keys
}

func checkKey(key oriel.ProviderKey) error {
	if key.Kind == oriel.KeyX509 {
		_, err := saml.ParseCertificate(key.Public)
		return err
	}
	return jwt.CheckKey(key)
}

// material takes what a key is made of, and tells whether it is what the kind
// needs: a secret, a public key, or where public keys are.
func (b *builder) material(d *document, at string, w wireProviderKey, key *oriel.ProviderKey) bool {
	given := map[string]string{"secret": w.Secret, "public": w.Public, "url": w.URL}
	needed, others, fix := "public", `"secret" or "url"`, `write public: "${env:NAME}" or "${file:PATH}"`
	switch {
	case key.Kind.IsSecret():
		needed, others, fix = "secret", `"public" or "url"`, `write secret: "${env:NAME}"`
	case key.Kind == oriel.KeyJWKS:
		needed, others, fix = "url", `"secret" or "public"`, "write url: https://…"
	}
	for name, value := range given {
		if (value != "") != (name == needed) {
			d.at(at, `%s of kind %s needs %q and no %s: %s`, dotted(at), w.Kind, needed, others, fix)
			return false
		}
	}
	if needed == "secret" && !d.referred[join(at, "secret")] {
		d.at(join(at, "secret"), `%s.secret stands in the file: keep it out and write "${env:NAME}" or "${file:PATH}"`, dotted(at))
	}
	switch needed {
	case "secret":
		key.Secret = []byte(w.Secret)
	case "public":
		key.Public = []byte(w.Public)
	default:
		key.URL = w.URL
	}
	return true
}
