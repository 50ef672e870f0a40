package oriel

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Declaration is everything that `oriel apply` was given, read, resolved and
// found to be valid by itself.
type Declaration struct {
	Origins   []Origin
	Providers []Provider // without ids: the store keeps those
	Groups    []Group
	// Tenants are those to declare. Of what is declared now they are those
	// alone that have origins, a time zone or quotas of their own, by slug.
	Tenants  []Tenant
	Sources  []Source
	Models   []Model
	Policies []Policy
	// PolicyTests are run before anything is applied, those that are kept too.
	PolicyTests []PolicyTest
	Collections []Collection
	Questions   []Question
	Dashboards  []Dashboard

	// Revision is the number of the state of the store: that of which this is
	// the reading, or on which this was tried and may be applied; 0 is none.
	Revision int64 `json:"-"`
	// Untested are the names of policy tests that were left out on purpose. They
	// are kept in the audit with what is applied.
	Untested []string `json:"-"`
}

// Change is one thing that applying a declaration did.
type Change struct {
	Kind   string `json:"kind"` // origin, provider, source, …
	Key    string `json:"key"`
	Action string `json:"action"` // created, updated, deleted
}

// Question finds a question by its key; its column filters have the types of
// their columns.
func (d *Declaration) Question(key string) (Question, bool) {
	q, found := find(d.Questions, func(q Question) bool { return q.Key == key })
	q.Parameters = d.typed(q.Source, q.Parameters)
	return q, found
}

// Dashboard finds a dashboard by its key.
func (d *Declaration) Dashboard(key string) (Dashboard, bool) {
	return find(d.Dashboards, func(x Dashboard) bool { return x.Key == key })
}

// Model finds a model by its key.
func (d *Declaration) Model(key string) (Model, bool) {
	return find(d.Models, func(m Model) bool { return m.Key == key })
}

// Source finds a data source by its key.
func (d *Declaration) Source(key string) (Source, bool) {
	return find(d.Sources, func(s Source) bool { return s.Key == key })
}

// Tenant finds a tenant that has something of its own, by its slug.
func (d *Declaration) Tenant(slug TenantSlug) (Tenant, bool) {
	at, found := slices.BinarySearchFunc(d.Tenants, slug, func(t Tenant, slug TenantSlug) int { return cmp.Compare(t.Slug, slug) })
	if !found {
		return Tenant{}, false
	}
	return d.Tenants[at], true
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	if at := slices.IndexFunc(list, is); at >= 0 {
		return list[at], true
	}
	var none T
	return none, false
}

// Over is what will be declared once d is applied on what is declared now: what
// d names takes the place of what has its name, and the policies of a table or
// model take the place of all of its. Of tenants, providers and origins, which
// no policy test looks at, it has those of now.
func (d *Declaration) Over(now *Declaration) *Declaration {
	next := *now
	next.Groups = over(now.Groups, d.Groups, func(g Group) string { return string(g.Key) })
	next.Sources = over(now.Sources, d.Sources, func(s Source) string { return s.Key })
	next.Models = over(now.Models, d.Models, func(m Model) string { return m.Key })
	next.Collections = over(now.Collections, d.Collections, func(c Collection) string { return c.Key })
	next.Questions = over(now.Questions, d.Questions, func(q Question) string { return q.Key })
	next.Dashboards = over(now.Dashboards, d.Dashboards, func(x Dashboard) string { return x.Key })
	next.PolicyTests = over(now.PolicyTests, d.PolicyTests, func(t PolicyTest) string { return t.Name })
	next.Policies = slices.DeleteFunc(slices.Clone(now.Policies), func(p Policy) bool {
		return slices.ContainsFunc(d.Policies, func(other Policy) bool { return other.On() == p.On() })
	})
	next.Policies = append(next.Policies, d.Policies...)
	return &next
}

// over is sorted by key, as what is declared is.
func over[T any](now, next []T, key func(T) string) []T {
	all := slices.DeleteFunc(slices.Clone(now), func(one T) bool {
		return slices.ContainsFunc(next, func(other T) bool { return key(other) == key(one) })
	})
	all = append(all, next...)
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return all
}

// Same tells whether two things would be kept as the same document.
func Same[T any](a, b T) bool {
	left, err := json.Marshal(a)
	if err != nil {
		return false
	}
	right, err := json.Marshal(b)
	return err == nil && string(left) == string(right)
}
