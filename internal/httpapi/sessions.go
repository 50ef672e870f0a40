package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// ListSessions answers GET /api/v1/sessions: one's own, or anybody's.
func (a *API) ListSessions(w http.ResponseWriter, r *http.Request, params ListSessionsParams) {
	a.signedIn(w, r, []string{"user", "tenant", "provider", "cursor", "limit"}, func(p oriel.Principal, s session.Session) error {
		limit, err := pageSize(params.Cursor, params.Limit)
		if err != nil {
			return err
		}
		filter := oriel.SessionFilter{User: oriel.UserID(params.User), Tenant: oriel.TenantSlug(params.Tenant), Provider: params.Provider}
		found, err := a.sessions.List(r.Context(), p, filter, params.Cursor, limit+1)
		if err != nil {
			return err
		}
		list := SessionList{Items: make([]ListedSession, 0, len(found))}
		if len(found) > limit {
			found = found[:limit]
			list.Next = &found[limit-1].ID
		}
		for _, one := range found {
			list.Items = append(list.Items, ListedSession{
				ID: one.ID, User: string(one.User), Kind: ListedSessionKind(one.Kind), Provider: a.providerNames.ProviderSlug(one.Provider),
				Key: one.KeyID, Origin: one.Origin, Created: one.Created, Expires: one.Expires, Current: one.ID == s.ID,
			})
		}
		a.answer(w, r, list)
		return nil
	})
}

// RevokeSession answers DELETE /api/v1/sessions/{id}: one's own, or anybody's.
func (a *API) RevokeSession(w http.ResponseWriter, r *http.Request, id ID) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		if err := a.sessions.End(r.Context(), p, id); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

// RevokeUserSessions answers DELETE /api/v1/users/{id}/sessions.
func (a *API) RevokeUserSessions(w http.ResponseWriter, r *http.Request, id ID) {
	a.revoking(w, r, oriel.ScopeAdminPeople, func(p oriel.Principal) (int, error) {
		return a.sessions.EndUser(r.Context(), p, oriel.UserID(id))
	})
}

// RevokeTenantSessions answers DELETE /api/v1/tenants/{id}/sessions; the id is
// the tenant's slug.
func (a *API) RevokeTenantSessions(w http.ResponseWriter, r *http.Request, id ID) {
	a.revoking(w, r, oriel.ScopeAdminPeople, func(p oriel.Principal) (int, error) {
		return a.sessions.EndTenant(r.Context(), p, oriel.TenantSlug(id))
	})
}

// RevokeKeySessions answers DELETE /api/v1/providers/{id}/keys/{kid}/sessions.
func (a *API) RevokeKeySessions(w http.ResponseWriter, r *http.Request, id ID, kid Kid) {
	a.revoking(w, r, oriel.ScopeAdminAuthentication, func(p oriel.Principal) (int, error) {
		return a.sessions.EndKey(r.Context(), p, id, kid)
	})
}

// revoking ends sessions and answers how many there were.
func (a *API) revoking(w http.ResponseWriter, r *http.Request, scope oriel.Scope, end func(oriel.Principal) (int, error)) {
	a.administering(w, r, nil, scope, func(p oriel.Principal) error {
		ended, err := end(p)
		if err != nil {
			return err
		}
		a.answer(w, r, Revoked{Sessions: ended})
		return nil
	})
}
