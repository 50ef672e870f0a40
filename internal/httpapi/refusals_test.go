package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

// leastPrincipal is somebody who almost may, and the code that they get.
type leastPrincipal struct {
	name string
	code string
	ask  func(method, path string) reply
}

// administrationScopes are the operations of administration, each with the
// scopes of which one is enough.
func administrationScopes() map[string][]oriel.Scope {
	authentication, people := []oriel.Scope{oriel.ScopeAdminAuthentication}, []oriel.Scope{oriel.ScopeAdminPeople}
	sources := []oriel.Scope{oriel.ScopeAdminSources}
	return map[string][]oriel.Scope{
		"GET /api/v1/providers":                             authentication,
		"POST /api/v1/providers":                            authentication,
		"GET /api/v1/providers/{id}":                        authentication,
		"PUT /api/v1/providers/{id}":                        authentication,
		"DELETE /api/v1/providers/{id}":                     authentication,
		"GET /api/v1/providers/{id}/keys":                   authentication,
		"POST /api/v1/providers/{id}/keys":                  authentication,
		"DELETE /api/v1/providers/{id}/keys/{kid}":          authentication,
		"POST /api/v1/providers/{id}/keys/{kid}/retire":     authentication,
		"POST /api/v1/providers/{id}/trials":                authentication,
		"GET /api/v1/providers/{id}/trials/{trial}":         authentication,
		"DELETE /api/v1/providers/{id}/keys/{kid}/sessions": authentication,
		"GET /api/v1/origins":                               authentication,
		"POST /api/v1/origins":                              authentication,
		"DELETE /api/v1/origins":                            authentication,
		"GET /api/v1/api-keys":                              authentication,
		"POST /api/v1/api-keys":                             authentication,
		"DELETE /api/v1/api-keys/{id}":                      authentication,
		"POST /api/v1/api-keys/{id}/rotate":                 authentication,
		"DELETE /api/v1/users/{id}/sessions":                people,
		"DELETE /api/v1/tenants/{id}/sessions":              people,
		"GET /api/v1/sign-ins":                              {oriel.ScopeAdminAudit, oriel.ScopeAdminAuthentication},
		"GET /api/v1/users":                                 people,
		"POST /api/v1/users":                                people,
		"GET /api/v1/users/{id}":                            people,
		"PATCH /api/v1/users/{id}":                          people,
		"DELETE /api/v1/users/{id}":                         people,
		"PUT /api/v1/users/{id}/groups/{group}":             people,
		"DELETE /api/v1/users/{id}/groups/{group}":          people,
		"POST /api/v1/users/{id}/view-as":                   {oriel.ScopeAdminViewAs},
		"GET /api/v1/groups":                                {oriel.ScopeAdminPeople, oriel.ScopeAdminAccess},
		"POST /api/v1/groups":                               people,
		"PATCH /api/v1/groups/{id}":                         people,
		"DELETE /api/v1/groups/{id}":                        people,
		"GET /api/v1/permissions":                           {oriel.ScopeAdminAccess},
		"PATCH /api/v1/permissions/{id}":                    {oriel.ScopeAdminAccess},
		"GET /api/v1/tenants":                               people,
		"POST /api/v1/tenants":                              people,
		"GET /api/v1/tenants/{id}":                          people,
		"PATCH /api/v1/tenants/{id}":                        people,
		"DELETE /api/v1/tenants/{id}":                       people,
		"GET /api/v1/audit":                                 {oriel.ScopeAdminAudit},
		"GET /api/v1/policies":                              {oriel.ScopeAdminAccess},
		"PUT /api/v1/policies":                              {oriel.ScopeAdminAccess},
		"DELETE /api/v1/policies":                           {oriel.ScopeAdminAccess},
		"GET /api/v1/policy-tests":                          {oriel.ScopeAdminAccess},
		"DELETE /api/v1/policy-tests":                       {oriel.ScopeAdminAccess},
		"POST /api/v1/policy-tests/run":                     {oriel.ScopeAdminAccess},
		"GET /api/v1/collections":                           {oriel.ScopeAdminContent},
		"POST /api/v1/collections":                          {oriel.ScopeAdminContent},
		"PATCH /api/v1/collections/{id}":                    {oriel.ScopeAdminContent},
		"DELETE /api/v1/collections/{id}":                   {oriel.ScopeAdminContent},
		"GET /api/v1/explain/access":                        {oriel.ScopeAdminAccess},
		"GET /api/v1/audit/export":                          {oriel.ScopeAdminAudit},
		"GET /api/v1/sources":                               sources,
		"POST /api/v1/sources":                              sources,
		"POST /api/v1/sources/test":                         sources,
		"GET /api/v1/sources/{id}":                          sources,
		"PUT /api/v1/sources/{id}":                          sources,
		"DELETE /api/v1/sources/{id}":                       sources,
		"GET /api/v1/sources/{id}/sync":                     sources,
		"POST /api/v1/sources/{id}/sync":                    sources,
		"DELETE /api/v1/sources/{id}/sync":                  sources,
	}
}

// leastKeys are API keys that lack one thing each, and the sessions of an
// administrator that are of no administrator's kind.
type leastKeys struct {
	whole, group, revoked string
	without               map[oriel.Scope]string
	demoted               string // all scopes, of who is no administrator any more
	embed, backend        string
	cookie                string
}

func (s *site) leastKeys() leastKeys {
	s.t.Helper()
	keys := leastKeys{without: map[oriel.Scope]string{}}
	root := s.person("least-root", oriel.GroupAdministrators, "operators")
	former := s.person("least-former", oriel.GroupAdministrators, "operators")
	every := slices.DeleteFunc(oriel.Scopes(), func(scope oriel.Scope) bool { return scope == oriel.ScopeAdmin })
	keys.whole = s.issueKey(apiKeyFor(root, oriel.Scopes()...)).Secret
	keys.demoted = s.issueKey(apiKeyFor(former, oriel.Scopes()...)).Secret
	keys.group = s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: oriel.Scopes()}).Secret
	for _, scope := range every {
		keys.without[scope] = s.issueKey(apiKeyFor(root, slices.DeleteFunc(slices.Clone(every), func(other oriel.Scope) bool { return other == scope })...)).Secret
	}
	revoked := s.issueKey(apiKeyFor(root, oriel.Scopes()...))
	keys.revoked = revoked.Secret
	if err := s.keys.Revoke(s.t.Context(), oriel.Operator(), revoked.Key.ID); err != nil {
		s.t.Fatal(err)
	}
	keys.embed = s.signIn("least-embedded", "DFW")
	_, of, err := s.sessions.Authenticate(s.t.Context(), session.Presented{Token: keys.embed, Origin: origin})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.store.Write(s.t.Context(), func(tx *store.Tx) error {
		if err := tx.RemoveFromGroup(former, oriel.GroupAdministrators); err != nil {
			return err
		}
		if err := tx.AddToGroup(of.User, oriel.GroupAdministrators); err != nil {
			return err
		}
		for kind, to := range map[oriel.SessionKind]*string{oriel.SessionBackend: &keys.backend, oriel.SessionInteractive: &keys.cookie} {
			issued, err := s.sessions.Issue(tx, session.Grant{Kind: kind, User: of.User, Provider: of.Provider, KeyID: "key-1", KeySerial: of.KeySerial})
			if err != nil {
				return err
			}
			*to = issued.Token
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// deniedAdministration is whom an operation refuses that needs one of the
// scopes (case K3: an administrator's embed, interactive or backend session).
func (s *site) deniedAdministration(keys leastKeys, scopes []oriel.Scope) []leastPrincipal {
	const denied = "scope_denied"
	list := []leastPrincipal{
		{"an administrator's embed session", denied, func(m, p string) reply { return s.as(keys.embed, m, p, "") }},
		{"an administrator's backend session", denied, func(m, p string) reply { return s.ask(m, p, "", "Authorization", "Bearer "+keys.backend) }},
		{"an administrator's interactive session", denied, func(m, p string) reply {
			return s.ask(m, p, "", "Cookie", "oriel_session="+keys.cookie, "Sec-Fetch-Site", "same-origin", "Origin", siteURL)
		}},
		{"a key of who is no administrator any more", denied, func(m, p string) reply { return s.with(keys.demoted, m, p, "") }},
	}
	if len(scopes) == 1 {
		list = append(list, leastPrincipal{"a key with all but the scope", denied, func(m, p string) reply { return s.with(keys.without[scopes[0]], m, p, "") }})
	}
	reads := s.issueKey(directory.APIKeyRequest{Group: oriel.GroupAdministrators, Scopes: []oriel.Scope{oriel.ScopeEmbedRead, oriel.ScopeContentRead}}).Secret
	list = append(list, leastPrincipal{"a key that reads", denied, func(m, p string) reply { return s.with(reads, m, p, "") }})
	for _, scope := range oriel.PartScopes() {
		if slices.Contains(scopes, scope) {
			continue
		}
		other := s.admin(scope)
		list = append(list, leastPrincipal{"a key with " + string(scope), denied, func(m, p string) reply { return s.with(other, m, p, "") }})
	}
	return list
}

// TestOperations_refuseTheLeastPrincipalOfEachKind fails on an operation that
// is added without its refusals.
func TestOperations_refuseTheLeastPrincipalOfEachKind(t *testing.T) {
	doc, s := description(t), newSite(t)
	public := map[string]string{
		"GET /healthz":         "tells nothing but that the process is alive",
		"GET /readyz":          "tells nothing but that the server can serve",
		"GET /auth/sso":        "is how signing in begins; a foreign page is refused below",
		"POST /api/v1/session": "is how signing in goes on; a foreign page is refused below",
		"POST /auth/sso":       "is the same for SDKs of other makes; a foreign page is refused below",

		"POST /auth/sso/to_session":         "takes a host token; TestBackendSession has its refusals",
		"GET /auth/saml/{slug}/start":       "sends a browser away; TestSAML has its refusals",
		"GET /auth/saml/{slug}/logout":      "asks, or takes a signed message; TestSAML has its refusals",
		"POST /auth/saml/{slug}/logout":     "the same",
		"GET /auth/saml/{slug}/metadata":    "public; TestSAML_metadata",
		"POST /auth/saml/{slug}/acs":        "takes a response; TestSAML has its refusals",
		"POST /auth/sso/continue":           "takes a nonce, on the site's own page; TestContinue has its refusals",
		"POST /api/v1/host-sessions/revoke": "takes a host's logout token; TestHostLogout has its refusals",
	}
	session, other := s.signIn("dana", "DFW"), s.signIn("gus", "DFW", func(c map[string]any) { c["groups"] = []string{} })
	ended := s.signIn("fay", "DFW")
	if r := s.as(ended, "DELETE", "/api/v1/session", ""); r.status != 204 {
		t.Fatalf("sign-out answered %d %s", r.status, r.body)
	}
	keys := s.leastKeys()
	kinds := []leastPrincipal{
		{"nobody", "not_authenticated", func(m, p string) reply { return s.ask(m, p, "", "Origin", origin) }},
		{"an invented token", "session_invalid", func(m, p string) reply {
			return s.as("ors_"+strings.Repeat("A", 43), m, p, "")
		}},
		{"an ended session", "session_revoked", func(m, p string) reply { return s.as(ended, m, p, "") }},
		{"a foreign page", "origin_mismatch", func(m, p string) reply {
			return s.ask(m, p, "", "Authorization", "Bearer "+session, "Origin", foreign)
		}},
		{"another allowed page", "origin_mismatch", func(m, p string) reply {
			return s.ask(m, p, "", "Authorization", "Bearer "+session, "Origin", "http://127.0.0.1:7440")
		}},
		{"no page", "origin_mismatch", func(m, p string) reply { return s.ask(m, p, "", "Authorization", "Bearer "+session) }},
		{"two tokens", "invalid_request", func(m, p string) reply { return s.as(session, m, p, "", "X-Oriel-Session", other) }},
		{"an invented key", "api_key_invalid", func(m, p string) reply { return s.with("ork_"+strings.Repeat("A", 43), m, p, "") }},
		{"a revoked key", "api_key_invalid", func(m, p string) reply { return s.with(keys.revoked, m, p, "") }},
		{"a key and a session", "invalid_request", func(m, p string) reply { return s.as(session, m, p, "", "X-API-Key", keys.whole) }},
		{"a key on an allowed page", "api_key_not_for_production", func(m, p string) reply {
			return s.with(keys.whole, m, p, "", "Origin", origin)
		}},
	}
	content := []leastPrincipal{
		{"a user without a group", "not_found", func(m, p string) reply { return s.as(other, m, p, "") }},
		{"a key without content:read", "scope_denied", func(m, p string) reply { return s.with(keys.without[oriel.ScopeContentRead], m, p, "") }},
		{"a group's key", "api_key_not_for_production", func(m, p string) reply { return s.with(keys.group, m, p, "") }},
	}
	// Without a group one may see that nothing is there, and that alone.
	listings := map[string]bool{"GET /api/v1/questions": true, "GET /api/v1/dashboards": true, "GET /api/v1/models": true, "GET /api/v1/viewable-collections": true}
	asking := append([]leastPrincipal{
		{"a user without a group", "forbidden", func(m, p string) reply { return s.as(other, m, p, "") }},
		{"who may run what is saved", "forbidden", func(m, p string) reply { return s.as(session, m, p, "") }},
	}, content[1:]...)
	own := map[string][]leastPrincipal{
		"POST /api/v1/questions/run":      asking,
		"POST /api/v1/questions/download": asking,

		"GET /api/v1/session":    nil, // a key may ask whose it is
		"DELETE /api/v1/session": {{"any key", "scope_denied", func(m, p string) reply { return s.with(keys.whole, m, p, "") }}},
		"GET /api/v1/sessions": {
			{"a key without admin:people", "scope_denied", func(m, p string) reply { return s.with(keys.without[oriel.ScopeAdminPeople], m, p, "") }},
			{"a page that asks for others'", "scope_denied", func(m, p string) reply { return s.as(session, m, p+"?tenant=acme", "") }},
		},
		"DELETE /api/v1/sessions/{id}": {
			{"a key without admin:people", "scope_denied", func(m, p string) reply { return s.with(keys.without[oriel.ScopeAdminPeople], m, p, "") }},
			{"a page, of others'", "not_found", func(m, p string) reply { return s.as(session, m, p, "") }},
		},
	}
	administration := administrationScopes()
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			name := method + " " + template
			if public[name] != "" {
				continue
			}
			all := kinds
			scope, administers := administration[name]
			special, isOwn := own[name]
			switch {
			case isOwn:
				all = append(all[:len(all):len(all)], special...)
			case administers:
				all = append(all[:len(all):len(all)], s.deniedAdministration(keys, scope)...)
			case strings.HasPrefix(template, "/api/v1/questions"), strings.HasPrefix(template, "/api/v1/dashboards"), template == "/api/v1/viewable-collections", strings.HasPrefix(template, "/api/v1/models"):
				all = append(all[:len(all):len(all)], content...)
			default:
				t.Errorf("%s has no refusals here: say whose it is", name)
			}
			for _, kind := range all {
				if kind.code == "not_found" && listings[name] {
					continue
				}
				r := kind.ask(method, fill(template))
				if r.code() != kind.code {
					t.Errorf("%s for %s: got %d %s, want %s", name, kind.name, r.status, r.body, kind.code)
				}
				check(t, doc, method, template, r)
			}
		}
	}
	for _, r := range []reply{
		s.ask("GET", "/auth/sso?client=sdk", "", "Origin", foreign),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", foreign),
		s.ask("POST", "/auth/sso", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", foreign),
		s.ask("POST", "/auth/sso", `{"jwt":"x"}`, "Content-Type", "application/json"),
		s.ask("GET", "/auth/sso?client=sdk&jwt=x", "", "Origin", foreign),
		s.ask("GET", "/auth/sso?client=sdk&jwt=x", ""),
		s.ask("POST", "/auth/sso/to_session", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", origin),
		s.ask("POST", "/api/v1/host-sessions/revoke", `{"jwt":"x"}`, "Content-Type", "application/json", "Origin", foreign),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain", "Origin", "null"),
		s.ask("POST", "/api/v1/session", `{"jwt":"x"}`, "Content-Type", "text/plain"),
	} {
		if r.code() != "origin_not_allowed" {
			t.Errorf("got %d %s, want origin_not_allowed", r.status, r.body)
		}
	}
	s.sleep(11 * 60 * 1e9)
	for template, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if public[method+" "+template] == "" {
				if r := s.as(session, method, fill(template), ""); r.code() != "session_expired" {
					t.Errorf("%s %s after the session's end: got %d %s", method, template, r.status, r.body)
				}
			}
		}
	}
}

// TestAdministration_noPageReadsIt: neither a preflight nor an answer lets the
// page of any origin in, also not one that may embed.
func TestAdministration_noPageReadsIt(t *testing.T) {
	production, dev := newSite(t), newSite(t, func(p *parts) { p.devMode = true })
	for name := range administrationScopes() {
		method, template, _ := strings.Cut(name, " ")
		for _, s := range []*site{production, dev} {
			key := s.admin(oriel.ScopeAdmin)
			for _, page := range []string{origin, foreign, devOrigin, siteURL, "null"} {
				before := s.ask("OPTIONS", fill(template), "", "Origin", page, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", "x-api-key")
				if before.status != 404 {
					t.Errorf("the preflight of %s from %s answers %d", name, page, before.status)
				}
				for what, r := range map[string]reply{"preflight": before, "answer": s.with(key, method, fill(template), "", "Origin", page)} {
					for header := range r.header {
						if strings.HasPrefix(header, "Access-Control-") {
							t.Errorf("the %s of %s to %s has %s", what, name, page, header)
						}
					}
				}
			}
		}
	}
}
