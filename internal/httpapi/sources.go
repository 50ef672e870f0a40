package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// Sources are the data sources as administrators manage them.
type Sources interface {
	List(ctx context.Context, p oriel.Principal) ([]catalog.ListedSource, error)
	Source(ctx context.Context, p oriel.Principal, key string) (catalog.SourceAsSet, error)
	Create(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (catalog.SourceAsSet, error)
	Update(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (catalog.SourceAsSet, error)
	Delete(ctx context.Context, p oriel.Principal, key string) error
	Test(ctx context.Context, p oriel.Principal, key string, settings map[string]any) (oriel.SourceTest, error)
	FindSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error)
	StartSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error)
	CancelSync(ctx context.Context, p oriel.Principal, key string) (oriel.Sync, error)
}

// ListSources answers GET /api/v1/sources.
func (a *API) ListSources(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		sources, err := a.sources.List(r.Context(), p)
		if err != nil {
			return err
		}
		list := DataSourceList{Items: make([]ListedDataSource, 0, len(sources))}
		for _, one := range sources {
			list.Items = append(list.Items, ListedDataSource{
				Key: one.Key, Kind: ListedDataSourceKind(one.Kind), Tables: one.Tables, Closed: one.Closed, Sync: wireSyncOrNone(one.Sync),
			})
		}
		a.answer(w, r, list)
		return nil
	})
}

// GetSource answers GET /api/v1/sources/{id}; the id is the key.
func (a *API) GetSource(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		one, err := a.sources.Source(r.Context(), p, id)
		if err != nil {
			return err
		}
		a.answer(w, r, wireSource(one))
		return nil
	})
}

// CreateSource answers POST /api/v1/sources.
func (a *API) CreateSource(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		key, settings, err := parseNewSource(w, r)
		if err != nil {
			return err
		}
		one, err := a.sources.Create(r.Context(), p, key, settings)
		if err != nil {
			return err
		}
		a.created(w, r, wireSource(one))
		return nil
	})
}

// UpdateSource answers PUT /api/v1/sources/{id}: all settings anew, but the url
// when it is left out.
func (a *API) UpdateSource(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		key, settings, err := parseSettings(w, r, maxAdminBody, "key")
		if err != nil {
			return err
		}
		if key != "" && key != id {
			return fieldError("key", "A source's key does not change: leave it out, or write that of the address.")
		}
		one, err := a.sources.Update(r.Context(), p, id, settings)
		if err != nil {
			return err
		}
		a.answer(w, r, wireSource(one))
		return nil
	})
}

// DeleteSource answers DELETE /api/v1/sources/{id}.
func (a *API) DeleteSource(w http.ResponseWriter, r *http.Request, id ID) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		if err := a.sources.Delete(r.Context(), p, id); err != nil {
			return err
		}
		a.done(w, r)
		return nil
	})
}

// TestSource answers POST /api/v1/sources/test.
func (a *API) TestSource(w http.ResponseWriter, r *http.Request) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		key, settings, err := parseNewSource(w, r)
		if err != nil {
			return err
		}
		tried, err := a.sources.Test(r.Context(), p, key, settings)
		if err != nil {
			return err
		}
		a.answer(w, r, DataSourceTest{Ok: tried.OK, Message: tried.Message, Warnings: wireTexts(tried.Warnings), Tables: tried.Tables})
		return nil
	})
}

// GetSync answers GET /api/v1/sources/{id}/sync.
func (a *API) GetSync(w http.ResponseWriter, r *http.Request, id ID) {
	a.answerSync(w, r, http.StatusOK, id, a.sources.FindSync)
}

// StartSync answers POST /api/v1/sources/{id}/sync.
func (a *API) StartSync(w http.ResponseWriter, r *http.Request, id ID) {
	a.answerSync(w, r, http.StatusAccepted, id, a.sources.StartSync)
}

// CancelSync answers DELETE /api/v1/sources/{id}/sync.
func (a *API) CancelSync(w http.ResponseWriter, r *http.Request, id ID) {
	a.answerSync(w, r, http.StatusOK, id, a.sources.CancelSync)
}

func (a *API) answerSync(w http.ResponseWriter, r *http.Request, status int, key string, do func(context.Context, oriel.Principal, string) (oriel.Sync, error)) {
	a.administering(w, r, nil, oriel.ScopeAdminSources, func(p oriel.Principal) error {
		sync, err := do(r.Context(), p, key)
		if err != nil {
			return err
		}
		a.answerWith(w, r, status, wireSync(sync))
		return nil
	})
}

// parseNewSource reads a key and settings.
func parseNewSource(w http.ResponseWriter, r *http.Request) (key string, settings map[string]any, err error) {
	key, settings, err = parseSettings(w, r, maxAdminBody, "key")
	if err == nil && key == "" {
		err = fieldError("key", "This is the source's name in declarations and addresses; it must not be empty.")
	}
	return key, settings, err
}

// parseSettings reads a name and settings. Which settings there are is for a
// declaration's reader to say; a reference to the environment or to a file
// means nothing here, it is the text itself.
func parseSettings(w http.ResponseWriter, r *http.Request, most int64, name string) (value string, settings map[string]any, err error) {
	members, err := readObjectOf(w, r, most, false, anyName)
	if err != nil {
		return "", nil, err
	}
	if value, _, err = parseText(members, name); err != nil {
		return "", nil, err
	}
	delete(members, name)
	settings = make(map[string]any, len(members))
	for name, raw := range members {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return "", nil, fieldError(shorten(name), "This is not valid JSON.")
		}
		settings[name] = value
	}
	return value, settings, nil
}

func wireSource(one catalog.SourceAsSet) DataSource {
	out := DataSource{
		Key: one.Key, Kind: DataSourceKind(one.Kind), Settings: one.Settings, Tables: make([]DataSourceTable, 0, len(one.Tables)),
		Sync: wireSyncOrNone(one.Sync),
	}
	if one.Server != nil {
		out.Server = &DataSourceServer{Hosts: one.Server.Hosts, Database: one.Server.Database, Login: one.Server.Login, Sslmode: one.Server.SSLMode}
	}
	for _, t := range one.Tables {
		table := DataSourceTable{
			Name: t.Name, Visible: DataSourceTableVisible(t.Visible), Why: t.Why, Columns: make([]DataSourceColumn, 0, len(t.Columns)),
			PrimaryKey: wireTexts(t.PrimaryKey), UniqueKeys: make([][]string, 0, len(t.UniqueKeys)), ForeignKeys: make([]DataSourceForeignKey, 0, len(t.ForeignKeys)),
		}
		if one.Sync != nil {
			if rows, known := one.Sync.Rows[t.Name]; known {
				table.Rows = &rows
			}
		}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, DataSourceColumn{Name: c.Name, Type: DataSourceColumnType(c.Type)})
		}
		table.UniqueKeys = append(table.UniqueKeys, t.UniqueKeys...)
		for _, k := range t.ForeignKeys {
			table.ForeignKeys = append(table.ForeignKeys, DataSourceForeignKey{Columns: k.Columns, Table: k.Table, To: k.To})
		}
		out.Tables = append(out.Tables, table)
	}
	return out
}

func wireSyncOrNone(sync *oriel.Sync) *Sync {
	if sync == nil {
		return nil
	}
	out := wireSync(*sync)
	return &out
}

func wireSync(s oriel.Sync) Sync {
	out := Sync{
		ID: s.ID, State: SyncState(s.State), Who: s.Who, Started: s.Started, Ended: orNoTime(s.Ended), Message: s.Message,
		Progress: SyncProgress{Phase: SyncProgressPhase(s.Progress.Phase), Done: s.Progress.Done, Tables: s.Progress.Tables, Rows: s.Progress.Rows},
		Warnings: wireTexts(s.Warnings), Broken: wireTexts(s.Broken), Changes: make([]SyncChange, 0, len(s.Changes)),
	}
	for _, c := range s.Changes {
		out.Changes = append(out.Changes, SyncChange{Table: c.Table, Column: c.Column, Change: SyncChangeChange(c.Change)})
	}
	return out
}
