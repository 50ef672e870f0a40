package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// providerFlags has a flag for each setting of a declared provider that it can
// be without. What is not given is nil.
type providerFlags struct {
	Profile             *string  `help:"strict, or compat for hosts written for an older kind of token. Default strict."`
	Issuer              *string  `help:"What the token's iss must be. Needed with strict."`
	Audience            *string  `help:"What the token's aud must be; compat only, strict takes the site URL."`
	CreateUsers         *bool    `negatable:"" help:"Make a user at the first sign-in."`
	ReactivateUsers     *bool    `negatable:"" help:"Make a deactivated user active again at a sign-in."`
	EmailClaim          *string  `help:"The claim with the e-mail address, when not email." placeholder:"NAME"`
	FirstNameClaim      *string  `help:"The claim with the first name, when not first_name." placeholder:"NAME"`
	LastNameClaim       *string  `help:"The claim with the last name, when not last_name." placeholder:"NAME"`
	GroupsClaim         *string  `help:"The claim with the groups, when not groups." placeholder:"NAME"`
	TenantClaim         *string  `help:"The claim with the tenant, when not tenant." placeholder:"NAME"`
	Groups              *string  `help:"What the groups claim does: off, by-name or mapped. Default off." placeholder:"MODE"`
	OpenGroup           []string `sep:"none" help:"A group that the claim may name, with --groups by-name. Repeatable." placeholder:"GROUP"`
	MapGroup            []string `sep:"none" help:"The host's name of a group and ours, with --groups mapped. Repeatable." placeholder:"NAME=GROUP"`
	AnyTenant           *bool    `negatable:"" help:"Sign into any tenant."`
	Tenant              []string `sep:"none" help:"A tenant that it may sign into. Repeatable." placeholder:"SLUG"`
	CreateTenants       *bool    `negatable:"" help:"Make unknown tenants."`
	OwnTenant           *string  `help:"The tenant whose own provider it is: it signs into that one only, whether the token names it or not." placeholder:"SLUG"`
	BackendSessions     *bool    `negatable:"" help:"Let the host's servers exchange tokens for sessions without an Origin."`
	LegacyExchange      *bool    `negatable:"" help:"Let the host's servers exchange tokens as those of generation 54 and older do; compat only."`
	IdPInitiated        *bool    `name:"idp-initiated" negatable:"" help:"Kind saml: take answers that nobody here asked for."`
	SignRequests        *bool    `negatable:"" help:"Kind saml: sign our requests."`
	WantEncrypted       *bool    `negatable:"" help:"Kind saml: refuse assertions that are not encrypted for us."`
	SignOutURI          *string  `name:"sign-out-uri" help:"Kind saml: the identity provider's endpoint for sign-outs by redirect." placeholder:"URL"`
	SignOutAnswerURI    *string  `name:"sign-out-answer-uri" help:"Kind saml: where our answers to its sign-outs go, when that is another." placeholder:"URL"`
	RenewFor            *string  `help:"Kind saml: for how long after a sign-in a page's session is renewed without the identity provider, as 8h; without it only while the identity provider told that its own session lasts." placeholder:"DURATION"`
	CallbackURL         []string `name:"callback-url" sep:"none" help:"Kind saml: a page of a host for popups that lost their opener. Repeatable." placeholder:"URL"`
	MetadataURL         *string  `name:"metadata-url" help:"Kind saml: where the identity provider publishes its metadata." placeholder:"URL"`
	MetadataCertificate *string  `help:"Kind saml: the file of the certificate that the metadata must be signed with, when it is none of the keys." placeholder:"FILE"`
	Realm               *string  `help:"Providers with the same realm may link their identities to one user." placeholder:"NAME"`
	Origin              []string `sep:"none" help:"Narrows the origins for this provider. Repeatable." placeholder:"ORIGIN"`
}

// put changes settings, under the names of the declaration's format, to what
// was given. An empty text takes a setting away.
func (f providerFlags) put(all map[string]any) error {
	change(all, "profile", f.Profile)
	change(all, "issuer", f.Issuer)
	change(all, "audience", f.Audience)
	change(all, "realm", f.Realm)
	claims := below(all, "claims")
	change(claims, "email", f.EmailClaim)
	change(claims, "first_name", f.FirstNameClaim)
	change(claims, "last_name", f.LastNameClaim)
	change(claims, "groups", f.GroupsClaim)
	change(claims, "tenant", f.TenantClaim)
	provisioning := below(all, "provisioning")
	turn(provisioning, "create", f.CreateUsers)
	turn(provisioning, "reactivate", f.ReactivateUsers)
	f.putTenants(below(all, "tenants"))
	turn(all, "backend_sessions", f.BackendSessions)
	turn(all, "legacy_exchange", f.LegacyExchange)
	changeList(all, "origins", f.Origin)
	if err := f.putSAML(all); err != nil {
		return err
	}
	return f.putGroups(all)
}

// putSAML leaves providers of the other kind without what they cannot have.
func (f providerFlags) putSAML(all map[string]any) error {
	saml := below(all, "saml")
	turn(saml, "idp_initiated", f.IdPInitiated)
	turn(saml, "sign_requests", f.SignRequests)
	turn(saml, "want_encrypted", f.WantEncrypted)
	change(saml, "sign_out_uri", f.SignOutURI)
	change(saml, "metadata_url", f.MetadataURL)
	change(saml, "sign_out_answer_uri", f.SignOutAnswerURI)
	change(saml, "renew_for", f.RenewFor)
	changeList(saml, "callback_urls", f.CallbackURL)
	if file := f.MetadataCertificate; file != nil && *file != "" {
		text, err := os.ReadFile(*file)
		if err != nil {
			return fmt.Errorf("read the certificate: %w", err)
		}
		saml["metadata_certificate"] = strings.TrimSpace(string(text))
	} else {
		change(saml, "metadata_certificate", file)
	}
	if len(saml) == 0 {
		delete(all, "saml")
	}
	return nil
}

// putTenants lets any tenant, a list and an own one take the place of each other.
func (f providerFlags) putTenants(tenants map[string]any) {
	turn(tenants, "create", f.CreateTenants)
	if f.OwnTenant != nil && *f.OwnTenant != "" {
		delete(tenants, "any")
		delete(tenants, "listed")
	} else if f.AnyTenant != nil && *f.AnyTenant || f.Tenant != nil && !cleared(f.Tenant) {
		delete(tenants, "own")
	}
	switch {
	case f.AnyTenant != nil && *f.AnyTenant && f.Tenant == nil:
		delete(tenants, "listed")
	case f.AnyTenant == nil && !cleared(f.Tenant) && f.Tenant != nil:
		delete(tenants, "any")
	}
	turn(tenants, "any", f.AnyTenant)
	changeList(tenants, "listed", f.Tenant)
	change(tenants, "own", f.OwnTenant)
}

// putGroups leaves of the former mode nothing behind.
func (f providerFlags) putGroups(all map[string]any) error {
	if f.Groups == nil && len(f.OpenGroup)+len(f.MapGroup) == 0 {
		return nil
	}
	groups := below(all, "groups")
	if f.Groups != nil && groups["mode"] != *f.Groups {
		clear(groups)
		groups["mode"] = *f.Groups
	}
	changeList(groups, "opened", f.OpenGroup)
	if len(f.MapGroup) == 0 {
		return nil
	}
	mapping := map[string]any{}
	for _, pair := range f.MapGroup {
		at := strings.LastIndexByte(pair, '=')
		if at < 1 {
			return fmt.Errorf("--map-group %q is not NAME=GROUP", pair)
		}
		ours, _ := mapping[pair[:at]].([]string)
		mapping[pair[:at]] = append(ours, pair[at+1:])
	}
	groups["mapping"] = mapping
	return nil
}

// below is the mapping under a name, which is made when there is none.
func below(all map[string]any, name string) map[string]any {
	inner, found := all[name].(map[string]any)
	if !found {
		inner = map[string]any{}
		all[name] = inner
	}
	return inner
}

func change(settings map[string]any, name string, value *string) {
	switch {
	case value == nil:
	case *value == "":
		delete(settings, name)
	default:
		settings[name] = *value
	}
}

func turn(settings map[string]any, name string, on *bool) {
	if on != nil {
		settings[name] = *on
	}
}

func changeList(settings map[string]any, name string, values []string) {
	switch {
	case values == nil:
	case cleared(values):
		delete(settings, name)
	default:
		settings[name] = slices.Clone(values)
	}
}

// cleared tells whether a list was given as empty: one empty text.
func cleared(values []string) bool { return len(values) == 1 && values[0] == "" }

// put leaves out what was not given.
func put(settings map[string]any, name, value string) {
	if value != "" {
		settings[name] = value
	}
}
