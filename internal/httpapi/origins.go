package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListOrigins answers GET /api/v1/origins.
func (a *API) ListOrigins(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		list, err := a.wireOrigins(r, p)
		if err != nil {
			return err
		}
		a.answer(w, r, list)
		return nil
	})
}

// AddOrigin answers POST /api/v1/origins.
func (a *API) AddOrigin(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		members, err := readObject(w, r, false, "origin")
		if err != nil {
			return err
		}
		entry, found, err := parseText(members, "origin")
		switch {
		case err != nil:
			return err
		case !found || entry == "":
			return fieldError("origin", "This is an origin as scheme://host[:port]; it must not be empty.")
		}
		if err := a.administration.AddOrigin(r.Context(), p, entry); err != nil {
			return err
		}
		list, err := a.wireOrigins(r, p)
		if err != nil {
			return err
		}
		a.created(w, r, list)
		return nil
	})
}

// RemoveOrigin answers DELETE /api/v1/origins.
func (a *API) RemoveOrigin(w http.ResponseWriter, r *http.Request, params RemoveOriginParams) {
	a.administering(w, r, []string{"origin"}, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		if err := a.administration.RemoveOrigin(r.Context(), p, params.Origin); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func (a *API) wireOrigins(r *http.Request, p oriel.Principal) (OriginList, error) {
	origins, err := a.administration.Origins(r.Context(), p)
	list := OriginList{Items: make([]string, 0, len(origins))}
	for _, o := range origins {
		list.Items = append(list.Items, o.String())
	}
	return list, err
}
