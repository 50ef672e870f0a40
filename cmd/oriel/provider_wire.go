package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// wireProvider is a provider as the commands print it: the names are those of
// the declaration's format, and no secret is among them.
type wireProvider struct {
	Slug         string                `json:"slug"`
	Kind         string                `json:"kind"`
	Enabled      bool                  `json:"enabled"`
	Profile      string                `json:"profile,omitempty"`
	Issuer       string                `json:"issuer,omitempty"`
	Audience     string                `json:"audience,omitempty"`
	SignInURI    string                `json:"sign_in_uri"`
	Keys         []wireKey             `json:"keys"`
	Claims       oriel.ClaimNames      `json:"claims"`
	Groups       wireClaimGroups       `json:"groups"`
	Provisioning wireProvisioning      `json:"provisioning"`
	Tenants      oriel.ProviderTenants `json:"tenants"`
	Backend      bool                  `json:"backend_sessions,omitempty"`
	Legacy       bool                  `json:"legacy_exchange,omitempty"`
	SAML         *wireSAML             `json:"saml,omitempty"`
	Realm        string                `json:"realm,omitempty"`
	Origins      []oriel.Origin        `json:"origins,omitempty"`
	configured   bool
}

// wireSAML is what only a SAML provider has, and where it finds us.
type wireSAML struct {
	IdPInitiated  bool     `json:"idp_initiated"`
	SignRequests  bool     `json:"sign_requests"`
	WantEncrypted bool     `json:"want_encrypted"`
	SignOutURI    string   `json:"sign_out_uri,omitempty"`
	SignOutAnswer string   `json:"sign_out_answer_uri,omitempty"`
	RenewFor      string   `json:"renew_for,omitempty"`
	Callbacks     []string `json:"callback_urls,omitempty"`
	MetadataURL   string   `json:"metadata_url,omitempty"`
	EntityID      string   `json:"our_entity_id,omitempty"`
	ACS           string   `json:"our_acs,omitempty"`
	Metadata      string   `json:"our_metadata,omitempty"`
}

// addresses tell what to enter at the identity provider.
func (w *wireProvider) addresses(p oriel.Provider, siteURL string) {
	if w.SAML != nil {
		w.SAML.EntityID, w.SAML.ACS, w.SAML.Metadata = p.EntityID(siteURL), p.ACS(siteURL), siteURL+p.SAMLPath()+"/metadata"
	}
}

// kind is what the provider is, in a word or two.
func (w wireProvider) kind() string { return strings.TrimSpace(w.Kind + " " + w.Profile) }

// wireKey is a key as the commands print it, without what it is made of.
type wireKey struct {
	Provider string `json:"provider"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	URL      string `json:"url,omitempty"`
	// Expires is when a certificate is over by its own dates.
	Expires time.Time `json:"expires,omitzero"`
	Created time.Time `json:"created"`
	// Retired is when it was given an end; both are left out without one.
	Retired time.Time `json:"retired,omitzero"`
	Ends    time.Time `json:"ends,omitzero"`
	Live    bool      `json:"live"`
}

type wireClaimGroups struct {
	Mode    string                      `json:"mode"`
	Opened  []oriel.GroupKey            `json:"opened,omitempty"`
	Mapping map[string][]oriel.GroupKey `json:"mapping,omitempty"`
}

type wireProvisioning struct {
	Create     bool `json:"create"`
	Reactivate bool `json:"reactivate"`
}

func wireProviderOf(p oriel.Provider, now time.Time) wireProvider {
	w := wireProvider{
		Slug: p.Slug, Kind: string(p.MethodName()), Enabled: p.Enabled, Profile: string(p.Profile), Issuer: p.Issuer, Audience: p.Audience,
		SignInURI: p.SignInURI, Keys: wireKeysOf(p, now), Claims: p.Claims,
		Groups:       wireClaimGroups{Mode: string(p.Groups.Mode), Opened: p.Groups.Opened, Mapping: p.Groups.Mapping},
		Provisioning: wireProvisioning{Create: p.Create, Reactivate: p.Reactivate},
		Tenants:      p.Tenants, Backend: p.BackendSessions, Legacy: p.LegacyExchange, Realm: p.Realm, Origins: p.Origins, configured: p.Configured(),
	}
	if s := p.SAML; p.IsSAML() {
		w.SAML = &wireSAML{
			IdPInitiated: s.IdPInitiated, SignRequests: s.SignRequests, WantEncrypted: s.WantEncrypted,
			SignOutURI: s.SignOutURI, SignOutAnswer: s.SignOutAnswerURI, Callbacks: s.Callbacks, MetadataURL: s.MetadataURL,
		}
		if s.RenewFor != 0 {
			w.SAML.RenewFor = s.RenewFor.String()
		}
	}
	return w
}

func wireKeysOf(p oriel.Provider, now time.Time) []wireKey {
	keys := make([]wireKey, 0, len(p.Keys))
	for _, key := range p.Keys {
		one := wireKey{
			Provider: p.Slug, ID: key.ID, Kind: string(key.Kind), URL: key.URL, Created: key.Created,
			Retired: key.Retired, Ends: key.Ends, Live: key.Live(now),
		}
		if key.Kind == oriel.KeyX509 {
			if certificate, err := saml.ParseCertificate(key.Public); err == nil {
				one.Expires = certificate.NotAfter.UTC()
			}
		}
		keys = append(keys, one)
	}
	return keys
}

// state is whether the provider can sign anybody in, in a word or two.
func (w wireProvider) state() string {
	switch {
	case !w.Enabled:
		return "off"
	case !slices.ContainsFunc(w.Keys, func(k wireKey) bool { return k.Live }):
		return "no key"
	case !w.configured:
		return "incomplete"
	}
	return "on"
}

// lines leave out what is not set.
func (w wireProvider) lines() [][]string {
	var lines [][]string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, []string{name, value})
		}
	}
	add("slug", w.Slug)
	add("state", w.state())
	add("kind", w.Kind)
	add("profile", w.Profile)
	add("issuer", w.Issuer)
	add("audience", w.Audience)
	add("sign_in_uri", w.SignInURI)
	for _, key := range w.Keys {
		about := strings.TrimSpace(key.Kind+" "+key.URL) + ", created " + key.Created.Format(time.RFC3339)
		if !key.Ends.IsZero() {
			about += ", ends " + key.Ends.Format(time.RFC3339)
		}
		if !key.Expires.IsZero() {
			about += ", its certificate expires " + key.Expires.Format(time.RFC3339)
		}
		add("key", key.ID+" ("+about+")")
	}
	c := w.Claims
	add("claims", strings.Join([]string{c.Email, c.FirstName, c.LastName, c.Groups, c.Tenant}, ", "))
	add("groups", w.Groups.Mode)
	add("opened groups", joined(w.Groups.Opened))
	for _, name := range slices.Sorted(maps.Keys(w.Groups.Mapping)) {
		add("mapped group", oriel.Quoted(name)+" = "+joined(w.Groups.Mapping[name]))
	}
	add("provisioning", switched(map[string]bool{"create": w.Provisioning.Create, "reactivate": w.Provisioning.Reactivate}))
	add("tenants", switched(map[string]bool{"any": w.Tenants.Any, "create": w.Tenants.Create}))
	add("listed tenants", joined(w.Tenants.Listed))
	add("own tenant", string(w.Tenants.Own))
	add("ways in", switched(map[string]bool{"backend_sessions": w.Backend, "legacy_exchange": w.Legacy}))
	if s := w.SAML; s != nil {
		add("saml", switched(map[string]bool{"idp_initiated": s.IdPInitiated, "sign_requests": s.SignRequests, "want_encrypted": s.WantEncrypted}))
		add("sign_out_uri", s.SignOutURI)
		add("sign_out_answer_uri", s.SignOutAnswer)
		add("renew_for", s.RenewFor)
		add("metadata_url", s.MetadataURL)
		for _, callback := range s.Callbacks {
			add("callback_url", callback)
		}
		add("our entity id", s.EntityID)
		add("our ACS", s.ACS)
		add("our metadata", s.Metadata)
	}
	add("realm", w.Realm)
	for _, origin := range w.Origins {
		add("origin", origin.String())
	}
	return lines
}

func joined[T ~string](names []T) string {
	texts := make([]string, 0, len(names))
	for _, name := range names {
		texts = append(texts, string(name))
	}
	return strings.Join(texts, ", ")
}

// switched names what is on.
func switched(switches map[string]bool) string {
	var on []string
	for _, name := range slices.Sorted(maps.Keys(switches)) {
		if switches[name] {
			on = append(on, name)
		}
	}
	return strings.Join(on, ", ")
}
