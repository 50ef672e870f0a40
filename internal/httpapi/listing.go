package httpapi

import (
	"context"
	"net/http"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// The items of a page: without a limit, and at most.
const (
	defaultLimit = 50
	maxLimit     = 200
	maxCursor    = 256
)

// list is one of the catalog's listings.
type list func(ctx context.Context, p oriel.Principal, cursor string, limit int) (catalog.Page, error)

// ListQuestions answers GET /api/v1/questions.
func (a *API) ListQuestions(w http.ResponseWriter, r *http.Request, params ListQuestionsParams) {
	a.list(w, r, params.Cursor, params.Limit, a.catalog.Questions)
}

// ListDashboards answers GET /api/v1/dashboards.
func (a *API) ListDashboards(w http.ResponseWriter, r *http.Request, params ListDashboardsParams) {
	a.list(w, r, params.Cursor, params.Limit, a.catalog.Dashboards)
}

func (a *API) list(w http.ResponseWriter, r *http.Request, cursor string, wanted *int, find list) {
	a.signedIn(w, r, []string{"cursor", "limit"}, func(p oriel.Principal, _ session.Session) error {
		limit, err := pageSize(cursor, wanted)
		if err != nil {
			return err
		}
		page, err := find(r.Context(), p, cursor, limit)
		if err != nil {
			return err
		}
		listing := Listing{Items: make([]ListingItem, 0, len(page.Items))}
		for _, item := range page.Items {
			listing.Items = append(listing.Items, ListingItem{ID: item.ID, Name: item.Name})
		}
		if page.Next != "" {
			listing.Next = &page.Next
		}
		a.answer(w, r, listing)
		return nil
	})
}

// pageSize is how many items a page has, when it is asked for as it should be.
func pageSize(cursor string, wanted *int) (int, error) {
	limit := defaultLimit
	if wanted != nil {
		limit = *wanted
	}
	if limit < 1 || limit > maxLimit {
		return 0, fieldError("limit", "This is a number from 1 to 200.")
	}
	if len(cursor) > maxCursor {
		return 0, fieldError("cursor", "This is not a cursor of this listing.")
	}
	return limit, nil
}
