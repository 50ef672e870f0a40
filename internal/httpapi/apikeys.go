package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListAPIKeys answers GET /api/v1/api-keys.
func (a *API) ListAPIKeys(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		keys, err := a.apiKeys.List(r.Context(), p)
		if err != nil {
			return err
		}
		list := APIKeyList{Items: make([]APIKey, 0, len(keys))}
		for _, key := range keys {
			list.Items = append(list.Items, wireAPIKey(key))
		}
		a.answer(w, r, list)
		return nil
	})
}

// CreateAPIKey answers POST /api/v1/api-keys; the key is in this answer alone.
func (a *API) CreateAPIKey(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		members, err := readObject(w, r, false, "name", "user", "group", "scopes", "expires_in")
		if err != nil {
			return err
		}
		wanted, err := parseAPIKeyRequest(members)
		if err != nil {
			return err
		}
		issued, err := a.apiKeys.Create(r.Context(), p, wanted)
		if err != nil {
			return err
		}
		a.created(w, r, CreatedAPIKey{Key: wireAPIKey(issued.Key), Secret: issued.Secret})
		return nil
	})
}

func parseAPIKeyRequest(members map[string]json.RawMessage) (directory.APIKeyRequest, error) {
	var wanted directory.APIKeyRequest
	for name, to := range map[string]func(string){
		"name":  func(text string) { wanted.Name = text },
		"user":  func(text string) { wanted.User = oriel.UserID(text) },
		"group": func(text string) { wanted.Group = oriel.GroupKey(text) },
	} {
		text, found, err := parseText(members, name)
		switch {
		case err != nil:
			return wanted, err
		case found && text == "":
			return wanted, fieldError(name, "Leave it out, or write something.")
		}
		to(text)
	}
	scopes, err := parseTexts(members, "scopes")
	if err != nil {
		return wanted, err
	}
	for _, scope := range scopes {
		wanted.Scopes = append(wanted.Scopes, oriel.Scope(scope))
	}
	lifetime, found, err := parseSeconds(members, "expires_in")
	if found && lifetime == 0 && err == nil {
		err = fieldError("expires_in", "Leave it out, or write a number of seconds.")
	}
	wanted.Lifetime = lifetime
	return wanted, err
}

// RotateAPIKey answers POST /api/v1/api-keys/{id}/rotate.
func (a *API) RotateAPIKey(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		overlap, err := parseOverlap(w, r, directory.DefaultOverlap)
		if err != nil {
			return err
		}
		issued, err := a.apiKeys.Rotate(r.Context(), p, id, overlap)
		if err != nil {
			return err
		}
		a.created(w, r, CreatedAPIKey{Key: wireAPIKey(issued.Key), Secret: issued.Secret})
		return nil
	})
}

// RevokeAPIKey answers DELETE /api/v1/api-keys/{id}.
func (a *API) RevokeAPIKey(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		if err := a.apiKeys.Revoke(r.Context(), p, id); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func wireAPIKey(key oriel.APIKey) APIKey {
	out := APIKey{
		ID: key.ID, Name: key.Name, User: string(key.User), Group: string(key.Group), Scopes: make([]string, 0, len(key.Scopes)),
		Created: key.Created, Expires: orNoTime(key.Expires), LastUsed: orNoTime(key.LastUsed), Revoked: orNoTime(key.Revoked),
		Replaces: key.Replaces,
	}
	for _, scope := range key.Scopes {
		out.Scopes = append(out.Scopes, string(scope))
	}
	return out
}
