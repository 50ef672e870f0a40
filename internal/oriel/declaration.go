package oriel

import "slices"

// Declaration is everything that `oriel apply` was given, read, resolved and
// found to be valid by itself.
type Declaration struct {
	Origins   []Origin
	Providers []Provider // without ids: the store keeps those
	Groups    []Group
	// Tenants are those to declare. Of what is declared now they are those
	// alone that have origins of their own, by slug.
	Tenants     []Tenant
	Sources     []Source
	Models      []Model
	Policies    []Policy
	PolicyTests []PolicyTest // run before anything is applied; not stored
	Collections []Collection
	Questions   []Question
	Dashboards  []Dashboard
}

// Change is one thing that applying a declaration did.
type Change struct {
	Kind   string `json:"kind"` // origin, provider, source, …
	Key    string `json:"key"`
	Action string `json:"action"` // created, updated, deleted
}

// Question finds a question by its key.
func (d *Declaration) Question(key string) (Question, bool) {
	return find(d.Questions, func(q Question) bool { return q.Key == key })
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

func find[T any](list []T, is func(T) bool) (T, bool) {
	if at := slices.IndexFunc(list, is); at >= 0 {
		return list[at], true
	}
	var none T
	return none, false
}
