package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListTenants answers GET /api/v1/tenants.
func (a *API) ListTenants(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		tenants, err := a.people.Tenants(r.Context(), p)
		if err != nil {
			return err
		}
		list := TenantList{Items: make([]ListedTenant, 0, len(tenants))}
		for _, t := range tenants {
			list.Items = append(list.Items, ListedTenant{Slug: string(t.Slug), Name: t.Name, Active: t.Active})
		}
		a.answer(w, r, list)
		return nil
	})
}

// GetTenant answers GET /api/v1/tenants/{id}; the id is the slug.
func (a *API) GetTenant(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		t, err := a.people.Tenant(r.Context(), p, oriel.TenantSlug(id))
		if err != nil {
			return err
		}
		a.answer(w, r, wireTenant(t))
		return nil
	})
}

// CreateTenant answers POST /api/v1/tenants.
func (a *API) CreateTenant(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		members, err := readObject(w, r, false, "slug", "name", "active", "attributes", "origins", "time_zone", "quotas")
		if err != nil {
			return err
		}
		slug, _, err := parseText(members, "slug")
		if err != nil {
			return err
		}
		wanted, err := parseTenant(members)
		if err != nil {
			return err
		}
		t, err := a.people.CreateTenant(r.Context(), p, oriel.TenantSlug(slug), wanted)
		if err != nil {
			return err
		}
		a.created(w, r, wireTenant(t))
		return nil
	})
}

// UpdateTenant answers PATCH /api/v1/tenants/{id}.
func (a *API) UpdateTenant(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		members, err := readObject(w, r, false, "name", "active", "attributes", "origins", "time_zone", "quotas")
		if err != nil {
			return err
		}
		wanted, err := parseTenant(members)
		if err != nil {
			return err
		}
		t, err := a.people.UpdateTenant(r.Context(), p, oriel.TenantSlug(id), wanted)
		if err != nil {
			return err
		}
		a.answer(w, r, wireTenant(t))
		return nil
	})
}

// DeleteTenant answers DELETE /api/v1/tenants/{id}.
func (a *API) DeleteTenant(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		if err := a.people.DeleteTenant(r.Context(), p, oriel.TenantSlug(id)); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func parseTenant(members map[string]json.RawMessage) (wanted directory.TenantRequest, err error) {
	if wanted.Name, err = parseGiven(members, "name"); err != nil {
		return wanted, err
	}
	if wanted.Active, err = parseSwitch(members, "active"); err != nil {
		return wanted, err
	}
	if wanted.Attributes, err = parseAttributes(members, "attributes"); err != nil {
		return wanted, err
	}
	if wanted.Quotas, err = parseQuotas(members, "quotas"); err != nil {
		return wanted, err
	}
	if wanted.TimeZone, err = parseGiven(members, "time_zone"); err != nil {
		return wanted, err
	}
	if _, found := members["origins"]; !found {
		return wanted, nil
	}
	origins, err := parseTexts(members, "origins")
	wanted.Origins = &origins
	return wanted, err
}

// parseQuotas reads a member that has numbers by name.
func parseQuotas(members map[string]json.RawMessage, name string) (*map[string]int, error) {
	raw, found := members[name]
	if !found {
		return nil, nil
	}
	byName, err := parseObject(raw, anyName)
	if err != nil {
		return nil, fieldError(name, "This must be an object with numbers by name, each once.")
	}
	quotas := make(map[string]int, len(byName))
	for key, value := range byName {
		n, err := strconv.Atoi(string(value))
		if err != nil {
			return nil, fieldError(name, "A quota is a whole number.")
		}
		quotas[key] = n
	}
	return &quotas, nil
}

func wireTenant(t oriel.Tenant) Tenant {
	out := Tenant{Slug: string(t.Slug), Name: t.Name, Active: t.Active, Attributes: wireAttributes(t.Attributes), Origins: []string{}, TimeZone: string(t.TimeZone), Quotas: t.Quotas.Named()}
	for _, origin := range t.Origins {
		out.Origins = append(out.Origins, origin.String())
	}
	return out
}
