package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// noGrant is what the wire calls having none.
const noGrant = "none"

// ListPermissions answers GET /api/v1/permissions.
func (a *API) ListPermissions(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		matrix, err := a.people.Permissions(r.Context(), p)
		if err != nil {
			return err
		}
		out := Permissions{Groups: wireGroups(matrix.Groups), Collections: []ListingItem{}, Sources: append([]string{}, matrix.Sources...)}
		for _, c := range matrix.Collections {
			out.Collections = append(out.Collections, ListingItem{ID: c.Key, Name: c.Name})
		}
		a.answer(w, r, out)
		return nil
	})
}

// ChangePermissions answers PATCH /api/v1/permissions/{id}; the id is a group's
// key.
func (a *API) ChangePermissions(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		change, err := parsePermissions(w, r)
		if err != nil {
			return err
		}
		group, err := a.people.ChangePermissions(r.Context(), p, oriel.GroupKey(id), change)
		if err != nil {
			return err
		}
		a.answer(w, r, wireGroup(group))
		return nil
	})
}

func parsePermissions(w http.ResponseWriter, r *http.Request) (c oriel.GroupChange, err error) {
	members, err := readObject(w, r, false, "collections", "sources", "download", "scopes")
	if err != nil {
		return c, err
	}
	if c.Collections, err = parseCells[oriel.CollectionGrant](members, "collections"); err != nil {
		return c, err
	}
	if c.Sources, err = parseCells[oriel.SourceGrant](members, "sources"); err != nil {
		return c, err
	}
	download, found, err := parseText(members, "download")
	if err != nil {
		return c, err
	}
	if found {
		grant, err := parseGrant[oriel.DownloadGrant]("download", download)
		if err != nil {
			return c, err
		}
		c.Download = &grant
	}
	if _, found := members["scopes"]; !found {
		return c, nil
	}
	names, err := parseTexts(members, "scopes")
	scopes := make([]oriel.Scope, 0, len(names))
	for _, name := range names {
		scopes = append(scopes, oriel.Scope(name))
	}
	c.Scopes = &scopes
	return c, err
}

// parseCells reads a member that has grants by key.
func parseCells[G ~string](members map[string]json.RawMessage, name string) (map[string]G, error) {
	raw, found := members[name]
	if !found {
		return nil, nil
	}
	byKey, err := parseObject(raw, anyName)
	if err != nil {
		return nil, fieldError(name, "This must be an object with grants by key, each once.")
	}
	cells := make(map[string]G, len(byKey))
	for key := range byKey {
		text, _, err := parseText(byKey, key)
		if err != nil {
			return nil, fieldError(name, "A grant is a string.")
		}
		if cells[key], err = parseGrant[G](name, text); err != nil {
			return nil, err
		}
	}
	return cells, nil
}

// parseGrant turns none into no grant, which alone is written so within.
func parseGrant[G ~string](field, text string) (G, error) {
	switch text {
	case noGrant:
		return "", nil
	case "":
		return "", fieldError(field, "A grant is not empty: write none to take it away.")
	}
	return G(text), nil
}
