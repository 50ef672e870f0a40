package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// ListGroups answers GET /api/v1/groups.
func (a *API) ListGroups(w http.ResponseWriter, r *http.Request) {
	may := func(p oriel.Principal) error {
		if access.Require(p, oriel.ScopeAdminAccess) == nil {
			return nil
		}
		return access.Require(p, oriel.ScopeAdminPeople)
	}
	a.signedInAs(w, r, nil, may, func(p oriel.Principal, _ session.Session) error {
		groups, err := a.people.Groups(r.Context(), p)
		if err != nil {
			return err
		}
		a.answer(w, r, GroupList{Items: wireGroups(groups)})
		return nil
	})
}

// CreateGroup answers POST /api/v1/groups.
func (a *API) CreateGroup(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		key, name, err := readKeyAndName(w, r)
		if err != nil {
			return err
		}
		group, err := a.people.CreateGroup(r.Context(), p, oriel.GroupKey(key), name)
		if err != nil {
			return err
		}
		a.created(w, r, wireGroup(group))
		return nil
	})
}

// RenameGroup answers PATCH /api/v1/groups/{id}; the id is the key.
func (a *API) RenameGroup(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		name, err := readName(w, r)
		if err != nil {
			return err
		}
		group, err := a.people.RenameGroup(r.Context(), p, oriel.GroupKey(id), name)
		if err != nil {
			return err
		}
		a.answer(w, r, wireGroup(group))
		return nil
	})
}

// DeleteGroup answers DELETE /api/v1/groups/{id}.
func (a *API) DeleteGroup(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminPeople, func(p oriel.Principal) error {
		if err := a.people.DeleteGroup(r.Context(), p, oriel.GroupKey(id)); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func wireGroups(groups []oriel.Group) []Group {
	list := make([]Group, 0, len(groups))
	for _, group := range groups {
		list = append(list, wireGroup(group))
	}
	return list
}

func wireGroup(g oriel.Group) Group {
	out := Group{
		Key: string(g.Key), Name: g.Name, BuiltIn: g.Key.BuiltIn(), Download: GroupDownload(g.Download), Scopes: wireTexts(g.Scopes),
		Collections: make(map[string]GroupCollections, len(g.Collections)), Sources: make(map[string]GroupSources, len(g.Sources)),
	}
	if g.Download == "" {
		out.Download = noGrant
	}
	for key, grant := range g.Collections {
		out.Collections[key] = GroupCollections(grant)
	}
	for key, grant := range g.Sources {
		out.Sources[key] = GroupSources(grant)
	}
	return out
}
