package httpapi

import (
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// ListParameterValues answers GET /api/v1/dashboards/{id}/parameters/{parameter}/values:
// what a filter offers this principal.
func (a *API) ListParameterValues(w http.ResponseWriter, r *http.Request, id ID, parameter string) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		done, err := a.runs.begin(r.Context(), p)
		if err != nil {
			return err
		}
		defer done()
		found, err := a.queries.ParameterValues(r.Context(), p, id, parameter)
		if err != nil {
			return err
		}
		choices := ParameterValues{Items: make([]ParameterChoice, 0, len(found))}
		for _, value := range found {
			choices.Items = append(choices.Items, ParameterChoice{Value: value, Label: value})
		}
		a.answer(w, r, choices)
		return nil
	})
}
