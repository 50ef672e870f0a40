package declaration

import "github.com/oriel-bi/oriel/internal/oriel"

// Settings are a provider's, under the names that they have in a file and
// without its keys: what [ReadProvider] reads back as the same provider.
func Settings(p oriel.Provider) map[string]any {
	all := map[string]any{
		"kind": string(p.MethodName()), "enabled": p.Enabled, "sign_in_uri": p.SignInURI,
		"claims": map[string]any{
			"email": p.Claims.Email, "first_name": p.Claims.FirstName, "last_name": p.Claims.LastName,
			"groups": p.Claims.Groups, "tenant": p.Claims.Tenant,
		},
		"groups":       groupSettings(p),
		"provisioning": map[string]any{"create": p.Create, "reactivate": p.Reactivate},
		"tenants":      tenantSettings(p.Tenants),
	}
	if p.IsSAML() {
		all["saml"] = samlSettings(p.SAML)
	} else {
		all["profile"] = string(p.Profile)
	}
	for name, value := range map[string]string{"issuer": p.Issuer, "audience": p.Audience, "realm": p.Realm} {
		if value != "" {
			all[name] = value
		}
	}
	for name, on := range map[string]bool{"backend_sessions": p.BackendSessions, "legacy_exchange": p.LegacyExchange, "native": p.Native} {
		if on {
			all[name] = true
		}
	}
	if len(p.Origins) > 0 {
		var origins []any
		for _, origin := range p.Origins {
			origins = append(origins, origin.String())
		}
		all["origins"] = origins
	}
	return all
}

func samlSettings(s oriel.SAMLSettings) map[string]any {
	all := map[string]any{"idp_initiated": s.IdPInitiated, "sign_requests": s.SignRequests, "want_encrypted": s.WantEncrypted}
	if s.RenewFor != 0 {
		all["renew_for"] = s.RenewFor.String()
	}
	for name, value := range map[string]string{"sign_out_uri": s.SignOutURI, "sign_out_answer_uri": s.SignOutAnswerURI, "metadata_url": s.MetadataURL, "metadata_certificate": s.MetadataCertificate} {
		if value != "" {
			all[name] = value
		}
	}
	if len(s.Callbacks) > 0 {
		all["callback_urls"] = list(s.Callbacks)
	}
	return all
}

func groupSettings(p oriel.Provider) map[string]any {
	groups := map[string]any{"mode": string(p.Groups.Mode)}
	if p.Groups.Mode == oriel.GroupsByName {
		groups["opened"] = list(p.Groups.Opened)
	}
	if p.Groups.Mode == oriel.GroupsMapped {
		mapping := map[string]any{}
		for external, ours := range p.Groups.Mapping {
			mapping[external] = list(ours)
		}
		groups["mapping"] = mapping
	}
	return groups
}

func tenantSettings(t oriel.ProviderTenants) map[string]any {
	tenants := map[string]any{"any": t.Any, "create": t.Create}
	if len(t.Listed) > 0 {
		tenants["listed"] = list(t.Listed)
	}
	if t.Own != "" {
		tenants["own"] = string(t.Own)
	}
	return tenants
}

// list is not nil, which would not be a list in a file.
func list[T ~string](names []T) []any {
	texts := make([]any, 0, len(names))
	for _, name := range names {
		texts = append(texts, string(name))
	}
	return texts
}
