package query_test

import (
	"slices"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// of is a user of an airport and a tenant.
func of(tenant oriel.TenantSlug, airport string) oriel.Principal {
	u := operatorOf(airport).User()
	u.Tenant = tenant
	return oriel.NewPrincipal(u, oriel.SessionEmbed)
}

// What is renewed behind an older result is a query of the tenant like others,
// in a minute and at once: who is given what is stale would else have as many as
// they like. Another tenant's are not held up by it.
func TestQuota_whatIsRenewedIsOfTheTenantsQueries(t *testing.T) {
	for name, quotas := range map[string]oriel.Quotas{"in a minute": {QueriesPerMinute: 2}, "at once": {QueriesAtOnce: 1}} {
		t.Run(name, func(t *testing.T) {
			k := openKeeping(t, 1<<20)
			k.kept(t, 1, 600)
			k.declared.Tenants = slices.Clone(k.declared.Tenants)
			k.declared.Tenants = append(k.declared.Tenants, oriel.Tenant{Slug: "zinc", Active: true, Quotas: quotas})
			k.ask(t, of("zinc", "DFW"))
			k.ask(t, of("zinc", "ORD"))
			k.ask(t, of("", "LAX"))
			k.reached(t, 3)
			k.now.Store(2)
			k.engine.hold = make(chan struct{})
			for range 3 {
				k.ask(t, of("zinc", "DFW"))
				k.ask(t, of("zinc", "ORD"))
			}
			k.ask(t, of("", "LAX"))
			want := int32(4) // another's alone
			if quotas.QueriesAtOnce > 0 {
				want = 5
			}
			until(t, "what is renewed", func() bool { return k.engine.runs.Load() >= want })
			time.Sleep(100 * time.Millisecond) // for the rest to come, were there any
			k.reached(t, want)
			close(k.engine.hold)
			if quotas.QueriesAtOnce == 0 {
				return
			}
			until(t, "the turn that was given back", func() bool {
				k.now.Add(2)
				k.ask(t, of("zinc", "ORD"))
				return k.engine.runs.Load() > want
			})
		})
	}
}
