package httpapi

import (
	"net/http"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ViewAs answers POST /api/v1/users/{id}/view-as; the token is in this answer
// alone.
func (a *API) ViewAs(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminViewAs, func(p oriel.Principal) error {
		members, err := readObject(w, r, true, "provider")
		if err != nil {
			return err
		}
		slug, found, err := parseText(members, "provider")
		if err != nil {
			return err
		}
		provider := ""
		if found {
			if provider = a.providerNames.ProviderID(slug); provider == "" {
				return fieldError("provider", "There is no provider of this slug.")
			}
		}
		issued, err := a.viewing.ViewAs(r.Context(), p, oriel.UserID(id), provider)
		if err != nil {
			return err
		}
		a.created(w, r, ViewAsSession{Token: issued.Token, Expires: issued.Session.Expires, User: id})
		return nil
	})
}

// readsContent tells whether a route only reads or runs content, or tells of
// and ends the session itself: what a session of who views as somebody else is
// good for. A route that is not here is refused to them (access contract §2).
func readsContent(pattern string) bool {
	return slices.Contains([]string{
		"GET /api/v1/session",
		"DELETE /api/v1/session",
		"GET /api/v1/questions",
		"GET /api/v1/questions/{id}",
		"POST /api/v1/questions/{id}/run",
		"GET /api/v1/viewable-collections",
		"GET /api/v1/dashboards",
		"POST /api/v1/dashboards/{id}/run",
		"GET /api/v1/dashboards/{id}/parameters/{parameter}/values",
	}, pattern)
}
