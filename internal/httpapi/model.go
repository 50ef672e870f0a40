package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
)

// ListModels answers GET /api/v1/models.
func (a *API) ListModels(w http.ResponseWriter, r *http.Request) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		models, err := a.queries.Models(r.Context(), p)
		if err != nil {
			return err
		}
		list := ModelList{Items: make([]ListedModel, 0, len(models))}
		for _, m := range models {
			list.Items = append(list.Items, ListedModel{ID: m.Key, Name: m.Name, Description: m.Description, Source: m.Table.Source})
		}
		a.answer(w, r, list)
		return nil
	})
}

// GetModel answers GET /api/v1/models/{id}.
func (a *API) GetModel(w http.ResponseWriter, r *http.Request, id ID) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		model, err := a.queries.Model(r.Context(), p, id)
		if err != nil {
			return err
		}
		a.answer(w, r, wireModel(model))
		return nil
	})
}

func wireModel(m query.SeenModel) Model {
	out := Model{
		ID: m.Key, Name: m.Name, Description: m.Description, Source: m.Table.Source, TimeColumn: m.TimeColumn,
		Columns: make([]ModelColumn, 0, len(m.Seen)),
	}
	for _, seen := range m.Described() {
		column := ModelColumn{
			Name: seen.Name, Label: seen.Label, Type: ModelColumnType(seen.Type), Format: wireFormat(seen.Format), Description: seen.Description,
		}
		if key := seen.ForeignKey; key != nil {
			column.ForeignKey = &ModelForeignKey{Model: key.Model, Column: key.Column}
		}
		out.Columns = append(out.Columns, column)
	}
	return out
}

func wireFormat(f oriel.ColumnFormat) Format {
	return Format{Style: FormatStyle(f.Style), Currency: f.Currency, Unit: f.Unit, Digits: f.Digits}
}
