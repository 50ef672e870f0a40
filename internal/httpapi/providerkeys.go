package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListProviderKeys answers GET /api/v1/providers/{id}/keys.
func (a *API) ListProviderKeys(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		keys, err := a.administration.Keys(r.Context(), p, id)
		if err != nil {
			return err
		}
		a.answer(w, r, ProviderKeyList{Items: wireKeys(keys)})
		return nil
	})
}

// CreateProviderKey answers POST /api/v1/providers/{id}/keys; a secret that is
// made is in this answer alone.
func (a *API) CreateProviderKey(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		wanted, err := parseKeyRequest(w, r)
		if err != nil {
			return err
		}
		added, err := a.administration.AddKey(r.Context(), p, id, wanted)
		if err != nil {
			return err
		}
		a.created(w, r, CreatedProviderKey{Key: wireKey(added.Key), Secret: added.Secret})
		return nil
	})
}

func parseKeyRequest(w http.ResponseWriter, r *http.Request) (directory.KeyRequest, error) {
	var wanted directory.KeyRequest
	members, err := readObject(w, r, false, "id", "kind", "secret", "public", "url")
	if err != nil {
		return wanted, err
	}
	var kind string
	for name, to := range map[string]*string{"id": &wanted.ID, "kind": &kind, "secret": &wanted.Secret, "public": &wanted.Public, "url": &wanted.URL} {
		text, found, err := parseText(members, name)
		switch {
		case err != nil:
			return wanted, err
		case found && text == "":
			return wanted, fieldError(name, "Leave it out, or write something.")
		}
		*to = text
	}
	if kind == "" {
		return wanted, fieldError("kind", "This is the one algorithm that the key is for, as hs256 or eddsa.")
	}
	wanted.Kind = oriel.KeyKind(kind)
	return wanted, nil
}

// RetireProviderKey answers POST /api/v1/providers/{id}/keys/{kid}/retire.
func (a *API) RetireProviderKey(w http.ResponseWriter, r *http.Request, id ID, kid Kid) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		overlap, err := parseOverlap(w, r, directory.DefaultOverlap)
		if err != nil {
			return err
		}
		key, err := a.administration.RetireKey(r.Context(), p, id, kid, overlap)
		if err != nil {
			return err
		}
		a.answer(w, r, wireKey(key))
		return nil
	})
}

// DeleteProviderKey answers DELETE /api/v1/providers/{id}/keys/{kid}.
func (a *API) DeleteProviderKey(w http.ResponseWriter, r *http.Request, id ID, kid Kid) {
	a.administering(w, r, nil, oriel.ScopeAdminAuthentication, func(p oriel.Principal) error {
		if err := a.administration.DeleteKey(r.Context(), p, id, kid); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

func wireKeys(keys []directory.KeyInUse) []ProviderKey {
	list := make([]ProviderKey, 0, len(keys))
	for _, key := range keys {
		list = append(list, wireKey(key))
	}
	return list
}

func wireKey(k directory.KeyInUse) ProviderKey {
	return ProviderKey{
		ID: k.Key.ID, Kind: string(k.Key.Kind), URL: k.Key.URL, Created: k.Key.Created, Retired: orNoTime(k.Key.Retired), Ends: orNoTime(k.Key.Ends),
		LastUsed: orNoTime(k.Use.LastUsed), LastHour: k.Use.LastHour, LastDay: k.Use.LastDay, Live: k.Live, SafeToDelete: k.SafeToDelete,
	}
}
