package signin_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

// write changes the store as an administrator would.
func (h *house) write(fn func(tx *store.Tx) error) {
	h.Helper()
	if err := h.store.Write(h.Context(), fn); err != nil {
		h.Fatal(err)
	}
}

func (h *house) groupsAre(p oriel.Principal, want ...oriel.GroupKey) {
	h.Helper()
	want = append(want, oriel.GroupAllUsers)
	if p.User().Tenant != "" {
		want = append(want, oriel.GroupAllTenantUsers)
	}
	slices.Sort(want)
	if !slices.Equal(p.User().Groups, want) {
		h.Errorf("groups are %v, want %v", p.User().Groups, want)
	}
}

// J6
func TestExchange_J6_unknownUserIsMade(t *testing.T) {
	h := newHouse(t, provider("apron"))
	accepted := h.enters("apron", map[string]any{"first_name": "Dana", "last_name": "Reyes", "airport": "DFW"})
	u := accepted.User
	if u.Email != "dana@example.com" || u.Name() != "Dana Reyes" || u.Attributes["airport"].Values[0] != "DFW" || u.Tenant != "" {
		t.Errorf("got %+v", u)
	}
	p := h.principal(accepted)
	h.groupsAre(p)
	if p.In(oriel.GroupAdministrators) {
		t.Error("a sign-in made an administrator")
	}
	if p.User().ID != u.ID || p.User().Name() != "Dana Reyes" || p.User().Attributes["airport"].Values[0] != "DFW" {
		t.Errorf("the principal is %+v", p.User())
	}
	if p.Kind() != oriel.SessionEmbed || accepted.Session.Session.Expires.Sub(h.clock()) != 10*time.Minute {
		t.Errorf("the session is %+v", accepted.Session.Session)
	}
}

func TestExchange_J6_provisioningOff(t *testing.T) {
	p := provider("apron")
	p.Create = false
	h := newHouse(t, p)
	h.isRefused(oriel.CodeUserNotProvisioned, "apron", nil)
}

// J7
func TestExchange_J7_names(t *testing.T) {
	h := newHouse(t, provider("apron"))
	if u := h.enters("apron", nil).User; u.Name() != "dana@example.com" {
		t.Errorf("without names they are shown as %q", u.Name())
	}
	h.enters("apron", map[string]any{"first_name": "Dana", "last_name": "Reyes"})
	if u := h.enters("apron", nil).User; u.Name() != "Dana Reyes" {
		t.Errorf("absent names changed it to %q", u.Name())
	}
	if u := h.enters("apron", map[string]any{"last_name": "Okafor"}).User; u.Name() != "Dana Okafor" {
		t.Errorf("one name made it %q", u.Name())
	}
}

// J8
func TestExchange_J8_attributes(t *testing.T) {
	h := newHouse(t, provider("apron"))
	accepted := h.enters("apron", map[string]any{
		"s": "x", "n": 42, "b": false, "l": []any{"a", 1}, "nothing": nil, "o": map[string]any{"a": 1}, "@key": "x", "sid": "host-1",
	})
	want := oriel.Attributes{
		"s": oriel.Text("x"), "n": oriel.Text("42"), "b": oriel.Text("false"), "l": oriel.TextList("a", "1"),
	}
	same := func(a, b oriel.AttributeValue) bool { return a.List == b.List && slices.Equal(a.Values, b.Values) }
	for name, got := range map[string]oriel.Attributes{
		"answered": accepted.User.Attributes, "stored": h.principal(accepted).User().Attributes,
	} {
		if !maps.EqualFunc(got, want, same) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if accepted.Session.Session.HostSID != "host-1" {
		t.Errorf("the host's session is %q", accepted.Session.Session.HostSID)
	}
	for _, dropped := range []string{"nothing", "o", "@key"} {
		if n := h.count(`SELECT count(*) FROM sign_in_records WHERE outcome = '' AND EXISTS
			(SELECT 1 FROM json_each(document, '$.dropped') WHERE value = ?)`, dropped); n != 1 {
			t.Errorf("the record does not say that %s was dropped", dropped)
		}
	}
}

// J9
func TestExchange_J9_attributesAreReplacedAndThoseSetByHandWin(t *testing.T) {
	h := newHouse(t, provider("apron"))
	first := h.enters("apron", map[string]any{"airport": "DFW", "team": "red", "floor": "2"})
	h.exec(`INSERT INTO user_attributes VALUES (?, 'administrator', '{"team":{"values":["blue"]}}')`, string(first.User.ID))
	second := h.enters("apron", map[string]any{"airport": "ORD", "team": "green"})
	for name, u := range map[string]oriel.User{
		"answered": second.User, "stored": h.principal(second).User(), "in the session before": h.principal(first).User(),
	} {
		if len(u.Attributes) != 2 || u.Attributes["airport"].Values[0] != "ORD" || u.Attributes["team"].Values[0] != "blue" {
			t.Errorf("%s: %v", name, u.Attributes)
		}
	}
}

// J10
func TestExchange_J10_mappedGroups(t *testing.T) {
	p := provider("apron")
	p.Groups.Mode = oriel.GroupsMapped
	p.Groups.Mapping = map[string][]oriel.GroupKey{
		"ops": {"operators"}, "plan": {"planners", "operators"}, "boss": {oriel.GroupAdministrators, "planners"},
	}
	h := newHouse(t, p)
	first := h.enters("apron", map[string]any{"groups": []string{"plan", "unheard-of"}})
	h.groupsAre(h.principal(first), "operators", "planners")
	h.write(func(tx *store.Tx) error { return tx.AddToGroup(first.User.ID, "guests") })
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{"ops"}})), "operators", "guests")
	h.groupsAre(h.principal(h.enters("apron", nil)), "operators", "guests")
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{"boss"}})), "planners", "guests")
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{}})), "guests")
	if n := h.count(`SELECT count(*) FROM sign_in_records, json_each(document, '$.checks')
		WHERE value ->> 'name' = 'groups' AND value ->> 'received' LIKE '%never granted%boss%'`); n != 1 {
		t.Error("the record does not say that administrators were named in vain")
	}
	h.groupsAre(h.principal(first), "guests") // K6: the older session sees it too
}

func TestExchange_J10_groupsByName(t *testing.T) {
	p := provider("apron")
	p.Groups.Mode = oriel.GroupsByName
	p.Groups.Opened = []oriel.GroupKey{"operators", "planners", oriel.GroupAdministrators}
	h := newHouse(t, p)
	all := []string{"operators", "guests", "administrators", "Administrators", "all-users"}
	accepted := h.enters("apron", map[string]any{"groups": all})
	h.groupsAre(h.principal(accepted), "operators")
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{"Planners"}})), "planners")
	h.groupsAre(h.principal(h.enters("apron", nil)), "planners")
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{}})))
	if n := h.count(`SELECT count(*) FROM group_members WHERE group_key = 'administrators'`); n != 0 {
		t.Error("a claim made an administrator")
	}
}

func TestExchange_J10_groupsOff(t *testing.T) {
	h := newHouse(t, provider("apron"))
	h.groupsAre(h.principal(h.enters("apron", map[string]any{"groups": []string{"operators"}})))
}

// J11
func TestExchange_J11_groupDeletedMeanwhile(t *testing.T) {
	p := provider("apron")
	p.Groups.Mode = oriel.GroupsByName
	p.Groups.Opened = []oriel.GroupKey{"guests", "operators"}
	h := newHouse(t, p)
	h.exec(`DELETE FROM groups WHERE key = 'operators'`)
	token := h.token("apron", map[string]any{"groups": []string{"guests", "operators"}})
	h.requestIsRefused(oriel.CodeInternal, h.request(token))
	h.exec(`INSERT INTO groups VALUES ('operators', '{}')`)
	// Nothing was spent: the same token is good once the group is back.
	if _, err := h.signin.Exchange(t.Context(), h.request(token)); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// Whichever table fails, nothing of the sign-in is there.
func TestExchange_failureBetweenStepsLeavesNothing(t *testing.T) {
	for _, table := range []string{
		"spent_tokens", "tenants", "users", "identities", "group_members", "user_attributes", "sessions", "audit_entries",
	} {
		t.Run(table, func(t *testing.T) {
			p := provider("apron")
			p.Groups.Mode, p.Groups.Opened = oriel.GroupsByName, []oriel.GroupKey{"operators"}
			p.Tenants = oriel.ProviderTenants{Any: true, Create: true}
			h := newHouse(t, p)
			h.exec(`CREATE TRIGGER broken BEFORE INSERT ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'broken'); END`)
			claims := map[string]any{"tenant": "acme", "groups": []string{"operators"}, "airport": "DFW"}
			h.isRefused(oriel.CodeInternal, "apron", claims)
			h.exec(`DROP TRIGGER broken`)
			h.enters("apron", claims)
		})
	}
}

// J12
func TestExchange_J12_deactivatedUser(t *testing.T) {
	p := provider("apron")
	h := newHouse(t, p)
	first := h.enters("apron", nil)
	h.exec(`UPDATE users SET active = 0`)
	h.isRefused(oriel.CodeUserDeactivated, "apron", nil)
	if _, _, err := h.sessions.Authenticate(t.Context(), session.Presented{Token: first.Session.Token, Origin: page}); oriel.CodeOf(err) != oriel.CodeUserDeactivated {
		t.Errorf("the older session: %v", err)
	}
	p.Reactivate = true
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
	h.principal(h.enters("apron", nil))
	if n := h.count(`SELECT count(*) FROM audit_entries WHERE action = 'reactivated'`); n != 1 {
		t.Errorf("%d audit entries, want 1", n)
	}
}

// J13
func TestExchange_J13_tenants(t *testing.T) {
	making := provider("making")
	making.Tenants = oriel.ProviderTenants{Any: true, Create: true}
	listed := provider("listed")
	listed.Tenants = oriel.ProviderTenants{Listed: []oriel.TenantSlug{"acme", "missing"}}
	none := provider("none")
	h := newHouse(t, making, listed, none)
	as := func(person string, tenant any) map[string]any {
		return map[string]any{"sub": person, "email": person + "@example.com", "tenant": tenant}
	}
	made := h.enters("making", as("ann", "acme"))
	if made.User.Tenant != "acme" {
		t.Errorf("tenant %q", made.User.Tenant)
	}
	h.groupsAre(h.principal(made))
	if u := h.enters("making", as("bob", 42)).User; u.Tenant != "42" {
		t.Errorf("an integer became %q", u.Tenant)
	}
	for _, bad := range []any{true, map[string]any{}, 1.5, "Acme", "-a", ""} {
		h.isRefused(oriel.CodeClaimInvalid, "making", as("carl", bad))
	}
	h.isRefused(oriel.CodeTenantMismatch, "making", as("ann", "other"))
	h.isRefused(oriel.CodeTenantRequired, "making", as("ann", absent{}))
	h.enters("making", as("internal", absent{}))
	h.isRefused(oriel.CodeTenantMismatch, "making", as("internal", "acme"))
	h.enters("listed", as("dora", "acme"))
	h.isRefused(oriel.CodeTenantMismatch, "listed", as("emil", "42"))
	h.isRefused(oriel.CodeTenantUnknown, "listed", as("emil", "missing"))
	h.isRefused(oriel.CodeTenantMismatch, "none", as("fred", "acme"))
	h.exec(`UPDATE tenants SET active = 0 WHERE slug = 'acme'`)
	h.isRefused(oriel.CodeTenantDeactivated, "making", as("ann", "acme"))
	if _, _, err := h.sessions.Authenticate(t.Context(), session.Presented{Token: made.Session.Token, Origin: page}); oriel.CodeOf(err) != oriel.CodeTenantDeactivated {
		t.Errorf("the older session: %v", err)
	}
}

// The tenant's attributes are the weakest.
func TestExchange_tenantAttributes(t *testing.T) {
	p := provider("apron")
	p.Tenants = oriel.ProviderTenants{Any: true}
	h := newHouse(t, p)
	h.exec(`INSERT INTO tenants (slug, name, active, attributes, created) VALUES ('acme', 'Acme', 1, '{"plan":{"values":["gold"]},"airport":{"values":["ORD"]}}', 0)`)
	accepted := h.enters("apron", map[string]any{"tenant": "acme", "airport": "DFW"})
	for name, u := range map[string]oriel.User{"answered": accepted.User, "stored": h.principal(accepted).User()} {
		if u.Attributes["plan"].Values[0] != "gold" || u.Attributes["airport"].Values[0] != "DFW" {
			t.Errorf("%s: %v", name, u.Attributes)
		}
	}
}
