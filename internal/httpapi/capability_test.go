package httpapi_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// TestCapabilities_askForTheScopeThemselves calls what handlers call, without
// a handler that asked before, about what exists and what does not.
func TestCapabilities_askForTheScopeThemselves(t *testing.T) {
	var explanations httpapi.Explanations
	var queries *query.Queries
	s := newSite(t, func(p *parts) { explanations = p.explanations; queries, _ = p.queries.(*query.Queries) })
	policies, collections := newPolicies(s, queries), catalog.NewCollections(s.store.Declared, s.store)
	target := func(known bool) directory.PolicyTarget {
		return directory.PolicyTarget{Model: map[bool]string{true: "flights", false: "none"}[known]}
	}
	settings, records := newSettings(s), audit.NewSearch(s.records, s.store)
	s.tenant("acme")
	key := s.issueKey(directory.APIKeyRequest{Group: "operators", Scopes: []oriel.Scope{oriel.ScopeEmbedRead}}).Key.ID
	user := s.person("somebody")
	ctx := t.Context()
	one := func(_ any, err error) error { return err }
	type call func(p oriel.Principal, known bool) error
	name := func(known bool, name string) string {
		if known {
			return name
		}
		return "none"
	}
	onlySources := []oriel.Scope{oriel.ScopeAdminSources}
	people, onlyPeople := newPeople(s), []oriel.Scope{oriel.ScopeAdminPeople}
	onlyAccess, onlyContent := []oriel.Scope{oriel.ScopeAdminAccess}, []oriel.Scope{oriel.ScopeAdminContent}
	id := func(known bool) oriel.UserID { return map[bool]oriel.UserID{true: user, false: "usr_none"}[known] }
	group := func(known bool) oriel.GroupKey { return oriel.GroupKey(name(known, "operators")) }
	tenant := func(known bool) oriel.TenantSlug { return oriel.TenantSlug(name(known, "acme")) }
	for what, c := range map[string]struct {
		scopes []oriel.Scope
		do     call
	}{
		"Providers": {nil, func(p oriel.Principal, _ bool) error { return one(settings.Providers(ctx, p)) }},
		"Provider":  {nil, func(p oriel.Principal, known bool) error { return one(settings.Provider(ctx, p, name(known, "apron"))) }},
		"CreateProvider": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.CreateProvider(ctx, p, name(known, "apron"), withoutSlug(gate(nil))))
		}},
		"UpdateProvider": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.UpdateProvider(ctx, p, name(known, "apron"), withoutSlug(gate(nil))))
		}},
		"DeleteProvider": {nil, func(p oriel.Principal, known bool) error {
			return settings.DeleteProvider(ctx, p, name(known, "apron"))
		}},
		"Keys": {nil, func(p oriel.Principal, known bool) error { return one(settings.Keys(ctx, p, name(known, "apron"))) }},
		"AddKey": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.AddKey(ctx, p, name(known, "apron"), directory.KeyRequest{Kind: oriel.KeyHS256}))
		}},
		"RetireKey": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.RetireKey(ctx, p, "apron", name(known, "key-1"), time.Hour))
		}},
		"DeleteKey": {nil, func(p oriel.Principal, known bool) error {
			return settings.DeleteKey(ctx, p, "apron", name(known, "key-1"))
		}},
		"Origins":   {nil, func(p oriel.Principal, _ bool) error { return one(settings.Origins(ctx, p)) }},
		"AddOrigin": {nil, func(p oriel.Principal, _ bool) error { return settings.AddOrigin(ctx, p, "https://a.example.com") }},
		"RemoveOrigin": {nil, func(p oriel.Principal, known bool) error {
			return settings.RemoveOrigin(ctx, p, map[bool]string{true: origin, false: "https://none.example.com"}[known])
		}},
		"BeginTrial": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.BeginTrial(ctx, p, name(known, "apron")))
		}},
		"Trial": {nil, func(p oriel.Principal, known bool) error {
			return one(settings.Trial(ctx, p, name(known, "apron"), "trl_none"))
		}},
		"APIKeys.List": {nil, func(p oriel.Principal, _ bool) error { return one(s.keys.List(ctx, p)) }},
		"APIKeys.Create": {nil, func(p oriel.Principal, known bool) error {
			return one(s.keys.Create(ctx, p, apiKeyFor(map[bool]oriel.UserID{true: user, false: "usr_none"}[known], oriel.ScopeEmbedRead)))
		}},
		"APIKeys.Rotate": {nil, func(p oriel.Principal, known bool) error {
			return one(s.keys.Rotate(ctx, p, name(known, key), time.Hour))
		}},
		"APIKeys.Revoke": {nil, func(p oriel.Principal, known bool) error { return s.keys.Revoke(ctx, p, name(known, key)) }},
		"SignIns": {[]oriel.Scope{oriel.ScopeAdminAudit, oriel.ScopeAdminAuthentication}, func(p oriel.Principal, _ bool) error {
			return one(records.SignIns(ctx, p, oriel.SignInFilter{}, 1))
		}},
		"Users": {onlyPeople, func(p oriel.Principal, _ bool) error { return one(people.Users(ctx, p, oriel.UserFilter{}, "", 1)) }},
		"User":  {onlyPeople, func(p oriel.Principal, known bool) error { return one(people.User(ctx, p, id(known))) }},
		"CreateUser": {onlyPeople, func(p oriel.Principal, _ bool) error {
			return one(people.CreateUser(ctx, p, directory.NewUser{Email: "x@example.com"}))
		}},
		"UpdateUser": {onlyPeople, func(p oriel.Principal, known bool) error {
			return one(people.UpdateUser(ctx, p, id(known), oriel.UserChange{}))
		}},
		"SetMembership": {onlyPeople, func(p oriel.Principal, known bool) error {
			return people.SetMembership(ctx, p, id(known), "operators", true)
		}},
		"EraseUser": {onlyPeople, func(p oriel.Principal, known bool) error { return people.EraseUser(ctx, p, id(known)) }},
		"Groups": {[]oriel.Scope{oriel.ScopeAdminPeople, oriel.ScopeAdminAccess}, func(p oriel.Principal, _ bool) error {
			return one(people.Groups(ctx, p))
		}},
		"CreateGroup": {onlyPeople, func(p oriel.Principal, known bool) error { return one(people.CreateGroup(ctx, p, group(known), "")) }},
		"RenameGroup": {onlyPeople, func(p oriel.Principal, known bool) error { return one(people.RenameGroup(ctx, p, group(known), "x")) }},
		"DeleteGroup": {onlyPeople, func(p oriel.Principal, known bool) error { return people.DeleteGroup(ctx, p, group(known)) }},
		"Permissions": {[]oriel.Scope{oriel.ScopeAdminAccess}, func(p oriel.Principal, _ bool) error { return one(people.Permissions(ctx, p)) }},
		"ChangePermissions": {[]oriel.Scope{oriel.ScopeAdminAccess}, func(p oriel.Principal, known bool) error {
			return one(people.ChangePermissions(ctx, p, group(known), oriel.GroupChange{}))
		}},
		"Tenants": {onlyPeople, func(p oriel.Principal, _ bool) error { return one(people.Tenants(ctx, p)) }},
		"Tenant":  {onlyPeople, func(p oriel.Principal, known bool) error { return one(people.Tenant(ctx, p, tenant(known))) }},
		"CreateTenant": {onlyPeople, func(p oriel.Principal, known bool) error {
			return one(people.CreateTenant(ctx, p, tenant(known), directory.TenantRequest{}))
		}},
		"UpdateTenant": {onlyPeople, func(p oriel.Principal, known bool) error {
			return one(people.UpdateTenant(ctx, p, tenant(known), directory.TenantRequest{}))
		}},
		"DeleteTenant": {onlyPeople, func(p oriel.Principal, known bool) error { return people.DeleteTenant(ctx, p, tenant(known)) }},
		"Entries": {[]oriel.Scope{oriel.ScopeAdminAudit}, func(p oriel.Principal, _ bool) error {
			return one(audit.NewTrail(s.store).Entries(ctx, p, oriel.AuditFilter{}, 1))
		}},
		"Export": {[]oriel.Scope{oriel.ScopeAdminAudit}, func(p oriel.Principal, _ bool) error {
			return audit.NewTrail(s.store).Export(ctx, p, oriel.AuditFilter{}, func(oriel.AuditEntry) error { return nil })
		}},
		"ViewAs": {[]oriel.Scope{oriel.ScopeAdminViewAs}, func(p oriel.Principal, known bool) error {
			return one(s.sessions.ViewAs(ctx, p, id(known), ""))
		}},
		"EndUser": {[]oriel.Scope{oriel.ScopeAdminPeople}, func(p oriel.Principal, known bool) error {
			return one(s.sessions.EndUser(ctx, p, map[bool]oriel.UserID{true: user, false: "usr_none"}[known]))
		}},
		"EndTenant": {[]oriel.Scope{oriel.ScopeAdminPeople}, func(p oriel.Principal, known bool) error {
			return one(s.sessions.EndTenant(ctx, p, oriel.TenantSlug(name(known, "acme"))))
		}},
		"EndKey": {nil, func(p oriel.Principal, known bool) error {
			return one(s.sessions.EndKey(ctx, p, "apron", name(known, "key-1")))
		}},
		"List": {[]oriel.Scope{oriel.ScopeAdminPeople}, func(p oriel.Principal, known bool) error {
			return one(s.sessions.List(ctx, p, oriel.SessionFilter{Tenant: oriel.TenantSlug(name(known, "acme"))}, "", 1))
		}},
		"Sources": {onlySources, func(p oriel.Principal, _ bool) error { return one(s.sources.List(ctx, p)) }},
		"Source": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.Source(ctx, p, name(known, "airports")))
		}},
		"CreateSource": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.Create(ctx, p, name(known, "airports"), nil))
		}},
		"UpdateSource": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.Update(ctx, p, name(known, "airports"), nil))
		}},
		"DeleteSource": {onlySources, func(p oriel.Principal, known bool) error { return s.sources.Delete(ctx, p, name(known, "airports")) }},
		"TestSource": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.Test(ctx, p, name(known, "airports"), nil))
		}},
		"TestStoredSource": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.TestStored(ctx, p, name(known, "airports")))
		}},
		"FindSync": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.FindSync(ctx, p, name(known, "airports")))
		}},
		"StartSync": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.StartSync(ctx, p, name(known, "airports")))
		}},
		"Sync": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.Sync(ctx, p, name(known, "airports"), func(oriel.SyncProgress) {}))
		}},
		"CancelSync": {onlySources, func(p oriel.Principal, known bool) error {
			return one(s.sources.CancelSync(ctx, p, name(known, "airports")))
		}},
		"Policies.List": {onlyAccess, func(p oriel.Principal, _ bool) error { return one(policies.List(ctx, p)) }},
		"Policies.Replace": {onlyAccess, func(p oriel.Principal, known bool) error {
			return one(policies.Replace(ctx, p, target(known), directory.PolicyRequest{}))
		}},
		"Policies.Delete":     {onlyAccess, func(p oriel.Principal, known bool) error { return policies.Delete(ctx, p, target(known), false) }},
		"Policies.Tests":      {onlyAccess, func(p oriel.Principal, _ bool) error { return one(policies.Tests(ctx, p)) }},
		"Policies.RunTests":   {onlyAccess, func(p oriel.Principal, _ bool) error { return one(policies.RunTests(ctx, p)) }},
		"Policies.DeleteTest": {onlyAccess, func(p oriel.Principal, _ bool) error { return policies.DeleteTest(ctx, p, "none") }},
		"Collections.List":    {onlyContent, func(p oriel.Principal, _ bool) error { return one(collections.List(ctx, p)) }},
		"Collections.Create": {onlyContent, func(p oriel.Principal, known bool) error {
			return one(collections.Create(ctx, p, name(known, "operations"), "x"))
		}},
		"Collections.Rename": {onlyContent, func(p oriel.Principal, known bool) error {
			return one(collections.Rename(ctx, p, name(known, "operations"), ""))
		}},
		"Collections.Delete": {onlyContent, func(p oriel.Principal, known bool) error {
			return collections.Delete(ctx, p, name(known, "operations"))
		}},
		"Explain": {[]oriel.Scope{oriel.ScopeAdminAccess}, func(p oriel.Principal, known bool) error {
			return one(explanations.Explain(ctx, p, query.ExplainRequest{User: user, Question: name(known, "latest")}))
		}},
	} {
		if c.scopes == nil {
			c.scopes = []oriel.Scope{oriel.ScopeAdminAuthentication}
		}
		administrator := oriel.User{ID: "usr_admin", Active: true, Groups: []oriel.GroupKey{oriel.GroupAdministrators}}
		others := slices.DeleteFunc(oriel.Scopes(), func(scope oriel.Scope) bool { return scope == oriel.ScopeAdmin || slices.Contains(c.scopes, scope) })
		for who, p := range map[string]oriel.Principal{
			"an embed session":       oriel.NewPrincipal(administrator, oriel.SessionEmbed),
			"an interactive session": oriel.NewPrincipal(administrator, oriel.SessionInteractive),
			"who views as one":       oriel.NewPrincipal(administrator, oriel.SessionViewAs),
			"a backend session":      oriel.NewPrincipal(administrator, oriel.SessionBackend),
			"a user's admin session": oriel.NewPrincipal(oriel.User{ID: "usr_plain"}, oriel.SessionAdmin),
			"a key without it":       oriel.NewKeyPrincipal(administrator, oriel.APIKey{ID: "key_x", Scopes: others}, false),
			"a key of no admin":      oriel.NewKeyPrincipal(oriel.User{ID: "usr_plain"}, oriel.APIKey{ID: "key_x", Scopes: oriel.Scopes()}, false),
		} {
			for _, known := range []bool{true, false} {
				if err := c.do(p, known); oriel.CodeOf(err) != oriel.CodeScopeDenied {
					t.Errorf("%s for %s (known: %v): got %v", what, who, known, err)
				}
			}
		}
		if err := c.do(oriel.Principal{}, true); what != "List" && oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
			t.Errorf("%s for nobody: got %v", what, err)
		}
	}
}

// TestSettings_giveNoKeyMaterial: not even to a handler that would not send it.
func TestSettings_giveNoKeyMaterial(t *testing.T) {
	s := newSite(t)
	settings := newSettings(s)
	added, err := settings.AddKey(t.Context(), oriel.Operator(), "apron", directory.KeyRequest{Kind: oriel.KeyHS256})
	if err != nil || added.Secret == "" {
		t.Fatal(err)
	}
	one, err := settings.Provider(t.Context(), oriel.Operator(), "apron")
	if err != nil || len(one.Keys) != 2 {
		t.Fatal(one, err)
	}
	for _, key := range append(one.Keys, added.Key) {
		if key.Key.Secret != nil || key.Key.Public != nil {
			t.Errorf("%s is given with what it is made of", key.Key.ID)
		}
	}
}

// waitingQueries hold each run until the test lets go.
type waitingQueries struct {
	httpapi.Queries
	begun chan string
	leave chan struct{}
}

func (q waitingQueries) RunQuestion(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error) {
	q.begun <- p.Who()
	<-q.leave
	return q.Queries.RunQuestion(ctx, p, key, parameters)
}

// TestAPIKey_turnsAreCountedForEachKey: group's keys have no user, and one of
// them must not keep another out.
func TestAPIKey_turnsAreCountedForEachKey(t *testing.T) {
	waiting := waitingQueries{begun: make(chan string), leave: make(chan struct{})}
	s := newSite(t, func(p *parts) {
		p.devMode = true
		waiting.Queries = p.queries
		p.queries = waiting
	})
	wanted := directory.APIKeyRequest{Group: "operators", Scopes: []oriel.Scope{oriel.ScopeEmbedRead}}
	busy, other := s.issueKey(wanted), s.issueKey(wanted)
	run := func(key directory.IssuedAPIKey) reply {
		return s.with(key.Secret, "POST", "/api/v1/questions/departures/run", "", "Origin", devOrigin)
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { run(busy) })
		<-waiting.begun
	}
	refused(t, "one more of the busy key", run(busy), "rate_limited", "")
	all.Go(func() {
		if r := run(other); r.status != 200 {
			t.Errorf("the other key: %d %s", r.status, r.body)
		}
	})
	if who := <-waiting.begun; who != other.Key.ID {
		t.Errorf("%s runs", who)
	}
	close(waiting.leave)
	all.Wait()
}

// TestCatalog_anEmptyOneAsksToo: nothing to see is nothing to a key that may
// not look.
func TestCatalog_anEmptyOneAsksToo(t *testing.T) {
	empty := catalog.New(func() *oriel.Declaration { return &oriel.Declaration{} })
	key := oriel.NewKeyPrincipal(oriel.User{ID: "usr_a"}, oriel.APIKey{ID: "key_a", Scopes: []oriel.Scope{oriel.ScopeAdmin}}, false)
	if _, err := empty.Questions(t.Context(), key, catalog.Filter{}, "", 10); oriel.CodeOf(err) != oriel.CodeScopeDenied {
		t.Errorf("questions: %v", err)
	}
	if _, err := empty.Dashboards(t.Context(), key, catalog.Filter{}, "", 10); oriel.CodeOf(err) != oriel.CodeScopeDenied {
		t.Errorf("dashboards: %v", err)
	}
}
