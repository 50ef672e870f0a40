package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListUsers answers GET /api/v1/users.
func (a *API) ListUsers(w http.ResponseWriter, r *http.Request, params ListUsersParams) {
	names := []string{"email", "tenant", "group", "provider", "cursor", "limit"}
	a.administering(w, r, names, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		limit, err := pageSize(params.Cursor, params.Limit)
		if err != nil {
			return err
		}
		filter := oriel.UserFilter{
			EmailPrefix: params.Email, Tenant: oriel.TenantSlug(params.Tenant), Group: oriel.GroupKey(params.Group), Provider: params.Provider,
		}
		users, err := a.people.Users(r.Context(), p, filter, oriel.UserID(params.Cursor), limit+1)
		if err != nil {
			return err
		}
		list := UserList{Items: make([]ListedUser, 0, len(users))}
		if len(users) > limit {
			users = users[:limit]
			next := string(users[limit-1].ID)
			list.Next = &next
		}
		for _, u := range users {
			list.Items = append(list.Items, ListedUser{
				ID: string(u.ID), Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Tenant: orNoText(string(u.Tenant)),
				Active: u.Active, Groups: wireTexts(u.Groups),
			})
		}
		a.answer(w, r, list)
		return nil
	})
}

// CreateUser answers POST /api/v1/users.
func (a *API) CreateUser(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		wanted, err := parseNewUser(w, r)
		if err != nil {
			return err
		}
		detail, err := a.people.CreateUser(r.Context(), p, wanted)
		if err != nil {
			return err
		}
		a.created(w, r, a.wireUserDetail(detail))
		return nil
	})
}

func parseNewUser(w http.ResponseWriter, r *http.Request) (directory.NewUser, error) {
	var wanted directory.NewUser
	members, err := readObject(w, r, false, "email", "first_name", "last_name", "tenant", "groups")
	if err != nil {
		return wanted, err
	}
	for name, to := range map[string]func(string){
		"email":      func(text string) { wanted.Email = text },
		"first_name": func(text string) { wanted.FirstName = text },
		"last_name":  func(text string) { wanted.LastName = text },
		"tenant":     func(text string) { wanted.Tenant = oriel.TenantSlug(text) },
	} {
		text, _, err := parseText(members, name)
		if err != nil {
			return wanted, err
		}
		to(text)
	}
	groups, err := parseTexts(members, "groups")
	for _, group := range groups {
		wanted.Groups = append(wanted.Groups, oriel.GroupKey(group))
	}
	return wanted, err
}

// GetUser answers GET /api/v1/users/{id}.
func (a *API) GetUser(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		detail, err := a.people.User(r.Context(), p, oriel.UserID(id))
		if err != nil {
			return err
		}
		a.answer(w, r, a.wireUserDetail(detail))
		return nil
	})
}

// UpdateUser answers PATCH /api/v1/users/{id}.
func (a *API) UpdateUser(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		change, err := parseUserChange(w, r)
		if err != nil {
			return err
		}
		detail, err := a.people.UpdateUser(r.Context(), p, oriel.UserID(id), change)
		if err != nil {
			return err
		}
		a.answer(w, r, a.wireUserDetail(detail))
		return nil
	})
}

func parseUserChange(w http.ResponseWriter, r *http.Request) (c oriel.UserChange, err error) {
	members, err := readObject(w, r, false, "first_name", "last_name", "active", "attributes")
	if err != nil {
		return c, err
	}
	if c.FirstName, err = parseGiven(members, "first_name"); err != nil {
		return c, err
	}
	if c.LastName, err = parseGiven(members, "last_name"); err != nil {
		return c, err
	}
	if c.Active, err = parseSwitch(members, "active"); err != nil {
		return c, err
	}
	c.Attributes, err = parseAttributes(members, "attributes")
	return c, err
}

// EraseUser answers DELETE /api/v1/users/{id}.
func (a *API) EraseUser(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		if err := a.people.EraseUser(r.Context(), p, oriel.UserID(id)); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

// AddToGroup answers PUT /api/v1/users/{id}/groups/{group}.
func (a *API) AddToGroup(w http.ResponseWriter, r *http.Request, id ID, group GroupKey) {
	a.setMembership(w, r, id, group, true)
}

// RemoveFromGroup answers DELETE /api/v1/users/{id}/groups/{group}.
func (a *API) RemoveFromGroup(w http.ResponseWriter, r *http.Request, id ID, group GroupKey) {
	a.setMembership(w, r, id, group, false)
}

func (a *API) setMembership(w http.ResponseWriter, r *http.Request, id, group string, in bool) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		if err := a.people.SetMembership(r.Context(), p, oriel.UserID(id), oriel.GroupKey(group), in); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func (a *API) wireUserDetail(d oriel.UserDetail) UserDetail {
	u := d.User
	out := UserDetail{
		ID: string(u.ID), Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Tenant: orNoText(string(u.Tenant)),
		Active: u.Active, Groups: wireTexts(u.Groups), Created: d.Created, Set: wireAttributes(d.Administrator),
		Attributes: []EffectiveAttribute{}, Identities: []LinkedIdentity{},
	}
	for _, one := range directory.EffectiveAttributes(d) {
		out.Attributes = append(out.Attributes, EffectiveAttribute{
			Name: one.Name, Value: wireAttribute(one.Value), From: EffectiveAttributeFrom(one.From), Provider: a.providerNames.ProviderSlug(one.Provider),
		})
	}
	for _, one := range d.Identities {
		out.Identities = append(out.Identities, LinkedIdentity{
			Provider: a.providerNames.ProviderSlug(one.Provider), Subject: one.Subject, LastIssued: orNoTime(one.GreatestIssuedAt),
		})
	}
	return out
}

// orNoText is null for an empty text.
func orNoText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
