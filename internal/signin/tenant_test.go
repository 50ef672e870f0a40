package signin_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// A tenant's own provider signs into that tenant only, claim or not (J13).
func TestExchange_J13_aTenantsOwnProvider(t *testing.T) {
	acme := provider("acme")
	acme.Tenants, acme.Realm = oriel.ProviderTenants{Own: "acme", Create: true}, "all"
	wide := provider("wide")
	wide.Tenants, wide.Realm = oriel.ProviderTenants{Any: true, Create: true}, "all"
	h := newHouse(t, acme, wide)
	if u := h.enters("acme", nil).User; u.Tenant != "acme" {
		t.Errorf("without a claim: tenant %q", u.Tenant)
	}
	if u := h.enters("acme", map[string]any{"tenant": "acme"}).User; u.Tenant != "acme" {
		t.Errorf("with its claim: tenant %q", u.Tenant)
	}
	if n := h.count(`SELECT count(*) FROM tenants`); n != 1 {
		t.Errorf("%d tenants, want 1", n)
	}
	h.isRefused(oriel.CodeTenantMismatch, "acme", map[string]any{"tenant": "other"})
	h.isRefused(oriel.CodeTenantMismatch, "acme", map[string]any{"tenant": "other", "sub": "new", "email": "new@example.com"})
	// People of another tenant, or of none, do not come in through it either.
	h.enters("wide", map[string]any{"sub": "bob", "email": "bob@example.com", "tenant": "other"})
	h.enters("wide", map[string]any{"sub": "eve", "email": "eve@example.com"})
	for _, who := range []string{"bob", "eve"} {
		h.isRefused(oriel.CodeTenantMismatch, "acme", map[string]any{"sub": who, "email": who + "@example.com"})
	}
	// What revokes the tenant's tokens revokes those that do not name it.
	token := h.token("acme", nil)
	if _, err := h.store.EndTenantSessions(t.Context(), "operator", "acme", h.clock()); err != nil {
		t.Fatal(err)
	}
	h.requestIsRefused(oriel.CodeTokenTooOld, h.request(token))
	h.exec(`UPDATE tenants SET active = 0`)
	h.wait(1e9)
	h.isRefused(oriel.CodeTenantDeactivated, "acme", nil)
}

func TestExchange_J13_anOwnTenantThatIsNotThere(t *testing.T) {
	acme := provider("acme")
	acme.Tenants = oriel.ProviderTenants{Own: "acme"}
	h := newHouse(t, acme)
	h.isRefused(oriel.CodeTenantUnknown, "acme", nil)
}
