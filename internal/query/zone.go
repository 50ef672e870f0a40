package query

import (
	"cmp"
	"slices"
	"sync"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// zones are the time zones that were asked for, read once.
type zones struct{ known sync.Map }

// of is a zone as engines take it; nil for UTC, in which nothing is moved.
func (z *zones) of(name oriel.TimeZone) (*source.Zone, error) {
	if name == "" || name == oriel.UTC {
		return nil, nil
	}
	if zone, found := z.known.Load(name); found {
		return zone.(*source.Zone), nil
	}
	zone, err := source.NewZone(name)
	if err != nil {
		return nil, err
	}
	z.known.Store(name, zone)
	return zone, nil
}

// zoneOf is the time zone in which a user's questions are: that of their tenant,
// or the site's.
func (q *Queries) zoneOf(s snapshot, user oriel.User) oriel.TimeZone {
	at, found := slices.BinarySearchFunc(s.Tenants, user.Tenant, func(t oriel.Tenant, slug oriel.TenantSlug) int { return cmp.Compare(t.Slug, slug) })
	if found && user.Tenant != "" && s.Tenants[at].TimeZone != "" {
		return s.Tenants[at].TimeZone
	}
	return q.timeZone
}

// zoned is a query as the user's clocks show its moments. One that reads none is
// the same for everybody.
func (q *Queries) zoned(s snapshot, user oriel.User, query source.Query) (source.Query, error) {
	if query.Structured == nil || len(query.Structured.Moments) == 0 {
		return query, nil
	}
	zone, err := q.zones.of(q.zoneOf(s, user))
	if err != nil {
		return source.Query{}, &oriel.Error{Code: oriel.CodeInternal, Err: err}
	}
	structured := *query.Structured
	structured.Zone = zone
	return source.Query{Structured: &structured}, nil
}

// zoneIn is the time zone on which the answer of a zoned query depends.
func zoneIn(query source.Query) string {
	if query.Structured == nil || query.Structured.Zone == nil {
		return ""
	}
	return string(query.Structured.Zone.Name)
}

// structured is a tree on a model as an engine takes it.
func (s snapshot) structured(model oriel.Model, tree oriel.Structured) source.StructuredQuery {
	query := source.StructuredQuery{Tree: tree, Table: model.Table.Table, Joined: s.joined(model, tree.Joins)}
	steps := s.follow(model, tree.Joins)
	for _, name := range tree.ReadColumns() {
		column, _ := s.columnOf(model, tree.Joins, name)
		of, own := model, name
		if st, joined, found := stepOf(steps, name); found {
			of, own = st.to, joined
		}
		described, _ := of.Column(own)
		if column.Type == oriel.TypeTimestamp && (column.Native == source.NativeMoment || described.Time == oriel.TimeUTC) {
			query.Moments = append(query.Moments, name)
		}
	}
	return query
}
