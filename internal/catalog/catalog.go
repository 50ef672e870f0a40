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
type Item struct {
	ID, Name, Description string
	Collection            oriel.Collection
}

// Filter narrows a listing; its zero value asks for everything.
type Filter struct {
	// Collection is the key of the one collection that is asked for.
	Collection string
	// Search is what the name or the description has to hold, in any case.
	Search string
}

// Page is a part of a listing. Next is the cursor of the page after it, empty
// on the last.
type Page struct {
	Items []Item
	Next  string
}

// Questions lists the questions that the principal may view, by name and key.
// Errors: invalid_request for a bad cursor or limit; not_found for a collection
// that the principal may not view; not_authenticated.
func (c *Catalog) Questions(_ context.Context, p oriel.Principal, f Filter, cursor string, limit int) (Page, error) {
	d := c.declared()
	all := make([]Item, 0, len(d.Questions))
	for _, q := range d.Questions {
		all = append(all, Item{ID: q.Key, Name: q.Name, Description: q.Description, Collection: oriel.Collection{Key: q.Collection}})
	}
	return list(p, d, all, f, cursor, limit)
}

// Dashboards lists the dashboards that the principal may view, by name and
// key. Errors as [Catalog.Questions].
func (c *Catalog) Dashboards(_ context.Context, p oriel.Principal, f Filter, cursor string, limit int) (Page, error) {
	d := c.declared()
	all := make([]Item, 0, len(d.Dashboards))
	for _, x := range d.Dashboards {
		all = append(all, Item{ID: x.Key, Name: x.Name, Description: x.Description, Collection: oriel.Collection{Key: x.Collection}})
	}
	return list(p, d, all, f, cursor, limit)
}

// Collections lists the collections that the principal may view, by name and
// key. Errors: as [access.ReadContent].
func (c *Catalog) Collections(_ context.Context, p oriel.Principal) ([]oriel.Collection, error) {
	if err := access.ReadContent(p); err != nil {
		return nil, err
	}
	d := c.declared()
	viewable := []oriel.Collection{}
	for _, one := range d.Collections {
		switch err := access.ViewCollection(p, d.Groups, one.Key); oriel.CodeOf(err) {
		case "":
			viewable = append(viewable, one)
		case oriel.CodeNotFound:
		default:
			return nil, err
		}
	}
	slices.SortFunc(viewable, func(a, b oriel.Collection) int { return compareNames(a.Name, a.Key, b.Name, b.Key) })
	return viewable, nil
}

func list(p oriel.Principal, d *oriel.Declaration, all []Item, f Filter, cursor string, limit int) (Page, error) {
	if err := access.ReadContent(p); err != nil {
		return Page{}, err
	}
	if limit < 1 || limit > maxLimit {
		return Page{}, invalid("limit", "This is a number from 1 to 200.")
	}
	if f.Collection != "" {
		if err := access.ViewCollection(p, d.Groups, f.Collection); err != nil {
			return Page{}, err
		}
	}
	names := make(map[string]string, len(d.Collections))
	for _, c := range d.Collections {
		names[c.Key] = c.Name
	}
	items := []Item{}
	for _, item := range all {
		if !f.fits(item) {
			continue
		}
		switch err := access.ViewCollection(p, d.Groups, item.Collection.Key); oriel.CodeOf(err) {
		case "":
			item.Collection.Name = names[item.Collection.Key]
			items = append(items, item)
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

func (f Filter) fits(item Item) bool {
	if f.Collection != "" && item.Collection.Key != f.Collection {
		return false
	}
	wanted := strings.ToLower(strings.TrimSpace(f.Search))
	return strings.Contains(strings.ToLower(item.Name), wanted) || strings.Contains(strings.ToLower(item.Description), wanted)
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
func compare(a, b Item) int { return compareNames(a.Name, a.ID, b.Name, b.ID) }

func compareNames(a, aKey, b, bKey string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b), cmp.Compare(aKey, bKey))
}

func invalid(field, what string) error {
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Message: what, Fields: map[string]string{field: what}}
}
