package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ListAudit answers GET /api/v1/audit.
func (a *API) ListAudit(w http.ResponseWriter, r *http.Request, params ListAuditParams) {
	names := []string{"who", "action", "kind", "key", "cursor", "limit"}
	a.administering(w, r, names, oriel.ScopeAdminAudit, func(p oriel.Principal) error {
		limit, err := pageSize(params.Cursor, params.Limit)
		if err != nil {
			return err
		}
		filter := oriel.AuditFilter{Who: params.Who, Action: params.Action, Kind: params.Kind, Key: params.Key}
		if filter.Before, err = parseBefore(params.Cursor); err != nil {
			return err
		}
		entries, err := a.trail.Entries(r.Context(), p, filter, limit+1)
		if err != nil {
			return err
		}
		entries, next := newest(entries, limit, func(e oriel.AuditEntry) int64 { return e.ID })
		list := AuditList{Items: make([]AuditEntry, 0, len(entries)), Next: next}
		for _, e := range entries {
			list.Items = append(list.Items, wireAudit(e))
		}
		a.answer(w, r, list)
		return nil
	})
}

// ExportAudit answers GET /api/v1/audit/export with a stream.
func (a *API) ExportAudit(w http.ResponseWriter, r *http.Request, params ExportAuditParams) {
	names := []string{"who", "action", "kind", "key", "after"}
	a.administering(w, r, names, oriel.ScopeAdminAudit, func(p oriel.Principal) error {
		filter := oriel.AuditFilter{Who: params.Who, Action: params.Action, Kind: params.Kind, Key: params.Key, After: params.After}
		stream := &lines{w: w, controller: http.NewResponseController(w), clock: a.clock}
		err := a.trail.Export(r.Context(), p, filter, func(e oriel.AuditEntry) error { return stream.send(wireAudit(e)) })
		if err != nil && stream.begun {
			return a.cutOff(r, err)
		}
		if err == nil && !stream.begun {
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.WriteHeader(http.StatusOK)
		}
		return err
	})
}

func wireAudit(e oriel.AuditEntry) AuditEntry {
	return AuditEntry{
		ID: e.ID, At: e.At, Who: e.Who, Acting: e.Acting, Action: e.Action, Kind: e.Kind, Key: e.Key,
		From: wireKept(e.From), To: wireKept(e.To), Of: string(e.Of),
		PersonalFrom: wireKept(e.PersonalFrom), PersonalTo: wireKept(e.PersonalTo),
	}
}

// wireKept is a document as it was kept; some are plain names.
func wireKept(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return text
}
