package catalog

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxLimit is the most items of one page.
const maxLimit = 200

// Catalog answers from the declaration that holds at the moment of asking.
type Catalog struct {
	declared func() *oriel.Declaration
}

// New makes a catalog over the newest declaration, which declared returns; it
// is read only and never nil.
func New(declared func() *oriel.Declaration) *Catalog { return &Catalog{declared: declared} }

// Item is a listed question or dashboard.
type Item struct{ ID, Name string }

// Page is a part of a listing. Next is the cursor of the page after it, empty
// on the last.
type Page struct {
	Items []Item
	Next  string
}

// Questions lists the questions that the principal may view, by name and key.
// Errors: invalid_request for a bad cursor or limit; not_authenticated.
func (c *Catalog) Questions(_ context.Context, p oriel.Principal, cursor string, limit int) (Page, error) {
	d := c.declared()
	entries := make([]entry, 0, len(d.Questions))
	for _, q := range d.Questions {
		entries = append(entries, entry{Item{ID: q.Key, Name: q.Name}, q.Collection})
	}
	return list(p, d.Groups, entries, cursor, limit)
}

// Dashboards lists the dashboards that the principal may view, by name and
// key. Errors as [Catalog.Questions].
func (c *Catalog) Dashboards(_ context.Context, p oriel.Principal, cursor string, limit int) (Page, error) {
	d := c.declared()
	entries := make([]entry, 0, len(d.Dashboards))
	for _, x := range d.Dashboards {
		entries = append(entries, entry{Item{ID: x.Key, Name: x.Name}, x.Collection})
	}
	return list(p, d.Groups, entries, cursor, limit)
}

// entry is an item with the collection that decides who may view it.
type entry struct {
	Item
	collection string
}

func list(p oriel.Principal, groups []oriel.Group, entries []entry, cursor string, limit int) (Page, error) {
	if err := access.ReadContent(p); err != nil {
		return Page{}, err
	}
	if limit < 1 || limit > maxLimit {
		return Page{}, invalid("limit", "This is a number from 1 to 200.")
	}
	items := []Item{}
	for _, e := range entries {
		switch err := access.ViewCollection(p, groups, e.collection); oriel.CodeOf(err) {
		case "":
			items = append(items, e.Item)
		case oriel.CodeNotFound:
		default:
			return Page{}, err
		}
	}
	slices.SortFunc(items, compare)
	if cursor != "" {
		after, err := position(items, cursor)
		if err != nil {
			return Page{}, err
		}
		items = items[after+1:]
	}
	if len(items) <= limit {
		return Page{Items: items}, nil
	}
	items = items[:limit]
	return Page{Items: items, Next: base64.RawURLEncoding.EncodeToString([]byte(items[limit-1].ID))}, nil
}

// position finds the last item of the page before, which is what a cursor
// names. It looks only among what the principal may view.
func position(items []Item, cursor string) (int, error) {
	key, err := base64.RawURLEncoding.DecodeString(cursor)
	at := slices.IndexFunc(items, func(i Item) bool { return i.ID == string(key) })
	if err != nil || at < 0 {
		return 0, invalid("cursor", "This is not a cursor of this listing, or its item is gone: list from the beginning.")
	}
	return at, nil
}

// compare orders by name without regard to case, then exactly, then by key.
func compare(a, b Item) int {
	return cmp.Or(
		cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.ID, b.ID),
	)
}

func invalid(field, what string) error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: what, Fields: map[string]string{field: what}}
}
