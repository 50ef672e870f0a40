package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"unicode/utf8"

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

// The longest of what narrows a listing, in characters.
const (
	maxCollectionKey = 63
	maxSearch        = 200
)

// list is one of the catalog's listings.
type list func(ctx context.Context, p oriel.Principal, f catalog.Filter, cursor string, limit int) (catalog.Page, error)

// ListQuestions answers GET /api/v1/questions.
func (a *API) ListQuestions(w http.ResponseWriter, r *http.Request, params ListQuestionsParams) {
	a.list(w, r, catalog.Filter{Collection: params.Collection, Search: params.Search}, params.Cursor, params.Limit, a.catalog.Questions)
}

// ListDashboards answers GET /api/v1/dashboards.
func (a *API) ListDashboards(w http.ResponseWriter, r *http.Request, params ListDashboardsParams) {
	a.list(w, r, catalog.Filter{Collection: params.Collection, Search: params.Search}, params.Cursor, params.Limit, a.catalog.Dashboards)
}

// ListViewableCollections answers GET /api/v1/viewable-collections.
func (a *API) ListViewableCollections(w http.ResponseWriter, r *http.Request) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		all, err := a.catalog.Collections(r.Context(), p)
		if err != nil {
			return err
		}
		answer := ViewableCollections{Items: make([]ListingItem, 0, len(all))}
		for _, one := range all {
			answer.Items = append(answer.Items, ListingItem{ID: one.Key, Name: one.Name})
		}
		a.answer(w, r, answer)
		return nil
	})
}

func (a *API) list(w http.ResponseWriter, r *http.Request, f catalog.Filter, cursor string, wanted *int, find list) {
	a.signedIn(w, r, []string{"collection", "search", "cursor", "limit"}, func(p oriel.Principal, _ session.Session) error {
		limit, err := pageSize(cursor, wanted)
		if err != nil {
			return err
		}
		if utf8.RuneCountInString(f.Collection) > maxCollectionKey {
			return fieldError("collection", "This is not a collection's key.")
		}
		if utf8.RuneCountInString(f.Search) > maxSearch {
			return fieldError("search", "This is longer than 200 characters.")
		}
		page, err := find(r.Context(), p, f, cursor, limit)
		if err != nil {
			return err
		}
		listing := Listing{Items: make([]ListedContent, 0, len(page.Items))}
		for _, item := range page.Items {
			listing.Items = append(listing.Items, ListedContent{
				ID: item.ID, Name: item.Name, Description: item.Description,
				Collection: ListingItem{ID: item.Collection.Key, Name: item.Collection.Name},
			})
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
		return 0, errCursor()
	}
	return limit, nil
}

// parseBefore reads the cursor of a listing of records, the newest first: the id
// of the last one that was given. 0 is none.
func parseBefore(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	before, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || before < 1 {
		return 0, errCursor()
	}
	return before, nil
}

func errCursor() error { return fieldError("cursor", "This is not a cursor of this listing.") }

// newest is a page of records, of which one more than fits was asked for, with the
// cursor of the next page; nil when this is the last.
func newest[R any](records []R, limit int, id func(R) int64) (page []R, next *string) {
	if len(records) <= limit {
		return records, nil
	}
	cursor := strconv.FormatInt(id(records[limit-1]), 10)
	return records[:limit], &cursor
}
